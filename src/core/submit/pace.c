#include "core/submit/pace.h"

#include "core/policy/backoff.h"
#include "core/policy/retry.h"

struct pace pace_make(void)
{
	return (struct pace){ .width = PACE_WIDTH_MAX };
}

int64_t pace_next_ms(const struct pace *pace)
{
	return pace->under_way < pace->width ? pace->paused_until_ms : INT64_MAX;
}

bool pace_may_leave(const struct pace *pace, int64_t now_ms)
{
	return pace->under_way <= pace->width && pace->paused_until_ms <= now_ms;
}

void pace_sent(struct pace *pace)
{
	pace->under_way++;
}

void pace_ended(struct pace *pace)
{
	pace->under_way--;
}

void pace_accepted(struct pace *pace)
{
	pace->refusals = 0;
	if (pace->width < PACE_WIDTH_MAX)
		pace->width++;
}

bool pace_refused(
    struct pace *pace, int64_t now_ms, uint32_t retry_after_ms, uint64_t random)
{
	const bool is_new = pace->paused_until_ms <= now_ms;
	int64_t until_ms;

	if (is_new) {
		pace->refusals++;
		pace->is_ordered = false;
	}
	pace_narrow(pace);
	pace->is_ordered = pace->is_ordered || retry_after_ms > 0;
	until_ms = now_ms +
	    (retry_after_ms > 0 ? retry_obeyed_ms(retry_after_ms)
				: backoff_ms(BACKOFF_REFUSED, pace->refusals, random));
	if (is_new || (retry_after_ms > 0 && until_ms > pace->paused_until_ms))
		pace->paused_until_ms = until_ms;
	return is_new;
}

void pace_narrow(struct pace *pace)
{
	pace->width = 1;
}

void pace_room(struct pace *pace)
{
	if (!pace->is_ordered)
		pace->paused_until_ms = 0;
}
