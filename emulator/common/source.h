/*
 * source.h - the bytes of an answer, without holding them all.
 *
 * A source is a short list of segments: plain bytes, or a block repeated up to
 * a length. Any offset can be read at once, so a 200 MB file costs the size of
 * its parts. It owns what was given with source_own().
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

enum { SOURCE_SEGMENTS = 10, SOURCE_OWNED = 6 };

struct segment {
	const uint8_t *bytes;
	size_t period; /* how many bytes there are at `bytes` */
	uint64_t size; /* how many this segment gives, repeating them */
};

struct source {
	struct segment segments[SOURCE_SEGMENTS];
	unsigned count;
	uint64_t size;
	void *owned[SOURCE_OWNED];
	unsigned owned_count;
	void (*let_go)(void *);
	void *shared; /* given to let_go when the source is released */
};

/* The bytes are borrowed until source_release(). */
void source_add(struct source *s, const void *bytes, size_t size);
void source_repeat(struct source *s, const void *block, size_t period, uint64_t size);

/* Add bytes of its own: a malloc'ed block that the source frees. */
void source_own(struct source *s, void *bytes, size_t size);
void source_keep(struct source *s, void *block);

/* Copy up to n bytes from this offset; the number copied, 0 past the end. */
size_t source_read(const struct source *s, uint64_t offset, void *out, size_t n);

void source_release(struct source *s);
