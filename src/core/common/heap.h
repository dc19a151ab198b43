/*
 * heap.h - which of many comes first? An indexed heap: each value
 * (0, 1, 2 ... dense) is in it at most once, and can be moved or removed.
 * The smallest key is first; equal keys come in the order they were set.
 *
 * A zeroed struct heap is empty and owns nothing. Room is made in advance with
 * heap_reserve(); everything after that can't fail.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct heap_entry {
	int64_t key;
	uint64_t order;
	size_t value;
};

struct heap {
	struct heap_entry *entries;
	size_t *places; /* of each value among the entries, +1; 0: not in the heap */
	size_t len, room;
	uint64_t pushed;
};

bool heap_reserve(struct heap *heap, size_t n_values); /* false: no memory */
void heap_set(struct heap *heap, size_t value, int64_t key); /* insert, or move */
void heap_remove(struct heap *heap, size_t value); /* absent is fine */
/* NULL when empty; valid until the next change. */
const struct heap_entry *heap_first(const struct heap *heap);
void heap_release(struct heap *heap);
