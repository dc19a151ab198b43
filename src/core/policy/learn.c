#include "core/policy/learn.h"

#include <math.h>
#include <string.h>

enum { EM_STEPS = 20 };
static const double em_still = 1e-5; /* a step that moves a logarithm by less */
static const double odd_z = 2.5758; /* two-sided 99 % of a normal distribution */
static const double informative_z = -1.0; /* younger than this tells next to nothing */
static const double late_z = 1.645; /* 95 %: older than it should be */
static const double stuck_share = 10.0; /* of the median: older than that is stuck */
static const double keep_share = 0.99; /* of the counts, with each end */
static const double early_share = 0.5; /* of the median: a failure before is a reject */
static const double sigma_min = 0.05; /* of samples: two may agree by chance */
static const double seconds_min = 0.05, seconds_max = 1e6;

/* What isn't a number is low. */
static double clamp(double value, double low, double high)
{
	return value > low ? fmin(value, high) : low;
}

/* Returns the i-th newest sample, from 0. */
static size_t newest(const struct learnt *learnt, size_t i)
{
	return (learnt->next + LEARN_SAMPLES_MAX - 1 - i) % LEARN_SAMPLES_MAX;
}

static double centre(const struct learnt *learnt)
{
	return log(learnt->median_s > 0.0 ? learnt->median_s : learnt->prior_median_s);
}

static double spread(const struct learnt *learnt)
{
	return learnt->sigma > 0.0 ? learnt->sigma : LEARN_SIGMA;
}

/* Keep the newest `n` samples, with a clean record. */
static void forget_older(struct learnt *learnt, size_t n)
{
	double logs[LEARN_SAMPLES_MAX] = { 0.0 };

	for (size_t i = 0; i < n; i++)
		logs[n - 1 - i] = learnt->logs[newest(learnt, i)];
	memcpy(learnt->logs, logs, n * sizeof(*logs));
	memset(learnt->is_odd, 0, sizeof(learnt->is_odd));
	learnt->n = n;
	learnt->ever = (double)n;
	learnt->next = n % LEARN_SAMPLES_MAX;
	learnt->is_new_dist = true;
	learnt->since_change = n;
}

/* Are enough of the newest outside the band? Then the distribution is not what it was. */
static void watch_for_change(struct learnt *learnt)
{
	size_t n_odd = 0, oldest_odd = 0;

	for (size_t i = 0; i < LEARN_ODD_OF && i < learnt->n; i++)
		if (learnt->is_odd[newest(learnt, i)]) {
			n_odd++;
			oldest_odd = i;
		}
	if (n_odd >= LEARN_ODD_MAX)
		forget_older(learnt, oldest_odd + 1);
}

static void add_sample(struct learnt *learnt, double log_s)
{
	const double z = (log_s - centre(learnt)) / spread(learnt);

	learnt->logs[learnt->next] = log_s;
	learnt->is_odd[learnt->next] = fabs(z) > odd_z;
	learnt->next = (learnt->next + 1) % LEARN_SAMPLES_MAX;
	learnt->ever += 1.0;
	if (learnt->n < LEARN_SAMPLES_MAX)
		learnt->n++;
	if (learnt->is_new_dist && ++learnt->since_change > LEARN_ODD_OF)
		learnt->is_new_dist = false;
	watch_for_change(learnt);
}

void learn_ended(struct learnt *learnt, double seconds, bool is_success)
{
	const double log_s = log(clamp(seconds, seconds_min, seconds_max));
	const bool is_reject = !is_success && log_s < centre(learnt) + log(early_share);

	learnt->ends = keep_share * learnt->ends + 1.0;
	learnt->rejects = keep_share * learnt->rejects + (is_reject ? 1.0 : 0.0);
	if (!is_reject)
		add_sample(learnt, log_s);
}

struct fit {
	double mean, variance;
};

/* n logarithms: what a fit needs of them. */
struct sums {
	double n, sum, squares;
};

/* Tasks that still run, and count. */
struct running {
	size_t n;
	double log_ages[LEARN_RUNNING_MAX], weights[LEARN_RUNNING_MAX];
};

/*
 * How many samples is one that runs? It belongs to all that ever began, of whom the
 * samples are the newest hundred ends: so it counts for their share of all ends. In full
 * when it is older than it should be: then the service has become slower. Too young tells
 * next to nothing, too old is stuck. All this by the fit without them: by the one in the
 * making, those that have moved it would stop counting, and the next step undo it.
 */
static double weight_of(
    const struct learnt *learnt, const struct fit *without, double log_age)
{
	const double z = (log_age - without->mean) / sqrt(without->variance);

	if (z < informative_z || log_age - without->mean > log(stuck_share))
		return 0.0;
	return z > late_z || learnt->ever <= (double)learnt->n
	    ? 1.0
	    : (double)learnt->n / learnt->ever;
}

static void weigh_running(struct running *running, const struct learnt *learnt,
    const struct fit *without, const double *ages_s, size_t n)
{
	running->n = 0;
	for (size_t i = 0; i < n && i < LEARN_RUNNING_MAX; i++) {
		const double log_age = log(clamp(ages_s[i], seconds_min, seconds_max));
		const double weight = weight_of(learnt, without, log_age);

		if (weight <= 0.0)
			continue;
		running->log_ages[running->n] = log_age;
		running->weights[running->n++] = weight;
	}
}

/* Adds what a running task tells: E and variance of a normal distribution above its z. */
static void add_censored(
    const struct fit *fit, double log_age, double weight, struct sums *sums)
{
	const double sigma = sqrt(fit->variance), z = (log_age - fit->mean) / sigma;
	const double tail = 0.5 * erfc(z / M_SQRT2);
	/* Mills ratio; far out it is z itself. */
	const double mills =
	    tail > 1e-12 ? exp(-0.5 * z * z) / sqrt(2.0 * M_PI) / tail : z + 1.0 / z;
	const double expected = fit->mean + sigma * mills;

	sums->n += weight;
	sums->sum += weight * expected;
	sums->squares += weight *
	    (fit->variance * fmax(0.0, 1.0 + z * mills - mills * mills) +
		expected * expected);
}

/* Weighs the spread of n samples and the prior's, as logarithms. */
static double shrunk_sigma(double scatter, double n)
{
	const double weight = n >= 2.0 ? n : 0.0;
	const double sample =
	    weight > 0.0 ? fmax(sqrt(fmax(0.0, scatter) / (n - 1.0)), sigma_min) : 1.0;

	return exp((LEARN_WEIGHT * log(LEARN_SIGMA) + weight * log(sample)) /
	    (LEARN_WEIGHT + weight));
}

static struct sums sums_of(const struct learnt *learnt)
{
	struct sums sums = { .n = (double)learnt->n };

	for (size_t i = 0; i < learnt->n; i++) {
		sums.sum += learnt->logs[i];
		sums.squares += learnt->logs[i] * learnt->logs[i];
	}
	return sums;
}

/* The fit of these, with the prior as further samples. */
static struct fit fit_of(const struct sums *sums, double prior)
{
	const double mean =
	    (sums->sum + LEARN_MEDIAN_WEIGHT * prior) / (sums->n + LEARN_MEDIAN_WEIGHT);
	const double scatter =
	    sums->squares - 2.0 * mean * sums->sum + sums->n * mean * mean;
	const double sigma = shrunk_sigma(scatter, sums->n);

	return (struct fit){ .mean = mean, .variance = sigma * sigma };
}

/* Repeats expectation and maximisation, until it stands still. */
static struct fit fit_with_running(const struct sums *samples, double prior,
    struct fit fit, const struct running *running)
{
	double moved = 1.0;

	for (int i = 0; i < EM_STEPS && moved > em_still; i++) {
		const struct fit before = fit;
		struct sums sums = *samples;

		for (size_t k = 0; k < running->n; k++)
			add_censored(
			    &before, running->log_ages[k], running->weights[k], &sums);
		fit = fit_of(&sums, prior);
		moved =
		    fabs(fit.mean - before.mean) + fabs(fit.variance - before.variance);
	}
	return fit;
}

static double reject_share(const struct learnt *learnt)
{
	return (LEARN_REJECT_WEIGHT * LEARN_REJECT_SHARE + learnt->rejects) /
	    (LEARN_REJECT_WEIGHT + learnt->ends);
}

struct dist learn_fit(struct learnt *learnt, const double *running_s, size_t n_running)
{
	const double prior = log(learnt->prior_median_s);
	const struct sums samples = sums_of(learnt);
	struct fit fit = fit_of(&samples, prior);
	const double reject = reject_share(learnt);
	struct running running;
	double median_s, wide;

	weigh_running(&running, learnt, &fit, running_s, n_running);
	fit = fit_with_running(&samples, prior, fit, &running);
	median_s = exp(clamp(fit.mean, log(seconds_min), log(seconds_max)));
	learnt->median_s = median_s;
	learnt->sigma = sqrt(fit.variance);
	wide = fmax(LEARN_SIGMA, LEARN_WIDE_SPREAD * learnt->sigma);
	return dist_mixture(
	    (struct dist_part[]){
		{ (1.0 - reject) * (1.0 - LEARN_WIDE), median_s, learnt->sigma },
		{ (1.0 - reject) * LEARN_WIDE, median_s, wide },
		{ reject, LEARN_REJECT_MEDIAN_S, LEARN_REJECT_SIGMA },
	    },
	    3);
}
