/*
 * schedule.h - a policy for one task that is known when the task begins: polls at fixed
 * ages. All rivals are that, and so are the optimum and the bare rule of dist.h.
 *
 * The ages come from a rule, as far as they are needed; the last of them holds for ever
 * with the last gap.
 */
#pragma once

#include <stddef.h>

#include "core/policy/dist.h"
#include "tally.h"

/* The age of the poll after the one at age_s, the k-th (from 0). */
typedef double schedule_rule(const void *rule, double age_s, size_t k);

struct schedule {
	schedule_rule *next_s;
	const void *rule; /* borrowed */
	double *ages_s;
	size_t n, room;
};

struct schedule schedule_make(schedule_rule *next_s, const void *rule);
void schedule_release(struct schedule *schedule);

/* A task that ends at this age: how many polls, and how late is the last of them? */
void schedule_live(
    struct schedule *schedule, double end_s, double *ret_polls, double *ret_delay_s);
/* Many of them. */
struct tally schedule_tally(struct schedule *schedule, const double *ends_s, size_t n);

struct cost {
	double polls, delay_s; /* expected; P and D */
};
/* Computed from the distribution that is true. */
struct cost schedule_cost(struct schedule *schedule, const struct dist *truth);
