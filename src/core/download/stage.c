#include "core/download/stage.h"

#include <stdbool.h>
#include <stdlib.h>

#include "base/array.h"

TAILQ_HEAD(staged_list, staged);

/* One group at a time. */
struct lane {
	struct job job; /* first: a job is its lane */
	struct stage *stage;
	struct staged **group;
	size_t n; /* 0: it is free */
};

struct stage {
	struct stage_setup setup;
	struct staged_list waiting;
	uint64_t begun;
	struct staged **room; /* of all lanes, group_max for each */
	struct lane lanes[];
};

static void run(struct job *job)
{
	const struct lane *lane = (const struct lane *)job;

	lane->stage->setup.run(lane->group, lane->n);
}

/* The lane is free before the first of them is done: that one may come again. */
static void done(struct job *job)
{
	struct lane *lane = (struct lane *)job;
	struct staged_list list = TAILQ_HEAD_INITIALIZER(list);
	struct staged *one;

	for (size_t i = 0; i < lane->n; i++)
		TAILQ_INSERT_TAIL(&list, lane->group[i], others);
	lane->n = 0;
	while ((one = TAILQ_FIRST(&list))) {
		TAILQ_REMOVE(&list, one, others);
		lane->stage->setup.done(one);
	}
}

enum err_kind stage_new(
    const struct stage_setup *setup, struct stage **ret_stage, struct err *err)
{
	struct stage *stage =
	    calloc(1, sizeof(*stage) + setup->lanes * sizeof(stage->lanes[0]));
	struct staged **room = NULL;
	size_t n = 0;

	if (!stage || !ARRAY_RESERVE(room, n, setup->lanes * setup->group_max)) {
		free(stage);
		return err_set(err, ERR_NOMEM, "out of memory");
	}
	stage->setup = *setup;
	stage->room = room;
	TAILQ_INIT(&stage->waiting);
	for (unsigned i = 0; i < setup->lanes; i++)
		stage->lanes[i] = (struct lane){ .job = { .run = run, .done = done },
			.stage = stage,
			.group = room + i * setup->group_max };
	*ret_stage = stage;
	return ERR_OK;
}

void stage_free(struct stage *stage)
{
	if (!stage)
		return;
	free(stage->room);
	free(stage);
}

void stage_add(struct stage *stage, struct staged *one)
{
	TAILQ_INSERT_TAIL(&stage->waiting, one, others);
}

static bool has_place(const struct lane *lane, uint64_t weight, const struct staged *next)
{
	const struct stage_setup *setup = &lane->stage->setup;

	if (!next || lane->n == setup->group_max)
		return false;
	return lane->n == 0 ||
	    (weight <= setup->weight_max && next->weight <= setup->weight_max - weight);
}

static void begin(struct lane *lane)
{
	struct staged_list *waiting = &lane->stage->waiting;
	uint64_t weight = 0;
	struct staged *one;

	while (has_place(lane, weight, one = TAILQ_FIRST(waiting))) {
		TAILQ_REMOVE(waiting, one, others);
		weight += one->weight;
		lane->group[lane->n++] = one;
	}
	lane->stage->begun++;
	workers_post(lane->stage->setup.workers, &lane->job);
}

void stage_step(struct stage *stage)
{
	for (unsigned i = 0; i < stage->setup.lanes; i++)
		if (stage->lanes[i].n == 0 && !TAILQ_EMPTY(&stage->waiting))
			begin(&stage->lanes[i]);
}

uint64_t stage_begun(const struct stage *stage)
{
	return stage->begun;
}
