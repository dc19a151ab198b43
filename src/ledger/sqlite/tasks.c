/*
 * tasks.c - some tasks, one of them, those that are open.
 */
#include "ledger/sqlite/ops.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "ledger/sqlite/rows.h"
#include "model/taskid.h"

/* --- some of them ------------------------------------------------------------- */

struct finding {
	const char *account;
	const char *const *ids;
	size_t n;
	struct task **tasks; /* NULL: there is none */
};

static void finding_release(struct finding *finding)
{
	for (size_t i = 0; finding->tasks && i < finding->n; i++)
		task_free(finding->tasks[i]);
	free(finding->tasks);
}

static enum err_kind find_one(struct sqlite_ledger *ledger, const char *account,
    const char *id, struct task **ret_task, struct err *err)
{
	_cleanup_(task_freep) struct task *task = task_new();
	struct row_task row = { .arena = task ? &task->arena : NULL };

	if (!task)
		return ledger_no_memory(ledger, err);
	task->arena.max_bytes = LEDGER_TASK_BYTES_MAX;
	if (row_find(ledger, account, id, &row, err))
		return err->kind;
	if (row.id) {
		row_become_task(&row, task);
		*ret_task = TAKE_PTR(task);
	}
	return ERR_OK;
}

static enum err_kind find_each(
    struct sqlite_ledger *ledger, void *payload, struct err *err)
{
	struct finding *finding = payload;

	for (size_t i = 0; i < finding->n; i++) {
		task_free(finding->tasks[i]);
		finding->tasks[i] = NULL;
		if (find_one(ledger, finding->account, finding->ids[i],
			&finding->tasks[i], err))
			return err->kind;
	}
	return ERR_OK;
}

enum err_kind sqlite_find(struct ledger *base, const char *account,
    const char *const *ids, size_t n, struct task **ret_tasks, struct err *err)
{
	struct sqlite_ledger *ledger = sqlite_of(base);
	_cleanup_(finding_release) struct finding finding = { account, ids, n,
		calloc(n, sizeof(struct task *)) };

	if (!finding.tasks)
		return ledger_no_memory(ledger, err);
	if (ledger_run(ledger, SQL_READ, find_each, &finding, err))
		return err->kind;
	for (size_t i = 0; i < n; i++)
		ret_tasks[i] = TAKE_PTR(finding.tasks[i]);
	return ERR_OK;
}

struct known_assets {
	const char *account;
	struct asset_known *all;
	size_t n;
	struct arena *arena;
};

static enum err_kind find_assets(
    struct sqlite_ledger *ledger, void *payload, struct err *err)
{
	const struct known_assets *known = payload;

	for (size_t i = 0; i < known->n; i++)
		if (row_find_asset(
			ledger, known->account, &known->all[i], known->arena, err))
			return err->kind;
	return ERR_OK;
}

enum err_kind sqlite_find_assets(struct ledger *base, const char *account,
    struct asset_known *known, size_t n, struct arena *arena, struct err *err)
{
	struct known_assets all = { account, known, n, arena };

	return ledger_run(sqlite_of(base), SQL_READ, find_assets, &all, err);
}

/* --- one of them goes ---------------------------------------------------------- */

struct one {
	const char *account, *id;
	bool is_gone; /* this call has found it once */
};

static enum err_kind delete_one(
    struct sqlite_ledger *ledger, void *payload, struct err *err)
{
	/* Assets and events go with it (ON DELETE CASCADE). */
	static const char text[] = "DELETE FROM tasks WHERE id = ?1";
	struct one *one = payload;
	_cleanup_(query_done) struct query query = { 0 };
	struct row_brief row;

	if (row_peek(ledger, one->account, one->id, &row, err))
		return err->kind;
	if (!row.id)
		return one->is_gone ? ERR_OK : row_is_missing(one->id, err);
	one->is_gone = true;
	if (sql_query(&ledger->sql, text, &query, err))
		return err->kind;
	bind_int(&query, row.id);
	return query_run(&query, err);
}

enum err_kind sqlite_forget(
    struct ledger *base, const char *account, const char *id, struct err *err)
{
	struct sqlite_ledger *ledger = sqlite_of(base);
	struct one one = { .account = account, .id = id };

	return ledger_run(ledger, SQL_DURABLE, delete_one, &one, err);
}

/* --- those that are open ---------------------------------------------------------- */

/* Read in a transaction of its own, shown outside of it, as in list.c. */
enum { OPEN_PAGE = 500 };

struct open_page {
	struct open_row {
		char submit_id[TASKID_MAX + 1];
		enum task_state state;
		bool is_waiting, has_owner, is_doubtful;
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
		.updated_unix_ms = sqlite3_column_int64(stmt, 5),
		.is_doubtful = sqlite3_column_int(stmt, 6) != 0 };

	(void)snprintf(row.submit_id, sizeof(row.submit_id), "%s",
	    (const char *)sqlite3_column_text(stmt, 1));
	(void)task_state_parse((const char *)sqlite3_column_text(stmt, 2), &row.state);
	return row;
}

static enum err_kind load_open(struct sqlite_ledger *ledger, const char *account,
    struct open_page *page, struct err *err)
{
	static const char text[] =
	    "SELECT id, submit_id, state, state = 'submitting' AND owner = 0, "
	    "EXISTS (SELECT 1 FROM owners WHERE owners.owner = lease_owner), "
	    "updated_unix_ms, " ROW_MAY_ONLY_CHANGE " FROM tasks "
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
			row->is_waiting, row->has_owner, row->is_doubtful,
			row->updated_unix_ms };

		if (!on_open(payload, &task))
			return false;
	}
	return page->n == OPEN_PAGE;
}

/* Whoever is told of ends knows it already. */
static enum err_kind believe(struct sqlite_ledger *ledger, void *payload, struct err *err)
{
	static const char text[] = "UPDATE tasks SET is_open = 0, version = version + 1 "
				   "WHERE account = ?1 AND submit_id = ?2 AND is_open = "
				   "1 AND " ROW_MAY_ONLY_CHANGE;
	const struct one *one = payload;
	_cleanup_(query_done) struct query query = { 0 };

	if (sql_query(&ledger->sql, text, &query, err))
		return err->kind;
	bind_text(&query, one->account);
	bind_text(&query, one->id);
	return query_run(&query, err);
}

enum err_kind sqlite_believe(
    struct ledger *base, const char *account, const char *id, struct err *err)
{
	struct sqlite_ledger *ledger = sqlite_of(base);
	struct one one = { .account = account, .id = id };

	return ledger_run(ledger, SQL_WRITE, believe, &one, err);
}

enum err_kind sqlite_open_tasks(struct ledger *base, const char *account,
    ledger_on_open *on_open, void *payload, struct err *err)
{
	struct sqlite_ledger *ledger = sqlite_of(base);
	_cleanup_free_ struct open_page *page = calloc(1, sizeof(*page));

	if (!page)
		return ledger_no_memory(ledger, err);
	do {
		if (load_open(ledger, account, page, err))
			return err->kind;
	} while (show_open(page, on_open, payload));
	return ERR_OK;
}
