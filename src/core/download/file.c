#include "core/download/file.h"

#include <stdlib.h>
#include <string.h>

#include "core/account/totals.h"
#include "core/download/variant_note.h"

struct asset *download_asset(const struct download *d)
{
	return d->files->task ? task_asset(d->files->task, d->index) : NULL;
}

void download_set_validator(struct download *d, char *take)
{
	free(d->validator);
	d->validator = take;
}

char *download_notable_validator(const struct download *d)
{
	const bool is_small = d->total_bytes >= 0 && d->total_bytes < DOWNLOAD_RESUME_MIN;

	return is_small ? NULL : variant_note(d->object, d->validator);
}

uint64_t download_written(const struct download *d)
{
	return d->have_bytes - backlog_bytes(d->backlog);
}

void download_drop_backlog(struct download *d)
{
	const size_t lost_bytes = backlog_bytes(d->backlog);

	d->have_bytes -= lost_bytes;
	totals_bytes_lost(d->downloads->dq, lost_bytes);
	backlog_free(d->backlog);
	d->backlog = NULL;
}

void download_release(struct download *d)
{
	if (d->partial && d->have_bytes == 0)
		partial_discard(d->partial);
	else
		partial_close(d->partial);
	d->partial = NULL;
}

void download_enter(struct download *d, enum download_state state, int64_t key)
{
	struct heap *queues = d->downloads->queues;

	if (d->state < DOWNLOAD_QUEUES)
		heap_remove(&queues[d->state], d->place);
	d->state = state;
	d->waits_for_link = false;
	if (state < DOWNLOAD_QUEUES)
		heap_set(&queues[state], d->place, key);
}

/* An asset that the last poll did not show goes first, and learns so in claim.c. */
void download_ready(struct download *d)
{
	const struct asset *asset = download_asset(d);

	download_enter(d, DOWNLOAD_READY, asset ? asset->expires_unix : 0);
}

void download_later(struct download *d, int64_t delay_ms)
{
	download_enter(d, DOWNLOAD_LATER, d->downloads->dq->now.mono_ms + delay_ms);
}

void download_reopen(struct download *d)
{
	download_enter(d, DOWNLOAD_NO_LINK, 0);
	d->files->n_open++;
}

void download_close(struct download *d, enum download_state state)
{
	download_enter(d, state, 0);
	d->files->n_open--;
	d->files->has_moved = true;
	task_files_tell(d->downloads, d->files);
}

void download_stored(struct download *d)
{
	totals_file_stored(d->downloads->dq);
	download_close(d, DOWNLOAD_STORED);
}

bool download_is_wanted(
    const struct downloads *downloads, const struct task *task, const struct asset *asset)
{
	const enum media_kind kind = asset->kind ? asset->kind : task->kind;
	bool is_listed = downloads->n_indexes == 0;

	for (size_t i = 0; i < downloads->n_indexes; i++)
		is_listed |= downloads->indexes[i] == asset->index;
	return is_listed && (!downloads->only || downloads->only == kind);
}

bool download_is_stored(const struct downloads *downloads, const struct asset *asset)
{
	return asset->state == ASSET_STORED && asset->path && !asset->is_outdone &&
	    stored_size(downloads->sinks, asset->path, asset->stored_bytes) ==
	    asset->stored_bytes;
}

/* Below the folder the user named, so that he finds it there? */
bool download_is_below_sink(const struct downloads *downloads, const struct asset *asset)
{
	return sink_is_below(downloads->sink, asset->path);
}

bool download_others_wait(const struct downloads *downloads)
{
	return downloads->queues[DOWNLOAD_READY].len > 0;
}

bool download_is_here(const struct downloads *downloads, const struct asset *asset)
{
	return download_is_stored(downloads, asset) &&
	    download_is_below_sink(downloads, asset);
}

/* --- what is to be told ------------------------------------------------------------- */

void task_files_tell(struct downloads *downloads, struct task_files *files)
{
	if (files->is_listed)
		return;
	files->is_listed = true;
	TAILQ_INSERT_TAIL(&downloads->moved, files, others);
}

void task_files_note(
    struct downloads *downloads, struct task_files *files, const struct err *why)
{
	struct err err;

	if (files->trouble && !err_is_worse(why, files->trouble))
		return;
	if (!files->trouble)
		files->trouble = malloc(sizeof(*files->trouble));
	if (files->trouble) {
		*files->trouble = *why;
		return;
	}
	err_set(&err, ERR_NOMEM, "out of memory for task '%s'", files->id);
	downloads_abort(downloads, &err);
}

void downloads_no_room(
    struct downloads *downloads, const struct err *why, int64_t missing_bytes)
{
	downloads->is_held = true;
	if (missing_bytes > downloads->missing_bytes || !downloads->no_room.kind)
		downloads->missing_bytes = missing_bytes;
	downloads->no_room = *why;
}

void downloads_worsen(struct downloads *downloads, const struct err *why)
{
	if (!downloads->worst.kind || err_is_worse(why, &downloads->worst))
		downloads->worst = *why;
}

void downloads_abort(struct downloads *downloads, const struct err *why)
{
	if (!downloads->cant_go_on.kind || err_is_worse(why, &downloads->cant_go_on))
		downloads->cant_go_on = *why;
	downloads->has_told_end = true;
}

bool downloads_wait_for(const struct downloads *downloads, const struct err *why)
{
	return retry_waits_for(
	    why, downloads->perseveres, session_is_draining(downloads->dq));
}
