#include "core/common/view.h"

#include <stdlib.h>

#include "base/cleanup.h"
#include "model/choice.h"

struct size {
	int64_t width, height;
};

/* A file of which one variant is stored is as large as that one. */
static struct size size_of(const struct asset *asset)
{
	_cleanup_(arena_release) struct arena arena = arena_make(CHOICE_MAX);
	struct chosen stored;

	if (asset->state == ASSET_STORED && asset->choice &&
	    choice_read(asset->choice, &arena, &stored) && stored.width > 0 &&
	    stored.height > 0)
		return (struct size){ stored.width, stored.height };
	return (struct size){ asset->width, asset->height };
}

struct dq_asset view_asset(const struct asset *asset)
{
	const bool is_stored = asset->state == ASSET_STORED;
	const struct size size = size_of(asset);

	return (struct dq_asset){
		.index = asset->index,
		.kind = media_kind_name(asset->kind),
		.uri = asset->uri,
		.url = asset->url,
		.expires_unix = asset->url ? asset->expires_unix : 0,
		.width = size.width,
		.height = size.height,
		.format = asset->format,
		.duration_ms = asset->duration_ms,
		.path = is_stored ? asset->path : NULL,
		.bytes = is_stored ? asset->stored_bytes : -1,
		.sha256 = is_stored ? asset->sha256 : NULL,
		.is_stored = is_stored,
		.lost_reason = asset->state == ASSET_LOST ? asset->lost_reason : NULL,
	};
}

static const char *credits_source(const struct task *task)
{
	if (!task->has_credits)
		return NULL;
	return task->credits_are_measured ? "measured" : "reported";
}

/* False: no memory, and nothing is in it. */
static bool make_room(size_t n, struct view *view)
{
	*view = (struct view){ 0 };
	if (n == 0)
		return true;
	view->assets = calloc(n, sizeof(*view->assets));
	view->choices = calloc(n, sizeof(*view->choices));
	if (view->assets && view->choices)
		return true;
	view_release(view);
	return false;
}

bool view_make(const struct task *task, struct view *ret_view)
{
	struct dq_asset *assets;

	if (!make_room(task->n_assets, ret_view))
		return false;
	assets = ret_view->assets;
	for (size_t i = 0; i < task->n_assets; i++) {
		const struct asset *asset = &task->assets[i];

		assets[i] = view_asset(asset);
		ret_view->choices[i] = assets[i].is_stored ? asset->choice : NULL;
	}
	ret_view->task = (struct dq_task){
		.submit_id = task->submit_id,
		.history_id = task->history_id,
		.account = task->account,
		.kind = media_kind_name(task->kind),
		.state = task_state_name(task->state),
		.is_final = task_state_is_final(task->state),
		.status = task->status,
		.finished = task->finished,
		.total = task->total,
		.has_queue = task->has_queue,
		.queue_position = task->has_queue ? task->queue.position : -1,
		.queue_length = task->has_queue ? task->queue.length : -1,
		.eta_seconds = task->has_queue ? task->queue.eta_seconds : -1,
		.has_failed = task->fail.class != FAIL_NONE,
		.fail_code = task->fail.code,
		.fail_message = task->fail.message,
		.fail_class = fail_class_name(task->fail.class),
		.is_retryable = task->fail.is_retryable,
		.created_unix_ms = task->created_unix_ms,
		.finished_unix_ms = task->finished_unix_ms,
		.prompt = task->prompt,
		.model = task->model,
		.assets = assets,
		.n_assets = task->n_assets,
		.eta_low_unix_ms = task->eta_low_unix_ms,
		.eta_unix_ms = task->eta_unix_ms,
		.eta_high_unix_ms = task->eta_high_unix_ms,
		.ratio = task->ratio,
		.seed = task->has_seed ? task->seed : -1,
		.first_seen_unix_ms = task->first_seen_unix_ms,
		.credits = task->has_credits ? task->credits : -1,
		.credits_source = credits_source(task),
		.idempotency_key = task->idempotency_key,
		.reroll_of = task->rerolls,
		.polls = task->polls,
		.choices = ret_view->choices,
		.requests =
		    task->requests_micro < 0 ? -1 : (double)task->requests_micro / 1e6,
		.mode = task_mode_name(task->mode),
		.tags = task->tags,
		.note = task->note,
		.rating = task->rating,
		.number = task->number,
	};
	return true;
}

void view_release(struct view *view)
{
	free(view->assets);
	free(view->choices);
	*view = (struct view){ 0 };
}
