/*
 * embed.h - a copy of a picture or a film that has texts in it besides: the same bytes,
 * and some metadata more. What is decoded is not touched: pixels and sound are the same.
 *
 *	PNG    XMP (iTXt) and "parameters" (tEXt; iTXt when it is no ASCII), behind IHDR
 *	JPEG   XMP (APP1), and Exif with "parameters" as UserComment where there is none
 *	WebP   the same, as chunks at its end, in the extended form (VP8X)
 *	MP4    XMP in a uuid box at its end
 *
 * XMP that the file has is handed over, and what is made of it takes its place: a file
 * has one packet. Other metadata stays as it is.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "store/media/media.h"

struct embedding {
	const char *parameters; /* UTF-8 */
	/* Adds the packet; `old`: that of the file, NULL: it has none. False: that can't
	 * be added to. */
	bool (*add_xmp)(void *payload, const struct buf *old, struct buf *into);
	enum err_kind (*write)(
	    void *payload, const void *bytes, size_t len, struct err *err);
	void *payload;
};

/*
 * Writes the copy, piece by piece. ERR_FAILED: this kind of file, or this file, can't
 * have them, and why. ERR_CONTRACT: it is damaged. ERR_IO, what write() returns: as they
 * are.
 */
enum err_kind media_embed(
    int fd, uint64_t size_bytes, const struct embedding *embedding, struct err *err);
