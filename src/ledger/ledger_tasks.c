/*
 * ledger_tasks.c - tasks from elsewhere, one of them, those that are open.
 */
#include "ledger/ledger.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "ledger/ledger_row.h"
#include "model/taskid.h"

/* --- ids from elsewhere ------------------------------------------------------- */

enum { STRAY_LIFE_MS = 24 * 60 * 60 * 1000 };

static enum err_kind are_all_known(struct ledger *ledger, const char *account,
    const char *const *ids, size_t n, bool *ret_are_known, struct err *err)
{
	struct row_brief row = { .id = 1 };

	for (size_t i = 0; row.id && i < n; i++)
		if (row_peek(ledger, account, ids[i], &row, err))
			return err->kind;
	*ret_are_known = row.id != 0;
	return ERR_OK;
}

/* What nobody owns, and has been over for a day. */
static enum err_kind forget_strays(
    struct ledger *ledger, int64_t now_unix_ms, struct err *err)
{
	static const char text[] =
	    "DELETE FROM tasks WHERE is_open = 0 AND updated_unix_ms < ?1 AND "
	    "state = 'not_found' AND lease_owner IS NULL AND " ROW_IS_STRAY;
	_cleanup_(query_done) struct query query = { 0 };

	if (sql_query(&ledger->sql, text, &query, err))
		return err->kind;
	bind_int(&query, now_unix_ms - STRAY_LIFE_MS);
	return query_run(&query, err);
}

static enum err_kind adopt_all(struct ledger *ledger, const char *account,
    const char *const *ids, size_t n, int64_t now_unix_ms, struct err *err)
{
	for (size_t i = 0; i < n; i++)
		if (row_adopt(ledger, account, ids[i], now_unix_ms, err))
			return err->kind;
	return forget_strays(ledger, now_unix_ms, err);
}

enum err_kind ledger_adopt(struct ledger *ledger, const char *account,
    const char *const *ids, size_t n, int64_t now_unix_ms, struct err *err)
{
	struct sql *sql = &ledger->sql;
	bool are_known = false;

	for (size_t i = 0; i < n; i++)
		if (!taskid_is_valid(ids[i]))
			return err_set(err, ERR_USAGE, "id %zu is no valid id", i + 1);
	if (sql_begin(sql, SQL_READ, err) ||
	    sql_end(sql, are_all_known(ledger, account, ids, n, &are_known, err), err))
		return err->kind;
	if (are_known)
		return ERR_OK;
	if (sql_begin(sql, SQL_WRITE, err))
		return err->kind;
	return sql_end(sql, adopt_all(ledger, account, ids, n, now_unix_ms, err), err);
}

/* --- one of them -------------------------------------------------------------- */

static enum err_kind find_one(struct ledger *ledger, const char *account, const char *id,
    struct row_task *row, struct err *err)
{
	if (sql_begin(&ledger->sql, SQL_READ, err))
		return err->kind;
	return sql_end(&ledger->sql, row_find(ledger, account, id, row, err), err);
}

enum err_kind ledger_find(struct ledger *ledger, const char *account, const char *id,
    struct task **ret_task, struct err *err)
{
	_cleanup_(task_freep) struct task *task = task_new();
	struct row_task row = { .arena = task ? &task->arena : NULL };

	if (!task)
		return ledger_no_memory(ledger, err);
	task->arena.max_bytes = LEDGER_TASK_BYTES_MAX;
	if (find_one(ledger, account, id, &row, err))
		return err->kind;
	if (!row.id) {
		*ret_task = NULL;
		return ERR_OK;
	}
	row_become_task(&row, task);
	*ret_task = TAKE_PTR(task);
	return ERR_OK;
}

static enum err_kind delete_one(
    struct ledger *ledger, const char *account, const char *id, struct err *err)
{
	/* Assets and events go with it (ON DELETE CASCADE). */
	static const char text[] = "DELETE FROM tasks WHERE id = ?1";
	_cleanup_(query_done) struct query query = { 0 };
	struct row_brief row;

	if (row_peek(ledger, account, id, &row, err))
		return err->kind;
	if (!row.id)
		return row_is_missing(id, err);
	if (sql_query(&ledger->sql, text, &query, err))
		return err->kind;
	bind_int(&query, row.id);
	return query_run(&query, err);
}

enum err_kind ledger_forget(
    struct ledger *ledger, const char *account, const char *id, struct err *err)
{
	if (sql_begin(&ledger->sql, SQL_DURABLE, err))
		return err->kind;
	return sql_end(&ledger->sql, delete_one(ledger, account, id, err), err);
}

/* --- those that are open ---------------------------------------------------------- */

/* Read in a transaction of its own, shown outside of it, as in ledger_list.c. */
enum { OPEN_PAGE = 500 };

struct open_page {
	struct open_row {
		char submit_id[TASKID_MAX + 1];
		enum task_state state;
		bool is_waiting, has_owner;
		int64_t updated_unix_ms;
	} rows[OPEN_PAGE];
	size_t n;
	int64_t last_id; /* the next page is above it */
};

static struct open_row read_open(sqlite3_stmt *stmt)
{
	struct open_row row = { .state = TASK_UNKNOWN,
		.is_waiting = sqlite3_column_int(stmt, 3) != 0,
		.has_owner = sqlite3_column_int(stmt, 4) != 0,
		.updated_unix_ms = sqlite3_column_int64(stmt, 5) };

	(void)snprintf(row.submit_id, sizeof(row.submit_id), "%s",
	    (const char *)sqlite3_column_text(stmt, 1));
	(void)task_state_parse((const char *)sqlite3_column_text(stmt, 2), &row.state);
	return row;
}

static enum err_kind load_open(
    struct ledger *ledger, const char *account, struct open_page *page, struct err *err)
{
	static const char text[] =
	    "SELECT id, submit_id, state, state = 'submitting' AND owner = 0, "
	    "EXISTS (SELECT 1 FROM owners WHERE owners.owner = lease_owner), "
	    "updated_unix_ms FROM tasks "
	    "WHERE is_open = 1 AND id > ?1 AND account = ?2 ORDER BY id LIMIT ?3";
	_cleanup_(query_done) struct query query = { 0 };
	bool has_row = true;

	if (sql_query(&ledger->sql, text, &query, err))
		return err->kind;
	bind_int(&query, page->last_id);
	bind_text(&query, account);
	bind_int(&query, OPEN_PAGE);
	for (page->n = 0;;) {
		if (query_step(&query, &has_row, err))
			return err->kind;
		if (!has_row || page->n == OPEN_PAGE)
			return ERR_OK;
		if (!taskid_is_valid((const char *)sqlite3_column_text(query.stmt, 1)))
			return ledger_is_damaged(ledger, err);
		page->last_id = sqlite3_column_int64(query.stmt, 0);
		page->rows[page->n++] = read_open(query.stmt);
	}
}

static bool show_open(
    const struct open_page *page, ledger_on_open *on_open, void *payload)
{
	for (size_t i = 0; i < page->n; i++) {
		const struct open_row *row = &page->rows[i];
		const struct open_task task = { row->submit_id, row->state,
			row->is_waiting, row->has_owner, row->state == TASK_FAILED,
			row->updated_unix_ms };

		if (!on_open(payload, &task))
			return false;
	}
	return page->n == OPEN_PAGE;
}

static enum err_kind believe(
    struct ledger *ledger, const char *account, const char *id, struct err *err)
{
	static const char text[] =
	    "UPDATE tasks SET is_open = 0, version = version + 1 "
	    "WHERE account = ?1 AND submit_id = ?2 AND is_open = 1 AND state = 'failed'";
	_cleanup_(query_done) struct query query = { 0 };

	if (sql_query(&ledger->sql, text, &query, err))
		return err->kind;
	bind_text(&query, account);
	bind_text(&query, id);
	return query_run(&query, err);
}

enum err_kind ledger_believe(
    struct ledger *ledger, const char *account, const char *id, struct err *err)
{
	if (sql_begin(&ledger->sql, SQL_WRITE, err))
		return err->kind;
	return sql_end(&ledger->sql, believe(ledger, account, id, err), err);
}

enum err_kind ledger_open_tasks(struct ledger *ledger, const char *account,
    ledger_on_open *on_open, void *payload, struct err *err)
{
	_cleanup_free_ struct open_page *page = calloc(1, sizeof(*page));

	if (!page)
		return ledger_no_memory(ledger, err);
	do {
		if (load_open(ledger, account, page, err))
			return err->kind;
	} while (show_open(page, on_open, payload));
	return ERR_OK;
}
