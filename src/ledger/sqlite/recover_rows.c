/*
 * recover_rows.c - tables of two files are compared by the names of their columns, so
 * that any schema of the source will do.
 */
#include "ledger/sqlite/recover.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"

enum { TEXT_MAX = 8192, PROBES_MAX = 10000000, PROBES_BEYOND = 1000 };

/* The columns of the source's table that the new one has, too; "" : it can't be read. */
static void add_columns(
    const struct recovery *r, const char *table, struct buf *list, int *ret_n)
{
	sqlite3_stmt *old = NULL, *new = NULL;
	char text[100];

	*ret_n = 0;
	(void)snprintf(text, sizeof(text), "SELECT * FROM %s LIMIT 0", table);
	if (!sqlite3_prepare_v2(r->from, text, -1, &old, NULL) &&
	    !sqlite3_prepare_v2(r->sql->db, text, -1, &new, NULL))
		for (int i = 0; i < sqlite3_column_count(old); i++)
			for (int k = 0; k < sqlite3_column_count(new); k++) {
				if (strcmp(sqlite3_column_name(old, i),
					sqlite3_column_name(new, k)) != 0)
					continue;
				buf_addf(list, "%s%s", (*ret_n)++ ? ", " : "",
				    sqlite3_column_name(new, k));
			}
	sqlite3_finalize(old);
	sqlite3_finalize(new);
}

/* What the new table refuses is left out. */
static enum err_kind put_row(
    struct recovery *r, sqlite3_stmt *row, sqlite3_stmt *insert, struct err *err)
{
	int rc;

	for (int i = 0; i < sqlite3_column_count(row); i++)
		(void)sqlite3_bind_value(insert, i + 1, sqlite3_column_value(row, i));
	rc = sqlite3_step(insert);
	(void)sqlite3_reset(insert);
	if (rc == SQLITE_DONE || (rc & 0xff) == SQLITE_CONSTRAINT ||
	    (rc & 0xff) == SQLITE_MISMATCH)
		return ERR_OK;
	return sql_fail(r->sql, rc, err);
}

static enum err_kind put_rows(
    struct recovery *r, sqlite3_stmt *rows, sqlite3_stmt *insert, struct err *err)
{
	int rc;

	while ((rc = sqlite3_step(rows)) == SQLITE_ROW) {
		const int64_t id = sqlite3_column_int64(rows, 0);

		if (id > r->last_id && id < PROBES_MAX)
			r->last_id = id;
		if (put_row(r, rows, insert, err))
			return err->kind;
	}
	r->has_failed = r->has_failed || rc != SQLITE_DONE;
	(void)sqlite3_reset(rows);
	return ERR_OK;
}

enum err_kind recovery_select(
    struct recovery *r, const char *select, sqlite3_stmt *insert, struct err *err)
{
	sqlite3_stmt *rows = NULL;
	enum err_kind kind = ERR_OK;

	if (sqlite3_prepare_v2(r->from, select, -1, &rows, NULL))
		r->has_failed = true;
	else
		kind = put_rows(r, rows, insert, err);
	sqlite3_finalize(rows);
	return kind;
}

/* Row by row: only the pages on the way to each are needed. */
static enum err_kind probe(
    struct recovery *r, const char *columns, sqlite3_stmt *insert, struct err *err)
{
	_cleanup_(buf_release) struct buf text = buf_make(TEXT_MAX);
	sqlite3_stmt *row = NULL;
	enum err_kind kind = ERR_OK;

	buf_addf(&text, "SELECT %s FROM tasks NOT INDEXED WHERE id = ?1", columns);
	if (!buf_failed(&text) && !sqlite3_prepare_v2(r->from, text.data, -1, &row, NULL))
		for (int64_t id = 1; !kind && id <= r->last_id + PROBES_BEYOND; id++) {
			(void)sqlite3_bind_int64(row, 1, id);
			if (sqlite3_step(row) == SQLITE_ROW)
				kind = put_row(r, row, insert, err);
			(void)sqlite3_reset(row);
		}
	sqlite3_finalize(row);
	return kind;
}

static enum err_kind copy_with(struct recovery *r, const struct recovery_table *table,
    const char *columns, sqlite3_stmt *insert, struct err *err)
{
	static const char *const orders[] = { "ASC", "DESC" };
	const bool is_tasks = !strcmp(table->name, "tasks");

	r->has_failed = false;
	for (size_t i = 0; i < 2 && (i == 0 || r->has_failed); i++) {
		_cleanup_(buf_release) struct buf text = buf_make(TEXT_MAX);

		buf_addf(&text, "SELECT %s FROM %s NOT INDEXED ORDER BY %s %s", columns,
		    table->name, table->key, orders[i]);
		if (buf_failed(&text))
			return err_set(err, ERR_NOMEM, "out of memory");
		if (recovery_select(r, text.data, insert, err))
			return err->kind;
	}
	return is_tasks && r->has_failed ? probe(r, columns, insert, err) : ERR_OK;
}

enum err_kind recovery_copy(
    struct recovery *r, const struct recovery_table *table, struct err *err)
{
	_cleanup_(buf_release) struct buf columns = buf_make(TEXT_MAX);
	_cleanup_(buf_release) struct buf text = buf_make(TEXT_MAX);
	sqlite3_stmt *insert = NULL;
	enum err_kind kind = ERR_OK;
	int n = 0;

	add_columns(r, table->name, &columns, &n);
	if (n == 0)
		return ERR_OK;
	buf_addf(
	    &text, "INSERT OR IGNORE INTO %s (%s) VALUES (?1", table->name, columns.data);
	for (int i = 2; i <= n; i++)
		buf_addf(&text, ", ?%d", i);
	buf_addf(&text, ")");
	if (buf_failed(&text))
		return err_set(err, ERR_NOMEM, "out of memory");
	if (sqlite3_prepare_v2(r->sql->db, text.data, -1, &insert, NULL))
		return sql_fail(r->sql, sqlite3_extended_errcode(r->sql->db), err);
	kind = copy_with(r, table, columns.data, insert, err);
	sqlite3_finalize(insert);
	return kind;
}
