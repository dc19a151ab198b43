#include "core/policy/sched_impl.h"

#include <math.h>

#include "core/common/random.h"
#include "core/policy/backoff.h"
#include "core/policy/retry.h"

int64_t sched_later(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

int64_t sched_between(struct sched *sched, int64_t min_ms, int64_t max_ms)
{
	return min_ms +
	    (int64_t)(random_next(&sched->random) % (uint64_t)(max_ms - min_ms + 1));
}

int64_t sched_pause_end_ms(const struct sched *sched)
{
	return sched_later(sched_later(sched->paused_until_ms, sched->told_until_ms),
	    sched_later(sched->budget_until_ms, sched->awake_ms));
}

int64_t sched_slow_floor_ms(const struct sched *sched, int64_t now_ms)
{
	const double halves =
	    (double)(now_ms - sched->slow_at_ms) / (double)SCHED_SLOW_HALF_MS;
	const double floor_ms = (double)sched->slow_floor_ms * exp2(-fmax(0.0, halves));

	return floor_ms < 1000.0 ? 0 : (int64_t)floor_ms;
}

void sched_request_ok(struct sched *sched, int64_t now_ms)
{
	sched->failures = 0;
	sched->trouble_since_ms = -1;
	if (sched->paused_until_ms > now_ms)
		sched->paused_until_ms = now_ms;
	if (sched->batch_now < sched->batch_max && ++sched->good_in_a_row >= 4) {
		sched->good_in_a_row = 0;
		sched->batch_now *= 2;
		if (sched->batch_now > sched->batch_max)
			sched->batch_now = sched->batch_max;
	}
}

static void slow_down(struct sched *sched, int64_t now_ms)
{
	const int64_t doubled_ms = 2 * sched_slow_floor_ms(sched, now_ms);

	sched->slow_floor_ms = sched_later(SCHED_SLOW_MIN_MS, doubled_ms);
	if (sched->slow_floor_ms > SCHED_SLOW_MAX_MS)
		sched->slow_floor_ms = SCHED_SLOW_MAX_MS;
	sched->slow_at_ms = now_ms;
}

unsigned sched_request_failed(
    struct sched *sched, const struct err *why, size_t too_many, int64_t now_ms)
{
	const size_t half = too_many > 1 ? too_many / 2 : 1;

	if (why->retry_after_ms)
		sched->told_until_ms = sched_later(
		    sched->told_until_ms, now_ms + retry_obeyed_ms(why->retry_after_ms));
	else
		sched->paused_until_ms = sched_later(sched->paused_until_ms,
		    now_ms +
			backoff_ms(BACKOFF_POLL, sched->failures + 1,
			    random_next(&sched->random)));
	if (why->kind == ERR_BUSY)
		slow_down(sched, now_ms);
	if (sched->trouble_since_ms < 0)
		sched->trouble_since_ms = now_ms;
	sched->good_in_a_row = 0;
	if (too_many && sched->batch_now > half)
		sched->batch_now = (unsigned)half;
	return ++sched->failures;
}

void sched_budget_until(struct sched *sched, int64_t until_ms)
{
	sched->budget_until_ms = until_ms;
}

void sched_link_life(struct sched *sched, int64_t life_ms)
{
	const int64_t gap_ms = life_ms / 2; /* the other half is for the download */

	if (gap_ms > 0 && (sched->gap_max_ms == 0 || gap_ms < sched->gap_max_ms))
		sched->gap_max_ms = gap_ms;
}

int64_t sched_trouble_since_ms(const struct sched *sched)
{
	return sched->trouble_since_ms;
}

unsigned sched_batch(const struct sched *sched)
{
	return sched->batch_now;
}
