/*
 * outcome.h - what follows from a webhook's answer, and when it is tried again. Pure.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

enum {
	OUTCOME_TRIES_MAX = 11, /* then it is dead: some 75 hours after the first */
	OUTCOME_REST_MS = 5000, /* what a receiver gets that has failed */
};

enum outcome {
	OUTCOME_SENT,
	OUTCOME_AGAIN,
	OUTCOME_DEAD,
	OUTCOME_DROPPED, /* 410: it wants no more of it */
};

struct answer {
	const struct err *err; /* of the transfer */
	long status; /* 0: none came */
	int64_t retry_after_ms; /* -1: not told */
	int64_t tries; /* with this one */
	uint64_t random;
};
/*
 * *ret_delay_ms, of OUTCOME_AGAIN: until the next try, at least as long as the receiver
 * has asked for (a day at most). *ret_why says what went wrong, naming `host`.
 */
enum outcome outcome_of(const struct answer *answer, const char *host,
    int64_t *ret_delay_ms, struct err *ret_why);

/* The pause behind this try, without its jitter; 0: there is none. */
int64_t outcome_pause_ms(int64_t tries);
