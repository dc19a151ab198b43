/*
 * walk_box.c - the ISO base media family (MP4, MOV, M4A, AVIF, HEIF).
 *
 * A file whose last box says "to the end" (size 0) can't tell by its boxes that
 * something is missing; its tables can (walk_samples.h). Fragmented films are judged by
 * their boxes, and by an index of the fragments if they have one: else one that is cut
 * exactly between two fragments passes.
 */
#include <string.h>

#include "store/media/walk.h"
#include "store/media/walk_samples.h"

/* What was found among the boxes. */
struct found {
	bool (*is_complete)(const struct found *found); /* what is looked for */
	bool wants_meta;
	bool has_film, has_fragment, has_meta, has_item_data;
	unsigned tracks;
	uint64_t data_bytes;
	uint64_t needs_bytes; /* by its tables the file has at least so many */
	bool is_vague; /* and perhaps more */
	bool has_open_data; /* an mdat that says: to the end of the file */
	/* Of all fragments: one in front of the first, or behind the last. */
	bool has_index;
	bool has_piece; /* with an index of its own */
};

static void need_bytes(struct found *found, uint64_t bytes)
{
	if (bytes > found->needs_bytes)
		found->needs_bytes = bytes;
}

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

/* Reads the box at `at`, which must end where or before its parent does. */
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
	box.is_open = len == 0;
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

/*
 * moov > trak > mdia > minf > stbl > stco: walked with a stack of where each level ends.
 */
static enum err_kind walk_tracks(
    struct source *source, const struct box *moov, struct found *found, struct err *err)
{
	static const char *const path[] = { "trak", "mdia", "minf", "stbl" };
	uint64_t ends[5] = { moov->end }, at = moov->body;
	struct sample_tables tables = { .chunks.at = 0 };
	struct box box = { .at = 0 };
	unsigned depth = 0;
	bool is_exact;
	uint64_t end;

	for (;;) {
		while (ends[depth] - at < 8) { /* QuickTime ends a list with four zeros */
			at = ends[depth];
			if (depth == 4) {
				if (samples_end(source, &tables, &end, &is_exact, err))
					return err->kind;
				need_bytes(found, end);
				found->is_vague |= !is_exact;
			}
			if (depth-- == 0)
				return ERR_OK;
		}
		if (get_box(source, at, ends[depth], &box, err))
			return err->kind;
		if (depth < 4 && is_type(&box, path[depth])) {
			found->tracks += depth == 0;
			ends[++depth] = box.end;
			at = box.body;
			tables = (struct sample_tables){ .chunks.at = 0 };
			continue;
		}
		if (depth == 4)
			samples_note(&tables, &box);
		at = box.end;
	}
}

/* Finds meta > idat, for small pictures that keep their data there. */
static enum err_kind walk_meta(
    struct source *source, const struct box *meta, struct found *found, struct err *err)
{
	struct box box = { .at = 0 };
	uint64_t end = 0;

	found->has_meta = true;
	for (uint64_t at = meta->body + 4; at + 8 <= meta->end; at = box.end) {
		if (get_box(source, at, meta->end, &box, err))
			return err->kind;
		found->has_item_data |= is_type(&box, "idat") && box.end > box.body;
		if (is_type(&box, "iloc") && items_end(source, &box, &end, err))
			return err->kind;
		need_bytes(found, end);
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
	uint64_t end = 0;

	if (is_type(box, "moov")) {
		found->has_film = true;
		return walk_tracks(source, box, found, err);
	}
	if (is_type(box, "meta") && found->wants_meta)
		return walk_meta(source, box, found, err);
	if (is_type(box, "sidx")) {
		if (fragments_end(source, box, &end, err))
			return err->kind;
		need_bytes(found, end);
		/* That of a piece among others knows of its own fragments only. */
		found->has_index = !found->has_fragment && !found->has_piece;
		found->has_piece = true;
	}
	if (is_type(box, "mdat")) {
		found->data_bytes += box->end - box->body;
		found->has_open_data |= box->is_open;
	}
	found->has_fragment |= is_type(box, "moof");
	found->has_index |= is_type(box, "mfra");
	return ERR_OK;
}

static bool is_known_type(const char *type, size_t len)
{
	static const char known[][5] = { "mdat", "moov", "moof", "mfra", "free", "skip",
		"wide", "uuid", "udta", "meta", "sidx", "ssix", "styp", "emsg", "prft",
		"pdin", "ftyp", "pnot" };

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (!memcmp(known[i], type, len))
			return true;
	return false;
}

/*
 * What follows a complete file and can't be a box is somebody's trailer, and none of
 * our business: text and zeros are none; a box of an unknown type is one if it fits.
 */
static enum err_kind look_for_trailer(struct source *source, uint64_t at,
    const struct found *found, bool *ret_is_trailer, struct err *err)
{
	static const unsigned char zeros[4];
	const uint64_t rest = source->size_bytes - at;
	unsigned char head[8] = { 0 };
	const size_t n = rest < sizeof(head) ? (size_t)rest : sizeof(head);
	uint64_t size;

	*ret_is_trailer = false;
	if (!found->is_complete(found))
		return ERR_OK;
	if (source_get(source, at, head, n, err))
		return err->kind;
	if (rest >= sizeof(head)) {
		size = (uint64_t)head[0] << 24 | (uint64_t)head[1] << 16 |
		    (uint64_t)head[2] << 8 | head[3];
		*ret_is_trailer = !is_plausible((const char *)head + 4) ||
		    (!is_known_type((const char *)head + 4, 4) &&
			(size < 8 || size > rest));
	} else if (!found->has_fragment) {
		*ret_is_trailer = true;
	} else { /* the beginning of another fragment? */
		*ret_is_trailer = head[0] != 0 || (n >= 4 && !memcmp(head, zeros, 4)) ||
		    (n > 4 && !is_known_type((const char *)head + 4, n - 4));
	}
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
		    found->has_film || found->has_meta ? N_("its data is missing")
						       : N_("its index is missing"),
		    err);
	source->has_no_end =
	    (found->has_open_data && (found->is_vague || !found->needs_bytes)) ||
	    (found->has_fragment && !found->has_index);
	return source_need(source, 0, found->needs_bytes, err);
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
