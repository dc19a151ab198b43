/*
 * rescue_find.h - which files of the ledger are to be rescued: those of these names, or
 * all that are known and not here.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "core/account/session.h"
#include "store/sink.h"

struct rescue_file {
	char id[TASKID_MAX + 1];
	int index;
	bool is_made_up; /* a task of its own was made for it */
	bool is_gone; /* the service does not have it any more */
	const char *name; /* the caller's, of what was made up; else NULL */
};

struct rescue_files {
	struct rescue_file *all; /* malloc'ed; sorted by id and index */
	size_t n, room;
	size_t n_here; /* of the names, those that are stored already */
	bool is_rehearsal; /* to be set before: nothing is written */
};
void rescue_files_release(struct rescue_files *files);

/*
 * `names`, NULL: all. A name that no task has gets a task of its own in the ledger.
 * ERR_USAGE for what can't be a name.
 */
enum err_kind rescue_find(struct dq *dq, const struct sinks *sinks,
    const char *const *names, size_t n_names, struct rescue_files *ret_files,
    struct err *err);
/* NULL: it is none of them. */
struct rescue_file *rescue_file_at(
    const struct rescue_files *files, const char *id, int index);
