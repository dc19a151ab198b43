/* What follows from the end of a submit, and how fast the next ones may follow. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/submit/pace.h"
#include "core/submit/parts.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

/* What may be sent again has provably not been accepted; all else may not. */
static void only_proof_goes_back_to_the_queue(void **state)
{
	static const struct {
		enum sent_outcome outcome;
		enum task_state state;
	} row[] = {
		{ SENT_ACCEPTED, TASK_QUEUED },
		{ SENT_UNCLEAR, TASK_UNKNOWN },
		{ SENT_REFUSED, TASK_FAILED },
		{ SENT_LATER, TASK_SUBMITTING },
		{ SENT_ACCOUNT, TASK_SUBMITTING },
		{ SENT_NEVER_LEFT, TASK_SUBMITTING },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(row); i++) {
		assert_int_equal(outbox_state_after(row[i].outcome), row[i].state);
		assert_true(task_state_may_become(
		    TASK_SUBMITTING, outbox_state_after(row[i].outcome)));
	}
}

/* --- lane -------------------------------------------------------------------------- */

static void a_lane_is_so_wide(void **state)
{
	struct pace pace = pace_make();

	(void)state;
	for (int i = 0; i < PACE_WIDTH_MAX; i++) {
		assert_int_equal(pace_next_ms(&pace), 0);
		pace_sent(&pace);
	}
	assert_int_equal(pace_next_ms(&pace), INT64_MAX);
	pace_ended(&pace);
	assert_int_equal(pace_next_ms(&pace), 0);
}

/* A pause of at least half and at most all of `base_ms`, with the first one alone. */
static void assert_pause(struct pace *pace, int64_t now_ms, int64_t base_ms)
{
	assert_in_range(pace->paused_until_ms, now_ms + base_ms / 2, now_ms + base_ms);
	assert_int_equal(pace_next_ms(pace), pace->paused_until_ms);
	pace_sent(pace);
	assert_int_equal(pace_next_ms(pace), INT64_MAX);
	pace_ended(pace);
}

static void pauses_grow_up_to_a_limit(void **state)
{
	static const int64_t base_ms[] = { 5000, 10000, 20000, 40000, 60000, 60000 };
	struct pace pace = pace_make();
	int64_t now_ms = 1000;

	(void)state;
	for (size_t i = 0; i < COUNT(base_ms); i++) {
		assert_true(pace_refused(&pace, now_ms, 0, UINT64_MAX - i * 12345));
		assert_pause(&pace, now_ms, base_ms[i]);
		now_ms = pace.paused_until_ms;
	}
}

static void refusals_of_one_pause_count_once(void **state)
{
	struct pace pace = pace_make();
	int64_t until_ms;

	(void)state;
	assert_true(pace_refused(&pace, 1000, 0, 7));
	until_ms = pace.paused_until_ms;
	for (int i = 1; i < PACE_WIDTH_MAX; i++)
		assert_false(pace_refused(&pace, 1000 + i, 0, 9999999));
	assert_int_equal(pace.paused_until_ms, until_ms);
	assert_int_equal(pace.refusals, 1);
}

static void acceptance_widens_it_again(void **state)
{
	struct pace pace = pace_make();
	unsigned n = 0;

	(void)state;
	(void)pace_refused(&pace, 1000, 0, 0);
	pace_accepted(&pace);
	pace_accepted(&pace);
	pace_room(&pace);
	for (; pace_next_ms(&pace) == 0; n++)
		pace_sent(&pace);
	assert_int_equal(n, 3);
	for (int i = 0; i < 10; i++)
		pace_accepted(&pace);
	assert_int_equal(pace.width, PACE_WIDTH_MAX);
	assert_int_equal(pace.refusals, 0);
}

static void room_ends_our_pause(void **state)
{
	struct pace pace = pace_make();

	(void)state;
	(void)pace_refused(&pace, 1000, 0, 0);
	pace_room(&pace);
	assert_int_equal(pace_next_ms(&pace), 0);
	assert_int_equal(pace.width, 1);
}

/* Also when it comes with a refusal that another pause has swallowed. */
static void an_order_of_the_service_is_obeyed(void **state)
{
	struct pace pace = pace_make();

	(void)state;
	assert_true(pace_refused(&pace, 1000, 0, 0));
	assert_false(pace_refused(&pace, 1001, 90000, 0));
	assert_int_equal(pace_next_ms(&pace), 91001);
	pace_room(&pace);
	assert_int_equal(pace_next_ms(&pace), 91001);
	assert_false(pace_refused(&pace, 1002, 1000, 0));
	assert_int_equal(pace_next_ms(&pace), 91001);
	assert_true(pace_refused(&pace, 91001, 0, 0));
	pace_room(&pace);
	assert_int_equal(pace_next_ms(&pace), 0);
	/* ... but not one that is a mistake. */
	assert_true(pace_refused(&pace, 91001, UINT32_MAX, 0));
	assert_int_equal(pace_next_ms(&pace), 91001 + 3600000);
}

static void after_trouble_one_goes_alone(void **state)
{
	struct pace pace = pace_make();

	(void)state;
	pace_narrow(&pace);
	pace_sent(&pace);
	assert_int_equal(pace_next_ms(&pace), INT64_MAX);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_proof_goes_back_to_the_queue),
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
