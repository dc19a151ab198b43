/*
 * adopt.c - ids from elsewhere become tasks, those that are known already stay as they
 * are.
 */
#include "ledger/sqlite/ops.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "ledger/sqlite/rows.h"

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

static int by_text(const void *a, const void *b)
{
	const char *const *x = a, *const *y = b;

	return strcmp(*x, *y);
}

/*
 * More than a transaction takes, in the order of their index: then each of its pages is
 * written by one transaction, else most of them by each. NULL: no memory, or not so many;
 * their own order does.
 */
static const char **in_order(const struct adopting *all)
{
	const size_t n = all->n - all->n_known;
	const char **ids = n > ADOPT_PORTION ? calloc(n, sizeof(*ids)) : NULL;

	if (!ids)
		return NULL;
	memcpy(ids, all->ids + all->n_known, n * sizeof(*ids));
	qsort(ids, n, sizeof(*ids), by_text);
	return ids;
}

/* Adopts those behind the known ones. */
static enum err_kind adopt_portions(
    struct sqlite_ledger *ledger, const struct adopting *all, struct err *err)
{
	_cleanup_free_ const char **sorted = in_order(all);
	const char *const *ids = sorted ? sorted : all->ids + all->n_known;
	const size_t n = all->n - all->n_known;

	for (size_t i = 0; i < n; i += ADOPT_PORTION) {
		const size_t left = n - i;
		struct adopting portion = *all;

		portion.ids = ids + i;
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
