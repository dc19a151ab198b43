/*
 * test_ledger_past.c - what became of the tasks, newest first.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "ledger_fixture.h"

struct seen {
	struct fixture *f; /* to use the ledger meanwhile, or NULL */
	char ids[64]; /* their first letters */
	size_t n, stop_after;
};

static bool on_past(void *payload, const struct past_task *task)
{
	struct seen *seen = payload;
	struct fixture *f = seen->f;

	if (seen->n < sizeof(seen->ids) - 1)
		seen->ids[seen->n] = task->submit_id[0];
	if (f)
		ok(ledger_forget(f->ledger, ME, task->submit_id, &f->err));
	return ++seen->n != seen->stop_after;
}

static void adopt_at(
    struct fixture *f, const char *account, const char *id, int64_t at_unix_ms)
{
	ok(ledger_adopt(f->ledger, account, &id, 1, at_unix_ms, &f->err));
}

/* --- which ones ------------------------------------------------------------------ */

/* "d" came later than "e" though its time is earlier: a clock was put back. */
static int fill(void **state)
{
	struct fixture *f;

	fixture_make(state);
	f = *state;
	adopt_at(f, ME, "a", NOW);
	adopt_at(f, ME, "b", NOW + 10);
	adopt_at(f, "other", "c", NOW + 20);
	adopt_at(f, ME, "e", NOW + 40);
	adopt_at(f, ME, "d", NOW + 30);
	adopt_at(f, ME, "f", NOW + 40);
	return 0;
}

static const struct {
	const char *what, *account;
	int64_t since_unix_ms;
	size_t limit;
	const char *ids;
} wishes[] = {
	{ "all, the newest first", NULL, 0, 0, "fedcba" },
	{ "one account", ME, 0, 0, "fedba" },
	{ "the other", "other", 0, 0, "c" },
	{ "nobody's", "nobody", 0, 0, "" },
	{ "since", NULL, NOW + 20, 0, "fedc" },
	{ "since, of one", ME, NOW + 11, 0, "fed" },
	{ "since one of them", ME, NOW + 10, 0, "fedb" },
	{ "since the newest", ME, NOW + 40, 0, "fe" },
	{ "since tomorrow", NULL, NOW + 41, 0, "" },
	{ "since before 1970", NULL, -5, 0, "fedcba" },
	{ "limit", NULL, 0, 4, "fedc" },
	{ "limit 1", ME, 0, 1, "f" },
	{ "limit that fits", ME, 0, 5, "fedba" },
	{ "limit beyond", ME, 0, 6, "fedba" },
	{ "the largest limit", ME, 0, SIZE_MAX, "fedba" },
	{ "all of it", ME, NOW + 10, 2, "fe" },
};

static void wishes_select(void **state)
{
	struct fixture *f = *state;

	for (size_t i = 0; i < COUNT(wishes); i++) {
		struct seen seen = { .n = 0 };

		ok(ledger_past(f->ledger, wishes[i].account, wishes[i].since_unix_ms,
		    wishes[i].limit, on_past, &seen, &f->err));
		if (strcmp(seen.ids, wishes[i].ids) != 0)
			fail_msg("%s: '%s'", wishes[i].what, seen.ids);
	}
}

static void the_callee_may_stop(void **state)
{
	struct fixture *f = *state;
	struct seen seen = { .stop_after = 2 };

	ok(ledger_past(f->ledger, NULL, 0, 0, on_past, &seen, &f->err));
	assert_string_equal(seen.ids, "fe");
}

/* --- what is said of them -------------------------------------------------------- */

/* One task as it was shown, its strings kept. */
struct kept {
	struct past_task task;
	char id[16], model[32], code[16];
	size_t n;
};

static bool keep(void *payload, const struct past_task *task)
{
	struct kept *kept = payload;

	if (kept->n++ > 0)
		return true;
	kept->task = *task;
	(void)snprintf(kept->id, sizeof(kept->id), "%s", task->submit_id);
	(void)snprintf(
	    kept->model, sizeof(kept->model), "%s", task->model ? task->model : "none");
	(void)snprintf(kept->code, sizeof(kept->code), "%s",
	    task->fail_code ? task->fail_code : "none");
	return true;
}

static struct kept newest(struct fixture *f)
{
	struct kept kept = { .n = 0 };

	ok(ledger_past(f->ledger, ME, 0, 1, keep, &kept, &f->err));
	assert_int_equal(kept.n, 1);
	return kept;
}

static void a_success_tells_all(void **state)
{
	struct fixture *f = *state;
	struct intent intent = intent_of("mine");
	const struct poll_counters counters = { "mine", 7, 1750000, NOW + 3, NOW + 4,
		NOW + 9 };
	struct asset bytes = bytes_of(1, "u1", "/1");
	struct task *seen;
	struct kept kept;

	intent.kind = MEDIA_VIDEO;
	ok(send_one(f->ledger, &intent, &f->err));
	seen = look("mine", TASK_SUCCEEDED);
	seen->created_unix_ms = NOW + 1;
	seen->finished_unix_ms = NOW + 8;
	(void)show(seen, "u0");
	(void)show(seen, "u1");
	(void)show(seen, "u2");
	observe(f, seen);
	task_free(seen);
	ok(ledger_count_polls(f->ledger, ME, &counters, 1, &f->err));
	store(f, "mine", 0, "u0", "/0");
	/* Larger than 4 GiB; the third one is not home yet. */
	bytes.stored_bytes = INT64_C(5000000000);
	ok(ledger_asset_fetched(f->ledger, ME, "mine", &bytes, &f->err));
	ok(ledger_asset_stored(f->ledger, ME, "mine", 1, NOW, &f->err));
	bytes = bytes_of(2, "u2", "/2");
	ok(ledger_asset_fetched(f->ledger, ME, "mine", &bytes, &f->err));
	kept = newest(f);
	assert_string_equal(kept.id, "mine");
	assert_string_equal(kept.model, intent.model);
	assert_string_equal(kept.code, "none");
	assert_int_equal(kept.task.kind, MEDIA_VIDEO);
	assert_int_equal(kept.task.state, TASK_SUCCEEDED);
	assert_int_equal(kept.task.fail_class, FAIL_NONE);
	assert_int_equal(kept.task.first_seen_unix_ms, NOW);
	assert_int_equal(kept.task.created_unix_ms, NOW + 1);
	assert_int_equal(kept.task.finished_unix_ms, NOW + 8);
	assert_int_equal(kept.task.queued_until_unix_ms, NOW + 3);
	assert_int_equal(kept.task.generating_by_unix_ms, NOW + 4);
	assert_int_equal(kept.task.detected_unix_ms, NOW + 9);
	assert_int_equal(kept.task.polls, 7);
	assert_int_equal(kept.task.requests_micro, 1750000);
	assert_int_equal(kept.task.files_stored, 2);
	assert_int_equal(kept.task.bytes_stored, INT64_C(5000000123));
}

static void a_failure_says_why(void **state)
{
	struct fixture *f = *state;
	struct task *seen = look("bad", TASK_FAILED);
	struct kept kept;

	adopt(f, "bad");
	seen->fail =
	    (struct task_fail){ .class = FAIL_CONTENT, .code = "2038", .message = "no" };
	observe(f, seen);
	task_free(seen);
	kept = newest(f);
	assert_int_equal(kept.task.state, TASK_FAILED);
	assert_int_equal(kept.task.fail_class, FAIL_CONTENT);
	assert_string_equal(kept.code, "2038");
}

static void what_nobody_told_is_nothing(void **state)
{
	struct fixture *f = *state;
	struct kept kept;

	adopt(f, "new");
	kept = newest(f);
	assert_string_equal(kept.model, "none");
	assert_string_equal(kept.code, "none");
	assert_int_equal(kept.task.kind, MEDIA_UNKNOWN);
	assert_int_equal(kept.task.state, TASK_UNKNOWN);
	assert_int_equal(kept.task.fail_class, FAIL_NONE);
	assert_int_equal(kept.task.first_seen_unix_ms, NOW);
	assert_int_equal(kept.task.created_unix_ms, 0);
	assert_int_equal(kept.task.finished_unix_ms, 0);
	assert_int_equal(kept.task.queued_until_unix_ms, 0);
	assert_int_equal(kept.task.generating_by_unix_ms, 0);
	assert_int_equal(kept.task.detected_unix_ms, 0);
	assert_int_equal(kept.task.polls, 0);
	assert_int_equal(kept.task.requests_micro, 0);
	assert_int_equal(kept.task.files_stored, 0);
	assert_int_equal(kept.task.bytes_stored, 0);
}

/* --- many ------------------------------------------------------------------------ */

enum { MANY = 1203 };

static void adopt_many(struct fixture *f, const char *account)
{
	static char names[MANY][16];
	static const char *ids[MANY];

	for (int i = 0; i < MANY; i++) {
		(void)snprintf(names[i], sizeof(names[i]), "t-%d", i);
		ids[i] = names[i];
	}
	ok(ledger_adopt(f->ledger, account, ids, MANY, NOW, &f->err));
}

/* All of one moment, so that only their order keeps the pages apart. */
static void pages_join(void **state)
{
	struct fixture *f = *state;
	static const size_t limits[] = { 0, 1, 199, 200, 201, 400, 700, MANY, MANY + 1 };

	adopt_many(f, ME);
	adopt_many(f, "other");
	for (size_t i = 0; i < COUNT(limits); i++) {
		const size_t limit = limits[i] ? limits[i] : SIZE_MAX;
		struct seen seen = { .n = 0 };

		ok(ledger_past(f->ledger, ME, NOW, limits[i], on_past, &seen, &f->err));
		assert_int_equal(seen.n, limit < MANY ? limit : MANY);
		seen = (struct seen){ .n = 0 };
		ok(ledger_past(f->ledger, NULL, NOW, limits[i], on_past, &seen, &f->err));
		assert_int_equal(seen.n, limit < 2 * MANY ? limit : 2 * MANY);
	}
}

/* Each once, though they go, and others come, while they are shown. */
static bool forget_and_adopt(void *payload, const struct past_task *task)
{
	struct seen *seen = payload;
	struct fixture *f = seen->f;
	char expected[16];

	(void)snprintf(expected, sizeof(expected), "t-%d", MANY - 1 - (int)seen->n);
	assert_string_equal(task->submit_id, expected);
	if (seen->n % 50 == 0)
		ok(ledger_forget(f->ledger, ME, task->submit_id, &f->err));
	if (seen->n % 100 == 0)
		adopt_at(f, ME, expected, NOW + 1);
	seen->n++;
	return true;
}

static void the_ledger_may_be_used_meanwhile(void **state)
{
	struct fixture *f = *state;
	struct seen seen = { .f = f };

	adopt_many(f, ME);
	ok(ledger_past(f->ledger, ME, 0, 0, forget_and_adopt, &seen, &f->err));
	assert_int_equal(seen.n, MANY);
	assert_int_equal(peek(f, "SELECT count(*) FROM tasks"),
	    MANY - (MANY / 50 + 1) + (MANY / 100 + 1));
}

/*
 * In a ledger of 40 000, half of them another account's and all of one moment, what is
 * asked for costs by how much it is. Counted in sqlite's steps, so a busy machine changes
 * nothing.
 */
static int64_t steps;

static int count_step(void *payload)
{
	(void)payload;
	steps++;
	return 0;
}

static int count_steps(sqlite3 *db, char **ret_message, const void *api)
{
	(void)ret_message;
	(void)api;
	sqlite3_progress_handler(db, 100, count_step, NULL);
	return SQLITE_OK;
}

static void fill_40000(const char *path)
{
	poke(path,
	    "WITH RECURSIVE c (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c "
	    "WHERE i < 40000) INSERT INTO tasks (account, submit_id, state, is_open, "
	    "first_seen_unix_ms, updated_unix_ms) SELECT iif(i <= 20000, 'default', "
	    "'other'), 't-' || i, 'queued', 1, 1790000000000, 1790000000000 FROM c");
}

static void fill_and_count(struct fixture *f)
{
	fill_40000(f->path);
	ledger_close(f->ledger);
	sqlite3_auto_extension((void (*)(void))count_steps);
	f->ledger = open_ledger(f->path);
	sqlite3_cancel_auto_extension((void (*)(void))count_steps);
	steps = 0;
}

static void expect_steps(int64_t most)
{
	if (steps > most)
		fail_msg("%lld hundred steps", (long long)steps);
	steps = 0;
}

static void the_past_of_many_is_quick(void **state)
{
	struct fixture *f = *state;
	static const struct {
		const char *account;
		size_t limit, n;
		int64_t most; /* hundreds of sqlite's instructions */
	} rows[] = {
		{ ME, 100, 100, 100 },
		{ NULL, 100, 100, 100 },
		{ "nobody", 0, 0, 10 },
		{ ME, 0, 20000, 20000 },
	};

	fill_and_count(f);
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct seen seen = { .n = 0 };

		ok(ledger_past(f->ledger, rows[i].account, 0, rows[i].limit, on_past,
		    &seen, &f->err));
		assert_int_equal(seen.n, rows[i].n);
		expect_steps(rows[i].most);
	}
}

static bool count_open(void *payload, const struct open_task *task)
{
	struct seen *seen = payload;

	(void)task;
	seen->n++;
	return true;
}

static bool count_listed(void *payload, const struct task *task)
{
	struct seen *seen = payload;

	(void)task;
	seen->n++;
	return true;
}

static void lists_of_many_are_quick(void **state)
{
	struct fixture *f = *state;
	struct ledger_filter filter = { .account = ME, .limit = 1000 };
	struct seen seen = { .n = 0 };

	fill_and_count(f);
	ok(ledger_open_tasks(f->ledger, ME, count_open, &seen, &f->err));
	assert_int_equal(seen.n, 20000);
	expect_steps(10000);
	/* It begins behind the other's 20 000. */
	ok(ledger_list(f->ledger, &filter, count_listed, &seen, &f->err));
	assert_int_equal(seen.n, 21000);
	expect_steps(3000);
	filter.only_unfinished = true;
	ok(ledger_list(f->ledger, &filter, count_listed, &seen, &f->err));
	assert_int_equal(seen.n, 22000);
	expect_steps(1500);
}

int main(void)
{
#define T(name, make) cmocka_unit_test_setup_teardown(name, make, fixture_free)
	static const struct CMUnitTest tests[] = {
		T(wishes_select, fill),
		T(the_callee_may_stop, fill),
		T(a_success_tells_all, fixture_make),
		T(a_failure_says_why, fixture_make),
		T(what_nobody_told_is_nothing, fixture_make),
		T(pages_join, fixture_make),
		T(the_ledger_may_be_used_meanwhile, fixture_make),
		T(the_past_of_many_is_quick, fixture_make),
		T(lists_of_many_are_quick, fixture_make),
	};

	return cmocka_run_group_tests_name("ledger_past", tests, NULL, NULL);
}
