#include "core/common/index.h"

#include <stdlib.h>
#include <string.h>

/* Computes FNV-1a. An attacker who chooses ids only slows down himself. */
static size_t hash_of(const char *id)
{
	uint64_t hash = 0xcbf29ce484222325U;

	for (; *id; id++)
		hash = (hash ^ (unsigned char)*id) * 0x100000001b3U;
	return (size_t)(hash ^ (hash >> 32));
}

static size_t after(const struct index *index, size_t bucket)
{
	return (bucket + 1) & (index->n_buckets - 1);
}

static const char *id_in(const struct index *index, size_t bucket)
{
	return index->id_at(index->owner, index->buckets[bucket] - 1);
}

/* The bucket of `id`, or the free one where it would go. There is always a free one. */
static size_t bucket_of(const struct index *index, const char *id)
{
	size_t bucket = hash_of(id) & (index->n_buckets - 1);

	while (index->buckets[bucket] && strcmp(id_in(index, bucket), id) != 0)
		bucket = after(index, bucket);
	return bucket;
}

static bool is_enough(size_t n_buckets, size_t n)
{
	return n <= n_buckets / 4 * 3;
}

bool index_reserve(struct index *index, size_t n)
{
	struct index wider = *index;

	if (n > UINT32_MAX / 4)
		return false;
	if (is_enough(index->n_buckets, n))
		return true;
	if (!wider.n_buckets)
		wider.n_buckets = 16;
	while (!is_enough(wider.n_buckets, n))
		wider.n_buckets *= 2;
	wider.buckets = calloc(wider.n_buckets, sizeof(*wider.buckets));
	if (!wider.buckets)
		return false;
	for (size_t i = 0; i < index->n_buckets; i++)
		if (index->buckets[i])
			wider.buckets[bucket_of(&wider, id_in(index, i))] =
			    index->buckets[i];
	free(index->buckets);
	*index = wider;
	return true;
}

int64_t index_find(const struct index *index, const char *id)
{
	if (index->len == 0)
		return INDEX_NONE;
	return (int64_t)index->buckets[bucket_of(index, id)] - 1;
}

void index_add(struct index *index, const char *id, size_t place)
{
	index->buckets[bucket_of(index, id)] = (uint32_t)(place + 1);
	index->len++;
}

/* Those behind it that had to pass it move up, so that they are found without it. */
void index_remove(struct index *index, const char *id)
{
	size_t hole = bucket_of(index, id);

	index->buckets[hole] = 0;
	index->len--;
	for (size_t i = after(index, hole); index->buckets[i]; i = after(index, i)) {
		const uint32_t moving = index->buckets[i];

		index->buckets[i] = 0;
		index->buckets[bucket_of(index, index->id_at(index->owner, moving - 1))] =
		    moving;
	}
}

void index_release(struct index *index)
{
	free(index->buckets);
	*index = index_make(index->id_at, index->owner);
}
