/*
 * backup.c - a copy of a ledger that others work on.
 *
 * It is made beside its place under a name of its own, read again, and gets its name when
 * it is whole and on the disk; whoever is killed leaves FILE.new-XXXXXX and no FILE.
 */
#include "ledger/care.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fs.h"
#include "ledger/sqlite/files.h"
#include "ledger/sqlite/handle.h"

static bool is_beside(const char *path, const char *end)
{
	_cleanup_free_ char *name = NULL;

	if (asprintf(&name, "%s%s", path, end) < 0)
		name = NULL;
	return !name || fs_exists(name);
}

/* A log may be what somebody has left who only read it, a mark is not. */
static bool is_log_only(const char *path)
{
	return is_beside(path, "-wal") && !is_beside(path, "-mark");
}

/* Does a log or a mark lie beside it? Then it is a ledger that somebody uses. */
static bool is_in_use(const char *path)
{
	static const char *const ends[] = { "-wal", "-shm", "-mark", "-live" };

	for (size_t i = 0; i < sizeof(ends) / sizeof(*ends); i++)
		if (is_beside(path, ends[i]))
			return true;
	return false;
}

/*
 * What was only read keeps a log and its index until somebody closes it who may write:
 * then both go, unless others have it open. No database: all stays as it is.
 */
static void close_for_good(const char *path)
{
	const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_EXRESCODE;
	sqlite3 *db = NULL;

	if (!sqlite3_open_v2(path, &db, flags, NULL))
		(void)sqlite3_exec(
		    db, "SELECT 1 FROM sqlite_schema LIMIT 1", NULL, NULL, NULL);
	sqlite3_close_v2(db);
}

/* A device or a pipe, or what a link leads to: a new file would take its name. */
static bool is_special(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && !S_ISREG(st.st_mode);
}

static enum err_kind check_place(
    const char *path, const char *to, const struct care_copying *how, struct err *err)
{
	const bool has_log_only = how->is_forced && is_log_only(to);

	if (!*to)
		return err_set(
		    err, ERR_USAGE, "the name of the copy is empty: name a file");
	if (!strcmp(path, to))
		return err_set(err, ERR_USAGE, "'%s' is the ledger itself", to);
	if (has_log_only && !how->is_dry_run)
		close_for_good(to);
	if (is_in_use(to) && !(has_log_only && how->is_dry_run))
		return err_set(err, ERR_USAGE,
		    "'%s' is a ledger that is in use, or was: name another file", to);
	if (is_special(to))
		return err_set(err, ERR_USAGE,
		    "'%s' exists and is no regular file: name another", to);
	if (!how->is_forced && fs_exists(to))
		return err_set(
		    err, ERR_USAGE, "'%s' is there already; --force replaces it", to);
	return ERR_OK;
}

/* Is what was written a ledger that lacks nothing? */
static enum err_kind check_copy(
    const char *path, const char *fresh, struct care_health *health, struct err *err)
{
	struct err own;

	/* What can't be judged is called by its own name, if that is why. */
	if (care_check(fresh, health, err)) {
		if (care_check(path, health, &own))
			*err = own;
		return err->kind;
	}
	if (health->verdict == CARE_GOOD)
		return ERR_OK;
	*err = health->said;
	err->kind = ERR_LEDGER;
	return err_note(err, "the copy");
}

static enum err_kind give_name(
    const char *fresh, const char *to, bool is_forced, struct err *err)
{
	bool exists = false;

	if (is_forced && rename(fresh, to))
		return err_errno(err, ERR_IO, "can't write '%s'", to);
	if (!is_forced && fs_rename_new(fresh, to, &exists, err))
		return err->kind;
	if (exists)
		return err_set(
		    err, ERR_USAGE, "'%s' is there already; --force replaces it", to);
	return fs_sync_folder_of(to, err);
}

/* Opens and closes a file of its own: the ledger's descriptors are left alone. */
static enum err_kind make_fresh(const char *to, char **ret_fresh, struct err *err)
{
	_cleanup_free_ char *fresh = NULL;
	int fd;

	if (asprintf(&fresh, "%s.new-XXXXXX", to) < 0) {
		fresh = NULL;
		return err_set(err, ERR_NOMEM, "out of memory");
	}
	fd = mkostemp(fresh, O_CLOEXEC);
	if (fd < 0)
		return err_errno(err, ERR_IO, "can't write beside '%s'", to);
	(void)close(fd);
	*ret_fresh = TAKE_PTR(fresh);
	return ERR_OK;
}

enum err_kind care_backup(const char *url, const char *to, const struct care_copying *how,
    struct care_health *ret_health, struct err *err)
{
	_cleanup_free_ char *path = NULL, *fresh = NULL;
	bool failed;

	if (ledger_file_of(url, &path, err) || check_place(path, to, how, err) ||
	    ledger_check_file(path, err))
		return err->kind;
	if (how->is_dry_run)
		return care_check(path, ret_health, err);
	if (make_fresh(to, &fresh, err))
		return err->kind;
	failed = files_copy(path, fresh, err) ||
	    check_copy(path, fresh, ret_health, err) ||
	    give_name(fresh, to, how->is_forced, err);
	files_remove(fresh); /* all of it, or what reading it has left beside it */
	return failed ? err->kind : ERR_OK;
}
