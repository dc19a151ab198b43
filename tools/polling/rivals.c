#include "rivals.h"

#include <math.h>

const struct rival rivals[RIVALS] = {
	{ "fixed 1 s", 1.0, 1.0, 1.0 },
	{ "fixed 3 s", 3.0, 1.0, 3.0 },
	{ "fixed 5 s", 5.0, 1.0, 5.0 },
	[RIVAL_FIXED_10] = { "fixed 10 s", 10.0, 1.0, 10.0 },
	{ "fixed 30 s", 30.0, 1.0, 30.0 },
	{ "exponential 10 s ×2, at most 60 s", 10.0, 2.0, 60.0 },
	{ "exponential 1 s ×1.5, at most 45 s", 1.0, 1.5, 45.0 },
};

double rival_next_s(const void *of, double age_s, size_t k)
{
	const struct rival *rival = of;

	return age_s + fmin(rival->cap_s, rival->first_s * pow(rival->factor, (double)k));
}

double fixed_next_s(const void *of, double age_s, size_t k)
{
	const struct fixed *fixed = of;

	(void)k;
	return age_s + fixed->gap_s;
}

double equal_steps_next_s(const void *of, double age_s, size_t k)
{
	const struct equal_steps *steps = of;

	(void)k;
	return fmax(age_s + 1e-3, dist_quantile_s(steps->dist, age_s, steps->share));
}

double bare_rule_next_s(const void *of, double age_s, size_t k)
{
	const struct bare_rule *rule = of;

	(void)k;
	return fmax(age_s + fmax(1e-3, rule->floor_s),
	    dist_due_s(rule->dist, age_s, rule->price_s));
}

static struct cost cost_of(
    schedule_rule *next_s, const void *rule, const struct dist *truth)
{
	struct schedule schedule = schedule_make(next_s, rule);
	const struct cost cost = schedule_cost(&schedule, truth);

	schedule_release(&schedule);
	return cost;
}

/* Delays grow with every parameter here: halve the logarithm of its range. */
enum { HALVINGS = 40 };

struct cost fixed_at_delay(const struct dist *truth, double delay_s, double *ret_gap_s)
{
	double low = 1e-2, high = 1e4;
	struct cost cost = { 0 };

	for (int i = 0; i < HALVINGS; i++) {
		*ret_gap_s = sqrt(low * high);
		cost =
		    cost_of(fixed_next_s, &(struct fixed){ .gap_s = *ret_gap_s }, truth);
		*(cost.delay_s > delay_s ? &high : &low) = *ret_gap_s;
	}
	return cost;
}

struct cost equal_steps_at_delay(
    const struct dist *truth, double delay_s, double *ret_share)
{
	double low = 1e-3, high = 1.0 - 1e-9;
	struct cost cost = { 0 };

	for (int i = 0; i < HALVINGS; i++) {
		*ret_share = 0.5 * (low + high);
		cost = cost_of(equal_steps_next_s,
		    &(struct equal_steps){ truth, *ret_share }, truth);
		*(cost.delay_s > delay_s ? &high : &low) = *ret_share;
	}
	return cost;
}

struct cost bare_rule_at_delay(const struct dist *believed, const struct dist *truth,
    double floor_s, double delay_s, double *ret_price_s)
{
	double low = 1e-4, high = 1e4;
	struct cost cost = { 0 };

	for (int i = 0; i < HALVINGS; i++) {
		*ret_price_s = sqrt(low * high);
		cost = cost_of(bare_rule_next_s,
		    &(struct bare_rule){ believed, *ret_price_s, floor_s }, truth);
		*(cost.delay_s > delay_s ? &high : &low) = *ret_price_s;
	}
	return cost;
}

double fixed_polls_at_delay(
    const double *ends_s, size_t n, double delay_s, double *ret_gap_s)
{
	const double shrink = 0.998;
	double gap_s = delay_s, polls = 0.0, late_s;

	for (size_t i = 0; i < n; i++)
		gap_s = fmax(gap_s, delay_s + ends_s[i]);
	while (gap_s > 0.1 * delay_s) {
		polls = 0.0;
		late_s = 0.0;
		for (size_t i = 0; i < n; i++) {
			const double k = fmax(1.0, ceil(ends_s[i] / gap_s));

			polls += k;
			late_s += k * gap_s - ends_s[i];
		}
		if (late_s <= delay_s * (double)n)
			break;
		gap_s *= shrink;
	}
	*ret_gap_s = gap_s;
	return polls / (double)n;
}
