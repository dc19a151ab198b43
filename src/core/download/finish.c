/*
 * finish.c - from "every byte is here" to "stored": what blocks on the disk runs on a
 * worker, or, when it is the ledger's, on its thread (write_down.c).
 *
 *   worker            loop                                      the ledger's thread
 *   (copy) seal  ──►  sizes and md5 as claimed? a name for it
 *   choose       ──────────────────────────────────────────►  fetched: the intent
 *   commit       ──►  sidecar.h
 *   sidecar      ──────────────────────────────────────────►  stored: the fact
 *                     the command of --exec
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/cleanup.h"
#include "core/common/view.h"
#include "core/download/extras.h"
#include "core/download/file.h"
#include "core/download/sidecar.h"
#include "store/name.h"

enum { CHOICES_MAX = 100 };

static struct download *download_of(struct job *job)
{
	return (struct download *)job;
}

static void post(
    struct download *d, void (*run)(struct job *), void (*done)(struct job *))
{
	d->trouble = (struct err){ .kind = ERR_OK };
	d->job.run = run;
	d->job.done = done;
	workers_post(d->downloads->workers, &d->job);
}

static void leave(struct download *d)
{
	d->downloads->n_finishing--;
}

static void fail(struct download *d)
{
	leave(d);
	download_failed(d, &d->trouble);
}

static void tell(struct download *d)
{
	const struct asset *asset = download_asset(d);
	_cleanup_(view_release) struct view view = { 0 };
	struct dq_asset shown = view_asset(asset);

	if (view_make(d->files->task, &view))
		session_emit(d->downloads->dq,
		    (struct dq_event){
			.type = DQ_EVENT_STORED, .task = &view.task, .asset = &shown });
	extras_post(d->downloads, d->files->task, asset);
}

/* --- the fact ---------------------------------------------------------------- */

static void run_choose(struct job *job);
static void done_choose(struct job *job);

/*
 * What the file is, and where, into the task as it is now: a poll may have brought
 * another one since, which was read before this was written down.
 */
static void describe(struct download *d, struct asset *asset)
{
	struct arena *arena = &d->files->task->arena;

	asset->path = arena_strdup(arena, d->path);
	asset->sha256 = arena_strdup(arena, d->sealed.sha256);
	asset->stored_bytes = (int64_t)d->sealed.size_bytes;
	if (d->sealed.type)
		asset->format = d->sealed.type->format;
	if (!asset->path || !asset->sha256)
		err_set(&d->trouble, ERR_NOMEM, "out of memory");
}

static void was_stored(struct download *d)
{
	struct asset *asset = download_asset(d);

	if (!d->trouble.kind)
		describe(d, asset);
	asset->state = d->trouble.kind ? ASSET_FETCHED : ASSET_STORED;
	if (d->trouble.kind) {
		fail(d);
		return;
	}
	if (d->is_stored) {
		partial_discard(d->partial);
		d->have_bytes = 0;
	} else {
		partial_close(d->partial);
	}
	d->partial = NULL;
	leave(d);
	tell(d);
	download_stored(d);
}

static void note_stored(void *payload, const struct err *why_no_sidecar)
{
	struct download *d = payload;

	/* A full disk is waited for, with this as with the file. */
	if (why_no_sidecar->kind == ERR_NOSPACE) {
		d->trouble = *why_no_sidecar;
		was_stored(d);
		return;
	}
	download_write_down(d, ASSET_STORED, was_stored);
}

void finish_named(struct download *d)
{
	const struct err no_sidecar_wanted = { .kind = ERR_OK };
	struct asset *asset = download_asset(d);

	describe(d, asset);
	if (!d->downloads->sidecars) {
		note_stored(d, &no_sidecar_wanted);
		return;
	}
	asset->state = ASSET_STORED; /* as its sidecar has it; the ledger follows */
	sidecar_post(d->downloads->sidecars, d->files->task, asset, note_stored, d);
}

static void run_commit(struct job *job)
{
	struct download *d = download_of(job);

	struct commit commit = {
		.partial = d->partial, .location = d->path, .sealed = &d->sealed
	};

	sink_flush(
	    d->downloads->sink, &(struct flush){ .commits = &commit, .n_commits = 1 });
	d->is_taken = commit.is_taken;
	d->trouble = commit.err;
}

static void done_commit(struct job *job)
{
	struct download *d = download_of(job);

	if (d->trouble.kind)
		fail(d);
	else if (d->is_taken)
		post(d, run_choose, done_choose);
	else
		finish_named(d);
}

/* --- the intent -------------------------------------------------------------- */

static void run_choose(struct job *job)
{
	struct download *d = download_of(job);

	free(d->path);
	d->path = NULL;
	if (++d->choices > CHOICES_MAX)
		err_set(
		    &d->trouble, ERR_IO, "no free name like '%s' in the folder", d->name);
	else
		(void)partial_choose(
		    d->partial, d->name, &d->sealed, &d->path, &d->trouble);
}

static void was_fetched(struct download *d)
{
	if (d->trouble.kind)
		fail(d);
	else
		post(d, run_commit, done_commit);
}

static void done_choose(struct job *job)
{
	struct download *d = download_of(job);

	if (!d->trouble.kind)
		describe(d, download_asset(d));
	if (d->trouble.kind)
		fail(d);
	else
		download_write_down(d, ASSET_FETCHED, was_fetched);
}

/* --- the bytes ---------------------------------------------------------------- */

static void run_seal(struct job *job)
{
	struct download *d = download_of(job);
	struct seal seal = { .partial = d->partial };

	if (d->is_copy &&
	    (partial_truncate(d->partial, 0, &d->trouble) ||
		stored_copy(d->downloads->sinks, d->path, d->partial, &d->trouble)))
		return;
	if (partial_sum(d->partial, &d->sealed, &d->trouble))
		return;
	sink_flush(d->downloads->sink, &(struct flush){ .seals = &seal, .n_seals = 1 });
	d->trouble = seal.err;
}

/* Size and md5 as the service claimed, sha256 as we once stored it (PROTOCOL A3). */
static enum err_kind check_claims(const struct download *d, struct err *err)
{
	const struct asset *asset = download_asset(d);

	if (d->is_copy)
		return asset->sha256 && strcmp(asset->sha256, d->sealed.sha256) == 0
		    ? ERR_OK
		    : err_set(
			  err, ERR_IO, "'%s' is not what was stored there", asset->path);
	if (d->is_resealed && asset->sha256 &&
	    strcmp(asset->sha256, d->sealed.sha256) != 0)
		return err_set(
		    err, ERR_CONTRACT, "the bytes are not those that were fetched");
	if (d->uri && asset->uri && strcmp(d->uri, asset->uri) != 0)
		return err_set(
		    err, ERR_CONTRACT, "it was made anew while it was fetched");
	if (asset->size_bytes > 0 && (uint64_t)asset->size_bytes != d->sealed.size_bytes)
		return err_set(err, ERR_CONTRACT,
		    "%" PRIu64 " bytes came, %" PRId64 " were promised",
		    d->sealed.size_bytes, asset->size_bytes);
	if ((asset->md5 && strcasecmp(asset->md5, d->sealed.md5) != 0) ||
	    (d->pinned_md5 && strcasecmp(d->pinned_md5, d->sealed.md5) != 0))
		return err_set(
		    err, ERR_CONTRACT, "the bytes do not have the promised md5");
	return ERR_OK;
}

/* As the run wishes for this very file, else by the template. */
static enum err_kind name_it(struct download *d, struct err *err)
{
	struct downloads *downloads = d->downloads;

	if (downloads->name_of)
		d->name = downloads->name_of(downloads->payload, d->files->id, d->index);
	if (d->name)
		return ERR_OK;
	return name_make(d->downloads->template, d->files->task, download_asset(d),
	    d->sealed.type->extension, &d->name, err);
}

static void done_seal(struct job *job)
{
	struct download *d = download_of(job);
	const bool was_copy = d->is_copy;

	if (!d->trouble.kind)
		(void)check_claims(d, &d->trouble);
	d->is_copy = false;
	if (d->trouble.kind == ERR_IO && was_copy) {
		d->trouble.kind = ERR_CONTRACT;
		d->may_not_copy = true; /* it is no good: fetch it anew */
	}
	free(d->name);
	d->name = NULL;
	d->choices = 0;
	if (!d->trouble.kind)
		(void)name_it(d, &d->trouble);
	if (d->trouble.kind)
		fail(d);
	else
		post(d, run_choose, done_choose);
}

void finish_start(struct download *d)
{
	struct err err;

	download_enter(d, DOWNLOAD_FINISHING, 0);
	d->downloads->n_finishing++;
	if (d->pinned_md5 || download_asset(d)->md5)
		partial_want_md5(d->partial);
	if (d->is_copy) {
		free(d->path);
		d->path = strdup(download_asset(d)->path);
		if (!d->path) {
			err_set(&err, ERR_NOMEM, "out of memory");
			leave(d);
			download_failed(d, &err);
			return;
		}
	}
	post(d, run_seal, done_seal);
}
