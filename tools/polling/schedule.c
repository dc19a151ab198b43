#include "schedule.h"

#include <stdlib.h>

#include "must.h"

static const double nothing = 1e-9; /* of a survival: no more polls are counted */
enum { LOOKS_MAX = 1000000 };

struct schedule schedule_make(schedule_rule *next_s, const void *rule)
{
	return (struct schedule){ .next_s = next_s, .rule = rule };
}

void schedule_release(struct schedule *schedule)
{
	free(schedule->ages_s);
	*schedule = (struct schedule){ 0 };
}

static double last_s(const struct schedule *schedule)
{
	return schedule->n ? schedule->ages_s[schedule->n - 1] : 0.0;
}

static double extend(struct schedule *schedule)
{
	schedule->ages_s = must_grow(
	    schedule->ages_s, schedule->n, &schedule->room, sizeof(*schedule->ages_s));
	schedule->ages_s[schedule->n] =
	    schedule->next_s(schedule->rule, last_s(schedule), schedule->n);
	return schedule->ages_s[schedule->n++];
}

static double age_s(struct schedule *schedule, size_t k)
{
	while (schedule->n <= k)
		extend(schedule);
	return schedule->ages_s[k];
}

void schedule_live(
    struct schedule *schedule, double end_s, double *ret_polls, double *ret_delay_s)
{
	size_t low = 0, high;

	while (last_s(schedule) < end_s)
		extend(schedule);
	high = schedule->n;
	while (low < high) {
		const size_t middle = (low + high) / 2;

		if (schedule->ages_s[middle] >= end_s)
			high = middle;
		else
			low = middle + 1;
	}
	*ret_polls = (double)low + 1.0;
	*ret_delay_s = schedule->ages_s[low] - end_s;
}

struct tally schedule_tally(struct schedule *schedule, const double *ends_s, size_t n)
{
	struct tally tally = { 0 };

	for (size_t i = 0; i < n; i++) {
		double polls, delay_s;

		schedule_live(schedule, ends_s[i], &polls, &delay_s);
		tally_add(&tally, polls, polls, delay_s);
	}
	return tally;
}

struct cost schedule_cost(struct schedule *schedule, const struct dist *truth)
{
	struct cost cost = { 0 };
	double from_s = 0.0, survival = 1.0;

	for (size_t k = 0; survival > nothing && k < LOOKS_MAX; k++) {
		const double until_s = age_s(schedule, k);

		cost.polls += survival;
		cost.delay_s += survival * dist_accrued_s(truth, from_s, until_s);
		from_s = until_s;
		survival = dist_survival(truth, from_s);
	}
	return cost;
}
