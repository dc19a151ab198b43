#include "core/common/heap.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"

/* Of 100 000 ids each level costs two cache misses: with four children there are half as
 * many as with two. */
enum { ARITY = 4 };

bool heap_reserve(struct heap *heap, size_t n_values)
{
	size_t room = heap->room, same = heap->room;

	if (!ARRAY_RESERVE(heap->entries, room, n_values) ||
	    !ARRAY_RESERVE(heap->places, same, n_values))
		return false;
	heap->room = room;
	return true;
}

static bool goes_before(const struct heap_entry *a, const struct heap_entry *b)
{
	return a->key != b->key ? a->key < b->key : a->order < b->order;
}

static void put(struct heap *heap, size_t i, struct heap_entry entry)
{
	heap->entries[i] = entry;
	heap->places[entry.value] = i + 1;
}

static void sift_up(struct heap *heap, size_t i)
{
	const struct heap_entry moving = heap->entries[i];

	while (i > 0 && goes_before(&moving, &heap->entries[(i - 1) / ARITY])) {
		put(heap, i, heap->entries[(i - 1) / ARITY]);
		i = (i - 1) / ARITY;
	}
	put(heap, i, moving);
}

/* The one of them that goes before the others; there is one at least. */
static size_t first_child(const struct heap *heap, size_t i)
{
	const size_t begin = ARITY * i + 1;
	const size_t end = begin + ARITY < heap->len ? begin + ARITY : heap->len;
	size_t first = begin;

	for (size_t child = begin + 1; child < end; child++)
		if (goes_before(&heap->entries[child], &heap->entries[first]))
			first = child;
	return first;
}

static void sift_down(struct heap *heap, size_t i)
{
	const struct heap_entry moving = heap->entries[i];

	for (size_t child; ARITY * i + 1 < heap->len; i = child) {
		child = first_child(heap, i);
		if (!goes_before(&heap->entries[child], &moving))
			break;
		put(heap, i, heap->entries[child]);
	}
	put(heap, i, moving);
}

void heap_remove(struct heap *heap, size_t value)
{
	const size_t place = value < heap->room ? heap->places[value] : 0;
	struct heap_entry last;

	if (place == 0)
		return;
	heap->places[value] = 0;
	last = heap->entries[--heap->len];
	if (last.value == value)
		return;
	put(heap, place - 1, last);
	sift_up(heap, place - 1);
	sift_down(heap, heap->places[last.value] - 1);
}

void heap_set(struct heap *heap, size_t value, int64_t key)
{
	assert(value < heap->room);
	heap_remove(heap, value);
	put(heap, heap->len++,
	    (struct heap_entry){ .key = key, .order = heap->pushed++, .value = value });
	sift_up(heap, heap->len - 1);
}

const struct heap_entry *heap_first(const struct heap *heap)
{
	return heap->len ? &heap->entries[0] : NULL;
}

void heap_release(struct heap *heap)
{
	free(heap->entries);
	free(heap->places);
	*heap = (struct heap){ 0 };
}
