/*
 * source.h - the file that is being decoded: read in pieces, through one buffer.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SOURCE_BUFFER = 64 * 1024 };

struct source {
	int fd;
	size_t at, end; /* within the buffer: what was read and not taken */
	uint8_t buffer[SOURCE_BUFFER];
};

/* From its beginning. `fd` stays the caller's. */
void source_open(struct source *source, int fd);
/* Takes up to `n` bytes; fewer: that is all there is. */
size_t source_read(struct source *source, void *into, size_t n);
/* Shows the first bytes without taking them; right behind source_open() only. */
size_t source_head(struct source *source, const uint8_t **ret_head);
/* Reads more when nothing is left in the buffer; false: the end, or it can't be read. */
bool source_fill(struct source *source);
