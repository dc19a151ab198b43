/*
 * Laws against their closed forms, the rule "look when A reaches the price" against the
 * theory of docs/polling.md, and everything against ages and prices out of this world.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "core/law.h"
#include "near.h"

enum { RANDOM_LAWS = 40, RANDOM_AGES = 60 };

/* ---- laws whose every number is known ---- */

static double log_normal_survival(double age_s, double median_s, double sigma)
{
	return 0.5 * erfc(log(age_s / median_s) / sigma / M_SQRT2);
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
		const struct law law = law_exponential(mean_s);
		const double gap_s = law_due_s(&law, 0.0, 0.5);

		assert_near(law_mean_s(&law), mean_s, 1e-9);
		assert_near(gap_s - mean_s * -expm1(-gap_s / mean_s), 0.5, 1e-6);
		for (size_t i = 0; i < 8; i++) {
			const double age_s = ages_s[i];

			assert_near(
			    law_survival(&law, age_s), exp(-age_s / mean_s), 1e-9);
			assert_near(law_hazard(&law, age_s), 1.0 / mean_s, 1e-9);
			assert_near(law_quantile_s(&law, age_s, 0.5) - age_s,
			    mean_s * M_LN2, 1e-9);
			assert_near(law_accrued_s(&law, age_s, age_s + 9.0),
			    9.0 - mean_s * -expm1(-9.0 / mean_s), 1e-6);
			/* Memoryless: a fixed interval. */
			assert_near(law_due_s(&law, age_s, 0.5) - age_s, gap_s, 1e-6);
		}
	}
}

static void exponential_goes_on_behind_the_grid(void **state)
{
	static const double ages_s[] = { 9.9e5, LAW_MAX_S, 1.1e6, 5e6, 3e7 };
	const double mean_s = 1e5;
	const struct law law = law_exponential(mean_s);
	const double gap_s = law_due_s(&law, 0.0, 30.0);

	(void)state;
	for (size_t i = 0; i < 5; i++) {
		const double age_s = ages_s[i];

		assert_near(law_survival(&law, age_s), exp(-age_s / mean_s), 1e-9);
		assert_near(law_hazard(&law, age_s), 1.0 / mean_s, 1e-9);
		assert_near(
		    law_quantile_s(&law, age_s, 0.9) - age_s, mean_s * M_LN10, 1e-6);
		assert_near(law_accrued_s(&law, age_s, age_s + gap_s), 30.0, 1e-4);
		assert_near(law_due_s(&law, age_s, 30.0) - age_s, gap_s, 1e-4);
	}
	/* Over the edge in one step. */
	assert_near(law_accrued_s(&law, 9e5, 1.2e6), 3e5 - mean_s * -expm1(-3.0), 1e-6);
	assert_near(law_quantile_s(&law, 9.9e5, 0.5) - 9.9e5, mean_s * M_LN2, 1e-6);
}

struct log_normal {
	double median_s, sigma;
};
static const struct log_normal log_normals[] = { { 19.0, 0.25 }, { 130.0, 0.5 },
	{ 130.0, 1.4 }, { 3000.0, 0.6 }, { 4.0, 0.7 } };
enum { LOG_NORMALS = sizeof log_normals / sizeof *log_normals };

static struct law law_of(const struct log_normal *it)
{
	return law_mixture(&(struct law_part){ 1.0, it->median_s, it->sigma }, 1);
}

static void log_normal_survival_and_hazard(void **state)
{
	(void)state;
	for (size_t n = 0; n < LOG_NORMALS; n++) {
		const struct log_normal *it = &log_normals[n];
		const struct law law = law_of(it);
		/* How much ln S bends inside a cell: two cells' part of a sigma. */
		const double grain = M_LN10 / LAW_PER_DECADE / it->sigma;

		assert_near(law_mean_s(&law),
		    it->median_s * exp(it->sigma * it->sigma / 2), 0.002);
		for (int i = 0; i < 77; i++) {
			const double z = -3.0 + 0.0917 * i;
			const double age_s = it->median_s * exp(z * it->sigma);
			const double hazard =
			    log_normal_hazard(age_s, it->median_s, it->sigma);

			assert_near(law_survival(&law, age_s),
			    log_normal_survival(age_s, it->median_s, it->sigma),
			    0.3 * grain * grain * (1.0 + fabs(z)));
			assert_true(fabs(law_hazard(&law, age_s) / hazard - 1.0) <
			    0.8 * grain * (1.0 + fabs(fmin(z, 0.0))));
		}
	}
}

/* Pieces of the law are never in the middle of it only: from young to far behind. */
static void log_normal_accrues_like_the_integral(void **state)
{
	static const double spans[] = { 0.05, 0.3, 1.0, 4.0 };

	(void)state;
	for (size_t n = 0; n < LOG_NORMALS; n++) {
		const struct log_normal *it = &log_normals[n];
		const struct law law = law_of(it);

		for (int k = 0; k < 8; k++)
			for (size_t i = 0; i < 4; i++) {
				const double z = -2.0 + 0.73 * k;
				const double from_s = it->median_s * exp(z * it->sigma);
				const double until_s = from_s + spans[i] * it->median_s;
				const double want_s = log_normal_accrued_s(
				    from_s, until_s, it->median_s, it->sigma);

				assert_near(law_accrued_s(&law, from_s, until_s), want_s,
				    i ? 0.03 : 0.15);
				assert_near(
				    law_due_s(&law, from_s, want_s), until_s, 0.01);
			}
	}
}

static void quantiles_are_conditional(void **state)
{
	static const double ps[] = { 1e-6, 0.01, 0.1, 0.5, 0.9, 0.999, 1.0 - 1e-12 };

	(void)state;
	for (size_t n = 0; n < LOG_NORMALS; n++) {
		const struct log_normal *it = &log_normals[n];
		const struct law law = law_of(it);

		assert_near(law_quantile_s(&law, 0.0, 0.5), it->median_s, 0.002);
		assert_near(law_quantile_s(&law, 0.0, 0.841344746),
		    it->median_s * exp(it->sigma), 0.002);
		for (int k = 0; k < 30; k++)
			for (size_t i = 0; i < 7; i++) {
				const double z = -3.0 + 0.31 * k;
				const double age_s = it->median_s * exp(z * it->sigma);
				const double at_s = law_quantile_s(&law, age_s, ps[i]);

				assert_true(at_s >= age_s);
				if (at_s < LAW_MAX_S)
					assert_near(law_survival(&law, at_s) /
						law_survival(&law, age_s),
					    1.0 - ps[i], 1e-4);
			}
	}
}

/* ---- the rule against the theory ---- */

/* Looks and delay of "look when A reaches the price", from the law itself. */
static void rule_costs(
    const struct law *law, double price_s, double *ret_looks, double *ret_delay_s)
{
	double at_s = 0.0, alive = 1.0, looks = 0.0, delay_s = 0.0;

	while (alive > 1e-9) {
		const double next_s = law_due_s(law, at_s, price_s);

		looks += alive;
		delay_s += alive * law_accrued_s(law, at_s, next_s);
		at_s = next_s;
		alive = law_survival(law, at_s);
	}
	*ret_looks = looks;
	*ret_delay_s = delay_s;
}

static void gain_of_weibull_laws(void **state)
{
	static const struct {
		double shape, gain;
	} rows[] = { { 1.0, 1.0 }, { 2.0, 1.18 }, { 3.0, 1.46 }, { 5.0, 2.07 } };

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		const struct weibull weibull = { 130.0, rows[i].shape };
		const struct law law = law_make(weibull_survival, &weibull);
		const double mean_s = 130.0 * tgamma(1.0 + 1.0 / rows[i].shape);
		const double root = tgamma((rows[i].shape + 1.0) / (2.0 * rows[i].shape));
		const double exact =
		    tgamma(1.0 + 1.0 / rows[i].shape) * rows[i].shape / (root * root);
		double looks, delay_s;

		assert_near(law_mean_s(&law), mean_s, 0.002);
		assert_near(exact, rows[i].gain, 0.005);
		rule_costs(&law, 0.002, &looks, &delay_s);
		assert_true(looks > 100.0); /* so dense that the limit is near */
		assert_near(delay_s, 0.002 * looks, 1e-3);
		assert_near(mean_s / (2.0 * looks * delay_s), rows[i].gain, 0.02);
	}
}

/* P·D of steps of equal conditional probability (Munford, Shahani). */
static double equal_probability_product_s(const struct law *law, double p)
{
	double at_s = 0.0, alive = 1.0, looks = 0.0, delay_s = 0.0;

	while (alive > 1e-9) {
		const double next_s = law_quantile_s(law, at_s, p);

		looks += alive;
		delay_s += alive * law_accrued_s(law, at_s, next_s);
		at_s = next_s;
		alive = law_survival(law, at_s);
	}
	assert_near(looks, 1.0 / p, 0.001);
	return looks * delay_s;
}

/* In the limit no better than a fixed interval; before it, by what the first step skips.
 */
static void equal_probability_gains_nothing(void **state)
{
	(void)state;
	for (size_t n = 0; n < LOG_NORMALS; n++) {
		const struct law law = law_of(&log_normals[n]);
		const double fixed_s = law_mean_s(&law) / 2.0;

		for (int i = 0; i < 4; i++) {
			const double p = 0.05 * pow(0.25, i);
			const double have_s = equal_probability_product_s(&law, p);
			const double skipped_s = law_quantile_s(&law, 0.0, p) / 2.0;

			assert_true(have_s < 1.03 * fixed_s);
			assert_true(have_s > 0.97 * (fixed_s - skipped_s));
		}
	}
	for (int shape = 2; shape <= 3; shape++) {
		const struct weibull weibull = { 130.0, shape };
		const struct law law = law_make(weibull_survival, &weibull);

		assert_near(equal_probability_product_s(&law, 1e-4),
		    law_mean_s(&law) / 2.0, 0.05);
	}
}

/*
 * The least D + c·P of any schedule on a fine lattice, by dynamic programming from the
 * back: cost[i] is what is still to come for a task that runs at lattice point i.
 */
static double optimum_s(const struct law *law, double step_s, double price_s)
{
	enum { POINTS = 700 };
	static double cost_s[POINTS];
	double alive[POINTS], gone_s[POINTS]; /* gone: ∫ S up to there */

	for (size_t i = 0; i < POINTS; i++) {
		const double at_s = step_s * (double)i;

		alive[i] = law_survival(law, at_s);
		gone_s[i] = at_s - law_accrued_s(law, 0.0, at_s);
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
		struct log_normal law;
		double step_s, price_s;
	} rows[] = { { { 19.0, 0.25 }, 0.18, 0.9 }, { { 19.0, 0.25 }, 0.18, 0.3 },
		{ { 130.0, 0.5 }, 4.0, 2.0 }, { { 130.0, 0.5 }, 4.0, 8.0 } };

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		const struct law law = law_of(&rows[i].law);
		const double best_s = optimum_s(&law, rows[i].step_s, rows[i].price_s);
		double looks, delay_s;

		rule_costs(&law, rows[i].price_s, &looks, &delay_s);
		/* The lattice may cost the optimum a little. */
		assert_true(delay_s + rows[i].price_s * looks > 0.985 * best_s);
		assert_true(delay_s + rows[i].price_s * looks < 1.03 * best_s);
	}
}

/* ---- what holds for every law ---- */

static struct law random_law(uint64_t *state)
{
	struct law_part parts[3];
	double weights = 0.0;

	for (size_t i = 0; i < 3; i++) {
		parts[i] = (struct law_part){ .weight = 0.01 + uniform(state),
			.median_s = log_uniform(state, 0.2, 2e5),
			.sigma = log_uniform(state, 0.02, 3.0) };
		weights += parts[i].weight;
	}
	for (size_t i = 0; i < 3; i++)
		parts[i].weight /= weights;
	return law_mixture(parts, 3);
}

static void survival_falls_and_quantiles_rise(void **state)
{
	uint64_t random = 1;

	(void)state;
	for (int n = 0; n < RANDOM_LAWS; n++) {
		const struct law law = random_law(&random);
		double survival = 1.0;

		for (int i = 0; i < 73; i++) {
			const double age_s = 0.01 * pow(1.37, i);
			double quantile_s = age_s;

			assert_true(law_survival(&law, age_s) <= survival);
			survival = law_survival(&law, age_s);
			assert_true(survival >= 0.0);
			assert_true(law_hazard(&law, age_s) >= 0.0);
			for (int k = 0; k < 20; k++) {
				const double p = 1.0 / (1.0 + exp(10.0 - k));
				const double next_s = law_quantile_s(&law, age_s, p);

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
	for (int n = 0; n < RANDOM_LAWS * RANDOM_AGES; n++) {
		static struct law law;
		double from_s, middle_s, until_s, whole_s, noise_s;

		if (n % RANDOM_AGES == 0)
			law = random_law(&random);
		from_s = log_uniform(&random, 0.01, 3e6);
		middle_s = from_s + log_uniform(&random, 0.01, 1e5);
		until_s = middle_s + log_uniform(&random, 0.01, 1e5);
		whole_s = law_accrued_s(&law, from_s, until_s);
		noise_s = 1e-9 * law_mean_s(&law) + 1e-12 * until_s;

		assert_true(whole_s >= 0.0 && whole_s <= until_s - from_s + noise_s);
		/* Waiting longer accrues more, and a look between never less in all. */
		assert_true(law_accrued_s(&law, from_s, middle_s) <= whole_s + noise_s);
		assert_true(law_accrued_s(&law, from_s, middle_s) +
			law_accrued_s(&law, middle_s, until_s) <=
		    whole_s + noise_s);
		/* Seen alive later: less can have happened since. */
		assert_true(law_accrued_s(&law, middle_s, until_s) <= whole_s + noise_s);
	}
}

static void due_is_where_the_price_is_reached(void **state)
{
	uint64_t random = 3;
	unsigned reached = 0;

	(void)state;
	for (int n = 0; n < RANDOM_LAWS * RANDOM_AGES; n++) {
		static struct law law;
		double from_s, price_s, due_s;

		if (n % RANDOM_AGES == 0)
			law = random_law(&random);
		from_s = log_uniform(&random, 0.01, 3e6);
		price_s = log_uniform(&random, 1e-3, 1e3);
		due_s = law_due_s(&law, from_s, price_s);

		assert_true(due_s >= from_s && due_s <= from_s + LAW_MAX_S);
		assert_true(law_due_s(&law, from_s, price_s * 1.5) >= due_s);
		assert_true(law_due_s(&law, from_s * 1.2, price_s) >= due_s * (1 - 1e-6));
		if (due_s < from_s + LAW_MAX_S) {
			reached++;
			assert_near(law_accrued_s(&law, from_s, due_s), price_s,
			    1e-4 + 1e-8 * (law_mean_s(&law) + due_s) / price_s);
		}
	}
	assert_true(reached > RANDOM_LAWS * RANDOM_AGES / 2);
}

/* An age that lies on a point of the grid, or the next number beside it. */
static void points_of_the_grid_are_seamless(void **state)
{
	const struct law law = law_of(&log_normals[1]);

	(void)state;
	for (int i = 0; i < LAW_POINTS; i++) {
		const double at_s = LAW_MIN_S * pow(10.0, (double)i / LAW_PER_DECADE);
		const double before_s = at_s * (1 - 1e-9), behind_s = at_s * (1 + 1e-9);
		double beside_s = at_s;

		for (int k = 0; k < 8; k++) {
			const double mirror_s = 2 * at_s - beside_s;

			assert_near(law_accrued_s(&law, 0.0, beside_s),
			    law_accrued_s(&law, 0.0, before_s), 1e-6);
			assert_near(law_accrued_s(&law, mirror_s, 2 * at_s),
			    law_accrued_s(&law, behind_s, 2 * at_s), 1e-4);
			assert_near(law_survival(&law, mirror_s),
			    law_survival(&law, behind_s), 1e-6);
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

static void check_finite(const struct law *law)
{
	static const double ages_s[] = { -ENDLESS, -1e300, -1e6, -1.0, -0.0, 0.0, 5e-324,
		1e-9, 0.1, 1.0, 19.0, 1e3, 999999.9, 1e6, 1.0000001e6, 1e9, 1e12, 1e300,
		ENDLESS, NO_NUMBER };
	static const double prices_s[] = { -ENDLESS, -1.0, 0.0, 5e-324, 1e-12, 0.5, 1e3,
		1e9, 1e300, ENDLESS, NO_NUMBER };
	static const double ps[] = { 0.0, 1e-300, 1e-15, 0.5, 1 - 1e-15, 1.0 };
	enum { AGES = sizeof ages_s / sizeof *ages_s, PRICES = 11, PS = 6 };

	assert_true(isfinite(law_mean_s(law)) && law_mean_s(law) >= 0.0);
	for (size_t i = 0; i < AGES; i++) {
		const double age_s = ages_s[i],
			     taken_s = age_s > 0 ? fmin(age_s, 1e12) : 0;

		assert_true(law_survival(law, age_s) >= 0.0);
		assert_true(law_survival(law, age_s) <= 1.0);
		assert_true(law_hazard(law, age_s) >= 0.0);
		assert_true(isfinite(law_hazard(law, age_s)));
		for (size_t k = 0; k < PS; k++) {
			const double at_s = law_quantile_s(law, age_s, ps[k]);

			assert_true(isfinite(at_s) && at_s >= taken_s);
		}
		for (size_t k = 0; k < PRICES; k++) {
			const double due_s = law_due_s(law, age_s, prices_s[k]);

			assert_true(due_s >= taken_s && due_s <= taken_s + LAW_MAX_S);
			if (!(prices_s[k] > 0.0))
				assert_true(due_s <= taken_s);
		}
		for (size_t k = 0; k < AGES; k++) {
			const double accrued_s = law_accrued_s(law, age_s, ages_s[k]);

			assert_true(accrued_s >= 0.0 && accrued_s <= 1e12);
			if (!(ages_s[k] > taken_s))
				assert_true(accrued_s <= 0.0);
		}
	}
}

static void every_number_is_finite(void **state)
{
	static const struct log_normal odd[] = { { 19.0, 1e-6 }, { 1e-9, 0.1 },
		{ 1e9, 0.5 }, { 1e300, 0.5 }, { 1.0, 50.0 }, { 130.0, 1e-300 } };
	static const double means_s[] = { 1e-9, 1e-3, 1.0, 1e3, 1e15 };
	double (*const shapes[])(
	    double, const void *) = { always, never, no_number, rising };
	uint64_t random = 4;
	struct law law;

	(void)state;
	for (size_t i = 0; i < 6; i++) {
		law = law_of(&odd[i]);
		check_finite(&law);
	}
	for (size_t i = 0; i < 5; i++) {
		law = law_exponential(means_s[i]);
		check_finite(&law);
	}
	for (size_t i = 0; i < 4; i++) {
		law = law_make(shapes[i], NULL);
		check_finite(&law);
	}
	for (int i = 0; i < 10; i++) {
		law = random_law(&random);
		check_finite(&law);
	}
}

/* A task that runs long after all like it have ended is looked at now and then. */
static void gaps_in_the_far_tail(void **state)
{
	const struct law law = law_of(&log_normals[0]);
	double gap_s = 0.0;

	(void)state;
	for (int i = 0; i < 23; i++) {
		const double age_s = 200.0 * pow(1.3, i);
		const double next_s = law_due_s(&law, age_s, 1.0) - age_s;

		assert_true(next_s > 1.0 && next_s < 3600.0);
		assert_true(next_s >= gap_s * 0.95); /* the hazard only falls there */
		gap_s = next_s;
	}
	assert_true(law_due_s(&law, LAW_MAX_S, 1.0) > LAW_MAX_S + 1.0);
	assert_true(law_due_s(&law, 2 * LAW_MAX_S, 1.0) > 2 * LAW_MAX_S + 1.0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(exponential_is_exact),
		cmocka_unit_test(exponential_goes_on_behind_the_grid),
		cmocka_unit_test(log_normal_survival_and_hazard),
		cmocka_unit_test(log_normal_accrues_like_the_integral),
		cmocka_unit_test(quantiles_are_conditional),
		cmocka_unit_test(gain_of_weibull_laws),
		cmocka_unit_test(equal_probability_gains_nothing),
		cmocka_unit_test(rule_is_near_the_optimum),
		cmocka_unit_test(survival_falls_and_quantiles_rise),
		cmocka_unit_test(accrual_in_order),
		cmocka_unit_test(due_is_where_the_price_is_reached),
		cmocka_unit_test(points_of_the_grid_are_seamless),
		cmocka_unit_test(every_number_is_finite),
		cmocka_unit_test(gaps_in_the_far_tail),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
