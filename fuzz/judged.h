/*
 * judged.h - what holds for every task that was judged, whatever bytes it was read from.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "service/jimeng/read/answer.h"

static inline void require(bool holds)
{
	if (!holds)
		__builtin_trap();
}

static inline void check_judged(const struct task *task)
{
	require(task->submit_id != NULL);
	require(task->finished == (int64_t)task->n_assets);
	require(task->finished <= task->total || task->n_assets == 0);
	require(task->n_assets <= ANSWER_ASSETS_MAX);
	require((task->state == TASK_FAILED) == (task->fail.class != FAIL_NONE));
	require(!task->fail.is_retryable || task->fail.class == FAIL_SERVICE);
	require(task->state != TASK_PARTIAL || task->n_assets > 0);
	require(task->state != TASK_SUCCEEDED || task->n_assets > 0);
	require(!task->has_queue || task->state == TASK_QUEUED);
	for (size_t i = 0; i < task->n_assets; i++) {
		const struct asset *asset = &task->assets[i];

		require(asset->index == (int)i && asset->uri && asset->url);
		require(asset->kind != MEDIA_UNKNOWN && asset->state == ASSET_WANTED);
		for (const char *c = asset->url; *c; c++)
			require((unsigned char)*c > ' ');
	}
}
