/*
 * budget.h - how many requests an account may make: a token bucket. Pure arithmetic; the
 * ledger keeps the bucket, so that all processes on it share one.
 *
 * A bucket holds up to `burst` requests and fills with `per_minute`. So in any time t at
 * most burst + per_minute·t leave, whoever sends them.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum {
	BUDGET_PER_MINUTE = 120, /* unless the user says otherwise */
	BUDGET_BURST = 60,
	BUDGET_PER_MINUTE_MAX = 1000000, /* more is taken for this */
	BUDGET_BURST_MAX = 1000000, /* the same */
	/* Who read the clock before another and comes behind him is late by less. */
	BUDGET_LATE_MS = 60000,
};

struct budget {
	int64_t per_minute; /* 0: no limit */
	int64_t burst; /* at least 1 */
};

/* What is left of it, and when that was so. A zeroed bucket is full. */
struct bucket {
	int64_t used_micro; /* millionths of a request below full; never negative */
	int64_t at_unix_ms;
};

/*
 * Take one request out at `now_unix_ms`. True: it may leave. False: nothing was taken,
 * and *ret_wait_ms is how long until one is there, to the millisecond.
 *
 * A clock that went back fills nothing and takes nothing away. Up to BUDGET_LATE_MS it
 * is a late one: the bucket fills again when it has caught up, so no time fills twice.
 * Further it was put back: the bucket goes on from there (it is changed by this, also
 * when nothing was taken).
 */
bool budget_take(const struct budget *budget, struct bucket *bucket, int64_t now_unix_ms,
    int64_t *ret_wait_ms);
