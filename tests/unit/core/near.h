/*
 * near.h - numbers that are nearly others, and random ones that are the same each time.
 * For tests, after cmocka.h.
 */
#pragma once

#include <math.h>

#include "core/common/random.h"
#include "core/policy/dist.h"

/* The standard's are floats, which warnings see. */
#define NO_NUMBER ((double)NAN)
#define ENDLESS HUGE_VAL

/* Relative to what is wanted; of zero, 1e-9 is near. */
#define assert_near(have, want, relative) \
	assert_near_at(have, want, relative, #have, __LINE__)

static inline void assert_near_at(
    double have, double want, double relative, const char *what, int line)
{
	if (fabs(have - want) <= relative * fabs(want) + 1e-9)
		return;
	print_error("line %d: %s is %.12g, not %.12g\n", line, what, have, want);
	fail();
}

/*
 * ∫ S, as far as one task in 1e15 lives: A from the beginning is what is left of the age.
 */
static inline double mean_length_s(const struct dist *dist)
{
	const double until_s = dist_quantile_s(dist, 0.0, 1.0 - 1e-15);

	return until_s - dist_accrued_s(dist, 0.0, until_s);
}

/* In 0 <= . < 1. */
static inline double uniform(uint64_t *state)
{
	return (double)(random_next(state) >> 11) * 0x1p-53;
}

/* Between low and high, every decade as often as another. */
static inline double log_uniform(uint64_t *state, double low, double high)
{
	return low * pow(high / low, uniform(state));
}

/* Box and Muller. */
static inline double normal(uint64_t *state)
{
	const double radius = sqrt(-2.0 * log(1.0 - uniform(state)));

	return radius * cos(2.0 * M_PI * uniform(state));
}
