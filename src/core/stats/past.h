/*
 * past.h - what a task of the ledger's past says about how long generations take.
 */
#pragma once

#include <stdbool.h>

#include "base/err.h"
#include "core/policy/dists.h"
#include "ledger/past.h"

enum {
	PAST_START_GAP_MS = 60000, /* a start known less well than this is unknown */
	PAST_TEACH_MAX = 2000, /* tasks that teach, ... */
	PAST_TEACH_ROWS_MAX = 20000, /* ... among so many */
};

/*
 * From the start of the generation to its end, s; above 0. It started when the service
 * created the task, or, of one that was seen in the queue, in the middle between the last
 * poll that saw it there and the first that did not (or its end). false: not ended yet,
 * cancelled, not found, or one of the two is unknown or too uncertain.
 */
bool past_seconds(const struct past_task *task, double *ret_seconds);

/*
 * Teaches the newest of the account's tasks whose length is known, the oldest of them
 * first: dists_ended() of each.
 */
enum err_kind past_teach(
    struct ledger *ledger, const char *account, struct dists *dists, struct err *err);
