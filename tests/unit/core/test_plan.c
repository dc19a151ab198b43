/* When the next look is, and why: every rule, every bound, and what holds for all. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/plan.h"
#include "near.h"

#define SECOND INT64_C(1000)
#define MINUTE (60 * SECOND)
#define HOUR (60 * MINUTE)

static struct law image_law, video_law, slow_law;

static int make_laws(void **state)
{
	(void)state;
	image_law = law_mixture(&(struct law_part){ 1.0, 19.0, 0.25 }, 1);
	video_law = law_mixture(&(struct law_part){ 1.0, 130.0, 0.5 }, 1);
	slow_law = law_mixture(&(struct law_part){ 1.0, 3000.0, 0.3 }, 1);
	return 0;
}

/* A generating video of the given age; no randomness: no jitter. */
static struct plan_view generating(int64_t age_ms)
{
	return (struct plan_view){ .state = TASK_GENERATING,
		.kind = MEDIA_VIDEO,
		.law = &video_law,
		.age_ms = age_ms,
		.queue_eta_ms = -1 };
}

static struct plan_view queued(int64_t eta_ms)
{
	struct plan_view view = generating(0);

	view.state = TASK_QUEUED;
	view.queue_eta_ms = view.queue_soon_ms = eta_ms;
	return view;
}

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

static void queue_ends_with_the_first_look_of_the_law(void **state)
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
	assert_int_equal(plan_next(&view).rule, PLAN_LAW);
	/* Nothing generates so long: it waits, and will for about as long again. */
	view.queued_ms = 20 * MINUTE;
	assert_gap(view, 5 * MINUTE, PLAN_QUEUE_BLIND);
	view.queued_ms = 10 * HOUR;
	assert_int_equal(
	    plan_next(&view).gap_ms, PLAN_QUEUED_MAX_MS - 2 * PLAN_GATHER_MS);
}

/* ---- the law ---- */

static void price_is_of_floor_and_median(void **state)
{
	static const struct {
		int64_t user_ms, advice_ms, account_ms;
		double floor_s; /* that the price is made of */
	} rows[] = {
		{ 0, 0, 0, 10.0 },
		{ 4000, 0, 0, 4.0 }, /* sooner, for more looks */
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

/* Where no floor is in the way the look is when the accrued delay reaches the price. */
static void generating_looks_when_the_price_is_reached(void **state)
{
	(void)state;
	for (int64_t age_ms = 0; age_ms < 60 * SECOND; age_ms += 2500) {
		struct plan_view view = generating(age_ms);
		struct plan plan;

		view.user_floor_ms = 1000;
		plan = plan_next(&view);
		assert_int_equal(plan.rule, PLAN_LAW);
		if (plan.bound == PLAN_FREE && plan.gap_ms > 2 * SECOND)
			assert_near(law_accrued_s(&video_law, (double)age_ms / 1000.0,
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

/* With a floor that most of the law fits in, too soon costs a whole floor. */
static void long_floor_looks_later(void **state)
{
	struct plan_view view = generating(0);
	double free_s, price_s;

	(void)state;
	view.kind = MEDIA_IMAGE;
	view.law = &image_law;
	price_s = plan_next(&view).price_s;
	free_s = law_due_s(&image_law, 0.0, price_s);
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

		view.is_law_young = true;
		view.random = random_next(&random);
		view.user_floor_ms = 1000;
		plan = plan_next(&view);
		assert_int_equal(plan.rule, PLAN_EARLY);
		assert_true(view.age_ms + plan.gap_ms >= PLAN_EARLY_MIN_MS);
		assert_true(view.age_ms + plan.gap_ms <= PLAN_EARLY_MAX_MS * 11 / 10);
		/* Once is enough, and a law that is known has the rejects in it. */
		view.age_ms = PLAN_EARLY_MIN_MS;
		assert_int_equal(plan_next(&view).rule, PLAN_LAW);
		view.age_ms = 0;
		view.is_law_young = false;
		assert_int_equal(plan_next(&view).rule, PLAN_LAW);
	}
}

static void guards(void **state)
{
	struct plan_view view = generating(0);

	(void)state;
	view.law = &slow_law;
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

/* ---- what holds for all ---- */

static int64_t odd_ms(uint64_t *random)
{
	static const int64_t odd[] = { INT64_MIN, INT64_MIN + 1, -HOUR, -1, 0, 1, 999,
		10 * SECOND, HOUR, INT64_C(1) << 52, INT64_MAX / 4, INT64_MAX - 1,
		INT64_MAX };
	const uint64_t pick = random_next(random) % 26;

	return pick < 13 ? odd[pick] : (int64_t)log_uniform(random, 1.0, 1e9);
}

static struct plan_view odd_view(uint64_t *random)
{
	static const enum task_state states[] = { TASK_UNKNOWN, TASK_QUEUED,
		TASK_GENERATING, TASK_PARTIAL };
	const struct law *laws[] = { &image_law, &video_law, &slow_law };

	return (struct plan_view){
		.state = states[random_next(random) % 4],
		.kind = (enum media_kind)(random_next(random) % (MEDIA_AUDIO + 1)),
		.law = laws[random_next(random) % 3],
		.is_law_young = random_next(random) % 2,
		.is_first = random_next(random) % 2,
		.age_ms = odd_ms(random),
		.queue_eta_ms = odd_ms(random),
		.queue_soon_ms = odd_ms(random),
		.queued_ms = odd_ms(random),
		.absences = random_next(random) % 4 ? 0 : (unsigned)random_next(random),
		.user_floor_ms = random_next(random) % 2 ? 0 : odd_ms(random),
		.advice_ms = random_next(random) % 2 ? 0 : odd_ms(random),
		.account_floor_ms = random_next(random) % 2 ? 0 : odd_ms(random),
		.gap_max_ms = random_next(random) % 2 ? 0 : odd_ms(random),
		.random = random_next(random),
	};
}

static int64_t larger(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

static int64_t jittered_ms(int64_t floor_ms)
{
	return floor_ms + (int64_t)(PLAN_JITTER * (double)floor_ms);
}

static void bounds_hold_for_every_view(void **state)
{
	uint64_t random = 1;

	(void)state;
	for (int i = 0; i < 20000; i++) {
		struct plan_view view = odd_view(&random);
		const struct plan plan = plan_next(&view);
		const bool is_queue =
		    plan.rule == PLAN_QUEUE || plan.rule == PLAN_QUEUE_BLIND;
		int64_t guard_ms = is_queue ? PLAN_QUEUED_MAX_MS : PLAN_GENERATING_MAX_MS;
		struct plan bare;

		if (view.gap_max_ms > 0 && view.gap_max_ms < guard_ms)
			guard_ms = view.gap_max_ms;
		guard_ms -= guard_ms < 2 * PLAN_GATHER_MS ? guard_ms : 2 * PLAN_GATHER_MS;
		assert_true(plan.floor_ms > 0);
		assert_true(plan.gap_ms >= plan.floor_ms);
		assert_true(plan.gap_ms <= larger(guard_ms, jittered_ms(plan.floor_ms)));
		if (view.user_floor_ms > 0)
			assert_true(plan.floor_ms >= view.user_floor_ms ||
			    plan.floor_ms == PLAN_INTERVAL_MAX_MS);
		assert_true(isfinite(plan.price_s) && plan.price_s >= 0.0);
		view.random = 0;
		bare = plan_next(&view);
		/* Jitter is upward, and from a guard a little down. */
		if (plan.rule == bare.rule && plan.rule != PLAN_EARLY)
			assert_true(plan.gap_ms >= bare.gap_ms ||
			    plan.gap_ms >= guard_ms - guard_ms / 10 - 1);
	}
}

static void urgency_and_eta_for_every_view(void **state)
{
	uint64_t random = 2;

	(void)state;
	for (int i = 0; i < 20000; i++) {
		struct plan_view view = odd_view(&random);
		const struct plan plan = plan_next(&view);
		const struct plan_eta eta = plan_eta(&view);
		double last = 0.0;

		for (int64_t gap_ms = 1; gap_ms < INT64_C(1) << 40; gap_ms *= 8) {
			const double urgency = plan_urgency(&view, &plan, gap_ms);

			assert_true(isfinite(urgency) && urgency >= last - 0.01);
			last = urgency;
		}
		assert_true(eta.low_ms <= eta.middle_ms && eta.middle_ms <= eta.high_ms);
		assert_true(eta.low_ms >= -1);
	}
}

/* One when it is due, by whatever rule. */
static void urgency_is_one_when_due(void **state)
{
	uint64_t random = 3;

	(void)state;
	for (int i = 0; i < 2000; i++) {
		struct plan_view view = generating((int64_t)log_uniform(&random, 1, 1e6));
		struct plan plan;
		double urgency;

		view.state = i % 3 ? TASK_GENERATING : TASK_QUEUED;
		view.queue_eta_ms = i % 3 ? -1 : (int64_t)log_uniform(&random, 1, 1e8);
		view.queue_soon_ms = view.queue_eta_ms * 2 / 3;
		view.is_law_young = i % 2;
		view.random = random_next(&random);
		plan = plan_next(&view);
		urgency = plan_urgency(&view, &plan, plan.gap_ms);
		assert_true(urgency > 0.99);
		if (plan.rule != PLAN_LAW)
			assert_true(urgency < 1.01 || plan.rule == PLAN_EARLY);
		assert_true(plan_urgency(&view, &plan, plan.gap_ms / 4) < urgency);
		assert_near(plan_urgency(&view, &plan, 0), 0.0, 0.0);
	}
}

static void eta_is_the_law_behind_the_queue(void **state)
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
	    law_quantile_s(&video_law, 130.0, 0.5) * 1e3 - 130e3, 0.01);
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
	view.law = NULL;
	assert_int_equal(plan_eta(&view).low_ms, -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whose_floor),
		cmocka_unit_test(absent_doubles_to_a_minute),
		cmocka_unit_test(queue_goes_by_half_its_eta),
		cmocka_unit_test(queue_has_a_guard),
		cmocka_unit_test(queue_ends_with_the_first_look_of_the_law),
		cmocka_unit_test(queue_without_a_place),
		cmocka_unit_test(price_is_of_floor_and_median),
		cmocka_unit_test(generating_looks_when_the_price_is_reached),
		cmocka_unit_test(gaps_are_long_before_and_short_within),
		cmocka_unit_test(long_floor_looks_later),
		cmocka_unit_test(early_look_for_rejects),
		cmocka_unit_test(guards),
		cmocka_unit_test(a_floor_over_the_guard_has_jitter_too),
		cmocka_unit_test(bounds_hold_for_every_view),
		cmocka_unit_test(urgency_and_eta_for_every_view),
		cmocka_unit_test(urgency_is_one_when_due),
		cmocka_unit_test(eta_is_the_law_behind_the_queue),
		cmocka_unit_test(no_eta_of_what_is_over_or_unknown),
	};

	return cmocka_run_group_tests(tests, make_laws, NULL);
}
