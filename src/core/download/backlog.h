/*
 * backlog.h - bytes of a file that have come, and are not in its partial yet. They wait
 * in blocks, which all files of a run share.
 *
 *   backlog_add, _add ──► backlog_leave ──► backlog_write, on a worker ──► backlog_left
 *
 * One backlog_write() at a time, so its bytes stay in order; more may come meanwhile.
 * Everything but that and backlog_write_rest() belongs to the loop's thread.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/queue.h>

#include "base/err.h"
#include "store/sink.h"

enum { BACKLOG_BLOCK = 64 << 10 };

struct blocks;
struct block;
TAILQ_HEAD(block_list, block);

struct backlog {
	struct blocks *blocks;
	struct block_list coming, leaving;
	size_t coming_bytes, leaving_bytes;
	bool has_written; /* all of `leaving` */
	struct err trouble; /* kind ERR_OK: none; of the writing */
};

/* Those that are free, and how many are not. */
enum err_kind blocks_new(struct blocks **ret_blocks, struct err *err);
void blocks_free(struct blocks *blocks); /* NULL is fine */
/* So many are in use (16 MiB) that whoever takes more should wait. */
bool blocks_are_few(const struct blocks *blocks);

/* ERR_NOMEM. */
enum err_kind backlog_new(
    struct blocks *blocks, struct backlog **ret_backlog, struct err *err);
void backlog_free(struct backlog *backlog); /* what is in it is forgotten; NULL is fine */
/* How many are in it; NULL: none. */
size_t backlog_bytes(const struct backlog *backlog);

/* Takes a copy. *ret_len: of so many, also after ERR_NOMEM. */
enum err_kind backlog_add(struct backlog *backlog, const void *bytes, size_t len,
    size_t *ret_len, struct err *err);
/* What has come is what a worker writes next. */
void backlog_leave(struct backlog *backlog);
/* Appends it to the partial. Blocks. */
void backlog_write(struct backlog *backlog, struct partial *partial);
/* The worker is done: is it all written? Else it stays, and `trouble` says why. */
void backlog_left(struct backlog *backlog);
/*
 * Appends all of it, on any thread, as long as no worker is at it; what one has written,
 * or begun, is not written once more. NULL is fine. Blocks.
 */
enum err_kind backlog_write_rest(
    struct backlog *backlog, struct partial *partial, struct err *err);
