/*
 * dp.h - the exact optimum for one task whose distribution is known, by dynamic
 * programming over the age of the last poll. With survival S, price c of a poll and W(x)
 * = S(x)·V(x):
 *
 *	W(x) = min over y ≥ x + floor of  c·S(x) + (y - x)·S(x) - ∫_x^y S + W(y)
 *
 * on a grid of ages. No policy that sees only "not yet" can have a smaller cP + D, so at
 * its mean delay none has fewer polls.
 */
#pragma once

#include "core/policy/dist.h"
#include "schedule.h"

struct dp {
	const struct dist *dist; /* borrowed */
	double floor_s; /* the smallest gap */
	double step_s, end_s; /* the grid; behind its end all is over */
};

struct cost dp_optimum(const struct dp *dp, double price_s);
/* With the price at which the optimum has this mean delay. */
struct cost dp_at_delay(const struct dp *dp, double delay_s);
