/*
 * claim.c - becoming the one who fetches a file: the lock of its partial, what the
 * ledger says under that lock (of all that have got theirs in one step of the loop, at
 * once), and where the bytes shall come from.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/say.h"
#include "core/account/totals.h"
#include "core/download/file.h"
#include "core/download/variant_note.h"
#include "core/policy/backoff.h"

enum { CLAIMS_BYTES_MAX = 16 << 20 }; /* of what the ledger has of them */

/* What other processes and earlier runs did to this asset. */
static void refresh(struct download *d, const struct asset *fresh)
{
	struct task *task = d->files->task;
	struct asset *asset = download_asset(d);
	const bool is_other = variant_is_other(fresh->etag, asset->object);
	const char *validator = variant_validator(fresh->etag, asset->object);

	asset->state = fresh->state;
	asset->path = arena_strdup(&task->arena, fresh->path);
	asset->stored_bytes = fresh->stored_bytes;
	asset->sha256 = arena_strdup(&task->arena, fresh->sha256);
	asset->choice = arena_strdup(&task->arena, fresh->choice);
	/* Bytes of another variant are none of this one. */
	asset->synced_bytes = is_other ? 0 : fresh->synced_bytes;
	asset->synced_sha256 = arena_strdup(&task->arena, fresh->synced_sha256);
	/* Another process may have begun the file anew. */
	if (!d->validator || !validator || strcmp(d->validator, validator) != 0)
		d->object_bytes = -1;
	download_set_validator(d, validator ? strdup(validator) : NULL);
	d->is_noted = fresh->etag != NULL;
}

bool download_link_is_old(const struct download *d, const struct asset *asset)
{
	const int64_t now_s = session_server_unix_ms(d->downloads->dq) / 1000;

	return asset->expires_unix &&
	    asset->expires_unix < now_s + DOWNLOAD_LINK_MARGIN_S;
}

ANALYZER_LOSES_SIGHT
static bool copy_to(char **place, const char *text)
{
	free(*place);
	*place = text ? strdup(text) : NULL;
	return !text || *place;
}

ANALYZER_SEES_AGAIN

/* Of what the bytes are that are here, or come now. */
static enum err_kind keep_names(
    struct download *d, const struct asset *asset, struct err *err)
{
	if (!copy_to(&d->uri, asset->uri) || !copy_to(&d->object, asset->object))
		return err_set(err, ERR_NOMEM, "out of memory");
	return ERR_OK;
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
	struct downloads *downloads = d->downloads;
	const struct asset *asset = download_asset(d);
	const struct err gone = { .kind = ERR_GONE,
		.msg = N_("the service gives no link to it any more") };
	struct err err;

	if (keep_names(d, asset, &err)) {
		download_failed(d, &err);
		return;
	}
	if (has_it_all(d, asset)) {
		finish_start(d);
		return;
	}
	if (!asset->url && d->files->task->is_missed) {
		download_release(d);
		download_want_link(d);
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
	totals_fetch_began(d->downloads->dq);
}

/* --- what is here already --------------------------------------------------------- */

/* The partial is looked through. To the end that is left: nothing, a copy, a transfer. */
static void go_on(struct download *d)
{
	const struct downloads *downloads = d->downloads;
	const struct asset *asset = download_asset(d);

	if (asset->md5)
		partial_want_md5(d->partial);
	checkpoint_begin(d);
	if (d->have_bytes > d->mark_bytes)
		d->mark_bytes = d->have_bytes;
	if (!download_is_stored(downloads, asset) ||
	    (d->may_not_copy && !download_is_below_sink(downloads, asset))) {
		fetch(d);
	} else if (download_is_below_sink(downloads, asset)) {
		partial_discard(d->partial);
		d->partial = NULL;
		d->have_bytes = 0;
		download_stored(d);
	} else {
		d->is_copy = true;
		finish_start(d);
	}
}

/* Elsewhere than below this run's folder: a copy follows. */
static void was_stored_elsewhere(struct download *d)
{
	d->downloads->n_finishing--;
	d->is_stored = false;
	if (d->trouble.kind) {
		download_failed(d, &d->trouble);
		return;
	}
	download_asset(d)->state = ASSET_STORED;
	go_on(d);
}

static struct download *download_of(struct job *job)
{
	return (struct download *)job;
}

static void run_inspect(struct job *job)
{
	struct download *d = download_of(job);

	if (d->is_fetched &&
	    stored_settle(d->downloads->sinks, d->path, d->sealed.size_bytes,
		d->sealed.sha256, &d->is_stored, &d->trouble))
		return;
	if (!d->is_stored && !d->is_resealed)
		(void)partial_trust(
		    d->partial, &d->checkpoint.synced, &d->have_bytes, &d->trouble);
}

static void done_inspect(struct job *job)
{
	struct download *d = download_of(job);
	const struct asset *asset = download_asset(d);

	if (!d->trouble.kind && !asset)
		err_set(&d->trouble, ERR_GONE, "the service does not list it any more");
	if (!d->trouble.kind && d->is_stored &&
	    download_is_below_sink(d->downloads, asset)) {
		finish_named(d);
		return;
	}
	if (!d->trouble.kind && d->is_stored) {
		download_write_down(d, ASSET_STORED, was_stored_elsewhere);
		return;
	}
	d->downloads->n_finishing--;
	if (d->trouble.kind)
		download_failed(d, &d->trouble);
	else
		go_on(d);
}

/*
 * Killed between the rename and the ledger's fact: is it the file that was meant? And
 * what of the partial was written, and is on the disk? Both take reading: on a worker.
 */
static enum err_kind inspect(struct download *d, struct err *err)
{
	const struct asset *asset = download_asset(d);
	const bool has_intent =
	    asset->state == ASSET_FETCHED && asset->path && asset->sha256;

	d->is_stored = false;
	d->is_resealed = has_intent && d->have_bytes == (uint64_t)asset->stored_bytes;
	d->is_fetched = has_intent &&
	    stored_size(d->downloads->sinks, asset->path, asset->stored_bytes) >= 0;
	d->checkpoint.synced = (struct synced){ 0 };
	if (!d->is_fetched && d->have_bytes == 0) {
		go_on(d);
		return ERR_OK;
	}
	if (has_intent) {
		if (!copy_to(&d->path, asset->path) ||
		    !copy_to(&d->choice, asset->choice))
			return err_set(err, ERR_NOMEM, "out of memory");
		d->sealed.size_bytes = (uint64_t)asset->stored_bytes;
		(void)snprintf(
		    d->sealed.sha256, sizeof(d->sealed.sha256), "%s", asset->sha256);
	}
	if (asset->synced_bytes > 0 && asset->synced_sha256) {
		d->checkpoint.synced.size_bytes = (uint64_t)asset->synced_bytes;
		(void)snprintf(d->checkpoint.synced.sha256,
		    sizeof(d->checkpoint.synced.sha256), "%s", asset->synced_sha256);
	}
	download_enter(d, DOWNLOAD_FINISHING, 0);
	d->downloads->n_finishing++;
	d->trouble = (struct err){ .kind = ERR_OK };
	d->job.run = run_inspect;
	d->job.done = done_inspect;
	workers_post(d->downloads->workers, &d->job);
	return ERR_OK;
}

static void wait_for_other(struct download *d)
{
	download_later(d, backoff_ms(BACKOFF_BUSY_FILE, ++d->busy_elsewhere, 0));
}

/* A copy of what we have takes no time to speak of. */
static bool is_near(const struct download *d)
{
	const struct asset *asset = download_asset(d);

	return asset && !d->may_not_copy && download_is_stored(d->downloads, asset);
}

void claim_start(struct download *d)
{
	enum err_kind kind;
	char key[80];
	struct err err;

	if (d->downloads->is_time_up && !is_near(d)) {
		download_failed(d, &download_out_of_time);
		return;
	}
	if (!download_asset(d)) {
		err_set(&err, ERR_GONE, "the service does not list it any more");
		download_failed(d, &err);
		return;
	}
	d->checkpoint.is_trusted = false;
	(void)snprintf(key, sizeof(key), "%s.%d", d->files->task->submit_id, d->index);
	kind = partial_begin(d->downloads->sink, key, &d->partial, &d->have_bytes, &err);
	if (kind == ERR_BUSY) {
		wait_for_other(d);
	} else if (kind) {
		download_failed(d, &err);
	} else {
		d->busy_elsewhere = 0;
		download_enter(d, DOWNLOAD_CLAIMED, 0);
		d->downloads->claimed[d->downloads->n_claimed++] = d;
	}
}

static void go_on_with(struct download *d, const struct asset_known *known)
{
	struct err err;

	if (known->is_known)
		refresh(d, &known->asset);
	if (inspect(d, &err))
		download_failed(d, &err);
}

void claims_go_on(struct downloads *downloads)
{
	_cleanup_(arena_release) struct arena arena = arena_make(CLAIMS_BYTES_MAX);
	const struct dq *dq = downloads->dq;
	struct asset_known known[CLAIMS_MAX];
	const size_t n = downloads->n_claimed;
	struct err err = { .kind = ERR_OK };

	downloads->n_claimed = 0;
	for (size_t i = 0; i < n; i++) {
		const struct download *d = downloads->claimed[i];

		known[i] = (struct asset_known){ .submit_id = d->files->task->submit_id,
			.index = d->index };
	}
	(void)ledger_find_assets(dq->ledger, dq->profile, known, n, &arena, &err);
	for (size_t i = 0; i < n; i++) {
		if (err.kind)
			download_failed(downloads->claimed[i], &err);
		else
			go_on_with(downloads->claimed[i], &known[i]);
	}
}
