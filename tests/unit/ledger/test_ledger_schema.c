/*
 * test_ledger_schema.c - older shapes of the tables become the present one.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "ledger/lease.h"
#include "ledger/sqlite/schema.h"
#include "ledger_versions.h"

/* --- schema steps --------------------------------------------------------------- */

static const char make_a[] = "CREATE TABLE a (x); INSERT INTO a VALUES (1);";
static const char add_b[] = "CREATE TABLE b (y); INSERT INTO b SELECT x + 1 FROM a;";
static const char broken[] = "UPDATE a SET x = 9; CREATE TABLE a (again);";

static enum err_kind bring(const char *path, const char *const *steps, size_t n)
{
	struct sql sql;
	struct err err = { 0 };

	if (!sql_open(&sql, path, 1000, &err))
		(void)schema_bring(&sql, steps, n, &err);
	sql_close(&sql);
	return err.kind;
}

static void old_schemas_are_brought_up(void **state)
{
	struct fixture *f = *state;
	_cleanup_free_ char *path = in_folder(f, "steps.db");
	const char *const good[] = { make_a, add_b };
	const char *const bad[] = { make_a, add_b, broken };

	strcpy(f->path, path);
	assert_int_equal(bring(path, good, 1), ERR_OK);
	assert_int_equal(peek(f, "PRAGMA user_version"), 1);
	assert_int_equal(bring(path, good, 2), ERR_OK);
	assert_int_equal(bring(path, good, 2), ERR_OK);
	assert_int_equal(peek(f, "PRAGMA user_version"), 2);
	assert_int_equal(peek(f, "PRAGMA application_id"), 0x44524d51);
	assert_int_equal(peek(f, "SELECT y FROM b"), 2);
	/* A step that fails leaves nothing behind. */
	assert_int_equal(bring(path, bad, 3), ERR_LEDGER);
	assert_int_equal(peek(f, "PRAGMA user_version"), 2);
	assert_int_equal(peek(f, "SELECT x FROM a"), 1);
	assert_int_equal(bring(path, good, 1), ERR_LEDGER);
}

/* --- versions that were given out ------------------------------------------------- */

static void version_1_opens_for_ever(void **state)
{
	struct fixture *f = *state;
	_cleanup_free_ char *path = make_from(f, "v1.db", "ledger_v1.sql");
	struct task *task = NULL;
	size_t n = 0;

	open_old(f, path);
	expect_rows_of_1(f);
	/* Who was sending it then has ended; it was sent, it does not wait. */
	ok(ledger_find(f->ledger, "other", "7f3a", &task, &f->err));
	assert_int_equal(task->state, TASK_SUBMITTING);
	assert_false(task->is_waiting);
	task_free(task);
	ok(ledger_settle_dead(f->ledger, &n, &f->err));
	assert_int_equal(n, 1);
	ok(ledger_find(f->ledger, "other", "7f3a", &task, &f->err));
	assert_int_equal(task->state, TASK_UNKNOWN);
	task_free(task);
}

/* Every value of every row of an older version, as it was. */
static const struct kept {
	const char *source, *table, *columns;
	int64_t n_rows;
} kept[] = {
#define TASKS_1                                                              \
	"id, account, submit_id, history_id, state, is_open, owner, kind, "  \
	"status, finished, total, has_queue, queue_position, queue_length, " \
	"queue_eta_s, fail_class, fail_code, fail_message, "                 \
	"fail_is_retryable, created_unix_ms, finished_unix_ms, "             \
	"first_seen_unix_ms, updated_unix_ms, model, ratio, rerolls, "       \
	"request_hash, prompt, body"
#define TASKS_2                                                         \
	TASKS_1 ", alias_id, wish_hash, idempotency_key, lease_owner, " \
		"lease_token, version"
#define ASSETS_1                                                              \
	"task, idx, state, kind, uri, format, width, height, duration_ms, "   \
	"size_bytes, md5, etag, path, stored_bytes, sha256, stored_unix_ms, " \
	"intent_path, intent_bytes, intent_sha256, intent_format, lost_reason"
	{ "ledger_v1.sql", "tasks", TASKS_1, 4 },
	{ "ledger_v1.sql", "assets", ASSETS_1, 4 },
	{ "ledger_v1.sql", "events", "*", 2 },
	{ "ledger_v2.sql", "tasks", TASKS_2, 6 },
	{ "ledger_v2.sql", "assets", ASSETS_1, 4 },
	{ "ledger_v2.sql", "events", "*", 3 },
	{ "ledger_v2.sql", "owners", "*", 1 },
	{ "ledger_v2.sql", "counters", "*", 1 },
	{ "ledger_v8.sql", "tasks", TASKS_2 ", credits, credits_source, looks", 10 },
	{ "ledger_v2.sql", "accounts",
	    "account, pause_kind, paused_until_unix_ms, pause_text", 1 },
};

static void expect_kept(struct fixture *f, const struct kept *row)
{
	_cleanup_free_ char *old = make_from(f, "old.db", row->source);
	_cleanup_free_ char *path = make_from(f, "new.db", row->source);
	struct fixture at = { .ledger = NULL };
	char text[1600];

	ledger_close(open_ledger(path));
	(void)snprintf(at.path, sizeof(at.path), "%s", path);
	assert_int_equal(peek(&at, "PRAGMA user_version"), LEDGER_SCHEMA_VERSION);
	(void)snprintf(text, sizeof(text),
	    "ATTACH '%s' AS old; CREATE TABLE kept AS SELECT count(*) AS n FROM "
	    "(SELECT %s FROM main.%s INTERSECT SELECT %s FROM old.%s)",
	    old, row->columns, row->table, row->columns, row->table);
	poke(path, text);
	if (peek(&at, "SELECT n FROM kept") != row->n_rows)
		fail_msg("%s: rows of %s have changed", row->source, row->table);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(unlink(old), 0);
}

static void a_step_keeps_everything(void **state)
{
	for (size_t i = 0; i < COUNT(kept); i++)
		expect_kept(*state, &kept[i]);
}

static bool count_open(void *payload, const struct open_task *task)
{
	size_t *n = payload;

	(void)task;
	(*n)++;
	return true;
}

static void version_2_opens_for_ever(void **state)
{
	struct fixture *f = *state;
	_cleanup_free_ char *path = make_from(f, "v2.db", "ledger_v2.sql");
	struct intent again = intent_of("again");
	struct intended intended = { .is_known = false };
	struct lease lease = { .id = "wait" };
	struct account_pause pause;
	struct task *task;
	size_t n = 0;

	open_old(f, path);
	expect_rows_of_1(f);
	task = find(f, "wait");
	assert_true(task->is_waiting);
	task_free(task);
	task = find(f, "their-name");
	assert_string_equal(task->submit_id, "got");
	task_free(task);
	ok(ledger_open_tasks(f->ledger, ME, count_open, &n, &f->err));
	assert_int_equal(n, 3);
	/* The key is known, the lease of the dead is free, its token was the 41st. */
	again.idempotency_key = "order-7";
	again.content_hash = "dd";
	ok(ledger_intend(f->ledger, &again, 1, &intended, NULL, &f->err));
	assert_true(intended.is_known);
	assert_string_equal(intended.submit_id, "wait");
	ok(ledger_lease(f->ledger, ME, &lease, 1, NOW, &f->err));
	assert_int_equal(lease.token, 42);
	assert_int_equal(lease.version, 3);
	ok(ledger_pause_of(f->ledger, ME, NOW, &pause, &f->err));
	assert_int_equal(pause.kind, ERR_ACCOUNT);
	assert_string_equal(pause.text, "the service wants a captcha");
}

/* What came with step 3 begins as if nothing had been counted. */
static void version_2_begins_to_count(void **state)
{
	struct fixture *f = *state;
	_cleanup_free_ char *path = make_from(f, "v2.db", "ledger_v2.sql");
	const struct budget budget = { .per_minute = 60, .burst = 1 };
	const struct poll_counters counters = { .submit_id = "their-name", .polls = 1 };
	struct account_pause pause;
	int64_t wait_ms = -1;

	open_old(f, path);
	assert_int_equal(
	    peek(f,
		"SELECT count(*) FROM tasks WHERE looks = 0 AND "
		"requests_micro = 0 AND queued_until_unix_ms IS NULL AND "
		"generating_by_unix_ms IS NULL AND detected_unix_ms IS NULL"),
	    6);
	ok(ledger_count_polls(f->ledger, ME, &counters, 1, &f->err));
	assert_int_equal(
	    peek(f, "SELECT looks FROM tasks WHERE submit_id = 'got' AND version = 9"),
	    1);
	/* The bucket is full, and the pause of the same row stays. */
	ok(ledger_budget_take(f->ledger, ME, &budget, NOW, &wait_ms, &f->err));
	assert_int_equal(wait_ms, 0);
	ok(ledger_budget_take(f->ledger, ME, &budget, NOW, &wait_ms, &f->err));
	assert_int_equal(wait_ms, 1000);
	ok(ledger_pause_of(f->ledger, ME, NOW, &pause, &f->err));
	assert_int_equal(pause.kind, ERR_ACCOUNT);
}

static bool expect_past_of_3(void *payload, const struct past_task *task)
{
	size_t *n = payload;

	if ((*n)++ > 0)
		return true;
	assert_string_equal(task->submit_id, "seen");
	assert_int_equal(task->polls, 9);
	assert_int_equal(task->requests_micro, 2250000);
	assert_int_equal(task->queued_until_unix_ms, 1790000030000);
	assert_int_equal(task->generating_by_unix_ms, 1790000041000);
	assert_int_equal(task->detected_unix_ms, 1790000133000);
	assert_int_equal(task->bytes_stored, 5000000000);
	return true;
}

static void version_3_opens_for_ever(void **state)
{
	struct fixture *f = *state;
	_cleanup_free_ char *path = make_from(f, "v3.db", "ledger_v3.sql");
	const struct budget budget = { .per_minute = 60, .burst = 60 };
	int64_t wait_ms = -1;
	size_t n = 0;

	open_old(f, path);
	expect_rows_of_1(f);
	ok(ledger_past(f->ledger, ME, 0, 0, expect_past_of_3, &n, &f->err));
	assert_int_equal(n, 5);
	ok(ledger_budget_take(f->ledger, ME, &budget, 1790000000000, &wait_ms, &f->err));
	assert_int_equal(wait_ms, 0);
	ok(ledger_budget_take(f->ledger, ME, &budget, 1790000000250, &wait_ms, &f->err));
	assert_int_equal(wait_ms, 750);
	ok(ledger_budget_take(
	    f->ledger, "other", &budget, 1790000000250, &wait_ms, &f->err));
	assert_int_equal(wait_ms, 0);
}

static void version_4_opens_for_ever(void **state)
{
	struct fixture *f = *state;
	_cleanup_free_ char *path = make_from(f, "v4.db", "ledger_v4.sql");
	struct task *task;

	open_old(f, path);
	expect_rows_of_1(f);
	task = find(f, "7f3a");
	assert_int_equal(task->assets[1].synced_bytes, 4194304);
	assert_string_equal(task->assets[1].synced_sha256, "5a");
	task_free(task);
	/* The books begin with what is there. */
	assert_int_equal(peek(f, "SELECT tasks FROM books"), 8);
	assert_int_equal(
	    peek(f, "SELECT keys = (SELECT count(*) FROM keys) FROM books"), 1);
	adopt(f, "new");
	assert_int_equal(peek(f, "SELECT tasks FROM books"), 9);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, fixture_make, fixture_free)
	static const struct CMUnitTest tests[] = {
		T(old_schemas_are_brought_up),
		T(version_1_opens_for_ever),
		T(a_step_keeps_everything),
		T(version_2_opens_for_ever),
		T(version_2_begins_to_count),
		T(version_3_opens_for_ever),
		T(version_4_opens_for_ever),
	};

	return cmocka_run_group_tests_name("ledger_schema", tests, NULL, NULL);
}
