/*
 * asset.h - the real media behind a link.
 *
 * An asset is made of an encoded picture or clip that many share, and of parts
 * of its own: colours, a label with its name, padding. So its bytes are unique
 * and depend on nothing but its `struct asset`, and making one costs little.
 *
 *   PNG   signature IHDR | PLTE of its own | tEXt label | pad chunk | IDAT IEND
 *   WebP  RIFF VP8X | VP8 | label chunk | pad chunk
 *   JPEG  SOI | COM label | COM padding | the rest
 *   MP4   the clip | uuid box with the label | free box
 *   MP3   audio.h
 *
 * A studio keeps the shared encodings, the most recent few, and may be used by
 * several threads. An open source holds a reference to its encoding.
 */
#pragma once

#include <stdint.h>

#include "common/source.h"
#include "media/prompt.h"

enum { ASSET_MD5 = 16, CLIP_WIDTH = 640, CLIP_HEIGHT = 360, CLIP_DURATION_MS = 5042 };

struct asset {
	uint64_t key; /* colours, pattern and padding come from it */
	enum media_format format;
	unsigned width, height; /* of pictures */
	uint64_t pad_to; /* whole size wished for; smaller than possible is ignored */
	char label[160];
};

struct studio;

struct studio *studio_new(void);
void studio_free(struct studio *studio);

/* Compose the asset; the caller releases the source. */
struct source asset_open(struct studio *studio, const struct asset *asset);

void asset_md5(struct studio *studio, const struct asset *asset, uint8_t ret[ASSET_MD5]);

const char *asset_mime(enum media_format format);
