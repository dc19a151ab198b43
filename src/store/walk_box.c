/*
 * walk_box.c - the ISO base media family (MP4, MOV, M4A, AVIF, HEIF) and
 * Matroska.
 *
 * A file whose last box says "to the end" (size 0) can't tell by its boxes that
 * something is missing; the tables of its tracks can: each names where its
 * chunks begin. Fragmented films are judged by their boxes alone, so that one
 * cut exactly between two fragments passes.
 */
#include <string.h>

#include "store/walk.h"

struct box {
	uint64_t at, body, end;
	char type[4];
};

/* What was found among the boxes. */
struct found {
	bool (*is_complete)(const struct found *found); /* what is looked for */
	bool wants_meta;
	bool has_film, has_fragment, has_meta, has_item_data;
	unsigned tracks;
	uint64_t data_bytes, last_chunk_at;
};

static bool is_type(const struct box *box, const char *type)
{
	return !memcmp(box->type, type, 4);
}

static bool is_plausible(const char *type)
{
	for (int i = 0; i < 4; i++)
		if ((type[i] < 0x20 || type[i] > 0x7e) && type[i] != (char)0xa9)
			return false;
	return true;
}

/* The box at `at`, which must end where or before its parent does. */
static enum err_kind get_box(struct source *source, uint64_t at, uint64_t parent_end,
    struct box *ret_box, struct err *err)
{
	struct box box = { .at = at, .body = at + 8 };
	uint32_t len, high, low;
	uint64_t size;

	if (source_be32(source, at, &len, err) ||
	    source_get(source, at + 4, box.type, 4, err))
		return err->kind;
	size = len ? len : parent_end - at;
	if (len == 1) {
		if (source_be32(source, at + 8, &high, err) ||
		    source_be32(source, at + 12, &low, err))
			return err->kind;
		size = (uint64_t)high << 32 | low;
		box.body += 8;
	}
	if (!is_plausible(box.type) || size < box.body - at)
		return source_fail(source, at, "no box begins here", err);
	if (size > parent_end - at)
		return parent_end < source->size_bytes
		    ? source_fail(source, at, "a box leaves its frame", err)
		    : source_need(source, at, size, err);
	box.end = at + size;
	*ret_box = box;
	return ERR_OK;
}

/* Where the last chunk of a track begins: stco (4 bytes each) or co64 (8). */
static enum err_kind read_chunks(
    struct source *source, const struct box *box, struct found *found, struct err *err)
{
	const unsigned step = is_type(box, "co64") ? 8 : 4;
	uint32_t n, high = 0, low;
	uint64_t at = box->body + 8, chunk;

	if (source_be32(source, box->body + 4, &n, err))
		return err->kind;
	if (at > box->end || n > (box->end - at) / step)
		return source_fail(source, box->at, "a table leaves its box", err);
	for (; n; n--, at += step) {
		if ((step == 8 && source_be32(source, at, &high, err)) ||
		    source_be32(source, at + step - 4, &low, err))
			return err->kind;
		chunk = (uint64_t)high << 32 | low;
		if (chunk > found->last_chunk_at)
			found->last_chunk_at = chunk;
	}
	return ERR_OK;
}

/* moov > trak > mdia > minf > stbl > stco: walked with a stack of where each level ends.
 */
static enum err_kind walk_tracks(
    struct source *source, const struct box *moov, struct found *found, struct err *err)
{
	static const char *const path[] = { "trak", "mdia", "minf", "stbl" };
	uint64_t ends[5] = { moov->end }, at = moov->body;
	struct box box = { .at = 0 };
	unsigned depth = 0;

	for (;;) {
		while (ends[depth] - at < 8) { /* QuickTime ends a list with four zeros */
			at = ends[depth];
			if (depth-- == 0)
				return ERR_OK;
		}
		if (get_box(source, at, ends[depth], &box, err))
			return err->kind;
		if (depth < 4 && is_type(&box, path[depth])) {
			found->tracks += depth == 0;
			ends[++depth] = box.end;
			at = box.body;
			continue;
		}
		if (depth == 4 && (is_type(&box, "stco") || is_type(&box, "co64")) &&
		    read_chunks(source, &box, found, err))
			return err->kind;
		at = box.end;
	}
}

/* meta > idat, for small pictures that keep their data there. */
static enum err_kind walk_meta(
    struct source *source, const struct box *meta, struct found *found, struct err *err)
{
	struct box box = { .at = 0 };

	found->has_meta = true;
	for (uint64_t at = meta->body + 4; at + 8 <= meta->end; at = box.end) {
		if (get_box(source, at, meta->end, &box, err))
			return err->kind;
		found->has_item_data |= is_type(&box, "idat") && box.end > box.body;
	}
	return ERR_OK;
}

static bool is_complete_film(const struct found *found)
{
	return found->has_film && found->tracks && found->data_bytes;
}

static bool is_complete_picture(const struct found *found)
{
	return found->has_meta && (found->has_item_data || found->data_bytes);
}

static enum err_kind note_box(
    struct source *source, const struct box *box, struct found *found, struct err *err)
{
	if (is_type(box, "moov")) {
		found->has_film = true;
		return walk_tracks(source, box, found, err);
	}
	if (is_type(box, "meta") && found->wants_meta)
		return walk_meta(source, box, found, err);
	if (is_type(box, "mdat"))
		found->data_bytes += box->end - box->body;
	found->has_fragment |= is_type(box, "moof");
	return ERR_OK;
}

/*
 * What follows a complete file and can't be a box is somebody's trailer, and none of
 * our business. A fragmented film, which may go on for ever, has no such trailer.
 */
static enum err_kind look_for_trailer(struct source *source, uint64_t at,
    const struct found *found, bool *ret_is_trailer, struct err *err)
{
	char type[4];

	*ret_is_trailer = false;
	if (!found->is_complete(found))
		return ERR_OK;
	if (source->size_bytes - at < 8) {
		*ret_is_trailer = !found->has_fragment;
		return ERR_OK;
	}
	if (source_get(source, at + 4, type, 4, err))
		return err->kind;
	*ret_is_trailer = !is_plausible(type);
	return ERR_OK;
}

static enum err_kind walk_boxes(
    struct source *source, struct found *found, struct err *err)
{
	bool is_trailer = false;
	struct box box = { .at = 0 };

	for (uint64_t at = 0; at < source->size_bytes; at = box.end) {
		if (look_for_trailer(source, at, found, &is_trailer, err))
			return err->kind;
		if (is_trailer)
			break;
		if (get_box(source, at, source->size_bytes, &box, err) ||
		    note_box(source, &box, found, err))
			return err->kind;
	}
	if (!found->is_complete(found))
		return source_fail(source, source->size_bytes,
		    found->has_film || found->has_meta ? "its data is missing"
						       : "its index is missing",
		    err);
	return found->last_chunk_at < source->size_bytes
	    ? ERR_OK
	    : source_need(source, found->last_chunk_at, 1, err);
}

enum err_kind walk_film(struct source *source, struct err *err)
{
	struct found found = { .is_complete = is_complete_film };

	return walk_boxes(source, &found, err);
}

static bool is_complete_heif(const struct found *found)
{
	return is_complete_picture(found) || is_complete_film(found);
}

enum err_kind walk_heif(struct source *source, struct err *err)
{
	struct found found = { .is_complete = is_complete_heif, .wants_meta = true };

	return walk_boxes(source, &found, err);
}

/* An EBML length: the number of leading zeros tells its own. *ret_is_open: unknown. */
static enum err_kind get_length(struct source *source, uint64_t *at, uint64_t *ret_len,
    bool *ret_is_open, struct err *err)
{
	unsigned char b[8];
	uint64_t value;
	unsigned n = 1;

	if (source_get(source, *at, b, 1, err))
		return err->kind;
	while (n <= 8 && !(b[0] & 0x100u >> n))
		n++;
	if (n > 8)
		return source_fail(source, *at, "no length stands here", err);
	if (source_get(source, *at, b, n, err))
		return err->kind;
	value = b[0] & (0xffu >> n);
	for (unsigned i = 1; i < n; i++)
		value = value << 8 | b[i];
	*at += n;
	*ret_len = value;
	*ret_is_open = value == (UINT64_C(1) << 7 * n) - 1;
	return ERR_OK;
}

enum err_kind walk_matroska(struct source *source, struct err *err)
{
	uint64_t at = 4, len = 0;
	uint32_t id;
	bool is_open = false;

	if (get_length(source, &at, &len, &is_open, err))
		return err->kind;
	if (is_open || source_need(source, at, len, err))
		return source_fail(source, at, "its head has no end", err);
	at += len;
	if (source_be32(source, at, &id, err))
		return err->kind;
	if (id != 0x18538067)
		return source_fail(source, at, "no segment begins here", err);
	at += 4;
	if (get_length(source, &at, &len, &is_open, err))
		return err->kind;
	/* A recording that was streamed does not know its end. */
	return is_open ? source_need(source, at, 1, err)
		       : source_need(source, at, len, err);
}
