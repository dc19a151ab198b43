/*
 * plan.h - what would be changed in a client's configuration, and the change itself.
 *
 *	plan_make()   reads, and writes nothing
 *	plan_write()  writes it as it was told, or nothing
 *
 * The file appears whole or not at all, keeps its mode, and stays a link when it was one.
 * What was there is kept beside it. When somebody has written it since it was read, it is
 * left alone (the clients write these files, too).
 */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

#include "base/buf.h"
#include "base/err.h"
#include "mcp/install/client.h"

struct plan_wish {
	const struct client *client;
	const char *path; /* from client_path() */
	const char *const *words; /* program, "mcp", options; NULL: take the entry out */
};

struct plan {
	char *target; /* the file itself, links followed; owned */
	struct buf before, after;
	mode_t mode;
	bool exists;
	bool is_needed; /* before and after differ */
	bool is_written; /* by plan_write() */
};

/* ERR_USAGE: the file is not well-formed; the words are no UTF-8. */
enum err_kind plan_make(
    const struct plan_wish *wish, struct plan *ret_plan, struct err *err);
void plan_release(struct plan *plan);

/* *ret_backup: where the old one is, malloc'ed; NULL: there was none. */
enum err_kind plan_write(struct plan *plan, char **ret_backup, struct err *err);

/*
 * Calls for each line that differs, those that go first: '-' or '+' in front, and for a
 * "@@ -N,n +N,n @@" before them. Lines around are not told: they may be secrets.
 */
void plan_difference(const struct plan *plan,
    void (*tell)(void *payload, const char *line), void *payload);
