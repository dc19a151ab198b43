#include "core/download/backlog.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

enum { USED_MAX = 256, FREE_MAX = USED_MAX };

struct block {
	TAILQ_ENTRY(block) others;
	size_t len;
	char bytes[BACKLOG_BLOCK];
};

struct blocks {
	struct block_list free;
	size_t n_free, n_used;
};

/* --- blocks ----------------------------------------------------------------------- */

enum err_kind blocks_new(struct blocks **ret_blocks, struct err *err)
{
	struct blocks *blocks = calloc(1, sizeof(*blocks));

	if (!blocks)
		return err_set(err, ERR_NOMEM, "out of memory");
	TAILQ_INIT(&blocks->free);
	*ret_blocks = blocks;
	return ERR_OK;
}

void blocks_free(struct blocks *blocks)
{
	struct block *block;

	while (blocks && (block = TAILQ_FIRST(&blocks->free))) {
		TAILQ_REMOVE(&blocks->free, block, others);
		free(block);
	}
	free(blocks);
}

bool blocks_are_few(const struct blocks *blocks)
{
	return blocks->n_used >= USED_MAX;
}

ANALYZER_LOSES_SIGHT
/* NULL: no memory. */
static struct block *take_block(struct blocks *blocks)
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

ANALYZER_SEES_AGAIN

static void give_back(struct blocks *blocks, struct block_list *list)
{
	struct block *block;

	while ((block = TAILQ_FIRST(list))) {
		TAILQ_REMOVE(list, block, others);
		blocks->n_used--;
		if (blocks->n_free < FREE_MAX) {
			TAILQ_INSERT_HEAD(&blocks->free, block, others);
			blocks->n_free++;
		} else {
			free(block);
		}
	}
}

/* --- on the loop ------------------------------------------------------------------ */

enum err_kind backlog_new(
    struct blocks *blocks, struct backlog **ret_backlog, struct err *err)
{
	struct backlog *backlog = calloc(1, sizeof(*backlog));

	if (!backlog)
		return err_set(err, ERR_NOMEM, "out of memory");
	backlog->blocks = blocks;
	backlog->has_written = true;
	TAILQ_INIT(&backlog->coming);
	TAILQ_INIT(&backlog->leaving);
	*ret_backlog = backlog;
	return ERR_OK;
}

void backlog_free(struct backlog *backlog)
{
	if (!backlog)
		return;
	give_back(backlog->blocks, &backlog->leaving);
	give_back(backlog->blocks, &backlog->coming);
	free(backlog);
}

size_t backlog_bytes(const struct backlog *backlog)
{
	return backlog ? backlog->leaving_bytes + backlog->coming_bytes : 0;
}

ANALYZER_LOSES_SIGHT
/* NULL: no memory. */
static struct block *room_in(struct backlog *backlog)
{
	struct block *last = TAILQ_LAST(&backlog->coming, block_list);

	if (last && last->len < BACKLOG_BLOCK)
		return last;
	last = take_block(backlog->blocks);
	if (last)
		TAILQ_INSERT_TAIL(&backlog->coming, last, others);
	return last;
}

ANALYZER_SEES_AGAIN

enum err_kind backlog_add(struct backlog *backlog, const void *bytes, size_t len,
    size_t *ret_len, struct err *err)
{
	const char *from = bytes;

	*ret_len = 0;
	while (*ret_len < len) {
		struct block *block = room_in(backlog);
		size_t n = len - *ret_len;

		if (!block)
			return err_set(err, ERR_NOMEM, "out of memory");
		if (n > BACKLOG_BLOCK - block->len)
			n = BACKLOG_BLOCK - block->len;
		memcpy(block->bytes + block->len, from + *ret_len, n);
		block->len += n;
		backlog->coming_bytes += n;
		*ret_len += n;
	}
	return ERR_OK;
}

void backlog_leave(struct backlog *backlog)
{
	TAILQ_CONCAT(&backlog->leaving, &backlog->coming, others);
	backlog->leaving_bytes = backlog->coming_bytes;
	backlog->coming_bytes = 0;
	backlog->has_written = false;
}

void backlog_left(struct backlog *backlog)
{
	if (!backlog->has_written)
		return;
	give_back(backlog->blocks, &backlog->leaving);
	backlog->leaving_bytes = 0;
}

/* --- on a worker ------------------------------------------------------------------ */

static enum err_kind write_list(
    struct partial *partial, const struct block_list *list, struct err *err)
{
	const struct block *block;

	TAILQ_FOREACH(block, list, others)
		if (partial_write(partial, block->bytes, block->len, err))
			return err->kind;
	return ERR_OK;
}

void backlog_write(struct backlog *backlog, struct partial *partial)
{
	backlog->has_written =
	    write_list(partial, &backlog->leaving, &backlog->trouble) == ERR_OK;
}

static enum err_kind write_rest(struct backlog *backlog, struct partial *partial)
{
	/* At the end of a run, what its workers had not come to. */
	if (!backlog->has_written &&
	    write_list(partial, &backlog->leaving, &backlog->trouble))
		return backlog->trouble.kind;
	backlog->has_written = true;
	backlog->leaving_bytes = 0;
	if (write_list(partial, &backlog->coming, &backlog->trouble))
		return backlog->trouble.kind;
	TAILQ_CONCAT(&backlog->leaving, &backlog->coming, others);
	backlog->coming_bytes = 0;
	return ERR_OK;
}

enum err_kind backlog_write_rest(
    struct backlog *backlog, struct partial *partial, struct err *err)
{
	if (!backlog || backlog->trouble.kind || !write_rest(backlog, partial))
		return ERR_OK;
	*err = backlog->trouble;
	return err->kind;
}
