/*
 * writer.h - the bytes of a transfer go to the disk on a worker, while more of them come
 * (write-behind), so that the loop's thread neither copies into the page cache nor waits
 * for a disk that is behind.
 *
 *   loop                          worker
 *   writer_add: a block, a block  ──►  partial_write
 *   net_pause when too many wait  ◄──  written: net_resume, or why not
 *
 * One job at a time for each file, so its bytes stay in order. d->have_bytes counts all
 * that came; writer_written() what of it is in the partial. Everything but
 * writer_write_rest() belongs to the loop's thread.
 */
#pragma once

#include "core/download/file.h"

struct writer_blocks;

/* Free blocks, for all files of a run. */
enum err_kind writer_blocks_new(struct writer_blocks **ret_blocks, struct err *err);
void writer_blocks_free(struct writer_blocks *blocks); /* NULL is fine */

/* A transfer begins; its partial has d->have_bytes. */
enum err_kind writer_new(struct download *d, struct err *err);
/* What was not written is forgotten, and d->have_bytes is what was. No job of it is under
 * way. No writer is fine. */
void writer_drop(struct download *d);

/* Takes a copy, and counts it. ERR_NOMEM. */
enum err_kind writer_add(
    struct download *d, const void *bytes, size_t len, struct err *err);
uint64_t writer_written(const struct download *d);
/*
 * The transfer has ended, because of *why, or with all bytes (ERR_OK): goes on to
 * checkpoint_end(). Of a file that is whole the last bytes may be left to
 * writer_write_rest().
 */
void writer_end(struct download *d, const struct err *why);
/* Write what is left, on any thread, as long as no job is under way; then writer_drop().
 */
enum err_kind writer_write_rest(struct download *d, struct err *err);
