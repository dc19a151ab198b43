/*
 * arena.h - many small things with one lifetime.
 *
 * Memory comes from an arena and goes back all at once. A zeroed arena with
 * a ceiling, arena_make(max), is ready to use and owns nothing. Every call
 * may return NULL: no memory, or the ceiling is reached.
 */
#pragma once

#include <stddef.h>

struct arena_block;

struct arena {
	struct arena_block *head;
	size_t used_bytes, max_bytes;
};

static inline struct arena arena_make(size_t max_bytes)
{
	return (struct arena){ .max_bytes = max_bytes };
}

/* Returns bytes that are zeroed and aligned for any type. */
void *arena_alloc(struct arena *arena, size_t size_bytes);
/* Copies; NULL in gives NULL out. */
char *arena_strdup(struct arena *arena, const char *text);
char *arena_strndup(struct arena *arena, const char *text, size_t len);

void arena_release(struct arena *arena);
