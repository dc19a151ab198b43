/*
 * embed.c - a container plans its edits, and one loop carries them out.
 */
#include "store/media/embed.h"

#include <string.h>

#include "base/cleanup.h"
#include "store/media/edit.h"

static const struct {
	const char *format;
	plan_edits *plan;
} containers[] = {
	{ "png", edit_png },
	{ "jpeg", edit_jpeg },
	{ "webp", edit_webp },
	{ "mp4", edit_film },
};

struct buf *edits_add(struct edits *edits, uint64_t at, uint64_t cut)
{
	struct edit *edit = &edits->all[edits->n++];

	*edit = (struct edit){ .at = at, .cut = cut, .bytes = buf_make(EDIT_BYTES_MAX) };
	return &edit->bytes;
}

static void edits_release(struct edits *edits)
{
	for (size_t i = 0; i < edits->n; i++)
		buf_release(&edits->all[i].bytes);
	buf_release(&edits->old_xmp);
}

enum err_kind edits_add_xmp(const struct edits *edits, const struct embedding *embedding,
    struct buf *into, struct err *err)
{
	const struct buf *old = edits->old_xmp.len > 0 ? &edits->old_xmp : NULL;

	if (!embedding->add_xmp(embedding->payload, old, into))
		return err_set(err, ERR_FAILED,
		    "it has XMP of its own, to which nothing can be added");
	return ERR_OK;
}

enum err_kind edits_take_old(struct edits *edits, struct source *source, uint64_t at,
    uint64_t len, struct err *err)
{
	const unsigned char *bytes;
	size_t n;

	if (len > OLD_XMP_MAX || edits->old_xmp.len > 0)
		return err_set(err, ERR_FAILED,
		    "it has XMP of its own, to which nothing can be added");
	for (; len > 0; at += n, len -= n) {
		if (source_view(source, at, &bytes, &n, err))
			return err->kind;
		n = n < len ? n : (size_t)len;
		buf_add(&edits->old_xmp, bytes, n);
	}
	return ERR_OK;
}

void add_be16(struct buf *into, uint32_t value)
{
	const unsigned char bytes[2] = { (unsigned char)(value >> 8),
		(unsigned char)value };

	buf_add(into, bytes, sizeof(bytes));
}

void add_be32(struct buf *into, uint32_t value)
{
	add_be16(into, value >> 16);
	add_be16(into, value & 0xffff);
}

void add_le32(struct buf *into, uint32_t value)
{
	const unsigned char bytes[4] = { (unsigned char)value,
		(unsigned char)(value >> 8), (unsigned char)(value >> 16),
		(unsigned char)(value >> 24) };

	buf_add(into, bytes, sizeof(bytes));
}

/* --- carrying out --- */

static enum err_kind copy(struct source *source, uint64_t from, uint64_t to,
    const struct embedding *embedding, struct err *err)
{
	const unsigned char *bytes;
	size_t n;

	for (; from < to; from += n) {
		if (source_view(source, from, &bytes, &n, err))
			return err->kind;
		n = n < to - from ? n : (size_t)(to - from);
		if (embedding->write(embedding->payload, bytes, n, err))
			return err->kind;
	}
	return ERR_OK;
}

static enum err_kind carry_out(struct source *source, const struct edits *edits,
    const struct embedding *embedding, struct err *err)
{
	uint64_t at = 0;

	for (size_t i = 0; i < edits->n; i++)
		if (buf_failed(&edits->all[i].bytes))
			return err_set(err, ERR_NOMEM, "out of memory");
	for (size_t i = 0; i < edits->n; i++) {
		const struct edit *edit = &edits->all[i];

		if (copy(source, at, edit->at, embedding, err) ||
		    (edit->bytes.len > 0 &&
			embedding->write(
			    embedding->payload, edit->bytes.data, edit->bytes.len, err)))
			return err->kind;
		at = edit->at + edit->cut;
	}
	return copy(source, at, source->size_bytes, embedding, err);
}

enum err_kind media_embed(
    int fd, uint64_t size_bytes, const struct embedding *embedding, struct err *err)
{
	_cleanup_(
	    edits_release) struct edits edits = { .old_xmp = buf_make(OLD_XMP_MAX + 1) };
	const struct media_type *type;
	struct source source;

	if (media_check(fd, size_bytes, &type, err))
		return err->kind;
	for (size_t i = 0; i < sizeof(containers) / sizeof(containers[0]); i++) {
		if (strcmp(containers[i].format, type->format) != 0)
			continue;
		source_begin(&source, fd, size_bytes);
		source.format = type->format;
		return containers[i].plan(&source, embedding, &edits, err)
		    ? err->kind
		    : carry_out(&source, &edits, embedding, err);
	}
	return err_set(err, ERR_FAILED,
	    "a file of the kind '%s' can't have them; '--sidecar=txt,xmp' of 'dreamq "
	    "get' "
	    "writes them beside it",
	    type->format);
}
