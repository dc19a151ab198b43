/*
 * variant.h - the qualities in which a video lies on the CDN. Most have one, the
 * original. Of a video with a sample (`[sample]`) its record links the smallest.
 *
 * A file is called by one number, that of its item and variant together.
 */
#pragma once

#include "media/prompt.h"

enum variant { VARIANT_ORIGINAL, VARIANT_MIDDLE, VARIANT_SAMPLE, VARIANTS };

struct variant_row {
	const char *definition;
	unsigned width, height;
	unsigned bitrate; /* kbit/s, as links tell it */
	const char *logo; /* the mark in the picture: "" for none */
};

enum { FILES_MAX = ITEMS_MAX * VARIANTS };

/* How a variant is described; without a sample there is one, described as measured. */
const struct variant_row *variant_row(enum variant variant, bool has_sample);

static inline unsigned variant_file(unsigned item, enum variant variant)
{
	return item + (unsigned)variant * ITEMS_MAX;
}

static inline unsigned file_item(unsigned file)
{
	return file % ITEMS_MAX;
}

static inline enum variant file_variant(unsigned file)
{
	return (enum variant)(file / ITEMS_MAX);
}
