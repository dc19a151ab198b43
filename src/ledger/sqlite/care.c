#include "ledger/care.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fs.h"
#include "ledger/sqlite/files.h"
#include "ledger/sqlite/handle.h"
#include "ledger/sqlite/schema.h"

/* Versions of the schema. */
enum { KEYS_SINCE = 2, BOOKS_SINCE = 5 };

static void close_ownp(struct sqlite_ledger **ledger)
{
	sqlite_close_own(*ledger);
}

/* --- checking --------------------------------------------------------------------- */

/* Of pages that could not all be read nothing is known. */
static void take_counts(const struct books_counts *counts, struct care_health *health)
{
	if (counts->trouble[0])
		return;
	health->tasks = counts->has_tasks;
	health->keys = counts->has_keys;
	health->assets = counts->has_assets;
	health->want_tasks = counts->tasks;
	health->want_keys = counts->keys;
	health->want_assets = counts->assets;
}

/* Without books nothing says how many there should be. */
static enum err_kind count_old(
    struct sql *sql, int64_t version, struct care_health *health, struct err *err)
{
	static const char keys[] =
	    "SELECT count(*) FROM tasks WHERE idempotency_key IS NOT NULL";
	struct books_counts counts = { .generation = 0 };

	if (version == 0)
		return ERR_OK;
	if (books_check_pages(sql, &counts, err))
		return err->kind;
	if (!books_agree(&counts))
		return books_refuse(sql, &counts, err);
	health->keys = 0;
	if (sql_number(sql, "SELECT count(*) FROM tasks", &health->tasks, err) ||
	    sql_number(sql, "SELECT count(*) FROM assets", &health->assets, err))
		return err->kind;
	return version < KEYS_SINCE ? ERR_OK : sql_number(sql, keys, &health->keys, err);
}

static enum err_kind count_pages(struct sql *sql, const struct mark *mark,
    struct care_health *health, struct err *ret_doubt, struct err *err)
{
	struct books_counts counts = { .generation = 0 };

	if (books_count(sql, true, &counts, err))
		return err->kind;
	take_counts(&counts, health);
	return books_agree(&counts) ? books_find_doubt(sql, &counts, mark, ret_doubt, err)
				    : books_refuse(sql, &counts, err);
}

static void judge(
    struct care_health *health, enum care_verdict verdict, const struct err *said)
{
	health->verdict = verdict;
	health->said = *said;
}

/* Whole pages, right counts: is it as far as its mark? */
static void judge_pages(struct sql *sql, const struct schema_stamp *stamp,
    const struct mark *mark, struct care_health *health, struct err *why)
{
	struct err doubt = { .kind = ERR_OK }, well;

	if (stamp->version < BOOKS_SINCE ? count_old(sql, stamp->version, health, why)
					 : count_pages(sql, mark, health, &doubt, why)) {
		judge(health, CARE_DAMAGED, why);
		return;
	}
	err_set(&well, ERR_OK, "every page and every row is there");
	if (stamp->version != LEDGER_SCHEMA_VERSION)
		err_set(&well, ERR_OK,
		    "every page is there; its schema is %lld, which the next dreamq that "
		    "opens it brings to %d",
		    (long long)stamp->version, LEDGER_SCHEMA_VERSION);
	judge(health, doubt.kind ? CARE_BEHIND : CARE_GOOD, doubt.kind ? &doubt : &well);
}

/* Of another program's file, or a newer dreamq's, nothing can be said: ERR_LEDGER. */
static enum err_kind check_pages(struct sql *sql, const char *path,
    const struct mark *mark, struct care_health *health, struct err *err)
{
	struct err why = { .kind = ERR_OK };
	struct schema_stamp stamp = { 0 };

	if (sql_open(sql, path, LEDGER_WAIT_MS, &why) || schema_read(sql, &stamp, &why))
		judge(health, CARE_DAMAGED, &why);
	else if (schema_check(sql, &stamp, LEDGER_SCHEMA_VERSION, err))
		return err->kind;
	else
		judge_pages(sql, &stamp, mark, health, &why);
	if (!why.kind || why.kind == ERR_LEDGER)
		return ERR_OK;
	*err = why;
	return err->kind;
}

static enum err_kind check_file(const char *path, const struct mark *mark,
    struct care_health *health, struct err *err)
{
	struct sql sql = { 0 };
	const enum err_kind kind = check_pages(&sql, path, mark, health, err);

	sql_close(&sql);
	return kind;
}

enum err_kind care_check(const char *url, struct care_health *ret_health, struct err *err)
{
	struct care_health health = { CARE_GOOD, -1, -1, -1, -1, -1, -1, -1,
		{ .kind = ERR_OK } };
	_cleanup_free_ char *path = NULL;
	struct mark mark;
	struct err why;

	if (ledger_file_of(url, &path, err))
		return err->kind;
	mark_read(path, &mark);
	health.mark_tasks = mark.name[0] ? mark.tasks : -1;
	if (ledger_check_file(path, &why)) {
		if (why.kind == ERR_NOT_FOUND || fs_size(path) > 0) {
			*err = why;
			return err->kind;
		}
		judge(&health, CARE_GONE, &why);
	} else if (fs_size(path) == 0) {
		err_set(&why, ERR_OK, "it is new, and empty");
		judge(&health, CARE_GOOD, &why);
	} else if (check_file(path, &mark, &health, err)) {
		return err->kind;
	}
	*ret_health = health;
	return ERR_OK;
}

/* --- taking another --------------------------------------------------------------- */

/* What waits may have been sent since, so it is asked for. */
static enum err_kind settle_waiting(struct sqlite_ledger *ledger, struct err *err)
{
	static const char text[] =
	    "UPDATE tasks SET state = 'unknown', owner = NULL, lease_owner = NULL, "
	    "is_open = 1, version = version + 1 WHERE state = 'submitting'";
	struct sql *sql = &ledger->sql;

	return sql_begin(sql, SQL_DURABLE, err)
	    ? err->kind
	    : sql_end(sql, sql_exec(sql, text, err), err);
}

static enum err_kind accept_as_it_is(const char *path, struct err *err)
{
	static const struct ledger_options options = { .must_exist = true };
	_cleanup_(close_ownp) struct sqlite_ledger *ledger = NULL;

	if (!files_exist(path))
		return err_set(err, ERR_NOT_FOUND, "there is no ledger '%s'", path);
	if (fs_size(path) <= 0)
		return files_put_aside(path, err);
	if (sqlite_open_url(path, &options, &ledger, err))
		return err->kind;
	if (settle_waiting(ledger, err))
		return err->kind;
	return books_accept(&ledger->books, err);
}

/* Makes it whole, of today's schema, and in one file. */
static enum err_kind make_ready(const char *from, struct err *err)
{
	static const struct ledger_options options = { .must_exist = true };
	_cleanup_(close_ownp) struct sqlite_ledger *ledger = NULL;

	if (sqlite_open_url(from, &options, &ledger, err) ||
	    settle_waiting(ledger, err) || books_accept(&ledger->books, err))
		return err->kind;
	return sql_exec(&ledger->sql, "PRAGMA wal_checkpoint(TRUNCATE)", err);
}

static enum err_kind fail_to_copy(const char *from, int rc, struct err *err)
{
	return err_set(err, (rc & 0xff) == SQLITE_FULL ? ERR_NOSPACE : ERR_LEDGER,
	    "'%s' can't be copied (%s)", from, sqlite3_errstr(rc));
}

/* With what its log holds; nothing is written to `from`. */
static int copy_pages(sqlite3 *from, sqlite3 *to)
{
	sqlite3_backup *backup;

	(void)sqlite3_exec(to, "PRAGMA journal_mode = MEMORY", NULL, NULL, NULL);
	sqlite3_busy_timeout(from, LEDGER_WAIT_MS);
	backup = sqlite3_backup_init(to, "main", from, "main");
	if (!backup)
		return sqlite3_errcode(to);
	(void)sqlite3_backup_step(backup, -1);
	return sqlite3_backup_finish(backup);
}

enum err_kind files_copy(const char *from, const char *to, struct err *err)
{
	const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_EXRESCODE;
	_cleanup_free_ char *log = NULL;
	sqlite3 *source = NULL, *target = NULL;
	int rc;

	if (asprintf(&log, "%s-wal", from) < 0) {
		log = NULL;
		return err_set(err, ERR_NOMEM, "out of memory");
	}
	rc = sqlite3_open_v2(from, &source, flags, NULL);
	/* A log that is there stays; one that sqlite makes for us goes. */
	if (!rc && fs_exists(log))
		rc = sqlite3_db_config(source, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
	if (!rc)
		rc = sqlite3_open_v2(to, &target, flags, NULL);
	if (!rc)
		rc = copy_pages(source, target);
	sqlite3_close_v2(source);
	sqlite3_close_v2(target);
	return rc ? fail_to_copy(from, rc, err) : ERR_OK;
}

static enum err_kind take_copy(
    const char *path, const char *source, const char *fresh, struct err *err)
{
	if (files_copy(source, fresh, err))
		return err->kind;
	if (make_ready(fresh, err))
		return err_note(err, "a copy of '%s'", source);
	return files_replace(path, fresh, err);
}

/*
 * By a copy beside the ledger: the way there is never across file systems, and whoever
 * has but one copy has it still.
 */
static enum err_kind accept_other(const char *path, const char *from, struct err *err)
{
	_cleanup_free_ char *source = NULL;
	_cleanup_free_ char *fresh = NULL;
	int fd;

	if (ledger_file_of(from, &source, err))
		return err->kind;
	if (!strcmp(path, source))
		return accept_as_it_is(path, err);
	if (ledger_check_file(source, err) || fs_make_parent(path, 0700, err))
		return err->kind;
	if (fs_size(source) == 0)
		return err_set(err, ERR_LEDGER, "'%s' is empty", source);
	if (asprintf(&fresh, "%s.new-XXXXXX", path) < 0) {
		fresh = NULL;
		return err_set(err, ERR_NOMEM, "out of memory");
	}
	fd = mkostemp(fresh, O_CLOEXEC);
	if (fd < 0)
		return err_errno(err, ERR_LEDGER, "can't write beside '%s'", path);
	(void)close(fd);
	if (!take_copy(path, source, fresh, err))
		return ERR_OK;
	files_remove(fresh);
	return err->kind;
}

enum err_kind care_accept(const char *url, const char *from, struct err *err)
{
	_cleanup_free_ char *path = NULL;

	if (ledger_file_of(url, &path, err))
		return err->kind;
	return from ? accept_other(path, from, err) : accept_as_it_is(path, err);
}

enum err_kind care_check_name(const char *url, struct err *err)
{
	_cleanup_free_ char *path = NULL;

	return ledger_file_of(url, &path, err);
}
