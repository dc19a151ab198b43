/*
 * media.h - is this file a complete picture, film or sound, and which?
 *
 * Walks the container: PNG to IEND, JPEG to EOI, RIFF by its size, GIF to its
 * trailer, MP4/MOV/AVIF boxes to moov and mdat and where their tables point, OGG to its
 * last page, MP3, AAC and FLAC frame by frame. What has no end mark (a WAV or WebM that
 * was streamed, MP3 without a Xing head, AAC, a fragmented film without an index) may be
 * cut exactly between two of its parts unseen. Reads the whole of some, of most a few
 * bytes.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "model/task.h"

struct media_type {
	/* "png", "jpeg", "webp", "gif", "avif", "mp4", "mov", "mp3", ... */
	const char *format;
	const char *extension; /* "jpg" for jpeg, else as format */
	enum media_kind kind;
};

/* Judges by the first bytes (16 are enough); NULL: not media (HTML and JSON among it). */
const struct media_type *media_sniff(const void *head, size_t len);

/*
 * ERR_CONTRACT: not media (the message says "HTML page", "JSON text" or the first bytes),
 * or cut off, or with bytes missing; bytes behind the end are allowed. ERR_IO: can't be
 * read.
 */
enum err_kind media_check(
    int fd, uint64_t size_bytes, const struct media_type **ret_type, struct err *err);

/*
 * Does it tell itself where it ends, so that media_check() finds every cut? False for
 * what may lack some of its parts: only a length or a checksum from elsewhere can tell.
 * Errors as above.
 */
enum err_kind media_tells_end(int fd, uint64_t size_bytes,
    const struct media_type **ret_type, bool *ret_tells, struct err *err);
