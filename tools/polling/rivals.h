/*
 * rivals.h - how others wait: a fixed interval, exponential backoff, and the steps of
 * equal conditional probability of Munford and Shahani (1972), who know the distribution.
 *
 * All of them know nothing of a queue, begin at the creation of the task, and look at
 * once after their first gap.
 */
#pragma once

#include <stddef.h>

#include "core/policy/dist.h"
#include "schedule.h"

struct rival {
	const char *name;
	double first_s, factor, cap_s; /* gaps */
};
/* Those that are in use: fixed 1, 3, 5, 10, 30 s; exponential ×2 and ×1.5. */
enum { RIVALS = 7, RIVAL_FIXED_10 = 3 };
extern const struct rival rivals[RIVALS];

double rival_next_s(const void *of, double age_s, size_t k); /* a schedule_rule */

struct fixed {
	double gap_s;
};
double fixed_next_s(const void *of, double age_s, size_t k);

struct equal_steps {
	const struct dist *dist;
	double share; /* of what is left, in each step */
};
double equal_steps_next_s(const void *of, double age_s, size_t k);

/* Look when the accrued delay reaches the price: the rule that plan.h is made of. */
struct bare_rule {
	const struct dist *dist;
	double price_s, floor_s;
};
double bare_rule_next_s(const void *of, double age_s, size_t k);

/* The same rules with the parameter that gives this mean delay under a distribution. */
struct cost fixed_at_delay(const struct dist *truth, double delay_s, double *ret_gap_s);
struct cost equal_steps_at_delay(
    const struct dist *truth, double delay_s, double *ret_share);
/* The distribution that it believes in need not be the true one. */
struct cost bare_rule_at_delay(const struct dist *believed, const struct dist *truth,
    double floor_s, double delay_s, double *ret_price_s);
/*
 * For tasks that ended at these ages: the polls of the longest fixed interval that is no
 * later on average than delay_s. The strictest of all comparisons, as that interval knows
 * each age.
 */
double fixed_polls_at_delay(
    const double *ends_s, size_t n, double delay_s, double *ret_gap_s);
