/*
 * embed_webp.c - chunks at the end of RIFF; what has any is in the extended form, whose
 * first chunk says so.
 */
#include <string.h>

#include "base/cleanup.h"
#include "store/media/edit.h"

enum {
	FIRST_CHUNK = 12,
	CHUNK_HEAD = 8,
	FLAG_XMP = 0x04,
	FLAG_EXIF = 0x08,
	FLAG_ALPHA = 0x10,
	VP8X_BYTES = 10,
	LOOK_BYTES = 10, /* of a picture, for its size */
};

struct found {
	uint64_t end; /* of RIFF */
	uint64_t last; /* the end of its last chunk; what is behind that is none */
	bool lacks_padding; /* that one has an odd length, and RIFF ends there */
	char first[4]; /* the first chunk's type */
	uint64_t xmp_at, xmp_len; /* with its padding; 0: there is none */
	bool has_exif;
};

static enum err_kind look(
    struct source *source, struct edits *edits, struct found *found, struct err *err)
{
	char type[4];
	uint64_t at = FIRST_CHUNK;
	uint32_t len;

	if (source_le32(source, 4, &len, err) ||
	    source_get(source, FIRST_CHUNK, found->first, 4, err))
		return err->kind;
	found->end = CHUNK_HEAD + (uint64_t)len;
	for (; at + CHUNK_HEAD <= found->end; at = found->last) {
		if (source_get(source, at, type, 4, err) ||
		    source_le32(source, at + 4, &len, err))
			return err->kind;
		found->has_exif |= !memcmp(type, "EXIF", 4);
		found->last = at + CHUNK_HEAD + (uint64_t)len + (len & 1);
		found->lacks_padding = found->last > found->end;
		found->last -= found->lacks_padding;
		if (memcmp(type, "XMP ", 4) != 0)
			continue;
		if (edits_take_old(edits, source, at + CHUNK_HEAD, len, err))
			return err->kind;
		found->xmp_at = at;
		found->xmp_len = found->last - at;
		found->lacks_padding = false; /* it goes */
	}
	return ERR_OK;
}

static void add_chunk(struct buf *into, const char *type, const struct buf *body)
{
	buf_add(into, type, 4);
	add_le32(into, (uint32_t)body->len);
	buf_add(into, body->data, body->len);
	buf_add(into, "", body->len & 1);
	into->failed |= buf_failed(body);
}

static void add_le24(struct buf *into, uint32_t value)
{
	const unsigned char bytes[3] = { (unsigned char)value,
		(unsigned char)(value >> 8), (unsigned char)(value >> 16) };

	buf_add(into, bytes, sizeof(bytes));
}

/* The canvas is as large as the one picture. */
static enum err_kind add_first(struct source *source, const struct found *found,
    unsigned flags, struct buf *into, struct err *err)
{
	unsigned char b[LOOK_BYTES];
	uint32_t width, height;

	if (source_get(source, FIRST_CHUNK + CHUNK_HEAD, b, sizeof(b), err))
		return err->kind;
	if (!memcmp(found->first, "VP8L", 4)) {
		const uint32_t bits = b[1] | (uint32_t)b[2] << 8 | (uint32_t)b[3] << 16 |
		    (uint32_t)b[4] << 24;

		width = (bits & 0x3fff) + 1;
		height = (bits >> 14 & 0x3fff) + 1;
		flags |= bits >> 28 & 1 ? FLAG_ALPHA : 0;
	} else if (!memcmp(found->first, "VP8 ", 4)) {
		width = (b[6] | (uint32_t)b[7] << 8) & 0x3fff;
		height = (b[8] | (uint32_t)b[9] << 8) & 0x3fff;
	} else {
		width = height = 0;
	}
	if (width == 0 || height == 0)
		return source_fail(source, FIRST_CHUNK, "a picture without a size", err);
	buf_add(into, "VP8X", 4);
	add_le32(into, VP8X_BYTES);
	add_le32(into, flags);
	add_le24(into, width - 1);
	add_le24(into, height - 1);
	return ERR_OK;
}

/* The flags of the one that is there get more. */
static enum err_kind flag_first(
    struct source *source, unsigned flags, struct edits *edits, struct err *err)
{
	const uint64_t at = FIRST_CHUNK + CHUNK_HEAD;
	unsigned char there;

	if (source_get(source, at, &there, 1, err))
		return err->kind;
	there |= (unsigned char)flags;
	buf_add(edits_add(edits, at, 1), &there, 1);
	return ERR_OK;
}

static enum err_kind plan(struct source *source, const struct found *found,
    const struct buf *tail, struct edits *edits, struct err *err)
{
	const unsigned flags = FLAG_XMP | FLAG_EXIF;
	const bool is_extended = !memcmp(found->first, "VP8X", 4);
	struct buf *into, *size = edits_add(edits, 4, 4);
	const uint64_t more = tail->len + found->lacks_padding +
	    (is_extended ? 0 : CHUNK_HEAD + VP8X_BYTES) - found->xmp_len -
	    (found->end - found->last);

	if (found->end + more - CHUNK_HEAD > UINT32_MAX)
		return err_set(err, ERR_FAILED, "it is too large for more");
	add_le32(size, (uint32_t)(found->end + more - CHUNK_HEAD));
	if (is_extended
		? flag_first(source, flags, edits, err)
		: add_first(source, found, flags, edits_add(edits, FIRST_CHUNK, 0), err))
		return err->kind;
	if (found->xmp_len > 0)
		(void)edits_add(edits, found->xmp_at, found->xmp_len);
	into = edits_add(edits, found->last, found->end - found->last);
	buf_add(into, "", found->lacks_padding);
	buf_add(into, tail->data, tail->len);
	return ERR_OK;
}

enum err_kind edit_webp(struct source *source, const struct embedding *embedding,
    struct edits *edits, struct err *err)
{
	_cleanup_(buf_release) struct buf xmp = buf_make(EDIT_BYTES_MAX);
	_cleanup_(buf_release) struct buf exif = buf_make(EDIT_BYTES_MAX);
	_cleanup_(buf_release) struct buf tail = buf_make(EDIT_BYTES_MAX);
	struct found found = { 0 };

	if (look(source, edits, &found, err) ||
	    edits_add_xmp(edits, embedding, &xmp, err))
		return err->kind;
	exif_add(&exif, embedding->parameters);
	if (!found.has_exif)
		add_chunk(&tail, "EXIF", &exif);
	add_chunk(&tail, "XMP ", &xmp);
	if (buf_failed(&tail))
		return err_set(err, ERR_NOMEM, "out of memory");
	return plan(source, &found, &tail, edits, err);
}
