/*
 * media.h - is this file a complete picture, film or sound, and which?
 *
 * Walks the container: PNG to IEND, JPEG to EOI, RIFF/WEBP by its size,
 * GIF to its trailer, MP4/MOV/AVIF boxes to moov and mdat (or the end for HEIF), MP3,
 * WAV, OGG, M4A by their heads. Reads a few bytes here and there, never the whole.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "model/task.h"

struct media_type {
	const char
	    *format; /* "png", "jpeg", "webp", "gif", "avif", "mp4", "mov", "mp3", ... */
	const char *extension; /* "jpg" for jpeg, else as format */
	enum media_kind kind;
};

/* By the first bytes (16 are enough); NULL: not media (HTML and JSON among it). */
const struct media_type *media_sniff(const void *head, size_t len);

/*
 * ERR_CONTRACT: not media (the message says "HTML page", "JSON text" or the first bytes),
 * or cut off, or with bytes missing; bytes behind the end are allowed. ERR_IO: can't be
 * read.
 */
enum err_kind media_check(
    int fd, uint64_t size_bytes, const struct media_type **ret_type, struct err *err);
