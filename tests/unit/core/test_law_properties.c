/* What holds for every distribution, also at ages and prices out of this world. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "core/policy/dist.h"
#include "near.h"

enum { RANDOM_DISTS = 40, RANDOM_AGES = 60 };

/* ---- what holds for every distribution ---- */

static struct dist log_normal(double median_s, double sigma)
{
	return dist_mixture(&(struct dist_part){ 1.0, median_s, sigma }, 1);
}

static struct dist random_dist(uint64_t *state)
{
	struct dist_part parts[3];
	double weights = 0.0;

	for (size_t i = 0; i < 3; i++) {
		parts[i] = (struct dist_part){ .weight = 0.01 + uniform(state),
			.median_s = log_uniform(state, 0.2, 2e5),
			.sigma = log_uniform(state, 0.02, 3.0) };
		weights += parts[i].weight;
	}
	for (size_t i = 0; i < 3; i++)
		parts[i].weight /= weights;
	return dist_mixture(parts, 3);
}

static void survival_falls_and_quantiles_rise(void **state)
{
	uint64_t random = 1;

	(void)state;
	for (int n = 0; n < RANDOM_DISTS; n++) {
		const struct dist dist = random_dist(&random);
		double survival = 1.0;

		for (int i = 0; i < 73; i++) {
			const double age_s = 0.01 * pow(1.37, i);
			double quantile_s = age_s;

			assert_true(dist_survival(&dist, age_s) <= survival);
			survival = dist_survival(&dist, age_s);
			assert_true(survival >= 0.0);
			for (int k = 0; k < 20; k++) {
				const double p = 1.0 / (1.0 + exp(10.0 - k));
				const double next_s = dist_quantile_s(&dist, age_s, p);

				assert_true(next_s >= quantile_s);
				quantile_s = next_s;
			}
		}
	}
}

static void accrual_in_order(void **state)
{
	uint64_t random = 2;

	(void)state;
	for (int n = 0; n < RANDOM_DISTS * RANDOM_AGES; n++) {
		static struct dist dist;
		double from_s, middle_s, until_s, whole_s, noise_s;

		if (n % RANDOM_AGES == 0)
			dist = random_dist(&random);
		from_s = log_uniform(&random, 0.01, 3e6);
		middle_s = from_s + log_uniform(&random, 0.01, 1e5);
		until_s = middle_s + log_uniform(&random, 0.01, 1e5);
		whole_s = dist_accrued_s(&dist, from_s, until_s);
		noise_s = 1e-9 * mean_length_s(&dist) + 1e-12 * until_s;

		assert_true(whole_s >= 0.0 && whole_s <= until_s - from_s + noise_s);
		/* Waiting longer accrues more, and a poll between never less in all. */
		assert_true(dist_accrued_s(&dist, from_s, middle_s) <= whole_s + noise_s);
		assert_true(dist_accrued_s(&dist, from_s, middle_s) +
			dist_accrued_s(&dist, middle_s, until_s) <=
		    whole_s + noise_s);
		/* Seen alive later: less can have happened since. */
		assert_true(
		    dist_accrued_s(&dist, middle_s, until_s) <= whole_s + noise_s);
	}
}

static void due_is_where_the_price_is_reached(void **state)
{
	uint64_t random = 3;
	unsigned reached = 0;

	(void)state;
	for (int n = 0; n < RANDOM_DISTS * RANDOM_AGES; n++) {
		static struct dist dist;
		double from_s, price_s, due_s;

		if (n % RANDOM_AGES == 0)
			dist = random_dist(&random);
		from_s = log_uniform(&random, 0.01, 3e6);
		price_s = log_uniform(&random, 1e-3, 1e3);
		due_s = dist_due_s(&dist, from_s, price_s);

		assert_true(due_s >= from_s && due_s <= from_s + DIST_MAX_S);
		assert_true(dist_due_s(&dist, from_s, price_s * 1.5) >= due_s);
		assert_true(
		    dist_due_s(&dist, from_s * 1.2, price_s) >= due_s * (1 - 1e-6));
		if (due_s < from_s + DIST_MAX_S) {
			reached++;
			assert_near(dist_accrued_s(&dist, from_s, due_s), price_s,
			    1e-4 + 1e-8 * (mean_length_s(&dist) + due_s) / price_s);
		}
	}
	assert_true(reached > RANDOM_DISTS * RANDOM_AGES / 2);
}

/* An age that lies on a point of the grid, or the next number beside it. */
static void points_of_the_grid_are_seamless(void **state)
{
	const struct dist dist = log_normal(130.0, 0.5);

	(void)state;
	for (int i = 0; i < DIST_POINTS; i++) {
		const double at_s = DIST_MIN_S * pow(10.0, (double)i / DIST_PER_DECADE);
		const double before_s = at_s * (1 - 1e-9), behind_s = at_s * (1 + 1e-9);
		double beside_s = at_s;

		for (int k = 0; k < 8; k++) {
			const double mirror_s = 2 * at_s - beside_s;

			assert_near(dist_accrued_s(&dist, 0.0, beside_s),
			    dist_accrued_s(&dist, 0.0, before_s), 1e-6);
			assert_near(dist_accrued_s(&dist, mirror_s, 2 * at_s),
			    dist_accrued_s(&dist, behind_s, 2 * at_s), 1e-4);
			assert_near(dist_survival(&dist, mirror_s),
			    dist_survival(&dist, behind_s), 1e-6);
			beside_s = nextafter(beside_s, ENDLESS);
		}
	}
}

/* ---- out of this world ---- */

static double always(double age_s, const void *payload)
{
	(void)age_s;
	(void)payload;
	return 1.0;
}
static double never(double age_s, const void *payload)
{
	(void)age_s;
	(void)payload;
	return 0.0;
}
static double no_number(double age_s, const void *payload)
{
	(void)payload;
	return age_s > 5.0 ? NO_NUMBER : 1.0;
}
static double rising(double age_s, const void *payload)
{
	(void)payload;
	return age_s;
}

static void check_finite(const struct dist *dist)
{
	static const double ages_s[] = { -ENDLESS, -1e300, -1e6, -1.0, -0.0, 0.0, 5e-324,
		1e-9, 0.1, 1.0, 19.0, 1e3, 999999.9, 1e6, 1.0000001e6, 1e9, 1e12, 1e300,
		ENDLESS, NO_NUMBER };
	static const double prices_s[] = { -ENDLESS, -1.0, 0.0, 5e-324, 1e-12, 0.5, 1e3,
		1e9, 1e300, ENDLESS, NO_NUMBER };
	static const double ps[] = { 0.0, 1e-300, 1e-15, 0.5, 1 - 1e-15, 1.0 };
	enum { AGES = sizeof ages_s / sizeof *ages_s, PRICES = 11, PS = 6 };

	assert_true(isfinite(mean_length_s(dist)) && mean_length_s(dist) >= 0.0);
	for (size_t i = 0; i < AGES; i++) {
		const double age_s = ages_s[i],
			     taken_s = age_s > 0 ? fmin(age_s, 1e12) : 0;

		assert_true(dist_survival(dist, age_s) >= 0.0);
		assert_true(dist_survival(dist, age_s) <= 1.0);
		for (size_t k = 0; k < PS; k++) {
			const double at_s = dist_quantile_s(dist, age_s, ps[k]);

			assert_true(isfinite(at_s) && at_s >= taken_s);
		}
		for (size_t k = 0; k < PRICES; k++) {
			const double due_s = dist_due_s(dist, age_s, prices_s[k]);

			assert_true(due_s >= taken_s && due_s <= taken_s + DIST_MAX_S);
			if (!(prices_s[k] > 0.0))
				assert_true(due_s <= taken_s);
		}
		for (size_t k = 0; k < AGES; k++) {
			const double accrued_s = dist_accrued_s(dist, age_s, ages_s[k]);

			assert_true(accrued_s >= 0.0 && accrued_s <= 1e12);
			if (!(ages_s[k] > taken_s))
				assert_true(accrued_s <= 0.0);
		}
	}
}

static void every_number_is_finite(void **state)
{
	static const struct {
		double median_s, sigma;
	} odd[] = { { 19.0, 1e-6 }, { 1e-9, 0.1 }, { 1e9, 0.5 }, { 1e300, 0.5 },
		{ 1.0, 50.0 }, { 130.0, 1e-300 } };
	static const double means_s[] = { 1e-9, 1e-3, 1.0, 1e3, 1e15 };
	double (*const shapes[])(
	    double, const void *) = { always, never, no_number, rising };
	uint64_t random = 4;
	struct dist dist;

	(void)state;
	for (size_t i = 0; i < 6; i++) {
		dist = log_normal(odd[i].median_s, odd[i].sigma);
		check_finite(&dist);
	}
	for (size_t i = 0; i < 5; i++) {
		dist = dist_exponential(means_s[i]);
		check_finite(&dist);
	}
	for (size_t i = 0; i < 4; i++) {
		dist = dist_make(shapes[i], NULL);
		check_finite(&dist);
	}
	for (int i = 0; i < 10; i++) {
		dist = random_dist(&random);
		check_finite(&dist);
	}
}

/* A task that runs long after all like it have ended is looked at now and then. */
static void gaps_in_the_far_tail(void **state)
{
	const struct dist dist = log_normal(19.0, 0.25);
	double gap_s = 0.0;

	(void)state;
	for (int i = 0; i < 23; i++) {
		const double age_s = 200.0 * pow(1.3, i);
		const double next_s = dist_due_s(&dist, age_s, 1.0) - age_s;

		assert_true(next_s > 1.0 && next_s < 3600.0);
		assert_true(next_s >= gap_s * 0.95); /* the hazard only falls there */
		gap_s = next_s;
	}
	assert_true(dist_due_s(&dist, DIST_MAX_S, 1.0) > DIST_MAX_S + 1.0);
	assert_true(dist_due_s(&dist, 2 * DIST_MAX_S, 1.0) > 2 * DIST_MAX_S + 1.0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(survival_falls_and_quantiles_rise),
		cmocka_unit_test(accrual_in_order),
		cmocka_unit_test(due_is_where_the_price_is_reached),
		cmocka_unit_test(points_of_the_grid_are_seamless),
		cmocka_unit_test(every_number_is_finite),
		cmocka_unit_test(gaps_in_the_far_tail),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
