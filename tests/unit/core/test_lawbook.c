/* Lanes and what they hand down to each other; drain rates. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "core/policy/dists.h"
#include "near.h"

static void free_dists(struct dists **dists)
{
	dists_free(*dists);
}

#define BOOK _cleanup_(free_dists) struct dists *

static void ended(struct dists *dists, size_t lane, double seconds, int times)
{
	for (int i = 0; i < times; i++)
		dists_ended(dists, lane, seconds, true);
}

static double median_s(struct dists *dists, size_t lane)
{
	return dists_learnt(dists, lane)->median_s;
}

static void shipped_priors(void **state)
{
	static const struct {
		enum media_kind kind;
		double median_s;
	} rows[] = { { MEDIA_IMAGE, DISTS_IMAGE_S }, { MEDIA_VIDEO, DISTS_VIDEO_S },
		{ MEDIA_AUDIO, DISTS_AUDIO_S } };
	BOOK dists = dists_new();

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		const size_t lane = dists_lane(dists, rows[i].kind, NULL);

		assert_near(median_s(dists, lane), rows[i].median_s, 1e-9);
		assert_near(dist_quantile_s(dists_of(dists, lane), 0.0, 0.5),
		    rows[i].median_s, 0.05);
		assert_true(dists_is_young(dists, lane));
		assert_near(dists_drain(dists, lane), 0.0, 0.0);
	}
	dists_free(NULL);
}

static void one_lane_a_name(void **state)
{
	BOOK dists = dists_new();
	const size_t kinds = dists_count(dists);
	const size_t a = dists_lane(dists, MEDIA_VIDEO, "seed-a");
	const size_t b = dists_lane(dists, MEDIA_VIDEO, "seed-b");

	(void)state;
	assert_int_equal(dists_lane(dists, MEDIA_VIDEO, "seed-a"), a);
	assert_int_not_equal(a, b);
	assert_int_not_equal(dists_lane(dists, MEDIA_IMAGE, "seed-a"), a);
	assert_int_equal(dists_count(dists), kinds + 3);
	/* No name is the kind's lane. */
	assert_int_equal(
	    dists_lane(dists, MEDIA_VIDEO, ""), dists_lane(dists, MEDIA_VIDEO, NULL));
	assert_int_equal(dists_count(dists), kinds + 3);
}

static void a_model_inherits_from_its_kind(void **state)
{
	BOOK dists = dists_new();
	const size_t kind = dists_lane(dists, MEDIA_VIDEO, NULL);
	const size_t quick = dists_lane(dists, MEDIA_VIDEO, "quick");
	const size_t other = dists_lane(dists, MEDIA_VIDEO, "other");

	(void)state;
	assert_near(median_s(dists, other), DISTS_VIDEO_S, 1e-9);
	ended(dists, quick, 70.0, 30);
	/* What one model shows is a hint for the next, and no more than the prior. */
	assert_near(median_s(dists, kind), 70.0, 0.05);
	assert_near(median_s(dists, other), median_s(dists, kind), 1e-9);
	assert_true(dists_learnt(dists, other)->n == 0);
	assert_true(dists_is_young(dists, other));
	assert_false(dists_is_young(dists, quick));
	ended(dists, other, 200.0, 30);
	assert_near(median_s(dists, other), 200.0, 0.06);
	assert_near(median_s(dists, quick), 70.0, 0.06);
	/* Other kinds know nothing of it. */
	assert_near(
	    median_s(dists, dists_lane(dists, MEDIA_IMAGE, NULL)), DISTS_IMAGE_S, 1e-9);
}

static void ends_of_no_model_teach_the_models(void **state)
{
	BOOK dists = dists_new();
	const size_t model = dists_lane(dists, MEDIA_IMAGE, "m");

	(void)state;
	assert_near(median_s(dists, model), DISTS_IMAGE_S, 1e-9);
	ended(dists, dists_lane(dists, MEDIA_IMAGE, NULL), 30.0, 20);
	assert_near(median_s(dists, model), 30.0, 0.05);
}

static void a_forecast_counts_until_something_ends(void **state)
{
	BOOK dists = dists_new();
	const size_t kind = dists_lane(dists, MEDIA_VIDEO, NULL);
	const size_t model = dists_lane(dists, MEDIA_VIDEO, "m");

	(void)state;
	dists_forecast(dists, model, 500.0);
	assert_near(median_s(dists, model), 300.0, 1e-9);
	assert_near(median_s(dists, kind), DISTS_VIDEO_S, 1e-9);
	/* They differ from task to task: a slow mean, of which a hundredth is no news. */
	dists_forecast(dists, model, 1000.0);
	assert_near(median_s(dists, model), 300.0 * pow(2.0, 0.2), 1e-6);
	for (int i = 0; i < 100; i++)
		dists_forecast(dists, model, 1000.0);
	assert_near(median_s(dists, model), 600.0, 6.0);
	/* What really happened to another of the kind says more. */
	ended(dists, kind, 150.0, 1);
	assert_near(median_s(dists, model), median_s(dists, kind), 1e-9);
	ended(dists, model, 150.0, 1);
	dists_forecast(dists, model, 5000.0);
	assert_true(median_s(dists, model) < 200.0);
}

static void a_forecast_of_the_kind_reaches_its_models(void **state)
{
	BOOK dists = dists_new();
	const size_t kind = dists_lane(dists, MEDIA_VIDEO, NULL);
	const size_t model = dists_lane(dists, MEDIA_VIDEO, "m");

	(void)state;
	assert_near(median_s(dists, model), DISTS_VIDEO_S, 1e-9);
	dists_forecast(dists, kind, 500.0);
	assert_near(median_s(dists, kind), 300.0, 1e-9);
	assert_near(median_s(dists, model), 300.0, 1e-9);
}

static void no_such_forecast(void **state)
{
	static const double forecasts_s[] = { 0.0, -5.0, -ENDLESS, NO_NUMBER };
	BOOK dists = dists_new();
	const size_t kind = dists_lane(dists, MEDIA_VIDEO, NULL);

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		dists_forecast(dists, kind, forecasts_s[i]);
		dists_ended(dists, kind, forecasts_s[i], true);
	}
	assert_near(median_s(dists, kind), DISTS_VIDEO_S, 1e-9);
	assert_int_equal(dists_learnt(dists, kind)->n, 0);
	dists_forecast(dists, kind, ENDLESS);
	dists_ended(dists, kind, ENDLESS, true);
	assert_true(isfinite(median_s(dists, kind)));
	assert_true(isfinite(mean_length_s(dists_of(dists, kind))));
}

static void running_tasks_come_and_go(void **state)
{
	static double ages_s[1000];
	BOOK dists = dists_new();
	const size_t lane = dists_lane(dists, MEDIA_IMAGE, NULL);

	(void)state;
	for (size_t i = 0; i < 1000; i++)
		ages_s[i] = 60.0;
	dists_running(dists, lane, ages_s, 20);
	assert_true(median_s(dists, lane) > 40.0);
	dists_running(dists, lane, ages_s, 1000);
	assert_true(median_s(dists, lane) > 60.0);
	dists_running(dists, lane, NULL, 0);
	assert_near(median_s(dists, lane), DISTS_IMAGE_S, 1e-9);
}

static void a_given_dist_stays(void **state)
{
	const struct dist dist = dist_exponential(77.0);
	BOOK dists = dists_new();
	const size_t lane = dists_lane(dists, MEDIA_VIDEO, NULL);

	(void)state;
	dists_set(dists, lane, &dist);
	ended(dists, lane, 500.0, 10);
	dists_forecast(dists, lane, 900.0);
	assert_near(dist_quantile_s(dists_of(dists, lane), 0.0, 0.5), 77.0 * M_LN2, 1e-9);
	assert_false(dists_is_young(dists, lane));
}

static void young_until_three_have_ended(void **state)
{
	BOOK dists = dists_new();
	const size_t lane = dists_lane(dists, MEDIA_VIDEO, "m");

	(void)state;
	for (int i = 0; i < DISTS_YOUNG; i++) {
		assert_true(dists_is_young(dists, lane));
		ended(dists, lane, 130.0, 1);
	}
	assert_false(dists_is_young(dists, lane));
	ended(dists, lane, 130.0, 30);
	ended(dists, lane, 1300.0, LEARN_ODD_MAX); /* the service has changed */
	assert_true(dists_is_young(dists, lane));
	ended(dists, lane, 1300.0, LEARN_ODD_OF + 1);
	assert_false(dists_is_young(dists, lane));
}

static void drain_is_the_median_of_the_newest(void **state)
{
	BOOK dists = dists_new();
	const size_t lane = dists_lane(dists, MEDIA_VIDEO, NULL);

	(void)state;
	dists_drained(dists, lane, 100.0, 10.0);
	assert_near(dists_drain(dists, lane), 10.0, 1e-9);
	dists_drained(dists, lane, 300.0, 10.0);
	assert_near(dists_drain(dists, lane), 20.0, 1e-9);
	dists_drained(dists, lane, 1e6, 10.0); /* a jump */
	assert_near(dists_drain(dists, lane), 30.0, 1e-9);
	for (int i = 0; i < DISTS_RATES_MAX; i++)
		dists_drained(dists, lane, 50.0, 10.0);
	assert_near(dists_drain(dists, lane), 5.0, 1e-9);
	assert_near(dists_drain(dists, dists_lane(dists, MEDIA_IMAGE, NULL)), 0.0, 0.0);
}

/* Who comes too soon loses a poll, who comes too late loses minutes. */
static void drain_at_its_fastest(void **state)
{
	BOOK dists = dists_new();
	const size_t lane = dists_lane(dists, MEDIA_VIDEO, NULL);

	(void)state;
	assert_near(dists_drain_fast(dists, lane), 0.0, 0.0);
	for (int i = 1; i <= DISTS_RATES_MAX; i++)
		dists_drained(dists, lane, 10.0 * (i * 2 % (DISTS_RATES_MAX + 1)), 10.0);
	for (int i = 1; i <= DISTS_RATES_MAX; i++)
		dists_drained(dists, lane, 10.0 * i, 10.0);
	assert_near(dists_drain(dists, lane), (DISTS_RATES_MAX + 1) / 2.0, 1e-9);
	/* The upper quartile of 1 to n. */
	assert_near(dists_drain_fast(dists, lane) / DISTS_DRAIN_SPREAD,
	    1.0 + 0.75 * (DISTS_RATES_MAX - 1), 0.08);
	assert_true(dists_drain_fast(dists, lane) > dists_drain(dists, lane));
}

static void what_is_no_rate(void **state)
{
	BOOK dists = dists_new();
	const size_t lane = dists_lane(dists, MEDIA_VIDEO, NULL);

	(void)state;
	dists_drained(dists, lane, 100.0, 0.0);
	dists_drained(dists, lane, 100.0, 4.9); /* too short a way */
	dists_drained(dists, lane, 100.0, -60.0);
	dists_drained(dists, lane, 100.0, NO_NUMBER);
	assert_near(dists_drain(dists, lane), 0.0, 0.0);
	dists_drained(dists, lane, -500.0, 10.0); /* somebody paid to be first */
	assert_near(dists_drain(dists, lane), 0.0, 0.0);
	dists_drained(dists, lane, NO_NUMBER, 10.0);
	dists_drained(dists, lane, 90.0, 10.0);
	assert_true(dists_drain(dists, lane) >= 0.0);
}

static void more_models_than_there_are(void **state)
{
	BOOK dists = dists_new();
	const size_t video = dists_lane(dists, MEDIA_VIDEO, NULL);
	const size_t first = dists_lane(dists, MEDIA_VIDEO, "model 0");
	char name[32];

	(void)state;
	ended(dists, first, 40.0, 5);
	for (int i = 0; i < 3 * DISTS_LANES_MAX; i++) {
		(void)snprintf(name, sizeof(name), "model %d", i);
		assert_true(dists_lane(dists, MEDIA_VIDEO, name) < dists_count(dists));
	}
	assert_true(dists_count(dists) <= (size_t)2 * DISTS_LANES_MAX);
	assert_int_equal(dists_lane(dists, MEDIA_VIDEO, "one more"), video);
	assert_int_equal(dists_lane(dists, MEDIA_VIDEO, "model 0"), first);
	assert_int_equal(dists_learnt(dists, first)->n, 5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(shipped_priors),
		cmocka_unit_test(one_lane_a_name),
		cmocka_unit_test(a_model_inherits_from_its_kind),
		cmocka_unit_test(ends_of_no_model_teach_the_models),
		cmocka_unit_test(a_forecast_counts_until_something_ends),
		cmocka_unit_test(a_forecast_of_the_kind_reaches_its_models),
		cmocka_unit_test(no_such_forecast),
		cmocka_unit_test(running_tasks_come_and_go),
		cmocka_unit_test(a_given_dist_stays),
		cmocka_unit_test(young_until_three_have_ended),
		cmocka_unit_test(drain_is_the_median_of_the_newest),
		cmocka_unit_test(drain_at_its_fastest),
		cmocka_unit_test(what_is_no_rate),
		cmocka_unit_test(more_models_than_there_are),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
