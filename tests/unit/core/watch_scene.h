/*
 * watch_scene.h - a watch in a play, on a fast clock of the service or on ours. After
 * cmocka.h.
 */
#pragma once

#include "play.h"

/* The service's clock: what a schedule waits for takes no time to speak of. */
static const char *const fast[] = { "time_scale=1000", NULL };

static inline enum dq_status watch(struct scene *scene, bool until_idle)
{
	const struct dq_watch wish = { .size_bytes = sizeof(wish),
		.get = { .size_bytes = sizeof(wish.get),
		    .wait = { .size_bytes = sizeof(wish.get.wait), .interval_ms = 50 },
		    .sink = scene->out },
		.until_idle = until_idle };
	const enum dq_status status = dq_watch(scene->dq, &wish, &scene->err);

	if (status != DQ_OK)
		print_message("# %d: %s\n%s", status, scene->err.message, scene->log);
	return status;
}

static inline void running(
    struct scene *scene, struct raw_peer *peer, const char *request, unsigned number)
{
	const struct record record = { .id = "t", .status = 20, .total = 1 };

	(void)request;
	(void)number;
	if (play_say_if_well(scene, peer))
		return;
	scene_say(scene, peer, &record);
}
