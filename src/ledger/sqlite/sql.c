#include "ledger/sqlite/sql.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/say.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

/*
 * Pages in the log before it is emptied into the file: what a start has to read, at 5 us
 * each. Who finds so many at his first write that it was felt empties it at his end.
 */
enum { LOG_PAGES_MAX = 256, LOG_PAGES_FELT = 32 };

/* A writer needs about a millisecond, a durable one some more. */
static const int pauses_ms[] = { 1, 1, 2, 3, 5, 8, 12, 16, 20, 25 };

static int pause_ms(int n_waits)
{
	const size_t last = COUNT(pauses_ms) - 1;
	const int longest = pauses_ms[(size_t)n_waits < last ? (size_t)n_waits : last];
	unsigned char random = 0;

	sqlite3_randomness(1, &random);
	return longest - (longest * random) / 512;
}

enum err_kind sql_gives_up(const struct sql *sql, int64_t waited_ms)
{
	if (!sql->waiting.gives_up)
		return ERR_OK;
	return sql->waiting.gives_up(sql->waiting.payload, waited_ms);
}

bool sql_may_wait(const struct sql *sql, int64_t waited_ms)
{
	return waited_ms < sql->wait_ms && sql_gives_up(sql, waited_ms) == ERR_OK;
}

/* Silence for half a minute looks like a program that hangs. */
static void tell_wait(struct sql *sql, int64_t waited_ms)
{
	char sentence[512], clock[16] = "";
	const time_t until = time(NULL) + (time_t)((sql->wait_ms - waited_ms) / 1000);
	struct tm local;

	if (sql->was_told || waited_ms < SQL_TOLD_MS || !sql->waiting.on_wait)
		return;
	sql->was_told = true;
	if (localtime_r(&until, &local))
		(void)strftime(clock, sizeof(clock), "%H:%M:%S", &local);
	say_into(sentence, sizeof(sentence),
	    "waiting for the ledger '%s', which another program has locked, until %s",
	    sql->path, clock);
	sql->waiting.on_wait(sql->waiting.payload, sentence);
}

/* sqlite asks: has waited `n_waits` times already, wait once more? */
static int wait_for_others(void *payload, int n_waits)
{
	struct sql *sql = payload;
	const int64_t now_ms = clock_mono_ms();

	if (errno == ENOLCK) /* nobody has it; see sql_fail() */
		return 0;
	if (n_waits == 0) {
		sql->busy_since_ms = now_ms;
		sql->was_told = false;
	}
	if (!sql_may_wait(sql, now_ms - sql->busy_since_ms))
		return 0;
	tell_wait(sql, now_ms - sql->busy_since_ms);
	sqlite3_sleep(pause_ms(n_waits));
	return 1;
}

/*
 * Is called after each commit. sqlite's own rule leaves the emptied log to the next
 * writer of the same process; with programs that write once and end, it would grow for
 * ever and be read again by each. So we cut it off. When others use it just now, as much
 * as can be is moved and nobody waits: the commit has been made either way.
 */
static int mind_log(void *payload, sqlite3 *db, const char *name, int n_pages)
{
	struct sql *sql = payload;
	const struct sql_waiting *waiting = &sql->waiting;

	(void)db;
	(void)name;
	sql->log_pages = n_pages;
	if (sql->log_pages_first == 0)
		sql->log_pages_first = n_pages;
	if (n_pages >= LOG_PAGES_MAX &&
	    !(waiting->on_full_log && waiting->on_full_log(waiting->payload)))
		sql_empty_log(sql);
	return SQLITE_OK;
}

static int empty_log(struct sql *sql)
{
	errno = 0;
	return sqlite3_wal_checkpoint_v2(
	    sql->db, "main", SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
}

void sql_empty_log(struct sql *sql)
{
	sqlite3_busy_handler(sql->db, NULL, NULL);
	sql_note_sync(sql, empty_log(sql));
	sql->log_pages = 0;
	sqlite3_busy_handler(sql->db, wait_for_others, sql);
}

/*
 * The system tells of a page that it could not write once, and forgets that it has to be
 * written. Behind such a page in the log nothing is safe, however well the next sync
 * goes: all that the log has is written again, into the file, and the log begins anew.
 */
static enum err_kind write_log_again(struct sql *sql, struct err *err)
{
	int rc;

	if (!sql->has_failed_sync)
		return ERR_OK;
	rc = empty_log(sql);
	if (rc)
		return sql_fail(sql, rc, err);
	sql->has_failed_sync = false;
	return ERR_OK;
}

enum err_kind sql_open(
    struct sql *sql, const char *path, int64_t wait_ms, struct err *err)
{
	const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE |
	    SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
	int rc;

	*sql = (struct sql){ .wait_ms = wait_ms };
	sql->path = strdup(path);
	if (!sql->path)
		return err_set(err, ERR_NOMEM, "out of memory in the ledger '%s'", path);
	errno = 0;
	rc = sqlite3_open_v2(path, &sql->db, flags, NULL);
	if (rc)
		return sql_fail(sql, rc, err);
	sqlite3_busy_handler(sql->db, wait_for_others, sql);
	(void)sqlite3_wal_hook(sql->db, mind_log, sql);
	(void)sqlite3_db_config(sql->db, SQLITE_DBCONFIG_ENABLE_FKEY, 1, NULL);
	(void)sqlite3_db_config(sql->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	(void)sqlite3_db_config(sql->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
	/* The next one who writes goes on with the log; most ends stay cheap. */
	(void)sqlite3_db_config(sql->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
	if (sqlite3_db_readonly(sql->db, "main") == 1)
		return sql_fail(sql, SQLITE_READONLY, err);
	/* What it takes to undo one write, as triggers need it, else goes through a file.
	 */
	return sql_exec(sql,
	    "PRAGMA synchronous=NORMAL; PRAGMA temp_store=MEMORY; "
	    "PRAGMA journal_size_limit=1048576",
	    err);
}

void sql_close(struct sql *sql)
{
	for (size_t i = 0; i < sql->n_cached; i++)
		sqlite3_finalize(sql->cache[i].stmt);
	if (sql->has_failed_sync ||
	    (sql->log_pages_first >= LOG_PAGES_FELT && sql->log_pages >= LOG_PAGES_FELT))
		sql_empty_log(sql);
	sqlite3_close_v2(sql->db);
	free(sql->path);
	*sql = (struct sql){ 0 };
}

static sqlite3_stmt *find_cached(const struct sql *sql, const char *text)
{
	for (size_t i = 0; i < sql->n_cached; i++)
		if (sql->cache[i].text == text)
			return sql->cache[i].stmt;
	return NULL;
}

static enum err_kind prepare(struct sql *sql, const char *text, unsigned flags,
    sqlite3_stmt **ret_stmt, struct err *err)
{
	int rc;

	errno = 0;
	rc = sqlite3_prepare_v3(sql->db, text, -1, flags, ret_stmt, NULL);
	return rc ? sql_fail(sql, rc, err) : ERR_OK;
}

enum err_kind sql_query_once(
    struct sql *sql, const char *text, struct query *ret_query, struct err *err)
{
	sqlite3_stmt *stmt = NULL;
	const enum err_kind kind = prepare(sql, text, 0, &stmt, err);

	if (kind)
		return kind;
	*ret_query = (struct query){ .sql = sql, .stmt = stmt, .is_own = true };
	return ERR_OK;
}

enum err_kind sql_query(
    struct sql *sql, const char *text, struct query *ret_query, struct err *err)
{
	sqlite3_stmt *stmt = find_cached(sql, text);
	enum err_kind kind;

	if (!stmt && sql->n_cached == SQL_CACHE_MAX)
		return sql_query_once(sql, text, ret_query, err);
	if (!stmt) {
		kind = prepare(sql, text, SQLITE_PREPARE_PERSISTENT, &stmt, err);
		if (kind)
			return kind;
		sql->cache[sql->n_cached].text = text;
		sql->cache[sql->n_cached++].stmt = stmt;
	}
	*ret_query = (struct query){ .sql = sql, .stmt = stmt };
	return ERR_OK;
}

void bind_text(struct query *query, const char *text)
{
	if (!query->rc)
		query->rc = sqlite3_bind_text(
		    query->stmt, ++query->n_bound, text, -1, SQLITE_STATIC);
}

void bind_int(struct query *query, int64_t value)
{
	if (!query->rc)
		query->rc = sqlite3_bind_int64(query->stmt, ++query->n_bound, value);
}

void bind_known(struct query *query, int64_t value, int64_t unknown)
{
	if (value == unknown)
		bind_text(query, NULL);
	else
		bind_int(query, value);
}

enum err_kind query_step(struct query *query, bool *ret_has_row, struct err *err)
{
	int rc = query->rc;

	errno = 0;
	if (!rc)
		rc = sqlite3_step(query->stmt);
	if (rc != SQLITE_ROW && rc != SQLITE_DONE)
		return sql_fail(query->sql, rc, err);
	*ret_has_row = rc == SQLITE_ROW;
	return ERR_OK;
}

void query_again(struct query *query)
{
	sqlite3_reset(query->stmt);
	query->n_bound = 0;
	query->rc = SQLITE_OK;
}

enum err_kind query_run(struct query *query, struct err *err)
{
	bool has_row = true;

	while (has_row)
		if (query_step(query, &has_row, err))
			return err->kind;
	query_again(query);
	return ERR_OK;
}

void query_done(struct query *query)
{
	if (!query->stmt)
		return;
	if (query->is_own) {
		sqlite3_finalize(query->stmt);
	} else {
		sqlite3_reset(query->stmt);
		sqlite3_clear_bindings(query->stmt);
	}
	*query = (struct query){ 0 };
}

enum err_kind sql_exec(struct sql *sql, const char *text, struct err *err)
{
	int rc;

	errno = 0;
	rc = sqlite3_exec(sql->db, text, NULL, NULL, NULL);
	return rc ? sql_fail(sql, rc, err) : ERR_OK;
}

enum err_kind sql_number(
    struct sql *sql, const char *text, int64_t *ret_number, struct err *err)
{
	_cleanup_(query_done) struct query query = { 0 };
	bool has_row = false;

	if (sql_query_once(sql, text, &query, err) || query_step(&query, &has_row, err))
		return err->kind;
	*ret_number = has_row ? sqlite3_column_int64(query.stmt, 0) : 0;
	return ERR_OK;
}

/* sqlite takes this only between transactions. */
static enum err_kind make_durable(struct sql *sql, bool is_durable, struct err *err)
{
	if (sql->is_durable == is_durable)
		return ERR_OK;
	if (sql_exec(sql,
		is_durable ? "PRAGMA synchronous=FULL" : "PRAGMA synchronous=NORMAL",
		err))
		return err->kind;
	sql->is_durable = is_durable;
	return ERR_OK;
}

static enum err_kind run_text(struct sql *sql, const char *text, struct err *err)
{
	_cleanup_(query_done) struct query query = { 0 };

	return sql_query(sql, text, &query, err) ? err->kind : query_run(&query, err);
}

enum err_kind sql_begin(struct sql *sql, enum sql_purpose purpose, struct err *err)
{
	static const char begin_read[] = "BEGIN";
	static const char begin_write[] = "BEGIN IMMEDIATE";

	sql->purpose = purpose;
	if (purpose == SQL_READ)
		return run_text(sql, begin_read, err);
	if (sql->guard && sql->guard->on_begin(sql->guard->payload, purpose, err))
		return err->kind;
	if (make_durable(sql, purpose == SQL_DURABLE, err) ||
	    (purpose == SQL_DURABLE && write_log_again(sql, err)))
		return err->kind;
	return run_text(sql, begin_write, err);
}

enum err_kind sql_end(struct sql *sql, enum err_kind kind, struct err *err)
{
	static const char commit[] = "COMMIT";
	const struct sql_guard *guard = sql->purpose == SQL_READ ? NULL : sql->guard;

	if (!kind && guard)
		kind = guard->before_commit(guard->payload, sql->purpose, err);
	if (!kind)
		kind = run_text(sql, commit, err);
	/* Some failures (a full disk) have rolled back already. */
	if (kind && !sqlite3_get_autocommit(sql->db))
		(void)sqlite3_exec(sql->db, "ROLLBACK", NULL, NULL, NULL);
	if (!kind && guard)
		kind = guard->after_commit(guard->payload, sql->purpose, err);
	return kind;
}
