/*
 * decoding.h - what the tests of the decoders share: fixtures, and bytes as files.
 */
#pragma once

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "thumb/serve.h"

/* The bytes of a fixture, malloc'ed. */
static inline uint8_t *fixture(const char *name, size_t *ret_size)
{
	char path[4096];
	uint8_t *bytes = malloc(1 << 20);
	FILE *file;

	assert_true(
	    snprintf(path, sizeof(path), "%s/media/%s", getenv("FIXTURES"), name) > 0);
	file = fopen(path, "rb");
	assert_non_null(file);
	assert_non_null(bytes);
	*ret_size = fread(bytes, 1, 1 << 20, file);
	assert_int_equal(fclose(file), 0);
	return bytes;
}

/* Decodes; the picture, if there is one, has every row. */
static inline enum thumb_result decode_bytes(
    decoder *decode, const void *bytes, size_t size, uint32_t side, struct shrink *into)
{
	struct source *source = malloc(sizeof(*source));
	const struct want want = { side, side };
	int fd = memfd_create("media", MFD_CLOEXEC);
	enum thumb_result result;

	assert_non_null(source);
	assert_int_equal(write(fd, bytes, size), (ssize_t)size);
	source_open(source, fd);
	result = decode(source, &want, into);
	if (result == THUMB_DONE) {
		assert_non_null(into->pixels);
		assert_in_range(into->width, 1, side);
		assert_in_range(into->height, 1, side);
	}
	(void)close(fd);
	free(source);
	return result;
}

/*
 * Every beginning of it, and every byte of it changed (or every `step`th): an end each
 * time, and no crash.
 */
static inline void try_damage(
    decoder *decode, const uint8_t *bytes, size_t size, size_t step)
{
	uint8_t *copy = malloc(size);

	for (size_t n = 0; n < size; n += step) {
		struct shrink picture = { 0 };

		memcpy(copy, bytes, size);
		copy[n] = (uint8_t)(copy[n] ^ 0x5a);
		(void)decode_bytes(decode, copy, size, 32, &picture);
		shrink_release(&picture);
		(void)decode_bytes(decode, bytes, n, 32, &picture);
		shrink_release(&picture);
	}
	free(copy);
}
