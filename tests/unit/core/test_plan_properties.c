/* What holds for the plan of every view, however odd. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "near.h"
#include "plan_views.h"

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
	const struct dist *dists[] = { &image_dist, &video_dist, &slow_dist };

	return (struct plan_view){
		.state = states[random_next(random) % 4],
		.kind = (enum media_kind)(random_next(random) % (MEDIA_AUDIO + 1)),
		.dist = dists[random_next(random) % 3],
		.is_dist_young = random_next(random) % 2,
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
		view.is_dist_young = i % 2;
		view.random = random_next(&random);
		plan = plan_next(&view);
		urgency = plan_urgency(&view, &plan, plan.gap_ms);
		assert_true(urgency > 0.99);
		if (plan.rule != PLAN_DIST)
			assert_true(urgency < 1.01 || plan.rule == PLAN_EARLY);
		assert_true(plan_urgency(&view, &plan, plan.gap_ms / 4) < urgency);
		assert_near(plan_urgency(&view, &plan, 0), 0.0, 0.0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bounds_hold_for_every_view),
		cmocka_unit_test(urgency_and_eta_for_every_view),
		cmocka_unit_test(urgency_is_one_when_due),
	};

	return cmocka_run_group_tests(tests, make_dists, NULL);
}
