#include "ledger/sqlite/schema.h"

#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "ledger/ledger.h"

static enum err_kind read_stamp_now(
    struct sql *sql, struct schema_stamp *ret_stamp, struct err *err)
{
	if (sql_number(sql, "PRAGMA application_id", &ret_stamp->application_id, err) ||
	    sql_number(sql, "PRAGMA user_version", &ret_stamp->version, err))
		return err->kind;
	if (ret_stamp->application_id == LEDGER_APPLICATION_ID)
		return ERR_OK;
	return sql_number(
	    sql, "SELECT count(*) FROM sqlite_schema", &ret_stamp->n_objects, err);
}

/* All of one moment: another process may be making the tables just now. */
enum err_kind schema_read(
    struct sql *sql, struct schema_stamp *ret_stamp, struct err *err)
{
	if (sql_begin(sql, SQL_READ, err))
		return err->kind;
	return sql_end(sql, read_stamp_now(sql, ret_stamp, err), err);
}

enum err_kind schema_check(const struct sql *sql, const struct schema_stamp *stamp,
    size_t n_steps, struct err *err)
{
	const bool is_ours = stamp->application_id == LEDGER_APPLICATION_ID;
	const bool is_blank =
	    stamp->application_id == 0 && stamp->version == 0 && stamp->n_objects == 0;

	if (!is_ours && !is_blank)
		return err_set(err, ERR_LEDGER,
		    "'%s' is the database of another program: name another file with "
		    "--ledger",
		    sql->path);
	if (stamp->version < 0 || stamp->version > (int64_t)n_steps)
		return err_set(err, ERR_LEDGER,
		    "the ledger '%s' was written by a newer dreamq (schema %lld, this "
		    "one knows %zu): upgrade dreamq or name another ledger with "
		    "--ledger",
		    sql->path, (long long)stamp->version, n_steps);
	return ERR_OK;
}

static enum err_kind ask_for_wal(struct sql *sql, bool *ret_is_wal, struct err *err)
{
	_cleanup_(query_done) struct query query = { 0 };
	const char *mode = NULL;
	bool has_row = false;

	if (sql_query_once(sql, "PRAGMA journal_mode=WAL", &query, err) ||
	    query_step(&query, &has_row, err))
		return err->kind;
	if (has_row)
		mode = (const char *)sqlite3_column_text(query.stmt, 0);
	*ret_is_wal = mode && !strcmp(mode, "wal");
	return ERR_OK;
}

/*
 * Costs nothing when it is so already. The change itself needs the file
 * alone, and sqlite refuses to wait for that, because two that wait for
 * each other would wait for ever; each gives way and tries again.
 */
static enum err_kind enter_wal(struct sql *sql, struct err *err)
{
	const int64_t begun_ms = clock_mono_ms();
	bool is_wal = false;

	while (ask_for_wal(sql, &is_wal, err)) {
		unsigned char random = 0;

		if (err->kind != ERR_LOCKED ||
		    !sql_may_wait(sql, clock_mono_ms() - begun_ms))
			return err->kind;
		sqlite3_randomness(1, &random);
		sqlite3_sleep(1 + random % 16);
	}
	return is_wal ? ERR_OK : sql_fail(sql, SQLITE_IOERR_SHMMAP, err);
}

static enum err_kind make_steps(
    struct sql *sql, const char *const *steps, size_t n_steps, struct err *err)
{
	struct schema_stamp stamp = { 0 };
	int64_t cookie = 0;
	char mark[128];

	if (read_stamp_now(sql, &stamp, err) || schema_check(sql, &stamp, n_steps, err))
		return err->kind;
	for (size_t v = (size_t)stamp.version; v < n_steps; v++)
		if (sql_exec(sql, steps[v], err))
			return err_note(err, "schema %zu", v + 1);
	if (sql_number(sql, "PRAGMA schema_version", &cookie, err))
		return err->kind;
	/* Whoever has read the schema before, this connection too, reads it again. */
	(void)snprintf(mark, sizeof(mark),
	    "PRAGMA application_id=%d; PRAGMA user_version=%zu; PRAGMA schema_version=%u",
	    LEDGER_APPLICATION_ID, n_steps, (unsigned)cookie + 1);
	return sql_exec(sql, mark, err);
}

/* Only a step may write into the schema. */
static enum err_kind make_steps_alone(
    struct sql *sql, const char *const *steps, size_t n_steps, struct err *err)
{
	enum err_kind kind;

	if (sql_begin(sql, SQL_DURABLE, err))
		return err->kind;
	(void)sqlite3_db_config(sql->db, SQLITE_DBCONFIG_DEFENSIVE, 0, NULL);
	kind = make_steps(sql, steps, n_steps, err);
	(void)sqlite3_db_config(sql->db, SQLITE_DBCONFIG_WRITABLE_SCHEMA, 0, NULL);
	(void)sqlite3_db_config(sql->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	return sql_end(sql, kind, err);
}

enum err_kind schema_bring(
    struct sql *sql, const char *const *steps, size_t n_steps, struct err *err)
{
	struct schema_stamp stamp = { 0 };

	if (schema_read(sql, &stamp, err) || schema_check(sql, &stamp, n_steps, err) ||
	    enter_wal(sql, err))
		return err->kind;
	if (stamp.application_id == LEDGER_APPLICATION_ID &&
	    stamp.version == (int64_t)n_steps)
		return ERR_OK;
	return make_steps_alone(sql, steps, n_steps, err);
}
