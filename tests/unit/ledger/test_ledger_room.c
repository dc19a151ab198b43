/*
 * test_ledger_room.c - a disk that is full and empties again under an open ledger: every
 * operation says so, none is half done, and the same handle goes on.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/resource.h>

#include "ledger/lease.h"
#include "ledger_operations.h"
#include "ledger_processes.h"

enum { SKIPPED = 77, MOST = 20000 };

/* --- two ways to run out of room ---------------------------------------------------- */

struct disk {
	bool (*make)(struct fixture *f);
	bool (*fill)(const struct fixture *f);
	bool (*empty)(const struct fixture *f);
};

static bool limit_files(rlim_t bytes)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_FSIZE, &limit))
		return false;
	limit.rlim_cur = bytes < limit.rlim_max ? bytes : limit.rlim_max;
	return !setrlimit(RLIMIT_FSIZE, &limit);
}

static bool make_nothing(struct fixture *f)
{
	(void)f;
	return signal(SIGXFSZ, SIG_IGN) != SIG_ERR;
}

/* A log of a few pages more than it has. */
static bool forbid_growth(const struct fixture *f)
{
	struct stat st;
	char path[128];

	(void)snprintf(path, sizeof(path), "%s-wal", f->path);
	return !stat(path, &st) && limit_files((rlim_t)st.st_size + 30000);
}

static bool allow_growth(const struct fixture *f)
{
	(void)f;
	return limit_files(RLIM_INFINITY);
}

/* In a name space of our own: it goes away with us. */
static bool mount_small(struct fixture *f)
{
	if (unshare(CLONE_NEWNS) ||
	    mount("none", "/", "none", MS_REC | MS_PRIVATE, NULL) ||
	    mount("none", f->folder, "tmpfs", 0, "size=2m"))
		return false;
	(void)snprintf(f->path, sizeof(f->path), "%s/ledger.db", f->folder);
	return true;
}

static bool fill_disk(const struct fixture *f)
{
	static const char zeros[4096];
	char path[128];
	int fd;

	(void)snprintf(path, sizeof(path), "%s/filler", f->folder);
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	while (fd >= 0 && write(fd, zeros, sizeof(zeros)) == (ssize_t)sizeof(zeros))
		;
	(void)close(fd);
	return fd >= 0;
}

static bool empty_disk(const struct fixture *f)
{
	char path[128];

	(void)snprintf(path, sizeof(path), "%s/filler", f->folder);
	return !unlink(path);
}

static const struct disk limited = { make_nothing, forbid_growth, allow_growth };
static const struct disk small = { mount_small, fill_disk, empty_disk };

/* --- full, and not ----------------------------------------------------------------- */

/* Until not even the smallest fits. */
static int use_up(struct ledger *ledger, int *ret_n)
{
	struct err err = { 0 };
	int n = 0;

	for (; !err.kind && n < MOST; n++) {
		char name[64];
		const char *id = name;

		(void)snprintf(name, sizeof(name), "using-up-the-disk-%040d", n);
		if (ledger_adopt(ledger, ME, &id, 1, NOW, &err))
			break;
	}
	*ret_n = n;
	for (int i = 0; i < MOST; i++)
		if (ledger_lease_renew(ledger, NOW + i, &err))
			return err.kind == ERR_NOSPACE ? 0 : 20;
	return 21;
}

static int fail_each(struct fixture *f)
{
	for (size_t i = 0; i < COUNT(operations); i++) {
		struct err err = { 0 };

		if (operations[i].run(f->ledger, &err) != ERR_NOSPACE ||
		    !strstr(err.msg, "no space") || peek(f, operations[i].is_done) != 0) {
			(void)fprintf(stderr, "# %s with no room: %s\n",
			    operations[i].name, err.msg);
			return 30;
		}
	}
	return 0;
}

static int do_each(struct fixture *f)
{
	for (size_t i = 0; i < COUNT(operations); i++) {
		struct err err = { 0 };

		must(operations[i].run(f->ledger, &err));
		if (peek(f, operations[i].is_done) != 1) {
			(void)fprintf(stderr, "# not done: %s\n", operations[i].name);
			return 40;
		}
	}
	return 0;
}

static int run_full(struct fixture *f, const struct disk *disk)
{
	int n = 0, status;

	if (!disk->make(f))
		return SKIPPED;
	f->ledger = open_ledger(f->path);
	status = operations_prepare(f->ledger);
	if (status || !disk->fill(f))
		return status ? status : 10;
	status = use_up(f->ledger, &n);
	if (!status)
		status = fail_each(f);
	if (status || !disk->empty(f))
		return status ? status : 11;
	status = do_each(f);
	if (!status &&
	    (peek(f, "SELECT count(*) FROM tasks WHERE submit_id LIKE 'using%'") != n ||
		peek(f, "SELECT integrity_check = 'ok' FROM pragma_integrity_check") !=
		    1))
		status = 50;
	ledger_close(f->ledger);
	return status;
}

static int in_child(struct fixture *f, const struct disk *disk)
{
	const pid_t pid = fork();
	int status = 0;

	assert_true(pid >= 0);
	if (pid == 0)
		_exit(run_full(f, disk));
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 255;
}

static void a_limit_stops_and_goes(void **state)
{
	assert_int_equal(in_child(*state, &limited), 0);
}

static void a_full_disk_stops_and_goes(void **state)
{
	const int status = in_child(*state, &small);

	if (status == SKIPPED)
		skip(); /* only root may mount */
	assert_int_equal(status, 0);
}

int main(void)
{
#define P(name) cmocka_unit_test_setup_teardown(name, closed_make, fixture_free)
	static const struct CMUnitTest tests[] = {
		P(a_limit_stops_and_goes),
		P(a_full_disk_stops_and_goes),
	};

	return cmocka_run_group_tests_name("ledger_room", tests, NULL, NULL);
}
