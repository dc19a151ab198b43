/*
 * dist.h - how long a generation takes, as a distribution: survival, hazard, and what a
 * wait without a poll costs. Pure arithmetic.
 *
 * With T the duration, S(t) = P(T > t) the survival and h the hazard, a task that was
 * running at age s is finished and undetected, on average and until age t, for
 *
 *	A(s, t) = ∫_s^t P(T ≤ u | T > s) du		(accrued undetected delay, s)
 *
 * Looking whenever A reaches one price c gives the poll density n ∝ √h, which is the
 * optimum of Keller (1974): docs/polling.md derives it.
 *
 * A distribution is a table on a logarithmic grid from DIST_MIN_S to DIST_MAX_S with a
 * constant hazard between its points, and behind the last one; so an exponential
 * distribution is exact, and any other as near as the grid is fine. Ages are in seconds
 * since the generation began; younger than 0 counts as 0, and so does what isn't a
 * number. Every result is finite.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

enum {
	DIST_PER_DECADE = 48,
	DIST_DECADES = 7,
	DIST_POINTS = DIST_PER_DECADE * DIST_DECADES + 1,
};
#define DIST_MIN_S 0.1
#define DIST_MAX_S 1e6

struct dist {
	double log_survival[DIST_POINTS]; /* at the points of the grid; never rises */
	double rest_s[DIST_POINTS]; /* ∫ S from there on, without end */
};

/*
 * Makes any distribution, from its survival function: 1 at 0, falling. It is asked at
 * grid points only.
 */
struct dist dist_make(
    double (*survival)(double age_s, const void *payload), const void *payload);
/*
 * A mixture of log-normal distributions; the weights add up to 1, medians and sigmas are
 * above 0.
 */
struct dist_part {
	double weight, median_s, sigma;
};
struct dist dist_mixture(const struct dist_part *parts, size_t n);
struct dist dist_exponential(double mean_s);

double dist_survival(const struct dist *dist, double age_s);
/*
 * Returns the age that a task of age `age_s` reaches with probability 1 - p; 0 < p < 1.
 */
double dist_quantile_s(const struct dist *dist, double age_s, double p);
/* Returns A(from, until), s. */
double dist_accrued_s(const struct dist *dist, double from_s, double until_s);
/*
 * Returns the age at which A(from, .) reaches price_s: `from` if that costs nothing, and
 * not more than DIST_MAX_S later.
 */
double dist_due_s(const struct dist *dist, double from_s, double price_s);
