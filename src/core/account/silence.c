#include "core/account/silence.h"

#include <stdio.h>
#include <time.h>

#include "base/say.h"

enum { LINE_MAX_BYTES = 600, DAY_MS = 24 * 60 * 60 * 1000 };

/* Adds "until 15:04:05", with the day when it is another; "" when nobody knows. */
static void add_until(char *into, size_t room, int64_t unix_ms, int64_t in_ms)
{
	const time_t at = (time_t)((unix_ms + in_ms) / 1000);
	struct tm tm;
	char clock[32];

	into[0] = '\0';
	if (localtime_r(&at, &tm) &&
	    strftime(clock, sizeof(clock), in_ms < DAY_MS ? "%H:%M:%S" : "%Y-%m-%d %H:%M",
		&tm) > 0)
		say_into(into, room, "; until %s", clock);
}

bool silence_tell(struct dq *dq, const struct silence *silence)
{
	const int64_t now_ms = dq->now.mono_ms;
	char until[40] = "", line[LINE_MAX_BYTES];

	if (silence->since_ms == dq->silence_told_ms ||
	    now_ms - silence->since_ms < SILENCE_MS || now_ms - dq->spoke_ms < SILENCE_MS)
		return false;
	dq->silence_told_ms = silence->since_ms;
	if (silence->until_ms < INT64_MAX && silence->until_ms > now_ms)
		add_until(
		    until, sizeof(until), dq->now.unix_ms, silence->until_ms - now_ms);
	(void)snprintf(line, sizeof(line), "%s%s", silence->what, until);
	if (silence->id) {
		const struct task task = { .submit_id = silence->id,
			.state = TASK_UNKNOWN,
			.status = INT64_MIN };

		session_tell_task(dq, DQ_NOTE_WAIT, &task, line);
	} else {
		session_tell(dq, DQ_NOTE_WAIT, "%s", line);
	}
	return true;
}
