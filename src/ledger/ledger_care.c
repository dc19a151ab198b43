#include "ledger/ledger_care.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fs.h"
#include "ledger/ledger_impl.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

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

/*
 * In the order in which they go. In the middle of it there is no ledger, and a log or
 * a mark that says that there was one; never a ledger without its log. They come in the
 * other order.
 */
static const char *const suffixes[] = { "", "-wal", "-shm", "-mark" };

static char *with(const char *path, const char *middle, const char *suffix)
{
	char *name = NULL;

	return asprintf(&name, "%s%s%s", path, middle, suffix) < 0 ? NULL : name;
}

static enum err_kind move(const char *from, const char *to, struct err *err)
{
	if (!from || !to)
		return err_set(err, ERR_NOMEM, "out of memory");
	if (rename(from, to) && errno != ENOENT)
		return err_errno(err, ERR_LEDGER, "'%s' can't be moved", from);
	return ERR_OK;
}

static enum err_kind move_all(
    const char *from, const char *to, bool comes, struct err *err)
{
	for (size_t i = 0; i < COUNT(suffixes); i++) {
		const char *suffix = suffixes[comes ? COUNT(suffixes) - 1 - i : i];
		_cleanup_free_ char *old = with(from, "", suffix);
		_cleanup_free_ char *new = with(to, "", suffix);

		if (move(old, new, err))
			return err->kind;
	}
	return fs_sync_folder_of(to, err);
}

static enum err_kind put_aside(const char *path, struct err *err)
{
	char when[40] = ".old-";
	const time_t now = time(NULL);
	struct tm local;
	_cleanup_free_ char *aside = NULL;

	if (localtime_r(&now, &local))
		(void)strftime(when, sizeof(when), ".old-%Y%m%d-%H%M%S", &local);
	aside = with(path, when, "");
	if (!aside)
		return err_set(err, ERR_NOMEM, "out of memory");
	return move_all(path, aside, false, err);
}

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
		return put_aside(path, err);
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

static enum err_kind accept_other(const char *path, const char *from, struct err *err)
{
	_cleanup_free_ char *source = NULL;

	if (ledger_path(from, &source, err))
		return err->kind;
	if (!strcmp(path, source))
		return accept_as_it_is(path, err);
	if (make_ready(source, err) || put_aside(path, err))
		return err->kind;
	return move_all(source, path, true, err);
}

enum err_kind care_accept(const char *url, const char *from, struct err *err)
{
	_cleanup_free_ char *path = NULL;

	if (ledger_path(url, &path, err))
		return err->kind;
	return from ? accept_other(path, from, err) : accept_as_it_is(path, err);
}
