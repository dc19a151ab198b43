/*
 * test_ledger_sync.c - a sync that fails. The system tells of it once, and has forgotten
 * the bytes when it is asked again: what had been in the log must have been written anew
 * before anything is called durable.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <sys/syscall.h>

#include "ledger_fixture.h"

/* A test is one thread. */
static struct {
	int fail_with, fails; /* so many of the log's syncs fail */
	unsigned log, file; /* syncs that went well */
} disk;

static bool ends_with(int fd, const char *suffix)
{
	char link[64], path[4096];
	ssize_t n;

	(void)snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	n = readlink(link, path, sizeof(path) - 1);
	path[n > 0 ? n : 0] = '\0';
	return strlen(path) >= strlen(suffix) &&
	    !strcmp(path + strlen(path) - strlen(suffix), suffix);
}

static int sync_it(int fd)
{
	const bool is_log = ends_with(fd, "-wal");

	if (is_log && disk.fails > 0) {
		disk.fails--;
		errno = disk.fail_with;
		return -1;
	}
	disk.log += is_log;
	disk.file += ends_with(fd, "ledger.db");
	return (int)syscall(SYS_fdatasync, fd);
}

/* These take the place of the C library's, for sqlite, too. */
#define SEEN_BY_SQLITE __attribute__((visibility("default")))

SEEN_BY_SQLITE int fdatasync(int fd)
{
	return sync_it(fd);
}

SEEN_BY_SQLITE int fsync(int fd)
{
	return sync_it(fd);
}

/* Durable, and nothing but that. */
static enum err_kind rate(struct fixture *f, int rating)
{
	const struct ledger_mark mark = {
		.index = LEDGER_MARK_TASK, .has_rating = true, .rating = rating
	};

	return ledger_mark(f->ledger, ME, "t", &mark, NOW, &f->err);
}

static void what_was_lost_is_written_again(void **state)
{
	static const struct {
		int number;
		enum err_kind kind;
	} rows[] = { { EIO, ERR_LEDGER }, { ENOSPC, ERR_NOSPACE } };

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct fixture *f = *state;

		adopt(f, "t");
		ok(rate(f, 1));
		disk.fail_with = rows[i].number;
		disk.fails = 1;
		assert_int_equal(rate(f, 2), rows[i].kind);
		disk.file = 0;
		ok(rate(f, 3));
		assert_true(disk.file > 0);
		disk.file = 0;
		ok(rate(f, 4));
		assert_int_equal(disk.file, 0); /* it is well again */
	}
}

static void a_disk_that_stays_broken_is_told(void **state)
{
	struct fixture *f = *state;

	adopt(f, "t");
	disk.fail_with = EIO;
	disk.fails = 1000;
	for (int i = 0; i < 3; i++) {
		assert_int_equal(rate(f, 1), ERR_LEDGER);
		assert_non_null(strstr(f->err.msg, "can't be read or written"));
	}
	disk.fails = 0;
	ok(rate(f, 1));
}

/* Nobody has asked for anything durable since: the end does it, which leaves the log of a
 * few writes to others otherwise. */
static void the_end_writes_it_again(void **state)
{
	struct fixture *f = *state;

	reopen(f);
	adopt(f, "t");
	disk.fail_with = EIO;
	disk.fails = 1;
	assert_int_equal(rate(f, 2), ERR_LEDGER);
	disk.file = 0;
	reopen(f);
	assert_true(disk.file > 0);
	ok(rate(f, 3));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_make, fixture_free)
		TEST(what_was_lost_is_written_again),
		TEST(a_disk_that_stays_broken_is_told),
		TEST(the_end_writes_it_again),
	};

	return cmocka_run_group_tests_name("ledger_sync", tests, NULL, NULL);
}
