/*
 * polls_bench.h - the polls of a run as a part (poll.h): a real ledger, a made-up service
 * that the test answers for, and moments that the test names. No network, no waiting.
 * After cmocka.h.
 */
#pragma once

#include "base/cleanup.h"
#include "core/poll/poll.h"
#include "made_up_send.h"
#include "moments.h"

#define TEST(name) cmocka_unit_test_setup_teardown(name, make, unmake)

enum { TOLD_MAX = 32 };

struct bench {
	struct moments moments; /* first */
	struct dq *dq;
	struct polls *polls;
	unsigned notes[DQ_NOTE_COST + 1];

	/* What was told since it was asked last. */
	unsigned n_told;
	struct polls_told told[TOLD_MAX];
};

static inline void on_event(void *payload, const struct dq_event *event)
{
	struct bench *bench = payload;

	if (event->type == DQ_EVENT_NOTE)
		bench->notes[event->note]++;
}

/* --- the service ----------------------------------------------------------------- */

static inline enum err_kind keep_poll(struct exchange *exchange, struct err *err)
{
	(void)err;
	exchange->finish = made_up_finish_poll;
	return ERR_OK;
}

static inline enum err_kind keep_credit(struct exchange *exchange, struct err *err)
{
	(void)err;
	exchange->finish = made_up_finish_credit;
	return ERR_OK;
}

static const char *const regions[] = { "here", NULL };

/* The made-up one: its requests wait until the test ends them. */
static const struct service_ops kept = {
	.name = "kept",
	.regions = regions,
	.plain = { .batch_max = MADE_UP_BATCH_MAX },
	.absence_ms = made_up_absence_ms,
	.poll = keep_poll,
	.credit = keep_credit,
};

/* Of those under way, the one that was begun last ends so; ERR_OK: well. */
static inline void end_request(struct bench *bench, const struct err *why)
{
	struct exchange *exchange = LIST_FIRST(&bench->dq->service->exchanges);
	const struct reply reply = { .err = *why, .sent = true, .status = 200 };

	assert_non_null(exchange);
	exchange->finish(exchange, &reply);
}

/* --- the part -------------------------------------------------------------------- */

static inline int64_t plan_ms(const void *payload)
{
	return session_plan_ms(payload);
}

static inline void open_polls(struct bench *bench, const struct polls_setup *how)
{
	struct polls_setup setup = *how;

	setup.dq = bench->dq;
	setup.seed = 1;
	ok(polls_new(&setup, &bench->polls, &bench->moments.err));
}

static inline int make(void **state)
{
	struct bench *bench = calloc(1, sizeof(*bench));
	struct err *err = &bench->moments.err;
	struct service_setup setup = { .credential = "word=open-sesame",
		.now_ms = plan_ms };

	assert_non_null(bench);
	moments_open(&bench->moments);
	bench->dq = &bench->moments.dq;
	bench->dq->ops = &kept;
	bench->dq->on_event = on_event;
	bench->dq->payload = bench;
	ok(service_settings_new(&kept, &bench->dq->settings, err));
	bench->dq->traits = service_traits_of(&kept, bench->dq->settings);
	setup.settings = bench->dq->settings;
	setup.payload = bench->dq;
	ok(service_open(&kept, &setup, &bench->dq->service, err));
	open_polls(bench, &(struct polls_setup){ 0 });
	*state = bench;
	return 0;
}

static inline void forget_told(struct bench *bench)
{
	for (unsigned i = 0; i < bench->n_told; i++)
		task_free(bench->told[i].task);
	bench->n_told = 0;
}

static inline int unmake(void **state)
{
	struct bench *bench = *state;

	forget_told(bench);
	polls_drop_requests(bench->polls);
	polls_free(bench->polls);
	service_free(bench->dq->service);
	service_settings_free(&kept, bench->dq->settings);
	moments_close(&bench->moments);
	free(bench);
	return 0;
}

/* --- what a test says and asks --------------------------------------------------- */

static inline void begin(struct bench *bench, size_t key, const char *id)
{
	ok(polls_add(bench->polls, key, id, &bench->moments.err));
	ok(polls_begin(bench->polls, key, &bench->moments.err));
}

/* How many requests are under way then? */
static inline unsigned step(struct bench *bench)
{
	polls_step(bench->polls, true);
	return polls_under_way(bench->polls);
}

/* At the moment when something is due: not before. */
static inline void step_when_due(struct bench *bench)
{
	const int64_t next_ms = polls_next_ms(bench->polls);
	const int64_t wait_ms = next_ms - bench->dq->now.mono_ms;

	assert_int_not_equal(next_ms, INT64_MAX);
	if (wait_ms > 0) {
		moments_pass(&bench->moments, wait_ms - 1);
		assert_int_equal(step(bench), 0);
		moments_pass(&bench->moments, 1);
	}
	assert_int_equal(step(bench), 1);
}

/* What is told of it is in bench->told then. */
static inline void answer(struct bench *bench, const struct err *why)
{
	struct polls_told told;

	forget_told(bench);
	end_request(bench, why);
	while (polls_told(bench->polls, &told)) {
		assert_true(bench->n_told < TOLD_MAX);
		bench->told[bench->n_told++] = told;
	}
}

static inline void answer_well(struct bench *bench)
{
	answer(bench, &(struct err){ .kind = ERR_OK });
}

static inline void answer_ill(struct bench *bench, enum err_kind kind)
{
	struct err why;

	err_set(&why, kind, "the test says no");
	answer(bench, &why);
}

/* The first of this kind that was told. */
static inline const struct polls_told *told_of(
    const struct bench *bench, enum polls_what what)
{
	for (unsigned i = 0; i < bench->n_told; i++)
		if (bench->told[i].what == what)
			return &bench->told[i];
	return NULL;
}

static inline const struct polls_told *assert_told(
    const struct bench *bench, enum polls_what what)
{
	const struct polls_told *told = told_of(bench, what);

	assert_non_null(told);
	if (!told)
		abort(); /* gcc does not know that the line above has left */
	return told;
}

static inline enum task_state state_in_ledger(struct bench *bench, const char *id)
{
	_cleanup_(task_freep) struct task *task = NULL;

	ok(ledger_find(
	    bench->dq->ledger, bench->dq->profile, id, &task, &bench->moments.err));
	return task ? task->state : TASK_SUBMITTING;
}

static inline int64_t wait_ms(const struct bench *bench)
{
	return polls_next_ms(bench->polls) - bench->dq->now.mono_ms;
}
