/*
 * rate.h - bytes a second over the last few seconds. Pure: the caller passes
 * the time in. A clock that goes backwards starts it afresh.
 */
#pragma once

#include <stdint.h>

enum { RATE_WINDOW_MS = 5000, RATE_STEP_MS = 250, RATE_SAMPLES = 24 };

struct rate {
	int64_t at_ms[RATE_SAMPLES];
	uint64_t bytes[RATE_SAMPLES];
	unsigned first, n;
};

/* `bytes` is the count so far; one that shrinks starts afresh, too. */
void rate_add(struct rate *rate, int64_t at_ms, uint64_t bytes);
/* Returns 0 when nothing is known yet, or nothing moved. */
uint64_t rate_per_second(const struct rate *rate, int64_t now_ms);
/* Returns the seconds for `rest` bytes; -1 when the rate is 0. */
int64_t rate_eta_s(uint64_t per_second, uint64_t rest);
