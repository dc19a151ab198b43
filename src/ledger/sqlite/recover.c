/*
 * recover.c - what can be read of a damaged ledger, into a new one (recover.h).
 *
 * Names and keys that the table of tasks does not give the index of names and the
 * look-up of keys may. The new file is made by its own schema, so its checks and triggers
 * see every row; what they refuse is left out.
 */
#include "ledger/care.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/fs.h"
#include "ledger/sqlite/files.h"
#include "ledger/sqlite/recover.h"

static void recovery_release(struct recovery *r)
{
	sqlite3_close_v2(r->from);
	sqlite_close_own(r->into);
}

/* Nothing is written to it, not even what its log holds. */
static enum err_kind open_source(struct recovery *r, const char *path, struct err *err)
{
	const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_EXRESCODE;
	int rc = sqlite3_open_v2(path, &r->from, flags, NULL);

	if (!rc) {
		sqlite3_busy_timeout(r->from, LEDGER_WAIT_MS);
		(void)sqlite3_db_config(
		    r->from, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
		(void)sqlite3_db_config(r->from, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
		/* A list of tables that is damaged in part is read as far as it goes. */
		(void)sqlite3_exec(
		    r->from, "PRAGMA writable_schema = ON", NULL, NULL, NULL);
		rc = sqlite3_exec(r->from, "BEGIN; SELECT 1 FROM sqlite_schema LIMIT 1",
		    NULL, NULL, NULL);
	}
	if (!rc)
		return ERR_OK;
	return err_set(err, ERR_LEDGER,
	    "nothing can be read of '%s' (%s): take a copy, 'dreamq ledger accept COPY'",
	    path, sqlite3_errstr(rc));
}

/* --- names and keys -------------------------------------------------------------- */

/* From another place of the source than the table: a row for each that is missing. */
static enum err_kind fill_in(
    struct recovery *r, const char *select, const char *insert, struct err *err)
{
	sqlite3_stmt *put = NULL;
	enum err_kind kind;

	if (sqlite3_prepare_v2(r->sql->db, insert, -1, &put, NULL))
		return sql_fail(r->sql, sqlite3_extended_errcode(r->sql->db), err);
	(void)sqlite3_bind_int64(put, sqlite3_bind_parameter_count(put), clock_unix_ms());
	kind = recovery_select(r, select, put, err);
	sqlite3_finalize(put);
	return kind;
}

/* Where a name or a key stands besides the table: its number, its account, and itself. */
static const char names[] = "SELECT id, account, submit_id FROM tasks "
			    "INDEXED BY sqlite_autoindex_tasks_1";
static const char keys[] = "SELECT task, account, idempotency_key FROM keys";
static const char indexed[] =
    "SELECT id, account, idempotency_key FROM tasks INDEXED BY tasks_key "
    "WHERE idempotency_key IS NOT NULL";

#define IS_KEY_SAVED "(SELECT 1 FROM tasks WHERE account = ?2 AND idempotency_key = ?3)"

static enum err_kind save_names(struct recovery *r, struct err *err)
{
	/* A number that is free, or the row of that number has none. */
	static const char put_name[] =
	    "INSERT OR IGNORE INTO tasks (id, account, submit_id, state, is_open, "
	    "first_seen_unix_ms, updated_unix_ms) VALUES (?1, ?2, ?3, 'unknown', 1, ?4, "
	    "?4)";
	static const char put_key[] =
	    "INSERT INTO tasks (id, account, submit_id, state, is_open, "
	    "first_seen_unix_ms, updated_unix_ms, idempotency_key) "
	    "SELECT ?1, ?2, 'lost-' || ?1, 'not_found', 0, ?4, ?4, ?3 WHERE NOT "
	    "EXISTS " IS_KEY_SAVED " ON CONFLICT (id) DO UPDATE SET idempotency_key = ?3 "
	    "WHERE idempotency_key IS NULL AND account = ?2";
	/* The row of that number says otherwise: one of the two is damaged, so both stay.
	 */
	static const char put_other_name[] =
	    "INSERT OR IGNORE INTO tasks (account, submit_id, state, is_open, "
	    "first_seen_unix_ms, updated_unix_ms) VALUES (?2, ?3, 'unknown', 1, ?4, ?4)";
	static const char give_key[] =
	    "UPDATE tasks SET idempotency_key = ?3 WHERE account = ?2 "
	    "AND submit_id = (SELECT submit_id FROM tasks WHERE id = ?1) "
	    "AND idempotency_key IS NULL AND NOT EXISTS " IS_KEY_SAVED;
	static const char put_other_key[] =
	    "INSERT INTO tasks (account, submit_id, state, is_open, "
	    "first_seen_unix_ms, updated_unix_ms, idempotency_key) "
	    "SELECT ?2, 'lost-' || (SELECT max(id) + 1 FROM tasks), 'not_found', 0, ?4, "
	    "?4, ?3 WHERE NOT EXISTS " IS_KEY_SAVED;
	static const struct {
		const char *from, *put;
	} steps[] = {
		{ names, put_name },
		{ names, put_other_name },
		{ keys, put_key },
		{ indexed, put_key },
		{ keys, give_key },
		{ indexed, give_key },
		{ keys, put_other_key },
		{ indexed, put_other_key },
	};

	for (size_t i = 0; i < sizeof(steps) / sizeof(*steps); i++)
		if (fill_in(r, steps[i].from, steps[i].put, err))
			return err->kind;
	return ERR_OK;
}

/*
 * What is saved by its name alone looks like an id that somebody typed. It was ours, so
 * it has an event 0, and is never forgotten (ROW_IS_STRAY).
 */
static enum err_kind save_and_mark_names(struct recovery *r, struct err *err)
{
	static const char note[] = "CREATE TEMP TABLE whole AS SELECT id FROM tasks;"
				   "CREATE UNIQUE INDEX temp.whole_id ON whole (id)";
	static const char mark[] =
	    "INSERT INTO events (task, seq, at_unix_ms, what, text) SELECT id, 0, "
	    "updated_unix_ms, 'note', 'recovered: nothing but its name was left' "
	    "FROM tasks WHERE id NOT IN (SELECT id FROM whole)";
	int64_t before = 0, after = 0;

	if (sql_exec(r->sql, note, err) ||
	    sql_number(r->sql, "SELECT count(*) FROM whole", &before, err) ||
	    save_names(r, err) || sql_exec(r->sql, mark, err) ||
	    sql_exec(r->sql, "DROP TABLE whole", err) ||
	    sql_number(r->sql, "SELECT count(*) FROM tasks", &after, err))
		return err->kind;
	r->names = after - before;
	return ERR_OK;
}

/* Tasks come first: the others hang on them. */
static const struct recovery_table tables[] = {
	{ .name = "tasks",
	    .key = "id",
	    .is_of_tasks = true,
	    .since = 1,
	    .part = "tasks" },
	{ .name = "assets",
	    .key = "task",
	    .is_of_tasks = true,
	    .since = 1,
	    .part = "files" },
	{ .name = "events",
	    .key = "task",
	    .is_of_tasks = true,
	    .since = 1,
	    .part = "events" },
	{ .name = "accounts", .key = "account", .since = 2, .part = "accounts" },
	{ .name = "counters", .key = "name", .since = 2 },
	{ .name = "marks",
	    .key = "task",
	    .is_of_tasks = true,
	    .since = 10,
	    .part = "notes" },
	{ .name = "tags",
	    .key = "task",
	    .is_of_tasks = true,
	    .since = 10,
	    .part = "tags",
	    .index = "tags_tag",
	    .index_key = "tag" },
	{ .name = "deliveries", .key = "id", .since = 11, .part = "deliveries" },
	{ .name = "errands", .key = "number", .since = 12 },
	{ .name = "permits", .key = "account", .since = 13 },
	{ .name = "secrets", .key = "name", .since = 13 },
};
_Static_assert(sizeof(tables) / sizeof(*tables) < CARE_PARTS_MAX, "a word for each");

/* A lease that is given from now on is newer than all that were (lease.h). */
static const char settle[] =
    "UPDATE tasks SET state = 'unknown', owner = NULL, is_open = 1 "
    "WHERE state = 'submitting'; UPDATE tasks SET lease_owner = NULL;"
    "INSERT INTO counters SELECT 'lease_token', max(lease_token) FROM tasks "
    "WHERE true HAVING max(lease_token) > 0 "
    "ON CONFLICT (name) DO UPDATE SET value = max(value, excluded.value);";

/* is_whole: for each row of `tables`. */
static enum err_kind save_all(struct recovery *r, bool *is_whole, struct err *err)
{
	for (size_t i = 0; i < sizeof(tables) / sizeof(*tables); i++)
		if (recovery_copy(r, &tables[i], &is_whole[i], err) ||
		    (i == 0 && save_and_mark_names(r, err)))
			return err->kind;
	return sql_exec(r->sql, settle, err);
}

static int64_t number_in(const struct recovery *r, const char *select)
{
	sqlite3_stmt *stmt = NULL;
	int64_t n = 0;

	if (!sqlite3_prepare_v2(r->from, select, -1, &stmt, NULL) &&
	    sqlite3_step(stmt) == SQLITE_ROW)
		n = sqlite3_column_int64(stmt, 0);
	sqlite3_finalize(stmt);
	return n;
}

/* Counts what the source says it had; 0 when even that is unreadable. */
static int64_t count_expected(const struct recovery *r, const char *path)
{
	const int64_t n = number_in(r, "SELECT tasks FROM books");
	struct mark mark;

	mark_read(path, &mark);
	return mark.name[0] && mark.tasks > n ? mark.tasks : n;
}

/* What the books count is whole when it is there, however it was found. */
static bool is_part_whole(const struct recovery *r, const struct recovery_table *table,
    bool is_whole, const struct care_saved *saved)
{
	int64_t n;

	if (!strcmp(table->name, "tasks"))
		return saved->lost_tasks == 0 && saved->names == 0 &&
		    (is_whole || number_in(r, "SELECT tasks FROM books") > 0);
	if (strcmp(table->name, "assets") != 0)
		return is_whole;
	n = number_in(r, "SELECT assets FROM books");
	return n > 0 ? saved->assets >= n : is_whole;
}

static enum err_kind count_saved(struct recovery *r, const char *path,
    const bool *is_whole, struct care_saved *ret_saved, struct err *err)
{
	struct books_counts counts = { .generation = 0 };
	struct care_saved saved;
	size_t n = 0;

	if (books_count(r->sql, true, &counts, err))
		return err->kind;
	saved = (struct care_saved){ .tasks = counts.has_tasks,
		.keys = counts.has_keys,
		.assets = counts.has_assets,
		.names = r->names,
		.lost_tasks = count_expected(r, path) - counts.has_tasks };
	if (saved.lost_tasks < 0)
		saved.lost_tasks = 0;
	if (sql_number(r->sql, "SELECT count(*) FROM marks", &saved.notes, err) ||
	    sql_number(r->sql, "SELECT count(*) FROM tags", &saved.tags, err))
		return err->kind;
	for (size_t i = 0; i < sizeof(tables) / sizeof(*tables); i++)
		if (tables[i].part && !is_part_whole(r, &tables[i], is_whole[i], &saved))
			saved.unread[n++] = tables[i].part;
	if (number_in(r, "PRAGMA user_version") > LEDGER_SCHEMA_VERSION)
		saved.unread[n++] = "newer";
	*ret_saved = saved;
	return ERR_OK;
}

static enum err_kind run(struct recovery *r, const char *path, const char *to,
    struct care_saved *ret_saved, struct err *err)
{
	static const struct ledger_options options = { .must_exist = false };
	bool is_whole[sizeof(tables) / sizeof(*tables)] = { false };

	if (open_source(r, path, err))
		return err->kind;
	r->has_begun = true;
	if (sqlite_open_url(to, &options, &r->into, err))
		return err->kind;
	r->sql = &r->into->sql;
	if (sql_begin(r->sql, SQL_DURABLE, err) ||
	    sql_end(r->sql, save_all(r, is_whole, err), err) ||
	    count_saved(r, path, is_whole, ret_saved, err))
		return err->kind;
	return sql_exec(r->sql, "PRAGMA wal_checkpoint(TRUNCATE)", err);
}

enum err_kind care_recover(
    const char *url, const char *to, struct care_saved *ret_saved, struct err *err)
{
	struct recovery r = { .from = NULL };
	_cleanup_free_ char *path = NULL;
	enum err_kind kind;

	if (ledger_file_of(url, &path, err))
		return err->kind;
	/* A log or a mark that is left of a ledger is not ours to write over. */
	if (files_exist(to))
		return err_set(err, ERR_USAGE,
		    "'%s', or a log or mark of it, is there already: name a file that is "
		    "not",
		    to);
	if (fs_size(path) <= 0)
		return err_set(err, ERR_LEDGER,
		    "there is no ledger '%s', or it is empty: nothing can be saved of it",
		    path);
	kind = run(&r, path, to, ret_saved, err);
	recovery_release(&r);
	/* A file that holds less than it should must not be left to be taken for one. */
	if (kind && r.has_begun)
		files_remove(to);
	return kind;
}
