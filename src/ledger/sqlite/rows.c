#include "ledger/sqlite/rows.h"

#include <string.h>

#include "base/cleanup.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

enum { FEW = 4 }; /* are found as fast one by one */

bool rows_list_ids(const char *const *ids, size_t n, struct buf *ret_list)
{
	for (size_t i = 0; i < n; i++) {
		buf_add(ret_list, i ? "\",\"" : "[\"", i ? 3 : 2);
		buf_add(ret_list, ids[i], strlen(ids[i]));
	}
	buf_add(ret_list, "\"]", 2);
	return !buf_failed(ret_list);
}

/* Reads one from its columns, in the order of the struct, from `column` on. */
static void read_brief(sqlite3_stmt *stmt, int column, struct row_brief *ret_row)
{
	ret_row->id = sqlite3_column_int64(stmt, column);
	(void)task_state_parse(
	    (const char *)sqlite3_column_text(stmt, column + 1), &ret_row->state);
	ret_row->owner = sqlite3_column_int64(stmt, column + 2);
	ret_row->lease_owner = sqlite3_column_int64(stmt, column + 3);
	ret_row->lease_token = sqlite3_column_int64(stmt, column + 4);
	ret_row->version = sqlite3_column_int64(stmt, column + 5);
}

#define BRIEF_COLUMNS \
	"SELECT id, state, owner, lease_owner, lease_token, version FROM tasks "

enum err_kind row_peek(struct sqlite_ledger *ledger, const char *account, const char *id,
    struct row_brief *ret_row, struct err *err)
{
	static const char by_submit[] =
	    BRIEF_COLUMNS "WHERE account = ?1 AND submit_id = ?2";
	static const char by_history[] =
	    BRIEF_COLUMNS "WHERE account = ?1 AND history_id = ?2 ORDER BY id LIMIT 1";
	static const char by_other[] =
	    BRIEF_COLUMNS "WHERE account = ?1 AND alias_id = ?2 ORDER BY id LIMIT 1";
	const char *const texts[] = { by_submit, by_history, by_other };
	bool has_row = false;

	*ret_row = (struct row_brief){ .state = TASK_UNKNOWN };
	for (size_t i = 0; !has_row && i < COUNT(texts); i++) {
		_cleanup_(query_done) struct query query = { 0 };

		if (sql_query(&ledger->sql, texts[i], &query, err))
			return err->kind;
		bind_text(&query, account);
		bind_text(&query, id);
		if (query_step(&query, &has_row, err))
			return err->kind;
		if (has_row)
			read_brief(query.stmt, 0, ret_row);
	}
	return ERR_OK;
}

/* Those that have this submit id; the others stay as they are. */
static enum err_kind peek_list(struct sqlite_ledger *ledger, const char *account,
    const char *list, struct row_brief *rows, struct err *err)
{
	static const char text[] =
	    "SELECT key, tasks.id, state, owner, lease_owner, lease_token, version "
	    "FROM json_each(?2) CROSS JOIN tasks "
	    "WHERE tasks.account = ?1 AND tasks.submit_id = value";
	_cleanup_(query_done) struct query query = { 0 };
	bool has_row = false;

	if (sql_query(&ledger->sql, text, &query, err))
		return err->kind;
	bind_text(&query, account);
	bind_text(&query, list);
	for (;;) {
		if (query_step(&query, &has_row, err))
			return err->kind;
		if (!has_row)
			return ERR_OK;
		read_brief(query.stmt, 1, &rows[sqlite3_column_int64(query.stmt, 0)]);
	}
}

enum err_kind rows_peek(struct sqlite_ledger *ledger, const char *account,
    const char *const *ids, size_t n, struct row_brief *ret_rows, struct err *err)
{
	_cleanup_(buf_release) struct buf list = buf_make(ROWS_LIST_BYTES);

	for (size_t i = 0; i < n; i++)
		ret_rows[i] = (struct row_brief){ .state = TASK_UNKNOWN };
	if (n > FEW) {
		if (!rows_list_ids(ids, n, &list))
			return ledger_no_memory(ledger, err);
		if (peek_list(ledger, account, list.data, ret_rows, err))
			return err->kind;
	}
	for (size_t i = 0; i < n; i++)
		if (!ret_rows[i].id &&
		    row_peek(ledger, account, ids[i], &ret_rows[i], err))
			return err->kind;
	return ERR_OK;
}

enum err_kind rows_count(struct sqlite_ledger *ledger, const char *account,
    const char *const *ids, size_t n, int64_t *ret_n, struct err *err)
{
	static const char text[] = "SELECT count(*) FROM json_each(?2) CROSS JOIN tasks "
				   "WHERE tasks.account = ?1 AND tasks.submit_id = value";
	_cleanup_(buf_release) struct buf list = buf_make(ROWS_LIST_BYTES);
	_cleanup_(query_done) struct query query = { 0 };
	bool has_row = false;

	if (!rows_list_ids(ids, n, &list))
		return ledger_no_memory(ledger, err);
	if (sql_query(&ledger->sql, text, &query, err))
		return err->kind;
	bind_text(&query, account);
	bind_text(&query, list.data);
	if (query_step(&query, &has_row, err))
		return err->kind;
	*ret_n = has_row ? sqlite3_column_int64(query.stmt, 0) : 0;
	return ERR_OK;
}
