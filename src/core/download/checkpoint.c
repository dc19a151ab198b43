/*
 * checkpoint.c - while a file comes, its beginning is brought to the disk every few MiB,
 * and the ledger is told how much that is: all that another run will build upon.
 *
 *   loop                      worker
 *   bytes, bytes, due?  ──►   sum and sync up to here
 *   ledger: synced      ◄──
 *
 * One at a time for each file, so that a slow disk makes them rarer. The transfer goes on
 * meanwhile; when it ends, its end waits for the checkpoint under way, and a transfer
 * that was cut off makes a last one.
 */
#include <stddef.h>

#include "base/cleanup.h"
#include "core/download/file.h"

enum {
	STEP_MIN = 1 << 20, /* new bytes that are worth a sync; a 16th of the file ... */
	STEP_MAX = 8 << 20, /* ... up to this */
	REST_MIN = 2 << 20, /* with less to come, the seal will do */
	SLOW_MIN = 128 << 10, /* of a slow transfer, ... */
	SLOW_MS = 5000, /* ... this long after the last */
	LAST_MIN = 64 << 10, /* below, starting over is as cheap */
};

static uint64_t fresh_bytes(const struct download *d)
{
	const uint64_t written = download_written(d);
	const uint64_t synced = d->checkpoint.synced.size_bytes;

	return written > synced ? written - synced : 0;
}

static uint64_t step_of(const struct download *d)
{
	const uint64_t share = d->have_bytes / 16;

	if (share < STEP_MIN)
		return STEP_MIN;
	return share < STEP_MAX ? share : STEP_MAX;
}

static bool is_due(const struct download *d)
{
	const uint64_t fresh = fresh_bytes(d);

	if (fresh >= SLOW_MIN &&
	    d->downloads->dq->now.mono_ms >= d->checkpoint.at_ms + SLOW_MS)
		return true;
	return fresh >= step_of(d) &&
	    (d->total_bytes < 0 || d->have_bytes + REST_MIN <= (uint64_t)d->total_bytes);
}

static struct download *download_of(struct job *job)
{
	return (struct download *)((char *)job - offsetof(struct download, checkpoint));
}

static void run(struct job *job)
{
	struct download *d = download_of(job);
	struct checkpoint *c = &d->checkpoint;

	(void)partial_sync(d->partial, c->size_bytes, &c->synced, &c->trouble);
}

/* The bytes, and what vouches for them. */
static enum err_kind note_both(struct download *d, struct err *err)
{
	const struct dq *dq = d->downloads->dq;
	const char *id = d->files->task->submit_id;
	const struct synced *synced = &d->checkpoint.synced;
	_cleanup_free_ char *validator =
	    d->is_noted ? NULL : download_notable_validator(d);
	const struct asset asset = { .index = d->index,
		.synced_bytes = (int64_t)synced->size_bytes,
		.synced_sha256 = synced->sha256 };

	if (validator &&
	    ledger_asset_progress(dq->ledger, dq->profile, id, d->index, validator, err))
		return err->kind;
	d->is_noted |= validator != NULL;
	return ledger_asset_synced(dq->ledger, dq->profile, id, &asset, err);
}

/*
 * Can't it be noted, then another run fetches a little more; what matters will say why.
 */
static void note(struct download *d)
{
	struct err ignored;

	(void)note_both(d, &ignored);
}

static void go_on(struct download *d, const struct err *why)
{
	if (!why->kind) {
		finish_start(d);
		return;
	}
	download_drop_backlog(d);
	download_failed(d, why);
}

static void done(struct job *job)
{
	struct download *d = download_of(job);
	struct checkpoint *c = &d->checkpoint;
	const struct err why = c->trouble.kind ? c->trouble : c->why;

	c->is_under_way = false;
	if (!c->trouble.kind)
		note(d);
	if (c->has_ended) {
		c->has_ended = false;
		d->downloads->n_finishing--;
		checkpoint_end(d, &why);
	} else if (c->trouble.kind && d->request) {
		d->trouble = c->trouble;
		net_cancel(d->request);
	}
}

static void post(struct download *d)
{
	struct checkpoint *c = &d->checkpoint;

	c->job.run = run;
	c->job.done = done;
	c->size_bytes = download_written(d);
	c->trouble = (struct err){ .kind = ERR_OK };
	c->at_ms = d->downloads->dq->now.mono_ms;
	c->is_under_way = true;
	workers_post(d->downloads->workers, &c->job);
}

void checkpoint_begin(struct download *d)
{
	d->checkpoint.synced.size_bytes = d->have_bytes;
	d->checkpoint.at_ms = d->downloads->dq->now.mono_ms;
	d->checkpoint.is_under_way = false;
	d->checkpoint.has_ended = false;
	d->checkpoint.is_trusted = true;
	d->checkpoint.trouble = (struct err){ .kind = ERR_OK };
}

void checkpoint_if_due(struct download *d)
{
	if (!d->checkpoint.is_under_way && is_due(d))
		post(d);
}

void checkpoint_end(struct download *d, const struct err *why)
{
	struct checkpoint *c = &d->checkpoint;

	if (why->kind && why->kind != ERR_CONTRACT && !c->is_under_way &&
	    !c->trouble.kind && fresh_bytes(d) >= LAST_MIN && d->downloads->workers)
		post(d);
	if (!c->is_under_way) {
		go_on(d, why->kind ? why : &c->trouble);
		return;
	}
	c->has_ended = true;
	c->why = *why;
	d->downloads->n_finishing++;
}

void checkpoint_last(struct download *d)
{
	struct checkpoint *c = &d->checkpoint;
	struct err ignored;

	if (d->partial)
		(void)backlog_write_rest(d->backlog, d->partial, &ignored);
	download_drop_backlog(d);
	if (d->partial && d->files->task && c->is_trusted && !d->is_copy &&
	    fresh_bytes(d) >= LAST_MIN &&
	    !partial_sync(d->partial, d->have_bytes, &c->synced, &ignored))
		note(d);
}
