#include "core/download/download.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/fs.h"
#include "core/download/parts.h"
#include "store/name.h"

enum {
	JOBS_DEFAULT = 8,
	JOBS_MAX = 64, /* dreamq.h */
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
	checkpoint_last(d);
	partial_close(d->partial);
	transfer_end_comparing(d);
	free(d->validator);
	free(d->pinned_md5);
	free(d->uri);
	free(d->name);
	free(d->path);
	free(d);
}

void downloads_stop(struct engine *engine)
{
	const struct downloads *downloads = engine->downloads;

	for (size_t i = 0; i < downloads->n; i++)
		if (downloads->all[i] && downloads->all[i]->request)
			net_cancel(downloads->all[i]->request);
}

/* A cancelled transfer still calls back once; nobody may be gone before that. */
static void cancel_transfers(struct engine *engine)
{
	struct downloads *downloads = engine->downloads;
	struct err err;

	downloads_stop(engine);
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
	for (size_t i = 0; i < DOWNLOAD_QUEUES; i++)
		heap_release(&downloads->queues[i]);
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

void download_enter(struct download *d, enum download_state state, int64_t key)
{
	struct heap *queues = d->engine->downloads->queues;

	if (d->state < DOWNLOAD_QUEUES)
		heap_remove(&queues[d->state], d->place);
	d->state = state;
	if (state < DOWNLOAD_QUEUES)
		heap_set(&queues[state], d->place, key);
}

/* An asset that the last look did not show goes first, and learns so in claim.c. */
static void make_ready(struct download *d)
{
	const struct asset *asset = download_asset(d);

	download_enter(d, DOWNLOAD_READY, asset ? asset->expires_unix : 0);
}

void download_later(struct download *d, int64_t delay_ms)
{
	download_enter(d, DOWNLOAD_LATER, clock_mono_ms() + delay_ms);
}

void download_close(struct download *d, enum download_state state)
{
	download_enter(d, state, 0);
	d->item->files_open--;
	engine_conclude_if_done(d->engine, d->item);
}

void download_home(struct download *d)
{
	struct dq *dq = d->engine->dq;

	dq->totals.files_stored++;
	download_close(d, DOWNLOAD_HOME);
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

bool download_others_wait(const struct downloads *downloads)
{
	return downloads->queues[DOWNLOAD_READY].len > 0;
}

bool downloads_has_here(const struct engine *engine, const struct asset *asset)
{
	return download_is_at_home(asset) &&
	    download_is_below_sink(engine->downloads, asset);
}

bool downloads_are_home(const struct engine *engine, const struct task *task)
{
	for (size_t i = 0; i < task->n_assets; i++) {
		const struct asset *asset = &task->assets[i];

		if (asset->state != ASSET_LOST && !downloads_has_here(engine, asset))
			return false;
	}
	return task->n_assets > 0;
}

bool downloads_are_here(const struct task *task)
{
	for (size_t i = 0; i < task->n_assets; i++)
		if (task->assets[i].state != ASSET_LOST &&
		    !download_is_at_home(&task->assets[i]))
			return false;
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
	for (size_t i = 0; i < DOWNLOAD_QUEUES; i++)
		if (!heap_reserve(&downloads->queues[i], downloads->n + 1))
			return false;
	return true;
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
	d->total_bytes = d->object_bytes = -1;
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

static void take_link(struct download *d, const struct asset *asset)
{
	const struct err gone = { .kind = ERR_GONE,
		.msg = "the service gives no link to it any more" };

	d->dead_arrivals = download_link_is_old(d, asset) ? d->dead_arrivals + 1 : 0;
	if (d->state != DOWNLOAD_NO_LINK && d->state != DOWNLOAD_OLD_LINK &&
	    d->state != DOWNLOAD_READY)
		return;
	if (asset->url || download_is_at_home(asset))
		make_ready(d);
	else if (d->state == DOWNLOAD_NO_LINK)
		download_failed(d, &gone);
}

static void sync_asset(
    struct engine *engine, struct item *item, const struct asset *asset)
{
	struct download *d = find(item, asset->index);
	struct err err;

	if (!d) {
		d = add(engine, item, asset->index);
		if (!d) {
			err_set(&err, ERR_NOMEM, "out of memory for %zu files",
			    engine->downloads->n);
			engine_abort(engine, &err);
			return;
		}
		if (downloads_has_here(engine, asset)) {
			download_home(d);
			return;
		}
		download_enter(d, DOWNLOAD_NO_LINK, 0);
	}
	if (d->state == DOWNLOAD_LET_GO) {
		download_enter(d, DOWNLOAD_NO_LINK, 0);
		item->files_open++;
	}
	take_link(d, asset);
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

static bool may_begin(const struct downloads *downloads)
{
	return downloads->n_fetching < downloads->jobs &&
	    downloads->n_fetching + downloads->n_finishing <
	    downloads->jobs + DOWNLOAD_FINISHING_MAX;
}

/* All of its task, since one look brings them. */
static void renew_link(struct download *d)
{
	if (d->item->looks_are_over) {
		download_want_link(d); /* its end, and perhaps the item's */
		return;
	}
	for (struct download *of = d->item->downloads; of; of = of->next)
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

void downloads_start(struct engine *engine, int64_t now_ms)
{
	struct downloads *downloads = engine->downloads;
	const struct heap *queues = downloads->queues;
	const struct heap_entry *first;

	while ((first = heap_first(&queues[DOWNLOAD_LATER])) && first->key <= now_ms)
		make_ready(downloads->all[first->value]);
	while (may_begin(downloads) && !engine->fatal.kind &&
	    (first = heap_first(&queues[DOWNLOAD_READY])))
		claim_start(downloads->all[first->value]);
	renew_links(downloads);
}

int64_t downloads_next_ms(const struct engine *engine)
{
	const struct downloads *downloads = engine->downloads;
	const struct heap *queues = downloads->queues;
	const struct heap_entry *later = heap_first(&queues[DOWNLOAD_LATER]);

	if (heap_first(&queues[DOWNLOAD_READY]) && may_begin(downloads))
		return 0;
	return later ? later->key : INT64_MAX;
}
