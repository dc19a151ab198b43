/*
 * test_ledger_mark.c - a mark (ledger/sqlite/mark.h) keeps what it knows, until another
 * ledger has nothing to lose by it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <signal.h>
#include <sys/resource.h>

#include "ledger/sqlite/mark.h"
#include "ledger_fixture.h"

#define OTHER "0123456789ABCDEF"
static const char other_boot[] = "00000000-0000-0000-0000-000000000000";

static void put(struct fixture *f, const struct mark *mark)
{
	ok(mark_put(f->path, mark, &f->err));
}

static void a_mark_of_an_empty_ledger_is_replaced(void **state)
{
	struct fixture *f = *state;
	struct mark mark = { .name = OTHER, .durable = 9, .latest = 9 };
	const struct intent intent = intent_of("a"), more = intent_of("b");

	ok(wait_one(f->ledger, &intent, &f->err));
	close_it(f);
	poke(f->path, "PRAGMA wal_checkpoint(TRUNCATE)");
	put(f, &mark);
	f->ledger = open_ledger(f->path);
	assert_null(ledger_doubt(f->ledger));
	ok(wait_one(f->ledger, &more, &f->err));
	close_it(f);
	mark_read(f->path, &mark);
	assert_string_not_equal(mark.name, OTHER);
	assert_int_equal(mark.tasks, 2);
	assert_int_equal(unlink(beside(f, "-wal")), 0);
	f->ledger = open_ledger(f->path);
	assert_non_null(ledger_doubt(f->ledger));
}

/* One that knows of tasks is not. */
static void a_mark_of_another_ledger_stays(void **state)
{
	struct fixture *f = *state;
	struct mark mark = { .name = OTHER, .durable = 9, .latest = 9, .tasks = 7 };

	adopt(f, "a");
	close_it(f);
	put(f, &mark);
	for (int i = 0; i < 2; i++) {
		f->ledger = open_ledger(f->path);
		assert_non_null(ledger_doubt(f->ledger));
		adopt(f, i ? "b" : "c");
		close_it(f);
	}
	mark_read(f->path, &mark);
	assert_string_equal(mark.name, OTHER);
	assert_int_equal(mark.tasks, 7);
}

/* Found behind after a reboot: what was missed stays known. */
static void a_doubt_keeps_the_numbers(void **state)
{
	struct fixture *f = *state;
	const struct intent intent = intent_of("a");
	struct err err = { 0 };
	struct mark mark;

	ok(wait_one(f->ledger, &intent, &f->err));
	close_it(f);
	poke(f->path, "PRAGMA wal_checkpoint(TRUNCATE)");
	mark_read(f->path, &mark);
	mark.durable += 5;
	mark.latest = mark.durable;
	mark.tasks = 4;
	memcpy(mark.boot, other_boot, sizeof(other_boot));
	put(f, &mark);
	for (int i = 0; i < 2; i++) {
		f->ledger = open_ledger(f->path);
		assert_non_null(ledger_doubt(f->ledger));
		assert_non_null(strstr(ledger_doubt(f->ledger)->msg, "3 of 4 tasks"));
		close_it(f);
	}
	mark_read(f->path, &mark);
	assert_true(mark.is_behind);
	assert_int_equal(mark.tasks, 4);
	assert_string_equal(mark.boot, other_boot);
	/* And when the ledger goes then, it is not begun anew. */
	assert_int_equal(unlink(f->path), 0);
	assert_int_equal(unlink(beside(f, "-wal")), 0);
	assert_int_equal(ledger_open(f->path, &f->ledger, &err), ERR_LEDGER);
	assert_non_null(strstr(err.msg, "tasks: 4"));
}

/* What failed once is tried again, and not taken for done. */
static void no_room_is_no_room_twice(void **state)
{
	struct fixture *f = *state;
	struct mark_file file = mark_file_make();
	struct rlimit old, low;
	enum err_kind kinds[2];

	close_it(f);
	(void)unlink(beside(f, "-mark"));
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
	low = old;
	low.rlim_cur = 100;
	(void)signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &low), 0);
	for (size_t i = 0; i < 2; i++)
		kinds[i] = mark_prepare(&file, f->path, &f->err);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
	(void)signal(SIGXFSZ, SIG_DFL);
	assert_int_equal(kinds[0], ERR_NOSPACE);
	assert_int_equal(kinds[1], ERR_NOSPACE);
	ok(mark_prepare(&file, f->path, &f->err));
	mark_file_release(&file);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, fixture_make, fixture_free)
	static const struct CMUnitTest tests[] = {
		T(a_mark_of_an_empty_ledger_is_replaced),
		T(a_mark_of_another_ledger_stays),
		T(a_doubt_keeps_the_numbers),
		T(no_room_is_no_room_twice),
	};

	return cmocka_run_group_tests_name("ledger_mark", tests, NULL, NULL);
}
