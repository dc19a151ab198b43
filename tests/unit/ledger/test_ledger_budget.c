/*
 * test_ledger_budget.c - one bucket for each account, for all processes of a ledger.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdatomic.h>
#include <sys/mman.h>

#include "ledger_processes.h"

/* One every 100 ms. */
static const struct budget ten_a_second = { .per_minute = 600, .burst = 5 };
enum { EVERY_MS = 100 };

static int64_t take(
    struct fixture *f, const char *account, const struct budget *budget, int64_t now)
{
	int64_t wait_ms = -1;

	ok(ledger_budget_take(f->ledger, account, budget, now, &wait_ms, &f->err));
	assert_true(wait_ms >= 0);
	return wait_ms;
}

static void a_bucket_empties_and_fills(void **state)
{
	struct fixture *f = *state;

	for (int i = 0; i < 5; i++)
		assert_int_equal(take(f, ME, &ten_a_second, NOW), 0);
	assert_int_equal(take(f, ME, &ten_a_second, NOW), 100);
	assert_int_equal(take(f, ME, &ten_a_second, NOW + 30), 70);
	/* Another handle on it, and after the end of both. */
	reopen(f);
	assert_int_equal(take(f, ME, &ten_a_second, NOW + 99), 1);
	assert_int_equal(take(f, ME, &ten_a_second, NOW + 100), 0);
	assert_int_equal(take(f, ME, &ten_a_second, NOW + 100), 100);
	/* Full again, and not more than full. */
	for (int i = 0; i < 5; i++)
		assert_int_equal(take(f, ME, &ten_a_second, NOW + 3600000), 0);
	assert_int_equal(take(f, ME, &ten_a_second, NOW + 3600000), 100);
}

static void accounts_have_their_own(void **state)
{
	struct fixture *f = *state;

	for (int i = 0; i < 5; i++) {
		assert_int_equal(take(f, ME, &ten_a_second, NOW), 0);
		assert_int_equal(take(f, "other", &ten_a_second, NOW), 0);
	}
	assert_int_equal(take(f, ME, &ten_a_second, NOW), 100);
	assert_int_equal(take(f, "other", &ten_a_second, NOW + 50), 50);
	assert_int_equal(take(f, "third", &ten_a_second, NOW), 0);
}

static void a_refusal_is_not_written(void **state)
{
	struct fixture *f = *state;
	struct ledger *other = open_ledger(f->path);

	for (int i = 0; i < 5; i++)
		(void)take(f, ME, &ten_a_second, NOW);
	assert_true(ledger_has_changed(other));
	assert_int_equal(take(f, ME, &ten_a_second, NOW + 1), 99);
	/* A clock that is late neither. */
	assert_int_equal(take(f, ME, &ten_a_second, NOW - 10), 110);
	assert_false(ledger_has_changed(other));
	ledger_close(other);
}

/* A clock that was put back far must not stop an account until it has caught up. */
static void a_clock_put_back_is_followed(void **state)
{
	struct fixture *f = *state;
	const int64_t before = NOW - INT64_C(86400000);

	for (int i = 0; i < 5; i++)
		(void)take(f, ME, &ten_a_second, NOW);
	assert_int_equal(take(f, ME, &ten_a_second, before), 100);
	assert_int_equal(take(f, ME, &ten_a_second, before + 99), 1);
	assert_int_equal(take(f, ME, &ten_a_second, before + 100), 0);
	assert_int_equal(take(f, ME, &ten_a_second, before + 100), 100);
}

/* While somebody else writes, who would have to wait for him? */
static void without_a_limit_nothing_is_touched(void **state)
{
	struct fixture *f = *state;
	static const struct budget none = { .per_minute = 0, .burst = 1 };
	sqlite3 *db = NULL;

	assert_int_equal(sqlite3_open(f->path, &db), SQLITE_OK);
	assert_int_equal(
	    sqlite3_exec(db, "BEGIN EXCLUSIVE", NULL, NULL, NULL), SQLITE_OK);
	for (int i = 0; i < 100; i++)
		assert_int_equal(take(f, ME, &none, NOW), 0);
	sqlite3_close(db);
	assert_int_equal(peek(f, "SELECT count(*) FROM accounts"), 0);
}

/* Both lie in one row. */
static void pause_and_bucket_leave_each_other_alone(void **state)
{
	struct fixture *f = *state;
	struct account_pause pause = { ERR_BUSY, NOW + 1000, "slow down" };

	(void)take(f, ME, &ten_a_second, NOW);
	ok(ledger_pause_of(f->ledger, ME, NOW, &pause, &f->err));
	assert_int_equal(pause.kind, ERR_OK);
	pause = (struct account_pause){ ERR_BUSY, NOW + 1000, "slow down" };
	ok(ledger_pause(f->ledger, ME, &pause, &f->err));
	for (int i = 0; i < 4; i++)
		assert_int_equal(take(f, ME, &ten_a_second, NOW), 0);
	assert_int_equal(take(f, ME, &ten_a_second, NOW), 100);
	ok(ledger_pause_of(f->ledger, ME, NOW, &pause, &f->err));
	assert_int_equal(pause.kind, ERR_BUSY);
	pause.kind = ERR_OK;
	ok(ledger_pause(f->ledger, ME, &pause, &f->err));
	assert_int_equal(take(f, ME, &ten_a_second, NOW), 100);
	/* And a pause that came first. */
	pause = (struct account_pause){ ERR_BUSY, NOW + 1000, "slow down" };
	ok(ledger_pause(f->ledger, "other", &pause, &f->err));
	assert_int_equal(take(f, "other", &ten_a_second, NOW), 0);
	ok(ledger_pause_of(f->ledger, "other", NOW, &pause, &f->err));
	assert_string_equal(pause.text, "slow down");
}

/* Whatever a hand wrote into the file: it ends, and the bucket is sound again. */
static void odd_buckets_are_no_trap(void **state)
{
	struct fixture *f = *state;
	static const char *const odd[] = {
		"UPDATE accounts SET bucket_used_micro = 0x7fffffffffffffff",
		"UPDATE accounts SET bucket_at_unix_ms = 0x7fffffffffffffff",
		"UPDATE accounts SET bucket_at_unix_ms = -0x7fffffffffffffff",
		"UPDATE accounts SET bucket_used_micro = 0x7fffffffffffffff, "
		"bucket_at_unix_ms = -0x7fffffffffffffff",
		"UPDATE accounts SET bucket_used_micro = 0x7fffffffffffffff, "
		"bucket_at_unix_ms = 0x7fffffffffffffff",
		"UPDATE accounts SET bucket_used_micro = NULL, bucket_at_unix_ms = NULL",
	};

	(void)take(f, ME, &ten_a_second, NOW);
	for (size_t i = 0; i < COUNT(odd); i++) {
		int64_t wait_ms;

		poke(f->path, odd[i]);
		wait_ms = take(f, ME, &ten_a_second, NOW);
		assert_in_range(wait_ms, 0, BUDGET_BURST_MAX * INT64_C(100));
		assert_int_equal(take(f, ME, &ten_a_second, NOW + wait_ms), 0);
	}
}

/* --- eight processes ------------------------------------------------------------- */

/*
 * Each process goes through the same virtual times at its own pace, and takes whatever
 * it gets at each of them. Somebody is always first, so the bucket never stays full, and
 * however they mix, all together get exactly what burst and rate allow.
 */
enum { STEPS = 40, ACCOUNTS = 2 };
static const char *const accounts[ACCOUNTS] = { ME, "other" };

static struct shared {
	atomic_int furthest; /* step that anybody has begun */
	atomic_int taken[ACCOUNTS];
	atomic_int too_many; /* times that more had been taken than was there */
} * shared;

static void note_step(int step)
{
	int furthest = atomic_load(&shared->furthest);

	while (furthest < step &&
	    !atomic_compare_exchange_weak(&shared->furthest, &furthest, step))
		;
}

static int take_what_there_is(struct ledger *ledger, int account, int step)
{
	const int64_t now = NOW + (int64_t)step * EVERY_MS;
	int64_t wait_ms = 0;
	struct err err = { 0 };

	for (;;) {
		int n;

		must(ledger_budget_take(
		    ledger, accounts[account], &ten_a_second, now, &wait_ms, &err));
		if (wait_ms > 0)
			return 0;
		n = atomic_fetch_add(&shared->taken[account], 1) + 1;
		if (n > ten_a_second.burst + atomic_load(&shared->furthest))
			atomic_fetch_add(&shared->too_many, 1);
	}
}

static int hammer(const char *path, int me)
{
	struct ledger *ledger = NULL;
	struct err err = { 0 };

	must(ledger_open(path, &ledger, &err));
	for (int step = 0; step <= STEPS; step++) {
		note_step(step);
		for (int i = 0; i < ACCOUNTS; i++)
			if (take_what_there_is(ledger, (me + i) % ACCOUNTS, step))
				return 4;
	}
	ledger_close(ledger);
	return 0;
}

static void eight_processes_share_it(void **state)
{
	struct fixture *f = *state;

	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	assert_true(shared != MAP_FAILED);
	run_processes(hammer, f->path);
	for (int i = 0; i < ACCOUNTS; i++)
		assert_int_equal(
		    atomic_load(&shared->taken[i]), ten_a_second.burst + STEPS);
	assert_int_equal(atomic_load(&shared->too_many), 0);
	(void)munmap(shared, sizeof(*shared));
	assert_int_equal(peek(f,
			     "SELECT count(*) FROM accounts WHERE "
			     "bucket_used_micro = 5000000 AND bucket_at_unix_ms = "
			     "1790000004000"),
	    ACCOUNTS);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, fixture_make, fixture_free)
	static const struct CMUnitTest tests[] = {
		T(a_bucket_empties_and_fills),
		T(accounts_have_their_own),
		T(a_refusal_is_not_written),
		T(a_clock_put_back_is_followed),
		T(without_a_limit_nothing_is_touched),
		T(pause_and_bucket_leave_each_other_alone),
		T(odd_buckets_are_no_trap),
		cmocka_unit_test_setup_teardown(
		    eight_processes_share_it, closed_make, fixture_free),
	};

	return cmocka_run_group_tests_name("ledger_budget", tests, NULL, NULL);
}
