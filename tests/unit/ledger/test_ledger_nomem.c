/*
 * test_ledger_nomem.c - every allocation fails once, ours and sqlite's: each operation
 * says so and is not half done, and the same handle goes on.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "ledger_operations.h"
#include "nomem.h"

static sqlite3_mem_methods sqlites_own;

static void *sqlite_malloc(int size)
{
	return nomem_fails_now() ? NULL : sqlites_own.xMalloc(size);
}

static void *sqlite_realloc(void *old, int size)
{
	return nomem_fails_now() ? NULL : sqlites_own.xRealloc(old, size);
}

/* Before sqlite's first use. */
static int hook_sqlite(void **state)
{
	sqlite3_mem_methods ours;

	(void)state;
	if (sqlite3_config(SQLITE_CONFIG_GETMALLOC, &sqlites_own))
		return -1;
	ours = sqlites_own;
	ours.xMalloc = sqlite_malloc;
	ours.xRealloc = sqlite_realloc;
	/* Small pieces would come out of a store of their own and never fail. */
	if (sqlite3_config(SQLITE_CONFIG_LOOKASIDE, 0, 0))
		return -1;
	return sqlite3_config(SQLITE_CONFIG_MALLOC, &ours);
}

/* --- every allocation of every operation ----------------------------------------- */

enum { MOST = 8000 };

/* As peek(), over a connection that stays: it is asked thousands of times. */
static int64_t watch(sqlite3 *db, const char *text)
{
	sqlite3_stmt *stmt = NULL;
	int64_t number = -999;

	if (sqlite3_prepare_v2(db, text, -1, &stmt, NULL) != SQLITE_OK)
		fail_msg("%s: %s", text, sqlite3_errmsg(db));
	if (sqlite3_step(stmt) == SQLITE_ROW)
		number = sqlite3_column_int64(stmt, 0);
	sqlite3_finalize(stmt);
	return number;
}

/* Returns whether the n-th allocation was one of it. */
static bool fail_nth(struct fixture *f, sqlite3 *watcher, size_t i, unsigned n)
{
	struct err err = { 0 };
	enum err_kind kind;
	bool was_hit;

	nomem_fail(n);
	kind = operations[i].run(f->ledger, &err);
	was_hit = nomem_left() == 0;
	nomem_fail(0);
	if (kind != ERR_OK && (kind != ERR_NOMEM || !was_hit))
		fail_msg("%s, allocation %u: %s", operations[i].name, n, err.msg);
	if (watch(watcher, operations[i].is_done) != (kind == ERR_OK))
		fail_msg("%s, allocation %u: half done", operations[i].name, n);
	if (kind == ERR_OK)
		poke(f->path, operations[i].undo);
	return was_hit;
}

static void each_operation_survives(void **state)
{
	struct fixture *f = *state;
	sqlite3 *watcher = NULL;

	assert_int_equal(operations_prepare(f->ledger), 0);
	assert_int_equal(sqlite3_open(f->path, &watcher), SQLITE_OK);
	for (size_t i = 0; i < COUNT(operations); i++) {
		unsigned n = 1;

		while (n < MOST && fail_nth(f, watcher, i, n))
			n++;
		assert_in_range(n, 2, MOST - 1);
	}
	assert_int_equal(sqlite3_close(watcher), SQLITE_OK);
	assert_int_equal(
	    peek(f, "SELECT integrity_check = 'ok' FROM pragma_integrity_check"), 1);
}

/* Whatever is shown is shown whole. */
static bool check_past(void *payload, const struct past_task *task)
{
	size_t *n = payload;

	assert_non_null(task->submit_id);
	if (!strcmp(task->submit_id, "waits")) {
		assert_string_equal(task->model, "high_aes_general_v40");
		assert_int_equal(task->state, TASK_SUBMITTING);
		assert_int_equal(task->kind, MEDIA_IMAGE);
	}
	(*n)++;
	return true;
}

static enum err_kind read_past(struct fixture *f, struct err *err)
{
	size_t n = 0;

	if (ledger_past(f->ledger, ME, 0, 0, check_past, &n, err)) {
		assert_int_equal(n, 0);
		return err->kind;
	}
	assert_int_equal(n, 9);
	return ERR_OK;
}

static enum err_kind read_all(struct fixture *f, struct err *err)
{
	struct account_pause pause;
	struct task *task = NULL;
	enum media_kind kind;
	char *body = NULL;

	if (ledger_find(f->ledger, ME, "file", &task, err))
		return err->kind;
	task_free(task);
	if (ledger_body(f->ledger, ME, "waits", &kind, &body, err))
		return err->kind;
	free(body);
	if (read_past(f, err))
		return err->kind;
	return ledger_pause_of(f->ledger, ME, NOW, &pause, err);
}

static bool ignore(void *payload, const struct open_task *task)
{
	(void)payload;
	(void)task;
	return true;
}

/* From the opening to the end of the handle. */
static void a_whole_life_survives(void **state)
{
	struct fixture *f = *state;
	bool was_hit = true;
	unsigned n = 0;

	assert_int_equal(operations_prepare(f->ledger), 0);
	ledger_close(f->ledger);
	f->ledger = NULL;
	while (was_hit && n < MOST) {
		struct err err = { 0 };

		nomem_fail(++n);
		if (!ledger_open(f->path, &f->ledger, &err) &&
		    !do_lease(f->ledger, &err) &&
		    !ledger_open_tasks(f->ledger, ME, ignore, NULL, &err))
			(void)read_all(f, &err);
		ledger_close(f->ledger);
		f->ledger = NULL;
		was_hit = nomem_left() == 0;
		nomem_fail(0);
		if (err.kind != ERR_OK && (err.kind != ERR_NOMEM || !was_hit))
			fail_msg("allocation %u: %s", n, err.msg);
	}
	assert_in_range(n, 100, MOST - 1);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, fixture_make, fixture_free)
	static const struct CMUnitTest tests[] = {
		T(each_operation_survives),
		T(a_whole_life_survives),
	};

	return cmocka_run_group_tests_name("ledger_nomem", tests, hook_sqlite, NULL);
}
