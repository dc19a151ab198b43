/*
 * suite_deliver_ends.c - what is told to webhooks when files are stored and tasks end:
 * each end once, also of a task that is looked at on.
 */
#include "deliver.h"

static void files_and_ends_are_told(void **state)
{
	struct suite *s = *state;

	ledger_deliver_to(s->a, &all_events);
	see(s, "t1", TASK_QUEUED, NULL);
	see(s, "t1", TASK_SUCCEEDED, "u1");
	assert_string_equal(outbox(s), "");
	store_file(s, "t1", 0, "/x");
	assert_string_equal(outbox(s),
	    "stored|waiting|t1|0|t1 succeeded 0 /x\ndone|waiting|t1|0|t1 succeeded\n");
	/* Again: nothing has happened. */
	ok(ledger_asset_stored(s->a, ME, "t1", 0, NOW, &s->err));
	see(s, "t1", TASK_SUCCEEDED, "u1");
	assert_non_null(strstr(outbox(s), "done"));
	assert_null(strstr(strstr(outbox(s), "done") + 1, "done"));
	/* The file is gone, and is fetched once more: that has happened, too. */
	ok(ledger_asset_wanted(s->a, ME, "t1", 0, &s->err));
	store_file(s, "t1", 0, "/y");
	assert_non_null(strstr(outbox(s), "t1 succeeded 0 /y\ndone|waiting|t1|0|"));
}

static void a_lost_file_ends_it_too(void **state)
{
	struct suite *s = *state;

	ledger_deliver_to(s->a, &all_events);
	see(s, "t1", TASK_SUCCEEDED, "u1");
	ok(ledger_asset_lost(s->a, ME, "t1", 0, "gone", &s->err));
	assert_string_equal(outbox(s), "done|waiting|t1|0|t1 succeeded\n");
}

/* One file of a success that promised `total`, with a time of its end or without. */
static void see_done(struct suite *s, const char *id, int total, bool has_time)
{
	struct task *seen = look_with(id, TASK_SUCCEEDED, "u1");

	seen->total = total;
	seen->finished = 1;
	seen->finished_unix_ms = has_time ? NOW : 0;
	ok(ledger_observe(s->a, ME, &seen, NULL, 1, NOW, &s->err));
	task_free(seen);
}

static void see_doubtful(struct suite *s, const char *id)
{
	struct task *seen = look(id, TASK_FAILED);

	seen->fail.class = FAIL_CONTRACT;
	ok(ledger_observe(s->a, ME, &seen, NULL, 1, NOW, &s->err));
	task_free(seen);
}

/* Told when nothing is left to be done, and neither when it is seen again nor believed.
 */
static void an_end_that_may_change_is_told_at_once(void **state)
{
	static const char *const ids[] = { "away", "short", "timeless", "refused",
		"doubtful" };
	static const char told[] = "failed|waiting|away|0|away not_found\n"
				   "stored|waiting|short|0|short succeeded 0 /s\n"
				   "done|waiting|short|0|short succeeded\n"
				   "stored|waiting|timeless|0|timeless succeeded 0 /t\n"
				   "done|waiting|timeless|0|timeless succeeded\n"
				   "done|waiting|refused|0|refused succeeded\n"
				   "failed|waiting|doubtful|0|doubtful failed\n";
	struct suite *s = *state;

	ledger_deliver_to(s->a, &all_events);
	see(s, "away", TASK_NOT_FOUND, NULL);
	see_done(s, "short", 4, true);
	store_file(s, "short", 0, "/s");
	see_done(s, "timeless", 1, false);
	store_file(s, "timeless", 0, "/t");
	see_done(s, "refused", 1, true);
	ok(ledger_asset_lost(s->a, ME, "refused", 0, "status 403", &s->err));
	see_doubtful(s, "doubtful");
	assert_string_equal(outbox(s), told);
	see(s, "away", TASK_NOT_FOUND, NULL);
	see_done(s, "short", 3, true);
	see_done(s, "timeless", 1, true);
	see_doubtful(s, "doubtful");
	for (size_t i = 0; i < sizeof(ids) / sizeof(*ids); i++)
		ok(ledger_believe(s->a, ME, ids[i], &s->err));
	assert_string_equal(outbox(s), told);
}

static void an_end_that_has_changed_is_told_anew(void **state)
{
	struct suite *s = *state;

	ledger_deliver_to(s->a, &all_events);
	see(s, "away", TASK_NOT_FOUND, NULL);
	see(s, "away", TASK_GENERATING, NULL);
	see_done(s, "away", 1, true);
	store_file(s, "away", 0, "/a");
	see_doubtful(s, "doubtful");
	see(s, "doubtful", TASK_GENERATING, NULL);
	see_done(s, "doubtful", 1, true);
	store_file(s, "doubtful", 0, "/d");
	see_done(s, "refused", 1, true);
	ok(ledger_asset_lost(s->a, ME, "refused", 0, "status 403", &s->err));
	store_file(s, "refused", 0, "/r");
	assert_string_equal(outbox(s),
	    "failed|waiting|away|0|away not_found\n"
	    "stored|waiting|away|0|away succeeded 0 /a\n"
	    "done|waiting|away|0|away succeeded\n"
	    "failed|waiting|doubtful|0|doubtful failed\n"
	    "stored|waiting|doubtful|0|doubtful succeeded 0 /d\n"
	    "done|waiting|doubtful|0|doubtful succeeded\n"
	    "done|waiting|refused|0|refused succeeded\n"
	    "stored|waiting|refused|0|refused succeeded 0 /r\n"
	    "done|waiting|refused|0|refused succeeded\n");
}

/* What a failed task had shown comes home later: that is no other end. */
static void a_file_of_a_failure_is_no_end(void **state)
{
	struct suite *s = *state;
	struct task *seen;

	ledger_deliver_to(s->a, &all_events);
	see(s, "t1", TASK_PARTIAL, "u1");
	seen = look("t1", TASK_CANCELLED);
	ok(ledger_observe(s->a, ME, &seen, NULL, 1, NOW, &s->err));
	task_free(seen);
	store_file(s, "t1", 0, "/x");
	assert_string_equal(outbox(s),
	    "failed|waiting|t1|0|t1 cancelled\nstored|waiting|t1|0|t1 cancelled 0 /x\n");
}

static void a_refused_submit_is_told(void **state)
{
	struct suite *s = *state;
	const struct intent intent = intent_of("s1");

	ledger_deliver_to(s->a, &all_events);
	wait_one(s, &intent);
	assert_true(begins(s, s->a, "s1"));
	answer(s, s->a, "s1", TASK_FAILED);
	assert_string_equal(outbox(s), "failed|waiting|s1|0|s1 failed\n");
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, suite_begin, suite_end)
	const struct CMUnitTest tests[] = {
		T(files_and_ends_are_told),
		T(a_lost_file_ends_it_too),
		T(an_end_that_may_change_is_told_at_once),
		T(an_end_that_has_changed_is_told_anew),
		T(a_file_of_a_failure_is_no_end),
		T(a_refused_submit_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
