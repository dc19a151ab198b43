#include "core/download/writer.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "net/net.h"

enum {
	BLOCK_BYTES = 64 << 10,
	LEAVE_BYTES = 256 << 10, /* worth a job; ... */
	LEAVE_MS = 1000, /* ... or this long after the last */
	PAUSE_BYTES = 1 << 20, /* wait while a job is under way: the peer waits, too */
	USED_MAX = 256, /* blocks of all files, before each waits for its job */
};

struct block {
	TAILQ_ENTRY(block) others;
	size_t len;
	char bytes[BLOCK_BYTES];
};
TAILQ_HEAD(block_list, block);

struct writer_blocks {
	struct block_list free;
	size_t n_free, n_used;
};

struct writer {
	struct job job; /* first */
	struct download *download;
	struct block_list coming,
	    leaving; /* `leaving`: the job's, while one is under way */
	size_t coming_bytes, leaving_bytes;
	int64_t left_ms; /* when the last job began */
	bool is_under_way, is_paused;
	bool has_written; /* the job has, all of `leaving` */
	bool has_ended; /* the transfer has, because of `why` */
	struct err why, trouble;
};

/* --- blocks ----------------------------------------------------------------------- */

enum err_kind writer_blocks_new(struct writer_blocks **ret_blocks, struct err *err)
{
	struct writer_blocks *blocks = calloc(1, sizeof(*blocks));

	if (!blocks)
		return err_set(err, ERR_NOMEM, "out of memory");
	TAILQ_INIT(&blocks->free);
	*ret_blocks = blocks;
	return ERR_OK;
}

static void free_all(struct block_list *list)
{
	struct block *block;

	while ((block = TAILQ_FIRST(list))) {
		TAILQ_REMOVE(list, block, others);
		free(block);
	}
}

void writer_blocks_free(struct writer_blocks *blocks)
{
	if (blocks)
		free_all(&blocks->free);
	free(blocks);
}

/* NULL: no memory. */
static struct block *take_block(struct writer_blocks *blocks)
{
	struct block *block = TAILQ_FIRST(&blocks->free);

	if (block) {
		TAILQ_REMOVE(&blocks->free, block, others);
		blocks->n_free--;
	} else {
		block = malloc(sizeof(*block));
	}
	if (!block)
		return NULL;
	block->len = 0;
	blocks->n_used++;
	return block;
}

static void give_back(struct writer_blocks *blocks, struct block_list *list)
{
	struct block *block;

	while ((block = TAILQ_FIRST(list))) {
		TAILQ_REMOVE(list, block, others);
		blocks->n_used--;
		if (blocks->n_free < USED_MAX) {
			TAILQ_INSERT_HEAD(&blocks->free, block, others);
			blocks->n_free++;
		} else {
			free(block);
		}
	}
}

static bool are_few(const struct writer_blocks *blocks)
{
	return blocks->n_used >= USED_MAX;
}

static struct block *room_in(struct writer *w, struct writer_blocks *blocks)
{
	struct block *last = TAILQ_LAST(&w->coming, block_list);

	if (last && last->len < BLOCK_BYTES)
		return last;
	last = take_block(blocks);
	if (last)
		TAILQ_INSERT_TAIL(&w->coming, last, others);
	return last;
}

static enum err_kind add(struct writer *w, struct writer_blocks *blocks,
    const char *bytes, size_t len, struct err *err)
{
	while (len > 0) {
		struct block *block = room_in(w, blocks);
		size_t n;

		if (!block)
			return err_set(err, ERR_NOMEM, "out of memory");
		n = BLOCK_BYTES - block->len < len ? BLOCK_BYTES - block->len : len;
		memcpy(block->bytes + block->len, bytes, n);
		block->len += n;
		w->coming_bytes += n;
		w->download->have_bytes += n;
		bytes += n;
		len -= n;
	}
	return ERR_OK;
}

/* --- on the worker ------------------------------------------------------------------ */

static enum err_kind write_list(
    struct partial *partial, const struct block_list *list, struct err *err)
{
	const struct block *block;

	TAILQ_FOREACH(block, list, others)
		if (partial_write(partial, block->bytes, block->len, err))
			return err->kind;
	return ERR_OK;
}

static void run(struct job *job)
{
	struct writer *w = (struct writer *)job;

	w->has_written =
	    write_list(w->download->partial, &w->leaving, &w->trouble) == ERR_OK;
}

/* What was written, or begun, is not written once more, whoever asks. */
static enum err_kind write_rest(struct writer *w)
{
	struct partial *partial = w->download->partial;

	/* At the end of a run, what its workers had not come to. */
	if (!w->has_written && write_list(partial, &w->leaving, &w->trouble))
		return w->trouble.kind;
	w->has_written = true;
	w->leaving_bytes = 0;
	if (write_list(partial, &w->coming, &w->trouble))
		return w->trouble.kind;
	TAILQ_CONCAT(&w->leaving, &w->coming, others);
	w->coming_bytes = 0;
	return ERR_OK;
}

enum err_kind writer_write_rest(struct download *d, struct err *err)
{
	struct writer *w = d->writer;

	if (!w || w->trouble.kind || !write_rest(w))
		return ERR_OK;
	*err = w->trouble;
	return err->kind;
}

/* --- on the loop ------------------------------------------------------------------ */

static void done(struct job *job);

static void post(struct writer *w)
{
	struct downloads *downloads = w->download->downloads;

	TAILQ_CONCAT(&w->leaving, &w->coming, others);
	w->leaving_bytes = w->coming_bytes;
	w->coming_bytes = 0;
	w->left_ms = downloads->dq->now.mono_ms;
	w->has_written = false;
	w->is_under_way = true;
	w->job.run = run;
	w->job.done = done;
	workers_post(downloads->writing_workers, &w->job);
}

static void go_on(struct writer *w)
{
	struct download *d = w->download;

	if (w->coming_bytes >= LEAVE_BYTES)
		post(w);
	if (w->is_paused && d->request)
		net_resume(d->request);
	w->is_paused = false;
	checkpoint_if_due(d);
}

/* Why the transfer ended, or what became of its bytes. */
static void end(struct writer *w)
{
	struct download *d = w->download;
	const struct err why = w->trouble.kind ? w->trouble : w->why;

	if (why.kind)
		writer_drop(d);
	checkpoint_end(d, &why);
}

/*
 * Of what did not come whole all shall be there for the next try. The last bytes of a
 * whole file are written with its sums, if they are few.
 */
static bool is_left(const struct writer *w)
{
	if (w->trouble.kind || w->why.kind == ERR_CONTRACT)
		return false;
	return w->coming_bytes > (w->why.kind ? 0 : BLOCK_BYTES);
}

static void finish(struct writer *w)
{
	struct downloads *downloads = w->download->downloads;

	if (is_left(w) && downloads->writing_workers) {
		post(w);
		return;
	}
	if (is_left(w))
		(void)write_rest(w);
	downloads->n_finishing--;
	end(w);
}

static void done(struct job *job)
{
	struct writer *w = (struct writer *)job;
	struct download *d = w->download;

	w->is_under_way = false;
	if (w->has_written) {
		give_back(d->downloads->blocks, &w->leaving);
		w->leaving_bytes = 0;
	}
	if (w->has_ended) {
		finish(w);
	} else if (!w->trouble.kind) {
		go_on(w);
	} else if (d->request) {
		d->trouble = w->trouble;
		net_cancel(d->request);
	}
}

enum err_kind writer_new(struct download *d, struct err *err)
{
	struct writer *w = calloc(1, sizeof(*w));

	if (!w)
		return err_set(err, ERR_NOMEM, "out of memory");
	assert(!d->writer);
	w->download = d;
	w->has_written = true;
	w->left_ms = d->downloads->dq->now.mono_ms;
	TAILQ_INIT(&w->coming);
	TAILQ_INIT(&w->leaving);
	d->writer = w;
	return ERR_OK;
}

void writer_drop(struct download *d)
{
	struct writer *w = d->writer;

	if (!w)
		return;
	d->have_bytes = writer_written(d);
	give_back(d->downloads->blocks, &w->leaving);
	give_back(d->downloads->blocks, &w->coming);
	free(w);
	d->writer = NULL;
}

uint64_t writer_written(const struct download *d)
{
	const struct writer *w = d->writer;

	return w ? d->have_bytes - w->leaving_bytes - w->coming_bytes : d->have_bytes;
}

enum err_kind writer_add(
    struct download *d, const void *bytes, size_t len, struct err *err)
{
	struct writer_blocks *blocks = d->downloads->blocks;
	struct writer *w = d->writer;
	const int64_t now_ms = d->downloads->dq->now.mono_ms;

	if (add(w, blocks, bytes, len, err))
		return err->kind;
	if (!w->is_under_way &&
	    (w->coming_bytes >= LEAVE_BYTES || now_ms >= w->left_ms + LEAVE_MS ||
		are_few(blocks)))
		post(w);
	if (!w->is_paused && (w->coming_bytes >= PAUSE_BYTES || are_few(blocks))) {
		w->is_paused = true;
		net_pause(d->request);
	}
	return ERR_OK;
}

void writer_end(struct download *d, const struct err *why)
{
	struct writer *w = d->writer;

	w->has_ended = true;
	w->why = *why;
	d->downloads->n_finishing++;
	if (!w->is_under_way)
		finish(w);
}
