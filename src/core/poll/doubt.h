/*
 * doubt.h - records that may be another task's. None of them is believed, whatever it
 * says, until a look at its id alone agrees:
 *
 *   believed ──contradicted──► in doubt ──a look at it alone agrees──► believed
 *                              ▲      │
 *                              └──────┴─ DOUBT_LOOKS_MAX looks in a row, or the waiting
 *                                        time is over ──► contract trouble (exit 7)
 *
 * Contradicted: what answer_doubts() calls so; a record with the ids of a task that the
 * ledger knows as another one; two tasks that show the same file. A look alone agrees
 * when the record carries the id, or no other one. In doubt a task keeps the state and
 * the files it has, and gets none. An id that was in doubt is asked for alone as long as
 * the run lasts, at the pace of an absent one. A record with the ids of a task that
 * nobody knows is taken by its key, with a warning: the service may have named it anew.
 */
#pragma once

#include "core/engine/engine.h"

enum {
	DOUBT_LOOKS_MAX = 9, /* in a row, alone */
	DOUBT_QUERY_LOOKS = 2, /* of a run that looks once: together, then alone */
};

struct doubt {
	unsigned looks; /* in a row, that did not agree; 0: it is believed */
	char other[TASKID_MAX + 1]; /* whose the record may be */
};

/*
 * Whose record of this answer is not to be judged? Fills ret_doubts[n]: ANSWER_UNDOUBTED
 * or ANSWER_CONTRADICTED. Says so once for each pair.
 */
enum err_kind doubt_records(struct engine *engine, const size_t *keys, size_t n,
    struct answer *answer, struct answer_doubt *ret_doubts, struct err *err);
/* The same, of what was judged: two tasks can't have made one file. Those in doubt are
 * freed, and NULL from then on. */
enum err_kind doubt_files(struct engine *engine, const size_t *keys, size_t n,
    struct task **tasks, struct answer_doubt *doubts, struct err *err);
/* The next look at those in doubt, or the end of it. */
void doubt_go_on(struct engine *engine, const size_t *keys, size_t n,
    const struct answer_doubt *doubts);
/* No time is left: what is in doubt ends so. */
void doubt_end(struct engine *engine);
