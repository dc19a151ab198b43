/*
 * Distributions against their closed forms, and the rule "look when A reaches the price"
 * against the theory of docs/polling.md.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "core/policy/dist.h"
#include "near.h"

/* ---- distributions whose every number is known ---- */

static double log_normal_survival(double age_s, double median_s, double sigma)
{
	return 0.5 * erfc(log(age_s / median_s) / sigma / M_SQRT2);
}

/* How fast S falls there, per second. */
static double hazard_of(const struct dist *dist, double age_s)
{
	const double step_s = 1e-4 * age_s;

	return log(dist_survival(dist, age_s) / dist_survival(dist, age_s + step_s)) /
	    step_s;
}

static double log_normal_hazard(double age_s, double median_s, double sigma)
{
	const double z = log(age_s / median_s) / sigma;

	return exp(-z * z / 2.0) / (age_s * sigma * sqrt(2.0 * M_PI)) /
	    log_normal_survival(age_s, median_s, sigma);
}

/* ∫ (1 - S(u)/S(from)) du, by Simpson. */
static double log_normal_accrued_s(
    double from_s, double until_s, double median_s, double sigma)
{
	enum { HALVES = 4000 };
	const double step_s = (until_s - from_s) / HALVES;
	const double alive = log_normal_survival(from_s, median_s, sigma);
	double sum = 0.0;

	for (int i = 0; i <= HALVES; i++) {
		const double at_s = from_s + step_s * i;
		const double weight = i == 0 || i == HALVES ? 1 : i % 2 ? 4 : 2;

		sum +=
		    weight * (1.0 - log_normal_survival(at_s, median_s, sigma) / alive);
	}
	return sum * step_s / 3.0;
}

struct weibull {
	double scale_s, shape;
};

static double weibull_survival(double age_s, const void *payload)
{
	const struct weibull *weibull = payload;

	return exp(-pow(age_s / weibull->scale_s, weibull->shape));
}

static void exponential_is_exact(void **state)
{
	static const double ages_s[] = { 0.0, 0.04, 0.1, 1.0, 7.3, 99.0, 1e3, 2.5e4 };
	static const double means_s[] = { 50.0, 700.0, 1e5 };

	(void)state;
	for (size_t m = 0; m < 3; m++) {
		const double mean_s = means_s[m];
		const struct dist dist = dist_exponential(mean_s);
		const double gap_s = dist_due_s(&dist, 0.0, 0.5);

		assert_near(mean_length_s(&dist), mean_s, 1e-9);
		assert_near(gap_s - mean_s * -expm1(-gap_s / mean_s), 0.5, 1e-6);
		for (size_t i = 0; i < 8; i++) {
			const double age_s = ages_s[i];

			assert_near(
			    dist_survival(&dist, age_s), exp(-age_s / mean_s), 1e-9);
			assert_near(dist_quantile_s(&dist, age_s, 0.5) - age_s,
			    mean_s * M_LN2, 1e-9);
			assert_near(dist_accrued_s(&dist, age_s, age_s + 9.0),
			    9.0 - mean_s * -expm1(-9.0 / mean_s), 1e-6);
			/* Memoryless: a fixed interval. */
			assert_near(dist_due_s(&dist, age_s, 0.5) - age_s, gap_s, 1e-6);
		}
	}
}

static void exponential_goes_on_behind_the_grid(void **state)
{
	static const double ages_s[] = { 9.9e5, DIST_MAX_S, 1.1e6, 5e6, 3e7 };
	const double mean_s = 1e5;
	const struct dist dist = dist_exponential(mean_s);
	const double gap_s = dist_due_s(&dist, 0.0, 30.0);

	(void)state;
	for (size_t i = 0; i < 5; i++) {
		const double age_s = ages_s[i];

		assert_near(dist_survival(&dist, age_s), exp(-age_s / mean_s), 1e-9);
		assert_near(
		    dist_quantile_s(&dist, age_s, 0.9) - age_s, mean_s * M_LN10, 1e-6);
		assert_near(dist_accrued_s(&dist, age_s, age_s + gap_s), 30.0, 1e-4);
		assert_near(dist_due_s(&dist, age_s, 30.0) - age_s, gap_s, 1e-4);
	}
	/* Over the edge in one step. */
	assert_near(dist_accrued_s(&dist, 9e5, 1.2e6), 3e5 - mean_s * -expm1(-3.0), 1e-6);
	assert_near(dist_quantile_s(&dist, 9.9e5, 0.5) - 9.9e5, mean_s * M_LN2, 1e-6);
}

struct log_normal {
	double median_s, sigma;
};
static const struct log_normal log_normals[] = { { 19.0, 0.25 }, { 130.0, 0.5 },
	{ 130.0, 1.4 }, { 3000.0, 0.6 }, { 4.0, 0.7 } };
enum { LOG_NORMALS = sizeof log_normals / sizeof *log_normals };

static struct dist dist_of(const struct log_normal *it)
{
	return dist_mixture(&(struct dist_part){ 1.0, it->median_s, it->sigma }, 1);
}

static void log_normal_survival_and_hazard(void **state)
{
	(void)state;
	for (size_t n = 0; n < LOG_NORMALS; n++) {
		const struct log_normal *it = &log_normals[n];
		const struct dist dist = dist_of(it);
		/* How much ln S bends inside a cell: two cells' part of a sigma. */
		const double grain = M_LN10 / DIST_PER_DECADE / it->sigma;

		assert_near(mean_length_s(&dist),
		    it->median_s * exp(it->sigma * it->sigma / 2), 0.002);
		for (int i = 0; i < 77; i++) {
			const double z = -3.0 + 0.0917 * i;
			const double age_s = it->median_s * exp(z * it->sigma);
			const double hazard =
			    log_normal_hazard(age_s, it->median_s, it->sigma);

			assert_near(dist_survival(&dist, age_s),
			    log_normal_survival(age_s, it->median_s, it->sigma),
			    0.3 * grain * grain * (1.0 + fabs(z)));
			assert_true(fabs(hazard_of(&dist, age_s) / hazard - 1.0) <
			    0.8 * grain * (1.0 + fabs(fmin(z, 0.0))));
		}
	}
}

/*
 * Pieces of the distribution are never in the middle of it only: from young to far
 * behind.
 */
static void log_normal_accrues_like_the_integral(void **state)
{
	static const double spans[] = { 0.05, 0.3, 1.0, 4.0 };

	(void)state;
	for (size_t n = 0; n < LOG_NORMALS; n++) {
		const struct log_normal *it = &log_normals[n];
		const struct dist dist = dist_of(it);

		for (int k = 0; k < 8; k++)
			for (size_t i = 0; i < 4; i++) {
				const double z = -2.0 + 0.73 * k;
				const double from_s = it->median_s * exp(z * it->sigma);
				const double until_s = from_s + spans[i] * it->median_s;
				const double want_s = log_normal_accrued_s(
				    from_s, until_s, it->median_s, it->sigma);

				assert_near(dist_accrued_s(&dist, from_s, until_s),
				    want_s, i ? 0.03 : 0.15);
				assert_near(
				    dist_due_s(&dist, from_s, want_s), until_s, 0.01);
			}
	}
}

static void quantiles_are_conditional(void **state)
{
	static const double ps[] = { 1e-6, 0.01, 0.1, 0.5, 0.9, 0.999, 1.0 - 1e-12 };

	(void)state;
	for (size_t n = 0; n < LOG_NORMALS; n++) {
		const struct log_normal *it = &log_normals[n];
		const struct dist dist = dist_of(it);

		assert_near(dist_quantile_s(&dist, 0.0, 0.5), it->median_s, 0.002);
		assert_near(dist_quantile_s(&dist, 0.0, 0.841344746),
		    it->median_s * exp(it->sigma), 0.002);
		for (int k = 0; k < 30; k++)
			for (size_t i = 0; i < 7; i++) {
				const double z = -3.0 + 0.31 * k;
				const double age_s = it->median_s * exp(z * it->sigma);
				const double at_s = dist_quantile_s(&dist, age_s, ps[i]);

				assert_true(at_s >= age_s);
				if (at_s < DIST_MAX_S)
					assert_near(dist_survival(&dist, at_s) /
						dist_survival(&dist, age_s),
					    1.0 - ps[i], 1e-4);
			}
	}
}

/* ---- the rule against the theory ---- */

/* Polls and delay of "look when A reaches the price", from the distribution itself. */
static void rule_costs(
    const struct dist *dist, double price_s, double *ret_looks, double *ret_delay_s)
{
	double at_s = 0.0, alive = 1.0, polls = 0.0, delay_s = 0.0;

	while (alive > 1e-9) {
		const double next_s = dist_due_s(dist, at_s, price_s);

		polls += alive;
		delay_s += alive * dist_accrued_s(dist, at_s, next_s);
		at_s = next_s;
		alive = dist_survival(dist, at_s);
	}
	*ret_looks = polls;
	*ret_delay_s = delay_s;
}

static void gain_of_weibull_dists(void **state)
{
	static const struct {
		double shape, gain;
	} rows[] = { { 1.0, 1.0 }, { 2.0, 1.18 }, { 3.0, 1.46 }, { 5.0, 2.07 } };

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		const struct weibull weibull = { 130.0, rows[i].shape };
		const struct dist dist = dist_make(weibull_survival, &weibull);
		const double mean_s = 130.0 * tgamma(1.0 + 1.0 / rows[i].shape);
		const double root = tgamma((rows[i].shape + 1.0) / (2.0 * rows[i].shape));
		const double exact =
		    tgamma(1.0 + 1.0 / rows[i].shape) * rows[i].shape / (root * root);
		double polls, delay_s;

		assert_near(mean_length_s(&dist), mean_s, 0.002);
		assert_near(exact, rows[i].gain, 0.005);
		rule_costs(&dist, 0.002, &polls, &delay_s);
		assert_true(polls > 100.0); /* so dense that the limit is near */
		assert_near(delay_s, 0.002 * polls, 1e-3);
		assert_near(mean_s / (2.0 * polls * delay_s), rows[i].gain, 0.02);
	}
}

/* P·D of steps of equal conditional probability (Munford, Shahani). */
static double equal_probability_product_s(const struct dist *dist, double p)
{
	double at_s = 0.0, alive = 1.0, polls = 0.0, delay_s = 0.0;

	while (alive > 1e-9) {
		const double next_s = dist_quantile_s(dist, at_s, p);

		polls += alive;
		delay_s += alive * dist_accrued_s(dist, at_s, next_s);
		at_s = next_s;
		alive = dist_survival(dist, at_s);
	}
	assert_near(polls, 1.0 / p, 0.001);
	return polls * delay_s;
}

/*
 * In the limit no better than a fixed interval; before it, by what the first step skips.
 */
static void equal_probability_gains_nothing(void **state)
{
	(void)state;
	for (size_t n = 0; n < LOG_NORMALS; n++) {
		const struct dist dist = dist_of(&log_normals[n]);
		const double fixed_s = mean_length_s(&dist) / 2.0;

		for (int i = 0; i < 4; i++) {
			const double p = 0.05 * pow(0.25, i);
			const double have_s = equal_probability_product_s(&dist, p);
			const double skipped_s = dist_quantile_s(&dist, 0.0, p) / 2.0;

			assert_true(have_s < 1.03 * fixed_s);
			assert_true(have_s > 0.97 * (fixed_s - skipped_s));
		}
	}
	for (int shape = 2; shape <= 3; shape++) {
		const struct weibull weibull = { 130.0, shape };
		const struct dist dist = dist_make(weibull_survival, &weibull);

		assert_near(equal_probability_product_s(&dist, 1e-4),
		    mean_length_s(&dist) / 2.0, 0.05);
	}
}

/*
 * The least D + c·P of any schedule on a fine lattice, by dynamic programming from the
 * back: cost[i] is what is still to come for a task that runs at lattice point i.
 */
static double optimum_s(const struct dist *dist, double step_s, double price_s)
{
	enum { POINTS = 700 };
	static double cost_s[POINTS];
	double alive[POINTS], gone_s[POINTS]; /* gone: ∫ S up to there */

	for (size_t i = 0; i < POINTS; i++) {
		const double at_s = step_s * (double)i;

		alive[i] = dist_survival(dist, at_s);
		gone_s[i] = at_s - dist_accrued_s(dist, 0.0, at_s);
	}
	assert_true(alive[POINTS - 1] < 1e-9);
	cost_s[POINTS - 1] = 0.0;
	for (size_t i = POINTS - 1; i-- > 0;) {
		cost_s[i] = ENDLESS;
		for (size_t k = i + 1; k < POINTS; k++) {
			const double here_s =
			    alive[i] * (price_s + step_s * (double)(k - i)) -
			    (gone_s[k] - gone_s[i]) + cost_s[k];

			cost_s[i] = fmin(cost_s[i], here_s);
		}
	}
	return cost_s[0];
}

static void rule_is_near_the_optimum(void **state)
{
	static const struct {
		struct log_normal dist;
		double step_s, price_s;
	} rows[] = { { { 19.0, 0.25 }, 0.18, 0.9 }, { { 19.0, 0.25 }, 0.18, 0.3 },
		{ { 130.0, 0.5 }, 4.0, 2.0 }, { { 130.0, 0.5 }, 4.0, 8.0 } };

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		const struct dist dist = dist_of(&rows[i].dist);
		const double best_s = optimum_s(&dist, rows[i].step_s, rows[i].price_s);
		double polls, delay_s;

		rule_costs(&dist, rows[i].price_s, &polls, &delay_s);
		/* The lattice may cost the optimum a little. */
		assert_true(delay_s + rows[i].price_s * polls > 0.985 * best_s);
		assert_true(delay_s + rows[i].price_s * polls < 1.03 * best_s);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(exponential_is_exact),
		cmocka_unit_test(exponential_goes_on_behind_the_grid),
		cmocka_unit_test(log_normal_survival_and_hazard),
		cmocka_unit_test(log_normal_accrues_like_the_integral),
		cmocka_unit_test(quantiles_are_conditional),
		cmocka_unit_test(gain_of_weibull_dists),
		cmocka_unit_test(equal_probability_gains_nothing),
		cmocka_unit_test(rule_is_near_the_optimum),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
