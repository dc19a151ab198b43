#include "cli/term/rate.h"

#include <stddef.h>

static unsigned nth(const struct rate *rate, unsigned i)
{
	return (rate->first + i) % RATE_SAMPLES;
}

void rate_add(struct rate *rate, int64_t at_ms, uint64_t bytes)
{
	if (rate->n > 0) {
		unsigned last = nth(rate, rate->n - 1);

		if (at_ms < rate->at_ms[last] || bytes < rate->bytes[last])
			rate->n = 0;
		else if (rate->n > 1 &&
		    at_ms - rate->at_ms[nth(rate, rate->n - 2)] < RATE_STEP_MS)
			rate->n--; /* the newest of a crowd stands for it */
	}
	/* The oldest kept sample is the last one outside the window. */
	while (rate->n > 1 && at_ms - rate->at_ms[nth(rate, 1)] >= RATE_WINDOW_MS) {
		rate->first = nth(rate, 1);
		rate->n--;
	}
	if (rate->n == RATE_SAMPLES) {
		rate->first = nth(rate, 1);
		rate->n--;
	}
	rate->at_ms[nth(rate, rate->n)] = at_ms;
	rate->bytes[nth(rate, rate->n)] = bytes;
	rate->n++;
}

uint64_t rate_per_second(const struct rate *rate, int64_t now_ms)
{
	unsigned last = nth(rate, rate->n ? rate->n - 1 : 0);
	int64_t span_ms;

	if (rate->n < 2)
		return 0;
	span_ms = now_ms - rate->at_ms[rate->first];
	if (span_ms <= 0)
		return 0;
	return (uint64_t)((double)(rate->bytes[last] - rate->bytes[rate->first]) *
	    1000.0 / (double)span_ms);
}

int64_t rate_eta_s(uint64_t per_second, uint64_t rest)
{
	if (per_second == 0)
		return -1;
	return (int64_t)(rest / per_second + (rest % per_second ? 1 : 0));
}
