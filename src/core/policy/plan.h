/*
 * plan.h - the policy: when is the next poll of one id, and why? Pure arithmetic;
 * docs/polling.md has the theory.
 *
 *	absent       5 s, doubling to 60 s
 *	queued       α·ETA, by the fastest that the queue may drain;
 *	             when little is left: ETA and the first poll of the distribution
 *	generating   when the accrued undetected delay (dist.h) costs as much as a poll
 *	partial      the floor: the rest comes soon
 *
 * Then the bounds: not under the floor, not over the guard, jitter upwards.
 *
 * The price of a poll, in seconds of delay, is c = PLAN_PRICE·floor²/median: steps as
 * long as the floor where the hazard is about a median's own, h = 1.3/median. Who sets a
 * smaller floor wants sooner results and pays with more polls; a longer one changes no
 * price.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "core/policy/dist.h"
#include "model/task.h"

#define PLAN_PRICE 0.65 /* of floor²/median */
#define PLAN_QUEUE_SHARE 0.5 /* α */
#define PLAN_JITTER 0.03 /* of the gap, upwards, uniform */
#define PLAN_IMPOSSIBLE 0.01 /* survival of an age that was no generation: a queue */

enum {
	PLAN_IMAGE_FLOOR_MS = 3000, /* PROTOCOL A5 */
	PLAN_VIDEO_FLOOR_MS = 10000,
	PLAN_EARLY_MIN_MS = 10000, /* the early poll, for rejects: from ... */
	PLAN_EARLY_MAX_MS = 20000, /* ... to this age */
	PLAN_GENERATING_MAX_MS = 120000, /* guards: the largest gap */
	PLAN_QUEUED_MAX_MS = 30 * 60 * 1000,
	/* What is due waits for company: once, or twice (sched.h). */
	PLAN_GATHER_MS = 200,
	PLAN_ABSENT_MIN_MS = 5000,
	PLAN_ABSENT_MAX_MS = 60000,
	PLAN_ADVICE_MAX_MS = 300000, /* advice above this is taken as this */
};
/* An interval above this ("never") is taken as this: no sum of it runs over. */
#define PLAN_INTERVAL_MAX_MS (INT64_MAX / 4)

/* What is known of one id, as far as the next poll depends on it. */
struct plan_view {
	enum task_state state;
	enum media_kind kind;
	const struct dist *dist; /* of its lane */
	bool is_dist_young; /* little learnt: the early poll is worth it */
	int64_t age_ms; /* since the generation began, as near as is known */
	bool is_first; /* no poll of it in this stage yet */
	int64_t queue_eta_ms; /* till the generation begins, as expected; -1 unknown */
	int64_t queue_soon_ms; /* the same, if the queue drains as fast as it may */
	int64_t queued_ms; /* since it was first seen in the queue */
	unsigned absences; /* polls in a row at which the service did not know it */
	int64_t user_floor_ms; /* --interval; 0 none */
	int64_t advice_ms; /* polling_config; 0 none */
	int64_t account_floor_ms; /* raised by "slow down"; 0 none */
	int64_t gap_max_ms; /* what the shortest link life allows; 0 any */
	uint64_t random;
};

enum plan_rule {
	PLAN_ABSENT,
	PLAN_QUEUE,
	PLAN_QUEUE_END, /* ETA and the first poll of the distribution */
	PLAN_QUEUE_BLIND, /* no place, no ETA */
	PLAN_EARLY,
	PLAN_DIST,
	PLAN_PARTIAL,
};
enum plan_bound {
	PLAN_FREE,
	PLAN_FLOOR_USER,
	PLAN_FLOOR_ADVICE,
	PLAN_FLOOR_KIND,
	PLAN_FLOOR_ACCOUNT,
	PLAN_GUARD,
	PLAN_GUARD_LINKS,
};

struct plan {
	int64_t gap_ms; /* from the last poll to the next, jitter included */
	int64_t floor_ms; /* from the last poll on it may ride along with others */
	double price_s; /* of a poll; 0 where no distribution is asked */
	enum plan_rule rule;
	enum plan_bound bound;
};

struct plan plan_next(const struct plan_view *view);

/* How long, in ms, its stage may go without a poll: in a queue longer. */
int64_t plan_guard_ms(const struct plan *plan);
/*
 * How urgent is a poll after `gap_ms` of a plan? 1 when it is due; grows like the accrued
 * delay, so that of many the one with the most to gain is first.
 */
double plan_urgency(
    const struct plan_view *view, const struct plan *plan, int64_t gap_ms);

/* When it will be done, ms from now: the middle and a band of four in five. */
struct plan_eta {
	int64_t low_ms, middle_ms, high_ms; /* -1 unknown */
};
struct plan_eta plan_eta(const struct plan_view *view);
