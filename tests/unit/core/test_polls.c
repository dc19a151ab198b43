/* When the polls of a run ask, and what they do in trouble: each at a moment of its own.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/policy/sched.h"
#include "ledger_lab.h"
#include "polls_bench.h"

/* --- requests -------------------------------------------------------------------- */

static const char *const ids[] = { "a", "b", "c", "d", "e", "f", "g", "h", "i" };

static void many_ids_travel_in_one_request(void **state)
{
	struct bench *bench = *state;

	for (size_t i = 0; i < MADE_UP_BATCH_MAX; i++)
		begin(bench, i, ids[i]);
	polls_step(bench->polls, false);
	assert_int_equal(polls_under_way(bench->polls), 0);
	assert_int_equal(step(bench), 1);
	assert_int_equal(bench->dq->totals.requests, 1);
	assert_true(polls_is_asked_for(bench->polls, 3));
	assert_int_equal(polls_wait_since_ms(bench->polls), bench->dq->now.mono_ms);
	answer_well(bench);
	assert_int_equal(polls_under_way(bench->polls), 0);
	assert_false(polls_is_asked_for(bench->polls, 3));
	assert_int_equal(bench->n_told, 1 + MADE_UP_BATCH_MAX);
	assert_told(bench, POLLS_WELL);
	assert_int_equal(assert_told(bench, POLLS_SEEN)->task->state, TASK_GENERATING);
	assert_true(wait_ms(bench) > 0);
}

static void two_requests_are_under_way_at_once(void **state)
{
	struct bench *bench = *state;

	for (size_t i = 0; i < (size_t)2 * MADE_UP_BATCH_MAX + 1; i++)
		begin(bench, i, ids[i]);
	assert_int_equal(step(bench), POLLS_REQUESTS_MAX);
	assert_int_equal(step(bench), POLLS_REQUESTS_MAX);
	answer_well(bench);
	assert_int_equal(polls_under_way(bench->polls), 1);
	assert_int_equal(step(bench), 2);
	assert_int_equal(bench->dq->totals.requests, 3);
}

static void it_is_looked_at_until_its_end(void **state)
{
	struct bench *bench = *state;

	begin(bench, 0, "a");
	for (int i = 1; i < MADE_UP_LOOKS; i++) {
		step_when_due(bench);
		answer_well(bench);
		assert_int_equal(state_in_ledger(bench, "a"), TASK_GENERATING);
	}
	step_when_due(bench);
	answer_well(bench);
	assert_int_equal(assert_told(bench, POLLS_SEEN)->task->n_assets, 1);
	assert_int_equal(state_in_ledger(bench, "a"), TASK_SUCCEEDED);
	assert_int_equal(polls_next_ms(bench->polls), INT64_MAX);
	assert_int_equal(bench->dq->totals.requests, MADE_UP_LOOKS);
}

static void in_a_hurry_the_next_look_comes_earlier(void **state)
{
	struct bench *bench = *state;

	begin(bench, 0, "a");
	step_when_due(bench);
	answer_well(bench);
	assert_true(wait_ms(bench) > SCHED_HURRY_MS);
	polls_hurry(bench->polls, 0);
	assert_in_range(wait_ms(bench), 0, SCHED_HURRY_MS);
}

/* Of what has ended meanwhile, the answer is not heard. */
static void an_end_is_an_end(void **state)
{
	struct bench *bench = *state;

	begin(bench, 0, "a");
	assert_int_equal(step(bench), 1);
	polls_end(bench->polls, 0);
	answer_well(bench);
	assert_int_equal(bench->n_told, 1);
	assert_told(bench, POLLS_WELL);
	assert_int_equal(polls_next_ms(bench->polls), INT64_MAX);
}

static void one_absence_is_none(void **state)
{
	struct bench *bench = *state;
	int64_t since_ms, until_ms;

	begin(bench, 0, "nobody");
	step_when_due(bench);
	answer_well(bench);
	assert_int_equal(assert_told(bench, POLLS_SEEN)->task->state, TASK_UNKNOWN);
	assert_true(polls_is_absent(bench->polls, 0, &since_ms, &until_ms));
	assert_int_equal(since_ms, bench->dq->now.mono_ms);
	assert_int_equal(until_ms, since_ms + service_absence_ms(&kept, false));
	step_when_due(bench);
	answer_well(bench);
	assert_int_equal(assert_told(bench, POLLS_SEEN)->task->state, TASK_NOT_FOUND);
	assert_int_equal(polls_next_ms(bench->polls), INT64_MAX);
}

/* --- trouble --------------------------------------------------------------------- */

static void each_failure_doubles_the_rest(void **state)
{
	struct bench *bench = *state;
	int64_t ceiling_ms = 1000;

	begin(bench, 0, "a");
	for (unsigned n = 1; n <= 8; n++) {
		step_when_due(bench);
		answer_ill(bench, ERR_NET);
		assert_int_equal(bench->n_told, 1);
		assert_int_equal(assert_told(bench, POLLS_FAILED)->tried.failures, n);
		assert_false(bench->told[0].tried.ever_went_well);
		assert_in_range(wait_ms(bench), 1, ceiling_ms);
		if ((ceiling_ms *= 2) > 30000)
			ceiling_ms = 30000;
	}
	assert_true(bench->told[0].tried.trouble_ms > 0);
	assert_int_equal(polls_trouble(bench->polls)->kind, ERR_NET);
	step_when_due(bench);
	answer_well(bench);
	assert_int_equal(assert_told(bench, POLLS_WELL)->why.kind, ERR_NET);
	assert_int_equal(polls_trouble(bench->polls)->kind, ERR_OK);
	step_when_due(bench);
	answer_ill(bench, ERR_NET);
	assert_int_equal(assert_told(bench, POLLS_FAILED)->tried.failures, 1);
	assert_true(bench->told[0].tried.ever_went_well);
}

/* What the service orders is on our clock, however fast its own runs. */
static void slow_down_is_obeyed(void **state)
{
	static const unsigned scales[] = { 1, 10 };
	struct bench *bench = *state;
	struct err why;

	err_set(&why, ERR_BUSY, "slow down");
	why.retry_after_ms = 20000;
	begin(bench, 0, "a");
	for (size_t i = 0; i < 2; i++) {
		bench->dq->traits.time_scale = scales[i];
		step_when_due(bench);
		answer(bench, &why);
		assert_told(bench, POLLS_FAILED);
		assert_in_range(wait_ms(bench), 20000, 20000 + SCHED_AWAKE_MS);
	}
}

static void the_budget_is_kept(void **state)
{
	struct bench *bench = *state;

	bench->dq->budget = (struct budget){ .per_minute = 60, .burst = 1 };
	for (size_t i = 0; i < (size_t)2 * MADE_UP_BATCH_MAX; i++)
		begin(bench, i, ids[i]);
	assert_int_equal(step(bench), 1);
	assert_int_equal(wait_ms(bench), 1000);
	moments_pass(&bench->moments, 999);
	assert_int_equal(step(bench), 1);
	moments_pass(&bench->moments, 1);
	assert_int_equal(step(bench), 2);
}

/* A ledger that is locked: a watch waits until it is not, others end. */
static void who_perseveres_waits_for_the_ledger(void **state)
{
	struct bench *bench = *state;
	struct lab_lock *lock;

	polls_free(bench->polls);
	open_polls(bench, &(struct polls_setup){ .perseveres = true });
	begin(bench, 0, "a");
	step_when_due(bench);
	lock = lab_lock(bench->moments.url);
	answer_well(bench);
	assert_int_equal(assert_told(bench, POLLS_NO_ROOM)->why.kind, ERR_LOCKED);
	assert_null(told_of(bench, POLLS_SEEN));
	lab_unlock(lock);
	step_when_due(bench);
	answer_well(bench);
	assert_told(bench, POLLS_SEEN);
}

static void who_does_not_can_t_go_on(void **state)
{
	struct bench *bench = *state;
	struct lab_lock *lock;

	begin(bench, 0, "a");
	step_when_due(bench);
	lock = lab_lock(bench->moments.url);
	answer_well(bench);
	assert_int_equal(assert_told(bench, POLLS_CANT_GO_ON)->why.kind, ERR_LOCKED);
	assert_null(told_of(bench, POLLS_NO_ROOM));
	lab_unlock(lock);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(many_ids_travel_in_one_request),
		TEST(two_requests_are_under_way_at_once),
		TEST(it_is_looked_at_until_its_end),
		TEST(in_a_hurry_the_next_look_comes_earlier),
		TEST(an_end_is_an_end),
		TEST(one_absence_is_none),
		TEST(each_failure_doubles_the_rest),
		TEST(slow_down_is_obeyed),
		TEST(the_budget_is_kept),
		TEST(who_perseveres_waits_for_the_ledger),
		TEST(who_does_not_can_t_go_on),
	};

	return cmocka_run_group_tests_name("polls", tests, NULL, NULL);
}
