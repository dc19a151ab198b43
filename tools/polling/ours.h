/*
 * ours.h - the two policies for many tasks: ours as the program has it
 * (src/core/policy/sched.h with plan, dists, learn and dist below it),
 * and round robin.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/policy/dists.h"
#include "core/policy/sched.h"
#include "sim.h"

struct ours {
	struct sched *sched;
	struct dists *dists; /* borrowed */
	const char *model; /* of all tasks, borrowed; NULL: none named */
	bool does_learn; /* from each task that was seen to have ended */
	bool is_timed; /* count the processor's time in the schedule */
	double cpu_s; /* of it */
};

struct ours ours_make(const struct sched_options *options); /* learns */
void ours_release(struct ours *ours);
struct policy ours_policy(struct ours *ours);

/* Whoever was polled longest ago is first; new ones are last. */
struct round_robin {
	size_t *keys; /* a ring */
	size_t first, n, room;
	size_t batch_max;
};

void round_robin_release(struct round_robin *robin);
struct policy round_robin_policy(struct round_robin *robin);
