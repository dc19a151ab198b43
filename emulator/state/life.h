/*
 * life.h - what becomes of a task, and what it looks like at a moment.
 *
 * A life is drawn once, when the task is accepted, from the seed and the
 * wishes in its prompt; after that it is a pure function of time. Shapes are
 * those measured on the service:
 *
 *   image   20 ─► 42 thinking ─► 45 no items ─► 45 some items ─► 50
 *           or 20 ─► 50 (the older model), or one item instead of four
 *   video   20, queue_status 1, a falling place ─► 20, queue_status 2 ─► 50
 *   audio   20 ─► 50
 *
 * Rejects leave early (30 with task status 10), late (30 with 40) or in the
 * middle (30 with 30).
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "common/clock.h"
#include "media/prompt.h"
#include "state/kind.h"

struct life {
	enum task_kind kind;
	enum outcome outcome;
	uint64_t seed;
	int64_t created_ms; /* on the emulated clock, as are the rest */
	int64_t queued_until, think_at, partial_at, first_item_at, end_at;
	int queue_start;
	int items; /* promised */
	int odd_status, final_status;
	bool duplicates;
};

struct life_view {
	int status, task_status;
	int items; /* visible now, duplicates not counted */
	int failed_items;
	int queue_status, queue_idx, queue_length;
	bool is_ended, is_empty; /* is_empty: the items have no links */
	int64_t finish_ms; /* 0 while it runs */
	int forecast_s;
	const struct life_failure *failure; /* NULL without */
};

/* What a record says about why a task ended badly. */
struct life_failure {
	enum outcome outcome;
	int task_status;
	const char *code, *msg, *starling_key, *starling_message;
};

struct life life_make(const struct clock *clock, enum task_kind kind,
    const struct wishes *wishes, uint64_t seed, int64_t created_ms);

struct life_view life_look(const struct life *life, int64_t now_ms);
/* From when on it runs and shows items; INT64_MAX: never. */
int64_t life_first_item_ms(const struct life *life);
