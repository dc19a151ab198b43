/* When the next poll is, and why: every rule, every bound, and the ETA. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "near.h"
#include "plan_views.h"

/* With every randomness the gap is from here to as much more as jitter is. */
static void assert_gap(struct plan_view view, int64_t gap_ms, enum plan_rule rule)
{
	uint64_t random = 1;

	view.random = 0;
	assert_int_equal(plan_next(&view).gap_ms, gap_ms);
	for (int i = 0; i < 200; i++) {
		struct plan plan;

		view.random = random_next(&random);
		plan = plan_next(&view);
		assert_int_equal(plan.rule, rule);
		assert_true(plan.gap_ms >= gap_ms);
		assert_true((double)plan.gap_ms <= (1.0 + PLAN_JITTER) * (double)gap_ms);
	}
}

/* ---- floors ---- */

static void whose_floor(void **state)
{
	static const struct {
		enum media_kind kind;
		enum plan_bound bound;
		int64_t user_ms, advice_ms, account_ms, floor_ms;
	} rows[] = {
		{ MEDIA_IMAGE, PLAN_FLOOR_KIND, 0, 0, 0, PLAN_IMAGE_FLOOR_MS },
		{ MEDIA_AUDIO, PLAN_FLOOR_KIND, 0, 0, 0, PLAN_IMAGE_FLOOR_MS },
		{ MEDIA_VIDEO, PLAN_FLOOR_KIND, 0, 0, 0, PLAN_VIDEO_FLOOR_MS },
		{ MEDIA_VIDEO, PLAN_FLOOR_ADVICE, 0, 30000, 0, 30000 },
		{ MEDIA_VIDEO, PLAN_FLOOR_ADVICE, 0, 2000, 0, 2000 },
		{ MEDIA_VIDEO, PLAN_FLOOR_ADVICE, 0, HOUR, 0, PLAN_ADVICE_MAX_MS },
		{ MEDIA_VIDEO, PLAN_FLOOR_ADVICE, 0, INT64_MAX, 0, PLAN_ADVICE_MAX_MS },
		{ MEDIA_VIDEO, PLAN_FLOOR_KIND, 0, -1, 0, PLAN_VIDEO_FLOOR_MS },
		{ MEDIA_VIDEO, PLAN_FLOOR_USER, 1000, 30000, 0, 1000 },
		{ MEDIA_VIDEO, PLAN_FLOOR_USER, HOUR, 30000, 0, HOUR },
		{ MEDIA_VIDEO, PLAN_FLOOR_USER, INT64_MAX, 0, 0, PLAN_INTERVAL_MAX_MS },
		{ MEDIA_VIDEO, PLAN_FLOOR_ACCOUNT, 1000, 0, 40000, 40000 },
		{ MEDIA_VIDEO, PLAN_FLOOR_USER, 1000, 0, 500, 1000 },
		{ MEDIA_IMAGE, PLAN_FLOOR_ACCOUNT, 0, 20000, 40000, 40000 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct plan_view view = generating(20 * MINUTE);
		struct plan plan;

		view.state = TASK_PARTIAL;
		view.kind = rows[i].kind;
		view.user_floor_ms = rows[i].user_ms;
		view.advice_ms = rows[i].advice_ms;
		view.account_floor_ms = rows[i].account_ms;
		plan = plan_next(&view);
		assert_int_equal(plan.floor_ms, rows[i].floor_ms);
		assert_int_equal(plan.gap_ms, rows[i].floor_ms);
		assert_int_equal(plan.rule, PLAN_PARTIAL);
	}
	/* Who held it is told where the floor was in the way. */
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct plan_view view = generating(0);

		view.absences = 1; /* 5 s */
		view.kind = rows[i].kind;
		view.user_floor_ms = rows[i].user_ms;
		view.advice_ms = rows[i].advice_ms;
		view.account_floor_ms = rows[i].account_ms;
		assert_int_equal(plan_next(&view).bound,
		    rows[i].floor_ms > PLAN_ABSENT_MIN_MS ? rows[i].bound : PLAN_FREE);
	}
}

/* ---- stages ---- */

static void absent_doubles_to_a_minute(void **state)
{
	static const int64_t gaps_ms[] = { 5000, 10000, 20000, 40000, 60000, 60000, 60000,
		60000, 60000 };
	struct plan_view view = generating(0);

	(void)state;
	view.kind = MEDIA_IMAGE;
	for (unsigned i = 0; i < 9; i++) {
		view.absences = i + 1;
		assert_gap(view, gaps_ms[i], PLAN_ABSENT);
	}
	view.absences = UINT32_MAX;
	assert_gap(view, PLAN_ABSENT_MAX_MS, PLAN_ABSENT);
	/* Whatever it was before. */
	view.state = TASK_QUEUED;
	view.queue_eta_ms = view.queue_soon_ms = HOUR;
	assert_gap(view, PLAN_ABSENT_MAX_MS, PLAN_ABSENT);
}

static void queue_goes_by_half_its_eta(void **state)
{
	struct plan_view view = queued(40 * MINUTE);

	(void)state;
	assert_gap(queued(40 * MINUTE), 20 * MINUTE, PLAN_QUEUE);
	assert_gap(queued(10 * MINUTE), 5 * MINUTE, PLAN_QUEUE);
	/* By the fastest that it may drain. */
	view.queue_soon_ms = 30 * MINUTE;
	assert_gap(view, 15 * MINUTE, PLAN_QUEUE);
	view.queue_soon_ms = 50 * MINUTE;
	assert_gap(view, 20 * MINUTE, PLAN_QUEUE);
}

static void queue_has_a_guard(void **state)
{
	static const int64_t etas_ms[] = { 60 * MINUTE, 65 * MINUTE, 24 * HOUR,
		INT64_MAX };
	uint64_t random = 1;

	(void)state;
	for (size_t i = 0; i < 4; i++)
		for (int k = 0; k < 100; k++) {
			struct plan_view view = queued(etas_ms[i]);
			struct plan plan;

			view.random = random_next(&random);
			plan = plan_next(&view);
			assert_true(plan.gap_ms <= PLAN_QUEUED_MAX_MS);
			assert_true(plan.gap_ms >= PLAN_QUEUED_MAX_MS * 9 / 10);
			assert_int_equal(plan.rule, PLAN_QUEUE);
			if (i > 0)
				assert_int_equal(plan.bound, PLAN_GUARD);
		}
}

static void queue_ends_with_the_first_look_of_the_distribution(void **state)
{
	struct plan_view begun = generating(0), view;
	int64_t first_ms;

	(void)state;
	begun.is_first = true;
	first_ms = plan_next(&begun).gap_ms;
	assert_true(first_ms > 30 * SECOND && first_ms < 100 * SECOND);
	assert_gap(queued(0), first_ms, PLAN_QUEUE_END);
	assert_gap(queued(5 * SECOND), first_ms + 5 * SECOND, PLAN_QUEUE_END);
	view = queued(first_ms + 2 * MINUTE);
	assert_int_equal(plan_next(&view).rule, PLAN_QUEUE);
	/* As soon as it may, if the queue is quick. */
	view.queue_soon_ms = 20 * SECOND;
	assert_gap(view, first_ms + 20 * SECOND, PLAN_QUEUE_END);
}

static void queue_without_a_place(void **state)
{
	struct plan_view view = queued(-1);

	(void)state;
	/* It may as well be a generation already. */
	view.queued_ms = 60 * SECOND;
	assert_int_equal(plan_next(&view).rule, PLAN_DIST);
	/* Nothing generates so long: it waits, and will for about as long again. */
	view.queued_ms = 20 * MINUTE;
	assert_gap(view, 5 * MINUTE, PLAN_QUEUE_BLIND);
	view.queued_ms = 10 * HOUR;
	assert_int_equal(
	    plan_next(&view).gap_ms, PLAN_QUEUED_MAX_MS - 2 * PLAN_GATHER_MS);
}

/* ---- the distribution ---- */

static void price_is_of_floor_and_median(void **state)
{
	static const struct {
		int64_t user_ms, advice_ms, account_ms;
		double floor_s; /* that the price is made of */
	} rows[] = {
		{ 0, 0, 0, 10.0 },
		{ 4000, 0, 0, 4.0 }, /* sooner, for more polls */
		{ 60000, 0, 0, 10.0 }, /* seldom, but not later than need be */
		{ 0, 30000, 0, 10.0 },
		{ 0, 0, 60000, 10.0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct plan_view view = generating(0);

		view.user_floor_ms = rows[i].user_ms;
		view.advice_ms = rows[i].advice_ms;
		view.account_floor_ms = rows[i].account_ms;
		assert_near(plan_next(&view).price_s,
		    PLAN_PRICE * rows[i].floor_s * rows[i].floor_s / 130.0, 0.002);
	}
}

/* Where no floor is in the way the poll is when the accrued delay reaches the price. */
static void generating_looks_when_the_price_is_reached(void **state)
{
	(void)state;
	for (int64_t age_ms = 0; age_ms < 60 * SECOND; age_ms += 2500) {
		struct plan_view view = generating(age_ms);
		struct plan plan;

		view.user_floor_ms = 1000;
		plan = plan_next(&view);
		assert_int_equal(plan.rule, PLAN_DIST);
		if (plan.bound == PLAN_FREE && plan.gap_ms > 2 * SECOND)
			assert_near(dist_accrued_s(&video_dist, (double)age_ms / 1000.0,
					(double)(age_ms + plan.gap_ms) / 1000.0),
			    plan.price_s, 0.1);
	}
}

static void gaps_are_long_before_and_short_within(void **state)
{
	struct plan_view view = generating(0);
	const int64_t before_ms = plan_next(&view).gap_ms;

	(void)state;
	view.age_ms = 130 * SECOND;
	assert_int_equal(plan_next(&view).gap_ms, PLAN_VIDEO_FLOOR_MS);
	assert_true(before_ms > INT64_C(3) * PLAN_VIDEO_FLOOR_MS);
	view.age_ms = INT64_C(1000) * 1000 * 1000; /* a dozen days */
	assert_true(plan_next(&view).gap_ms > INT64_C(2) * PLAN_VIDEO_FLOOR_MS);
}

/* With a floor that most of the distribution fits in, too soon costs a whole floor. */
static void long_floor_looks_later(void **state)
{
	struct plan_view view = generating(0);
	double free_s, price_s;

	(void)state;
	view.kind = MEDIA_IMAGE;
	view.dist = &image_dist;
	price_s = plan_next(&view).price_s;
	free_s = dist_due_s(&image_dist, 0.0, price_s);
	view.user_floor_ms = 60 * SECOND;
	view.is_first = true;
	assert_true(plan_next(&view).gap_ms >= 60 * SECOND);
	view.user_floor_ms = 12 * SECOND;
	assert_true((double)plan_next(&view).gap_ms / 1000.0 > free_s + 1.0);
}

static void early_look_for_rejects(void **state)
{
	uint64_t random = 1;

	(void)state;
	for (int i = 0; i < 300; i++) {
		struct plan_view view = generating(4 * SECOND * (i % 3));
		struct plan plan;

		view.is_dist_young = true;
		view.random = random_next(&random);
		view.user_floor_ms = 1000;
		plan = plan_next(&view);
		assert_int_equal(plan.rule, PLAN_EARLY);
		assert_true(view.age_ms + plan.gap_ms >= PLAN_EARLY_MIN_MS);
		assert_true(view.age_ms + plan.gap_ms <= PLAN_EARLY_MAX_MS * 11 / 10);
		/*
		 * Once is enough, and a distribution that is known has the rejects in it.
		 *
		 */
		view.age_ms = PLAN_EARLY_MIN_MS;
		assert_int_equal(plan_next(&view).rule, PLAN_DIST);
		view.age_ms = 0;
		view.is_dist_young = false;
		assert_int_equal(plan_next(&view).rule, PLAN_DIST);
	}
}

static void guards(void **state)
{
	struct plan_view view = generating(0);

	(void)state;
	view.dist = &slow_dist;
	assert_int_equal(
	    plan_next(&view).gap_ms, PLAN_GENERATING_MAX_MS - 2 * PLAN_GATHER_MS);
	assert_int_equal(plan_next(&view).bound, PLAN_GUARD);
	view.gap_max_ms = 70 * SECOND;
	assert_int_equal(plan_next(&view).gap_ms, 70 * SECOND - 2 * PLAN_GATHER_MS);
	assert_int_equal(plan_next(&view).bound, PLAN_GUARD_LINKS);
	view.gap_max_ms = HOUR;
	assert_int_equal(
	    plan_next(&view).gap_ms, PLAN_GENERATING_MAX_MS - 2 * PLAN_GATHER_MS);
	/* Links that die at once don't break the floor. */
	view.gap_max_ms = 1;
	assert_int_equal(plan_next(&view).gap_ms, PLAN_VIDEO_FLOOR_MS);
	assert_int_equal(plan_next(&view).bound, PLAN_FLOOR_KIND);
	/* Neither does a guard. */
	view.gap_max_ms = 0;
	view.user_floor_ms = 20 * MINUTE;
	assert_int_equal(plan_next(&view).gap_ms, 20 * MINUTE);
	assert_int_equal(plan_next(&view).bound, PLAN_FLOOR_USER);
}

/* Tasks of one submit under a long floor do not stay in step for ever. */
static void a_floor_over_the_guard_has_jitter_too(void **state)
{
	struct plan_view view = generating(0);
	uint64_t random = 1;
	int64_t least_ms = INT64_MAX, most_ms = 0;

	(void)state;
	view.user_floor_ms = 20 * MINUTE;
	for (int i = 0; i < 100; i++) {
		int64_t gap_ms;

		view.random = random_next(&random);
		gap_ms = plan_next(&view).gap_ms;
		least_ms = gap_ms < least_ms ? gap_ms : least_ms;
		most_ms = gap_ms > most_ms ? gap_ms : most_ms;
	}
	assert_true(least_ms >= 20 * MINUTE);
	assert_true(most_ms - least_ms > (int64_t)(0.9 * PLAN_JITTER * 20 * MINUTE));
	assert_true(most_ms <= (int64_t)((1.0 + PLAN_JITTER) * 20 * MINUTE));
}

/* ---- ETA ---- */

static void eta_is_the_distribution_behind_the_queue(void **state)
{
	struct plan_view view = generating(0);
	struct plan_eta eta = plan_eta(&view);

	(void)state;
	assert_near((double)eta.middle_ms, 130e3, 0.01);
	assert_near((double)eta.low_ms, 130e3 * exp(-0.5 * 1.2816), 0.01);
	assert_near((double)eta.high_ms, 130e3 * exp(0.5 * 1.2816), 0.01);
	view.age_ms = 130 * SECOND; /* half of them are gone: what is left */
	eta = plan_eta(&view);
	assert_near((double)eta.middle_ms,
	    dist_quantile_s(&video_dist, 130.0, 0.5) * 1e3 - 130e3, 0.01);
	view = queued(30 * MINUTE);
	eta = plan_eta(&view);
	assert_near((double)eta.middle_ms, 30 * MINUTE + 130e3, 0.01);
	assert_true(eta.low_ms < 25 * MINUTE && eta.high_ms > 35 * MINUTE);
}

static void no_eta_of_what_is_over_or_unknown(void **state)
{
	struct plan_view view = generating(0);

	(void)state;
	view.state = TASK_SUCCEEDED;
	assert_int_equal(plan_eta(&view).middle_ms, -1);
	view = generating(0);
	view.absences = 1;
	assert_int_equal(plan_eta(&view).high_ms, -1);
	view = generating(0);
	view.dist = NULL;
	assert_int_equal(plan_eta(&view).low_ms, -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whose_floor),
		cmocka_unit_test(absent_doubles_to_a_minute),
		cmocka_unit_test(queue_goes_by_half_its_eta),
		cmocka_unit_test(queue_has_a_guard),
		cmocka_unit_test(queue_ends_with_the_first_look_of_the_distribution),
		cmocka_unit_test(queue_without_a_place),
		cmocka_unit_test(price_is_of_floor_and_median),
		cmocka_unit_test(generating_looks_when_the_price_is_reached),
		cmocka_unit_test(gaps_are_long_before_and_short_within),
		cmocka_unit_test(long_floor_looks_later),
		cmocka_unit_test(early_look_for_rejects),
		cmocka_unit_test(guards),
		cmocka_unit_test(a_floor_over_the_guard_has_jitter_too),
		cmocka_unit_test(eta_is_the_distribution_behind_the_queue),
		cmocka_unit_test(no_eta_of_what_is_over_or_unknown),
	};

	return cmocka_run_group_tests(tests, make_dists, NULL);
}
