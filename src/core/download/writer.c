/*
 * writer.c - the bytes of a transfer go to the disk on a worker, while more of them come
 * (write-behind), so that the loop's thread neither copies into the page cache nor waits
 * for a disk that is behind.
 *
 *   loop                             worker
 *   writer_add: into the backlog ──► backlog_write
 *   net_pause when too many wait ◄── written: net_resume, or why not
 *
 * The transfer's end waits for what is under way, and of one that did not bring the whole
 * file for the rest, too.
 */
#include <assert.h>
#include <stddef.h>

#include "core/download/file.h"
#include "net/net.h"

enum {
	LEAVE_BYTES = 256 << 10, /* worth a job; ... */
	LEAVE_MS = 1000, /* ... or this long after the last */
	PAUSE_BYTES = 1 << 20, /* wait while a job is under way: the peer waits, too */
};

static struct download *download_of(struct job *job)
{
	return (struct download *)((char *)job - offsetof(struct download, writer));
}

static void run(struct job *job)
{
	struct download *d = download_of(job);

	backlog_write(d->backlog, d->partial);
}

static void done(struct job *job);

static void post(struct download *d)
{
	struct writer *w = &d->writer;

	backlog_leave(d->backlog);
	w->job.run = run;
	w->job.done = done;
	w->left_ms = d->downloads->dq->now.mono_ms;
	w->is_under_way = true;
	workers_post(d->downloads->writing_workers, &w->job);
}

static void go_on(struct download *d)
{
	struct writer *w = &d->writer;

	if (d->backlog->coming_bytes >= LEAVE_BYTES)
		post(d);
	if (w->is_paused && d->request)
		net_resume(d->request);
	w->is_paused = false;
	checkpoint_if_due(d);
}

/* Why the transfer ended, or what became of its bytes. */
static void end(struct download *d)
{
	const struct err why =
	    d->backlog->trouble.kind ? d->backlog->trouble : d->writer.why;

	if (why.kind)
		download_drop_backlog(d);
	checkpoint_end(d, &why);
}

/*
 * Of what did not come whole all shall be there for the next try. The last bytes of a
 * whole file are written with its sums, if they are few.
 */
static bool is_left(const struct download *d)
{
	const struct err *why = &d->writer.why;

	if (d->backlog->trouble.kind || why->kind == ERR_CONTRACT)
		return false;
	return d->backlog->coming_bytes > (why->kind ? 0 : BACKLOG_BLOCK);
}

static void finish(struct download *d)
{
	struct err ignored; /* the backlog has it, too */

	if (is_left(d) && d->downloads->writing_workers) {
		post(d);
		return;
	}
	if (is_left(d))
		(void)backlog_write_rest(d->backlog, d->partial, &ignored);
	d->downloads->n_finishing--;
	end(d);
}

static void done(struct job *job)
{
	struct download *d = download_of(job);

	d->writer.is_under_way = false;
	backlog_left(d->backlog);
	if (d->writer.has_ended) {
		finish(d);
	} else if (!d->backlog->trouble.kind) {
		go_on(d);
	} else if (d->request) {
		d->trouble = d->backlog->trouble;
		net_cancel(d->request);
	}
}

enum err_kind writer_begin(struct download *d, struct err *err)
{
	assert(!d->backlog);
	d->writer = (struct writer){ .left_ms = d->downloads->dq->now.mono_ms };
	return backlog_new(d->downloads->blocks, &d->backlog, err);
}

enum err_kind writer_add(
    struct download *d, const void *bytes, size_t len, struct err *err)
{
	const int64_t now_ms = d->downloads->dq->now.mono_ms;
	struct writer *w = &d->writer;
	size_t added, waiting;
	bool are_few;
	const enum err_kind kind = backlog_add(d->backlog, bytes, len, &added, err);

	d->have_bytes += added;
	if (kind)
		return kind;
	are_few = blocks_are_few(d->downloads->blocks);
	waiting = d->backlog->coming_bytes;
	if (!w->is_under_way &&
	    (waiting >= LEAVE_BYTES || now_ms >= w->left_ms + LEAVE_MS || are_few))
		post(d);
	if (!w->is_paused && (waiting >= PAUSE_BYTES || are_few)) {
		w->is_paused = true;
		net_pause(d->request);
	}
	return ERR_OK;
}

void writer_end(struct download *d, const struct err *why)
{
	d->writer.has_ended = true;
	d->writer.why = *why;
	d->downloads->n_finishing++;
	if (!d->writer.is_under_way)
		finish(d);
}
