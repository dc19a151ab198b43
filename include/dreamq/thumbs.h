/*
 * thumbs.h - small pictures of what is stored, for front ends: as WebP files, which a
 * cache keeps, or as pixels. Errors are those of dreamq.h.
 *
 * No decoder runs in this process. Helper programs do it, dreamq-thumb for pictures and
 * dreamq-poster for the first picture of films, which may open nothing, and are killed
 * for trying; who dies of a file, or takes too long, is replaced, and that file is not
 * tried again (its cache says so). They are looked for where DREAMQ_THUMB and
 * DREAMQ_POSTER say, beside this program, and where they were installed.
 *
 * A struct dq_thumbs belongs to one thread, which also has to live as long as it; each
 * has helpers of its own, one picture at a time. Several, also in several processes, may
 * share a cache.
 */
#pragma once

#include "dreamq/dreamq.h"

#ifdef __cplusplus
extern "C" {
#endif

enum {
	DQ_THUMB_SIDE = 320, /* pixels, at most, of one that is kept */
	DQ_PICTURE_SIDE_MAX = 4096,
};

struct dq_thumbs; /* helpers and a cache */

struct dq_thumbs_options {
	size_t size_bytes;
	const char *cache; /* folder; NULL: $XDG_CACHE_HOME/dreamq/thumbs */
	int64_t timeout_ms; /* for one file; 0: 10 s */
	bool no_cache; /* neither read nor written */
};

/* PNG, JPEG, WebP, MP4, MOV and WebM are read, of at most 64 million pixels. */
struct dq_picture {
	void *bytes; /* malloc'ed; dq_picture_release() frees it */
	size_t length;
	unsigned width, height; /* 0: of a file out of the cache, which was not opened */
};

/* Nothing is started yet. `options` may be NULL. */
DQ_API enum dq_status dq_thumbs_open(const struct dq_thumbs_options *options,
    struct dq_thumbs **ret_thumbs, struct dq_error *err);
/* Ends its helpers. Once a day, what nobody has wanted for 90 days leaves the cache. NULL
 * is fine. */
DQ_API void dq_thumbs_close(struct dq_thumbs *thumbs);

/*
 * Make a WebP file of at most DQ_THUMB_SIDE pixels a side of the file behind `fd`, which
 * is open for reading; its place changes. `sha256` (hexadecimal) is that of its bytes, by
 * which it is found in the cache; NULL: it is not kept.
 *
 * DQ_FAILED: no picture can be made of this file. DQ_STORAGE: of none, as long as what
 * the sentence says is not put right (a helper is missing; memory).
 */
DQ_API enum dq_status dq_thumb(struct dq_thumbs *thumbs, int fd, const char *sha256,
    struct dq_picture *ret_picture, struct dq_error *err);
/*
 * The same as pixels (RGBA, four bytes each, row by row, not multiplied by alpha), of at
 * most so many; it is never made larger than it is. What is no larger than a
 * thumbnail is made of that, and of a known sha256 it is kept.
 */
struct dq_picture_size {
	unsigned width, height; /* 1 to DQ_PICTURE_SIDE_MAX */
};
DQ_API enum dq_status dq_pixels(struct dq_thumbs *thumbs, int fd, const char *sha256,
    const struct dq_picture_size *most, struct dq_picture *ret_picture,
    struct dq_error *err);
/* The same as a WebP file of any such size, which no cache keeps. */
DQ_API enum dq_status dq_webp(struct dq_thumbs *thumbs, int fd, const char *sha256,
    const struct dq_picture_size *most, struct dq_picture *ret_picture,
    struct dq_error *err);
DQ_API void dq_picture_release(struct dq_picture *picture);

#ifdef __cplusplus
}
#endif
