#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/account/session.h"
#include "core/account/totals.h"

/* What ended is taken back as it was counted, whatever the outcome was. */
static void a_task_that_goes_on_has_not_ended(void **state)
{
	static const struct {
		enum err_kind outcome;
		size_t failed;
	} row[] = {
		{ ERR_OK, 0 },
		{ ERR_RUNNING, 0 },
		{ ERR_FAILED, 1 },
		{ ERR_NET, 1 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(row) / sizeof(*row); i++) {
		struct dq dq = { 0 };

		totals_begin(&dq, 1);
		totals_task_ended(&dq, row[i].outcome);
		assert_int_equal(dq.totals.tasks, 1);
		assert_int_equal(dq.totals.tasks_ended, 1);
		assert_int_equal(dq.totals.tasks_failed, row[i].failed);
		totals_task_resumed(&dq, row[i].outcome);
		assert_int_equal(dq.totals.tasks_ended, 0);
		assert_int_equal(dq.totals.tasks_failed, 0);
	}
}

/* A file may have brought more in an earlier run than this one has counted. */
static void no_more_bytes_are_lost_than_came(void **state)
{
	struct dq dq = { 0 };

	(void)state;
	totals_bytes_came(&dq, 100);
	totals_bytes_lost(&dq, 30);
	assert_int_equal(dq.totals.bytes_done, 70);
	totals_bytes_lost(&dq, 1000);
	assert_int_equal(dq.totals.bytes_done, 0);
}

static void a_verb_begins_at_zero(void **state)
{
	struct dq dq = { .clocks = &clocks_system, .spoke_ms = 1, .moved_ms = 1 };

	(void)state;
	totals_request(&dq);
	totals_file_wanted(&dq);
	totals_fetch_began(&dq);
	totals_eta(&dq, 1, 2, 3);
	session_verb_begins(&dq, 7);
	assert_int_equal(dq.totals.tasks, 7);
	assert_int_equal(dq.totals.requests, 0);
	assert_int_equal(dq.totals.files, 0);
	assert_int_equal(dq.totals.files_active, 0);
	assert_int_equal(dq.totals.eta_unix_ms, 0);
	assert_true(dq.now.mono_ms > 0);
	assert_int_equal(dq.spoke_ms, dq.now.mono_ms);
	assert_int_equal(dq.moved_ms, dq.now.mono_ms);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_task_that_goes_on_has_not_ended),
		cmocka_unit_test(no_more_bytes_are_lost_than_came),
		cmocka_unit_test(a_verb_begins_at_zero),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
