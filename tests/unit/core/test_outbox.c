/* What an answer to a submit proves, and how fast the next ones may follow. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/submit/lane.h"
#include "service/jimeng/read/fate.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

/* --- fate ------------------------------------------------------------------------- */

static void an_answer_proves_what_it_says(void **state)
{
	static const struct {
		const char *label;
		enum err_kind kind;
		bool sent;
		const char *ret;
		enum fate fate;
	} row[] = {
		{ "accepted", ERR_OK, true, "0", FATE_ACCEPTED },
		{ "accepted without a task's name", ERR_CONTRACT, true, "0",
		    FATE_UNCLEAR },
		{ "time-out", ERR_NET, true, NULL, FATE_UNCLEAR },
		{ "no code", ERR_CONTRACT, true, "", FATE_UNCLEAR },
		{ "bare 429", ERR_BUSY, true, NULL, FATE_UNCLEAR },
		{ "bare 401", ERR_AUTH, true, NULL, FATE_UNCLEAR },
		{ "bare 403", ERR_ACCOUNT, true, NULL, FATE_UNCLEAR },
		{ "redirect", ERR_CONTRACT, true, NULL, FATE_UNCLEAR },
		{ "an unknown code", ERR_NET, true, "4711", FATE_UNCLEAR },
		{ "common error", ERR_NET, true, "1002", FATE_UNCLEAR },
		{ "generation error", ERR_NET, true, "2002", FATE_UNCLEAR },
		{ "content", ERR_FAILED, true, "2038", FATE_REFUSED },
		{ "wrong request", ERR_USAGE, true, "1000", FATE_REFUSED },
		{ "too many", ERR_BUSY, true, "1310", FATE_LATER },
		{ "slow down", ERR_BUSY, true, "1057", FATE_LATER },
		{ "login", ERR_AUTH, true, "10002", FATE_ACCOUNT },
		{ "credit", ERR_ACCOUNT, true, "1006", FATE_ACCOUNT },
		{ "risk", ERR_ACCOUNT, true, "-6", FATE_ACCOUNT },
		{ "to be confirmed", ERR_ACCOUNT, true, "4010", FATE_ACCOUNT },
		{ "refused connection", ERR_NET, false, NULL, FATE_NEVER_LEFT },
		{ "never left", ERR_USAGE, false, NULL, FATE_NEVER_LEFT },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(row); i++) {
		const struct submit_outcome outcome = {
			.err = { .kind = row[i].kind },
			.sent = row[i].sent,
			.ret = row[i].ret,
		};

		print_message("# %s\n", row[i].label);
		assert_int_equal(fate_of(&outcome), row[i].fate);
	}
}

/* Sent again, or called failed, the task that may be there would be paid twice, or lost.
 */
static void a_refusal_may_prove_nothing(void **state)
{
	static const char *const refusals[] = { "1310", "10002", "1006", "-4", "2038",
		"1000" };

	(void)state;
	for (size_t i = 0; i < COUNT(refusals); i++) {
		struct submit_outcome outcome = {
			.err = { .kind = ERR_BUSY },
			.sent = true,
			.status = 200,
			.ret = refusals[i],
		};

		assert_int_not_equal(fate_of(&outcome), FATE_UNCLEAR);
		outcome.status = 429;
		assert_int_not_equal(fate_of(&outcome), FATE_UNCLEAR);
		outcome.status = 503;
		assert_int_equal(fate_of(&outcome), FATE_UNCLEAR);
		outcome.status = 200;
		outcome.may_have_started = true;
		assert_int_equal(fate_of(&outcome), FATE_UNCLEAR);
		outcome.may_have_started = false;
		outcome.submit_id = "any";
		assert_int_equal(fate_of(&outcome), FATE_UNCLEAR);
		outcome.submit_id = NULL;
		outcome.history_id = "4711";
		assert_int_equal(fate_of(&outcome), FATE_UNCLEAR);
	}
}

/* What may be sent again has provably not been accepted; all else may not. */
static void only_proof_goes_back_to_the_queue(void **state)
{
	static const struct {
		enum fate fate;
		enum task_state state;
	} row[] = {
		{ FATE_ACCEPTED, TASK_QUEUED },
		{ FATE_UNCLEAR, TASK_UNKNOWN },
		{ FATE_REFUSED, TASK_FAILED },
		{ FATE_LATER, TASK_SUBMITTING },
		{ FATE_ACCOUNT, TASK_SUBMITTING },
		{ FATE_NEVER_LEFT, TASK_SUBMITTING },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(row); i++) {
		assert_int_equal(fate_state(row[i].fate), row[i].state);
		assert_true(
		    task_state_may_become(TASK_SUBMITTING, fate_state(row[i].fate)));
	}
}

static void a_refusal_has_its_class(void **state)
{
	(void)state;
	assert_int_equal(fate_fail_class("2038"), FAIL_CONTENT);
	assert_int_equal(fate_fail_class("1000"), FAIL_CALLER);
	assert_int_equal(fate_fail_class("1006"), FAIL_QUOTA);
	assert_int_equal(fate_fail_class("10002"), FAIL_LOGIN);
	assert_int_equal(fate_fail_class("1019"), FAIL_RISK);
	assert_int_equal(fate_fail_class(""), FAIL_SERVICE);
}

/* --- lane -------------------------------------------------------------------------- */

static void a_lane_is_so_wide(void **state)
{
	struct lane lane = lane_make();

	(void)state;
	for (int i = 0; i < LANE_WIDTH_MAX; i++) {
		assert_int_equal(lane_next_ms(&lane), 0);
		lane_sent(&lane);
	}
	assert_int_equal(lane_next_ms(&lane), INT64_MAX);
	lane_ended(&lane);
	assert_int_equal(lane_next_ms(&lane), 0);
}

/* A pause of at least half and at most all of `base_ms`, with the first one alone. */
static void assert_pause(struct lane *lane, int64_t now_ms, int64_t base_ms)
{
	assert_in_range(lane->paused_until_ms, now_ms + base_ms / 2, now_ms + base_ms);
	assert_int_equal(lane_next_ms(lane), lane->paused_until_ms);
	lane_sent(lane);
	assert_int_equal(lane_next_ms(lane), INT64_MAX);
	lane_ended(lane);
}

static void pauses_grow_up_to_a_limit(void **state)
{
	static const int64_t base_ms[] = { 5000, 10000, 20000, 40000, 60000, 60000 };
	struct lane lane = lane_make();
	int64_t now_ms = 1000;

	(void)state;
	for (size_t i = 0; i < COUNT(base_ms); i++) {
		assert_true(lane_refused(&lane, now_ms, 0, UINT64_MAX - i * 12345));
		assert_pause(&lane, now_ms, base_ms[i]);
		now_ms = lane.paused_until_ms;
	}
}

static void refusals_of_one_pause_count_once(void **state)
{
	struct lane lane = lane_make();
	int64_t until_ms;

	(void)state;
	assert_true(lane_refused(&lane, 1000, 0, 7));
	until_ms = lane.paused_until_ms;
	for (int i = 1; i < LANE_WIDTH_MAX; i++)
		assert_false(lane_refused(&lane, 1000 + i, 0, 9999999));
	assert_int_equal(lane.paused_until_ms, until_ms);
	assert_int_equal(lane.refusals, 1);
}

static void acceptance_widens_it_again(void **state)
{
	struct lane lane = lane_make();
	unsigned n = 0;

	(void)state;
	(void)lane_refused(&lane, 1000, 0, 0);
	lane_accepted(&lane);
	lane_accepted(&lane);
	lane_room(&lane);
	for (; lane_next_ms(&lane) == 0; n++)
		lane_sent(&lane);
	assert_int_equal(n, 3);
	for (int i = 0; i < 10; i++)
		lane_accepted(&lane);
	assert_int_equal(lane.width, LANE_WIDTH_MAX);
	assert_int_equal(lane.refusals, 0);
}

static void room_ends_our_pause(void **state)
{
	struct lane lane = lane_make();

	(void)state;
	(void)lane_refused(&lane, 1000, 0, 0);
	lane_room(&lane);
	assert_int_equal(lane_next_ms(&lane), 0);
	assert_int_equal(lane.width, 1);
}

/* Also when it comes with a refusal that another pause has swallowed. */
static void an_order_of_the_service_is_obeyed(void **state)
{
	struct lane lane = lane_make();

	(void)state;
	assert_true(lane_refused(&lane, 1000, 0, 0));
	assert_false(lane_refused(&lane, 1001, 90000, 0));
	assert_int_equal(lane_next_ms(&lane), 91001);
	lane_room(&lane);
	assert_int_equal(lane_next_ms(&lane), 91001);
	assert_false(lane_refused(&lane, 1002, 1000, 0));
	assert_int_equal(lane_next_ms(&lane), 91001);
	assert_true(lane_refused(&lane, 91001, 0, 0));
	lane_room(&lane);
	assert_int_equal(lane_next_ms(&lane), 0);
	/* ... but not one that is a mistake. */
	assert_true(lane_refused(&lane, 91001, UINT32_MAX, 0));
	assert_int_equal(lane_next_ms(&lane), 91001 + 3600000);
}

static void after_trouble_one_goes_alone(void **state)
{
	struct lane lane = lane_make();

	(void)state;
	lane_narrow(&lane);
	lane_sent(&lane);
	assert_int_equal(lane_next_ms(&lane), INT64_MAX);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_answer_proves_what_it_says),
		cmocka_unit_test(a_refusal_may_prove_nothing),
		cmocka_unit_test(only_proof_goes_back_to_the_queue),
		cmocka_unit_test(a_refusal_has_its_class),
		cmocka_unit_test(a_lane_is_so_wide),
		cmocka_unit_test(pauses_grow_up_to_a_limit),
		cmocka_unit_test(refusals_of_one_pause_count_once),
		cmocka_unit_test(acceptance_widens_it_again),
		cmocka_unit_test(room_ends_our_pause),
		cmocka_unit_test(an_order_of_the_service_is_obeyed),
		cmocka_unit_test(after_trouble_one_goes_alone),
	};

	return cmocka_run_group_tests_name("outbox", tests, NULL, NULL);
}
