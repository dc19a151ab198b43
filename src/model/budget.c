#include "model/budget.h"

static const int64_t micro = 1000000;
static const int64_t minute_ms = 60000;

static void fill(const struct budget *budget, struct bucket *bucket, int64_t now_unix_ms)
{
	const int64_t full_ms = budget->burst * minute_ms / budget->per_minute + 1;
	const int64_t gap_ms = now_unix_ms - bucket->at_unix_ms;

	bucket->at_unix_ms = now_unix_ms;
	if (gap_ms <= 0)
		return;
	if (gap_ms >= full_ms) {
		bucket->used_micro = 0;
		return;
	}
	bucket->used_micro -= gap_ms * budget->per_minute * micro / minute_ms;
	if (bucket->used_micro < 0)
		bucket->used_micro = 0;
}

bool budget_take(const struct budget *budget, struct bucket *bucket, int64_t now_unix_ms,
    int64_t *ret_wait_ms)
{
	int64_t missing;

	*ret_wait_ms = 0;
	if (budget->per_minute <= 0)
		return true;
	fill(budget, bucket, now_unix_ms);
	missing = bucket->used_micro + micro - budget->burst * micro;
	if (missing <= 0) {
		bucket->used_micro += micro;
		return true;
	}
	*ret_wait_ms = (missing * minute_ms + budget->per_minute * micro - 1) /
	    (budget->per_minute * micro);
	return false;
}
