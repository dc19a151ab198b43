/*
 * test_ledger_damage.c - what is missing in a ledger is noticed (ledger/sqlite/mark.h,
 * ledger/sqlite/books.h), and nothing is paid a second time.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>

#include "base/cleanup.h"
#include "ledger/care.h"
#include "ledger/sqlite/mark.h"
#include "ledger_keyed.h"
#include "ledger_processes.h"

static void copy_file(const char *from, const char *to)
{
	char command[500];

	(void)snprintf(command, sizeof(command), "cp '%s' '%s'", from, to);
	assert_int_equal(system(command), 0);
}

/* --- the log is lost --------------------------------------------------------------- */

static void a_sound_ledger_is_not_doubted(void **state)
{
	struct fixture *f = *state;

	fill(f);
	for (int i = 0; i < 3; i++) {
		reopen(f);
		assert_null(ledger_doubt(f->ledger));
	}
	close_it(f);
	poke(f->path, "PRAGMA wal_checkpoint(TRUNCATE)");
	f->ledger = open_ledger(f->path);
	assert_null(ledger_doubt(f->ledger));
	assert_int_equal(begin(f->ledger, ME, "a", &f->err), ERR_OK);
}

static void a_deleted_log_is_noticed(void **state)
{
	struct fixture *f = *state;

	fill(f);
	close_it(f);
	assert_int_equal(unlink(beside(f, "-wal")), 0);
	f->ledger = open_ledger(f->path);
	refuses_to_pay(f, "k-a");
	assert_non_null(strstr(ledger_doubt(f->ledger)->msg, "3 of 4 tasks"));
	/* What it knows can be read, and goes on. */
	assert_int_equal(state_of(f, "old"), TASK_SUBMITTING);
	for (int i = 0; i < 10; i++) {
		char id[16];

		(void)snprintf(id, sizeof(id), "new-%d", i);
		adopt(f, id);
	}
	/* Also when it has come further than it was, the hole is there. */
	reopen(f);
	refuses_to_pay(f, "k-b");
}

static void a_log_of_rubbish_is_noticed(void **state)
{
	struct fixture *f = *state;
	static const char rubbish[3000] = "rubbish";
	int fd;

	fill(f);
	close_it(f);
	fd = open(beside(f, "-wal"), O_WRONLY | O_CLOEXEC);
	assert_int_equal(pwrite(fd, rubbish, sizeof(rubbish), 0), sizeof(rubbish));
	(void)close(fd);
	f->ledger = open_ledger(f->path);
	refuses_to_pay(f, "k-c");
}

/* What was adopted is not synced, but no power was lost: it must be there, too. */
static void what_was_not_durable_is_missed_too(void **state)
{
	struct fixture *f = *state;

	intend_keyed(f, "old", "k-old");
	close_it(f);
	poke(f->path, "PRAGMA wal_checkpoint(TRUNCATE)");
	f->ledger = open_ledger(f->path);
	adopt(f, "x");
	close_it(f);
	assert_int_equal(unlink(beside(f, "-wal")), 0);
	f->ledger = open_ledger(f->path);
	assert_non_null(ledger_doubt(f->ledger));
}

/* After a power cut it may be gone, and that is no alarm. */
static void a_power_cut_is_no_alarm(void **state)
{
	struct fixture *f = *state;
	static const char other_boot[] = "00000000-0000-0000-0000-000000000000";
	struct mark mark;
	struct mark_file file = mark_file_make();

	intend_keyed(f, "old", "k-old");
	close_it(f);
	poke(f->path, "PRAGMA wal_checkpoint(TRUNCATE)");
	f->ledger = open_ledger(f->path);
	adopt(f, "x");
	close_it(f);
	mark_read(f->path, &mark);
	assert_true(mark.latest > mark.durable);
	assert_true(mark_is_of_this_boot(&mark));
	assert_int_equal(mark_prepare(&file, f->path, &f->err), ERR_OK);
	memcpy(file.boot, other_boot, sizeof(other_boot));
	mark_write(&file, f->path, &mark, true);
	mark_file_release(&file);
	assert_int_equal(unlink(beside(f, "-wal")), 0);
	f->ledger = open_ledger(f->path);
	assert_null(ledger_doubt(f->ledger));
	/* A durable one is not forgiven. */
	intend_keyed(f, "a", "k-a");
	close_it(f);
	mark_read(f->path, &mark);
	assert_int_equal(mark_prepare(&file, f->path, &f->err), ERR_OK);
	memcpy(file.boot, other_boot, sizeof(other_boot));
	mark_write(&file, f->path, &mark, true);
	mark_file_release(&file);
	assert_int_equal(unlink(beside(f, "-wal")), 0);
	f->ledger = open_ledger(f->path);
	refuses_to_pay(f, "k-a");
}

/* Killed between the commit and the mark: the mark lags, and nobody is alarmed. */
static void a_mark_that_lags_is_no_alarm(void **state)
{
	struct fixture *f = *state;
	char kept[200];

	intend_keyed(f, "old", "k-old");
	(void)snprintf(kept, sizeof(kept), "%s/mark", f->folder);
	copy_file(beside(f, "-mark"), kept);
	intend_keyed(f, "a", "k-a");
	close_it(f);
	assert_int_equal(rename(kept, beside(f, "-mark")), 0);
	f->ledger = open_ledger(f->path);
	assert_null(ledger_doubt(f->ledger));
	/* No mark, or one that was cut off, is none. */
	close_it(f);
	assert_int_equal(truncate(beside(f, "-mark"), 50), 0);
	f->ledger = open_ledger(f->path);
	assert_null(ledger_doubt(f->ledger));
	assert_int_equal(begin(f->ledger, ME, "a", &f->err), ERR_OK);
	close_it(f);
	assert_int_equal(unlink(beside(f, "-mark")), 0);
	f->ledger = open_ledger(f->path);
	assert_null(ledger_doubt(f->ledger));
}

/* --- the files go while they are used -------------------------------------------- */

static void a_file_that_went_is_noticed(void **state)
{
	static const char *const suffixes[] = { "", "-wal", "-shm" };
	const struct intent intent = intent_of("t");
	struct fixture *f = *state;
	char away[200];

	for (size_t i = 0; i < COUNT(suffixes); i++) {
		adopt(f, "before");
		(void)snprintf(away, sizeof(away), "%s/away", f->folder);
		assert_int_equal(rename(beside(f, suffixes[i]), away), 0);
		assert_int_equal(wait_one(f->ledger, &intent, &f->err), ERR_LEDGER);
		assert_non_null(strstr(f->err.msg, "removed or replaced"));
		copy_file(away, beside(f, suffixes[i]));
		assert_int_equal(wait_one(f->ledger, &intent, &f->err), ERR_LEDGER);
		assert_int_equal(rename(away, beside(f, suffixes[i])), 0);
		adopt(f, "behind");
	}
	ok(wait_one(f->ledger, &intent, &f->err));
}

/* --- within the file ------------------------------------------------------------- */

/* Past the triggers, as damage comes. */
static void poke_hard(struct fixture *f, const char *text)
{
	char all[600];

	close_it(f);
	(void)snprintf(all, sizeof(all),
	    "PRAGMA writable_schema = ON; PRAGMA foreign_keys = OFF; %s", text);
	poke(f->path, all);
}

static void missing_rows_are_noticed(void **state)
{
	static const char *const losses[] = {
		"DROP TRIGGER tasks_go; DELETE FROM tasks WHERE submit_id = 'a'",
		"UPDATE books SET tasks = 3",
		"UPDATE books SET assets = 7",
		"DELETE FROM books",
		"DELETE FROM keys WHERE idempotency_key = 'k-a'",
	};
	struct fixture *f = *state;
	char kept[200];

	fill(f);
	close_it(f);
	poke(f->path, "PRAGMA wal_checkpoint(TRUNCATE)");
	(void)snprintf(kept, sizeof(kept), "%s/kept", f->folder);
	copy_file(f->path, kept);
	for (size_t i = 0; i < COUNT(losses); i++) {
		poke_hard(f, losses[i]);
		refuses_to_open(f, "ledger recover");
		(void)unlink(beside(f, "-wal"));
		copy_file(kept, f->path);
	}
	f->ledger = open_ledger(f->path);
	assert_null(ledger_doubt(f->ledger));
}

/* The index of keys has lost one; a ledger that is too large to be checked whole. */
static void a_used_key_is_known_without_its_index(void **state)
{
	struct fixture *f = *state;
	const struct intent intent = keyed("again", "k-a");
	struct err err = { 0 };

	fill(f);
	/* The row goes on having its key, and the index says NULL. */
	poke(f->path,
	    "PRAGMA writable_schema = ON;"
	    "CREATE TABLE other (account TEXT, idempotency_key TEXT);"
	    "CREATE UNIQUE INDEX other_key ON other (account, idempotency_key)"
	    " WHERE idempotency_key IS NOT NULL;"
	    "UPDATE sqlite_schema SET rootpage ="
	    " (SELECT rootpage FROM sqlite_schema WHERE name = 'other_key')"
	    " WHERE name = 'tasks_key'");
	assert_int_equal(wait_one(f->ledger, &intent, &err), ERR_LEDGER);
	assert_non_null(strstr(err.msg, "damaged"));
	/* At the next opening it is found at once. */
	close_it(f);
	refuses_to_open(f, "damaged");
}

static bool count_task(void *payload, const struct task *task)
{
	assert_non_null(task->account);
	(*(size_t *)payload)++;
	return true;
}

/* What an index has and the table has not is no task without a name. */
static void an_index_without_its_row_is_damage(void **state)
{
	struct fixture *f = *state;
	const struct ledger_filter filter = { .has_state = true,
		.state = TASK_SUBMITTING };
	struct err err = { 0 };
	size_t n = 0;

	fill(f);
	lose_the_table(f);
	assert_int_equal(
	    ledger_list(f->ledger, &filter, count_task, &n, &err), ERR_LEDGER);
	assert_int_equal(n, 0);
}

/* Its pages are sound: the check of all finds it, and whoever reads the row. */
static void a_row_that_no_table_takes_is_damage(void **state)
{
	static const char *const odd[] = {
		"UPDATE assets SET state = 'storec'",
		"UPDATE assets SET state = 'stored'",
		"UPDATE assets SET sha256 = 'abc'",
		"UPDATE assets SET kind = 'imagf'",
		"UPDATE tasks SET kind = 'imagf'",
	};
	struct fixture *f = *state;
	struct task *seen = look("t", TASK_SUCCEEDED);
	const char *kept = beside(f, ".kept");

	(void)show(seen, "u");
	observe(f, seen);
	task_free(seen);
	close_it(f);
	poke(f->path, "PRAGMA wal_checkpoint(TRUNCATE)");
	copy_file(f->path, kept);
	for (size_t i = 0; i < COUNT(odd); i++) {
		struct care_health health = { .verdict = CARE_GOOD };
		struct task *task = NULL;
		struct err err = { 0 };
		char text[128];

		(void)snprintf(text, sizeof(text),
		    "PRAGMA ignore_check_constraints = ON; %s;"
		    "PRAGMA wal_checkpoint(TRUNCATE)",
		    odd[i]);
		poke(f->path, text);
		assert_int_equal(care_check(f->path, &health, &err), ERR_OK);
		assert_int_equal(health.verdict, CARE_DAMAGED);
		f->ledger = open_ledger(f->path);
		assert_int_equal(
		    ledger_find(f->ledger, ME, "t", &task, &err), ERR_LEDGER);
		assert_non_null(strstr(err.msg, "damaged"));
		close_it(f);
		copy_file(kept, f->path);
	}
}

/* --- several at once ------------------------------------------------------------- */

static int write_some(const char *path, int me)
{
	struct ledger *ledger = open_ledger(path);
	struct err err = { 0 };

	for (int i = 0; i < 40; i++) {
		char id[32];
		struct intent intent;

		(void)snprintf(id, sizeof(id), "t-%d-%d", me, i);
		intent = intent_of(id);
		must(wait_one(ledger, &intent, &err));
		if (ledger_doubt(ledger))
			return 1;
		if (i % 8)
			continue;
		ledger_close(ledger);
		ledger = open_ledger(path);
		if (ledger_doubt(ledger))
			return 1;
	}
	ledger_close(ledger);
	return 0;
}

static void many_writers_are_no_alarm(void **state)
{
	struct fixture *f = *state;
	struct mark mark;

	close_it(f);
	run_processes(write_some, f->path);
	f->ledger = open_ledger(f->path);
	assert_null(ledger_doubt(f->ledger));
	mark_read(f->path, &mark);
	assert_int_equal(mark.tasks, 40 * PROCESSES);
	assert_int_equal(mark.durable, peek(f, "SELECT generation FROM books"));
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, fixture_make, fixture_free)
	static const struct CMUnitTest tests[] = {
		T(a_sound_ledger_is_not_doubted),
		T(a_deleted_log_is_noticed),
		T(a_log_of_rubbish_is_noticed),
		T(what_was_not_durable_is_missed_too),
		T(a_power_cut_is_no_alarm),
		T(a_mark_that_lags_is_no_alarm),
		T(a_file_that_went_is_noticed),
		T(missing_rows_are_noticed),
		T(a_used_key_is_known_without_its_index),
		T(an_index_without_its_row_is_damage),
		T(a_row_that_no_table_takes_is_damage),
		T(many_writers_are_no_alarm),
	};

	return cmocka_run_group_tests_name("ledger_damage", tests, NULL, NULL);
}
