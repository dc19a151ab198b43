#include "core/submit/lane.h"

#include "core/policy/backoff.h"
#include "core/policy/retry.h"

struct lane lane_make(void)
{
	return (struct lane){ .width = LANE_WIDTH_MAX };
}

int64_t lane_next_ms(const struct lane *lane)
{
	return lane->under_way < lane->width ? lane->paused_until_ms : INT64_MAX;
}

void lane_sent(struct lane *lane)
{
	lane->under_way++;
}

void lane_ended(struct lane *lane)
{
	lane->under_way--;
}

void lane_accepted(struct lane *lane)
{
	lane->refusals = 0;
	if (lane->width < LANE_WIDTH_MAX)
		lane->width++;
}

bool lane_refused(
    struct lane *lane, int64_t now_ms, uint32_t retry_after_ms, uint64_t random)
{
	const bool is_new = lane->paused_until_ms <= now_ms;
	int64_t until_ms;

	if (is_new) {
		lane->refusals++;
		lane->is_ordered = false;
	}
	lane_narrow(lane);
	lane->is_ordered = lane->is_ordered || retry_after_ms > 0;
	until_ms = now_ms +
	    (retry_after_ms > 0 ? retry_obeyed_ms(retry_after_ms)
				: backoff_ms(BACKOFF_REFUSED, lane->refusals, random));
	if (is_new || (retry_after_ms > 0 && until_ms > lane->paused_until_ms))
		lane->paused_until_ms = until_ms;
	return is_new;
}

void lane_narrow(struct lane *lane)
{
	lane->width = 1;
}

void lane_room(struct lane *lane)
{
	if (!lane->is_ordered)
		lane->paused_until_ms = 0;
}
