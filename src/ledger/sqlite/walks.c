#include "ledger/sqlite/walks.h"

#include <stdio.h>

#include "base/cleanup.h"
#include "ledger/sqlite/ops.h"

static void copy_cursor(
    char into[LEDGER_CURSOR_MAX + 1], const struct query *query, int column)
{
	const char *text = (const char *)sqlite3_column_text(query->stmt, column);

	(void)snprintf(into, LEDGER_CURSOR_MAX + 1, "%s", text ? text : "");
}

enum err_kind sqlite_walk(struct ledger *base, const char *account, const char *listing,
    struct ledger_walk *ret_walk, struct err *err)
{
	static const char text[] =
	    "SELECT mark_unix_ms, began_unix_ms, top, deep, is_complete FROM walks "
	    "WHERE account = ?1 AND listing = ?2";
	_cleanup_(query_done) struct query query = { 0 };
	bool has_row = false;

	if (sql_query(&sqlite_of(base)->sql, text, &query, err))
		return err->kind;
	bind_text(&query, account);
	bind_text(&query, listing);
	if (query_step(&query, &has_row, err))
		return err->kind;
	*ret_walk = (struct ledger_walk){ 0 };
	if (!has_row)
		return ERR_OK;
	ret_walk->mark_unix_ms = sqlite3_column_int64(query.stmt, 0);
	ret_walk->began_unix_ms = sqlite3_column_int64(query.stmt, 1);
	copy_cursor(ret_walk->top, &query, 2);
	copy_cursor(ret_walk->deep, &query, 3);
	ret_walk->is_complete = sqlite3_column_int(query.stmt, 4) != 0;
	return ERR_OK;
}

enum err_kind walk_write(struct sqlite_ledger *ledger, const char *account,
    const struct ledger_page *page, struct err *err)
{
	static const char text[] =
	    "INSERT INTO walks (account, listing, mark_unix_ms, began_unix_ms, top, "
	    "deep, "
	    "is_complete) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (account, "
	    "listing) DO UPDATE SET mark_unix_ms = ?3, began_unix_ms = ?4, top = ?5, "
	    "deep = ?6, is_complete = ?7";
	_cleanup_(query_done) struct query query = { 0 };
	const struct ledger_walk *walk = page->walk;

	if (sql_query(&ledger->sql, text, &query, err))
		return err->kind;
	bind_text(&query, account);
	bind_text(&query, page->listing);
	bind_int(&query, walk->mark_unix_ms);
	bind_int(&query, walk->began_unix_ms);
	bind_text(&query, walk->top);
	bind_text(&query, walk->deep);
	bind_int(&query, walk->is_complete);
	return query_run(&query, err);
}
