#include "core/download.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/fs.h"
#include "core/download_parts.h"
#include "core/pause.h"
#include "store/name.h"

enum {
	JOBS_DEFAULT = 8,
	JOBS_MAX = 64, /* dreamq.h */
	PROGRESS_MIN = 64 << 10, /* bytes that count as progress since the last failure */
};

enum err_kind downloads_new(struct engine *engine, struct err *err)
{
	const struct dq_get *get = &engine->get;
	struct downloads *downloads = calloc(1, sizeof(*downloads));

	if (!downloads)
		return err_set(err, ERR_NOMEM, "out of memory");
	engine->downloads = downloads;
	downloads->template = get->name_template ? get->name_template : NAME_TEMPLATE;
	downloads->jobs = get->jobs ? get->jobs : JOBS_DEFAULT;
	if (downloads->jobs > JOBS_MAX)
		return err_set(err, ERR_USAGE, "%u downloads at once are more than %d",
		    get->jobs, JOBS_MAX);
	if (name_check(downloads->template, err))
		return err->kind;
	return sink_open(get->sink ? get->sink : ".", &downloads->sink, err);
}

static void download_free(struct download *d)
{
	if (!d)
		return;
	partial_close(d->partial);
	free(d->validator);
	free(d->uri);
	free(d->name);
	free(d->path);
	free(d);
}

/* A cancelled transfer still calls back once; nobody may be gone before that. */
static void cancel_transfers(struct engine *engine)
{
	struct downloads *downloads = engine->downloads;
	struct err err;

	for (size_t i = 0; i < downloads->n; i++)
		if (downloads->all[i] && downloads->all[i]->request)
			net_cancel(downloads->all[i]->request);
	for (int i = 0; i < 100 && downloads->n_fetching > 0; i++)
		if (net_step(engine->dq->net, 0, &err))
			return;
}

void downloads_free(struct engine *engine)
{
	struct downloads *downloads = engine->downloads;

	if (!downloads)
		return;
	cancel_transfers(engine);
	for (size_t i = 0; i < downloads->n; i++)
		download_free(downloads->all[i]);
	free(downloads->all);
	free(downloads->free_places);
	heap_release(&downloads->ready);
	heap_release(&downloads->later);
	sink_free(downloads->sink);
	free(downloads);
	engine->downloads = NULL;
}

struct asset *download_asset(const struct download *d)
{
	const struct task *task = d->item->task;

	for (size_t i = 0; task && i < task->n_assets; i++)
		if (task->assets[i].index == d->index)
			return &task->assets[i];
	return NULL;
}

void download_set_validator(struct download *d, char *take)
{
	free(d->validator);
	d->validator = take;
}

void download_release(struct download *d)
{
	if (d->partial && d->have_bytes == 0)
		partial_discard(d->partial);
	else
		partial_close(d->partial);
	d->partial = NULL;
}

static void drop_bytes(struct download *d)
{
	partial_discard(d->partial);
	d->partial = NULL;
	d->have_bytes = d->mark_bytes = 0;
}

/* An asset that the last look did not show goes first, and learns so in claim.c. */
static void make_ready(struct download *d)
{
	const struct asset *asset = download_asset(d);

	d->state = DOWNLOAD_READY;
	heap_set(&d->engine->downloads->ready, d->place, asset ? asset->expires_unix : 0);
}

void download_later(struct download *d, int64_t delay_ms)
{
	d->state = DOWNLOAD_LATER;
	heap_set(&d->engine->downloads->later, d->place, clock_mono_ms() + delay_ms);
}

static void close_file(struct download *d, enum download_state state)
{
	d->state = state;
	d->item->files_open--;
	engine_conclude_if_done(d->engine, d->item);
}

/* That it is lost is found out again when there is room; forgotten, it does not matter.
 */
static void could_not_note(struct engine *engine, const struct err *why)
{
	if (why->kind == ERR_NOSPACE)
		pause_for_disk(engine, why, -1);
	else if (why->kind != ERR_NOT_FOUND)
		engine_abort(engine, why);
}

/* Its reason goes to the item; only what the service denies for good is noted as lost. */
static void give_up(struct download *d, const struct err *why)
{
	struct engine *engine = d->engine;
	struct dq *dq = engine->dq;
	struct err outcome = *why, err;

	err_note(&outcome, "file %d of task '%s'", d->index, d->item->id);
	if (why->kind == ERR_GONE &&
	    ledger_asset_lost(dq->ledger, dq->profile, d->item->task->submit_id, d->index,
		why->msg, &err))
		could_not_note(engine, &err);
	if (engine_is_worse(&outcome, &d->item->trouble))
		d->item->trouble = outcome;
	session_note(dq, "%s", outcome.msg);
	close_file(d, DOWNLOAD_GIVEN_UP);
}

static void want_link(struct download *d)
{
	struct engine *engine = d->engine;

	if (d->item->looks_are_over) {
		give_up(
		    d, engine->looks_over.kind ? &engine->looks_over : &d->item->trouble);
		return;
	}
	d->state = DOWNLOAD_NO_LINK;
	sched_hurry(engine->sched, d->item->key, clock_mono_ms());
}

/* Its new owner fetches it; a look of ours, once we are the owner again, revives it. */
static void let_go(struct download *d)
{
	close_file(d, DOWNLOAD_LET_GO);
}

void downloads_let_go(struct engine *engine, struct item *item)
{
	struct downloads *downloads = engine->downloads;

	item->files_open++;
	for (struct download *d = item->downloads; d; d = d->next) {
		if (d->state != DOWNLOAD_READY && d->state != DOWNLOAD_LATER &&
		    d->state != DOWNLOAD_NO_LINK)
			continue;
		heap_remove(&downloads->ready, d->place);
		heap_remove(&downloads->later, d->place);
		let_go(d);
	}
	item->files_open--;
	item->is_final = false; /* its new owner says so */
}

/* The disk is in the way of every file: end in order, keeping all that is there. */
static void stop_all(struct engine *engine, const struct err *why)
{
	struct downloads *downloads = engine->downloads;

	engine_end_looks(engine, why);
	for (size_t i = 0; i < downloads->n; i++) {
		struct download *d = downloads->all[i];

		if (!d)
			continue;
		if (d->state == DOWNLOAD_READY || d->state == DOWNLOAD_LATER) {
			heap_remove(&downloads->ready, d->place);
			heap_remove(&downloads->later, d->place);
			give_up(d, why);
		}
	}
}

/*
 * A watch tries each file again after its rest; only without the ledger, or without
 * memory, it can't go on.
 */
static void stop(struct engine *engine, const struct err *why)
{
	if (engine->goal != GOAL_WATCH)
		stop_all(engine, why);
	else if (why->kind != ERR_IO)
		engine_abort(engine, why);
}

void download_failed(struct download *d, const struct err *why)
{
	struct engine *engine = d->engine;
	int64_t delay_ms = 0;

	if (d->have_bytes >= d->mark_bytes + PROGRESS_MIN)
		d->counts = (struct retry_counts){ .restarts = d->counts.restarts };
	d->mark_bytes = d->have_bytes;
	d->last_failure = *why;
	if (why->kind == ERR_CONTRACT)
		drop_bytes(d); /* nothing is built upon what proved wrong */
	if (d->item->role == ITEM_FOLLOWED) {
		download_release(d);
		let_go(d);
		return;
	}
	switch (retry_download(&d->counts, why, engine_random(engine), &delay_ms)) {
	case RETRY_LATER:
		download_release(d);
		if (engine->is_time_up)
			give_up(d, why);
		else
			download_later(d, delay_ms);
		return;
	case RETRY_RESTART:
	case RETRY_RENEW:
		download_release(d);
		want_link(d);
		return;
	case RETRY_ROOM:
		pause_for_disk(engine, why,
		    d->total_bytes > 0 ? d->total_bytes - (int64_t)d->have_bytes : -1);
		download_release(d);
		if (!engine->is_time_up) {
			download_later(d, 0);
			return;
		}
		give_up(d, why);
		stop_all(engine, why);
		return;
	case RETRY_STOP_ALL:
		download_release(d);
		give_up(d, why);
		stop(engine, why);
		return;
	case RETRY_GIVE_UP:
		download_release(d);
		give_up(d, why);
		return;
	}
}

void download_home(struct download *d)
{
	struct dq *dq = d->engine->dq;

	dq->totals.files_stored++;
	close_file(d, DOWNLOAD_HOME);
}

/* --- what a look brings --------------------------------------------------- */

bool download_is_at_home(const struct asset *asset)
{
	return asset->state == ASSET_STORED && asset->path &&
	    fs_size(asset->path) == asset->stored_bytes;
}

/* Below the folder the user named, so that he finds it there? */
bool download_is_below_sink(const struct downloads *downloads, const struct asset *asset)
{
	const char *root = sink_root(downloads->sink);
	const size_t len = strlen(root);

	return strncmp(asset->path, root, len) == 0 &&
	    (asset->path[len] == '/' || (len && root[len - 1] == '/'));
}

bool downloads_are_home(const struct engine *engine, const struct task *task)
{
	for (size_t i = 0; i < task->n_assets; i++) {
		const struct asset *asset = &task->assets[i];

		if (asset->state != ASSET_LOST &&
		    !(download_is_at_home(asset) &&
			download_is_below_sink(engine->downloads, asset)))
			return false;
	}
	return task->n_assets > 0;
}

unsigned downloads_active(const struct engine *engine)
{
	return engine->downloads
	    ? engine->downloads->n_fetching + engine->downloads->n_finishing
	    : 0;
}

const char *downloads_folder(const struct engine *engine)
{
	return engine->downloads ? sink_root(engine->downloads->sink) : NULL;
}

static struct download *find(const struct item *item, int index)
{
	struct download *d = item->downloads;

	while (d && d->index != index)
		d = d->next;
	return d;
}

static bool make_room(struct downloads *downloads)
{
	const size_t room = downloads->room ? downloads->room * 2 : 64;
	struct download **all;
	size_t *places;

	if (downloads->n_free > 0)
		return true;
	if (downloads->n == downloads->room) {
		all = realloc(downloads->all, room * sizeof(struct download *));
		if (all)
			downloads->all = all;
		places = realloc(downloads->free_places, room * sizeof(*places));
		if (places)
			downloads->free_places = places;
		if (!all || !places)
			return false;
		downloads->room = room;
	}
	return heap_reserve(&downloads->ready, downloads->n + 1) &&
	    heap_reserve(&downloads->later, downloads->n + 1);
}

/* The analyzer of gcc 12 loses sight of what is stored in a list. */
#ifndef __clang__
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wanalyzer-malloc-leak"
#endif
static struct download *add(struct engine *engine, struct item *item, int index)
{
	struct downloads *downloads = engine->downloads;
	struct download *d = calloc(1, sizeof(*d));

	if (!d || !make_room(downloads)) {
		free(d);
		return NULL;
	}
	d->engine = engine;
	d->item = item;
	d->index = index;
	d->total_bytes = -1;
	d->place = downloads->n_free > 0 ? downloads->free_places[--downloads->n_free]
					 : downloads->n++;
	d->next = item->downloads;
	item->downloads = d;
	downloads->all[d->place] = d;
	item->files_open++;
	engine->dq->totals.files++;
	return d;
}

void downloads_forget(struct engine *engine, struct item *item)
{
	struct downloads *downloads = engine->downloads;

	while (item->downloads) {
		struct download *d = item->downloads;

		item->downloads = d->next;
		downloads->all[d->place] = NULL;
		downloads->free_places[downloads->n_free++] = d->place;
		download_free(d);
	}
}

static void sync_asset(
    struct engine *engine, struct item *item, const struct asset *asset)
{
	struct download *d = find(item, asset->index);
	const struct err gone = { .kind = ERR_GONE,
		.msg = "the service gives no link to it any more" };
	struct err err;

	if (!d) {
		d = add(engine, item, asset->index);
		if (!d) {
			err_set(&err, ERR_NOMEM, "out of memory for %zu files",
			    engine->downloads->n);
			engine_abort(engine, &err);
			return;
		}
		if (download_is_at_home(asset) &&
		    download_is_below_sink(engine->downloads, asset)) {
			download_home(d);
			return;
		}
		d->state = DOWNLOAD_NO_LINK;
	}
	if (d->state == DOWNLOAD_LET_GO) {
		d->state = DOWNLOAD_NO_LINK;
		item->files_open++;
	}
	if (d->state != DOWNLOAD_NO_LINK)
		return;
	if (asset->url || download_is_at_home(asset))
		make_ready(d);
	else
		download_failed(d, &gone);
}

#ifndef __clang__
#pragma GCC diagnostic pop
#endif

void downloads_sync(struct engine *engine, struct item *item)
{
	/* The item may end inside, when its last open file does: its task is gone then.
	 */
	item->files_open++;
	for (size_t i = 0; i < item->task->n_assets; i++)
		sync_asset(engine, item, &item->task->assets[i]);
	item->files_open--;
}

/* For time, or for room on the disk? */
static bool waits(const struct download *d)
{
	return d->state == DOWNLOAD_LATER ||
	    (d->state == DOWNLOAD_READY && pause_holds_downloads(d->engine));
}

/* No link will come; and when the time is up, nothing is waited for at all. */
void downloads_orphan(struct engine *engine, struct item *item, const struct err *why)
{
	item->files_open++;
	for (struct download *d = item->downloads; d; d = d->next) {
		if (d->state == DOWNLOAD_NO_LINK)
			give_up(d, why);
		if (!engine->is_time_up || !waits(d))
			continue;
		heap_remove(&engine->downloads->later, d->place);
		heap_remove(&engine->downloads->ready, d->place);
		give_up(d,
		    d->busy_elsewhere || !d->last_failure.kind ? why : &d->last_failure);
	}
	item->files_open--;
}

static bool may_begin(const struct downloads *downloads)
{
	return downloads->n_fetching < downloads->jobs &&
	    downloads->n_fetching + downloads->n_finishing <
	    downloads->jobs + DOWNLOAD_FINISHING_MAX;
}

void downloads_start(struct engine *engine, int64_t now_ms)
{
	struct downloads *downloads = engine->downloads;
	const struct heap_entry *first;

	while ((first = heap_first(&downloads->later)) && first->key <= now_ms) {
		struct download *d = downloads->all[first->value];

		heap_remove(&downloads->later, d->place);
		make_ready(d);
	}
	while (may_begin(downloads) && !engine->fatal.kind &&
	    (first = heap_first(&downloads->ready))) {
		struct download *d = downloads->all[first->value];

		heap_remove(&downloads->ready, d->place);
		claim_start(d);
	}
}

int64_t downloads_next_ms(const struct engine *engine)
{
	const struct downloads *downloads = engine->downloads;
	const struct heap_entry *later = heap_first(&downloads->later);

	if (heap_first(&downloads->ready) && may_begin(downloads))
		return 0;
	return later ? later->key : INT64_MAX;
}
