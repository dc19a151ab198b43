#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "service/jimeng/read/verdict.h"

#define NONE STATUS_ABSENT

/* Short hands for rows: status, status of the task, queue_status. */
#define ST(outer, inner, queue) \
	.status = (outer), .task_status = (inner), .queue_status = (queue)
#define FILES(n, all) .usable = (n), .total = (all), .told = (all)

static const struct {
	const char *label;
	struct facts facts;
	enum task_state state;
} table[] = {
	/* The first row of A3, and the orders of its parts. */
	{ "50 and all files", { ST(50, 50, 3), FILES(4, 4), .has_finish_time = true },
	    TASK_SUCCEEDED },
	{ "50 and no finish time", { ST(50, NONE, NONE), FILES(1, 1) }, TASK_SUCCEEDED },
	{ "50 and fewer files", { ST(50, 50, 3), FILES(3, 4), .failed = 1 },
	    TASK_SUCCEEDED },
	{ "50 with files and a fail code",
	    { ST(50, 50, 3), FILES(3, 4), .fail_code = "2038", .has_finish_time = true },
	    TASK_SUCCEEDED },
	{ "10 with a file", { ST(10, 10, NONE), FILES(1, 4) }, TASK_SUCCEEDED },
	{ "45, all files, finished",
	    { ST(45, 45, 2), FILES(4, 4), .has_finish_time = true }, TASK_SUCCEEDED },
	{ "30, all files, finished",
	    { ST(30, 30, 3), FILES(2, 2), .has_finish_time = true }, TASK_SUCCEEDED },
	{ "status only in task", { ST(50, 50, NONE), FILES(1, 1) }, TASK_SUCCEEDED },
	{ "task is ahead", { ST(20, 50, 2), FILES(1, 4) }, TASK_SUCCEEDED },
	{ "a 50 in task does not undo a failure",
	    { ST(30, 50, 3), FILES(1, 4), .has_finish_time = true }, TASK_FAILED },
	{ "a 10 in task is a reject",
	    { ST(30, 10, 3), FILES(1, 4), .has_finish_time = true }, TASK_FAILED },
	{ "a failure without code and time, with files", { ST(30, 10, 3), FILES(1, 4) },
	    TASK_PARTIAL },
	/* The second. */
	{ "text reject",
	    { ST(30, 10, NONE), .fail_code = "2038", .has_finish_time = true },
	    TASK_FAILED },
	{ "output reject", { ST(30, 40, 3), .has_finish_time = true }, TASK_FAILED },
	{ "failed inside only", { ST(20, 30, 2), .has_finish_time = true }, TASK_FAILED },
	{ "rejected inside only", { ST(20, 40, 2), .has_finish_time = true },
	    TASK_FAILED },
	{ "deleted", { ST(100, NONE, NONE), .has_finish_time = true }, TASK_FAILED },
	{ "deleted inside", { ST(20, 100, NONE), .has_finish_time = true }, TASK_FAILED },
	{ "-1", { ST(-1, NONE, NONE), .fail_code = "1" }, TASK_FAILED },
	{ "30 with some files", { ST(30, 40, 3), FILES(1, 4), .has_finish_time = true },
	    TASK_FAILED },
	{ "cancelled after some files",
	    { ST(30, 30, 3), FILES(1, 4), .has_finish_time = true }, TASK_CANCELLED },
	{ "10 and a fail code", { ST(10, 10, NONE), .fail_code = "2038" }, TASK_FAILED },
	{ "20 and a fail code", { ST(20, 20, NONE), .fail_code = "2038" }, TASK_FAILED },
	{ "unknown number and a fail code", { ST(60, 60, NONE), .fail_code = "9" },
	    TASK_FAILED },
	{ "key alone, running", { ST(20, 20, 2), .fail_key = "k" }, TASK_GENERATING },
	{ "key alone, ended", { ST(20, 20, 2), .fail_key = "k", .has_finish_time = true },
	    TASK_FAILED },
	{ "message alone, ended",
	    { ST(50, 50, 3), .fail_message = "m", .has_finish_time = true },
	    TASK_FAILED },
	{ "files, a fail code, not ended",
	    { ST(45, 45, 2), FILES(1, 4), .fail_code = "2038" }, TASK_PARTIAL },
	{ "files, a fail code, ended",
	    { ST(45, 45, 2), FILES(1, 4), .fail_code = "2038", .has_finish_time = true },
	    TASK_FAILED },
	{ "files, a fail code, an unknown number",
	    { ST(77, 77, 2), FILES(1, 4), .fail_code = "2038" }, TASK_FAILED },
	/* Cancelled is exactly this. */
	{ "cancelled", { ST(30, 30, 3), .has_finish_time = true }, TASK_CANCELLED },
	{ "cancelled with a message",
	    { ST(30, 30, 3), .fail_message = "你已取消生成", .has_finish_time = true },
	    TASK_CANCELLED },
	{ "not with a code", { ST(30, 30, 3), .fail_code = "1" }, TASK_FAILED },
	{ "not with a key", { ST(30, 30, 3), .fail_key = "k", .has_finish_time = true },
	    TASK_FAILED },
	{ "not while queued", { ST(30, 30, 1), .has_finish_time = true }, TASK_FAILED },
	{ "not without a queue", { ST(30, 30, NONE), .has_finish_time = true },
	    TASK_FAILED },
	{ "not with another phase", { ST(30, 40, 3), .has_finish_time = true },
	    TASK_FAILED },
	/* Partial. */
	{ "45 with files", { ST(45, 45, 2), FILES(1, 4) }, TASK_PARTIAL },
	{ "20 with files", { ST(20, 20, 2), FILES(1, 4) }, TASK_PARTIAL },
	{ "42 with files", { ST(42, 42, 2), FILES(1, 4) }, TASK_PARTIAL },
	{ "an unknown number with files", { ST(77, 77, 2), FILES(1, 4) }, TASK_PARTIAL },
	{ "no status with files", { ST(NONE, NONE, NONE), FILES(1, 4) }, TASK_PARTIAL },
	{ "files win over the queue", { ST(20, 20, 1), FILES(1, 4) }, TASK_PARTIAL },
	/* Queued. */
	{ "20 in the queue", { ST(20, 20, 1) }, TASK_QUEUED },
	{ "10", { ST(10, NONE, NONE) }, TASK_QUEUED },
	{ "0", { ST(0, 0, NONE) }, TASK_QUEUED },
	{ "an unknown number in the queue", { ST(77, NONE, 1) }, TASK_QUEUED },
	/* Generating. */
	{ "20", { ST(20, 20, 2) }, TASK_GENERATING },
	{ "42", { ST(42, 42, NONE) }, TASK_GENERATING },
	{ "45 without a file", { ST(45, 45, 2) }, TASK_GENERATING },
	{ "50 without a file, at first", { ST(50, 50, 3), .has_finish_time = true },
	    TASK_GENERATING },
	{ "21", { ST(21, NONE, NONE) }, TASK_GENERATING },
	{ "60", { ST(60, NONE, NONE) }, TASK_GENERATING },
	{ "3", { ST(3, 3, NONE) }, TASK_GENERATING },
	{ "a huge number", { ST(INT64_MAX, 20, NONE) }, TASK_GENERATING },
	{ "no status", { ST(NONE, NONE, NONE) }, TASK_GENERATING },
	{ "a task status nobody knows", { ST(20, 77, NONE) }, TASK_GENERATING },
	{ "a 10 in task alone", { ST(20, 10, NONE) }, TASK_GENERATING },
};

static void the_first_rule_decides(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++) {
		struct poll_memory memory = { 0 };
		const struct verdict verdict = verdict_of(&table[i].facts, 0, &memory);

		print_message("# %s\n", table[i].label);
		assert_string_equal(
		    task_state_name(verdict.state), task_state_name(table[i].state));
		assert_int_equal(memory.polls, 1);
	}
}

static void done_with_nothing_has_three_looks_of_grace(void **state)
{
	const struct facts empty = { ST(50, 50, 3), .has_finish_time = true };
	const struct facts busy = { ST(45, 45, 2) };
	struct poll_memory memory = { 0 };

	(void)state;
	for (int i = 0; i < 3; i++)
		assert_int_equal(verdict_of(&empty, 0, &memory).state, TASK_GENERATING);
	assert_int_equal(verdict_of(&busy, 0, &memory).state, TASK_GENERATING);
	for (int i = 0; i < 3; i++)
		assert_int_equal(verdict_of(&empty, 0, &memory).state, TASK_GENERATING);
	assert_int_equal(verdict_of(&empty, 0, &memory).state, TASK_FAILED);
	assert_true(verdict_of(&empty, 0, &memory).is_empty_success);
}

static void a_stuck_partial_settles_after_five_looks(void **state)
{
	const struct facts stuck = { ST(45, 45, 2), FILES(3, 4), .failed = 1 };
	struct poll_memory memory = { 0 };

	(void)state;
	for (int i = 0; i < 4; i++)
		assert_int_equal(verdict_of(&stuck, 0, &memory).state, TASK_PARTIAL);
	assert_int_equal(verdict_of(&stuck, 0, &memory).state, TASK_SUCCEEDED);
}

static void a_new_file_starts_the_count_again(void **state)
{
	/* The service promises more each time: each file may be the last, or not. */
	const struct facts one = { ST(45, 45, 2), FILES(1, 1) };
	const struct facts two = { ST(45, 45, 2), FILES(2, 2) };
	const struct facts waiting = { ST(45, 45, 2), FILES(2, 4) };
	struct poll_memory memory = { 0 };

	(void)state;
	for (int i = 0; i < 4; i++)
		assert_int_equal(verdict_of(&one, 0, &memory).state, TASK_PARTIAL);
	for (int i = 0; i < 4; i++)
		assert_int_equal(verdict_of(&two, 0, &memory).state, TASK_PARTIAL);
	for (int i = 0; i < 20; i++)
		assert_int_equal(verdict_of(&waiting, 0, &memory).state, TASK_PARTIAL);
	for (int i = 0; i < 4; i++)
		assert_int_equal(verdict_of(&two, 0, &memory).state, TASK_PARTIAL);
	assert_int_equal(verdict_of(&two, 0, &memory).state, TASK_SUCCEEDED);
}

/* Done, with less than it tells and without failures: it may be ahead of its files. */
static void a_short_success_is_hasty_for_three_looks(void **state)
{
	const struct facts few = { ST(50, 50, 3), FILES(1, 4) };
	const struct facts told = { ST(50, 50, 3), .usable = 3, .failed = 1, .total = 4,
		.told = 4 };
	struct poll_memory memory = { 0 };

	(void)state;
	for (int i = 0; i < 4; i++) {
		const struct verdict verdict = verdict_of(&few, i, &memory);

		assert_int_equal(verdict.state, TASK_SUCCEEDED);
		assert_int_equal(verdict.is_hasty, i < 3);
	}
	memory = (struct poll_memory){ 0 };
	assert_false(verdict_of(&told, 9, &memory).is_hasty);
}

/* Files come one by one, and the record tells no total before it ends. */
static void an_untold_total_is_believed_late(void **state)
{
	const struct facts one = { ST(45, 45, 2), .usable = 1, .total = 1 };
	const struct facts two = { ST(45, 45, 2), .usable = 2, .total = 2 };
	const struct facts short_of = { ST(45, 45, 2), .usable = 2, .failed = 1,
		.total = 3, .told = 2 };
	struct poll_memory memory = { 0 };

	(void)state;
	for (int i = 0; i <= 20; i++)
		assert_int_equal(
		    verdict_of(&one, i * 20000, &memory).state, TASK_PARTIAL);
	assert_int_equal(verdict_of(&two, 500000, &memory).state, TASK_PARTIAL);
	assert_int_equal(verdict_of(&two, 1099999, &memory).state, TASK_PARTIAL);
	assert_int_equal(verdict_of(&two, 1100000, &memory).state, TASK_PARTIAL);
	assert_int_equal(verdict_of(&two, 1100001, &memory).state, TASK_PARTIAL);
	assert_int_equal(verdict_of(&two, 1100002, &memory).state, TASK_SUCCEEDED);
	memory = (struct poll_memory){ 0 };
	for (int i = 0; i < 8; i++)
		assert_int_equal(
		    verdict_of(&short_of, 2000000 + i, &memory).state, TASK_PARTIAL);
}

static void absence_needs_looks_time_and_both_kinds(void **state)
{
	struct poll_memory memory = { .asked_as_submit = true };

	(void)state;
	assert_int_equal(verdict_absent(1000, &memory), TASK_UNKNOWN);
	assert_int_equal(verdict_absent(61000, &memory), TASK_UNKNOWN);
	assert_int_equal(verdict_absent(120999, &memory), TASK_UNKNOWN);
	assert_int_equal(verdict_absent(121000, &memory), TASK_UNKNOWN);
	memory.asked_as_history = true;
	assert_int_equal(verdict_absent(121000, &memory), TASK_NOT_FOUND);
}

static void two_absences_are_too_few(void **state)
{
	struct poll_memory memory = { .asked_as_submit = true, .asked_as_history = true };

	(void)state;
	assert_int_equal(verdict_absent(0, &memory), TASK_UNKNOWN);
	assert_int_equal(verdict_absent(999999, &memory), TASK_UNKNOWN);
	assert_int_equal(verdict_absent(999999, &memory), TASK_NOT_FOUND);
}

static void being_seen_ends_an_absence(void **state)
{
	const struct facts busy = { ST(20, 20, 2) };
	struct poll_memory memory = { .asked_as_submit = true, .asked_as_history = true };

	(void)state;
	assert_int_equal(verdict_absent(0, &memory), TASK_UNKNOWN);
	assert_int_equal(verdict_absent(1000, &memory), TASK_UNKNOWN);
	assert_int_equal(verdict_of(&busy, 0, &memory).state, TASK_GENERATING);
	assert_int_equal(memory.absences, 0);
	assert_false(memory.asked_as_history);
	memory.asked_as_submit = memory.asked_as_history = true;
	assert_int_equal(verdict_absent(500000, &memory), TASK_UNKNOWN);
	assert_true(memory.was_shown);
	assert_int_equal(memory.first_absence_ms, 500000);
	assert_int_equal(memory.polls, 4);
}

static void what_was_shown_is_missed_longer(void **state)
{
	struct poll_memory memory = {
		.was_shown = true, .asked_as_submit = true, .asked_as_history = true
	};

	(void)state;
	for (int i = 0; i < 9; i++)
		assert_int_equal(verdict_absent(i * 100000, &memory), TASK_UNKNOWN);
	assert_int_equal(verdict_absent(599999, &memory), TASK_UNKNOWN);
	assert_int_equal(verdict_absent(600000, &memory), TASK_NOT_FOUND);
}

static void a_single_absence_is_no_end(void **state)
{
	struct poll_memory memory = { .asked_as_submit = true, .asked_as_history = true };

	(void)state;
	assert_int_equal(verdict_absent(INT64_MAX / 2, &memory), TASK_UNKNOWN);
}

static void a_bare_failure_is_believed_when_it_stays(void **state)
{
	static const struct facts bare[] = {
		{ ST(30, 30, NONE) },
		{ ST(20, 30, 2) },
		{ ST(-1, NONE, NONE) },
		{ ST(30, 40, 3), .fail_key = "k" },
		{ ST(100, NONE, NONE) },
	};
	const struct facts busy = { ST(20, 20, 2) };

	(void)state;
	for (size_t i = 0; i < sizeof(bare) / sizeof(*bare); i++) {
		struct poll_memory memory = { 0 };

		assert_int_equal(verdict_of(&bare[i], 0, &memory).state, TASK_GENERATING);
		assert_true(verdict_of(&bare[i], 59999, &memory).is_unproven);
		assert_int_equal(
		    verdict_of(&busy, 60000, &memory).state, TASK_GENERATING);
		assert_int_equal(
		    verdict_of(&bare[i], 61000, &memory).state, TASK_GENERATING);
		assert_int_equal(
		    verdict_of(&bare[i], 121000, &memory).state, TASK_GENERATING);
		assert_int_equal(
		    verdict_of(&bare[i], 121000, &memory).state, TASK_FAILED);
	}
}

static void a_bare_cancel_is_believed_when_it_stays(void **state)
{
	const struct facts bare = { ST(30, 30, 3) };
	struct poll_memory memory = { 0 };

	(void)state;
	assert_int_equal(verdict_of(&bare, 0, &memory).state, TASK_GENERATING);
	assert_int_equal(verdict_of(&bare, 30000, &memory).state, TASK_GENERATING);
	assert_int_equal(verdict_of(&bare, 60000, &memory).state, TASK_CANCELLED);
}

static void only_named_numbers_are_known(void **state)
{
	static const int64_t known[] = { -1, 0, 10, 20, 30, 40, 42, 45, 50, 100 };
	size_t n = 0;

	(void)state;
	for (int64_t status = -200; status <= 200; status++)
		n += verdict_knows_status(status);
	assert_int_equal(n, sizeof(known) / sizeof(*known));
	for (size_t i = 0; i < n; i++)
		assert_true(verdict_knows_status(known[i]));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_rule_decides),
		cmocka_unit_test(done_with_nothing_has_three_looks_of_grace),
		cmocka_unit_test(a_stuck_partial_settles_after_five_looks),
		cmocka_unit_test(a_new_file_starts_the_count_again),
		cmocka_unit_test(a_short_success_is_hasty_for_three_looks),
		cmocka_unit_test(an_untold_total_is_believed_late),
		cmocka_unit_test(absence_needs_looks_time_and_both_kinds),
		cmocka_unit_test(two_absences_are_too_few),
		cmocka_unit_test(being_seen_ends_an_absence),
		cmocka_unit_test(what_was_shown_is_missed_longer),
		cmocka_unit_test(a_single_absence_is_no_end),
		cmocka_unit_test(a_bare_failure_is_believed_when_it_stays),
		cmocka_unit_test(a_bare_cancel_is_believed_when_it_stays),
		cmocka_unit_test(only_named_numbers_are_known),
	};

	return cmocka_run_group_tests_name("verdict", tests, NULL, NULL);
}
