/*
 * test_ledger_accept.c - while another ledger takes the place of one
 * (ledger/sqlite/files.h), whatever fails and whoever is killed: there is never an empty
 * ledger instead.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>
#include <errno.h>

#include "ledger/care.h"
#include "ledger_processes.h"

enum { OLD = 3, NEW = 5, STEPS_MAX = 30 };

/* Of the renames, by number from 1: which is the first that does not come to pass? */
static struct {
	int n, at;
	bool kills, goes_on;
} trouble;

int __real_rename(const char *from, const char *to);
int __wrap_rename(const char *from, const char *to);

int __wrap_rename(const char *from, const char *to)
{
	trouble.n++;
	if (trouble.n == trouble.at && trouble.kills)
		_exit(9);
	if (trouble.n == trouble.at ||
	    (trouble.at && trouble.goes_on && trouble.n > trouble.at)) {
		errno = EXDEV;
		return -1;
	}
	return __real_rename(from, to);
}

static void fill(const char *path, const char *prefix, int n)
{
	struct ledger *ledger = open_ledger(path);
	struct err err = { 0 };

	for (int i = 0; i < n; i++) {
		char id[32];
		struct intent intent;

		(void)snprintf(id, sizeof(id), "%s-%d", prefix, i);
		intent = intent_of(id);
		assert_int_equal(wait_one(ledger, &intent, &err), ERR_OK);
	}
	ledger_close(ledger);
}

static void remove_beside(const char *path)
{
	static const char *const suffixes[] = { "", "-wal", "-shm", "-mark" };
	char command[300];

	for (size_t i = 0; i < COUNT(suffixes); i++) {
		(void)snprintf(command, sizeof(command), "%s%s", path, suffixes[i]);
		(void)unlink(command);
	}
}

/* OLD tasks in the place, some of them in its log; NEW ones in the file "other". */
static const char *prepare(struct fixture *f)
{
	static char other[200];

	trouble.at = 0;
	(void)snprintf(other, sizeof(other), "%s/other.db", f->folder);
	remove_beside(f->path);
	remove_beside(other);
	fill(f->path, "old", OLD);
	fill(other, "new", NEW);
	trouble.n = 0;
	return other;
}

static int64_t count_tasks(const struct fixture *f)
{
	return peek(f, "SELECT count(*) FROM tasks");
}

/* Refused, doubted or whole. */
static bool is_whole(struct fixture *f, const char *what, int step)
{
	struct ledger *ledger = NULL;
	struct err err = { 0 };
	bool is_doubted;
	int64_t n;

	if (ledger_open(f->path, &ledger, &err)) {
		if (err.kind != ERR_LEDGER)
			fail_msg("%s, step %d: %s", what, step, err.msg);
		return false;
	}
	is_doubted = ledger_doubt(ledger) != NULL;
	ledger_close(ledger);
	n = count_tasks(f);
	if (!is_doubted && n != OLD && n != NEW)
		fail_msg("%s, step %d: %d tasks and no word", what, step, (int)n);
	return !is_doubted;
}

static size_t count_leftovers(const struct fixture *f)
{
	char folder[200];
	struct dirent *entry;
	size_t n = 0;
	DIR *dir;

	(void)snprintf(folder, sizeof(folder), "%s/sub", f->folder);
	dir = opendir(folder);
	assert_non_null(dir);
	while ((entry = readdir(dir)))
		n += strstr(entry->d_name, ".new-") != NULL;
	(void)closedir(dir);
	return n;
}

static void accept_now(struct fixture *f, const char *other)
{
	trouble.at = 0;
	ok(care_accept(f->path, other, &f->err));
	assert_true(is_whole(f, "accepted", 0));
	assert_int_equal(count_tasks(f), NEW);
	assert_int_equal(access(other, F_OK), 0);
}

static void the_copy_stays_where_it_is(void **state)
{
	struct fixture *f = *state;
	const char *other = prepare(f);
	char mode[300];
	struct stat before, after;

	poke(other, "PRAGMA wal_checkpoint(TRUNCATE)");
	assert_int_equal(stat(other, &before), 0);
	accept_now(f, other);
	assert_int_equal(stat(other, &after), 0);
	assert_int_equal(before.st_ino, after.st_ino);
	assert_int_equal(before.st_mtim.tv_nsec, after.st_mtim.tv_nsec);
	assert_int_equal(before.st_size, after.st_size);
	assert_int_equal(count_leftovers(f), 0);
	assert_int_equal(stat(f->path, &after), 0);
	assert_int_equal(after.st_mode & 07777, 0600);
	/* Once more, in the same second: what was put aside is not written over. */
	accept_now(f, other);
	(void)snprintf(mode, sizeof(mode),
	    "test $(ls %s/sub/ledger.db.old-* | grep -Evc -- '-(wal|shm|mark)$') = 2",
	    f->folder);
	assert_int_equal(system(mode), 0);
}

static void killed_at_any_step(void **state)
{
	struct fixture *f = *state;
	int step = 1, status = 9;

	for (; status; step++) {
		const char *other = prepare(f);
		const pid_t pid = fork();

		assert_true(pid >= 0 && step < STEPS_MAX);
		if (pid == 0) {
			struct err err;

			trouble.at = step;
			trouble.kills = true;
			_exit(care_accept(f->path, other, &err) ? 1 : 0);
		}
		assert_int_equal(waitpid(pid, &status, 0), pid);
		assert_true(WIFEXITED(status));
		assert_int_not_equal(WEXITSTATUS(status), 1);
		(void)is_whole(f, "killed", step);
		accept_now(f, other);
	}
	assert_true(step > 3);
}

static void fails_at_any_step(struct fixture *f, bool goes_on)
{
	enum err_kind kind = ERR_LEDGER;

	for (int step = 1; kind; step++) {
		const char *other = prepare(f);
		bool whole;

		assert_true(step < STEPS_MAX);
		trouble.at = step;
		trouble.goes_on = goes_on;
		kind = care_accept(f->path, other, &f->err);
		trouble.at = 0;
		whole = is_whole(f, "failed", step);
		if (kind && whole)
			assert_int_equal(count_tasks(f), OLD);
		if (kind && !goes_on && !whole)
			fail_msg("step %d is not undone: %s", step, f->err.msg);
		if (kind && !whole)
			assert_non_null(strstr(f->err.msg, ".old-"));
		accept_now(f, other);
		trouble.goes_on = false;
	}
}

static void what_fails_is_undone(void **state)
{
	fails_at_any_step(*state, false);
}

static void what_cannot_be_undone_is_told(void **state)
{
	fails_at_any_step(*state, true);
}

/* Nothing is there but the mark that says that there was something. */
static void a_gone_ledger_stays_gone_until_the_end(void **state)
{
	struct fixture *f = *state;
	int status = 9;

	for (int step = 1; status; step++) {
		const char *other = prepare(f);
		char name[200];
		pid_t pid;

		assert_true(step < STEPS_MAX);
		(void)snprintf(name, sizeof(name), "%s-wal", f->path);
		assert_int_equal(unlink(f->path), 0);
		assert_int_equal(unlink(name), 0);
		pid = fork();
		if (pid == 0) {
			struct err err;

			trouble.at = step;
			trouble.kills = true;
			_exit(care_accept(f->path, other, &err) ? 1 : 0);
		}
		assert_int_equal(waitpid(pid, &status, 0), pid);
		assert_true(WIFEXITED(status) && WEXITSTATUS(status) != 1);
		(void)is_whole(f, "killed", step);
		accept_now(f, other);
	}
}

static void what_is_no_ledger_is_refused(void **state)
{
	struct fixture *f = *state;
	const char *other = prepare(f);
	char name[300];

	(void)snprintf(name, sizeof(name), "%s/typo.db", f->folder);
	assert_int_equal(care_accept(f->path, name, &f->err), ERR_NOT_FOUND);
	assert_non_null(strstr(f->err.msg, "typo.db"));
	assert_int_equal(care_accept(name, name, &f->err), ERR_NOT_FOUND);
	assert_non_null(strstr(f->err.msg, "typo.db"));
	poke(other, "PRAGMA wal_checkpoint(TRUNCATE)");
	assert_int_equal(truncate(other, 5000), 0);
	assert_int_not_equal(care_accept(f->path, other, &f->err), ERR_OK);
	assert_non_null(strstr(f->err.msg, "other.db"));
	assert_true(is_whole(f, "refused", 0));
	assert_int_equal(count_tasks(f), OLD);
	assert_int_equal(count_leftovers(f), 0);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, closed_make, fixture_free)
	static const struct CMUnitTest tests[] = {
		T(the_copy_stays_where_it_is),
		T(killed_at_any_step),
		T(what_fails_is_undone),
		T(what_cannot_be_undone_is_told),
		T(a_gone_ledger_stays_gone_until_the_end),
		T(what_is_no_ledger_is_refused),
	};

	return cmocka_run_group_tests_name("ledger_accept", tests, NULL, NULL);
}
