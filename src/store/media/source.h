/*
 * source.h - a file that a container walk reads here and there, through a window: of a
 * few KiB where it looks, of more where it goes on reading. For store/ only.
 *
 * Reading beyond the end is ERR_CONTRACT "cut off": the walks need no checks of
 * their own before they read. Offsets are from the start of the file.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct source {
	int fd;
	uint64_t size_bytes;
	const char *format; /* for messages */
	bool has_no_end; /* a walk found that the container does not tell where it ends */
	uint64_t window_at;
	size_t window_len;
	unsigned char window[64 << 10];
};

/* Begins with nothing in the window; `format` "file" until it is known. */
void source_begin(struct source *source, int fd, uint64_t size_bytes);

/* Returns one or more bytes from `offset` on, borrowed until the next call. */
enum err_kind source_view(struct source *source, uint64_t offset,
    const unsigned char **ret_bytes, size_t *ret_len, struct err *err);
/* Reads exactly n bytes. */
enum err_kind source_get(
    struct source *source, uint64_t offset, void *into, size_t n, struct err *err);
enum err_kind source_be32(
    struct source *source, uint64_t offset, uint32_t *ret_value, struct err *err);
enum err_kind source_le32(
    struct source *source, uint64_t offset, uint32_t *ret_value, struct err *err);
/* Is all of [offset, offset + len) there? */
enum err_kind source_need(
    const struct source *source, uint64_t offset, uint64_t len, struct err *err);

/* Says "the png is damaged at byte 33: <why>". */
enum err_kind source_fail(
    const struct source *source, uint64_t offset, const char *why, struct err *err);
