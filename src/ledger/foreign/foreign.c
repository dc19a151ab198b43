#include "ledger/foreign/foreign.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <cjson/cJSON.h>
#include <sqlite3.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/json.h"

#define SAMPLE_ROWS "50" /* of a table, to see which column has ids */

enum {
	BUSY_MS = 5000,
	STEPS_BETWEEN_ASKING = 100000,
	ACCOUNTS_MAX = 16,
	NAME_MAX_BYTES = 64,
};

struct reading {
	sqlite3 *db;
	const char *path;
	const struct foreign_reader *reader;
	struct foreign_seen *seen;
	int64_t accounts[ACCOUNTS_MAX];
};

struct table {
	const char *name;
	bool has_ids;
	int id_column; /* whose name doesn't say it; -1 none */
};

bool foreign_is_database(const char *bytes, size_t len)
{
	static const char magic[] = "SQLite format 3"; /* and its NUL */

	return len >= sizeof(magic) && !memcmp(bytes, magic, sizeof(magic));
}

static enum err_kind fail(const struct reading *r, int rc, struct err *err)
{
	switch (rc & 0xff) {
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return err_set(err, ERR_LOCKED,
		    "'%s' is in use: its program has had it locked for %d s", r->path,
		    BUSY_MS / 1000);
	case SQLITE_INTERRUPT:
		return err_set(
		    err, ERR_CANCELLED, "interrupted while '%s' was read", r->path);
	case SQLITE_NOTADB:
		return err_set(err, ERR_USAGE,
		    "'%s' begins as a database does, and is none (or is encrypted)",
		    r->path);
	case SQLITE_CORRUPT:
		return err_set(err, ERR_CONTRACT,
		    "'%s' is damaged, or cut: not all of it can be read", r->path);
	case SQLITE_NOMEM:
		return err_set(err, ERR_NOMEM, "out of memory for '%s'", r->path);
	case SQLITE_TOOBIG:
		return err_set(err, ERR_CONTRACT, "'%s' has a value of more than %d MiB",
		    r->path, FOREIGN_VALUE_MAX >> 20);
	case SQLITE_CANTOPEN:
	case SQLITE_READONLY:
		return err_set(err, ERR_IO,
		    "can't open '%s' beside its log: make a copy of it and of "
		    "'%s-wal' in a folder of yours, and read that",
		    r->path, r->path);
	default:
		return err_set(
		    err, ERR_IO, "can't read '%s': %s", r->path, sqlite3_errstr(rc));
	}
}

static int on_progress(void *payload)
{
	const struct reading *r = payload;

	return r->reader->gives_up && r->reader->gives_up(r->reader->payload);
}

/* No function, trigger or view of a stranger is run: only tables are read. */
static enum err_kind open_it(struct reading *r, struct err *err)
{
	int rc = sqlite3_open_v2(
	    r->path, &r->db, SQLITE_OPEN_READONLY | SQLITE_OPEN_EXRESCODE, NULL);

	if (rc)
		return fail(r, rc, err);
	(void)sqlite3_busy_timeout(r->db, BUSY_MS);
	(void)sqlite3_db_config(r->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
	(void)sqlite3_db_config(r->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	(void)sqlite3_limit(r->db, SQLITE_LIMIT_LENGTH, FOREIGN_VALUE_MAX);
	(void)sqlite3_limit(r->db, SQLITE_LIMIT_SQL_LENGTH, 1 << 20);
	(void)sqlite3_limit(r->db, SQLITE_LIMIT_ATTACHED, 0);
	sqlite3_progress_handler(r->db, STEPS_BETWEEN_ASKING, on_progress, r);
	rc = sqlite3_exec(r->db, "PRAGMA cell_size_check=ON; BEGIN", NULL, NULL, NULL);
	return rc ? fail(r, rc, err) : ERR_OK;
}

static void statement_done(sqlite3_stmt **stmt)
{
	(void)sqlite3_finalize(*stmt);
}

static void sql_free(char **text)
{
	sqlite3_free(*text);
}

/* --- a row as JSON ----------------------------------------------------------- */

static void note_account(struct reading *r, int64_t uid)
{
	struct foreign_seen *seen = r->seen;

	for (size_t i = 0; i < seen->n_accounts; i++)
		if (r->accounts[i] == uid)
			return;
	if (seen->n_accounts < ACCOUNTS_MAX)
		r->accounts[seen->n_accounts++] = uid;
}

static bool is_json(const char *text, size_t len)
{
	struct err err;

	return (*text == '{' || *text == '[') && !json_scan(text, len, &err);
}

/* NULL: there is nothing in it that could be told, or no memory. */
static cJSON *value_of(sqlite3_stmt *stmt, int column)
{
	const char *text;
	size_t len;

	switch (sqlite3_column_type(stmt, column)) {
	case SQLITE_INTEGER:
	case SQLITE_FLOAT:
		/* JSON has no infinity. */
		if (!isfinite(sqlite3_column_double(stmt, column)))
			return NULL;
		text = (const char *)sqlite3_column_text(stmt, column);
		return text ? cJSON_CreateRaw(text) : NULL;
	case SQLITE_TEXT:
		text = (const char *)sqlite3_column_text(stmt, column);
		len = (size_t)sqlite3_column_bytes(stmt, column);
		if (!text)
			return NULL;
		return is_json(text, len) ? cJSON_CreateRaw(text)
					  : cJSON_CreateString(text);
	default:
		return NULL;
	}
}

static enum err_kind tell_row(
    struct reading *r, const struct table *table, sqlite3_stmt *stmt, struct err *err)
{
	_cleanup_(json_deletep) cJSON *object = cJSON_CreateObject();
	_cleanup_free_ char *json = NULL;

	for (int i = 0; object && i < sqlite3_column_count(stmt); i++) {
		const char *name =
		    i == table->id_column ? "submit_id" : sqlite3_column_name(stmt, i);
		cJSON *value = name && i < FOREIGN_COLUMNS_MAX ? value_of(stmt, i) : NULL;

		if (value && !strcasecmp(name, "uid"))
			note_account(r, sqlite3_column_int64(stmt, i));
		if (value && !cJSON_AddItemToObject(object, name, value))
			cJSON_Delete(value);
	}
	json = object ? cJSON_PrintUnformatted(object) : NULL;
	if (!json)
		return err_set(err, ERR_NOMEM, "out of memory for '%s'", r->path);
	return r->reader->on_row(
	    r->reader->payload, json, strlen(json), ++r->seen->n_rows, err);
}

/* --- tables ------------------------------------------------------------------ */

static enum err_kind prepare(struct reading *r, const char *format, const char *name,
    sqlite3_stmt **ret_stmt, struct err *err)
{
	_cleanup_(sql_free) char *text = sqlite3_mprintf(format, name);
	const int rc =
	    text ? sqlite3_prepare_v2(r->db, text, -1, ret_stmt, NULL) : SQLITE_NOMEM;

	return rc ? fail(r, rc, err) : ERR_OK;
}

/* Rules columns out that have something which is no id; -1: none or several are left. */
static int judge_columns(const bool *can, const bool *has, int n)
{
	int found = -1;

	for (int i = 0; i < n; i++) {
		if (!can[i] || !has[i])
			continue;
		if (found >= 0)
			return -1;
		found = i;
	}
	return found;
}

static enum err_kind find_id_column(
    struct reading *r, struct table *table, struct err *err)
{
	_cleanup_(statement_done) sqlite3_stmt *stmt = NULL;
	bool can[FOREIGN_COLUMNS_MAX], has[FOREIGN_COLUMNS_MAX] = { false };
	int n, rc;

	table->id_column = -1;
	if (prepare(
		r, "SELECT * FROM \"%w\" LIMIT " SAMPLE_ROWS, table->name, &stmt, err))
		return err->kind;
	n = sqlite3_column_count(stmt);
	n = n < FOREIGN_COLUMNS_MAX ? n : FOREIGN_COLUMNS_MAX;
	for (int i = 0; i < n; i++) {
		const char *name = sqlite3_column_name(stmt, i);

		table->has_ids = table->has_ids || (name && r->reader->is_id_name(name));
		can[i] = true;
	}
	if (table->has_ids)
		return ERR_OK;
	while ((rc = sqlite3_step(stmt)) == SQLITE_ROW)
		for (int i = 0; i < n; i++) {
			const char *text = sqlite3_column_type(stmt, i) == SQLITE_TEXT
			    ? (const char *)sqlite3_column_text(stmt, i)
			    : NULL;

			has[i] = has[i] || text;
			can[i] = can[i] && text && r->reader->is_id(text);
		}
	if (rc != SQLITE_DONE)
		return fail(r, rc, err);
	table->id_column = judge_columns(can, has, n);
	table->has_ids = table->id_column >= 0;
	return ERR_OK;
}

static enum err_kind read_table(struct reading *r, const char *name, struct err *err)
{
	_cleanup_(statement_done) sqlite3_stmt *stmt = NULL;
	struct table table = { .name = name };
	int rc;

	if (find_id_column(r, &table, err))
		return err->kind;
	if (!table.has_ids)
		return ERR_OK;
	r->seen->n_read++;
	if (prepare(r, "SELECT * FROM \"%w\"", name, &stmt, err))
		return err->kind;
	while ((rc = sqlite3_step(stmt)) == SQLITE_ROW)
		if (tell_row(r, &table, stmt, err))
			return err->kind;
	return rc == SQLITE_DONE ? ERR_OK : fail(r, rc, err);
}

static void name_table(struct foreign_seen *seen, const char *name)
{
	const size_t len = strlen(seen->tables), room = sizeof(seen->tables) - len;
	const bool fits = strlen(name) + sizeof(", ...") < room;

	if (len > 3 && !strcmp(seen->tables + len - 3, "..."))
		return;
	(void)snprintf(seen->tables + len, room, "%s%s", len > 0 ? ", " : "",
	    fits && strlen(name) <= NAME_MAX_BYTES ? name : "...");
}

/* Tables of its own; no views, and none that an extension makes up. */
static enum err_kind list_tables(
    struct reading *r, char **names, size_t *ret_n, struct err *err)
{
	_cleanup_(statement_done) sqlite3_stmt *stmt = NULL;
	size_t n = 0;
	int rc;

	if (prepare(r,
		"SELECT name FROM pragma_table_list WHERE schema = 'main' AND "
		"type = 'table' AND name NOT LIKE 'sqlite%%' ORDER BY name",
		NULL, &stmt, err))
		return err->kind;
	while (n < FOREIGN_TABLES_MAX && (rc = sqlite3_step(stmt)) == SQLITE_ROW) {
		const char *name = (const char *)sqlite3_column_text(stmt, 0);

		names[n] = name ? strdup(name) : NULL;
		if (!names[n])
			return err_set(err, ERR_NOMEM, "out of memory for '%s'", r->path);
		name_table(r->seen, name);
		*ret_n = r->seen->n_tables = ++n;
	}
	return n == FOREIGN_TABLES_MAX || rc == SQLITE_DONE ? ERR_OK : fail(r, rc, err);
}

static enum err_kind read_all(struct reading *r, struct err *err)
{
	char *names[FOREIGN_TABLES_MAX] = { NULL };
	size_t n = 0;
	enum err_kind kind = open_it(r, err);

	if (!kind)
		kind = list_tables(r, names, &n, err);
	for (size_t i = 0; !kind && i < n; i++)
		kind = read_table(r, names[i], err);
	for (size_t i = 0; i < n; i++)
		free(names[i]);
	return kind;
}

enum err_kind foreign_read(const char *path, const struct foreign_reader *reader,
    struct foreign_seen *ret_seen, struct err *err)
{
	struct reading r = { .path = path, .reader = reader, .seen = ret_seen };
	enum err_kind kind;

	*ret_seen = (struct foreign_seen){ .tables = "" };
	kind = read_all(&r, err);
	(void)sqlite3_close(r.db);
	return kind;
}
