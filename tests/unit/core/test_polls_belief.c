/* Which answers the polls of a run believe: leases, twins, and logins that are refused.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "ledger/lease.h"
#include "polls_bench.h"

enum { LOGIN_LASTS_MS = 3 * RETRY_LOGIN_GAP_MS };

/* --- whose it is ----------------------------------------------------------------- */

/* Another one has taken it: nothing of the poll is written. */
static void a_lost_lease_is_told(void **state)
{
	struct bench *bench = *state;
	struct moments *moments = &bench->moments;
	const int64_t late_ms = LEDGER_LEASE_MS + 1;
	int64_t token;

	moments_look(moments, bench->dq->ledger, "a");
	token = moments_take(moments, bench->dq->ledger, "a");
	begin(bench, 0, "a");
	polls_set_lease(bench->polls, 0, token);
	for (int i = 1; i < MADE_UP_LOOKS; i++) {
		step_when_due(bench);
		answer_well(bench);
		assert_told(bench, POLLS_SEEN);
	}
	step_when_due(bench);
	moments_pass(moments, late_ms);
	assert_true(moments_take(moments, moments->other, "a") > token);
	answer_well(bench);
	assert_told(bench, POLLS_LOST);
	assert_null(told_of(bench, POLLS_SEEN));
	assert_int_equal(state_in_ledger(bench, "a"), TASK_GENERATING);
	assert_int_equal(polls_next_ms(bench->polls), INT64_MAX);
}

/* Two tasks that show one file: none is believed until each is asked for alone. */
static void one_file_is_not_of_two_tasks(void **state)
{
	struct bench *bench = *state;

	begin(bench, 0, "twin-1");
	begin(bench, 1, "twin-2");
	for (int i = 1; i < MADE_UP_LOOKS; i++) {
		step_when_due(bench);
		answer_well(bench);
		assert_int_equal(bench->n_told, 3);
	}
	step_when_due(bench);
	answer_well(bench);
	assert_null(told_of(bench, POLLS_SEEN));
	assert_int_equal(bench->notes[DQ_NOTE_WARNING], 1);
	assert_int_equal(state_in_ledger(bench, "twin-1"), TASK_GENERATING);
	while (polls_next_ms(bench->polls) != INT64_MAX) {
		moments_pass(&bench->moments, wait_ms(bench) > 0 ? wait_ms(bench) : 0);
		for (unsigned n = step(bench); n > 0; n--) {
			answer_well(bench);
			assert_int_equal(bench->n_told, 2);
			assert_int_equal(
			    assert_told(bench, POLLS_SEEN)->task->state, TASK_SUCCEEDED);
		}
	}
	assert_int_equal(state_in_ledger(bench, "twin-1"), TASK_SUCCEEDED);
	assert_int_equal(state_in_ledger(bench, "twin-2"), TASK_SUCCEEDED);
}

/* --- the login ------------------------------------------------------------------- */

static void a_refused_login_is_probed(void **state)
{
	struct bench *bench = *state;

	begin(bench, 0, "a");
	step_when_due(bench);
	answer_ill(bench, ERR_AUTH);
	assert_int_equal(bench->n_told, 0);
	assert_int_equal(polls_under_way(bench->polls), 1);
	answer_ill(bench, ERR_AUTH);
	assert_int_equal(assert_told(bench, POLLS_FAILED)->why.kind, ERR_AUTH);
	assert_non_null(strstr(bench->told[0].why.msg, "of another region than"));
	assert_int_equal(polls_under_way(bench->polls), 0);
	assert_int_equal(bench->dq->totals.requests, 2);
}

/* The probe says that it lives: a read that goes on refusing it is believed in the end.
 */
static void one_that_lives_is_tried_for_a_while(void **state)
{
	struct bench *bench = *state;

	begin(bench, 0, "a");
	for (int64_t at_ms = 0; at_ms < LOGIN_LASTS_MS; at_ms += RETRY_LOGIN_GAP_MS) {
		step_when_due(bench);
		answer_ill(bench, ERR_AUTH);
		answer_well(bench);
		assert_int_equal(bench->n_told, 0);
		assert_int_equal(wait_ms(bench), RETRY_LOGIN_GAP_MS);
	}
	assert_int_equal(bench->notes[DQ_NOTE_RETRY], 1);
	step_when_due(bench);
	answer_ill(bench, ERR_AUTH);
	answer_well(bench);
	assert_int_equal(assert_told(bench, POLLS_FAILED)->why.kind, ERR_AUTH);
}

static void a_good_read_forgets_refusals(void **state)
{
	struct bench *bench = *state;

	begin(bench, 0, "a");
	for (int i = 0; i < RETRY_LOGIN_POLLS; i++) {
		step_when_due(bench);
		answer_ill(bench, ERR_AUTH);
		answer_well(bench);
	}
	step_when_due(bench);
	answer_well(bench);
	assert_int_equal(assert_told(bench, POLLS_WELL)->why.kind, ERR_AUTH);
	step_when_due(bench);
	answer_ill(bench, ERR_AUTH);
	answer_well(bench);
	assert_int_equal(bench->n_told, 0);
	assert_int_equal(bench->notes[DQ_NOTE_RETRY], 2);
}

static void a_probe_tells_how_it_is(void **state)
{
	struct bench *bench = *state;

	polls_probe_login(bench->polls);
	answer_ill(bench, ERR_AUTH);
	assert_int_equal(assert_told(bench, POLLS_PROBED)->why.kind, ERR_AUTH);
	polls_probe_login(bench->polls);
	answer_well(bench);
	assert_int_equal(assert_told(bench, POLLS_PROBED)->why.kind, ERR_OK);
	assert_int_equal(bench->dq->totals.requests, 2);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(a_lost_lease_is_told),
		TEST(one_file_is_not_of_two_tasks),
		TEST(a_refused_login_is_probed),
		TEST(one_that_lives_is_tried_for_a_while),
		TEST(a_good_read_forgets_refusals),
		TEST(a_probe_tells_how_it_is),
	};

	return cmocka_run_group_tests_name("polls_belief", tests, NULL, NULL);
}
