/*
 * embed_jpeg.c - segments at the beginning, behind those of JFIF and Exif, which come
 * first.
 */
#include <string.h>

#include "base/cleanup.h"
#include "store/media/edit.h"

enum {
	TEM = 0x01,
	APP0 = 0xe0,
	APP1 = 0xe1,
	SCAN = 0xda,
	LEN_BYTES = 2,
	SEGMENT_MAX = 65535
};

static const char exif_head[] = "Exif\0", xmp_head[] = "http://ns.adobe.com/xap/1.0/",
		  extended_head[] = "http://ns.adobe.com/xmp/extension/";

struct segment {
	uint64_t at; /* of its 0xff; fill bytes in front are of nobody */
	uint64_t body; /* behind its length */
	uint64_t end;
	unsigned char marker;
};

static enum err_kind next_segment(
    struct source *source, uint64_t at, struct segment *ret_segment, struct err *err)
{
	struct segment segment = { .at = at, .marker = 0xff };
	unsigned char len[LEN_BYTES];

	while (segment.marker == 0xff)
		if (source_get(source, ++at, &segment.marker, 1, err))
			return err->kind;
	segment.at = at - 1;
	segment.body = segment.end = at + 1;
	if (segment.marker == TEM) { /* which has no length */
		*ret_segment = segment;
		return ERR_OK;
	}
	if (source_get(source, at + 1, len, LEN_BYTES, err))
		return err->kind;
	segment.body = at + 1 + LEN_BYTES;
	segment.end = at + 1 + ((uint64_t)len[0] << 8 | len[1]);
	*ret_segment = segment;
	return segment.end >= segment.body
	    ? ERR_OK
	    : source_fail(source, at, "an impossible length", err);
}

/* `n` with the NUL behind the words. */
static bool begins(
    struct source *source, const struct segment *segment, const char *words, size_t n)
{
	char there[sizeof(extended_head)];
	struct err ignored;

	return segment->marker == APP1 && segment->end - segment->body >= n &&
	    !source_get(source, segment->body, there, n, &ignored) &&
	    memcmp(there, words, n) == 0;
}

struct found {
	uint64_t place; /* of what is new */
	uint64_t xmp_at, xmp_len; /* 0: there is none */
	bool has_exif;
};

static enum err_kind note(struct source *source, const struct segment *segment,
    struct edits *edits, struct found *found, struct err *err)
{
	const bool is_exif = begins(source, segment, exif_head, sizeof(exif_head));

	if (begins(source, segment, extended_head, sizeof(extended_head)))
		return err_set(err, ERR_FAILED,
		    "it has XMP of its own, to which nothing can be added");
	if ((is_exif || segment->marker == APP0) && found->place == segment->at)
		found->place = segment->end;
	found->has_exif |= is_exif;
	if (!begins(source, segment, xmp_head, sizeof(xmp_head)))
		return ERR_OK;
	found->xmp_at = segment->at;
	found->xmp_len = segment->end - segment->at;
	return edits_take_old(edits, source, segment->body + sizeof(xmp_head),
	    segment->end - segment->body - sizeof(xmp_head), err);
}

static enum err_kind look(
    struct source *source, struct edits *edits, struct found *found, struct err *err)
{
	struct segment segment = { .end = 2 };

	do {
		if (next_segment(source, segment.end, &segment, err) ||
		    note(source, &segment, edits, found, err))
			return err->kind;
	} while (segment.marker != SCAN);
	return ERR_OK;
}

static enum err_kind add_segment(struct buf *into, const char *head, size_t n_head,
    const struct buf *body, struct err *err)
{
	static const unsigned char marker[2] = { 0xff, APP1 };
	const size_t len = LEN_BYTES + n_head + body->len;

	if (len > SEGMENT_MAX)
		return err_set(err, ERR_FAILED,
		    "its prompt is too long for a JPEG, which has room for 64 kB; "
		    "'--sidecar=txt,xmp' of 'dreamq get' writes it beside");
	buf_add(into, marker, sizeof(marker));
	add_be16(into, (uint32_t)len);
	buf_add(into, head, n_head);
	buf_add(into, body->data, body->len);
	into->failed |= buf_failed(body);
	return ERR_OK;
}

enum err_kind edit_jpeg(struct source *source, const struct embedding *embedding,
    struct edits *edits, struct err *err)
{
	_cleanup_(buf_release) struct buf xmp = buf_make(EDIT_BYTES_MAX);
	_cleanup_(buf_release) struct buf exif = buf_make(EDIT_BYTES_MAX);
	struct found found = { .place = 2 };
	struct buf *into;

	if (look(source, edits, &found, err) ||
	    edits_add_xmp(edits, embedding, &xmp, err))
		return err->kind;
	exif_add(&exif, embedding->parameters);
	into = edits_add(edits, found.place, 0);
	if (!found.has_exif &&
	    add_segment(into, exif_head, sizeof(exif_head), &exif, err))
		return err->kind;
	if (found.xmp_len > 0)
		(void)edits_add(edits, found.xmp_at, found.xmp_len);
	return add_segment(into, xmp_head, sizeof(xmp_head), &xmp, err);
}
