/*
 * claim.c - becoming the one who fetches a file: the lock of its partial,
 * what the ledger says under that lock, and where the bytes shall come from.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/fs.h"
#include "core/download_parts.h"

enum {
	BUSY_POLL_MS = 250, /* somebody else holds the partial: doubles ... */
	BUSY_POLL_MAX_MS = 2000, /* ... up to this */
};

/* What other processes and earlier runs did to this asset, asked under the lock. */
static enum err_kind refresh(struct download *d, struct err *err)
{
	const struct dq *dq = d->engine->dq;
	_cleanup_(task_freep) struct task *known = NULL;
	struct task *task = d->item->task;
	struct asset *asset = download_asset(d);

	if (ledger_find(dq->ledger, dq->profile, task->submit_id, &known, err))
		return err->kind;
	for (size_t i = 0; known && i < known->n_assets; i++) {
		const struct asset *fresh = &known->assets[i];

		if (fresh->index != d->index)
			continue;
		asset->state = fresh->state;
		asset->path = arena_strdup(&task->arena, fresh->path);
		asset->stored_bytes = fresh->stored_bytes;
		asset->sha256 = arena_strdup(&task->arena, fresh->sha256);
		/* Another process may have begun the file anew. */
		if (!d->validator || !fresh->etag || strcmp(d->validator, fresh->etag))
			d->object_bytes = -1;
		download_set_validator(d, fresh->etag ? strdup(fresh->etag) : NULL);
		d->is_noted = d->validator != NULL;
	}
	return ERR_OK;
}

/* Killed between the rename and the ledger's fact: is it the file that was meant? */
static enum err_kind settle_fetched(
    struct download *d, bool *ret_is_home, struct err *err)
{
	const struct dq *dq = d->engine->dq;
	struct asset *asset = download_asset(d);
	bool matches = false;

	*ret_is_home = false;
	if (!asset->path || !asset->sha256 || !fs_exists(asset->path))
		return ERR_OK;
	if (file_matches(
		asset->path, (uint64_t)asset->stored_bytes, asset->sha256, &matches, err))
		return err->kind;
	if (!matches)
		return ERR_OK;
	if (ledger_asset_stored(dq->ledger, dq->profile, d->item->task->submit_id,
		d->index, clock_unix_ms(), err))
		return err->kind;
	asset->state = ASSET_STORED;
	*ret_is_home = true;
	return ERR_OK;
}

/* True: nothing is left to fetch, or it went wrong; the download has moved on. */
static bool is_settled(struct download *d)
{
	const struct downloads *downloads = d->engine->downloads;
	const struct asset *asset = download_asset(d);
	bool is_home = false;
	struct err err;

	if (refresh(d, &err)) {
		download_failed(d, &err);
		return true;
	}
	if (asset->state == ASSET_FETCHED && settle_fetched(d, &is_home, &err)) {
		download_failed(d, &err);
		return true;
	}
	if (!download_is_at_home(asset))
		return false;
	if (!download_is_below_sink(downloads, asset) && d->may_not_copy)
		return false;
	if (!download_is_below_sink(downloads, asset)) {
		d->is_copy = true;
		finish_start(d);
		return true;
	}
	partial_discard(d->partial);
	d->partial = NULL;
	d->have_bytes = 0;
	if (is_home)
		finish_tell(d);
	download_home(d);
	return true;
}

bool download_link_is_old(const struct download *d, const struct asset *asset)
{
	const int64_t now_s = session_server_unix_ms(d->engine->dq) / 1000;

	return asset->expires_unix &&
	    asset->expires_unix < now_s + DOWNLOAD_LINK_MARGIN_S;
}

static bool has_it_all(const struct download *d, const struct asset *asset)
{
	if (asset->state == ASSET_FETCHED && asset->stored_bytes > 0 &&
	    d->have_bytes == (uint64_t)asset->stored_bytes)
		return true;
	return transfer_has_all(d);
}

static void fetch(struct download *d)
{
	struct downloads *downloads = d->engine->downloads;
	const struct asset *asset = download_asset(d);
	const struct err gone = { .kind = ERR_GONE,
		.msg = "the service gives no link to it any more" };
	struct err err;

	if (has_it_all(d, asset)) {
		finish_start(d);
		return;
	}
	if (!asset->url) {
		download_failed(d, &gone);
		return;
	}
	/* When a second link in a row comes dead, it is tried all the same: clocks are
	 * wrong more often than the service hands out dead links. */
	if (d->dead_arrivals < 2 && download_link_is_old(d, asset)) {
		download_release(d);
		download_enter(d, DOWNLOAD_OLD_LINK, 0);
		return;
	}
	if (transfer_start(d, &err)) {
		download_failed(d, &err);
		return;
	}
	download_enter(d, DOWNLOAD_FETCHING, 0);
	downloads->n_fetching++;
	d->engine->dq->totals.files_active++;
}

static void wait_for_other(struct download *d)
{
	int64_t delay_ms = BUSY_POLL_MS;

	for (unsigned i = 0; i < d->busy_elsewhere && delay_ms < BUSY_POLL_MAX_MS; i++)
		delay_ms *= 2;
	d->busy_elsewhere++;
	download_later(d, delay_ms);
}

void claim_start(struct download *d)
{
	enum err_kind kind;
	char key[80];
	struct err err;

	if (d->engine->is_time_up) {
		download_out_of_time(d);
		return;
	}
	if (!download_asset(d)) {
		err_set(&err, ERR_GONE, "the service does not list it any more");
		download_failed(d, &err);
		return;
	}
	(void)snprintf(key, sizeof(key), "%s.%d", d->item->task->submit_id, d->index);
	kind = partial_begin(
	    d->engine->downloads->sink, key, &d->partial, &d->have_bytes, &err);
	if (kind == ERR_BUSY) {
		wait_for_other(d);
	} else if (kind) {
		download_failed(d, &err);
	} else {
		d->busy_elsewhere = 0;
		if (d->have_bytes > d->mark_bytes)
			d->mark_bytes = d->have_bytes;
		if (!is_settled(d))
			fetch(d);
	}
}
