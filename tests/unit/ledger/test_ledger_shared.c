/*
 * test_ledger_shared.c - many processes on one ledger, and processes that die.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <time.h>

#include "ledger/sqlite/handle.h"
#include "ledger_processes.h"

enum { OPERATIONS = 200, KILLS = 40 };

/* --- the first moment --------------------------------------------------------- */

static int open_and_adopt(const char *path, int me)
{
	struct ledger *ledger = NULL;
	struct err err = { 0 };
	char name[16];
	const char *id = name;

	(void)snprintf(name, sizeof(name), "p%d", me);
	must(ledger_open(path, &ledger, &err));
	must(ledger_adopt(ledger, ME, &id, 1, NOW, &err));
	ledger_close(ledger);
	return 0;
}

static void all_may_be_first(void **state)
{
	struct fixture *f = *state;

	for (int round = 0; round < 12; round++) {
		(void)snprintf(
		    f->path, sizeof(f->path), "%s/%d/a/ledger.db", f->folder, round);
		run_processes(open_and_adopt, f->path);
		assert_int_equal(peek(f, "SELECT count(*) FROM tasks"), PROCESSES);
		assert_int_equal(peek(f, "PRAGMA user_version"), LEDGER_SCHEMA_VERSION);
	}
}

/* --- many at once ------------------------------------------------------------- */

static int one_life(struct ledger *ledger, const char *id, const char *common)
{
	const struct intent intent = intent_of(id);
	const struct asset bytes = bytes_of(0, "u", "/x");
	struct task *seen[2] = { look(id, TASK_SUCCEEDED),
		look(common, TASK_GENERATING) };
	struct task *task = NULL;
	struct err err = { 0 };
	size_t n = 0;

	(void)show(seen[0], "u");
	must(send_one(ledger, &intent, &err));
	must(ledger_settle_dead(ledger, &n, &err));
	must(answer(ledger, id, TASK_QUEUED, NULL, "12", &err));
	must(ledger_adopt(ledger, ME, &common, 1, NOW, &err));
	must(ledger_observe(ledger, ME, seen, NULL, 2, NOW, &err));
	must(ledger_asset_progress(ledger, ME, id, 0, "e", &err));
	must(ledger_asset_fetched(ledger, ME, id, &bytes, &err));
	must(ledger_asset_stored(ledger, ME, id, 0, NOW, &err));
	must(ledger_find(ledger, ME, id, &task, &err));
	if (n != 0 || !task || task->assets[0].state != ASSET_STORED)
		return 3;
	task_free(task);
	task_free(seen[0]);
	task_free(seen[1]);
	return 0;
}

static int live_many_lives(const char *path, int me)
{
	struct ledger *ledger = NULL;
	struct err err = { 0 };
	int status = 0;

	must(ledger_open(path, &ledger, &err));
	for (int i = 0; !status && i < OPERATIONS / 8; i++) {
		char id[32], common[32];

		(void)snprintf(id, sizeof(id), "p%d-%d", me, i);
		(void)snprintf(common, sizeof(common), "common-%d", i);
		status = one_life(ledger, id, common);
	}
	ledger_close(ledger);
	return status;
}

static void nothing_is_lost_among_many(void **state)
{
	struct fixture *f = *state;
	const int lives = OPERATIONS / 8;

	run_processes(live_many_lives, f->path);
	assert_int_equal(peek(f,
			     "SELECT count(*) FROM tasks WHERE submit_id LIKE 'p%' "
			     "AND state = 'succeeded' AND is_open = 0"),
	    PROCESSES * lives);
	assert_int_equal(peek(f, "SELECT count(*) FROM assets WHERE state = 'stored'"),
	    PROCESSES * lives);
	assert_int_equal(
	    peek(f, "SELECT count(*) FROM tasks WHERE submit_id LIKE 'common-%'"), lives);
	assert_int_equal(
	    peek(f, "SELECT integrity_check = 'ok' FROM pragma_integrity_check"), 1);
}

static int64_t log_size(const struct fixture *f)
{
	char wal[128];
	struct stat st;

	(void)snprintf(wal, sizeof(wal), "%s-wal", f->path);
	assert_int_equal(stat(wal, &st), 0);
	return st.st_size;
}

static void the_log_does_not_grow(void **state)
{
	struct fixture *f = *state;
	enum { LOG_MAX = 3 << 20, BETWEEN_ENDS_MAX = 256 << 10 };
	static char names[20000][32];
	static const char *ids[COUNT(names)];

	/* Many small writes, */
	f->ledger = open_ledger(f->path);
	adopt(f, "t");
	for (int i = 0; i < 1500; i++) {
		struct task *seen = look("t", TASK_QUEUED);

		seen->finished = i;
		seen->total = i;
		observe(f, seen);
		task_free(seen);
	}
	assert_true(log_size(f) < LOG_MAX);
	/* a large one, */
	for (size_t i = 0; i < COUNT(names); i++) {
		(void)snprintf(names[i], sizeof(names[i]), "many-%zu", i);
		ids[i] = names[i];
	}
	ok(ledger_adopt(f->ledger, ME, ids, COUNT(ids), NOW, &f->err));
	assert_true(log_size(f) < LOG_MAX);
	/* and programs that write once and end: each reads all of it when it begins. */
	for (int i = 0; i < 300; i++) {
		char id[32];

		reopen(f);
		(void)snprintf(id, sizeof(id), "once-%d", i);
		adopt(f, id);
		assert_true(log_size(f) < BETWEEN_ENDS_MAX);
	}
}

/* --- who lives ------------------------------------------------------------------ */

static size_t settle(struct fixture *f)
{
	size_t n = 999;

	ok(ledger_settle_dead(f->ledger, &n, &f->err));
	return n;
}

static void intend(struct ledger *ledger, const char *id)
{
	const struct intent intent = intent_of(id);
	struct err err = { 0 };

	if (send_one(ledger, &intent, &err))
		fail_msg("%s", err.msg);
}

static void the_living_are_left_alone(void **state)
{
	struct fixture *f = *state;
	struct ledger *other = open_ledger(f->path);
	char live[128];

	f->ledger = open_ledger(f->path);
	intend(f->ledger, "mine");
	intend(other, "theirs");
	assert_int_equal(settle(f), 0);
	ledger_close(other);
	assert_int_equal(settle(f), 1);
	assert_int_equal(settle(f), 0);
	assert_int_equal(state_of(f, "theirs"), TASK_UNKNOWN);
	assert_int_equal(state_of(f, "mine"), TASK_SUBMITTING);
	/* A row whose lock file is gone has nobody. */
	other = open_ledger(f->path);
	intend(other, "third");
	(void)snprintf(live, sizeof(live), "%s-live", f->path);
	assert_int_equal(unlink(live), 0);
	assert_int_equal(settle(f), 1);
	/* Its sender may still say how it ended. */
	ok(answer(other, "third", TASK_QUEUED, NULL, NULL, &f->err));
	assert_int_equal(state_of(f, "third"), TASK_QUEUED);
	ledger_close(other);
}

static void a_look_of_somebody_else_is_legal(void **state)
{
	struct fixture *f = *state;
	struct ledger *other = open_ledger(f->path);
	struct task *seen = look("t", TASK_NOT_FOUND);

	f->ledger = open_ledger(f->path);
	intend(other, "t");
	observe(f, seen);
	assert_int_equal(seen->state, TASK_SUBMITTING);
	task_free(seen);
	seen = look("t", TASK_GENERATING);
	observe(f, seen);
	task_free(seen);
	assert_int_equal(state_of(f, "t"), TASK_GENERATING);
	assert_int_equal(peek(f, "SELECT owner IS NULL FROM tasks"), 1);
	ok(answer(other, "t", TASK_QUEUED, NULL, "5", &f->err));
	assert_int_equal(state_of(f, "5"), TASK_GENERATING);
	ledger_close(other);
}

static void a_killed_sender_is_dead(void **state)
{
	struct fixture *f = *state;
	int told[2];
	char byte = 0;
	pid_t pid;

	assert_int_equal(pipe(told), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		intend(open_ledger(f->path), "t");
		(void)!write(told[1], "x", 1);
		for (;;)
			(void)pause();
	}
	assert_int_equal(read(told[0], &byte, 1), 1);
	f->ledger = open_ledger(f->path);
	assert_int_equal(settle(f), 0);
	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	assert_int_equal(settle(f), 1);
	assert_int_equal(state_of(f, "t"), TASK_UNKNOWN);
	(void)close(told[0]);
	(void)close(told[1]);
}

static void no_descriptor_is_inherited(void **state)
{
	struct fixture *f = *state;

	f->ledger = open_ledger(f->path);
	intend(f->ledger, "t");
	for (int fd = 3; fd < 64; fd++) {
		const int flags = fcntl(fd, F_GETFD);
		char link[64], target[256] = "";

		(void)snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
		if (flags >= 0 && readlink(link, target, sizeof(target) - 1) > 0 &&
		    strstr(target, f->folder))
			assert_true(flags & FD_CLOEXEC);
	}
}

/* --- killed at any instruction -------------------------------------------------- */

/* Tell what has returned: 'I'ntent or 'S'tored, and its number. */
struct told {
	char what;
	int number;
};

static void work_until_killed(const char *path, int round, int out)
{
	struct ledger *ledger = open_ledger(path);

	for (int i = 0;; i++) {
		struct told told = { 'I', i };
		struct task *seen;
		struct err err = { 0 };
		char id[32];
		struct asset bytes = bytes_of(0, "u", "/x");

		(void)snprintf(id, sizeof(id), "r%d-%d", round, i);
		intend(ledger, id);
		(void)!write(out, &told, sizeof(told));
		(void)answer(ledger, id, TASK_QUEUED, NULL, NULL, &err);
		seen = look(id, TASK_PARTIAL);
		(void)show(seen, "u");
		(void)ledger_observe(ledger, ME, &seen, NULL, 1, NOW, &err);
		task_free(seen);
		(void)ledger_asset_fetched(ledger, ME, id, &bytes, &err);
		told.what = 'S';
		if (ledger_asset_stored(ledger, ME, id, 0, NOW, &err) == ERR_OK)
			(void)!write(out, &told, sizeof(told));
	}
}

static void check_told(struct fixture *f, int round, const struct told *told)
{
	struct task *task;
	char id[32];

	(void)snprintf(id, sizeof(id), "r%d-%d", round, told->number);
	task = find(f, id);
	assert_non_null(task);
	if (told->what == 'S') {
		assert_int_equal(task->n_assets, 1);
		assert_int_equal(task->assets[0].state, ASSET_STORED);
		assert_int_equal(task->state, TASK_PARTIAL);
	}
	task_free(task);
}

static void kill_once(struct fixture *f, int round)
{
	struct timespec delay = { 0, ((long)round * 7919 % 40 + 1) * 1000000L };
	struct pollfd first = { .events = POLLIN };
	struct told told;
	int out[2];
	pid_t pid;

	assert_int_equal(pipe(out), 0);
	first.fd = out[0];
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0)
		work_until_killed(f->path, round, out[1]);
	(void)close(out[1]);
	/* Some of them get as far as their first task, however busy the machine is. */
	if (round % 4 == 0)
		assert_int_equal(poll(&first, 1, 30000), 1);
	(void)nanosleep(&delay, NULL);
	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	f->ledger = open_ledger(f->path);
	while (read(out[0], &told, sizeof(told)) == (ssize_t)sizeof(told))
		check_told(f, round, &told);
	(void)close(out[0]);
	(void)settle(f);
	ledger_close(f->ledger);
	f->ledger = NULL;
}

static void a_kill_loses_nothing(void **state)
{
	struct fixture *f = *state;

	for (int round = 0; round < KILLS; round++)
		kill_once(f, round);
	assert_int_equal(
	    peek(f, "SELECT integrity_check = 'ok' FROM pragma_integrity_check"), 1);
	assert_int_equal(peek(f, "SELECT count(*) FROM pragma_foreign_key_check"), 0);
	/* Those that were not begun still wait. */
	assert_int_equal(
	    peek(
		f, "SELECT count(*) FROM tasks WHERE state = 'submitting' AND owner > 0"),
	    0);
	assert_int_equal(peek(f,
			     "SELECT count(*) FROM tasks WHERE state NOT IN "
			     "('submitting', 'unknown', 'queued', 'partial')"),
	    0);
	assert_true(peek(f, "SELECT count(*) FROM tasks") > 0);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, closed_make, fixture_free)
	static const struct CMUnitTest tests[] = {
		T(all_may_be_first),
		T(nothing_is_lost_among_many),
		T(the_log_does_not_grow),
		T(the_living_are_left_alone),
		T(a_look_of_somebody_else_is_legal),
		T(a_killed_sender_is_dead),
		T(no_descriptor_is_inherited),
		T(a_kill_loses_nothing),
	};

	return cmocka_run_group_tests_name("ledger_shared", tests, NULL, NULL);
}
