/*
 * finish.c - from "every byte is here" to "stored". Each arrow is a wait, which those who
 * are there at the same time share: for the disk by stage.h, for the ledger by
 * group_commit.h.
 *
 *   sums ──► loop: sizes and md5 as claimed? a name for it
 *                │
 *                ├──► disk: its bytes; the name is chosen ──► ledger: fetched, the intent
 *                │                                                │
 *                ├──► disk: its name  ◄───────────────────────────┘
 *                │
 *                └──► its sidecar ──► ledger: stored, the fact ──► the command of --exec
 *
 * One visit to the disk gives names to some and makes the bytes of others durable; what
 * both then need of the ledger goes into one transaction, and the next visit waits for
 * it. No step of a file begins before
 * the one before it is durable: docs/architecture.md says why it may be killed anywhere.
 */
#include <inttypes.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/cleanup.h"
#include "core/common/view.h"
#include "core/download/extras.h"
#include "core/download/file.h"
#include "core/download/sidecar.h"

enum { CHOICES_MAX = 100 };

static struct download *staged_one(struct staged *one)
{
	return (struct download *)((char *)one - offsetof(struct download, staged));
}

/* The next visit to the disk is for this. */
static void visit(struct download *d, enum download_errand errand)
{
	d->trouble = (struct err){ .kind = ERR_OK };
	d->errand = errand;
	stage_add(d->downloads->disk, &d->staged);
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

/*
 * What the file is, and where, into the task as it is now: a poll may have brought
 * another one since, which was read before this was written down.
 */
static void describe(struct download *d, struct asset *asset)
{
	struct arena *arena = &d->files->task->arena;

	asset->path = arena_strdup(arena, d->path);
	asset->sha256 = arena_strdup(arena, d->sealed.sha256);
	asset->choice = arena_strdup(arena, d->choice);
	asset->stored_bytes = (int64_t)d->sealed.size_bytes;
	if (d->sealed.type)
		asset->format = d->sealed.type->format;
	if (!asset->path || !asset->sha256 || (d->choice && !asset->choice))
		err_set(&d->trouble, ERR_NOMEM, "out of memory");
}

static void was_stored(struct download *d)
{
	struct asset *asset = download_asset(d);

	if (!d->trouble.kind)
		describe(d, asset);
	asset->state = d->trouble.kind ? ASSET_FETCHED : ASSET_STORED;
	asset->is_outdone &= d->trouble.kind != ERR_OK;
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

/* --- on the disk --------------------------------------------------------------- */

/* One visit. */
struct visit {
	struct seal *seals;
	struct commit *commits;
	struct flush flush;
};

/* When the service had made it, or at least was asked to. */
static int64_t made_unix_ms(const struct download *d)
{
	const struct task *task = d->files->task;

	return task->finished_unix_ms ? task->finished_unix_ms : task->created_unix_ms;
}

static void add_errand(struct visit *visit, const struct download *d)
{
	struct flush *flush = &visit->flush;

	if (d->errand == ERRAND_BYTES)
		flush->seals[flush->n_seals++] = (struct seal){
			.partial = d->partial,
			.modified_unix_ms = d->downloads->dates ? made_unix_ms(d) : 0,
		};
	else if (d->errand == ERRAND_NAME)
		flush->commits[flush->n_commits++] = (struct commit){
			.partial = d->partial, .location = d->path, .sealed = &d->sealed
		};
}

static void choose(struct download *d)
{
	free(d->path);
	d->path = NULL;
	if (++d->choices > CHOICES_MAX)
		err_set(
		    &d->trouble, ERR_IO, "no free name like '%s' in the folder", d->name);
	else
		(void)partial_choose(
		    d->partial, d->name, &d->sealed, &d->path, &d->trouble);
}

/* Takes its outcomes in the order in which add_errand() has put them in. */
static void take_outcome(struct visit *visit, struct download *d)
{
	if (d->errand == ERRAND_BYTES) {
		d->trouble = (visit->seals++)->err;
	} else if (d->errand == ERRAND_NAME) {
		d->is_taken = visit->commits->is_taken;
		d->trouble = (visit->commits++)->err;
	}
	if (d->errand != ERRAND_NAME && !d->trouble.kind)
		choose(d);
}

void finish_run_disk(struct staged *const *group, size_t n)
{
	_cleanup_free_ struct seal *seals = calloc(n, sizeof(*seals));
	_cleanup_free_ struct commit *commits = calloc(n, sizeof(*commits));
	struct visit visit = { seals, commits, { .seals = seals, .commits = commits } };

	for (size_t i = 0; i < n && (!seals || !commits); i++)
		(void)err_set(&staged_one(group[i])->trouble, ERR_NOMEM, "out of memory");
	if (!seals || !commits)
		return;
	for (size_t i = 0; i < n; i++)
		add_errand(&visit, staged_one(group[i]));
	sink_flush(staged_one(group[0])->downloads->sink, &visit.flush);
	for (size_t i = 0; i < n; i++)
		take_outcome(&visit, staged_one(group[i]));
}

static void was_fetched(struct download *d)
{
	if (d->trouble.kind)
		fail(d);
	else
		visit(d, ERRAND_NAME);
}

static void is_chosen(struct download *d)
{
	describe(d, download_asset(d));
	if (d->trouble.kind)
		fail(d);
	else
		download_write_down(d, ASSET_FETCHED, was_fetched);
}

void finish_done_disk(struct staged *one)
{
	struct download *d = staged_one(one);

	if (d->trouble.kind)
		fail(d);
	else if (d->errand != ERRAND_NAME)
		is_chosen(d);
	else if (d->is_taken)
		visit(d, ERRAND_CHOICE);
	else
		finish_named(d);
}

/* --- the bytes ---------------------------------------------------------------- */

static void sum(struct download *d)
{
	if (backlog_write_rest(d->backlog, d->partial, &d->trouble))
		return;
	if (d->is_copy &&
	    (partial_truncate(d->partial, 0, &d->trouble) ||
		stored_copy(d->downloads->sinks, d->path, d->partial, &d->trouble)))
		return;
	(void)partial_sum(d->partial, &d->sealed, &d->trouble);
}

void finish_run_sums(struct staged *const *group, size_t n)
{
	for (size_t i = 0; i < n; i++)
		sum(staged_one(group[i]));
}

static bool is_same_text(const char *a, const char *b)
{
	return a == b || (a && b && !strcmp(a, b));
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
	if (!is_same_text(d->object, asset->object))
		return err_set(
		    err, ERR_CONTRACT, "another variant is wanted now than was fetched");
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
	const struct name_of of = {
		.task = d->files->task,
		.asset = download_asset(d),
		.extension = d->sealed.type->extension,
		.sha256 = d->sealed.sha256,
	};

	if (downloads->name_of)
		d->name = downloads->name_of(downloads->payload, d->files->id, d->index);
	if (d->name)
		return ERR_OK;
	return name_make(&downloads->naming, &of, &d->name, err);
}

static bool has_promised_md5(const struct download *d)
{
	return d->pinned_md5 || download_asset(d)->md5;
}

static void post_sums(struct download *d)
{
	if (has_promised_md5(d))
		partial_want_md5(d->partial);
	d->trouble = (struct err){ .kind = ERR_OK };
	d->staged.weight = d->is_copy ? FINISH_SUMS_WEIGHT : d->have_bytes;
	stage_add(d->downloads->sums, &d->staged);
}

void finish_done_sums(struct staged *one)
{
	struct download *d = staged_one(one);
	const bool was_copy = d->is_copy;

	download_drop_backlog(d);
	if (!d->trouble.kind && has_promised_md5(d) && !*d->sealed.md5) {
		post_sums(d); /* a poll has brought it meanwhile */
		return;
	}
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
		visit(d, ERRAND_BYTES);
}

/* What the ledger has said of them, of bytes that came in an earlier run. */
static bool keep_choice(struct download *d)
{
	const struct asset *asset = download_asset(d);
	const char *choice = d->is_copy || d->is_resealed ? asset->choice : asset->picked;

	free(d->choice);
	d->choice = choice ? strdup(choice) : NULL;
	return !choice || d->choice;
}

static bool keep_old_path(struct download *d)
{
	free(d->path);
	d->path = strdup(download_asset(d)->path);
	return d->path != NULL;
}

void finish_start(struct download *d)
{
	struct err err;

	download_enter(d, DOWNLOAD_FINISHING, 0);
	d->downloads->n_finishing++;
	if (!keep_choice(d) || (d->is_copy && !keep_old_path(d))) {
		err_set(&err, ERR_NOMEM, "out of memory");
		leave(d);
		download_failed(d, &err);
		return;
	}
	post_sums(d);
}
