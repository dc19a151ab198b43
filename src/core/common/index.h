/*
 * index.h - which of many has this id? Their places (0, 1, 2 ...) by the texts of their
 * ids, in six to twelve bytes each; the texts stay where they are.
 *
 * An index of index_make() is empty and owns nothing. Room is made in advance with
 * index_reserve(); everything after that can't fail. An id is in it at most once.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct index {
	/* Returns the id of the one at this place. */
	const char *(*id_at)(const void *owner, size_t place);
	const void *owner;
	uint32_t *buckets; /* open addressing: place +1; 0 free */
	size_t n_buckets; /* a power of two, a quarter of them free at least; or 0 */
	size_t len;
};
enum { INDEX_NONE = -1 };

static inline struct index index_make(
    const char *(*id_at)(const void *owner, size_t place), const void *owner)
{
	return (struct index){ .id_at = id_at, .owner = owner };
}

/* False: no memory, or more than there are places. */
bool index_reserve(struct index *index, size_t n);
/* The place of this id; INDEX_NONE: there is none. */
int64_t index_find(const struct index *index, const char *id);
/* It is not there yet, and id_at(place) says it. */
void index_add(struct index *index, const char *id, size_t place);
/* Its id is still said by id_at(). */
void index_remove(struct index *index, const char *id);
void index_release(struct index *index);
