/* Lanes and what they hand down to each other; drain rates. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "core/policy/lawbook.h"
#include "near.h"

static void free_book(struct lawbook **book)
{
	lawbook_free(*book);
}

#define BOOK _cleanup_(free_book) struct lawbook *

static void ended(struct lawbook *book, size_t lane, double seconds, int times)
{
	for (int i = 0; i < times; i++)
		lawbook_ended(book, lane, seconds, true);
}

static double median_s(struct lawbook *book, size_t lane)
{
	return lawbook_learnt(book, lane)->median_s;
}

static void shipped_priors(void **state)
{
	static const struct {
		enum media_kind kind;
		double median_s;
	} rows[] = { { MEDIA_IMAGE, LAWBOOK_IMAGE_S }, { MEDIA_VIDEO, LAWBOOK_VIDEO_S },
		{ MEDIA_AUDIO, LAWBOOK_AUDIO_S } };
	BOOK book = lawbook_new();

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		const size_t lane = lawbook_lane(book, rows[i].kind, NULL);

		assert_near(median_s(book, lane), rows[i].median_s, 1e-9);
		assert_near(law_quantile_s(lawbook_law(book, lane), 0.0, 0.5),
		    rows[i].median_s, 0.05);
		assert_true(lawbook_is_young(book, lane));
		assert_near(lawbook_drain(book, lane), 0.0, 0.0);
	}
	lawbook_free(NULL);
}

static void one_lane_a_name(void **state)
{
	BOOK book = lawbook_new();
	const size_t kinds = lawbook_count(book);
	const size_t a = lawbook_lane(book, MEDIA_VIDEO, "seed-a");
	const size_t b = lawbook_lane(book, MEDIA_VIDEO, "seed-b");

	(void)state;
	assert_int_equal(lawbook_lane(book, MEDIA_VIDEO, "seed-a"), a);
	assert_int_not_equal(a, b);
	assert_int_not_equal(lawbook_lane(book, MEDIA_IMAGE, "seed-a"), a);
	assert_int_equal(lawbook_count(book), kinds + 3);
	/* No name is the kind's lane. */
	assert_int_equal(
	    lawbook_lane(book, MEDIA_VIDEO, ""), lawbook_lane(book, MEDIA_VIDEO, NULL));
	assert_int_equal(lawbook_count(book), kinds + 3);
}

static void a_model_inherits_from_its_kind(void **state)
{
	BOOK book = lawbook_new();
	const size_t kind = lawbook_lane(book, MEDIA_VIDEO, NULL);
	const size_t quick = lawbook_lane(book, MEDIA_VIDEO, "quick");
	const size_t other = lawbook_lane(book, MEDIA_VIDEO, "other");

	(void)state;
	assert_near(median_s(book, other), LAWBOOK_VIDEO_S, 1e-9);
	ended(book, quick, 70.0, 30);
	/* What one model shows is a hint for the next, and no more than the prior. */
	assert_near(median_s(book, kind), 70.0, 0.05);
	assert_near(median_s(book, other), median_s(book, kind), 1e-9);
	assert_true(lawbook_learnt(book, other)->n == 0);
	assert_true(lawbook_is_young(book, other));
	assert_false(lawbook_is_young(book, quick));
	ended(book, other, 200.0, 30);
	assert_near(median_s(book, other), 200.0, 0.06);
	assert_near(median_s(book, quick), 70.0, 0.06);
	/* Other kinds know nothing of it. */
	assert_near(
	    median_s(book, lawbook_lane(book, MEDIA_IMAGE, NULL)), LAWBOOK_IMAGE_S, 1e-9);
}

static void ends_of_no_model_teach_the_models(void **state)
{
	BOOK book = lawbook_new();
	const size_t model = lawbook_lane(book, MEDIA_IMAGE, "m");

	(void)state;
	assert_near(median_s(book, model), LAWBOOK_IMAGE_S, 1e-9);
	ended(book, lawbook_lane(book, MEDIA_IMAGE, NULL), 30.0, 20);
	assert_near(median_s(book, model), 30.0, 0.05);
}

static void a_forecast_counts_until_something_ends(void **state)
{
	BOOK book = lawbook_new();
	const size_t kind = lawbook_lane(book, MEDIA_VIDEO, NULL);
	const size_t model = lawbook_lane(book, MEDIA_VIDEO, "m");

	(void)state;
	lawbook_forecast(book, model, 500.0);
	assert_near(median_s(book, model), 300.0, 1e-9);
	assert_near(median_s(book, kind), LAWBOOK_VIDEO_S, 1e-9);
	/* They differ from task to task: a slow mean, of which a hundredth is no news. */
	lawbook_forecast(book, model, 1000.0);
	assert_near(median_s(book, model), 300.0 * pow(2.0, 0.2), 1e-6);
	for (int i = 0; i < 100; i++)
		lawbook_forecast(book, model, 1000.0);
	assert_near(median_s(book, model), 600.0, 6.0);
	/* What really happened to another of the kind says more. */
	ended(book, kind, 150.0, 1);
	assert_near(median_s(book, model), median_s(book, kind), 1e-9);
	ended(book, model, 150.0, 1);
	lawbook_forecast(book, model, 5000.0);
	assert_true(median_s(book, model) < 200.0);
}

static void a_forecast_of_the_kind_reaches_its_models(void **state)
{
	BOOK book = lawbook_new();
	const size_t kind = lawbook_lane(book, MEDIA_VIDEO, NULL);
	const size_t model = lawbook_lane(book, MEDIA_VIDEO, "m");

	(void)state;
	assert_near(median_s(book, model), LAWBOOK_VIDEO_S, 1e-9);
	lawbook_forecast(book, kind, 500.0);
	assert_near(median_s(book, kind), 300.0, 1e-9);
	assert_near(median_s(book, model), 300.0, 1e-9);
}

static void no_such_forecast(void **state)
{
	static const double forecasts_s[] = { 0.0, -5.0, -ENDLESS, NO_NUMBER };
	BOOK book = lawbook_new();
	const size_t kind = lawbook_lane(book, MEDIA_VIDEO, NULL);

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		lawbook_forecast(book, kind, forecasts_s[i]);
		lawbook_ended(book, kind, forecasts_s[i], true);
	}
	assert_near(median_s(book, kind), LAWBOOK_VIDEO_S, 1e-9);
	assert_int_equal(lawbook_learnt(book, kind)->n, 0);
	lawbook_forecast(book, kind, ENDLESS);
	lawbook_ended(book, kind, ENDLESS, true);
	assert_true(isfinite(median_s(book, kind)));
	assert_true(isfinite(mean_length_s(lawbook_law(book, kind))));
}

static void running_tasks_come_and_go(void **state)
{
	static double ages_s[1000];
	BOOK book = lawbook_new();
	const size_t lane = lawbook_lane(book, MEDIA_IMAGE, NULL);

	(void)state;
	for (size_t i = 0; i < 1000; i++)
		ages_s[i] = 60.0;
	lawbook_running(book, lane, ages_s, 20);
	assert_true(median_s(book, lane) > 40.0);
	lawbook_running(book, lane, ages_s, 1000);
	assert_true(median_s(book, lane) > 60.0);
	lawbook_running(book, lane, NULL, 0);
	assert_near(median_s(book, lane), LAWBOOK_IMAGE_S, 1e-9);
}

static void a_given_law_stays(void **state)
{
	const struct law law = law_exponential(77.0);
	BOOK book = lawbook_new();
	const size_t lane = lawbook_lane(book, MEDIA_VIDEO, NULL);

	(void)state;
	lawbook_set(book, lane, &law);
	ended(book, lane, 500.0, 10);
	lawbook_forecast(book, lane, 900.0);
	assert_near(
	    law_quantile_s(lawbook_law(book, lane), 0.0, 0.5), 77.0 * M_LN2, 1e-9);
	assert_false(lawbook_is_young(book, lane));
}

static void young_until_three_have_ended(void **state)
{
	BOOK book = lawbook_new();
	const size_t lane = lawbook_lane(book, MEDIA_VIDEO, "m");

	(void)state;
	for (int i = 0; i < LAWBOOK_YOUNG; i++) {
		assert_true(lawbook_is_young(book, lane));
		ended(book, lane, 130.0, 1);
	}
	assert_false(lawbook_is_young(book, lane));
	ended(book, lane, 130.0, 30);
	ended(book, lane, 1300.0, LEARN_ODD_MAX); /* the service has changed */
	assert_true(lawbook_is_young(book, lane));
	ended(book, lane, 1300.0, LEARN_ODD_OF + 1);
	assert_false(lawbook_is_young(book, lane));
}

static void drain_is_the_median_of_the_newest(void **state)
{
	BOOK book = lawbook_new();
	const size_t lane = lawbook_lane(book, MEDIA_VIDEO, NULL);

	(void)state;
	lawbook_drained(book, lane, 100.0, 10.0);
	assert_near(lawbook_drain(book, lane), 10.0, 1e-9);
	lawbook_drained(book, lane, 300.0, 10.0);
	assert_near(lawbook_drain(book, lane), 20.0, 1e-9);
	lawbook_drained(book, lane, 1e6, 10.0); /* a jump */
	assert_near(lawbook_drain(book, lane), 30.0, 1e-9);
	for (int i = 0; i < LAWBOOK_RATES_MAX; i++)
		lawbook_drained(book, lane, 50.0, 10.0);
	assert_near(lawbook_drain(book, lane), 5.0, 1e-9);
	assert_near(lawbook_drain(book, lawbook_lane(book, MEDIA_IMAGE, NULL)), 0.0, 0.0);
}

/* Who comes too soon loses a look, who comes too late loses minutes. */
static void drain_at_its_fastest(void **state)
{
	BOOK book = lawbook_new();
	const size_t lane = lawbook_lane(book, MEDIA_VIDEO, NULL);

	(void)state;
	assert_near(lawbook_drain_fast(book, lane), 0.0, 0.0);
	for (int i = 1; i <= LAWBOOK_RATES_MAX; i++)
		lawbook_drained(
		    book, lane, 10.0 * (i * 2 % (LAWBOOK_RATES_MAX + 1)), 10.0);
	for (int i = 1; i <= LAWBOOK_RATES_MAX; i++)
		lawbook_drained(book, lane, 10.0 * i, 10.0);
	assert_near(lawbook_drain(book, lane), (LAWBOOK_RATES_MAX + 1) / 2.0, 1e-9);
	/* The upper quartile of 1 to n. */
	assert_near(lawbook_drain_fast(book, lane) / LAWBOOK_DRAIN_SPREAD,
	    1.0 + 0.75 * (LAWBOOK_RATES_MAX - 1), 0.08);
	assert_true(lawbook_drain_fast(book, lane) > lawbook_drain(book, lane));
}

static void what_is_no_rate(void **state)
{
	BOOK book = lawbook_new();
	const size_t lane = lawbook_lane(book, MEDIA_VIDEO, NULL);

	(void)state;
	lawbook_drained(book, lane, 100.0, 0.0);
	lawbook_drained(book, lane, 100.0, 4.9); /* too short a way */
	lawbook_drained(book, lane, 100.0, -60.0);
	lawbook_drained(book, lane, 100.0, NO_NUMBER);
	assert_near(lawbook_drain(book, lane), 0.0, 0.0);
	lawbook_drained(book, lane, -500.0, 10.0); /* somebody paid to be first */
	assert_near(lawbook_drain(book, lane), 0.0, 0.0);
	lawbook_drained(book, lane, NO_NUMBER, 10.0);
	lawbook_drained(book, lane, 90.0, 10.0);
	assert_true(lawbook_drain(book, lane) >= 0.0);
}

static void more_models_than_there_are(void **state)
{
	BOOK book = lawbook_new();
	const size_t video = lawbook_lane(book, MEDIA_VIDEO, NULL);
	const size_t first = lawbook_lane(book, MEDIA_VIDEO, "model 0");
	char name[32];

	(void)state;
	ended(book, first, 40.0, 5);
	for (int i = 0; i < 3 * LAWBOOK_LANES_MAX; i++) {
		(void)snprintf(name, sizeof(name), "model %d", i);
		assert_true(lawbook_lane(book, MEDIA_VIDEO, name) < lawbook_count(book));
	}
	assert_true(lawbook_count(book) <= (size_t)2 * LAWBOOK_LANES_MAX);
	assert_int_equal(lawbook_lane(book, MEDIA_VIDEO, "one more"), video);
	assert_int_equal(lawbook_lane(book, MEDIA_VIDEO, "model 0"), first);
	assert_int_equal(lawbook_learnt(book, first)->n, 5);
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
		cmocka_unit_test(a_given_law_stays),
		cmocka_unit_test(young_until_three_have_ended),
		cmocka_unit_test(drain_is_the_median_of_the_newest),
		cmocka_unit_test(drain_at_its_fastest),
		cmocka_unit_test(what_is_no_rate),
		cmocka_unit_test(more_models_than_there_are),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
