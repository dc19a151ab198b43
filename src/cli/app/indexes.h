/*
 * indexes.h - "0,2" and "1-3": which files of a task are meant.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "dreamq/dreamq.h"

enum { INDEXES_MAX = 1000 };

struct indexes { /* all 0: empty */
	int *all; /* owned */
	size_t n;
};

/* NULL gives none. ERR_USAGE: it is no such list, or one of too many. */
enum err_kind indexes_read(
    const char *text, struct indexes *ret_indexes, struct err *err);
/* Is it among them? Where there are none, all are. */
bool indexes_want(const struct indexes *indexes, int index);
/* Which files of its tasks a run is to bring. */
struct asked { /* all 0: every one */
	const struct indexes *indexes; /* NULL: any */
	const char *kind; /* NULL: of any */
};
bool asked_for(
    const struct asked *asked, const struct dq_task *task, const struct dq_asset *asset);

void indexes_release(struct indexes *indexes);
