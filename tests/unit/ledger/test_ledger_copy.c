/*
 * test_ledger_copy.c - a copy of a ledger that is being written is a ledger
 * (docs/ledger.md, Copies).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>

#include "ledger_processes.h"

enum { COPIES = 12, WRITERS = 3 };

/* Tasks come, move and go for as long as nobody kills it. */
static void write_for_ever(const char *path, int me)
{
	struct ledger *ledger = open_ledger(path);

	for (int i = 0;; i++) {
		struct err err;
		struct task *seen;
		char id[32];

		(void)snprintf(id, sizeof(id), "w%d-%d", me, i);
		{
			const struct intent intent = intent_of(id);

			(void)send_one(ledger, &intent, &err);
		}
		(void)answer(ledger, id, TASK_QUEUED, NULL, NULL, &err);
		seen = look(id, TASK_SUCCEEDED);
		(void)show(seen, "u0");
		(void)show(seen, "u1");
		(void)ledger_observe(ledger, ME, &seen, NULL, 1, NOW, &err);
		task_free(seen);
		if (i % 3 == 0)
			(void)ledger_forget(ledger, ME, id, &err);
	}
}

/* As sqlite3's ".backup": piece by piece, and anew whenever somebody wrote between. */
static void copy_backup(const char *from, const char *to)
{
	sqlite3 *source = NULL, *copy = NULL;
	sqlite3_backup *backup;
	int rc;

	assert_int_equal(sqlite3_open(from, &source), SQLITE_OK);
	assert_int_equal(sqlite3_open(to, &copy), SQLITE_OK);
	sqlite3_busy_timeout(source, 10000);
	backup = sqlite3_backup_init(copy, "main", source, "main");
	assert_non_null(backup);
	do {
		rc = sqlite3_backup_step(backup, 100);
	} while (rc == SQLITE_OK);
	assert_int_equal(rc, SQLITE_DONE);
	assert_int_equal(sqlite3_backup_finish(backup), SQLITE_OK);
	assert_int_equal(sqlite3_close(copy), SQLITE_OK);
	assert_int_equal(sqlite3_close(source), SQLITE_OK);
}

static void copy_vacuum(const char *from, const char *to)
{
	char text[300];

	(void)snprintf(text, sizeof(text), "VACUUM INTO '%s'", to);
	poke(from, text);
}

/* What one transaction wrote is there as a whole or not at all. */
static const char *const unsound[] = {
	"SELECT integrity_check <> 'ok' FROM pragma_integrity_check",
	"SELECT count(*) FROM pragma_foreign_key_check",
	"SELECT count(*) FROM tasks t WHERE state = 'succeeded' AND "
	"(SELECT count(*) FROM assets WHERE task = t.id) <> 2",
	"SELECT count(*) FROM tasks t WHERE "
	"NOT EXISTS (SELECT 1 FROM events WHERE task = t.id AND seq = 1)",
};

static int64_t check_copy(const char *path)
{
	struct fixture at = { .ledger = NULL }, *f = &at;
	size_t n = 0;

	(void)snprintf(f->path, sizeof(f->path), "%s", path);
	for (size_t i = 0; i < COUNT(unsound); i++)
		assert_int_equal(peek(f, unsound[i]), 0);
	/* A ledger to work with: nobody lives in it. */
	f->ledger = open_ledger(path);
	ok(ledger_settle_dead(f->ledger, &n, &f->err));
	assert_int_equal(
	    peek(
		f, "SELECT count(*) FROM tasks WHERE state = 'submitting' AND owner > 0"),
	    0);
	adopt(f, "new");
	ledger_close(f->ledger);
	return peek(f, "SELECT count(*) FROM tasks");
}

static void copy_while_written(
    struct fixture *f, void (*copy)(const char *, const char *))
{
	struct victim writers[WRITERS];
	int64_t n = 0;

	f->ledger = open_ledger(f->path);
	ledger_close(f->ledger);
	f->ledger = NULL;
	for (int i = 0; i < WRITERS; i++) {
		writers[i].pid = fork();
		assert_true(writers[i].pid >= 0);
		if (writers[i].pid == 0) {
			(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
			write_for_ever(f->path, i);
		}
	}
	for (int i = 0; i < COPIES; i++) {
		char path[96];

		(void)snprintf(path, sizeof(path), "%s/copy-%d.db", f->folder, i);
		(void)usleep(20000);
		copy(f->path, path);
		n = check_copy(path);
	}
	for (int i = 0; i < WRITERS; i++)
		victim_kill(writers[i]);
	/* They did write meanwhile. */
	assert_true(n > COPIES);
}

static void a_backup_is_sound(void **state)
{
	copy_while_written(*state, copy_backup);
}

static void a_vacuum_is_sound(void **state)
{
	copy_while_written(*state, copy_vacuum);
}

/* The line of docs/ledger.md for a copy that takes the ledger's place. */
static const char settle_old[] =
    "UPDATE tasks SET state='unknown', owner=NULL WHERE state='submitting'";

static void what_waited_in_an_old_copy_is_not_sent(void **state)
{
	struct fixture *f = *state;
	const struct intent intent = intent_of("t");
	char copy[128];

	f->ledger = open_ledger(f->path);
	ok(wait_one(f->ledger, &intent, &f->err));
	(void)snprintf(copy, sizeof(copy), "%s-copy", f->path);
	copy_vacuum(f->path, copy);
	ok(begin(f->ledger, ME, "t", &f->err));
	ok(answer(f->ledger, "t", TASK_QUEUED, NULL, NULL, &f->err));
	ledger_close(f->ledger);
	poke(copy, settle_old);
	f->ledger = open_ledger(copy);
	assert_int_equal(state_of(f, "t"), TASK_UNKNOWN);
	assert_int_equal(begin(f->ledger, ME, "t", &f->err), ERR_NOT_FOUND);
}

int main(void)
{
#define P(name) cmocka_unit_test_setup_teardown(name, closed_make, fixture_free)
	static const struct CMUnitTest tests[] = {
		P(a_backup_is_sound),
		P(a_vacuum_is_sound),
		P(what_waited_in_an_old_copy_is_not_sent),
	};

	return cmocka_run_group_tests_name("ledger_copy", tests, NULL, NULL);
}
