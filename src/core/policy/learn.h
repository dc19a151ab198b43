/*
 * learn.h - what the durations seen so far say about the next one. Pure arithmetic.
 *
 * log T is taken for normal. Its mean is that of the samples, with the prior's median as
 * LEARN_MEDIAN_WEIGHT samples more; the logarithm of its spread is shrunk towards the
 * prior's (LEARN_SIGMA, with the weight of LEARN_WEIGHT samples). Tasks that still run
 * count as right-censored: T > age (expectation-maximisation). To the fitted distribution
 * are added a tenth of a wide one, because we may be wrong, and the share of early
 * rejects that the lane has shown.
 *
 * LEARN_ODD_MAX durations outside the 99 % band among the last LEARN_ODD_OF mean that
 * the service has changed: all before the first of them is forgotten, which widens the
 * distribution by itself.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/policy/dist.h"

#define LEARN_SIGMA 0.6 /* of the prior */
#define LEARN_WEIGHT 5.0 /* samples that it counts for */
#define LEARN_MEDIAN_WEIGHT 1.0 /* the same of the prior's median */
#define LEARN_WIDE 0.10 /* weight of the wide distribution ... */
#define LEARN_WIDE_SPREAD 1.2 /* ... of so many times the spread, or LEARN_SIGMA */
#define LEARN_REJECT_SHARE \
	0.03 /* of ends that come early, before anything is known ... */
#define LEARN_REJECT_WEIGHT 1.0 /* ... counting for so many ends */
#define LEARN_REJECT_MEDIAN_S 4.0
#define LEARN_REJECT_SIGMA 0.7

enum {
	LEARN_SAMPLES_MAX = 100, /* the newest; older ones are forgotten */
	LEARN_RUNNING_MAX = 200, /* running tasks that a fit takes */
	LEARN_ODD_MAX = 3,
	LEARN_ODD_OF = 10,
};

/* What a lane knows. A zeroed one with prior_median_s > 0 knows the prior. */
struct learnt {
	double prior_median_s;
	double logs[LEARN_SAMPLES_MAX]; /* ln of seconds; a ring */
	bool is_odd[LEARN_SAMPLES_MAX];
	size_t n, next; /* samples; where the next goes */
	double ever; /* samples since the beginning, or the last change */
	double ends, rejects; /* ends counted, those of them early; both age slowly */
	bool is_new_dist; /* the service has changed lately ... */
	size_t since_change; /* ... so many samples ago */

	/* the fit */
	double median_s, sigma;
};

/* `seconds` from the start of the generation to its end; > 0. */
void learn_ended(struct learnt *learnt, double seconds, bool is_success);
/*
 * Fit, with the ages of tasks that still run (s; of more than LEARN_RUNNING_MAX, the
 * first). Returns the distribution; the numbers of it are
 * in learnt->median_s and sigma.
 */
struct dist learn_fit(struct learnt *learnt, const double *running_s, size_t n_running);
