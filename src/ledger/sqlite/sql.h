/*
 * sql.h - SQLite, as the ledger uses it: one connection, prepared
 * statements kept for reuse, transactions, and errors for people.
 *
 * A statement is named by its text, a static string: the same pointer gives the
 * same prepared statement. At most one query of a text runs at a time.
 *
 *	_cleanup_(query_done) struct query q = { 0 };
 *
 *	if (sql_query(sql, FIND_TEXT, &q, err))
 *		return err->kind;
 *	bind_text(&q, account);
 *	bind_int(&q, 7);
 *	while (!(kind = query_step(&q, &has_row, err)) && has_row)
 *		... sqlite3_column_...(q.stmt, 0) ...
 *
 * Binding never needs a check: a failure sticks and the step reports it.
 * Bound text is borrowed until query_done().
 *
 * Waiting for other processes: sqlite's busy handler and every first lock of a
 * transaction wait with a growing, jittered pause up to `wait_ms` in total, and less when
 * struct sql_waiting gives up. ERR_LOCKED then; ERR_CANCELLED when that gave up with it.
 * Writers begin with BEGIN IMMEDIATE, so no reader ever has to become a writer,
 * which is the one case that sqlite can't wait for.
 *
 * One thread at a time.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <sqlite3.h>

#include "base/err.h"

enum {
	SQL_CACHE_MAX = 80,
	SQL_TOLD_MS = 2000, /* a wait that lasts longer is told */
};

/*
 * Who looks on while others are waited for. Neither may use the ledger. Each may be NULL.
 */
struct sql_waiting {
	/*
	 * A wait has lasted `waited_ms`. ERR_OK: go on; ERR_CANCELLED or ERR_LOCKED: fail
	 * with that.
	 */
	enum err_kind (*gives_up)(void *payload, int64_t waited_ms);
	/* Once a wait: a sentence about what is waited for, and until when. */
	void (*on_wait)(void *payload, const char *sentence);
	/* After a commit: the log is full. True: another connection empties it. */
	bool (*on_full_log)(void *payload);
	void *payload;
};

/*
 * Who looks on when something is written. Each may fail, which undoes the transaction,
 * but the last: what it says is the end of an operation that may have been done.
 */
enum sql_purpose { SQL_READ, SQL_WRITE, SQL_DURABLE };
struct sql_guard {
	enum err_kind (*on_begin)(
	    void *payload, enum sql_purpose purpose, struct err *err);
	enum err_kind (*before_commit)(
	    void *payload, enum sql_purpose purpose, struct err *err);
	enum err_kind (*after_commit)(
	    void *payload, enum sql_purpose purpose, struct err *err);
	void *payload;
};

struct sql {
	sqlite3 *db;
	char *path; /* absolute, for errors */
	int64_t wait_ms;
	int64_t busy_since_ms; /* of the wait going on */
	bool was_told; /* of that wait */
	struct sql_waiting waiting;
	const struct sql_guard *guard; /* NULL: none */
	enum sql_purpose purpose; /* of the transaction going on */
	int log_pages_first, log_pages; /* behind our first commit, and the last one */
	bool is_durable; /* synchronous=FULL now? */
	/* The disk may have dropped what is in the log, and sync it "well" next time. */
	bool has_failed_sync;
	size_t n_cached;
	struct {
		const char *text;
		sqlite3_stmt *stmt;
	} cache[SQL_CACHE_MAX];
};

/* `path` is absolute. Reads nothing yet but the file's kind. */
enum err_kind sql_open(
    struct sql *sql, const char *path, int64_t wait_ms, struct err *err);
void sql_close(struct sql *sql);

/* What whoever looks on says to a wait that has lasted so long. */
enum err_kind sql_gives_up(const struct sql *sql, int64_t waited_ms);
/* May it go on? */
bool sql_may_wait(const struct sql *sql, int64_t waited_ms);

/* Empty the log into the file, if nobody reads what is in it; waits for the disk. */
void sql_empty_log(struct sql *sql);

/* Does `rc` say that the disk did not take what was to be synced? sql_fail() notes it. */
void sql_note_sync(struct sql *sql, int rc);
/* Say what sqlite's `rc` means for this ledger. */
enum err_kind sql_fail(struct sql *sql, int rc, struct err *err);

struct query {
	struct sql *sql;
	sqlite3_stmt *stmt;
	int n_bound, rc;
	bool is_own; /* not in the cache: finalized by query_done() */
};

enum err_kind sql_query(
    struct sql *sql, const char *text, struct query *ret_query, struct err *err);
/* The same for a text that was made at run time; it is prepared for this use only. */
enum err_kind sql_query_once(
    struct sql *sql, const char *text, struct query *ret_query, struct err *err);
void bind_text(struct query *query, const char *text); /* NULL binds NULL */
void bind_int(struct query *query, int64_t value);
/* Binds NULL when it is the value that stands for "unknown". */
void bind_known(struct query *query, int64_t value, int64_t unknown);
enum err_kind query_step(struct query *query, bool *ret_has_row, struct err *err);
/* For statements without rows: step to the end and be ready for new values. */
enum err_kind query_run(struct query *query, struct err *err);
void query_again(struct query *query); /* ready for new values */
void query_done(struct query *query);

/* Runs a text without values and rows. */
enum err_kind sql_exec(struct sql *sql, const char *text, struct err *err);
/* One number: a PRAGMA or a count. */
enum err_kind sql_number(
    struct sql *sql, const char *text, int64_t *ret_number, struct err *err);

/*
 * What a transaction is for. SQL_READ sees one moment of the ledger. SQL_WRITE
 * survives the end of the process, SQL_DURABLE the end of the power, once sql_end()
 * has returned.
 */
enum err_kind sql_begin(struct sql *sql, enum sql_purpose purpose, struct err *err);
/*
 * End it the way the work inside it ended: commit after ERR_OK, else roll
 * back and hand `kind` (and *err) on.
 */
enum err_kind sql_end(struct sql *sql, enum err_kind kind, struct err *err);
