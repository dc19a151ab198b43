/*
 * ledger_versions.h - a ledger as an older dreamq has left it, out of tests/fixtures/,
 * and what all of them have. Include it behind cmocka.h.
 */
#pragma once

#include "base/cleanup.h"
#include "ledger_fixture.h"

static inline char *in_folder(const struct fixture *f, const char *name)
{
	char *path = NULL;

	assert_true(asprintf(&path, "%s/%s", f->folder, name) > 0);
	return path;
}

/* Columns, types, keys and indexes in `a` that `b` has not. */
static inline int64_t count_differences(const char *a, const char *b)
{
	struct fixture at = { .ledger = NULL };
	char text[1000];

	(void)snprintf(at.path, sizeof(at.path), "%s", a);
	poke(a, "CREATE TABLE IF NOT EXISTS sameness (n)");
	(void)snprintf(text, sizeof(text),
	    "ATTACH '%s' AS b; INSERT INTO sameness SELECT count(*) FROM "
	    "(SELECT m.name, m.type, p.name, p.type, p.[notnull], p.pk FROM "
	    "main.sqlite_schema m, pragma_table_xinfo(m.name, 'main') p "
	    "WHERE m.name <> 'sameness' EXCEPT "
	    "SELECT m.name, m.type, p.name, p.type, p.[notnull], p.pk FROM "
	    "b.sqlite_schema m, pragma_table_xinfo(m.name, 'b') p); "
	    "UPDATE sameness SET n = n + (SELECT count(*) FROM (SELECT name, tbl_name, "
	    "replace(sql, char(10), '') FROM main.sqlite_schema WHERE type = 'index' "
	    "EXCEPT SELECT name, tbl_name, replace(sql, char(10), '') FROM "
	    "b.sqlite_schema WHERE type = 'index'))",
	    b);
	poke(a, text);
	return peek(&at, "SELECT n FROM sameness");
}

static inline char *make_from(
    const struct fixture *f, const char *name, const char *source)
{
	_cleanup_free_ char *fixture = NULL;
	static char text[65536];
	char *path = in_folder(f, name);
	FILE *file;

	assert_non_null(getenv("FIXTURES"));
	assert_true(asprintf(&fixture, "%s/%s", getenv("FIXTURES"), source) > 0);
	file = fopen(fixture, "r");
	assert_non_null(file);
	text[fread(text, 1, sizeof(text) - 1, file)] = '\0';
	(void)fclose(file);
	poke(path, text);
	return path;
}

/* Open what the fixture made, expect the shape of today, and go on with it. */
static inline void open_old(struct fixture *f, const char *path)
{
	ledger_close(f->ledger);
	f->ledger = open_ledger(path);
	assert_int_equal(count_differences(path, f->path), 0);
	assert_int_equal(count_differences(f->path, path), 0);
	(void)snprintf(f->path, sizeof(f->path), "%s", path);
	assert_int_equal(peek(f, "PRAGMA user_version"), LEDGER_SCHEMA_VERSION);
	assert_int_equal(
	    peek(f, "SELECT integrity_check = 'ok' FROM pragma_integrity_check"), 1);
}

static inline void expect_rows_of_1(struct fixture *f)
{
	struct task *task = find(f, "7f3a");

	assert_non_null(task);
	assert_int_equal(task->state, TASK_SUCCEEDED);
	assert_string_equal(task->prompt, "一只猫");
	assert_false(task->is_waiting);
	assert_null(task->alias_id);
	assert_int_equal(task->n_assets, 2);
	assert_int_equal(task->assets[0].state, ASSET_STORED);
	assert_int_equal(task->assets[1].state, ASSET_WANTED);
	task_free(task);
	task = find(f, "90071992547409931");
	assert_string_equal(task->submit_id, "9c11");
	assert_int_equal(task->fail.class, FAIL_CONTENT);
	task_free(task);
}
