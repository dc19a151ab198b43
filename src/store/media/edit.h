/*
 * edit.h - what is to change in a file, and how each container wants it; see embed.h. For
 * store/ only. A container says so in edits, in the order of the file: at `at`, `cut`
 * bytes go, and some come. What is not in an edit is copied.
 */
#pragma once

#include "base/buf.h"
#include "store/media/embed.h"
#include "store/media/source.h"

enum {
	EDITS_MAX = 6,
	EDIT_BYTES_MAX = 8 << 20,
	OLD_XMP_MAX = 1 << 20,
};

struct edit {
	uint64_t at, cut;
	struct buf bytes; /* that come */
};

struct edits {
	struct edit all[EDITS_MAX];
	size_t n;
	struct buf old_xmp; /* of the file; empty: it has none */
};

/* Returns where to add the bytes of one edit more; it is behind all others. */
struct buf *edits_add(struct edits *edits, uint64_t at, uint64_t cut);
/* Makes the packet, in the place of old_xmp. ERR_FAILED: that can't be added to. */
enum err_kind edits_add_xmp(const struct edits *edits, const struct embedding *embedding,
    struct buf *into, struct err *err);
/* Reads the XMP that the file has. ERR_FAILED: it is too large. */
enum err_kind edits_take_old(struct edits *edits, struct source *source, uint64_t at,
    uint64_t len, struct err *err);

/* Adds a TIFF structure with the text as Exif UserComment, in UTF-16. */
void exif_add(struct buf *into, const char *text);
void add_be16(struct buf *into, uint32_t value);
void add_be32(struct buf *into, uint32_t value);
void add_le32(struct buf *into, uint32_t value);

typedef enum err_kind plan_edits(struct source *source, const struct embedding *embedding,
    struct edits *edits, struct err *err);
plan_edits edit_png, edit_jpeg, edit_webp, edit_film;
