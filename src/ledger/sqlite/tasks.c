/*
 * tasks.c - tasks from elsewhere, one of them, those that are open.
 */
#include "ledger/sqlite/ops.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "ledger/sqlite/rows.h"
#include "model/taskid.h"

/* --- ids from elsewhere ------------------------------------------------------- */

enum {
	STRAY_LIFE_MS = 24 * 60 * 60 * 1000,
	ADOPT_PORTION = 20000, /* ids a transaction: others need not wait for long */
};

struct adopting {
	const char *account;
	const char *const *ids;
	size_t n, n_known;
	int64_t now_unix_ms;
};

/* Passes over lists of ids that all have rows under these names. */
static enum err_kind pass_known(struct sqlite_ledger *ledger,
    const struct adopting *adopting, size_t *ret_n, struct err *err)
{
	size_t i = 0;

	for (; i + ROWS_LIST <= adopting->n; i += ROWS_LIST) {
		int64_t n_known = 0;

		if (rows_count(ledger, adopting->account, adopting->ids + i, ROWS_LIST,
			&n_known, err))
			return err->kind;
		if (n_known != ROWS_LIST)
			break;
	}
	*ret_n = i;
	return ERR_OK;
}

/* How many of the ids, from the first on, have rows? */
static enum err_kind count_known(
    struct sqlite_ledger *ledger, void *payload, struct err *err)
{
	struct adopting *adopting = payload;
	size_t i = 0;

	if (pass_known(ledger, adopting, &i, err))
		return err->kind;
	for (; i < adopting->n; i++) {
		struct row_brief row;

		if (row_peek(ledger, adopting->account, adopting->ids[i], &row, err))
			return err->kind;
		if (!row.id)
			break;
	}
	adopting->n_known = i;
	return ERR_OK;
}

/* What nobody owns, and has been over for a day. */
static enum err_kind forget_strays(
    struct sqlite_ledger *ledger, int64_t now_unix_ms, struct err *err)
{
	static const char text[] =
	    "DELETE FROM tasks WHERE updated_unix_ms < ?1 AND "
	    "state = 'not_found' AND (lease_owner IS NULL OR NOT EXISTS "
	    "(SELECT 1 FROM owners WHERE owners.owner = lease_owner)) "
	    "AND " ROW_IS_STRAY;
	_cleanup_(query_done) struct query query = { 0 };

	if (sql_query(&ledger->sql, text, &query, err))
		return err->kind;
	bind_int(&query, now_unix_ms - STRAY_LIFE_MS);
	return query_run(&query, err);
}

static enum err_kind tell_adopted(
    struct sqlite_ledger *ledger, int64_t last_row, int64_t now_unix_ms, struct err *err)
{
	static const char text[] =
	    "INSERT INTO events (task, seq, at_unix_ms, what, text) "
	    "SELECT id, 1, ?2, 'state', 'unknown: asked for by its id' "
	    "FROM tasks WHERE id > ?1";
	_cleanup_(query_done) struct query query = { 0 };

	if (sql_query(&ledger->sql, text, &query, err))
		return err->kind;
	bind_int(&query, last_row);
	bind_int(&query, now_unix_ms);
	return query_run(&query, err);
}

/*
 * Adopts those that row_find() would not find, in the order of the list, which is the
 * only way through it. OR FAIL: the statement need not be able to be undone by itself,
 * which costs as much as its rows; when it fails, the transaction is undone.
 */
static enum err_kind adopt_list(struct sqlite_ledger *ledger, const char *account,
    const char *list, int64_t now_unix_ms, struct err *err)
{
	static const char text[] =
	    "INSERT OR FAIL INTO tasks (account, submit_id, state, is_open, "
	    "first_seen_unix_ms, updated_unix_ms) "
	    "SELECT ?1, value, 'unknown', 1, ?3, ?3 FROM json_each(?2) "
	    "WHERE NOT EXISTS (SELECT 1 FROM tasks AS t WHERE t.account = ?1 AND "
	    " t.history_id = value) "
	    "AND NOT EXISTS (SELECT 1 FROM tasks AS t WHERE t.account = ?1 AND "
	    " t.alias_id = value) "
	    "ON CONFLICT (account, submit_id) DO NOTHING";
	_cleanup_(query_done) struct query query = { 0 };
	int64_t last_row = 0;

	if (sql_number(&ledger->sql, "SELECT max(id) FROM tasks", &last_row, err) ||
	    sql_query(&ledger->sql, text, &query, err))
		return err->kind;
	bind_text(&query, account);
	bind_text(&query, list);
	bind_int(&query, now_unix_ms);
	if (query_run(&query, err))
		return err->kind;
	return tell_adopted(ledger, last_row, now_unix_ms, err);
}

static enum err_kind adopt_all(
    struct sqlite_ledger *ledger, void *payload, struct err *err)
{
	const struct adopting *a = payload;

	for (size_t i = 0; i < a->n; i += ROWS_LIST) {
		_cleanup_(buf_release) struct buf list = buf_make(ROWS_LIST_BYTES);
		const size_t left = a->n - i;

		if (!rows_list_ids(
			a->ids + i, left < ROWS_LIST ? left : ROWS_LIST, &list))
			return ledger_no_memory(ledger, err);
		if (adopt_list(ledger, a->account, list.data, a->now_unix_ms, err))
			return err->kind;
	}
	return forget_strays(ledger, a->now_unix_ms, err);
}

/* Adopts those behind the known ones. */
static enum err_kind adopt_portions(
    struct sqlite_ledger *ledger, const struct adopting *all, struct err *err)
{
	for (size_t i = all->n_known; i < all->n; i += ADOPT_PORTION) {
		const size_t left = all->n - i;
		struct adopting portion = *all;

		portion.ids = all->ids + i;
		portion.n = left < ADOPT_PORTION ? left : ADOPT_PORTION;
		if (ledger_run(ledger, SQL_WRITE, adopt_all, &portion, err))
			return err->kind;
	}
	return ERR_OK;
}

/*
 * Up to 24 MB of pages in memory instead of 2, or 2 again: the places of new rows in an
 * index are anywhere. And a third of the time goes into the CHECKs of the tables, which
 * are about values that adopt_list() has no choice in. When it can't be had, all is done
 * the same, only slower.
 */
static void expect_many(struct sql *sql, bool many)
{
	static const char on[] =
	    "PRAGMA cache_size=-24000; PRAGMA ignore_check_constraints=ON";
	static const char off[] =
	    "PRAGMA cache_size=-2000; PRAGMA ignore_check_constraints=OFF";

	(void)sqlite3_exec(sql->db, many ? on : off, NULL, NULL, NULL);
	if (!many)
		(void)sqlite3_db_release_memory(sql->db);
}

enum err_kind sqlite_adopt(struct ledger *base, const char *account,
    const char *const *ids, size_t n, int64_t now_unix_ms, struct err *err)
{
	struct sqlite_ledger *ledger = sqlite_of(base);
	struct adopting adopting = { account, ids, n, 0, now_unix_ms };
	bool is_long;
	enum err_kind kind;

	if (ledger_run(ledger, SQL_READ, count_known, &adopting, err))
		return err->kind;
	is_long = n - adopting.n_known > ROWS_LIST;
	if (is_long)
		expect_many(&ledger->sql, true);
	kind = adopt_portions(ledger, &adopting, err);
	if (is_long)
		expect_many(&ledger->sql, false);
	return kind;
}

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
