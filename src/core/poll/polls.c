#include "base/array.h"
#include "core/poll/poll.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "core/policy/dists.h"
#include "core/poll/parts.h"

enum err_kind polls_new(
    const struct polls_setup *setup, struct polls **ret_polls, struct err *err)
{
	struct polls *polls = calloc(1, sizeof(*polls));

	if (!polls)
		return err_set(err, ERR_NOMEM, "out of memory");
	polls->dq = setup->dq;
	polls->is_single = setup->is_single;
	polls->perseveres = setup->perseveres;
	TAILQ_INIT(&polls->listed);
	TAILQ_INIT(&polls->ends);
	if (schedule_begin(polls, setup, err)) {
		polls_free(polls);
		return err->kind;
	}
	*ret_polls = polls;
	return ERR_OK;
}

static void polled_free(struct polled *polled)
{
	task_free(polled->seen);
	free(polled->out);
	free(polled->doubt);
	free(polled->other_id);
	free(polled);
}

void polls_free(struct polls *polls)
{
	struct request_end *end;

	if (!polls)
		return;
	for (size_t i = 0; i < polls->n_keys; i++)
		if (polls->all[i])
			polled_free(polls->all[i]);
	free(polls->all);
	while ((end = TAILQ_FIRST(&polls->ends))) {
		TAILQ_REMOVE(&polls->ends, end, others);
		free(end);
	}
	schedule_free(polls);
	free(polls);
}

/* --- the ids ---------------------------------------------------------------------- */

ANALYZER_LOSES_SIGHT
enum err_kind polls_add(struct polls *polls, size_t key, const char *id, struct err *err)
{
	struct polled *polled;

	if (!ARRAY_RESERVE(polls->all, polls->n_keys, 1 + key))
		return err_set(err, ERR_NOMEM, "out of memory for task '%s'", id);
	polls->all[key] = calloc(1, sizeof(*polled));
	polled = polls->all[key];
	if (!polled)
		return err_set(err, ERR_NOMEM, "out of memory for task '%s'", id);
	polled->id = id;
	polled->key = key;
	return ERR_OK;
}

ANALYZER_SEES_AGAIN

void polls_forget(struct polls *polls, size_t key)
{
	struct polled *polled = polls->all[key];

	sched_drop(polls->sched, key);
	polls_untell(polls, polled);
	polls->all[key] = NULL;
	polled_free(polled);
}

void polls_set_lease(struct polls *polls, size_t key, int64_t token)
{
	polls->all[key]->lease_token = token;
}

void polls_reset(struct polls *polls, size_t key)
{
	struct polled *polled = polls->all[key];

	polled->unreadable = 0;
	if (polled->doubt)
		polled->doubt->polls = 0;
	polled->memory = (struct service_memory){ 0 };
	polled->absences = 0;
	polled->was_shown = false;
	polled->is_final = false;
}

enum err_kind polls_begin(struct polls *polls, size_t key, struct err *err)
{
	if (sched_add(polls->sched, key, session_plan_ms(polls->dq), err))
		return err->kind;
	polls->all[key]->is_heard = true;
	return ERR_OK;
}

void polls_hurry(struct polls *polls, size_t key)
{
	sched_hurry(polls->sched, key, session_plan_ms(polls->dq));
}

bool polls_is_asked_for(const struct polls *polls, size_t key)
{
	return polls->all[key]->requests > 0;
}

unsigned polls_under_way(const struct polls *polls)
{
	return polls->n_requests;
}

bool polls_is_absent(
    const struct polls *polls, size_t key, int64_t *ret_since_ms, int64_t *ret_until_ms)
{
	const struct polled *polled = polls->all[key];

	if (polled->absences == 0)
		return false;
	*ret_since_ms = polled->absent_since_ms;
	*ret_until_ms = polled->absent_since_ms +
	    service_absence_ms(polls->dq->ops, polled->was_shown);
	return true;
}

const struct err *polls_trouble(const struct polls *polls)
{
	return &polls->last_trouble;
}

bool polls_ever_went_well(const struct polls *polls)
{
	return polls->ever_went_well;
}
