/*
 * test_ledger_tally.c - looks are counted, and what they say about a task's times.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "ledger/lease.h"
#include "ledger_processes.h"

static void counters(struct fixture *f, const struct poll_counters *one)
{
	ok(ledger_count_polls(f->ledger, ME, one, 1, &f->err));
}

static int64_t column(const struct fixture *f, const char *name, const char *id)
{
	char text[160];

	(void)snprintf(text, sizeof(text),
	    "SELECT coalesce(%s, -1) FROM tasks WHERE submit_id = '%s' AND account = "
	    "'%s'",
	    name, id, ME);
	return peek(f, text);
}

static void counts_add_up(void **state)
{
	struct fixture *f = *state;
	const struct poll_counters both[] = {
		{ .submit_id = "a", .polls = 2, .requests_micro = 333333 },
		{ .submit_id = "b", .polls = 1, .requests_micro = 333333 },
	};

	adopt(f, "a");
	adopt(f, "b");
	assert_int_equal(column(f, "looks", "a"), 0);
	assert_int_equal(column(f, "requests_micro", "a"), 0);
	ok(ledger_count_polls(f->ledger, ME, both, COUNT(both), &f->err));
	ok(ledger_count_polls(f->ledger, ME, both, COUNT(both), &f->err));
	assert_int_equal(column(f, "looks", "a"), 4);
	assert_int_equal(column(f, "requests_micro", "a"), 666666);
	assert_int_equal(column(f, "looks", "b"), 2);
	ok(ledger_count_polls(f->ledger, ME, NULL, 0, &f->err));
}

/* column, told one after the other (0: nothing new), what stays */
static const struct {
	const char *column;
	size_t offset;
	int64_t told[5], stays;
} times[] = {
#define AT(field) #field, offsetof(struct poll_counters, field)
	{ AT(queued_until_unix_ms), { 0 }, -1 },
	{ AT(queued_until_unix_ms), { NOW + 5, 0, 0 }, NOW + 5 },
	{ AT(queued_until_unix_ms), { NOW + 5, NOW + 9, NOW + 7, 0 }, NOW + 9 },
	{ AT(generating_by_unix_ms), { 0 }, -1 },
	{ AT(generating_by_unix_ms), { 0, NOW + 5, 0 }, NOW + 5 },
	{ AT(generating_by_unix_ms), { NOW + 5, NOW + 9, NOW + 3, NOW + 4 }, NOW + 3 },
	{ AT(detected_unix_ms), { 0 }, -1 },
	{ AT(detected_unix_ms), { NOW + 5, 0, NOW + 9, NOW + 4, NOW + 6 }, NOW + 4 },
#undef AT
};

static void the_right_time_stays(void **state)
{
	struct fixture *f = *state;

	for (size_t i = 0; i < COUNT(times); i++) {
		char id[16];

		(void)snprintf(id, sizeof(id), "t%zu", i);
		adopt(f, id);
		for (size_t k = 0; k < COUNT(times[i].told); k++) {
			struct poll_counters one = { .submit_id = id };

			memcpy((char *)&one + times[i].offset, &times[i].told[k],
			    sizeof(int64_t));
			counters(f, &one);
		}
		if (column(f, times[i].column, id) != times[i].stays)
			fail_msg("row %zu: %s", i, times[i].column);
	}
}

static void all_of_the_counters_is_taken(void **state)
{
	struct fixture *f = *state;
	const struct poll_counters one = { "a", 1, 2, NOW + 3, NOW + 4, NOW + 5 };

	adopt(f, "a");
	counters(f, &one);
	assert_int_equal(column(f, "looks", "a"), 1);
	assert_int_equal(column(f, "requests_micro", "a"), 2);
	assert_int_equal(column(f, "queued_until_unix_ms", "a"), NOW + 3);
	assert_int_equal(column(f, "generating_by_unix_ms", "a"), NOW + 4);
	assert_int_equal(column(f, "detected_unix_ms", "a"), NOW + 5);
}

static void any_name_of_the_task_will_do(void **state)
{
	struct fixture *f = *state;
	const struct intent intent = intent_of("ours");
	const struct answered answered = { .account = ME,
		.submit_id = "ours",
		.state = TASK_QUEUED,
		.history_id = "4711",
		.alias_id = "theirs" };
	static const char *const names[] = { "ours", "4711", "theirs", "nobody" };
	const char *id = "ours";

	ok(ledger_adopt(f->ledger, "other", &id, 1, NOW, &f->err));
	ok(send_one(f->ledger, &intent, &f->err));
	ok(ledger_submitted(f->ledger, &answered, &f->err));
	for (size_t i = 0; i < COUNT(names); i++) {
		const struct poll_counters one = { .submit_id = names[i], .polls = 1 };

		counters(f, &one);
	}
	assert_int_equal(column(f, "looks", "ours"), 3);
	/* Who has no row gets none; another account's is another task. */
	assert_int_equal(peek(f, "SELECT count(*) FROM tasks"), 2);
	assert_int_equal(peek(f, "SELECT sum(looks) FROM tasks"), 3);
}

static void nobody_else_is_disturbed(void **state)
{
	struct fixture *f = *state;
	const struct poll_counters one = { "a", 1, 1000000, NOW, NOW, NOW };
	static const char *const same[] = { "version", "state", "is_open",
		"updated_unix_ms", "(SELECT count(*) FROM events)" };
	int64_t before[COUNT(same)];
	struct lease lease = { .id = "a" };
	int64_t version;

	adopt(f, "a");
	for (size_t i = 0; i < COUNT(same); i++)
		before[i] = column(f, same[i], "a");
	ok(ledger_lease(f->ledger, ME, &lease, 1, NOW, &f->err));
	version = lease.version;
	counters(f, &one);
	for (size_t i = 0; i < COUNT(same); i++)
		if (column(f, same[i], "a") != before[i])
			fail_msg("%s has changed", same[i]);
	ok(ledger_lease(f->ledger, ME, &lease, 1, NOW, &f->err));
	assert_int_equal(lease.version, version);
}

/* A poll, an answer, a move of an asset write the row, and keep the counts. */
static void counts_outlive_looks(void **state)
{
	struct fixture *f = *state;
	const struct poll_counters one = { "a", 1, 1000000, NOW + 1, NOW + 2, NOW + 3 };
	struct task *seen = look("a", TASK_SUCCEEDED);
	const char *id = "a";

	adopt(f, "a");
	counters(f, &one);
	(void)show(seen, "u");
	seen->history_id = "4711";
	observe(f, seen);
	task_free(seen);
	store(f, "a", 0, "u", "/x");
	ok(ledger_adopt(f->ledger, ME, &id, 1, NOW, &f->err));
	reopen(f);
	assert_int_equal(column(f, "looks", "a"), 1);
	assert_int_equal(column(f, "requests_micro", "a"), 1000000);
	assert_int_equal(column(f, "queued_until_unix_ms", "a"), NOW + 1);
	assert_int_equal(column(f, "generating_by_unix_ms", "a"), NOW + 2);
	assert_int_equal(column(f, "detected_unix_ms", "a"), NOW + 3);
	/* Forgotten with the task, and begun anew with it. */
	ok(ledger_forget(f->ledger, ME, "a", &f->err));
	adopt(f, "a");
	assert_int_equal(column(f, "looks", "a"), 0);
	assert_int_equal(column(f, "detected_unix_ms", "a"), -1);
}

static void nothing_new_is_not_written(void **state)
{
	struct fixture *f = *state;
	struct ledger *other = open_ledger(f->path);
	const struct poll_counters nothing = { .submit_id = "a" };

	adopt(f, "a");
	(void)ledger_has_changed(other);
	counters(f, &nothing);
	assert_false(ledger_has_changed(other));
	ledger_close(other);
}

static int count_often(const char *path, int me)
{
	struct ledger *ledger = NULL;
	struct err err = { 0 };

	must(ledger_open(path, &ledger, &err));
	for (int i = 0; i < 20; i++) {
		const struct poll_counters both[] = {
			{ .submit_id = "a",
			    .polls = 1,
			    .requests_micro = 500000,
			    .queued_until_unix_ms = NOW + 100 * me + i,
			    .generating_by_unix_ms = NOW + 1000 - 100 * me - i },
			{ .submit_id = "b", .polls = 1, .requests_micro = 500000 },
		};

		must(ledger_count_polls(ledger, ME, both, COUNT(both), &err));
	}
	ledger_close(ledger);
	return 0;
}

static void many_processes_lose_nothing(void **state)
{
	struct fixture *f = *state;

	f->ledger = open_ledger(f->path);
	adopt(f, "a");
	adopt(f, "b");
	ledger_close(f->ledger);
	f->ledger = NULL;
	run_processes(count_often, f->path);
	assert_int_equal(column(f, "looks", "a"), 20 * PROCESSES);
	assert_int_equal(column(f, "looks", "b"), 20 * PROCESSES);
	assert_int_equal(peek(f, "SELECT sum(requests_micro) FROM tasks"),
	    20 * PROCESSES * INT64_C(1000000));
	assert_int_equal(
	    column(f, "queued_until_unix_ms", "a"), NOW + 100 * INT64_C(7) + 19);
	assert_int_equal(
	    column(f, "generating_by_unix_ms", "a"), NOW + 1000 - 100 * INT64_C(7) - 19);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, fixture_make, fixture_free)
	static const struct CMUnitTest tests[] = {
		T(counts_add_up),
		T(the_right_time_stays),
		T(all_of_the_counters_is_taken),
		T(any_name_of_the_task_will_do),
		T(nobody_else_is_disturbed),
		T(counts_outlive_looks),
		T(nothing_new_is_not_written),
		cmocka_unit_test_setup_teardown(
		    many_processes_lose_nothing, closed_make, fixture_free),
	};

	return cmocka_run_group_tests_name("ledger_tally", tests, NULL, NULL);
}
