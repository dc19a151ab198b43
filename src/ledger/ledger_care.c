#include "ledger/ledger_care.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fs.h"
#include "ledger/ledger_files.h"
#include "ledger/ledger_impl.h"

static void ledger_closep(struct ledger **ledger)
{
	ledger_close(*ledger);
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

static void count_pages(const char *path, struct care_health *health, struct err *err)
{
	struct books_counts counts = { .generation = 0 };
	struct sql sql;
	int64_t version = 0;

	if (!sql_open(&sql, path, LEDGER_WAIT_MS, err) &&
	    !sql_number(&sql, "PRAGMA user_version", &version, err)) {
		if (version != LEDGER_SCHEMA_VERSION)
			(void)err_set(err, ERR_LEDGER,
			    "the ledger '%s' is of another version (schema %lld): open "
			    "it "
			    "once with 'dreamq list'",
			    path, (long long)version);
		else if (!books_count(&sql, true, &counts, err)) {
			take_counts(&counts, health);
			if (!books_agree(&counts))
				(void)books_refuse(&sql, &counts, err);
		}
	}
	sql_close(&sql);
}

static void judge(struct care_health *health, enum care_verdict verdict, const char *text)
{
	health->verdict = verdict;
	(void)snprintf(health->text, sizeof(health->text), "%s", text);
}

/* Whole pages, right counts: is it as far as its mark? */
static void check_mark(const char *url, struct care_health *health)
{
	static const struct ledger_options options = { .must_exist = true };
	_cleanup_(ledger_closep) struct ledger *ledger = NULL;
	struct err err;

	if (ledger_open_with(url, &options, &ledger, &err))
		judge(health, CARE_DAMAGED, err.msg);
	else if (ledger_doubt(ledger))
		judge(health, CARE_BEHIND, ledger_doubt(ledger));
	else
		judge(health, CARE_GOOD, "every page and every row is there");
}

enum err_kind care_check(const char *url, struct care_health *ret_health, struct err *err)
{
	static const struct ledger_options options = { .must_exist = true };
	struct care_health health = { CARE_GOOD, -1, -1, -1, -1, -1, -1, -1, "" };
	_cleanup_(ledger_closep) struct ledger *ledger = NULL;
	_cleanup_free_ char *path = NULL;
	struct err why = { .kind = ERR_OK };
	struct mark mark;

	if (ledger_path(url, &path, err))
		return err->kind;
	mark_read(path, &mark);
	health.mark_tasks = mark.name[0] ? mark.tasks : -1;
	if (fs_size(path) <= 0) {
		if (ledger_open_with(url, &options, &ledger, &why) == ERR_NOT_FOUND) {
			*err = why;
			return err->kind;
		}
		judge(&health, why.kind ? CARE_GONE : CARE_GOOD,
		    why.kind ? why.msg : "it is new, and empty");
		*ret_health = health;
		return ERR_OK;
	}
	count_pages(path, &health, &why);
	if (why.kind && why.kind != ERR_LEDGER) {
		*err = why;
		return err->kind;
	}
	if (why.kind)
		judge(&health, CARE_DAMAGED, why.msg);
	else
		check_mark(url, &health);
	*ret_health = health;
	return ERR_OK;
}

/* --- taking another --------------------------------------------------------------- */

/* What waits may have been sent since, so it is asked for. */
static enum err_kind settle_waiting(struct ledger *ledger, struct err *err)
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
	_cleanup_(ledger_closep) struct ledger *ledger = NULL;

	if (fs_size(path) <= 0)
		return files_put_aside(path, err);
	if (ledger_open_with(path, &options, &ledger, err))
		return err->kind;
	if (settle_waiting(ledger, err))
		return err->kind;
	return books_accept(&ledger->books, err);
}

/* Whole, of today's schema, and in one file. */
static enum err_kind make_ready(const char *from, struct err *err)
{
	static const struct ledger_options options = { .must_exist = true };
	_cleanup_(ledger_closep) struct ledger *ledger = NULL;

	if (ledger_open_with(from, &options, &ledger, err) ||
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

static enum err_kind copy(const char *from, const char *to, struct err *err)
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
	if (copy(source, fresh, err))
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

	if (ledger_path(from, &source, err))
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
		return err_errno(err, ERR_LEDGER, "'%s' can't be made", fresh);
	(void)close(fd);
	if (!take_copy(path, source, fresh, err))
		return ERR_OK;
	files_remove(fresh);
	return err->kind;
}

enum err_kind care_accept(const char *url, const char *from, struct err *err)
{
	_cleanup_free_ char *path = NULL;

	if (ledger_path(url, &path, err))
		return err->kind;
	return from ? accept_other(path, from, err) : accept_as_it_is(path, err);
}
