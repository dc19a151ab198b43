/*
 * cache.h - thumbnails that were made before, and files of which none can be made:
 * FOLDER/v1/ab/SHA256.320.webp and .320.fail.
 *
 * Folders 0700, files 0600. Each file appears complete; a power cut may leave a damaged
 * one, which is no entry and is made again. Nothing here is an error: a cache that can't
 * be read or written is none.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

struct cache {
	char *folder; /* NULL: none */
};

struct cache cache_make(const char *folder); /* copies it; NULL: none */
void cache_release(struct cache *cache);

/* Is it the hexadecimal form of a sha256? Nothing else becomes a part of a name. */
bool cache_is_key(const char *sha256);
/* Append the thumbnail; false: there is none. */
bool cache_get(const struct cache *cache, const char *sha256, struct buf *into);
void cache_put(
    const struct cache *cache, const char *sha256, const void *bytes, size_t length);

/* Why none could be made, of which file, and when. */
struct failure {
	uint64_t why; /* 0: nobody has said that none can */
	uint64_t inode, changed_ns; /* of the file */
	uint64_t made_unix_s;
};
struct failure cache_failure(const struct cache *cache, const char *sha256);
void cache_put_failure(
    const struct cache *cache, const char *sha256, const struct failure *failure);
/* Once a day, remove what was not wanted for so long. */
void cache_clean(const struct cache *cache, int64_t now_unix_s, int64_t older_s);
