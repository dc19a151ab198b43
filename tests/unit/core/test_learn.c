/*
 * What a lane learns: the fit, tasks that still run, rejects, and a service that changes.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/policy/learn.h"
#include "near.h"

enum { SEEDS = 200 };

static struct learnt fresh(double prior_median_s)
{
	return (struct learnt){ .prior_median_s = prior_median_s };
}

static double draw_s(uint64_t *random, double median_s, double sigma)
{
	return median_s * exp(sigma * normal(random));
}

/* As dists.h does it: what is odd is measured on the distribution before it. */
static void end(struct learnt *learnt, double seconds)
{
	learn_ended(learnt, seconds, true);
	(void)learn_fit(learnt, NULL, 0);
}

/* The distribution that a fit becomes. */
static struct dist mixed(double median_s, double sigma, double rejects)
{
	const double wide = fmax(LEARN_SIGMA, LEARN_WIDE_SPREAD * sigma);

	return dist_mixture(
	    (struct dist_part[]){
		{ (1.0 - rejects) * (1.0 - LEARN_WIDE), median_s, sigma },
		{ (1.0 - rejects) * LEARN_WIDE, median_s, wide },
		{ rejects, LEARN_REJECT_MEDIAN_S, LEARN_REJECT_SIGMA },
	    },
	    3);
}

static void the_prior_alone(void **state)
{
	struct learnt learnt = fresh(130.0);
	const struct dist dist = learn_fit(&learnt, NULL, 0);
	const struct dist want = mixed(130.0, LEARN_SIGMA, LEARN_REJECT_SHARE);

	(void)state;
	assert_near(learnt.median_s, 130.0, 1e-12);
	assert_near(learnt.sigma, LEARN_SIGMA, 1e-12);
	for (size_t i = 0; i < DIST_POINTS; i++)
		assert_near(dist.log_survival[i], want.log_survival[i], 1e-9);
}

/* A spread of n samples beside the prior's: a weighted mean of logarithms. */
static double shrunk(double sigma, double n)
{
	return pow(
	    pow(LEARN_SIGMA, LEARN_WEIGHT) * pow(sigma, n), 1.0 / (LEARN_WEIGHT + n));
}

static void shrinkage_is_its_formula(void **state)
{
	static const double seconds[] = { 90.0, 120.0, 200.0, 75.0, 310.0, 140.0 };
	struct learnt learnt = fresh(130.0);
	double sum = 0.0;

	(void)state;
	for (size_t n = 1; n <= 6; n++) {
		double mean, scatter = 0.0;

		end(&learnt, seconds[n - 1]);
		sum += log(seconds[n - 1]);
		mean = (sum + log(130.0)) / (double)(n + 1);
		for (size_t i = 0; i < n; i++)
			scatter += pow(log(seconds[i]) - mean, 2.0);
		assert_int_equal(learnt.n, n);
		assert_near(learnt.median_s, exp(mean), 1e-9);
		if (n == 1)
			assert_near(learnt.sigma, LEARN_SIGMA, 1e-9);
		else
			assert_near(learnt.sigma,
			    shrunk(sqrt(scatter / (double)(n - 1)), (double)n), 1e-9);
	}
}

/* From a prior that is wrong by a factor of two. */
static void median_and_sigma_come_back(void **state)
{
	static const size_t counts[] = { 3, 10, 100 };
	static const double sigma = 0.35;

	(void)state;
	for (size_t c = 0; c < 3; c++) {
		const double n = (double)counts[c], wrong = log(2.0) / (n + 1.0);
		double error = 0.0, log_sigma = 0.0;

		for (uint64_t seed = 1; seed <= SEEDS; seed++) {
			struct learnt learnt = fresh(60.0);
			uint64_t random = seed;

			for (size_t i = 0; i < counts[c]; i++)
				learn_ended(&learnt, draw_s(&random, 120.0, sigma), true);
			(void)learn_fit(&learnt, NULL, 0);
			error += log(learnt.median_s / 120.0) / SEEDS;
			log_sigma += log(learnt.sigma) / SEEDS;
		}
		assert_true(fabs(error + wrong) < 4.0 * sigma / sqrt(n * SEEDS));
		/* The scatter is about the shrunk median, which adds to it. */
		assert_near(exp(log_sigma),
		    shrunk(sqrt(sigma * sigma + n * wrong * wrong / (n - 1.0)), n), 0.1);
	}
}

/* Samples that agree by chance don't make a distribution without spread. */
static void spread_is_never_nothing(void **state)
{
	struct learnt learnt = fresh(100.0);

	(void)state;
	for (int n = 1; n <= LEARN_SAMPLES_MAX; n++) {
		end(&learnt, 100.0);
		assert_true(learnt.sigma >= 0.05 && learnt.sigma <= LEARN_SIGMA + 1e-9);
	}
	assert_true(learnt.sigma < 0.1);
}

static void a_hundred_samples_and_no_more(void **state)
{
	struct learnt learnt = fresh(100.0);

	(void)state;
	for (int i = 0; i < 250; i++)
		end(&learnt, 100.0 + i / 10.0);
	assert_int_equal(learnt.n, LEARN_SAMPLES_MAX);
	assert_true(learnt.median_s > 119.0 && learnt.median_s < 121.0);
}

/* ---- tasks that still run ---- */

/* A crowd started together, looked at after `age_s`: some ended, the others run. */
static size_t crowd(struct learnt *learnt, uint64_t seed, double age_s, double *running_s)
{
	uint64_t random = seed;
	size_t n_running = 0;

	for (int i = 0; i < 40; i++) {
		const double seconds = draw_s(&random, 60.0, 0.5);

		if (seconds < age_s)
			learn_ended(learnt, seconds, true);
		else
			running_s[n_running++] = age_s;
	}
	return n_running;
}

static void running_tasks_lower_the_bias(void **state)
{
	double running_s[40], blind = 0.0, seeing = 0.0;

	(void)state;
	for (uint64_t seed = 1; seed <= SEEDS; seed++) {
		struct learnt learnt = fresh(45.0);
		const size_t n_running = crowd(&learnt, seed, 55.0, running_s);

		(void)learn_fit(&learnt, NULL, 0);
		blind += log(learnt.median_s / 60.0) / SEEDS;
		(void)learn_fit(&learnt, running_s, n_running);
		seeing += log(learnt.median_s / 60.0) / SEEDS;
	}
	assert_true(blind < -0.3);
	assert_true(fabs(seeing) < 0.1);
}

/* The fixed point of expectation and maximisation, by many more steps of our own. */
static void fixed_point(const struct learnt *learnt, const double *running_s,
    size_t n_running, double *ret_mean, double *ret_variance)
{
	const double n = (double)(learnt->n + n_running);
	double mean = log(learnt->prior_median_s), variance = LEARN_SIGMA * LEARN_SIGMA;

	for (int k = 0; k < 3000; k++) {
		const double sigma = sqrt(variance);
		double sum = 0.0, squares = 0.0;

		for (size_t i = 0; i < learnt->n; i++) {
			sum += learnt->logs[i];
			squares += learnt->logs[i] * learnt->logs[i];
		}
		for (size_t i = 0; i < n_running; i++) {
			const double z = (log(running_s[i]) - mean) / sigma;
			const double mills =
			    exp(-z * z / 2) / sqrt(2 * M_PI) / (0.5 * erfc(z / M_SQRT2));
			const double expected = mean + sigma * mills;

			sum += expected;
			squares += expected * expected +
			    variance * (1.0 + z * mills - mills * mills);
		}
		mean = (sum + log(learnt->prior_median_s)) / (n + 1.0);
		variance = (squares - 2.0 * mean * sum + n * mean * mean) / (n - 1.0);
		variance = pow(shrunk(sqrt(variance), n), 2.0);
	}
	*ret_mean = mean;
	*ret_variance = variance;
}

static void few_steps_reach_the_fixed_point(void **state)
{
	double running_s[40], mean, variance;

	(void)state;
	for (uint64_t seed = 1; seed <= 20; seed++) {
		struct learnt learnt = fresh(45.0);
		const size_t n_running = crowd(&learnt, seed, 55.0, running_s);

		(void)learn_fit(&learnt, running_s, n_running);
		fixed_point(&learnt, running_s, n_running, &mean, &variance);
		assert_near(learnt.median_s, exp(mean), 0.02);
		assert_near(learnt.sigma, sqrt(variance), 0.03);
	}
}

/* Nothing has ended yet, and all run longer than the prior thinks. */
static void only_running_tasks(void **state)
{
	static const double ages_s[] = { 25.0, 50.0, 100.0, 150.0 };
	double running_s[50], last_s = 19.0;

	(void)state;
	for (size_t k = 0; k < 4; k++) {
		struct learnt learnt = fresh(19.0);

		for (size_t i = 0; i < 50; i++)
			running_s[i] = ages_s[k];
		(void)learn_fit(&learnt, running_s, 50);
		assert_true(learnt.median_s > last_s && learnt.median_s < 1e4);
		assert_true(learnt.sigma > 0.05 && learnt.sigma < 3.0);
		last_s = learnt.median_s;
	}
	assert_true(last_s > 100.0);
}

/* Seconds old, or stuck for a day among quick ones: says nothing. */
static void young_and_stuck_ones_say_nothing(void **state)
{
	struct learnt learnt = fresh(100.0);
	double running_s[50], median_s;

	(void)state;
	for (int i = 0; i < 20; i++)
		end(&learnt, 95.0 + i);
	median_s = learnt.median_s;
	for (size_t i = 0; i < 50; i++)
		running_s[i] = i % 2 ? 1.0 + (double)i / 10.0 : 86400.0;
	(void)learn_fit(&learnt, running_s, 50);
	assert_near(learnt.median_s, median_s, 1e-9);
}

static void ages_out_of_this_world(void **state)
{
	static const double running_s[] = { -ENDLESS, -1.0, 0.0, 5e-324, 1e-9, 1e9, 1e300,
		ENDLESS, NO_NUMBER };
	static const double ends_s[] = { 5e-324, 1e-9, 0.05, 1e6, 1e300, ENDLESS };

	(void)state;
	for (size_t i = 0; i < 6; i++) {
		struct learnt learnt = fresh(i % 2 ? 1e-3 : 1e5);

		for (size_t k = 0; k < 150; k++) {
			const struct dist dist = learn_fit(&learnt, running_s, 9);

			assert_true(isfinite(mean_length_s(&dist)));
			assert_true(isfinite(learnt.median_s) && learnt.median_s > 0.0);
			assert_true(isfinite(learnt.sigma) && learnt.sigma > 0.0);
			learn_ended(&learnt, ends_s[(i + k / 20) % 6], k % 3 != 0);
		}
	}
}

/* ---- rejects ---- */

static void rejects_are_a_part_of_the_distribution(void **state)
{
	struct learnt learnt = fresh(130.0);
	double ends = 0.0, rejects = 0.0, share;
	struct dist dist, want;

	(void)state;
	for (int i = 0; i < 60; i++) {
		const bool is_reject = i % 4 == 0;

		learn_ended(&learnt, is_reject ? 4.0 : 130.0, !is_reject);
		ends = 0.99 * ends + 1.0;
		rejects = 0.99 * rejects + is_reject;
	}
	assert_int_equal(learnt.n, 45); /* they are no durations */
	share = (LEARN_REJECT_WEIGHT * LEARN_REJECT_SHARE + rejects) /
	    (LEARN_REJECT_WEIGHT + ends);
	dist = learn_fit(&learnt, NULL, 0);
	assert_near(learnt.median_s, 130.0, 1e-9);
	want = mixed(130.0, learnt.sigma, share);
	assert_near(dist_survival(&dist, 12.0), dist_survival(&want, 12.0), 1e-9);
	assert_near(dist_survival(&dist, 12.0), 1.0 - share, 0.03);
	assert_true(share > 0.15 && share < 0.27);
}

static void which_ends_are_rejects(void **state)
{
	static const struct {
		double seconds;
		bool is_success, is_sample;
	} rows[] = {
		{ 4.0, false, false },
		{ 49.0, false, false },
		{ 51.0, false, true }, /* a late failure took its time */
		{ 4.0, true, true }, /* early, but there */
		{ 300.0, true, true },
		{ 300.0, false, true },
	};

	(void)state;
	for (size_t i = 0; i < 6; i++) {
		struct learnt learnt = fresh(100.0);

		learn_ended(&learnt, rows[i].seconds, rows[i].is_success);
		assert_int_equal(learnt.n, rows[i].is_sample);
		assert_near(learnt.rejects, !rows[i].is_sample, 1e-9);
		assert_near(learnt.ends, 1.0, 1e-9);
	}
}

/* ---- a service that changes ---- */

static struct learnt settled(double median_s)
{
	struct learnt learnt = fresh(median_s);

	for (int i = 0; i < 45; i++)
		end(&learnt, median_s);
	return learnt;
}

static void three_odd_ones_and_the_past_is_forgotten(void **state)
{
	static const double factors[] = { 4.0, 0.25, 20.0, 0.05 };

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		struct learnt learnt = settled(100.0);

		for (int k = 0; k < 2; k++)
			end(&learnt, 100.0 * factors[i]);
		assert_int_equal(learnt.n, 47);
		assert_false(learnt.is_new_dist);
		end(&learnt, 100.0 * factors[i]);
		assert_int_equal(learnt.n, 3);
		assert_true(learnt.is_new_dist);
		/* It follows, by three samples against one of the prior. */
		assert_near(log(learnt.median_s / 100.0), 0.75 * log(factors[i]), 1e-9);
		assert_true(learnt.sigma > 0.4);
		for (int k = 0; k < LEARN_ODD_OF; k++)
			end(&learnt, 100.0 * factors[i]);
		assert_false(learnt.is_new_dist);
		assert_near(learnt.median_s, 100.0 * factors[i], 0.3);
	}
}

/* Odd ones at the given places of the next ends. */
static size_t samples_after(const int *places, size_t n)
{
	struct learnt learnt = settled(100.0);
	size_t k = 0;

	for (int i = 0; k < n; i++) {
		const bool is_odd = i == places[k];

		end(&learnt, is_odd ? 400.0 : 100.0);
		k += is_odd;
	}
	return learnt.n;
}

static void odd_ones_must_be_near_each_other(void **state)
{
	(void)state;
	assert_int_equal(samples_after((const int[]){ 0, 4, 9 }, 3), 10);
	assert_int_equal(samples_after((const int[]){ 0, 4, 10 }, 3), 56);
	assert_int_equal(samples_after((const int[]){ 0, 8, 16, 24, 32 }, 5), 78);
	assert_int_equal(samples_after((const int[]){ 3, 20, 25, 26 }, 4), 7);
}

/*
 * A distribution that doesn't change is taken for changed now and then; how often is
 * chance.
 */
static void few_false_alarms(void **state)
{
	static const double sigmas[] = { 0.25, 0.5, 0.6 };
	enum { ENDS = 20000, FIT_EACH = 10 };

	(void)state;
	for (size_t s = 0; s < 3; s++) {
		struct learnt learnt = fresh(130.0);
		uint64_t random = 7 + s;
		unsigned alarms = 0;

		for (int i = 0; i < ENDS; i++) {
			const size_t before = learnt.n;

			learn_ended(&learnt, draw_s(&random, 130.0, sigmas[s]), true);
			if (i % FIT_EACH == 0)
				(void)learn_fit(&learnt, NULL, 0);
			alarms += learnt.n < before;
		}
		assert_true(alarms <= 5);
		assert_true(fabs(log(learnt.median_s / 130.0)) < 0.25);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_prior_alone),
		cmocka_unit_test(shrinkage_is_its_formula),
		cmocka_unit_test(median_and_sigma_come_back),
		cmocka_unit_test(spread_is_never_nothing),
		cmocka_unit_test(a_hundred_samples_and_no_more),
		cmocka_unit_test(running_tasks_lower_the_bias),
		cmocka_unit_test(few_steps_reach_the_fixed_point),
		cmocka_unit_test(only_running_tasks),
		cmocka_unit_test(young_and_stuck_ones_say_nothing),
		cmocka_unit_test(ages_out_of_this_world),
		cmocka_unit_test(rejects_are_a_part_of_the_distribution),
		cmocka_unit_test(which_ends_are_rejects),
		cmocka_unit_test(three_odd_ones_and_the_past_is_forgotten),
		cmocka_unit_test(odd_ones_must_be_near_each_other),
		cmocka_unit_test(few_false_alarms),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
