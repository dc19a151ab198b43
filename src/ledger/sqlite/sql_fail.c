/*
 * sql_fail.c - what sqlite's codes mean for a ledger, in a sentence for people.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/say.h"
#include "ledger/sqlite/sql.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

/*
 * A full disk has a code of its own, but a quota or a limit only an errno, which sqlite
 * forgets in a commit. So errno is zeroed before each step and looked at behind it.
 */
static bool is_for_room(const struct sql *sql)
{
	const int numbers[] = { errno, sqlite3_system_errno(sql->db) };

	for (size_t i = 0; i < COUNT(numbers); i++)
		if (numbers[i] == ENOSPC || numbers[i] == EDQUOT || numbers[i] == EFBIG)
			return true;
	return false;
}

static enum err_kind fail_of_system(struct sql *sql, int rc, struct err *err)
{
	const int number = sqlite3_system_errno(sql->db);
	const char *reason = number ? strerrordesc_np(number) : NULL;

	if (is_for_room(sql))
		return err_set(err, ERR_NOSPACE,
		    "no space left for the ledger '%s': free some and run it again",
		    sql->path);
	if (number == ENOMEM)
		return err_set(
		    err, ERR_NOMEM, "out of memory in the ledger '%s'", sql->path);
	/* The disk's own trouble, wherever it is met. */
	if (number == EIO)
		rc = SQLITE_IOERR;
	switch (rc) {
	case SQLITE_IOERR_SHMOPEN:
	case SQLITE_IOERR_SHMSIZE:
	case SQLITE_IOERR_SHMLOCK:
	case SQLITE_IOERR_SHMMAP:
	case SQLITE_IOERR_LOCK:
	case SQLITE_IOERR_UNLOCK:
	case SQLITE_IOERR_RDLOCK:
	case SQLITE_IOERR_CHECKRESERVEDLOCK:
		return err_set(err, ERR_LEDGER,
		    "the file system under the ledger '%s' can't share it between "
		    "processes (a network folder?): name one on a local disk with "
		    "--ledger",
		    sql->path);
	default:
		return err_set(err, ERR_LEDGER,
		    "the ledger '%s' can't be read or written: %s", sql->path,
		    reason ? reason : sqlite3_errstr(rc));
	}
}

/*
 * Behind a failed open sqlite looks for other files, and keeps the reason of the last
 * of them: that there is no such file, when there is one, is not ours. 0: unknown.
 */
static int reason_to_open(const struct sql *sql)
{
	const int number = sqlite3_system_errno(sql->db);
	const int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return errno;
	(void)close(fd);
	return number == ENOENT && fs_exists(sql->path) ? 0 : number;
}

static enum err_kind fail_to_open(struct sql *sql, struct err *err)
{
	const int number = reason_to_open(sql);
	const char *reason = number ? strerrordesc_np(number) : NULL;

	if (is_for_room(sql))
		return fail_of_system(sql, SQLITE_CANTOPEN, err);
	if (number == EMFILE || number == ENFILE)
		return err_set(err, ERR_LEDGER,
		    "the ledger '%s' can't be opened, too many files are open: raise the "
		    "limit (ulimit -n), then run it again",
		    sql->path);
	if (number == ENOMEM)
		return err_set(
		    err, ERR_NOMEM, "out of memory in the ledger '%s'", sql->path);
	if (number == EIO)
		return err_set(err, ERR_LEDGER,
		    "the ledger '%s' can't be opened, %s: look at the disk", sql->path,
		    reason);
	return err_set(err, ERR_LEDGER,
	    "the ledger '%s' can't be opened%s%s: check that you may write it and its "
	    "folder, or name another with --ledger",
	    sql->path, reason ? ", " : "", reason ? reason : "");
}

static const struct failure {
	int rc;
	enum err_kind kind;
	const char *text; /* with one %s, the path */
} failures[] = {
	{ SQLITE_FULL, ERR_NOSPACE,
	    N_("no space left for the ledger '%s': free some and run it again") },
	{ SQLITE_NOMEM, ERR_NOMEM, N_("out of memory in the ledger '%s'") },
	{ SQLITE_NOTADB, ERR_LEDGER,
	    N_("'%s' is not a ledger: name another file with --ledger") },
	{ SQLITE_CORRUPT, ERR_LEDGER,
	    N_("the ledger '%s' is damaged, and left as it is: 'dreamq ledger recover' "
	       "saves what can be read") },
	{ SQLITE_READONLY, ERR_LEDGER,
	    N_("the ledger '%s' may not be written: check its permissions and those of "
	       "its folder, or name another with --ledger") },
	{ SQLITE_BUSY, ERR_LOCKED,
	    N_("the ledger '%s' is kept busy by another program: end that one, then run "
	       "this again") },
	{ SQLITE_PROTOCOL, ERR_LOCKED,
	    N_("the ledger '%s' is kept busy by too many programs: run this again") },
	{ SQLITE_TOOBIG, ERR_LEDGER, N_("a text is too long for the ledger '%s'") },
};

/* The format comes from the table above and from nowhere else. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
static enum err_kind say(
    const struct sql *sql, const struct failure *failure, struct err *err)
{
	return err_set(err, failure->kind, failure->text, sql->path);
}
#pragma GCC diagnostic pop

/* Was it we who did not wait any longer? Then nothing is wrong with the others. */
static enum err_kind fail_to_wait(const struct sql *sql, struct err *err)
{
	const enum err_kind kind = sql_gives_up(sql, INT64_MAX);

	if (kind == ERR_CANCELLED)
		return err_set(err, ERR_CANCELLED,
		    "interrupted while another program had the ledger '%s' locked; "
		    "nothing is lost",
		    sql->path);
	if (kind == ERR_LOCKED)
		return err_set(err, ERR_LOCKED,
		    "the ledger '%s' was kept busy by other programs until the time to "
		    "wait was over; run this again",
		    sql->path);
	return ERR_OK;
}

void sql_note_sync(struct sql *sql, int rc)
{
	if (rc == SQLITE_IOERR_FSYNC || rc == SQLITE_IOERR_DIR_FSYNC)
		sql->has_failed_sync = true;
}

enum err_kind sql_fail(struct sql *sql, int rc, struct err *err)
{
	int primary = rc & 0xff;

	sql_note_sync(sql, rc);
	/* To sqlite a file system that has no locks looks like one where others have
	 * them. */
	if (primary == SQLITE_BUSY && errno == ENOLCK)
		return fail_of_system(sql, SQLITE_IOERR_LOCK, err);
	if (primary == SQLITE_BUSY && fail_to_wait(sql, err))
		return err->kind;
	if (primary == SQLITE_IOERR && rc != SQLITE_IOERR_NOMEM)
		return fail_of_system(sql, rc, err);
	if (primary == SQLITE_CANTOPEN)
		return fail_to_open(sql, err);
	if (rc == SQLITE_IOERR_NOMEM)
		primary = SQLITE_NOMEM;
	for (size_t i = 0; i < COUNT(failures); i++)
		if (failures[i].rc == primary)
			return say(sql, &failures[i], err);
	return err_set(err, ERR_LEDGER, "the ledger '%s' refused: %s", sql->path,
	    sql->db ? sqlite3_errmsg(sql->db) : sqlite3_errstr(rc));
}
