/*
 * shown.h - between the simulated service and a policy: polls show what those of
 * dreamq-emulator show, which is less exact than a simulated life, and more.
 *
 * Its clock and the ends of its tasks are whole seconds. Others push into its queue, so
 * that a place is up to 8 % too high. It tells how long the queue takes and, as a bad
 * forecast, the generation. Images show the first items before the end. As in the
 * program, what had ended when it was first polled teaches nothing.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/policy/dists.h"
#include "sim.h"

struct shown_life {
	struct life life;
	double partial_s; /* since its generation began: shows items; 0: never */
	double forecast_s; /* of the generation; 0: none */
};

struct shown {
	struct policy policy; /* that is asked; set it before use */
	struct dists *dists; /* borrowed; it learns the forecasts */
	const char *model; /* of all tasks, borrowed; NULL: none */
	const struct shown_life *next; /* of the next sim_add(), borrowed */

	struct shown_task {
		const struct shown_life *life;
		bool was_running; /* at a poll */
	} * tasks; /* by key */
	size_t room;
};

struct policy shown_policy(struct shown *shown);
void shown_release(struct shown *shown);
