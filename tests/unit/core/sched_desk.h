/*
 * sched_desk.h - a schedule with its distributions, on a clock that the test turns.
 * Distributions are given, where a test wants to know when a poll is due: exponential
 * ones of 20 s for images, 130 s for videos; a poll is worth 0.42 and 0.72 s of delay
 * then, and due after about 4 and 14 s.
 */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "core/policy/sched.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))
#define DESK _cleanup_(desk_release) struct desk

enum { KEYS_MAX = 512 };

struct desk {
	struct dists *dists;
	struct sched *sched;
	size_t image, video; /* lanes */
};

static inline void desk_release(struct desk *desk)
{
	sched_free(desk->sched);
	dists_free(desk->dists);
}

/* With shipped distributions; n keys, due at 0. */
static inline struct desk desk_untaught(
    int64_t interval_ms, unsigned batch_max, uint64_t seed, size_t n)
{
	struct desk desk = { .dists = dists_new() };
	struct err err;

	assert_non_null(desk.dists);
	desk.image = dists_lane(desk.dists, MEDIA_IMAGE, NULL);
	desk.video = dists_lane(desk.dists, MEDIA_VIDEO, NULL);
	desk.sched = sched_new(&(struct sched_options){ .interval_ms = interval_ms,
	    .batch_max = batch_max,
	    .seed = seed,
	    .dists = desk.dists });
	assert_non_null(desk.sched);
	for (size_t i = 0; i < n; i++)
		assert_int_equal(sched_add(desk.sched, i, 0, &err), ERR_OK);
	return desk;
}

static inline struct desk desk_make(int64_t interval_ms, unsigned batch_max, size_t n)
{
	struct desk desk = desk_untaught(interval_ms, batch_max, 7, n);
	const struct dist image = dist_exponential(20.0), video = dist_exponential(130.0);

	dists_set(desk.dists, desk.image, &image);
	dists_set(desk.dists, desk.video, &video);
	return desk;
}

/* A running one, of which the service says nothing else. */
static inline struct sched_view desk_view(
    const struct desk *desk, enum task_state state, enum media_kind kind)
{
	return (struct sched_view){ .state = state,
		.kind = kind,
		.lane = kind == MEDIA_VIDEO ? desk->video : desk->image,
		.age_ms = -1,
		.queue_position = -1,
		.queue_eta_ms = -1 };
}

static inline void desk_polled(
    struct desk *desk, size_t key, enum media_kind kind, int64_t now_ms)
{
	const struct sched_view view = desk_view(desk, TASK_GENERATING, kind);

	sched_polled(desk->sched, key, &view, now_ms);
}

static inline struct sched_reason desk_reason(struct desk *desk, size_t key)
{
	struct sched_reason reason = { .due_ms = -1 };

	assert_true(sched_reason(desk->sched, key, &reason));
	return reason;
}
