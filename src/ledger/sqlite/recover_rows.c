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

/* What the new table refuses is left out; a row that is there already is no loss. */
static enum err_kind put_row(
    struct recovery *r, sqlite3_stmt *row, sqlite3_stmt *insert, struct err *err)
{
	int rc;

	for (int i = 0; i < sqlite3_column_count(row); i++)
		(void)sqlite3_bind_value(insert, i + 1, sqlite3_column_value(row, i));
	rc = sqlite3_step(insert);
	(void)sqlite3_reset(insert);
	if (rc == SQLITE_DONE || rc == SQLITE_CONSTRAINT_PRIMARYKEY ||
	    rc == SQLITE_CONSTRAINT_ROWID || rc == SQLITE_CONSTRAINT_UNIQUE)
		return ERR_OK;
	if ((rc & 0xff) != SQLITE_CONSTRAINT && (rc & 0xff) != SQLITE_MISMATCH)
		return sql_fail(r->sql, rc, err);
	r->has_refused = true;
	return ERR_OK;
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

/* Task by task: only the pages on the way to each are needed. */
static enum err_kind probe(struct recovery *r, const struct recovery_table *table,
    const char *columns, sqlite3_stmt *insert, struct err *err)
{
	_cleanup_(buf_release) struct buf text = buf_make(TEXT_MAX);
	sqlite3_stmt *rows = NULL;
	enum err_kind kind = ERR_OK;

	buf_addf(&text, "SELECT %s FROM %s NOT INDEXED WHERE %s = ?1", columns,
	    table->name, table->key);
	if (!buf_failed(&text) &&
	    !sqlite3_prepare_v2(r->from, text.data, -1, &rows, NULL))
		for (int64_t id = 1; !kind && id <= r->last_id + PROBES_BEYOND; id++) {
			(void)sqlite3_bind_int64(rows, 1, id);
			kind = put_rows(r, rows, insert, err);
		}
	sqlite3_finalize(rows);
	return kind;
}

/* By an index, or by none, and from both ends when it has to be. */
static enum err_kind copy_by(struct recovery *r, const struct recovery_table *table,
    const char *columns, const char *index, sqlite3_stmt *insert, struct err *err)
{
	static const char *const orders[] = { "ASC", "DESC" };

	r->has_failed = false;
	for (size_t i = 0; i < 2 && (i == 0 || r->has_failed); i++) {
		_cleanup_(buf_release) struct buf text = buf_make(TEXT_MAX);

		buf_addf(&text, "SELECT %s FROM %s %s%s ORDER BY %s %s", columns,
		    table->name, index ? "INDEXED BY " : "NOT INDEXED",
		    index ? index : "", index ? table->index_key : table->key, orders[i]);
		if (buf_failed(&text))
			return err_set(err, ERR_NOMEM, "out of memory");
		if (recovery_select(r, text.data, insert, err))
			return err->kind;
	}
	return ERR_OK;
}

/* Do its pages hold together? A reading may end early and say nothing. */
static bool is_sound(const struct recovery *r, const char *table)
{
	sqlite3_stmt *stmt = NULL;
	char text[100];
	bool is_sound = false;

	(void)snprintf(text, sizeof(text), "PRAGMA quick_check(%s)", table);
	if (!sqlite3_prepare_v2(r->from, text, -1, &stmt, NULL) &&
	    sqlite3_step(stmt) == SQLITE_ROW) {
		const char *word = (const char *)sqlite3_column_text(stmt, 0);

		is_sound = word && !strcmp(word, "ok");
	}
	sqlite3_finalize(stmt);
	return is_sound;
}

/* A ledger that is older than the table has none. */
static bool is_older(const struct recovery *r, int since)
{
	sqlite3_stmt *stmt = NULL;
	int version = 0;

	if (!sqlite3_prepare_v2(r->from, "PRAGMA user_version", -1, &stmt, NULL) &&
	    sqlite3_step(stmt) == SQLITE_ROW)
		version = sqlite3_column_int(stmt, 0);
	sqlite3_finalize(stmt);
	return version > 0 && version < since;
}

static enum err_kind copy_all(struct recovery *r, const struct recovery_table *table,
    const char *columns, sqlite3_stmt *insert, bool *ret_is_whole, struct err *err)
{
	bool is_read;

	r->has_refused = false;
	if (copy_by(r, table, columns, NULL, insert, err))
		return err->kind;
	is_read = !r->has_failed;
	if (!is_read && table->is_of_tasks && probe(r, table, columns, insert, err))
		return err->kind;
	if (!table->index) {
		*ret_is_whole = is_read && !r->has_refused && is_sound(r, table->name);
		return ERR_OK;
	}
	if (copy_by(r, table, columns, table->index, insert, err))
		return err->kind;
	*ret_is_whole = (is_read || !r->has_failed) && !r->has_refused;
	return ERR_OK;
}

enum err_kind recovery_copy(struct recovery *r, const struct recovery_table *table,
    bool *ret_is_whole, struct err *err)
{
	_cleanup_(buf_release) struct buf columns = buf_make(TEXT_MAX);
	_cleanup_(buf_release) struct buf text = buf_make(TEXT_MAX);
	sqlite3_stmt *insert = NULL;
	enum err_kind kind = ERR_OK;
	int n = 0;

	add_columns(r, table->name, &columns, &n);
	if (n == 0) {
		*ret_is_whole = is_older(r, table->since);
		return ERR_OK;
	}
	buf_addf(&text, "INSERT INTO %s (%s) VALUES (?1", table->name, columns.data);
	for (int i = 2; i <= n; i++)
		buf_addf(&text, ", ?%d", i);
	buf_addf(&text, ")");
	if (buf_failed(&text))
		return err_set(err, ERR_NOMEM, "out of memory");
	if (sqlite3_prepare_v2(r->sql->db, text.data, -1, &insert, NULL))
		return sql_fail(r->sql, sqlite3_extended_errcode(r->sql->db), err);
	kind = copy_all(r, table, columns.data, insert, ret_is_whole, err);
	sqlite3_finalize(insert);
	return kind;
}
