#include "ledger/sqlite/ops.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/fs.h"
#include "ledger/sqlite/handle.h"
#include "ledger/sqlite/schema.h"
#include "ledger/sqlite/sqlite.h"

/* --- the name ----------------------------------------------------------------- */

/* Length of "name" when `url` begins with "name:", as in the RFC; else 0. */
static size_t scheme_length(const char *url)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789+.-";
	const size_t len = strspn(url, letters);

	return url[len] == ':' ? len : 0;
}

/* What stands behind the scheme of another ledger may be a password: never shown. */
static enum err_kind path_of(const char *url, const char **ret_path, struct err *err)
{
	static const char ours[] = "sqlite";
	const size_t len = scheme_length(url);
	const char *path = url;

	if (!strncmp(url, "postgres:", 9) || !strncmp(url, "postgresql:", 11))
		return err_set(err, ERR_USAGE,
		    "this dreamq was built without PostgreSQL: name a ledger file with "
		    "--ledger PATH");
	if (len == sizeof(ours) - 1 && !strncmp(url, ours, len))
		path = url + len + 1;
	else if (len > 0 && !strncmp(url + len, "://", 3))
		return err_set(err, ERR_USAGE,
		    "a ledger of the kind '%.*s:' is unknown: name a file, or "
		    "sqlite:PATH",
		    (int)len, url);
	if (!*path)
		return err_set(
		    err, ERR_USAGE, "the name of the ledger is empty: name a file");
	*ret_path = path;
	return ERR_OK;
}

/* --- the file ------------------------------------------------------------------- */

/*
 * The file is made by mknod and never opened here: closing a descriptor of it
 * would drop the locks of another ledger on it in this process. Where mknod
 * can't do that, sqlite makes the file and only the mode is ours.
 */
static enum err_kind make_file(const char *path, struct err *err)
{
	if (fs_make_parent(path, 0700, err))
		return err->kind;
	if (mknod(path, S_IFREG | 0600, 0))
		return ERR_OK;
	if (chmod(path, 0600))
		return err_errno(err, ERR_LEDGER, "can't set the mode of '%s'", path);
	return fs_sync_folder_of(path, err);
}

/* Is there a log with something in it? */
static bool has_log(const char *path)
{
	_cleanup_free_ char *log = NULL;

	if (asprintf(&log, "%s-wal", path) < 0)
		log = NULL;
	return log && fs_size(log) > 0;
}

/*
 * No ledger, or an empty file, where one was: sqlite would begin anew, and remove the
 * log.
 */
static enum err_kind check_none(
    const char *path, const struct mark *mark, struct err *err)
{
	if (mark->name[0] && mark->tasks > 0)
		return err_set(err, ERR_LEDGER,
		    "the ledger '%s' is gone, and '%s-mark' knows what was in it (tasks: "
		    "%lld): put it back, or say 'dreamq ledger accept' to begin anew",
		    path, path, (long long)mark->tasks);
	if (has_log(path))
		return err_set(err, ERR_LEDGER,
		    "the ledger '%s' is gone, and its log '%s-wal' is not: put it back, "
		    "or say 'dreamq ledger accept' to begin anew",
		    path, path);
	return ERR_OK;
}

static enum err_kind check_missing(
    const char *path, const struct mark *mark, bool must_exist, struct err *err)
{
	if (errno != ENOENT)
		return err_errno(err, ERR_LEDGER, "can't open the ledger '%s'", path);
	if (check_none(path, mark, err))
		return err->kind;
	if (must_exist)
		return err_set(err, ERR_NOT_FOUND, "there is no ledger '%s'", path);
	return make_file(path, err);
}

static enum err_kind check_file(
    const char *path, const struct mark *mark, bool must_exist, struct err *err)
{
	struct stat st;

	if (stat(path, &st))
		return check_missing(path, mark, must_exist, err);
	if (S_ISDIR(st.st_mode))
		return err_set(err, ERR_LEDGER,
		    "the ledger '%s' is a folder: name a file in it with --ledger", path);
	if (!S_ISREG(st.st_mode))
		return err_set(err, ERR_LEDGER,
		    "the ledger '%s' is no regular file: name another with --ledger",
		    path);
	/* Each name would have a log of its own, and nobody would see all of it. */
	if (st.st_nlink > 1)
		return err_set(err, ERR_LEDGER,
		    "the ledger '%s' has %ju names (hard links), and its log belongs to "
		    "one "
		    "of them: leave it one name, or make a copy (docs/ledger.md)",
		    path, (uintmax_t)st.st_nlink);
	if (st.st_size == 0 && check_none(path, mark, err))
		return err->kind;
	/* For sqlite one byte is none, and it would write over it. */
	if (st.st_size == 1)
		return err_set(err, ERR_LEDGER,
		    "'%s' is not a ledger: name another file with --ledger", path);
	return ERR_OK;
}

enum err_kind ledger_check_file(const char *path, struct err *err)
{
	struct mark mark;

	mark_read(path, &mark);
	return check_file(path, &mark, true, err);
}

static void close_ownp(struct sqlite_ledger **ledger)
{
	sqlite_close_own(*ledger);
}

static enum err_kind open_path(const char *path, const struct ledger_options *options,
    struct sqlite_ledger **ret_ledger, struct err *err)
{
	_cleanup_(close_ownp) struct sqlite_ledger *ledger = calloc(1, sizeof(*ledger));
	struct mark mark;

	if (!ledger)
		return err_set(err, ERR_NOMEM, "out of memory for the ledger");
	ledger->base.ops = &ledger_sqlite;
	ledger->live = live_make();
	ledger->books.mark = mark_file_make();
	mark_read(path, &mark);
	if (check_file(path, &mark, options->must_exist, err) ||
	    sql_open(&ledger->sql, path, LEDGER_WAIT_MS, err))
		return err->kind;
	ledger->sql.waiting = (struct sql_waiting){ options->gives_up, options->on_wait,
		options->on_full_log, options->payload };
	if (schema_bring(&ledger->sql, ledger_schema_steps, LEDGER_SCHEMA_VERSION, err) ||
	    books_open(&ledger->books, &ledger->sql, &mark, err))
		return err->kind;
	*ret_ledger = TAKE_PTR(ledger);
	return ERR_OK;
}

enum err_kind ledger_file_of(const char *url, char **ret_path, struct err *err)
{
	_cleanup_free_ char *absolute = NULL;
	const char *path = NULL;
	char *real;

	if (path_of(url, &path, err))
		return err->kind;
	/* Names like ":memory:" and "file:" mean nothing special behind a slash. */
	absolute = fs_absolute(path, err);
	if (!absolute)
		return err_note(err, "ledger");
	/* What lies beside it lies beside the file, under whatever link it was named. */
	real = realpath(absolute, NULL);
	*ret_path = real ? real : TAKE_PTR(absolute);
	return ERR_OK;
}

enum err_kind sqlite_open_url(const char *url, const struct ledger_options *options,
    struct sqlite_ledger **ret_ledger, struct err *err)
{
	_cleanup_free_ char *path = NULL;

	if (ledger_file_of(url, &path, err))
		return err->kind;
	return path ? open_path(path, options, ret_ledger, err)
		    : err_set(err, ERR_NOMEM, "out of memory for the ledger's path");
}

enum err_kind sqlite_open(const char *url, const struct ledger_options *options,
    struct ledger **ret_base, struct err *err)
{
	struct sqlite_ledger *ledger = NULL;

	if (sqlite_open_url(url, options, &ledger, err))
		return err->kind;
	*ret_base = &ledger->base;
	return ERR_OK;
}

const struct err *sqlite_doubt(const struct ledger *base)
{
	const struct sqlite_ledger *ledger = sqlite_of_const(base);

	return ledger->books.doubt.kind ? &ledger->books.doubt : NULL;
}

void sqlite_close_own(struct sqlite_ledger *ledger)
{
	if (!ledger)
		return;
	sqlite_lease_release_all(&ledger->base);
	books_release(&ledger->books);
	sql_close(&ledger->sql);
	live_release(&ledger->live);
	free(ledger);
}

void sqlite_close(struct ledger *base)
{
	sqlite_close_own(sqlite_of(base));
}

/* Of its folder: the file may have been removed. */
bool sqlite_has_room(const struct ledger *base, int64_t bytes)
{
	const struct sqlite_ledger *ledger = sqlite_of_const(base);
	_cleanup_free_ char *folder = strdup(ledger->sql.path);
	char *slash = folder ? strrchr(folder, '/') : NULL;
	int64_t free_bytes;

	if (!slash)
		return true;
	slash[slash == folder] = '\0';
	free_bytes = fs_free_bytes(folder);
	return free_bytes < 0 || free_bytes >= bytes;
}

bool sqlite_has_changed(struct ledger *base)
{
	struct sqlite_ledger *ledger = sqlite_of(base);
	static const char text[] = "PRAGMA data_version";
	_cleanup_(query_done) struct query query = { 0 };
	const int64_t before = ledger->data_version;
	const bool is_first = !ledger->has_data_version;
	bool has_row = false;
	struct err err;

	/* Who can't be told had better look. */
	if (sql_query(&ledger->sql, text, &query, &err) ||
	    query_step(&query, &has_row, &err) || !has_row)
		return true;
	ledger->data_version = sqlite3_column_int64(query.stmt, 0);
	ledger->has_data_version = true;
	return is_first || ledger->data_version != before;
}
