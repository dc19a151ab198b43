/*
 * What one poll says about the next at the same id: floors, distribution, queue, absence.
 *
 */
#include "sched_desk.h"

/* A view's next poll: its gap, over many of them, within jitter and bounds. */
static void gaps(void **state)
{
	static const struct {
		const char *label;
		int64_t interval_ms;
		struct sched_view view;
		int64_t min_ms, max_ms;
	} row[] = {
		{ "image", 0, { .state = TASK_GENERATING, .kind = MEDIA_IMAGE }, 3000,
		    5000 },
		{ "video", 0, { .state = TASK_GENERATING, .kind = MEDIA_VIDEO }, 10000,
		    20000 },
		{ "partial", 0, { .state = TASK_PARTIAL, .kind = MEDIA_IMAGE }, 3000,
		    3150 },
		{ "advice", 0,
		    { .state = TASK_GENERATING, .kind = MEDIA_IMAGE, .advice_ms = 30000 },
		    30000, 60000 },
		{ "short advice", 0,
		    { .state = TASK_PARTIAL, .kind = MEDIA_VIDEO, .advice_ms = 2000 },
		    2000, 2100 },
		{ "mad advice", 0,
		    { .state = TASK_PARTIAL,
			.kind = MEDIA_IMAGE,
			.advice_ms = INT64_MAX },
		    PLAN_ADVICE_MAX_MS,
		    PLAN_ADVICE_MAX_MS * 103 / 100 }, /* over the guard */
		{ "negative advice", 0,
		    { .state = TASK_GENERATING, .kind = MEDIA_IMAGE, .advice_ms = -1 },
		    3000, 5000 },
		{ "the user's word", 1000,
		    { .state = TASK_PARTIAL, .kind = MEDIA_VIDEO, .advice_ms = 30000 },
		    1000, 1050 },
		{ "the user's long word", 90000,
		    { .state = TASK_PARTIAL, .kind = MEDIA_IMAGE, .advice_ms = 30000 },
		    90000, 94500 },
		{ "the user's millisecond", 1,
		    { .state = TASK_PARTIAL, .kind = MEDIA_IMAGE }, 1, 1 },
		{ "absent once", 0, { .absences = 1 }, 5000, 5250 },
		{ "twice", 0, { .absences = 2 }, 10000, 10500 },
		{ "thrice", 0, { .absences = 3 }, 20000, 21000 },
		{ "four times", 0, { .absences = 4 }, 40000, 42000 },
		{ "five times", 0, { .absences = 5 }, 60000, 63000 },
		{ "for ever", 0, { .absences = UINT32_MAX }, 60000, 63000 },
		{ "absent wins over short advice", 0,
		    { .absences = 5, .advice_ms = 1000 }, 60000, 63000 },
		{ "a queue with the service's word", 0,
		    { .state = TASK_QUEUED, .kind = MEDIA_VIDEO, .queue_eta_ms = 600000 },
		    300000, 315000 },
		{ "a queue without end", 0,
		    { .state = TASK_QUEUED,
			.kind = MEDIA_VIDEO,
			.queue_eta_ms = 999999999 },
		    PLAN_QUEUED_MAX_MS * 9 / 10, PLAN_QUEUED_MAX_MS },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(row); i++) {
		DESK desk = desk_make(row[i].interval_ms, 10, 1);
		struct sched_view view = row[i].view;
		int64_t now_ms = 0, seen_min = INT64_MAX, seen_max = 0;

		view.lane = view.kind == MEDIA_VIDEO ? desk.video : desk.image;
		view.age_ms = view.queue_position = -1;
		if (view.state != TASK_QUEUED)
			view.queue_eta_ms = -1;
		for (int look = 0; look < 200; look++) {
			int64_t gap_ms;

			sched_polled(desk.sched, 0, &view, now_ms);
			gap_ms = sched_next_ms(desk.sched) - now_ms;
			if (gap_ms < row[i].min_ms || gap_ms > row[i].max_ms)
				fail_msg("%s: %lld", row[i].label, (long long)gap_ms);
			seen_min = gap_ms < seen_min ? gap_ms : seen_min;
			seen_max = gap_ms > seen_max ? gap_ms : seen_max;
			now_ms += gap_ms;
		}
		/* Many clients do not march in step. */
		if (row[i].max_ms - row[i].min_ms >= 50 && seen_max == seen_min)
			fail_msg("%s: no jitter", row[i].label);
	}
}

/* --interval never: not even the largest number may run over. */
static void an_endless_interval(void **state)
{
	const int64_t far_ms = INT64_C(1000) * 365 * 86400000;
	DESK desk = desk_make(INT64_MAX, 10, 1);
	size_t keys[10];

	(void)state;
	desk_polled(&desk, 0, MEDIA_IMAGE, 1000000);
	assert_true(sched_next_ms(desk.sched) > far_ms);
	assert_int_equal(sched_take(desk.sched, far_ms, keys), 0);
}

/* --- generating --------------------------------------------------------------------- */

static struct dist narrow(double median_s)
{
	const struct dist_part part = { 1.0, median_s, 0.2 };

	return dist_mixture(&part, 1);
}

/*
 * What a submit has told is as good as a poll: no other before the distribution says so.
 *
 */
static void accepted_just_now(void **state)
{
	DESK desk = desk_make(0, 10, 0);
	const struct dist dist = narrow(130.0);
	struct sched_view view = desk_view(&desk, TASK_UNKNOWN, MEDIA_VIDEO);
	struct sched_reason reason;
	struct err err;
	int64_t due_ms;
	size_t keys[10];

	(void)state;
	dists_set(desk.dists, desk.video, &dist);
	view.age_ms = 0;
	assert_int_equal(sched_add(desk.sched, 0, 1000, &err), ERR_OK);
	sched_polled(desk.sched, 0, &view, 1000);
	reason = desk_reason(&desk, 0);
	due_ms = 1000 + (int64_t)(dist_due_s(&dist, 0.0, reason.plan.price_s) * 1000.0);
	assert_int_equal(reason.plan.rule, PLAN_DIST);
	assert_true(due_ms > 60000);
	assert_in_range(sched_next_ms(desk.sched), due_ms - 1, due_ms + 16000);
	assert_int_equal(sched_take(desk.sched, due_ms - 1, keys), 0);
}

/* With nothing learnt the first poll is early: most that fail do so at once. */
static void an_untaught_lane_has_an_early_look(void **state)
{
	DESK desk = desk_untaught(0, 10, 7, 1);
	struct sched_view view = desk_view(&desk, TASK_UNKNOWN, MEDIA_VIDEO);

	(void)state;
	view.age_ms = 0;
	sched_polled(desk.sched, 0, &view, 0);
	assert_in_range(
	    sched_next_ms(desk.sched), PLAN_EARLY_MIN_MS, PLAN_EARLY_MAX_MS * 21 / 20);
	desk_polled(&desk, 0, MEDIA_VIDEO, 21000);
	assert_true(desk_reason(&desk, 0).plan.gap_ms > PLAN_EARLY_MAX_MS / 2);
	assert_int_equal(desk_reason(&desk, 0).plan.rule, PLAN_DIST);
}

/* The age that the service gives counts, once; then our own clock does. */
static void the_age_of_a_generation(void **state)
{
	static const struct {
		int64_t given_ms, age_ms;
	} row[] = {
		{ 15000, 15000 }, { 0, 0 }, { -1, 0 }, /* unknown */
		{ 400000000, 0 }, /* no generation takes so long: an unseen queue */
	};

	(void)state;
	for (size_t i = 0; i < COUNT(row); i++) {
		DESK desk = desk_make(0, 10, 1);
		struct sched_view view = desk_view(&desk, TASK_GENERATING, MEDIA_IMAGE);

		view.age_ms = row[i].given_ms;
		sched_polled(desk.sched, 0, &view, 1000000);
		assert_int_equal(desk_reason(&desk, 0).view.age_ms, row[i].age_ms);
		view.age_ms = 77;
		sched_polled(desk.sched, 0, &view, 1005000);
		assert_int_equal(desk_reason(&desk, 0).view.age_ms, row[i].age_ms + 5000);
	}
}

/* A submit told when it began; a poll that does not know better changes nothing. */
static void a_submit_told_its_age(void **state)
{
	DESK desk = desk_make(0, 10, 1);
	struct sched_view view = desk_view(&desk, TASK_UNKNOWN, MEDIA_IMAGE);

	(void)state;
	view.age_ms = 0;
	sched_polled(desk.sched, 0, &view, 1000);
	desk_polled(&desk, 0, MEDIA_IMAGE, 9000);
	assert_int_equal(desk_reason(&desk, 0).view.age_ms, 8000);
}

/* What runs for long tells that the distribution is longer than what has ended says. */
static void those_that_run_are_told_of(void **state)
{
	DESK desk = desk_untaught(0, 60, 7, 50);
	struct sched_view view = desk_view(&desk, TASK_GENERATING, MEDIA_IMAGE);
	double before_s;
	size_t keys[60];

	(void)state;
	for (int i = 0; i < 20; i++)
		dists_ended(desk.dists, desk.image, 15.0 + i % 5, true);
	before_s = dist_quantile_s(dists_of(desk.dists, desk.image), 0.0, 0.5);
	assert_int_equal(sched_take(desk.sched, 1000, keys), 50);
	for (size_t key = 0; key < 50; key++) {
		view.age_ms = 0;
		sched_polled(desk.sched, key, &view, 1000);
		sched_polled(desk.sched, key, &view, 80000); /* 79 s old by now */
	}
	assert_true(sched_take(desk.sched, sched_next_ms(desk.sched), keys) > 0);
	assert_true(
	    dist_quantile_s(dists_of(desk.dists, desk.image), 0.0, 0.5) > before_s * 1.1);
}

/* --- queued ------------------------------------------------------------------------- */

static void looked_in_queue(
    struct desk *desk, int64_t position, int64_t eta_ms, int64_t now_ms)
{
	struct sched_view view = desk_view(desk, TASK_QUEUED, MEDIA_VIDEO);

	view.queue_position = position;
	view.queue_eta_ms = eta_ms;
	sched_polled(desk->sched, 0, &view, now_ms);
}

/* Two looks show the rate; then half of what is left at most, and the end exactly. */
static void down_the_queue(void **state)
{
	DESK desk = desk_make(0, 10, 1);
	const struct dist dist = narrow(130.0);
	struct sched_reason reason;

	(void)state;
	dists_set(desk.dists, desk.video, &dist);
	looked_in_queue(&desk, 3000, -1, 0);
	reason = desk_reason(&desk, 0);
	assert_true(reason.drain <= 0.0);
	assert_int_equal(reason.view.queue_eta_ms, -1);
	looked_in_queue(&desk, 2700, -1, 30000); /* 10 a second: 270 s */
	reason = desk_reason(&desk, 0);
	assert_float_equal(reason.drain, 10.0, 1e-9);
	assert_int_equal(reason.view.queue_eta_ms, 270000);
	assert_int_equal(reason.plan.rule, PLAN_QUEUE);
	/* α of what is left if it drains as fast as it may: a little under half. */
	assert_in_range(reason.plan.gap_ms, 100000, 135000 * 21 / 20);
	looked_in_queue(&desk, 200, -1, 280000);
	reason = desk_reason(&desk, 0);
	assert_int_equal(reason.plan.rule, PLAN_QUEUE_END);
	assert_true(reason.plan.gap_ms > 60000); /* the distribution begins at its end */
	assert_true(reason.plan.gap_ms <= PLAN_GENERATING_MAX_MS);
}

/* It began where its place and the rate put it, between the two looks at most. */
static void the_begin_behind_a_queue(void **state)
{
	static const struct {
		int64_t seen_ms; /* first seen generating; its place says 110 s */
		int64_t age_ms;
	} row[] = { { 130000, 20000 }, { 105000, 0 } };

	(void)state;
	for (size_t i = 0; i < COUNT(row); i++) {
		const int64_t seen_ms = row[i].seen_ms;
		DESK desk = desk_make(0, 10, 1);
		int64_t after_ms, by_ms;

		looked_in_queue(&desk, 600, -1, 50000);
		looked_in_queue(&desk, 100, -1, 100000);
		desk_polled(&desk, 0, MEDIA_VIDEO, seen_ms);
		assert_int_equal(desk_reason(&desk, 0).view.age_ms, row[i].age_ms);
		desk_polled(&desk, 0, MEDIA_VIDEO, seen_ms + 9000);
		assert_int_equal(desk_reason(&desk, 0).view.age_ms, row[i].age_ms + 9000);
		sched_drop(desk.sched, 0);
		sched_start(desk.sched, 0, seen_ms + 9000, &after_ms, &by_ms);
		assert_in_range(after_ms, 100000, 110000);
		assert_in_range(by_ms, after_ms, seen_ms);
		if (seen_ms > 110000)
			assert_true(by_ms >= 110000);
	}
}

static void never_seen_in_a_queue(void **state)
{
	DESK desk = desk_make(0, 10, 1);
	int64_t after_ms, by_ms;

	(void)state;
	desk_polled(&desk, 0, MEDIA_VIDEO, 5000);
	sched_start(desk.sched, 0, 5000, &after_ms, &by_ms);
	assert_int_equal(after_ms, -1);
	assert_int_equal(by_ms, -1);
}

/* --- links, reasons, ETA --------------------------------------------------------- */

static void no_gap_outlives_a_link(void **state)
{
	DESK desk = desk_make(0, 10, 1);
	struct sched_view view = desk_view(&desk, TASK_QUEUED, MEDIA_VIDEO);
	struct sched_reason reason;

	(void)state;
	view.queue_eta_ms = 1000000;
	sched_link_life(desk.sched, 0);
	sched_link_life(desk.sched, -5);
	sched_polled(desk.sched, 0, &view, 0);
	assert_true(desk_reason(&desk, 0).plan.gap_ms >= 500000);
	sched_link_life(desk.sched, 200000);
	sched_link_life(desk.sched, 900000); /* the shortest counts */
	sched_polled(desk.sched, 0, &view, 0);
	reason = desk_reason(&desk, 0);
	assert_in_range(reason.plan.gap_ms, 90000, 100000);
	assert_int_equal(reason.plan.bound, PLAN_GUARD_LINKS);
	sched_link_life(desk.sched, 2000); /* but no floor is broken */
	sched_polled(desk.sched, 0, &view, 0);
	assert_true(desk_reason(&desk, 0).plan.gap_ms >= PLAN_VIDEO_FLOOR_MS);
}

static void a_reason_for_each_look(void **state)
{
	DESK desk = desk_make(0, 10, 1);
	struct sched_reason reason;

	(void)state;
	assert_false(sched_reason(desk.sched, 0, &reason)); /* not looked at yet */
	assert_false(sched_reason(desk.sched, 12345, &reason));
	desk_polled(&desk, 0, MEDIA_VIDEO, 1000);
	reason = desk_reason(&desk, 0);
	assert_int_equal(reason.polled_ms, 1000);
	assert_int_equal(reason.due_ms, 1000 + reason.plan.gap_ms);
	assert_int_equal(reason.due_ms, sched_next_ms(desk.sched));
	assert_int_equal(reason.lane, desk.video);
	assert_non_null(reason.view.dist);
	sched_drop(desk.sched, 0);
	assert_false(sched_reason(desk.sched, 0, &reason));
}

static void when_it_will_be_done(void **state)
{
	DESK desk = desk_make(0, 10, 1);
	const struct dist dist = narrow(100.0);
	struct plan_eta eta;

	(void)state;
	dists_set(desk.dists, desk.video, &dist);
	eta = sched_eta(desk.sched, 0, 0);
	assert_true(eta.low_ms == -1 && eta.middle_ms == -1 && eta.high_ms == -1);
	desk_polled(&desk, 0, MEDIA_VIDEO, 0);
	eta = sched_eta(desk.sched, 0, 0);
	assert_in_range(eta.middle_ms, 99000, 101000);
	assert_true(eta.low_ms < eta.middle_ms && eta.middle_ms < eta.high_ms);
	eta = sched_eta(desk.sched, 0, 40000); /* time goes on, also without a poll */
	assert_in_range(eta.middle_ms, 59000, 61000);
	looked_in_queue(&desk, -1, 300000, 50000);
	eta = sched_eta(desk.sched, 0, 60000);
	assert_in_range(eta.middle_ms, 389000, 391000);
	sched_drop(desk.sched, 0);
	assert_int_equal(sched_eta(desk.sched, 0, 60000).middle_ms, -1);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(gaps),
		cmocka_unit_test(an_endless_interval),
		cmocka_unit_test(accepted_just_now),
		cmocka_unit_test(an_untaught_lane_has_an_early_look),
		cmocka_unit_test(the_age_of_a_generation),
		cmocka_unit_test(a_submit_told_its_age),
		cmocka_unit_test(those_that_run_are_told_of),
		cmocka_unit_test(down_the_queue),
		cmocka_unit_test(the_begin_behind_a_queue),
		cmocka_unit_test(never_seen_in_a_queue),
		cmocka_unit_test(no_gap_outlives_a_link),
		cmocka_unit_test(a_reason_for_each_look),
		cmocka_unit_test(when_it_will_be_done),
	};

	return cmocka_run_group_tests_name("sched_law", tests, NULL, NULL);
}
