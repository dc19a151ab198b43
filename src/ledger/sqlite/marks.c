/*
 * marks.c - what people say of tasks. A row that says nothing any more goes.
 */
#include "ledger/sqlite/ops.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/array.h"
#include "base/cleanup.h"
#include "ledger/sqlite/row.h"

enum { TAGS_BYTES_MAX = 256 << 20 };

struct marking {
	const char *account, *id;
	const struct ledger_mark *mark;
	int64_t now_unix_ms;
};

static enum err_kind run_with_tag(struct sqlite_ledger *ledger, const char *text,
    int64_t task, int index, const char *tag, struct err *err)
{
	_cleanup_(query_done) struct query query = { 0 };

	if (sql_query(&ledger->sql, text, &query, err))
		return err->kind;
	bind_int(&query, task);
	bind_int(&query, index);
	if (tag)
		bind_text(&query, tag);
	return query_run(&query, err);
}

static enum err_kind number_of(struct sqlite_ledger *ledger, const char *text,
    int64_t task, int index, int64_t *ret_number, struct err *err)
{
	_cleanup_(query_done) struct query query = { 0 };
	bool has_row = false;

	if (sql_query(&ledger->sql, text, &query, err))
		return err->kind;
	bind_int(&query, task);
	bind_int(&query, index);
	if (query_step(&query, &has_row, err))
		return err->kind;
	*ret_number = has_row ? sqlite3_column_int64(query.stmt, 0) : 0;
	return ERR_OK;
}

static enum err_kind change_tags(struct sqlite_ledger *ledger, int64_t task,
    const struct ledger_mark *mark, struct err *err)
{
	static const char remove[] =
	    "DELETE FROM tags WHERE task = ?1 AND idx = ?2 AND tag = ?3";
	static const char add[] = "INSERT OR IGNORE INTO tags VALUES (?1, ?2, ?3)";
	static const char count[] =
	    "SELECT count(*) FROM tags WHERE task = ?1 AND idx = ?2";
	int64_t n = 0;

	for (size_t i = 0; i < mark->n_remove; i++)
		if (run_with_tag(ledger, remove, task, mark->index, mark->remove[i], err))
			return err->kind;
	for (size_t i = 0; i < mark->n_add; i++)
		if (run_with_tag(ledger, add, task, mark->index, mark->add[i], err))
			return err->kind;
	if (mark->n_add == 0)
		return ERR_OK;
	if (number_of(ledger, count, task, mark->index, &n, err))
		return err->kind;
	return n <= LEDGER_TAGS_MAX
	    ? ERR_OK
	    : err_set(err, ERR_USAGE, "a task has at most %d tags", LEDGER_TAGS_MAX);
}

static enum err_kind change_row(struct sqlite_ledger *ledger, int64_t task,
    const struct marking *marking, struct err *err)
{
	static const char put[] =
	    "INSERT INTO marks (task, idx, updated_unix_ms, note, rating) "
	    "VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (task, idx) DO UPDATE SET "
	    "updated_unix_ms = ?3, note = iif(?6, ?4, note), "
	    "rating = iif(?7, ?5, rating)";
	static const char clean[] = "DELETE FROM marks WHERE task = ?1 AND idx = ?2 AND "
				    "note IS NULL AND rating IS NULL";
	const struct ledger_mark *mark = marking->mark;
	_cleanup_(query_done) struct query query = { 0 };

	if (!mark->note && !mark->has_rating)
		return ERR_OK;
	if (sql_query(&ledger->sql, put, &query, err))
		return err->kind;
	bind_int(&query, task);
	bind_int(&query, mark->index);
	bind_int(&query, marking->now_unix_ms);
	bind_text(&query, mark->note && *mark->note ? mark->note : NULL);
	bind_known(&query, mark->has_rating ? mark->rating : 0, 0);
	bind_int(&query, mark->note != NULL);
	bind_int(&query, mark->has_rating);
	if (query_run(&query, err))
		return err->kind;
	return run_with_tag(ledger, clean, task, mark->index, NULL, err);
}

static enum err_kind mark_one(
    struct sqlite_ledger *ledger, void *payload, struct err *err)
{
	static const char has_file[] =
	    "SELECT count(*) FROM assets WHERE task = ?1 AND idx = ?2";
	const struct marking *marking = payload;
	struct row_brief row;
	int64_t n = 1;

	if (row_peek(ledger, marking->account, marking->id, &row, err))
		return err->kind;
	if (!row.id)
		return row_is_missing(marking->id, err);
	if (marking->mark->index != LEDGER_MARK_TASK &&
	    number_of(ledger, has_file, row.id, marking->mark->index, &n, err))
		return err->kind;
	if (n == 0)
		return err_set(err, ERR_NOT_FOUND, "the task '%.100s' has no file %d",
		    marking->id, marking->mark->index);
	if (change_tags(ledger, row.id, marking->mark, err))
		return err->kind;
	return change_row(ledger, row.id, marking, err);
}

enum err_kind sqlite_mark(struct ledger *base, const char *account, const char *id,
    const struct ledger_mark *mark, int64_t now_unix_ms, struct err *err)
{
	struct marking marking = { account, id, mark, now_unix_ms };

	return ledger_run(sqlite_of(base), SQL_DURABLE, mark_one, &marking, err);
}

/* --- all of them ----------------------------------------------------------------- */

struct tag_row {
	const char *tag;
	int64_t n_tasks;
};
struct tag_list {
	const char *account;
	struct arena arena;
	struct tag_row *rows;
	size_t n, room;
};

static void tag_list_release(struct tag_list *list)
{
	arena_release(&list->arena);
	free(list->rows);
}

static enum err_kind load_tags(
    struct sqlite_ledger *ledger, void *payload, struct err *err)
{
	static const char text[] =
	    "SELECT tag, count(DISTINCT task) FROM tags CROSS JOIN tasks ON id = task "
	    "WHERE account = ?1 GROUP BY tag ORDER BY tag";
	struct tag_list *list = payload;
	_cleanup_(query_done) struct query query = { 0 };
	bool has_row = false;

	list->n = 0;
	if (sql_query(&ledger->sql, text, &query, err))
		return err->kind;
	bind_text(&query, list->account);
	for (;;) {
		struct tag_row row;

		if (query_step(&query, &has_row, err))
			return err->kind;
		if (!has_row)
			return ERR_OK;
		row.tag = arena_strdup(
		    &list->arena, (const char *)sqlite3_column_text(query.stmt, 0));
		row.n_tasks = sqlite3_column_int64(query.stmt, 1);
		if (!row.tag || !ARRAY_RESERVE(list->rows, list->room, list->n + 1))
			return ledger_no_memory(ledger, err);
		list->rows[list->n++] = row;
	}
}

enum err_kind sqlite_tags(struct ledger *base, const char *account, ledger_on_tag *on_tag,
    void *payload, struct err *err)
{
	_cleanup_(tag_list_release) struct tag_list list = { .account = account,
		.arena = arena_make(TAGS_BYTES_MAX) };

	if (ledger_run(sqlite_of(base), SQL_READ, load_tags, &list, err))
		return err->kind;
	for (size_t i = 0; i < list.n; i++)
		if (!on_tag(payload, list.rows[i].tag, list.rows[i].n_tasks))
			break;
	return ERR_OK;
}
