/*
 * test_ledger_versions.c - ledgers of later versions open for ever, and what a table
 * refuses it goes on refusing; those of the first ones are test_ledger_schema.c's.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "ledger_versions.h"

static void version_5_opens_for_ever(void **state)
{
	struct fixture *f = *state;
	_cleanup_free_ char *path = make_from(f, "v5.db", "ledger_v5.sql");

	open_old(f, path);
	expect_rows_of_1(f);
	task_free(find(f, "asked-by-5"));
	assert_int_equal(peek(f, "SELECT tasks FROM books"), 9);
	assert_int_equal(peek(f, "SELECT generation > 1 FROM books"), 1);
	assert_int_equal(peek(f, "SELECT name = 'BCC89E64A1344E0C' FROM books"), 1);
	adopt(f, "new");
	assert_int_equal(peek(f, "SELECT tasks FROM books"), 10);
	assert_int_equal(
	    peek(f, "SELECT count(*) FROM tasks WHERE seed IS NULL AND credits IS NULL"),
	    10);
}

/* How many texts of the schema say it, in `path`? */
static int64_t count_said(const char *path, const char *words)
{
	struct fixture at = { .ledger = NULL };
	char text[200];

	(void)snprintf(at.path, sizeof(at.path), "%s", path);
	(void)snprintf(text, sizeof(text),
	    "SELECT count(*) FROM sqlite_schema WHERE instr(sql, '%s')", words);
	return peek(&at, text);
}

static void version_6_opens_for_ever(void **state)
{
	struct fixture *f = *state;
	_cleanup_free_ char *path = make_from(f, "v6.db", "ledger_v6.sql");

	assert_int_equal(count_said(path, "CHECK (kind IN"), 2);
	open_old(f, path);
	expect_rows_of_1(f);
	task_free(find(f, "asked-by-6"));
	/* The same words, without a list that is made for each row. */
	assert_int_equal(count_said(path, "CHECK (kind IN"), 0);
	assert_int_equal(count_said(path, "kind = ''image'' OR"), 2);
	assert_int_equal(count_said(path, "state = ''wanted'' OR"), 1);
	assert_int_equal(count_said(path, "state = ''unknown'' OR"), 1);
	assert_int_equal(count_said(path, "what = ''state'' OR"), 1);
	adopt(f, "new");
	assert_int_equal(peek(f, "SELECT tasks FROM books"), 11);
}

static void version_8_opens_for_ever(void **state)
{
	_cleanup_free_ char *path = make_from(*state, "v8.db", "ledger_v8.sql");

	open_old(*state, path);
	expect_rows_of_1(*state);
}

static void expect_rows_of_9(struct fixture *f)
{
	struct task *task = find(f, "7f3a");

	assert_int_equal(task->mode, MODE_MULTI_FRAME);
	assert_null(task->assets[0].choice);
	task_free(task);
	task = find(f, "seen");
	assert_int_equal(task->mode, MODE_NONE);
	assert_non_null(strstr(task->assets[0].choice, "\"720p\""));
	task_free(task);
	ok(ledger_find(f->ledger, "other", "q", &task, &f->err));
	assert_int_equal(task->assets[0].state, ASSET_FETCHED);
	assert_non_null(strstr(task->assets[0].choice, "\"360p\""));
	task_free(task);
}

static void version_9_opens_for_ever(void **state)
{
	static const char *const tags[] = { "new" };
	struct fixture *f = *state;
	_cleanup_free_ char *path = make_from(f, "v9.db", "ledger_v9.sql");
	struct task *task;

	open_old(f, path);
	expect_rows_of_1(f);
	expect_rows_of_9(f);
	ok(ledger_mark(f->ledger, ME, "seen",
	    &(struct ledger_mark){ .index = LEDGER_MARK_TASK, .add = tags, .n_add = 1 },
	    NOW, &f->err));
	task = find(f, "seen");
	assert_string_equal(task->tags, "new");
	task_free(task);
}

static void version_10_opens_for_ever(void **state)
{
	struct fixture *f = *state;
	_cleanup_free_ char *path = make_from(f, "v10.db", "ledger_v10.sql");
	struct task *task;

	open_old(f, path);
	expect_rows_of_1(f);
	expect_rows_of_9(f);
	task = find(f, "7f3a");
	assert_string_equal(task->tags, "keep 猫");
	assert_int_equal(task->rating, 4);
	assert_null(task->note);
	task_free(task);
	task = find(f, "seen");
	assert_string_equal(task->note, "shot 12, take 3");
	task_free(task);
}

static void version_11_opens_for_ever(void **state)
{
	struct fixture *f = *state;
	_cleanup_free_ char *path = make_from(f, "v11.db", "ledger_v11.sql");

	open_old(f, path);
	expect_rows_of_1(f);
	expect_rows_of_9(f);
	assert_int_equal(peek(f, "SELECT count(*) FROM deliveries WHERE body <> ''"), 1);
	assert_int_equal(peek(f, "SELECT count(*) FROM deliveries WHERE why <> ''"), 1);
	assert_int_equal(peek(f, "SELECT count(*) FROM errands"), 0);
}

static void version_12_opens_for_ever(void **state)
{
	struct fixture *f = *state;
	_cleanup_free_ char *path = make_from(f, "v12.db", "ledger_v12.sql");
	char secret[LEDGER_SECRET_MAX];

	open_old(f, path);
	expect_rows_of_1(f);
	expect_rows_of_9(f);
	assert_int_equal(peek(f, "SELECT count(*) FROM errands WHERE outcome = '{}'"), 1);
	ok(ledger_secret(f->ledger, "test", secret, &f->err));
	assert_int_equal(peek(f, "SELECT count(*) FROM secrets"), 1);
	assert_int_equal(peek(f, "SELECT count(*) FROM permits"), 0);
}

/* All that were given out; 7 never was. */
static void every_version_is_tried(void **state)
{
	(void)state;
	for (int version = 1; version < LEDGER_SCHEMA_VERSION; version++) {
		char path[4096];

		(void)snprintf(
		    path, sizeof(path), "%s/ledger_v%d.sql", getenv("FIXTURES"), version);
		if (version != 7 && access(path, R_OK))
			fail_msg("there is no '%s'", path);
	}
}

/* What a table refuses it refuses in the same words, from the first schema on. */
static void checks_hold(void **state)
{
	static const char *const wrong[] = {
		"UPDATE tasks SET state = 'gone'",
		"UPDATE tasks SET kind = 'text'",
		"UPDATE assets SET state = 'here'",
		"UPDATE assets SET kind = ''",
		"UPDATE events SET what = 'words'",
	};
	struct fixture *f = *state;
	_cleanup_free_ char *path = make_from(f, "v6.db", "ledger_v6.sql");
	sqlite3 *db;

	open_old(f, path);
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	for (size_t i = 0; i < COUNT(wrong); i++)
		if (sqlite3_exec(db, wrong[i], NULL, NULL, NULL) != SQLITE_CONSTRAINT)
			fail_msg("%s: %s", wrong[i], sqlite3_errmsg(db));
	assert_int_equal(
	    sqlite3_exec(db, "UPDATE assets SET kind = NULL", NULL, NULL, NULL),
	    SQLITE_OK);
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, fixture_make, fixture_free)
	static const struct CMUnitTest tests[] = {
		T(version_5_opens_for_ever),
		T(version_6_opens_for_ever),
		T(version_8_opens_for_ever),
		T(version_9_opens_for_ever),
		T(version_10_opens_for_ever),
		T(version_11_opens_for_ever),
		T(version_12_opens_for_ever),
		T(every_version_is_tried),
		T(checks_hold),
	};

	return cmocka_run_group_tests_name("ledger_versions", tests, NULL, NULL);
}
