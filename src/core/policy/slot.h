/*
 * slot.h - what the schedule remembers of one id that was polled, and how a poll changes
 * it. Only due.c includes it.
 *
 * Where the generation began is what everything hangs on. It is, in this order: where the
 * queue's ETA put it, between the last poll that saw the task in the queue and the first
 * that did not; when the service created it; when we first saw it, if by its age it must
 * have been in a queue that nobody saw.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/policy/dists.h"
#include "core/policy/plan.h"
#include "core/policy/sched.h"

#define SLOT_NEVER INT64_MIN
enum { SLOT_AGES_MAX = 200, SLOT_AGES_POLLED_MAX = 4096, SLOT_SLACK_MIN_MS = 1000 };

struct slot {
	int64_t polled_ms; /* the last poll that arrived; SLOT_NEVER */
	int64_t start_ms; /* of the generation; SLOT_NEVER: not begun, or unknown */
	int64_t queued_since_ms; /* first seen in the queue; SLOT_NEVER */
	int64_t after_ms, by_ms; /* last seen in it; first seen past it; SLOT_NEVER */
	int64_t queue_position, queue_eta_ms, queue_soon_ms; /* at the last poll; -1 */
	/*
	 * Its begin, by the last poll that saw it in the queue; how far that may be
	 * wrong.
	 */
	int64_t expected_ms, slack_ms;
	int64_t advice_ms;
	struct plan plan; /* that led to its turn */
	size_t lane;
	enum task_state state;
	enum media_kind kind;
	unsigned absences;
};

struct slot slot_make(void); /* nothing known */
/* A poll showed this. Teaches the distributions how fast the queue drains. */
void slot_saw(struct slot *slot, const struct sched_view *view, struct dists *dists,
    int64_t now_ms);
