/*
 * test_ledger_errno.c - what the system refuses is named as what it is: the calls that
 * sqlite makes are made to fail here, for files of one name.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>

#include "ledger/sqlite/handle.h"
#include "ledger_fixture.h"

/* A test is one thread. */
static struct {
	const char *suffix; /* NULL: nothing fails */
	int open_errno, read_errno, map_errno, lock_errno; /* 0: goes well */
	int reads_before;
	off_t lock_from;
} fault;

static bool is_named(const char *path)
{
	const size_t len = strlen(path);
	const size_t want = fault.suffix ? strlen(fault.suffix) : 0;

	return fault.suffix && len >= want && !strcmp(path + len - want, fault.suffix);
}

static bool is_fd_named(int fd)
{
	char link[64], path[4096];
	ssize_t n;

	if (!fault.suffix || fd < 0)
		return false;
	(void)snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	n = readlink(link, path, sizeof(path) - 1);
	path[n > 0 ? n : 0] = '\0';
	return is_named(path);
}

/* These take the place of the C library's, for sqlite, too. */
#define SEEN_BY_SQLITE __attribute__((visibility("default")))

SEEN_BY_SQLITE int open(const char *path, int flags, ...)
{
	va_list ap;
	mode_t mode;

	va_start(ap, flags);
	mode = flags & O_CREAT ? va_arg(ap, mode_t) : 0;
	va_end(ap);
	if (fault.open_errno && is_named(path)) {
		errno = fault.open_errno;
		return -1;
	}
	return openat(AT_FDCWD, path, flags, mode);
}

SEEN_BY_SQLITE ssize_t pread(int fd, void *bytes, size_t n, off_t at)
{
	const struct iovec piece = { bytes, n };

	if (fault.read_errno && is_fd_named(fd) && fault.reads_before-- <= 0) {
		errno = fault.read_errno;
		return -1;
	}
	return preadv(fd, &piece, 1, at);
}

SEEN_BY_SQLITE void *mmap(
    void *address, size_t len, int protection, int flags, int fd, off_t at)
{
	if (fault.map_errno && is_fd_named(fd)) {
		errno = fault.map_errno;
		return MAP_FAILED;
	}
	/* NOLINTNEXTLINE(performance-no-int-to-ptr): so the kernel answers */
	return (void *)syscall(SYS_mmap, address, len, protection, flags, fd, at);
}

/* Each command of sqlite's has one argument, or none. */
SEEN_BY_SQLITE int fcntl(int fd, int command, ...)
{
	va_list ap;
	void *argument;

	va_start(ap, command);
	argument = va_arg(ap, void *);
	va_end(ap);
	if (fault.lock_errno && command == F_SETLK && is_fd_named(fd)) {
		const struct flock *lock = argument;

		if (lock->l_type != F_UNLCK && lock->l_start >= fault.lock_from) {
			errno = fault.lock_errno;
			return -1;
		}
	}
	return (int)syscall(SYS_fcntl, fd, command, argument);
}

static const struct {
	const char *suffix;
	int open_errno, read_errno, map_errno, lock_errno, reads_before;
	enum err_kind kind;
	const char *says, *says_not;
} rows[] = {
	{ "ledger.db", EMFILE, 0, 0, 0, 0, ERR_LEDGER, "ulimit -n", "No such file" },
	{ "-wal", EMFILE, 0, 0, 0, 0, ERR_LEDGER, "open", "No such file" },
	{ "-shm", EMFILE, 0, 0, 0, 0, ERR_LEDGER, "open", "No such file" },
	{ "ledger.db", EIO, 0, 0, 0, 0, ERR_LEDGER, "opened", "No such file" },
	{ "-wal", EIO, 0, 0, 0, 0, ERR_LEDGER, "opened", "No such file" },
	{ "ledger.db", 0, EIO, 0, 0, 0, ERR_LEDGER, "Input/output error", "copy" },
	{ "-wal", 0, EIO, 0, 0, 0, ERR_LEDGER, "Input/output error", "recover" },
	{ "-shm", 0, 0, ENOMEM, 0, 0, ERR_NOMEM, "memory", "network" },
	{ "ledger.db", 0, 0, 0, ENOLCK, 0, ERR_LEDGER, "can't share it", "busy" },
};

static void the_reason_is_named(void **state)
{
	struct fixture *f = *state;

	/* Who makes a ledger empties its log at the end; who adds to it leaves one. */
	ledger_close(f->ledger);
	f->ledger = open_ledger(f->path);
	adopt(f, "t");
	ledger_close(f->ledger);
	f->ledger = NULL;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct ledger *ledger = NULL;
		struct err err = { 0 };

		fault.suffix = rows[i].suffix;
		fault.open_errno = rows[i].open_errno;
		fault.read_errno = rows[i].read_errno;
		fault.map_errno = rows[i].map_errno;
		fault.lock_errno = rows[i].lock_errno;
		fault.reads_before = rows[i].reads_before;
		(void)ledger_open(f->path, &ledger, &err);
		fault.suffix = NULL;
		ledger_close(ledger);
		if (err.kind != rows[i].kind || !strstr(err.msg, rows[i].says) ||
		    strstr(err.msg, rows[i].says_not))
			fail_msg("row %zu: kind %d, %s", i, err.kind, err.msg);
	}
	f->ledger = open_ledger(f->path);
	assert_null(ledger_doubt(f->ledger));
}

/* --- too many others ---------------------------------------------------------- */

/* Takes no time: sqlite tries a hundred times. */
static int no_sleep(sqlite3_vfs *vfs, int us)
{
	(void)vfs;
	return us;
}

/* Where readers stand in the log: there are five places, and others have them all. */
enum { FIRST_PLACE = 123 };

static void too_many_readers_are_told(void **state)
{
	struct fixture *f = *state;
	struct task *task = NULL;

	adopt(f, "t");
	sqlite3_vfs_find(NULL)->xSleep = no_sleep;
	fault.suffix = "-shm";
	fault.open_errno = fault.read_errno = fault.map_errno = 0;
	fault.lock_errno = EAGAIN;
	fault.lock_from = FIRST_PLACE;
	assert_int_equal(ledger_find(f->ledger, ME, "t", &task, &f->err), ERR_LOCKED);
	assert_non_null(
	    strstr(f->err.msg, "is kept busy by too many programs: run this again"));
	fault.suffix = NULL;
	ok(ledger_find(f->ledger, ME, "t", &task, &f->err));
	assert_non_null(task);
	task_free(task);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    the_reason_is_named, fixture_make, fixture_free),
		cmocka_unit_test_setup_teardown(
		    too_many_readers_are_told, fixture_make, fixture_free),
	};

	return cmocka_run_group_tests_name("ledger_errno", tests, NULL, NULL);
}
