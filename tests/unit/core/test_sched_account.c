/* One account: when may a request leave at all, and how large may it be? */
#include "core/policy/backoff.h"
#include "sched_desk.h"

/* --- trouble of the account ------------------------------------------------------- */

static void a_failure_pauses_the_account(void **state)
{
	const struct err net = { .kind = ERR_NET };
	static const int64_t ceilings[] = { 1000, 2000, 4000, 8000, 16000, 30000, 30000 };
	DESK desk = desk_make(0, 50, 3);
	struct sched *sched = desk.sched;
	int64_t now_ms = 5000;
	size_t keys[50];

	(void)state;
	for (size_t i = 0; i < COUNT(ceilings); i++) {
		const size_t n = sched_take(sched, now_ms, keys);

		assert_int_equal(n, 3);
		assert_int_equal(sched_request_failed(sched, &net, 0, now_ms), i + 1);
		sched_again(sched, keys, n, now_ms);
		assert_int_equal(sched_trouble_since_ms(sched), 5000);
		assert_in_range(sched_next_ms(sched) - now_ms, 1, ceilings[i]);
		assert_int_equal(sched_take(sched, sched_next_ms(sched) - 1, keys), 0);
		now_ms = sched_next_ms(sched);
	}
	assert_int_equal(sched_take(sched, now_ms, keys), 3);
	sched_request_ok(sched, now_ms);
	assert_int_equal(sched_trouble_since_ms(sched), -1);
	assert_int_equal(sched_request_failed(sched, &net, 0, now_ms), 1);
}

/* Many clients that fail together must not come back together. */
static void backoff_is_spread(void **state)
{
	const struct err net = { .kind = ERR_NET };
	int64_t least = INT64_MAX, most = 0;

	(void)state;
	for (uint64_t seed = 0; seed < 200; seed++) {
		DESK desk = desk_untaught(0, 50, seed, 1);
		int64_t pause_ms;

		for (int i = 0; i < 6; i++)
			(void)sched_request_failed(desk.sched, &net, 0, 0);
		pause_ms = sched_next_ms(desk.sched);
		least = pause_ms < least ? pause_ms : least;
		most = pause_ms > most ? pause_ms : most;
	}
	assert_true(most - least > backoff_cap_ms(BACKOFF_POLL) / 2);
}

/* A date that a wrong clock has made up shall not put a watch to sleep for weeks. */
static void the_server_says_how_long(void **state)
{
	static const struct {
		enum err_kind kind;
		uint32_t retry_after_ms;
		int64_t due_ms;
	} row[] = {
		{ ERR_BUSY, 90000, 90000 },
		{ ERR_NET, 90000, 90000 },
		{ ERR_NET, UINT32_MAX, 3600000 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(row); i++) {
		const struct err why = { .kind = row[i].kind,
			.retry_after_ms = row[i].retry_after_ms };
		DESK desk = desk_make(0, 50, 1);
		size_t keys[50];

		assert_int_equal(sched_take(desk.sched, 0, keys), 1);
		(void)sched_request_failed(desk.sched, &why, 0, 0);
		sched_again(desk.sched, keys, 1, 0);
		assert_int_equal(sched_next_ms(desk.sched), row[i].due_ms);
		assert_int_equal(sched_take(desk.sched, row[i].due_ms - 1, keys), 0);
		assert_int_equal(sched_take(desk.sched, row[i].due_ms, keys), 1);
	}
}

/* A request that was under way when the server said "wait" does not lift its word. */
static void an_older_success_does_not_end_retry_after(void **state)
{
	const struct err busy = { .kind = ERR_BUSY, .retry_after_ms = 30000 };
	DESK desk = desk_make(0, 1, 2);
	size_t keys[2];

	(void)state;
	assert_int_equal(sched_take(desk.sched, 0, keys), 1);
	assert_int_equal(sched_take(desk.sched, 0, keys + 1), 1);
	(void)sched_request_failed(desk.sched, &busy, 0, 100);
	sched_again(desk.sched, keys, 1, 100);
	sched_request_ok(desk.sched, 200);
	assert_int_equal(sched_next_ms(desk.sched), 30100);
	assert_int_equal(sched_take(desk.sched, 30099, keys), 0);
	assert_int_equal(sched_take(desk.sched, 30100, keys), 1);
}

/* Our own guess of a pause does end when the service is seen to work. */
static void a_success_ends_our_own_backoff(void **state)
{
	const struct err net = { .kind = ERR_NET };
	DESK desk = desk_make(0, 1, 2);
	size_t keys[2];

	(void)state;
	(void)sched_take(desk.sched, 0, keys);
	(void)sched_take(desk.sched, 0, keys + 1);
	for (int i = 0; i < 10; i++)
		(void)sched_request_failed(desk.sched, &net, 0, 100);
	sched_again(desk.sched, keys, 1, 100);
	sched_request_ok(desk.sched, 200);
	assert_int_equal(sched_take(desk.sched, 200, keys), 1);
}

static void batches_halve_and_grow_again(void **state)
{
	const struct err net = { .kind = ERR_NET };
	static const unsigned halves[] = { 25, 12, 6, 3, 1, 1 };
	static const unsigned doubles[] = { 2, 4, 8, 16, 32, 50, 50 };
	DESK desk = desk_make(0, 50, 0);

	(void)state;
	for (size_t i = 0; i < COUNT(halves); i++) {
		(void)sched_request_failed(desk.sched, &net, sched_batch(desk.sched), 0);
		assert_int_equal(sched_batch(desk.sched), halves[i]);
	}
	for (size_t i = 0; i < COUNT(doubles); i++) {
		for (int k = 0; k < 4; k++)
			sched_request_ok(desk.sched, 0);
		assert_int_equal(sched_batch(desk.sched), doubles[i]);
	}
	(void)sched_request_failed(desk.sched, &net, 0, 0);
	assert_int_equal(sched_batch(desk.sched), 50);
}

/* Twelve ids were too many: half of 12 is tried next, not half of the 50 allowed. */
static void halving_starts_from_what_was_sent(void **state)
{
	const struct err net = { .kind = ERR_NET };
	DESK desk = desk_make(0, 50, 12);
	size_t keys[50];

	(void)state;
	assert_int_equal(sched_take(desk.sched, 0, keys), 12);
	(void)sched_request_failed(desk.sched, &net, 12, 0);
	sched_again(desk.sched, keys, 12, 0);
	assert_int_equal(sched_take(desk.sched, sched_next_ms(desk.sched), keys), 6);
}

/* Two requests of one size that fail together say one thing, not two. */
static void two_failures_together_halve_once(void **state)
{
	const struct err net = { .kind = ERR_NET };
	DESK desk = desk_make(0, 50, 0);

	(void)state;
	(void)sched_request_failed(desk.sched, &net, 50, 0);
	(void)sched_request_failed(desk.sched, &net, 50, 0);
	assert_int_equal(sched_batch(desk.sched), 25);
}

static void one_bad_answer_breaks_the_row_of_good_ones(void **state)
{
	const struct err net = { .kind = ERR_NET };
	DESK desk = desk_make(0, 8, 0);

	(void)state;
	(void)sched_request_failed(desk.sched, &net, 8, 0);
	for (int i = 0; i < 3; i++)
		sched_request_ok(desk.sched, 0);
	(void)sched_request_failed(desk.sched, &net, 0, 0);
	sched_request_ok(desk.sched, 0);
	assert_int_equal(sched_batch(desk.sched), 4);
}

/* --- "slow down" ------------------------------------------------------------------ */

static int64_t slow_floor_ms(struct desk *desk, int64_t now_ms)
{
	desk_polled(desk, 0, MEDIA_IMAGE, now_ms);
	return desk_reason(desk, 0).view.account_floor_ms;
}

static void slow_down_raises_the_floor_and_fades(void **state)
{
	static const int64_t raised[] = { 5000, 10000, 20000, 40000, 80000, 120000,
		120000 };
	static const int64_t fading[] = { 60000, 30000, 15000, 7500, 3750, 1875, 0, 0 };
	const struct err busy = { .kind = ERR_BUSY, .retry_after_ms = 1 };
	const struct err net = { .kind = ERR_NET };
	DESK desk = desk_make(0, 10, 1);
	int64_t now_ms = 1000;

	(void)state;
	(void)sched_request_failed(desk.sched, &net, 0, now_ms);
	assert_int_equal(slow_floor_ms(&desk, now_ms), 0);
	for (size_t i = 0; i < COUNT(raised); i++) {
		(void)sched_request_failed(desk.sched, &busy, 0, now_ms);
		assert_int_equal(slow_floor_ms(&desk, now_ms), raised[i]);
		assert_true(sched_next_ms(desk.sched) >= now_ms + raised[i]); /* obeyed */
	}
	assert_int_equal(desk_reason(&desk, 0).plan.bound, PLAN_FLOOR_ACCOUNT);
	sched_request_ok(desk.sched, now_ms);
	for (size_t i = 0; i < COUNT(fading); i++) {
		now_ms += SCHED_SLOW_HALF_MS;
		assert_int_equal(slow_floor_ms(&desk, now_ms), fading[i]);
	}
	assert_in_range(sched_next_ms(desk.sched) - now_ms, 3000, 5000);
}

/* What was planned before the word is put off, too; a link that must be renewed isn't. */
static void slow_down_holds_for_all_ids(void **state)
{
	const struct err busy = { .kind = ERR_BUSY, .retry_after_ms = 1 };
	DESK desk = desk_make(0, 10, 3);
	size_t keys[10];

	(void)state;
	assert_int_equal(sched_take(desk.sched, 0, keys), 3);
	for (size_t key = 0; key < 3; key++)
		desk_polled(&desk, key, MEDIA_IMAGE, 0);
	(void)sched_request_failed(desk.sched, &busy, 0, 1000);
	(void)sched_request_failed(desk.sched, &busy, 0, 1000);
	sched_hurry(desk.sched, 2, 1000);
	assert_int_equal(sched_take(desk.sched, 6000, keys), 1);
	assert_int_equal(keys[0], 2);
	assert_in_range(sched_next_ms(desk.sched), 9000, 10000);
	assert_int_equal(sched_take(desk.sched, 10000, keys), 2);
}

/* --- budget ----------------------------------------------------------------- */

static void not_before_the_budget_allows_it(void **state)
{
	DESK desk = desk_make(0, 10, 1);
	size_t keys[10];

	(void)state;
	sched_budget_until(desk.sched, 7000);
	sched_request_ok(desk.sched, 100); /* ends our own pauses only */
	assert_int_equal(sched_next_ms(desk.sched), 7000);
	assert_int_equal(sched_take(desk.sched, 6999, keys), 0);
	sched_budget_until(desk.sched, 6500);
	assert_int_equal(sched_take(desk.sched, 6500, keys), 1);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_failure_pauses_the_account),
		cmocka_unit_test(backoff_is_spread),
		cmocka_unit_test(the_server_says_how_long),
		cmocka_unit_test(an_older_success_does_not_end_retry_after),
		cmocka_unit_test(a_success_ends_our_own_backoff),
		cmocka_unit_test(batches_halve_and_grow_again),
		cmocka_unit_test(halving_starts_from_what_was_sent),
		cmocka_unit_test(two_failures_together_halve_once),
		cmocka_unit_test(one_bad_answer_breaks_the_row_of_good_ones),
		cmocka_unit_test(slow_down_raises_the_floor_and_fades),
		cmocka_unit_test(slow_down_holds_for_all_ids),
		cmocka_unit_test(not_before_the_budget_allows_it),
	};

	return cmocka_run_group_tests_name("sched_account", tests, NULL, NULL);
}
