/*
 * test_budget.c - a token bucket never gives more than it may, and never keeps back what
 * it could give.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "model/budget.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))
#define NOW INT64_C(1790000000000)

/* Always the same numbers: a failure can be run again. */
static uint64_t seed;

static uint64_t draw(void)
{
	uint64_t z = seed += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

static int64_t below(int64_t n)
{
	return (int64_t)(draw() % (uint64_t)n);
}

/* As many small ones as large ones, from 1. */
static int64_t of_any_size(int64_t most)
{
	int64_t limit = 1;

	for (int64_t bits = below(64); bits > 0 && limit < most; bits--)
		limit *= 2;
	return 1 + below(limit < most ? limit : most);
}

/* --- never too many -------------------------------------------------------------- */

enum { CALLS = 300, RUNS = 60 };

/* Each call of a run: how much clock had gone by in all, and what it was given. */
struct record {
	int64_t elapsed_ms[CALLS];
	bool is_taken[CALLS];
};

/* In every window, from every call to every later one. */
static void expect_no_window_too_full(
    const struct budget *budget, const struct record *record)
{
	for (size_t from = 0; from < CALLS; from++) {
		int64_t taken = 0;

		for (size_t to = from; to < CALLS; to++) {
			const int64_t gone_ms =
			    record->elapsed_ms[to] - record->elapsed_ms[from];

			taken += record->is_taken[to];
			if ((taken - budget->burst) * 60000 >
			    budget->per_minute * gone_ms)
				fail_msg("calls %zu to %zu: %lld in %lld ms", from, to,
				    (long long)taken, (long long)gone_ms);
		}
	}
}

/*
 * What the clock says, and how much time has gone by for a bucket: a late one adds
 * nothing, and behind one that was put back time goes on from there.
 */
struct wander {
	int64_t now_ms, at_ms, elapsed_ms;
};

static void wander_on(struct wander *wander, int64_t step_ms)
{
	const int64_t late_ms = BUDGET_LATE_MS;

	switch (below(16)) {
	case 0:
		wander->now_ms = wander->at_ms - below(late_ms + 1);
		break;
	case 1:
		wander->now_ms -= late_ms + 1 + below(INT64_C(100000000));
		break;
	default:
		wander->now_ms += below(step_ms);
		break;
	}
	if (wander->now_ms > wander->at_ms)
		wander->elapsed_ms += wander->now_ms - wander->at_ms;
	if (wander->now_ms > wander->at_ms || wander->now_ms < wander->at_ms - late_ms)
		wander->at_ms = wander->now_ms;
}

static void no_window_gets_too_many(void **state)
{
	(void)state;
	for (uint64_t run = 0; run < RUNS; run++) {
		const struct budget budget = { of_any_size(BUDGET_PER_MINUTE_MAX),
			of_any_size(50) };
		const int64_t step_ms = 1 + 4 * 60000 / budget.per_minute;
		struct wander wander = { .now_ms = NOW, .at_ms = NOW };
		struct bucket bucket = { 0 };
		struct record record;
		int64_t wait_ms;

		for (size_t i = 0; i < CALLS; i++) {
			/* Several at one moment, too. */
			if (below(3) > 0)
				wander_on(&wander, step_ms);
			record.is_taken[i] =
			    budget_take(&budget, &bucket, wander.now_ms, &wait_ms);
			record.elapsed_ms[i] = wander.elapsed_ms;
		}
		expect_no_window_too_full(&budget, &record);
	}
}

/* Processes that read the clock at nearly the same moment and come in any order. */
static void late_ones_fill_nothing_twice(void **state)
{
	const struct budget budget = { .per_minute = 600, .burst = 2 };
	struct bucket bucket = { 0 };
	int64_t wait_ms, taken = 0;

	(void)state;
	for (int i = 0; i < 100000; i++)
		taken += budget_take(
		    &budget, &bucket, NOW + i / 10 - (i % 2) * 5000, &wait_ms);
	/* 10 s have gone by. */
	assert_in_range(taken, 100, 102);
}

/* --- never too few --------------------------------------------------------------- */

static void the_wait_is_exact(void **state)
{
	(void)state;
	for (uint64_t run = 0; run < 2000; run++) {
		const struct budget budget = { of_any_size(BUDGET_PER_MINUTE_MAX),
			of_any_size(BUDGET_BURST_MAX) };
		/* The burst of another one may have been larger. */
		struct bucket bucket = { below(BUDGET_BURST_MAX * INT64_C(1000000) + 1),
			NOW };
		const int64_t now_ms = NOW - BUDGET_LATE_MS + below(10 * BUDGET_LATE_MS);
		struct bucket again;
		int64_t wait_ms, nothing_ms;

		again = bucket;
		if (!budget_take(&budget, &bucket, now_ms, &wait_ms)) {
			assert_true(wait_ms > 0);
			/* Nothing was taken, and nothing is lost by asking. */
			assert_int_equal(bucket.used_micro, again.used_micro);
			assert_int_equal(bucket.at_unix_ms, again.at_unix_ms);
			assert_false(budget_take(
			    &budget, &bucket, now_ms + wait_ms - 1, &nothing_ms));
			assert_int_equal(nothing_ms, 1);
			assert_true(
			    budget_take(&budget, &bucket, now_ms + wait_ms, &nothing_ms));
		}
	}
}

/* Who waits exactly as long as he is told gets all there is. */
static void nothing_is_kept_back(void **state)
{
	static const int64_t rates[] = { 1, 7, 59, 120, 600, 59999, 60000, 60001, 777777,
		BUDGET_PER_MINUTE_MAX };

	(void)state;
	for (size_t i = 0; i < COUNT(rates); i++) {
		const struct budget budget = { rates[i], BUDGET_BURST };
		const int64_t span_ms = INT64_C(20000) * 60000 / rates[i];
		struct bucket bucket = { 0 };
		const int64_t most = BUDGET_BURST + span_ms * rates[i] / 60000;
		int64_t now_ms = NOW, taken = 0, wait_ms;

		while (now_ms <= NOW + span_ms) {
			taken += budget_take(&budget, &bucket, now_ms, &wait_ms);
			now_ms += wait_ms;
		}
		assert_in_range(taken, most - 1, most);
	}
}

/* Asking all the time costs nothing. */
static void refusals_cost_nothing(void **state)
{
	const struct budget budget = { .per_minute = 7, .burst = 1 };
	struct bucket bucket = { 0 };
	int64_t wait_ms, taken = 0;

	(void)state;
	for (int64_t ms = 0; ms <= INT64_C(600000); ms++)
		taken += budget_take(&budget, &bucket, NOW + ms, &wait_ms);
	assert_in_range(taken, 70, 71);
}

/* --- the clock ------------------------------------------------------------------- */

static void a_clock_put_back_goes_on(void **state)
{
	const struct budget budget = { .per_minute = 60, .burst = 3 };
	struct bucket bucket = { 0 };
	const int64_t back = NOW - BUDGET_LATE_MS - 1;
	int64_t wait_ms;

	(void)state;
	assert_true(budget_take(&budget, &bucket, NOW, &wait_ms));
	/* Nothing is filled, nothing is taken away: two are left. */
	assert_true(budget_take(&budget, &bucket, back, &wait_ms));
	assert_true(budget_take(&budget, &bucket, back, &wait_ms));
	assert_false(budget_take(&budget, &bucket, back, &wait_ms));
	assert_int_equal(wait_ms, 1000);
	/* Also when the first to notice it is refused. */
	assert_false(budget_take(&budget, &bucket, back - 2 * BUDGET_LATE_MS, &wait_ms));
	assert_int_equal(wait_ms, 1000);
	assert_false(
	    budget_take(&budget, &bucket, back - 2 * BUDGET_LATE_MS + 999, &wait_ms));
	assert_true(
	    budget_take(&budget, &bucket, back - 2 * BUDGET_LATE_MS + 1000, &wait_ms));
}

static void a_late_clock_waits_for_its_time(void **state)
{
	const struct budget budget = { .per_minute = 60, .burst = 2 };
	struct bucket bucket = { 0 };
	int64_t wait_ms;

	(void)state;
	assert_true(budget_take(&budget, &bucket, NOW, &wait_ms));
	assert_true(budget_take(&budget, &bucket, NOW - BUDGET_LATE_MS, &wait_ms));
	assert_false(budget_take(&budget, &bucket, NOW - BUDGET_LATE_MS, &wait_ms));
	assert_int_equal(wait_ms, BUDGET_LATE_MS + 1000);
	assert_false(budget_take(&budget, &bucket, NOW + 999, &wait_ms));
	assert_true(budget_take(&budget, &bucket, NOW + 1000, &wait_ms));
}

/* --- extremes -------------------------------------------------------------------- */

static const int64_t odd[] = { INT64_MIN, INT64_MIN + 1, -BUDGET_LATE_MS - 1,
	-BUDGET_LATE_MS, -1, 0, 1, 59999, 60000, 999999, 1000000, 1000001,
	INT64_C(1000000000000), NOW, INT64_MAX - 1, INT64_MAX };

static void expect_sound(
    const struct budget *budget, struct bucket bucket, int64_t now_ms)
{
	const bool is_limited = budget->per_minute > 0;
	int64_t wait_ms = -1;
	const bool is_taken = budget_take(budget, &bucket, now_ms, &wait_ms);

	assert_int_equal(is_taken, wait_ms == 0);
	assert_in_range(
	    wait_ms, 0, BUDGET_LATE_MS + INT64_C(60000) * (BUDGET_BURST_MAX + 1));
	if (!is_limited)
		assert_true(is_taken);
	else
		assert_in_range(
		    bucket.used_micro, 0, (BUDGET_BURST_MAX + 1) * INT64_C(1000000));
	if (!is_taken && now_ms < INT64_MAX - wait_ms)
		assert_true(
		    budget_take(budget, &bucket, now_ms + wait_ms, &(int64_t){ 0 }));
}

/* Under the sanitizer: nothing overflows. */
static void extremes_are_sound(void **state)
{
	const size_t n = COUNT(odd);

	(void)state;
	for (size_t i = 0; i < n * n * n; i++) {
		const struct bucket bucket = { odd[i % n], odd[i / n % n] };
		const int64_t now_ms = odd[i / n / n];

		for (size_t k = 0; k < n * n; k++)
			expect_sound(
			    &(struct budget){ odd[k % n], odd[k / n] }, bucket, now_ms);
	}
}

static void without_a_limit_nothing_is_counted(void **state)
{
	static const struct budget none[] = { { 0, 1 }, { -1, 60 }, { INT64_MIN, 0 } };
	struct bucket bucket = { INT64_MAX, 7 };
	int64_t wait_ms = -1;

	(void)state;
	for (size_t i = 0; i < COUNT(none); i++) {
		assert_true(budget_take(&none[i], &bucket, NOW, &wait_ms));
		assert_int_equal(wait_ms, 0);
	}
	assert_int_equal(bucket.used_micro, INT64_MAX);
	assert_int_equal(bucket.at_unix_ms, 7);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_window_gets_too_many),
		cmocka_unit_test(late_ones_fill_nothing_twice),
		cmocka_unit_test(the_wait_is_exact),
		cmocka_unit_test(nothing_is_kept_back),
		cmocka_unit_test(refusals_cost_nothing),
		cmocka_unit_test(a_clock_put_back_goes_on),
		cmocka_unit_test(a_late_clock_waits_for_its_time),
		cmocka_unit_test(extremes_are_sound),
		cmocka_unit_test(without_a_limit_nothing_is_counted),
	};

	return cmocka_run_group_tests_name("budget", tests, NULL, NULL);
}
