/*
 * walk_image.c - PNG, JPEG, GIF and WebP to their ends.
 */
#include <ctype.h>
#include <string.h>

#include <zlib.h>

#include "store/media/walk.h"

/* Does the checksum behind [at, at + len) fit? */
static enum err_kind check_crc(
    struct source *source, uint64_t at, uint64_t len, struct err *err)
{
	const uint64_t end = at + len;
	const unsigned char *bytes;
	uint32_t stored;
	uLong crc = 0;
	size_t n;

	for (; at < end; at += n) {
		if (source_view(source, at, &bytes, &n, err))
			return err->kind;
		n = n < end - at ? n : (size_t)(end - at);
		crc = crc32_z(crc, bytes, n);
	}
	if (source_be32(source, end, &stored, err))
		return err->kind;
	if (stored != crc)
		return source_fail(source, end, "a wrong checksum", err);
	return ERR_OK;
}

struct png_chunk {
	uint64_t at; /* of its length */
	uint32_t len;
	unsigned char type[4];
};

static enum err_kind png_chunk(
    struct source *source, uint64_t at, struct png_chunk *ret_chunk, struct err *err)
{
	struct png_chunk chunk = { .at = at };

	if (source_be32(source, at, &chunk.len, err) ||
	    source_get(source, at + 4, chunk.type, 4, err))
		return err->kind;
	for (int i = 0; i < 4; i++)
		if (!isalpha(chunk.type[i]))
			return source_fail(source, at + 4, "no chunk begins here", err);
	if (chunk.len > INT32_MAX)
		return source_fail(source, at, "an impossible length", err);
	if (source_need(source, at, (uint64_t)chunk.len + 12, err))
		return err->kind;
	/* Upper case: critical; a reader may live with other damage, so do we. */
	if (isupper(chunk.type[0]) &&
	    check_crc(source, at + 4, (uint64_t)chunk.len + 4, err))
		return err->kind;
	*ret_chunk = chunk;
	return ERR_OK;
}

static bool is_type(const struct png_chunk *chunk, const char *type)
{
	return !memcmp(chunk->type, type, 4);
}

enum err_kind walk_png(struct source *source, struct err *err)
{
	struct png_chunk chunk = { .at = 0 };
	uint32_t width, height;
	bool has_data = false;
	uint64_t at = 8;

	if (png_chunk(source, at, &chunk, err))
		return err->kind;
	if (!is_type(&chunk, "IHDR") || chunk.len != 13)
		return source_fail(source, at, "it does not begin with IHDR", err);
	if (source_be32(source, at + 8, &width, err) ||
	    source_be32(source, at + 12, &height, err))
		return err->kind;
	if (width == 0 || height == 0)
		return source_fail(source, at + 8, "a picture without a size", err);
	while (!is_type(&chunk, "IEND")) {
		at += (uint64_t)chunk.len + 12;
		if (png_chunk(source, at, &chunk, err))
			return err->kind;
		has_data |= is_type(&chunk, "IDAT");
	}
	return has_data ? ERR_OK : source_fail(source, at, "a picture without data", err);
}

/* Finds the next byte that is 0xff, from *at on. */
static enum err_kind find_ff(struct source *source, uint64_t *at, struct err *err)
{
	const unsigned char *bytes, *found;
	size_t len;

	for (;; *at += len) {
		if (source_view(source, *at, &bytes, &len, err))
			return err->kind;
		found = memchr(bytes, 0xff, len);
		if (found) {
			*at += (uint64_t)(found - bytes);
			return ERR_OK;
		}
	}
}

/* The marker whose 0xff stands at *at; moves behind it. */
static enum err_kind take_marker(
    struct source *source, uint64_t *at, unsigned char *ret_marker, struct err *err)
{
	unsigned char c;

	if (source_get(source, *at, &c, 1, err))
		return err->kind;
	if (c != 0xff)
		return source_fail(source, *at, "a marker is expected", err);
	for (; c == 0xff; ++*at) /* any number of them may fill */
		if (source_get(source, *at, &c, 1, err))
			return err->kind;
	*ret_marker = c;
	return ERR_OK;
}

/* Passes over coded data from *at to the marker that ends it. */
static enum err_kind skip_scan(struct source *source, uint64_t *at, struct err *err)
{
	unsigned char marker = 0;
	uint64_t behind;

	for (;; *at = behind) {
		if (find_ff(source, at, err))
			return err->kind;
		behind = *at;
		if (take_marker(source, &behind, &marker, err))
			return err->kind;
		/* 0 is a stuffed byte, the others restart the decoder. */
		if (marker != 0 && (marker < 0xd0 || marker > 0xd7))
			return ERR_OK;
	}
}

/* Reads a marker's segment at *at; moves behind it. */
static enum err_kind skip_segment(struct source *source, uint64_t *at, struct err *err)
{
	unsigned char b[2];
	unsigned len;

	if (source_get(source, *at, b, 2, err))
		return err->kind;
	len = (unsigned)b[0] << 8 | b[1];
	if (len < 2)
		return source_fail(source, *at, "an impossible length", err);
	if (source_need(source, *at, len, err))
		return err->kind;
	*at += len;
	return ERR_OK;
}

static bool is_frame(unsigned char marker)
{
	return marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 &&
	    marker != 0xcc;
}

enum err_kind walk_jpeg(struct source *source, struct err *err)
{
	bool has_frame = false, has_scan = false;
	unsigned char marker = 0;
	uint64_t at = 2;

	for (;;) {
		if (take_marker(source, &at, &marker, err))
			return err->kind;
		if (marker == 0xd9)
			break;
		if (marker == 0x01)
			continue;
		if (marker < 0xc0 || (marker >= 0xd0 && marker <= 0xd8))
			return source_fail(source, at, "a misplaced marker", err);
		if (skip_segment(source, &at, err))
			return err->kind;
		has_frame |= is_frame(marker);
		if (marker == 0xda && skip_scan(source, &at, err))
			return err->kind;
		has_scan |= marker == 0xda;
	}
	if (!has_frame || !has_scan)
		return source_fail(source, at, "it ends without a picture", err);
	return ERR_OK;
}

/* Passes over sub-blocks, each with its length in front, up to the empty one. */
static enum err_kind skip_blocks(struct source *source, uint64_t *at, struct err *err)
{
	unsigned char len;

	do {
		if (source_get(source, *at, &len, 1, err) ||
		    source_need(source, *at + 1, len, err))
			return err->kind;
		*at += 1 + (uint64_t)len;
	} while (len);
	return ERR_OK;
}

static uint64_t colour_table(unsigned char flags)
{
	return flags & 0x80 ? UINT64_C(3) << ((flags & 7) + 1) : 0;
}

enum err_kind walk_gif(struct source *source, struct err *err)
{
	unsigned char kind, head[13];
	bool has_picture = false;
	uint64_t at;

	if (source_get(source, 0, head, 13, err))
		return err->kind;
	for (at = 13 + colour_table(head[10]);;) {
		if (source_get(source, at, &kind, 1, err))
			return err->kind;
		if (kind == ';')
			break;
		if (kind == ',') {
			if (source_get(source, at + 1, head, 9, err))
				return err->kind;
			at += 11 + colour_table(head[8]); /* and the code size */
			has_picture = true;
		} else if (kind == '!') {
			at += 2;
		} else {
			return source_fail(source, at, "no block begins here", err);
		}
		if (skip_blocks(source, &at, err))
			return err->kind;
	}
	return has_picture ? ERR_OK : source_fail(source, at, "it has no picture", err);
}

static bool is_webp_data(const unsigned char *type)
{
	return !memcmp(type, "VP8 ", 4) || !memcmp(type, "VP8L", 4) ||
	    !memcmp(type, "ANMF", 4);
}

enum err_kind walk_webp(struct source *source, struct err *err)
{
	bool has_data = false;
	uint64_t at = 12, end;
	unsigned char type[4];
	uint32_t len;

	if (source_le32(source, 4, &len, err) || source_need(source, 8, len, err))
		return err->kind;
	for (end = 8 + (uint64_t)len; at + 8 <= end;
	     at += 8 + (uint64_t)len + (len & 1)) {
		if (source_get(source, at, type, 4, err) ||
		    source_le32(source, at + 4, &len, err))
			return err->kind;
		if (len > end - at - 8)
			return source_fail(source, at, "a chunk leaves its frame", err);
		has_data |= len && is_webp_data(type);
	}
	return has_data ? ERR_OK : source_fail(source, at, "it has no picture", err);
}
