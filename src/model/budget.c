#include "model/budget.h"

static const int64_t micro = 1000000;
static const int64_t minute_ms = 60000;

/* The bucket comes out of a file, the budget from a user: neither may overflow here. */
static int64_t within(int64_t value, int64_t least, int64_t most)
{
	if (value < least)
		return least;
	return value < most ? value : most;
}

static int64_t time_between(int64_t from_ms, int64_t to_ms)
{
	int64_t gap_ms;

	if (__builtin_sub_overflow(to_ms, from_ms, &gap_ms))
		return to_ms > from_ms ? INT64_MAX : INT64_MIN;
	return gap_ms;
}

/* Returns the whole milliseconds in which at least so much flows in. */
static int64_t time_to_fill(int64_t amount_micro, int64_t per_minute)
{
	const int64_t rate = per_minute * micro;

	return (amount_micro * minute_ms + rate - 1) / rate;
}

static int64_t left_used(int64_t used_micro, int64_t per_minute, int64_t gap_ms)
{
	if (gap_ms <= 0)
		return used_micro;
	if (gap_ms >= time_to_fill(used_micro, per_minute))
		return 0;
	return used_micro - gap_ms * per_minute * micro / minute_ms;
}

bool budget_take(const struct budget *budget, struct bucket *bucket, int64_t now_unix_ms,
    int64_t *ret_wait_ms)
{
	const int64_t per_minute = within(budget->per_minute, 0, BUDGET_PER_MINUTE_MAX);
	const int64_t room_micro = within(budget->burst, 1, BUDGET_BURST_MAX) * micro;
	int64_t gap_ms, missing_micro;

	*ret_wait_ms = 0;
	if (per_minute == 0)
		return true;
	bucket->used_micro = within(bucket->used_micro, 0, BUDGET_BURST_MAX * micro);
	if (time_between(bucket->at_unix_ms, now_unix_ms) < -BUDGET_LATE_MS)
		bucket->at_unix_ms = now_unix_ms;
	gap_ms = time_between(bucket->at_unix_ms, now_unix_ms);
	missing_micro = bucket->used_micro + micro - room_micro;
	if (missing_micro > 0 && gap_ms < time_to_fill(missing_micro, per_minute)) {
		*ret_wait_ms = time_to_fill(missing_micro, per_minute) - gap_ms;
		return false;
	}
	bucket->used_micro = left_used(bucket->used_micro, per_minute, gap_ms) + micro;
	if (gap_ms > 0)
		bucket->at_unix_ms = now_unix_ms;
	return true;
}
