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
	if (!polled)
		return;
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
		polled_free(polls->all[i].polled);
	free(polls->all);
	while ((end = TAILQ_FIRST(&polls->ends))) {
		TAILQ_REMOVE(&polls->ends, end, others);
		free(end);
	}
	schedule_free(polls);
	free(polls);
}

/* --- the ids ---------------------------------------------------------------------- */

enum err_kind polls_reserve(struct polls *polls, size_t n, struct err *err)
{
	if (!ARRAY_RESERVE(polls->all, polls->n_keys, n))
		return err_set(err, ERR_NOMEM, "out of memory for %zu ids", n);
	return sched_reserve(polls->sched, n, err);
}

enum err_kind polls_add(struct polls *polls, size_t key, const char *id, struct err *err)
{
	if (!ARRAY_RESERVE(polls->all, polls->n_keys, 1 + key))
		return err_set(err, ERR_NOMEM, "out of memory for task '%s'", id);
	polls->all[key] = (struct known){ .id = id };
	return ERR_OK;
}

ANALYZER_LOSES_SIGHT
struct polled *polled_of(struct polls *polls, size_t key)
{
	struct known *known = &polls->all[key];
	struct err err;

	if (known->polled)
		return known->polled;
	known->polled = calloc(1, sizeof(*known->polled));
	if (!known->polled) {
		err_set(&err, ERR_NOMEM, "out of memory for task '%s'", known->id);
		polls_abort(polls, &err);
		return NULL;
	}
	known->polled->id = known->id;
	known->polled->key = key;
	return known->polled;
}

ANALYZER_SEES_AGAIN

bool polled_is_heard(const struct polls *polls, const struct polled *polled)
{
	return polls->all[polled->key].is_heard;
}

void polls_forget(struct polls *polls, size_t key)
{
	struct polled *polled = polls->all[key].polled;

	sched_drop(polls->sched, key);
	if (polled)
		polls_untell(polls, polled);
	polled_free(polled);
	polls->all[key] = (struct known){ 0 };
}

void polls_set_lease(struct polls *polls, size_t key, int64_t token)
{
	polls->all[key].lease_token = token;
}

void polls_reset(struct polls *polls, size_t key)
{
	struct polled *polled = polls->all[key].polled;

	if (!polled)
		return;
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
	polls->all[key].is_heard = true;
	return ERR_OK;
}

enum err_kind polls_shown(struct polls *polls, size_t key, struct err *err)
{
	if (sched_reserve(polls->sched, key + 1, err))
		return err->kind;
	polls->all[key].is_heard = true;
	return ERR_OK;
}

void polls_hurry(struct polls *polls, size_t key)
{
	sched_hurry(polls->sched, key, session_plan_ms(polls->dq));
}

bool polls_is_asked_for(const struct polls *polls, size_t key)
{
	const struct polled *polled = polls->all[key].polled;

	return polled && polled->requests > 0;
}

unsigned polls_under_way(const struct polls *polls)
{
	return polls->n_requests;
}

bool polls_is_absent(
    const struct polls *polls, size_t key, int64_t *ret_since_ms, int64_t *ret_until_ms)
{
	const struct polled *polled = polls->all[key].polled;

	if (!polled || polled->absences == 0)
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
