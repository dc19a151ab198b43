/*
 * test_ledger_another.c - the file under the ledger's name is another one, an older one,
 * none, or has several names: that is noticed (ledger/sqlite/mark.h), and nothing is paid
 * a second time.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <unistd.h>

#include "base/cleanup.h"
#include "ledger_keyed.h"

/* --- the file is another ------------------------------------------------------------ */

static void an_old_copy_is_noticed(void **state)
{
	struct fixture *f = *state;
	char copy[200], text[300];

	intend_keyed(f, "old", "k-old");
	(void)snprintf(copy, sizeof(copy), "%s/copy", f->folder);
	(void)snprintf(text, sizeof(text), "VACUUM INTO '%s'", copy);
	poke(f->path, text);
	assert_int_equal(begin(f->ledger, ME, "old", &f->err), ERR_OK);
	close_it(f);
	(void)unlink(beside(f, "-wal"));
	(void)unlink(beside(f, "-shm"));
	assert_int_equal(rename(copy, f->path), 0);
	/* In the copy it waits, and it was sent. */
	f->ledger = open_ledger(f->path);
	refuses_to_pay(f, "k-new");
}

static void another_ledger_is_noticed(void **state)
{
	struct fixture *f = *state;
	char other[200];

	fill(f);
	close_it(f);
	(void)snprintf(other, sizeof(other), "%s/other.db", f->folder);
	f->ledger = open_ledger(other);
	adopt(f, "old");
	close_it(f);
	poke(other, "PRAGMA wal_checkpoint(TRUNCATE)");
	(void)unlink(beside(f, "-wal"));
	(void)unlink(beside(f, "-shm"));
	assert_int_equal(rename(other, f->path), 0);
	f->ledger = open_ledger(f->path);
	refuses_to_pay(f, "k-a");
}

static void a_missing_file_is_not_made_anew(void **state)
{
	struct fixture *f = *state;

	fill(f);
	close_it(f);
	assert_int_equal(truncate(f->path, 0), 0);
	refuses_to_open(f, "tasks: 4");
	/* sqlite would have removed it. */
	assert_int_equal(access(beside(f, "-wal"), F_OK), 0);
	assert_int_equal(unlink(f->path), 0);
	refuses_to_open(f, "tasks: 4");
	assert_int_equal(unlink(beside(f, "-mark")), 0);
	refuses_to_open(f, "its log");
	assert_int_equal(unlink(beside(f, "-wal")), 0);
	f->ledger = open_ledger(f->path);
	assert_null(ledger_doubt(f->ledger));
}

static void only_reading_makes_nothing(void **state)
{
	struct fixture *f = *state;
	const struct ledger_options options = { .must_exist = true };
	struct ledger *ledger = NULL;
	char path[200];
	struct err err = { 0 };

	(void)snprintf(path, sizeof(path), "%s/typo/l.db", f->folder);
	assert_int_equal(ledger_open_with(path, &options, &ledger, &err), ERR_NOT_FOUND);
	assert_non_null(strstr(err.msg, path));
	(void)snprintf(path, sizeof(path), "%s/typo", f->folder);
	assert_int_not_equal(access(path, F_OK), 0);
	ok(ledger_open_with(f->path, &options, &ledger, &f->err));
	ledger_close(ledger);
}

/* --- names of the file ----------------------------------------------------------- */

static void two_names_are_refused(void **state)
{
	struct fixture *f = *state;
	char other[200];

	intend_keyed(f, "old", "k-old");
	close_it(f);
	(void)snprintf(other, sizeof(other), "%s/other.db", f->folder);
	assert_int_equal(link(f->path, other), 0);
	refuses_to_open(f, "hard links");
	assert_int_equal(unlink(other), 0);
	f->ledger = open_ledger(f->path);
	assert_int_equal(state_of(f, "old"), TASK_SUBMITTING);
}

/* Who sends is seen to live under whatever name the ledger was opened. */
static void a_link_is_the_same_ledger(void **state)
{
	struct fixture *f = *state;
	const struct intent intent = intent_of("t");
	struct ledger *other;
	char name[200];
	size_t n = 9;

	(void)snprintf(name, sizeof(name), "%s/link.db", f->folder);
	assert_int_equal(symlink(f->path, name), 0);
	ok(send_one(f->ledger, &intent, &f->err));
	other = open_ledger(name);
	ok(ledger_settle_dead(other, &n, &f->err));
	assert_int_equal(n, 0);
	ledger_close(other);
	(void)snprintf(name, sizeof(name), "%s/link.db-live", f->folder);
	assert_int_not_equal(access(name, F_OK), 0);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, fixture_make, fixture_free)
	static const struct CMUnitTest tests[] = {
		T(an_old_copy_is_noticed),
		T(another_ledger_is_noticed),
		T(a_missing_file_is_not_made_anew),
		T(only_reading_makes_nothing),
		T(two_names_are_refused),
		T(a_link_is_the_same_ledger),
	};

	return cmocka_run_group_tests_name("ledger_another", tests, NULL, NULL);
}
