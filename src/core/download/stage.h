/*
 * stage.h - a step on the way of files that blocks on the disk, and that many take
 * together: for what they share, and since each way to a thread and back costs something.
 *
 *   stage_add ──► waiting ──stage_step──► a group, on a thread ──► done(), one by one
 *                    ▲                      │
 *                    └── while all lanes ◄──┘ are taken
 *
 * Nobody waits for company: a group is whoever waits when a lane is free. The slower the
 * disk, the larger the groups. What comes in one turn of the loop goes together, since
 * groups are begun at its end. A group ends together, so it has a limit: of members, and
 * of weight, beyond which the next one waits for another lane. The first is always taken.
 *
 * Loop's thread only, but for run().
 */
#pragma once

#include <stdint.h>
#include <sys/queue.h>

#include "core/common/workers.h"

struct stage;

/* One that goes through it; a part of what is the caller's until done() or the end. */
struct staged {
	TAILQ_ENTRY(staged) others;
	uint64_t weight; /* in stage_setup.weight_max; set before it is added */
};

struct stage_setup {
	struct workers *workers; /* ends before the stage */
	unsigned lanes; /* groups under way at once */
	size_t group_max; /* members of one */
	uint64_t weight_max; /* of one, unless its first is heavier */
	void (*run)(struct staged *const *group, size_t n); /* on a thread */
	void (*done)(struct staged *one); /* may add it again, here or elsewhere */
};

enum err_kind stage_new(
    const struct stage_setup *setup, struct stage **ret_stage, struct err *err);
/* After workers_free(): no done() comes any more. NULL is fine. */
void stage_free(struct stage *stage);

void stage_add(struct stage *stage, struct staged *one);
/* Begins what can begin: at the end of a turn. */
void stage_step(struct stage *stage);
/* How many groups were begun so far? */
uint64_t stage_begun(const struct stage *stage);
