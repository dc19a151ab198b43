#include "core/engine/hours.h"

#include "base/hours.h"
#include "core/download/downloads.h"

void engine_step_hours(struct engine *engine)
{
	const struct moment *now = &engine->dq->now;
	const struct hours_list *hours = engine->spec->hours;
	int64_t next_unix_ms;
	bool is_off;

	if (!hours || now->mono_ms < engine->hours_ms)
		return;
	is_off = !hours_list_has(hours, hours_minute(now->unix_ms, &next_unix_ms));
	/* Each minute, so a clock that was set is noticed, too. */
	engine->hours_ms = now->mono_ms + (next_unix_ms - now->unix_ms);
	if (is_off == engine->is_off_hours)
		return;
	engine->is_off_hours = is_off;
	if (is_off)
		downloads_stop(engine->downloads);
	session_tell(engine->dq, is_off ? DQ_NOTE_PAUSE : DQ_NOTE_RESUME,
	    is_off ? N_("downloads wait for their hours; polling goes on, and nothing is "
			"lost")
		   : N_("the hours of downloads have come; going on"));
}

int64_t engine_hours_next_ms(const struct engine *engine)
{
	return engine->spec->hours ? engine->hours_ms : INT64_MAX;
}
