#include "core/download/task_files.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "base/say.h"
#include "core/account/totals.h"
#include "core/download/downloads.h"

static struct task_files *files_of(const struct downloads *downloads, size_t key)
{
	return key < downloads->n_keys ? downloads->by_key[key] : NULL;
}

/* Finds the one of this key, new if need be; NULL: no memory. */
static struct task_files *files_for(
    struct downloads *downloads, size_t key, const char *id)
{
	struct task_files *files = files_of(downloads, key);

	if (files || !ARRAY_RESERVE(downloads->by_key, downloads->n_keys, 1 + key))
		return files;
	files = calloc(1, sizeof(*files));
	if (!files)
		return NULL;
	files->key = key;
	files->id = id;
	downloads->by_key[key] = files;
	return files;
}

static void download_free(struct download *d)
{
	checkpoint_last(d);
	partial_close(d->partial);
	transfer_end_comparing(d);
	free(d->validator);
	free(d->pinned_md5);
	free(d->uri);
	free(d->object);
	free(d->choice);
	free(d->name);
	free(d->path);
	free(d->writing);
	free(d);
}

void downloads_forget(struct downloads *downloads, size_t key)
{
	struct task_files *files = files_of(downloads, key);
	struct download *d;

	if (!files)
		return;
	while ((d = files->first)) {
		files->first = d->next;
		downloads->all[d->place] = NULL;
		downloads->free_places[downloads->n_free++] = d->place;
		download_free(d);
	}
	if (files->is_listed)
		TAILQ_REMOVE(&downloads->moved, files, others);
	downloads->by_key[key] = NULL;
	task_free(files->task);
	free(files->no_links);
	free(files->trouble);
	free(files);
}

void task_files_free_all(struct downloads *downloads)
{
	for (size_t key = 0; key < downloads->n_keys; key++)
		downloads_forget(downloads, key);
	free(downloads->by_key);
}

void downloads_drop_idle(struct downloads *downloads, size_t key)
{
	struct task_files *files = files_of(downloads, key);

	if (!files || files->n_open > 0)
		return;
	task_free(files->task);
	files->task = NULL;
}

/* --- what a poll brings ------------------------------------------------------------ */

static struct download *find(const struct task_files *files, int index)
{
	struct download *d = files->first;

	while (d && d->index != index)
		d = d->next;
	return d;
}

static bool make_room(struct downloads *downloads)
{
	size_t room = downloads->room, same = downloads->room;

	if (downloads->n_free > 0)
		return true;
	if (!ARRAY_RESERVE(downloads->all, room, downloads->n + 1) ||
	    !ARRAY_RESERVE(downloads->free_places, same, downloads->n + 1))
		return false;
	downloads->room = room;
	for (size_t i = 0; i < DOWNLOAD_QUEUES; i++)
		if (!heap_reserve(&downloads->queues[i], downloads->n + 1))
			return false;
	return true;
}

ANALYZER_LOSES_SIGHT
static struct download *add(
    struct downloads *downloads, struct task_files *files, int index)
{
	struct download *d = calloc(1, sizeof(*d));

	if (!d || !make_room(downloads)) {
		free(d);
		return NULL;
	}
	d->downloads = downloads;
	d->files = files;
	d->index = index;
	d->total_bytes = d->object_bytes = -1;
	d->place = downloads->n_free > 0 ? downloads->free_places[--downloads->n_free]
					 : downloads->n++;
	d->next = files->first;
	files->first = d;
	downloads->all[d->place] = d;
	files->n_open++;
	totals_file_wanted(downloads->dq);
	return d;
}

static void take_link(struct download *d, const struct asset *asset)
{
	const struct err gone = { .kind = ERR_GONE,
		.msg = N_("the service gives no link to it any more") };

	d->dead_arrivals = download_link_is_old(d, asset) ? d->dead_arrivals + 1 : 0;
	if (d->state != DOWNLOAD_NO_LINK && d->state != DOWNLOAD_OLD_LINK &&
	    d->state != DOWNLOAD_READY)
		return;
	if (asset->url || download_is_stored(d->downloads, asset))
		download_ready(d);
	else if (d->state == DOWNLOAD_NO_LINK && !d->files->task->is_missed)
		download_failed(d, &gone);
}

static void no_memory(struct downloads *downloads)
{
	struct err err;

	err_set(&err, ERR_NOMEM, "out of memory for %zu files", downloads->n);
	downloads_abort(downloads, &err);
}

static void take_asset(
    struct downloads *downloads, struct task_files *files, const struct asset *asset)
{
	struct download *d = find(files, asset->index);

	if (!d) {
		d = add(downloads, files, asset->index);
		if (!d) {
			no_memory(downloads);
			return;
		}
		if (download_is_here(downloads, asset)) {
			download_stored(d);
			return;
		}
		download_enter(d, DOWNLOAD_NO_LINK, 0);
	}
	if (d->state == DOWNLOAD_LET_GO)
		download_reopen(d);
	take_link(d, asset);
}

ANALYZER_SEES_AGAIN

void downloads_give(
    struct downloads *downloads, size_t key, const char *id, struct task *task)
{
	struct task_files *files = files_for(downloads, key, id);

	if (!files) {
		task_free(task);
		no_memory(downloads);
		return;
	}
	task_free(files->task);
	files->task = task;
	if (downloads->name_of) /* who repairs takes the service at its word */
		task->is_missed = false;
	files->is_let_go = false;
	for (size_t i = 0; i < task->n_assets; i++)
		if (download_is_wanted(downloads, task, &task->assets[i]))
			take_asset(downloads, files, &task->assets[i]);
}

/* --- when none comes ---------------------------------------------------------------- */

void downloads_let_go(struct downloads *downloads, size_t key)
{
	struct task_files *files = files_of(downloads, key);

	if (!files)
		return;
	files->is_let_go = true;
	for (struct download *d = files->first; d; d = d->next)
		if (d->state < DOWNLOAD_QUEUES)
			download_close(d, DOWNLOAD_LET_GO);
}

/* For time, or for room on the disk? */
static bool waits(const struct download *d)
{
	return d->state == DOWNLOAD_LATER ||
	    (d->state == DOWNLOAD_READY && d->downloads->is_held);
}

static void give_up_waiting(struct download *d, const struct err *why)
{
	if (d->state == DOWNLOAD_NO_LINK || d->state == DOWNLOAD_OLD_LINK)
		download_give_up(d, why);
	else if (d->downloads->is_time_up && waits(d))
		download_give_up(d,
		    d->busy_elsewhere || !d->last_failure.kind ? why : &d->last_failure);
}

ANALYZER_LOSES_SIGHT
void downloads_no_links(struct downloads *downloads, size_t key, const struct err *why)
{
	struct task_files *files = files_of(downloads, key);
	struct err err;

	if (!files)
		return;
	if (!files->no_links)
		files->no_links = malloc(sizeof(*files->no_links));
	if (!files->no_links) {
		err_set(&err, ERR_NOMEM, "out of memory for task '%s'", files->id);
		downloads_abort(downloads, &err);
		return;
	}
	*files->no_links = *why;
	for (struct download *d = files->first; d; d = d->next)
		give_up_waiting(d, why);
}

ANALYZER_SEES_AGAIN

void task_files_give_up_waiting(struct downloads *downloads)
{
	for (size_t i = 0; i < downloads->n; i++) {
		struct download *d = downloads->all[i];

		if (d && d->files->no_links)
			give_up_waiting(d, d->files->no_links);
	}
}

/* --- what is asked of one -------------------------------------------------------- */

size_t downloads_open(const struct downloads *downloads, size_t key)
{
	const struct task_files *files = files_of(downloads, key);

	return files ? files->n_open : 0;
}

const struct err *downloads_trouble(const struct downloads *downloads, size_t key)
{
	const struct task_files *files = files_of(downloads, key);

	return files ? files->trouble : NULL;
}

const struct task *downloads_task(const struct downloads *downloads, size_t key)
{
	const struct task_files *files = files_of(downloads, key);

	return files ? files->task : NULL;
}
