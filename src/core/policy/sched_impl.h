/*
 * sched_impl.h - the inside of a schedule. due.c has the ids, pace.c the
 * account they share: pauses, "slow down", size of a batch. Only these two include it.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/common/heap.h"
#include "core/policy/dists.h"
#include "core/policy/sched.h"

struct slot; /* slot.h */

enum turn_where { TURN_DROPPED, TURN_WAITING, TURN_READY, TURN_IN_FLIGHT };

/* When an id is asked for next. Zeroed: dropped, nothing known. */
struct turn {
	int64_t due_ms, earliest_ms; /* it may ride along from the second on */
	int64_t asked_ms; /* the last time it went into a request */
	unsigned ready_at; /* its place in the ready list */
	enum turn_where where : 8;
	bool is_hurried;
	bool was_polled; /* it has a slot */
};

struct ranked {
	double urgency;
	size_t key;
};

struct sched {
	struct heap heap; /* of the waiting keys, by due time */
	struct turn *turns; /* by key */
	struct slot *slots; /* by key; one of which no poll told was never written to */
	size_t room;
	struct ranked *ready; /* due and not taken; SCHED_READY_MAX of them */
	size_t n_ready;
	int64_t gather_until_ms; /* what is due waits for company until then */
	struct dists *dists;
	int64_t interval_ms;
	unsigned batch_max, batch_now, good_in_a_row;
	uint64_t random;
	int64_t paused_until_ms; /* our own backoff: a success ends it */
	int64_t told_until_ms; /* the server's word: nothing but time does */
	int64_t budget_until_ms;
	int64_t awake_ms; /* we slept: nothing before this */
	int64_t taken_ms; /* the last sched_take() that found something due */
	int64_t running_ms; /* the next taking of ages */
	int64_t slow_floor_ms, slow_at_ms; /* raised by "slow down", and when */
	int64_t gap_max_ms; /* by the links; 0 any */
	int64_t trouble_since_ms;
	unsigned failures;
};

int64_t sched_later(int64_t a_ms, int64_t b_ms);
/* Draws with the schedule's own randomness; both ends included. */
int64_t sched_between(struct sched *sched, int64_t min_ms, int64_t max_ms);
/* Until when is there no request of any id? */
int64_t sched_pause_end_ms(const struct sched *sched);
/* Returns what "slow down" left of its floor: it halves with time. */
int64_t sched_slow_floor_ms(const struct sched *sched, int64_t now_ms);
