/*
 * xmp.h - XMP of a stored file: a packet of its own, or as much of one as goes into what
 * the file has already. Pure.
 */
#pragma once

#include "base/buf.h"
#include "core/sidecar/forms.h"

enum xmp_words {
	XMP_ALL, /* with what people have said of the task: tags, rating, note */
	XMP_OF_MAKING, /* how it was made, and no more: for copies that are given away */
};

/* Adds a whole packet. */
void xmp_add_packet(struct buf *into, const struct sidecar_of *of, enum xmp_words words);
/*
 * Adds the packet `old` with ours in it: what it says already stays as it is. False: it
 * is none that can be added to.
 */
bool xmp_add_merged(struct buf *into, const struct buf *old, const struct sidecar_of *of,
    enum xmp_words words);
