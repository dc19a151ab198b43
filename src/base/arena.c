/*
 * arena.c - a list of zeroed blocks. Small pieces are cut from the newest
 * block; a piece of more than a quarter block gets a block of its own behind
 * it, so that the room left in the newest one is not lost.
 */
#include "base/arena.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK_BYTES = 8192, ALIGN = _Alignof(max_align_t) };

struct arena_block {
	struct arena_block *next;
	size_t used, room;
	_Alignas(max_align_t) char bytes[];
};

static struct arena_block *block_new(size_t room)
{
	struct arena_block *block;

	if (room > SIZE_MAX - sizeof(*block))
		return NULL;
	block = calloc(1, sizeof(*block) + room);
	if (block)
		block->room = room;
	return block;
}

static bool has_room(const struct arena_block *block, size_t size)
{
	return block && block->room - block->used >= size;
}

static struct arena_block *block_for(struct arena *arena, size_t size)
{
	const bool is_large = size > BLOCK_BYTES / 4;
	struct arena_block *block;

	if (has_room(arena->head, size))
		return arena->head;
	block = block_new(is_large ? size : BLOCK_BYTES);
	if (!block)
		return NULL;
	if (is_large && arena->head) {
		block->next = arena->head->next;
		arena->head->next = block;
	} else {
		block->next = arena->head;
		arena->head = block;
	}
	return block;
}

void *arena_alloc(struct arena *arena, size_t size_bytes)
{
	struct arena_block *block;
	size_t size;
	void *piece;

	if (size_bytes > SIZE_MAX - ALIGN)
		return NULL;
	size = size_bytes ? (size_bytes + ALIGN - 1) / ALIGN * ALIGN : ALIGN;
	if (arena->used_bytes > arena->max_bytes ||
	    size > arena->max_bytes - arena->used_bytes)
		return NULL;
	block = block_for(arena, size);
	if (!block)
		return NULL;
	piece = block->bytes + block->used;
	block->used += size;
	arena->used_bytes += size;
	return piece;
}

char *arena_strndup(struct arena *arena, const char *text, size_t len)
{
	char *copy;

	if (!text || len == SIZE_MAX)
		return NULL;
	len = strnlen(text, len);
	copy = arena_alloc(arena, len + 1);
	if (copy)
		memcpy(copy, text, len);
	return copy;
}

char *arena_strdup(struct arena *arena, const char *text)
{
	return text ? arena_strndup(arena, text, strlen(text)) : NULL;
}

void arena_release(struct arena *arena)
{
	struct arena_block *next;

	for (struct arena_block *block = arena->head; block; block = next) {
		next = block->next;
		free(block);
	}
	*arena = arena_make(arena->max_bytes);
}
