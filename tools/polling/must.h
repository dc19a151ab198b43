/*
 * must.h - memory for a bench: there is some, or the bench ends with a sentence.
 */
#pragma once

#include <stdio.h>
#include <stdlib.h>

static inline void *must(void *memory)
{
	if (!memory) {
		fputs("bench-polling: out of memory\n", stderr);
		exit(1);
	}
	return memory;
}

/* Room for one more behind n, of so many bytes each; may move the array. */
static inline void *must_grow(void *array, size_t n, size_t *room, size_t size)
{
	if (n < *room)
		return array;
	*room = n ? 2 * n : 256;
	return must(realloc(array, *room * size));
}
