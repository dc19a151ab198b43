/*
 * embed_film.c - a box behind all others: no sample moves, so no table has to change. A
 * packet that is there becomes free space.
 */
#include <string.h>

#include "base/cleanup.h"
#include "store/media/edit.h"

enum { BOX_HEAD = 8, UUID_BYTES = 16, SIZE_IS_LONG = 1 };

static const unsigned char xmp_uuid[UUID_BYTES] = { 0xbe, 0x7a, 0xcf, 0xcb, 0x97, 0xa9,
	0x42, 0xe8, 0x9c, 0x71, 0x99, 0x94, 0x91, 0xe3, 0xaf, 0xac };

struct box {
	uint64_t at, body, end;
	char type[4];
};

static enum err_kind fail_open(struct err *err)
{
	return err_set(err, ERR_FAILED,
	    "it does not say where it ends, so nothing can go behind it");
}

static enum err_kind get_box(
    struct source *source, uint64_t at, struct box *ret_box, struct err *err)
{
	struct box box = { .at = at, .body = at + BOX_HEAD };
	uint32_t len, high, low;
	uint64_t size;

	if (source->size_bytes - at < BOX_HEAD)
		return fail_open(err);
	if (source_be32(source, at, &len, err) ||
	    source_get(source, at + 4, box.type, 4, err))
		return err->kind;
	size = len;
	if (len == SIZE_IS_LONG) {
		if (source_be32(source, at + 8, &high, err) ||
		    source_be32(source, at + 12, &low, err))
			return err->kind;
		size = (uint64_t)high << 32 | low;
		box.body += 8;
	}
	/* To the end of the file, or of a trailer that is none. */
	if (size < box.body - at || size > source->size_bytes - at ||
	    !memcmp(box.type, "mfra", 4))
		return fail_open(err);
	box.end = at + size;
	*ret_box = box;
	return ERR_OK;
}

/* *ret_at: where the type of its box stands; 0: it has none. */
static enum err_kind take_xmp(struct source *source, const struct box *box,
    struct edits *edits, uint64_t *ret_at, struct err *err)
{
	unsigned char uuid[UUID_BYTES];

	if (memcmp(box->type, "uuid", 4) != 0 || box->end - box->body <= UUID_BYTES)
		return ERR_OK;
	if (source_get(source, box->body, uuid, sizeof(uuid), err))
		return err->kind;
	if (memcmp(uuid, xmp_uuid, sizeof(uuid)) != 0)
		return ERR_OK;
	*ret_at = box->at + 4;
	return edits_take_old(edits, source, box->body + UUID_BYTES,
	    box->end - box->body - UUID_BYTES, err);
}

enum err_kind edit_film(struct source *source, const struct embedding *embedding,
    struct edits *edits, struct err *err)
{
	_cleanup_(buf_release) struct buf xmp = buf_make(EDIT_BYTES_MAX);
	uint64_t old_at = 0;
	struct box box = { .at = 0 };
	struct buf *into;

	for (uint64_t at = 0; at < source->size_bytes; at = box.end)
		if (get_box(source, at, &box, err) ||
		    take_xmp(source, &box, edits, &old_at, err))
			return err->kind;
	if (edits_add_xmp(edits, embedding, &xmp, err))
		return err->kind;
	if (old_at)
		buf_add(edits_add(edits, old_at, 4), "free", 4);
	into = edits_add(edits, source->size_bytes, 0);
	add_be32(into, (uint32_t)(BOX_HEAD + UUID_BYTES + xmp.len));
	buf_add(into, "uuid", 4);
	buf_add(into, xmp_uuid, sizeof(xmp_uuid));
	buf_add(into, xmp.data, xmp.len);
	into->failed |= buf_failed(&xmp);
	return ERR_OK;
}
