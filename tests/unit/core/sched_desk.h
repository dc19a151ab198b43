/*
 * sched_desk.h - a schedule with its lawbook, on a clock that the test turns. Laws are
 * given, where a test wants to know when a look is due: exponential ones of 20 s for
 * images, 130 s for videos; a look is worth 0.42 and 0.72 s of delay then, and due after
 * about 4 and 14 s.
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
	struct lawbook *laws;
	struct sched *sched;
	size_t image, video; /* lanes */
};

static inline void desk_release(struct desk *desk)
{
	sched_free(desk->sched);
	lawbook_free(desk->laws);
}

/* With shipped laws; n keys, due at 0. */
static inline struct desk desk_untaught(
    int64_t interval_ms, unsigned batch_max, uint64_t seed, size_t n)
{
	struct desk desk = { .laws = lawbook_new() };
	struct err err;

	assert_non_null(desk.laws);
	desk.image = lawbook_lane(desk.laws, MEDIA_IMAGE, NULL);
	desk.video = lawbook_lane(desk.laws, MEDIA_VIDEO, NULL);
	desk.sched = sched_new(&(struct sched_options){ .interval_ms = interval_ms,
	    .batch_max = batch_max,
	    .seed = seed,
	    .laws = desk.laws });
	assert_non_null(desk.sched);
	for (size_t i = 0; i < n; i++)
		assert_int_equal(sched_add(desk.sched, i, 0, &err), ERR_OK);
	return desk;
}

static inline struct desk desk_make(int64_t interval_ms, unsigned batch_max, size_t n)
{
	struct desk desk = desk_untaught(interval_ms, batch_max, 7, n);
	const struct law image = law_exponential(20.0), video = law_exponential(130.0);

	lawbook_set(desk.laws, desk.image, &image);
	lawbook_set(desk.laws, desk.video, &video);
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

static inline void desk_looked(
    struct desk *desk, size_t key, enum media_kind kind, int64_t now_ms)
{
	const struct sched_view view = desk_view(desk, TASK_GENERATING, kind);

	sched_looked(desk->sched, key, &view, now_ms);
}

static inline struct sched_reason desk_reason(struct desk *desk, size_t key)
{
	struct sched_reason reason = { .due_ms = -1 };

	assert_true(sched_reason(desk->sched, key, &reason));
	return reason;
}
