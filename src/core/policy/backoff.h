/*
 * backoff.h - how long after the n-th failure in a row? Doubling from a first pause up to
 * a cap, and, where many could come back at once, a part of it by chance:
 *
 *	pause = min(cap, first * 2^(failures - 1))
 *
 *	BACKOFF_EXACT	pause
 *	BACKOFF_HALF	between pause / 2 and pause	("equal jitter")
 *	BACKOFF_FULL	between 1 and pause		("full jitter")
 *
 * The jitters are those of M. Brooker, "Exponential Backoff And Jitter", AWS Architecture
 * Blog, 2015: full jitter costs the server least; half of it keeps a pause a pause.
 *
 * Pure. What a server orders (Retry-After) is the caller's, and so is the floor that a
 * "slow down" leaves (pace.c): that one halves with time, and is no count of failures.
 */
#pragma once

#include <stdint.h>

enum backoff_of {
	BACKOFF_FILE, /* a download that failed */
	BACKOFF_LINK, /* a link that came dead: the service's clock, behind the first */
	BACKOFF_BUSY_FILE, /* a partial file that somebody else holds */
	BACKOFF_POLL, /* a poll that failed: nothing is asked for so long */
	BACKOFF_UNSENT, /* a submit that provably never left */
	BACKOFF_REFUSED, /* submits that are refused, and wait */
	BACKOFF_LOGIN, /* the login is refused: it is tried again itself */
	BACKOFF_ACCOUNT, /* the service has stopped the account */
	BACKOFF_REST, /* `watch`: a task whose try has ended in trouble */
	BACKOFF_COUNT
};

/*
 * How long to wait, in ms, 1 or more: `failures` are those in a row, with the one that
 * asks: 1 is the first, and 0 is taken for it. `random` is a random word, of no use to
 * rows without jitter.
 */
int64_t backoff_ms(enum backoff_of of, unsigned failures, uint64_t random);
/* Returns the longest pause of the row, ms. */
int64_t backoff_cap_ms(enum backoff_of of);
