/*
 * gunzip.h - a whole answer that was packed with gzip, unpacked in one go (libdeflate).
 * Pure. How large it will be is written at its end; nothing larger is ever made, and
 * nothing of what does not fit its length and its sum is given out.
 */
#pragma once

#include <stddef.h>

enum gunzip_result {
	GUNZIP_OK,
	GUNZIP_DAMAGED, /* no gzip, cut short, or something is behind it */
	GUNZIP_TOO_LARGE, /* it says that it has more than `max` bytes */
	GUNZIP_NO_MEMORY,
};

/* *ret_bytes is malloc'ed, never NULL. */
enum gunzip_result gunzip(
    const void *packed, size_t len, size_t max, char **ret_bytes, size_t *ret_len);
