#include "core/download/downloads.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/account/group_commit.h"
#include "core/download/extras.h"
#include "core/download/file.h"
#include "core/download/hook.h"
#include "core/download/sidecar.h"
#include "core/download/task_files.h"

enum {
	JOBS_DEFAULT = 8,
	JOBS_MAX = 64, /* dreamq.h */
	WORKER_THREADS = 4,
	WRITING_THREADS = 2,
};

static void wake_loop(void *payload)
{
	net_wake(payload);
}

/* Sums are a processor's work, of which there are many; the disk is one. */
static enum err_kind open_stages(struct downloads *downloads, struct err *err)
{
	const struct stage_setup sums = {
		.workers = downloads->workers,
		.lanes = WORKER_THREADS,
		.group_max = DOWNLOAD_FINISHING_MAX,
		.weight_max = FINISH_SUMS_WEIGHT,
		.run = finish_run_sums,
		.done = finish_done_sums,
	};
	const struct stage_setup disk = {
		.workers = downloads->workers,
		.lanes = 1,
		.group_max = DOWNLOAD_FINISHING_MAX + JOBS_MAX,
		.weight_max = UINT64_MAX,
		.run = finish_run_disk,
		.done = finish_done_disk,
	};

	return stage_new(&sums, &downloads->sums, err)
	    ? err->kind
	    : stage_new(&disk, &downloads->disk, err);
}

static enum err_kind open_parts(
    struct downloads *downloads, const struct dq_get *get, struct err *err)
{
	struct net *net = downloads->dq->net;

	if (workers_new(WORKER_THREADS, wake_loop, net, &downloads->workers, err) ||
	    workers_new(
		WRITING_THREADS, wake_loop, net, &downloads->writing_workers, err) ||
	    blocks_new(&downloads->blocks, err) || sinks_new(&downloads->sinks, err) ||
	    sink_open(get->sink ? get->sink : ".", &downloads->sink, err) ||
	    open_stages(downloads, err))
		return err->kind;
	if (get->no_sync)
		sink_no_sync(downloads->sink);
	if (get->exec && hooks_new(net, get->exec, &downloads->hooks, err))
		return err->kind;
	return get->sidecar
	    ? sidecars_new(downloads, get->sidecar, &downloads->sidecars, err)
	    : ERR_OK;
}

enum err_kind downloads_new(const struct downloads_setup *setup,
    struct downloads **ret_downloads, struct err *err)
{
	const struct dq_get *get = setup->get;
	const struct naming naming = {
		.template = get->name_template ? get->name_template : NAME_TEMPLATE,
		.for_windows = get->windows_filenames,
	};
	struct downloads *downloads;

	if (get->jobs > JOBS_MAX)
		return err_set(err, ERR_USAGE, "%u downloads at once are more than %d",
		    get->jobs, JOBS_MAX);
	if (name_check(&naming, err))
		return err->kind;
	if (get->only && !media_kind_parse(get->only))
		return err_set(err, ERR_USAGE,
		    "'%s' is no kind of file: there are 'image', 'video' and 'audio'",
		    get->only);
	downloads = calloc(1, sizeof(*downloads));
	if (!downloads)
		return err_set(err, ERR_NOMEM, "out of memory");
	TAILQ_INIT(&downloads->moved);
	downloads->dq = setup->dq;
	downloads->commits = setup->commits;
	downloads->perseveres = setup->perseveres;
	downloads->never_syncs = get->no_sync;
	downloads->name_of = setup->name_of;
	downloads->payload = setup->payload;
	downloads->random = setup->seed;
	downloads->naming = naming;
	downloads->dates = get->mtime;
	downloads->only = media_kind_parse(get->only);
	downloads->indexes = get->indexes;
	downloads->n_indexes = get->n_indexes;
	downloads->jobs = get->jobs ? get->jobs : JOBS_DEFAULT;
	downloads->parallel = parallel_make(downloads->jobs, setup->dq->now.mono_ms);
	if (open_parts(downloads, get, err)) {
		downloads_free(downloads);
		return err->kind;
	}
	*ret_downloads = downloads;
	return ERR_OK;
}

void downloads_stop(struct downloads *downloads)
{
	for (size_t i = 0; i < downloads->n; i++)
		if (downloads->all[i] && downloads->all[i]->request)
			net_cancel(downloads->all[i]->request);
}

/* A cancelled transfer still calls back once; nobody may be gone before that. */
static void cancel_transfers(struct downloads *downloads)
{
	struct err err;

	downloads_stop(downloads);
	for (int i = 0; i < 100 && downloads->n_fetching > 0; i++)
		if (net_step(downloads->dq->net, 0, &err))
			return;
}

void downloads_free(struct downloads *downloads)
{
	if (!downloads)
		return;
	/* First: their jobs are of the rest. */
	workers_free(downloads->writing_workers);
	workers_free(downloads->workers);
	downloads->writing_workers = downloads->workers = NULL;
	stage_free(downloads->sums);
	stage_free(downloads->disk);
	group_commit_stop(downloads->commits);
	extras_tell_dropped(downloads);
	sidecars_free(downloads->sidecars);
	hooks_free(downloads->hooks);
	cancel_transfers(downloads);
	task_files_free_all(downloads);
	blocks_free(downloads->blocks);
	free(downloads->all);
	free(downloads->free_places);
	for (size_t i = 0; i < DOWNLOAD_QUEUES; i++)
		heap_release(&downloads->queues[i]);
	sink_free(downloads->sink);
	sinks_free(downloads->sinks);
	free(downloads);
}

/* --- going on ----------------------------------------------------------------------- */

static bool has_place(const struct downloads *downloads)
{
	const unsigned n_begun = downloads->n_claimed + downloads->n_fetching;

	return n_begun < downloads->parallel.allowed &&
	    n_begun + downloads->n_finishing < downloads->jobs + DOWNLOAD_FINISHING_MAX;
}

static void adapt_to_line(struct downloads *downloads)
{
	const struct parallel_seen seen = {
		.now_ms = downloads->dq->now.mono_ms,
		.came_bytes = downloads->came_bytes,
		.ended = downloads->n_transfers,
		.took_ms = downloads->took_ms,
		.running = downloads->n_fetching,
		.others_wait = !downloads->is_held && download_others_wait(downloads),
	};

	parallel_step(&downloads->parallel, &seen);
}

/* All of its task, since one poll brings them. */
static void renew_link(struct download *d)
{
	if (d->files->no_links) {
		download_want_link(d); /* its end */
		return;
	}
	for (struct download *of = d->files->first; of; of = of->next)
		if (of->state == DOWNLOAD_OLD_LINK)
			download_want_link(of);
}

/*
 * When the stock of links runs low, those of a whole request, and no more: if all were
 * renewed at once, most would die waiting again.
 */
static void renew_links(struct downloads *downloads)
{
	const struct heap *queues = downloads->queues;
	const struct heap_entry *first;

	if (queues[DOWNLOAD_READY].len + queues[DOWNLOAD_NO_LINK].len >=
	    2 * (size_t)downloads->jobs)
		return;
	for (int i = 0;
	     i < DOWNLOAD_RENEW_TASKS && (first = heap_first(&queues[DOWNLOAD_OLD_LINK]));
	     i++)
		renew_link(downloads->all[first->value]);
}

/*
 * The disk waits for the ledger's thread: whoever is written down there goes on to the
 * disk, and does so together with who came meanwhile. Two that worked at the same time
 * would each have half of them, and more syncs and pages to write for the same files.
 */
static void step_stages(struct downloads *downloads)
{
	stage_step(downloads->sums);
	if (downloads->n_writing == 0)
		stage_step(downloads->disk);
}

static void end_rest(struct download *d)
{
	if (d->waits_for_link)
		download_want_link(d);
	else
		download_ready(d);
}

/* A claim may come to nothing, and then there is place for another. */
static void begin_ready(struct downloads *downloads)
{
	const struct heap *ready = &downloads->queues[DOWNLOAD_READY];
	const struct heap_entry *first;

	do {
		while (downloads->n_claimed < CLAIMS_MAX && has_place(downloads) &&
		    !downloads->has_told_end && (first = heap_first(ready)))
			claim_start(downloads->all[first->value]);
		if (downloads->n_claimed == 0)
			return;
		claims_go_on(downloads);
	} while (true);
}

void downloads_step(struct downloads *downloads, bool may_begin)
{
	const int64_t now_ms = downloads->dq->now.mono_ms;
	const struct heap *queues = downloads->queues;
	const struct heap_entry *first;

	downloads->is_held = !may_begin;
	adapt_to_line(downloads);
	if (!may_begin) {
		if (downloads->is_time_up && !downloads->perseveres)
			task_files_give_up_waiting(downloads);
		return;
	}
	while ((first = heap_first(&queues[DOWNLOAD_LATER])) && first->key <= now_ms)
		end_rest(downloads->all[first->value]);
	begin_ready(downloads);
	renew_links(downloads);
	step_stages(downloads);
}

/* What files need of the ledger now goes into one transaction. */
void downloads_collect(struct downloads *downloads)
{
	group_commit_hold(downloads->commits);
	(void)workers_collect(downloads->writing_workers);
	(void)workers_collect(downloads->workers);
	extras_step(downloads);
	group_commit_go_on(downloads->commits);
	step_stages(downloads);
}

int64_t downloads_next_ms(const struct downloads *downloads)
{
	const struct heap *queues = downloads->queues;
	const struct heap_entry *later = heap_first(&queues[DOWNLOAD_LATER]);

	if (heap_first(&queues[DOWNLOAD_READY]) && has_place(downloads))
		return 0;
	return later ? later->key : INT64_MAX;
}

int64_t downloads_collect_next_ms(const struct downloads *downloads)
{
	return downloads->hooks
	    ? hooks_next_ms(downloads->hooks, downloads->dq->now.mono_ms)
	    : INT64_MAX;
}

void downloads_time_is_up(struct downloads *downloads)
{
	downloads->is_time_up = true;
}

void downloads_task_ended(struct downloads *downloads, const char *submit_id)
{
	if (downloads->sidecars)
		sidecars_renew(downloads->sidecars, submit_id);
}

/* --- what has happened ------------------------------------------------------------ */

static bool tell(struct err *why, enum downloads_what what, struct downloads_told *ret)
{
	if (!why->kind)
		return false;
	*ret = (struct downloads_told){ .what = what, .why = *why, .bytes = -1 };
	*why = (struct err){ .kind = ERR_OK };
	return true;
}

static bool tell_of_task(struct downloads *downloads, struct downloads_told *ret)
{
	struct task_files *files = TAILQ_FIRST(&downloads->moved);

	if (!files)
		return false;
	*ret = (struct downloads_told){ .key = files->key };
	if (files->wants_link) {
		files->wants_link = false;
		ret->what = DOWNLOADS_LINK_WANTED;
	} else {
		files->has_moved = false;
		ret->what = DOWNLOADS_TASK_MOVED;
	}
	if (!files->wants_link && !files->has_moved) {
		files->is_listed = false;
		TAILQ_REMOVE(&downloads->moved, files, others);
	}
	return true;
}

bool downloads_told(struct downloads *downloads, struct downloads_told *ret_told)
{
	if (tell(&downloads->cant_go_on, DOWNLOADS_CANT_GO_ON, ret_told) ||
	    tell(&downloads->worst, DOWNLOADS_TROUBLE, ret_told) ||
	    tell(&downloads->in_the_way, DOWNLOADS_IN_THE_WAY, ret_told))
		return true;
	if (tell(&downloads->no_room, DOWNLOADS_NO_ROOM, ret_told)) {
		ret_told->bytes = downloads->missing_bytes;
		return true;
	}
	return tell_of_task(downloads, ret_told);
}

/* --- what is asked of all of them ------------------------------------------------- */

bool downloads_have_enough(const struct downloads *downloads)
{
	return downloads->queues[DOWNLOAD_READY].len >= DOWNLOAD_AHEAD_MAX;
}

unsigned downloads_active(const struct downloads *downloads)
{
	return downloads->n_fetching + downloads->n_finishing;
}

bool downloads_have_jobs(const struct downloads *downloads)
{
	return workers_busy(downloads->workers) > 0 ||
	    workers_busy(downloads->writing_workers) > 0 || downloads->n_writing > 0;
}

bool downloads_are_busy(const struct downloads *downloads)
{
	return downloads_have_jobs(downloads) || extras_are_busy(downloads);
}

bool downloads_run_commands(const struct downloads *downloads)
{
	return downloads->hooks && hooks_are_busy(downloads->hooks);
}

int64_t downloads_free_bytes(const struct downloads *downloads)
{
	return sink_free_bytes(downloads->sink);
}

bool downloads_want(
    const struct downloads *downloads, const struct task *task, const struct asset *asset)
{
	return download_is_wanted(downloads, task, asset);
}

bool downloads_have(const struct downloads *downloads, const struct asset *asset)
{
	return download_is_stored(downloads, asset);
}

bool downloads_are_stored(const struct downloads *downloads, const struct task *task)
{
	for (size_t i = 0; i < task->n_assets; i++) {
		const struct asset *asset = &task->assets[i];

		if (asset->state != ASSET_LOST &&
		    download_is_wanted(downloads, task, asset) &&
		    !download_is_here(downloads, asset))
			return false;
	}
	return task->n_assets > 0;
}

bool downloads_are_here(const struct downloads *downloads, const struct task *task)
{
	for (size_t i = 0; i < task->n_assets; i++)
		if (task->assets[i].state != ASSET_LOST &&
		    download_is_wanted(downloads, task, &task->assets[i]) &&
		    !download_is_stored(downloads, &task->assets[i]))
			return false;
	return task->n_assets > 0;
}
