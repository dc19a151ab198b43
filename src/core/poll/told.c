#include <stdlib.h>

#include "core/poll/parts.h"

void polls_untell(struct polls *polls, struct polled *polled)
{
	if (polled->is_listed)
		TAILQ_REMOVE(&polls->listed, polled, others);
	polled->is_listed = false;
}

void polls_end(struct polls *polls, size_t key)
{
	struct polled *polled = polls->all[key].polled;

	sched_drop(polls->sched, key);
	polls->all[key].is_heard = false;
	if (!polled)
		return;
	task_free(polled->seen);
	polled->seen = NULL;
	free(polled->out);
	polled->out = NULL;
	polled->is_lost = false;
	polls_untell(polls, polled);
}

void polls_tell(struct polls *polls, struct polled *polled)
{
	if (polled->is_listed)
		return;
	polled->is_listed = true;
	TAILQ_INSERT_TAIL(&polls->listed, polled, others);
}

void polls_abort(struct polls *polls, const struct err *why)
{
	if (!polls->cant_go_on.kind || err_is_worse(why, &polls->cant_go_on))
		polls->cant_go_on = *why;
}

void polls_tell_out(struct polls *polls, struct polled *polled, const struct err *why)
{
	if (!polled->out)
		polled->out = malloc(sizeof(*polled->out));
	if (!polled->out) {
		polls_abort(polls, why);
		return;
	}
	*polled->out = *why;
	polls_tell(polls, polled);
}

void polls_tell_end(struct polls *polls, const struct polls_told *told)
{
	struct request_end *end = malloc(sizeof(*end));
	struct err err;

	if (!end) {
		err_set(&err, ERR_NOMEM, "out of memory for a request");
		polls_abort(polls, &err);
		return;
	}
	end->told = *told;
	TAILQ_INSERT_TAIL(&polls->ends, end, others);
}

bool polls_wait_for(struct polls *polls, const struct err *why)
{
	if (!retry_waits_for(why, polls->perseveres, session_is_draining(polls->dq))) {
		polls_abort(polls, why);
		return false;
	}
	polls->no_room = *why;
	return true;
}

static bool tell(struct err *why, enum polls_what what, struct polls_told *ret_told)
{
	if (!why->kind)
		return false;
	*ret_told = (struct polls_told){ .what = what, .why = *why };
	*why = (struct err){ .kind = ERR_OK };
	return true;
}

static bool tell_end(struct polls *polls, struct polls_told *ret_told)
{
	struct request_end *end = TAILQ_FIRST(&polls->ends);

	if (!end)
		return false;
	*ret_told = end->told;
	TAILQ_REMOVE(&polls->ends, end, others);
	free(end);
	return true;
}

/* One thing of it at a time, the last poll first. */
static void tell_of(struct polled *polled, struct polls_told *ret_told)
{
	*ret_told = (struct polls_told){ .what = POLLS_SEEN, .key = polled->key };
	if (polled->seen) {
		ret_told->task = polled->seen;
		polled->seen = NULL;
	} else if (polled->is_lost) {
		ret_told->what = POLLS_LOST;
		polled->is_lost = false;
	} else {
		ret_told->what = POLLS_OUT;
		ret_told->why = *polled->out;
		free(polled->out);
		polled->out = NULL;
	}
}

bool polls_told(struct polls *polls, struct polls_told *ret_told)
{
	struct polled *polled;

	if (tell(&polls->cant_go_on, POLLS_CANT_GO_ON, ret_told) ||
	    tell_end(polls, ret_told) || tell(&polls->no_room, POLLS_NO_ROOM, ret_told))
		return true;
	polled = TAILQ_FIRST(&polls->listed);
	if (!polled)
		return false;
	tell_of(polled, ret_told);
	if (!polled->seen && !polled->is_lost && !polled->out)
		polls_untell(polls, polled);
	return true;
}
