/*
 * plan_views.h - what the tests of plan.h look at: three distributions, and tasks at a
 * stage. After cmocka.h.
 */
#pragma once

#include "core/policy/plan.h"

#define SECOND INT64_C(1000)
#define MINUTE (60 * SECOND)
#define HOUR (60 * MINUTE)

static struct dist image_dist, video_dist, slow_dist;

static inline int make_dists(void **state)
{
	(void)state;
	image_dist = dist_mixture(&(struct dist_part){ 1.0, 19.0, 0.25 }, 1);
	video_dist = dist_mixture(&(struct dist_part){ 1.0, 130.0, 0.5 }, 1);
	slow_dist = dist_mixture(&(struct dist_part){ 1.0, 3000.0, 0.3 }, 1);
	return 0;
}

/* A generating video of the given age; no randomness: no jitter. */
static inline struct plan_view generating(int64_t age_ms)
{
	return (struct plan_view){ .state = TASK_GENERATING,
		.kind = MEDIA_VIDEO,
		.dist = &video_dist,
		.age_ms = age_ms,
		.queue_eta_ms = -1 };
}

static inline struct plan_view queued(int64_t eta_ms)
{
	struct plan_view view = generating(0);

	view.state = TASK_QUEUED;
	view.queue_eta_ms = view.queue_soon_ms = eta_ms;
	return view;
}
