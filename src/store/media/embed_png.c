/*
 * embed_png.c - chunks behind IHDR: readers look in front of the picture's data.
 */
#include <string.h>

#include <zlib.h>

#include "base/cleanup.h"
#include "store/media/edit.h"

enum { BEHIND_IHDR = 33, CHUNK_EXTRA = 12, KEYWORD_MAX = 80 };

static const char xmp_keyword[] = "XML:com.adobe.xmp",
		  parameters_keyword[] = "parameters";

static bool is_ascii(const char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text >= 0x80)
			return false;
	return true;
}

/* The chunk's data is what `text` has. */
static void add_chunk(
    struct buf *into, const char *type, const char *keyword, const struct buf *text)
{
	static const char plain[4] = {
		0
	}; /* no compression, no language, no translation */
	const size_t at = into->len + 4;
	const bool is_international = !strcmp(type, "iTXt");
	const size_t n_plain = is_international ? sizeof(plain) : 0;

	add_be32(into, (uint32_t)(strlen(keyword) + 1 + n_plain + text->len));
	buf_add(into, type, 4);
	buf_add(into, keyword, strlen(keyword) + 1);
	buf_add(into, plain, n_plain);
	buf_add(into, text->data, text->len);
	if (!buf_failed(into))
		add_be32(into,
		    (uint32_t)crc32_z(
			0, (const unsigned char *)into->data + at, into->len - at));
}

/* Which keyword a text chunk has; "" for one that has none. */
static enum err_kind keyword_of(struct source *source, uint64_t at, uint32_t len,
    char into[KEYWORD_MAX], struct err *err)
{
	const size_t n = len < KEYWORD_MAX - 1 ? len : KEYWORD_MAX - 1;

	memset(into, 0, KEYWORD_MAX);
	return source_get(source, at, into, n, err);
}

/* XMP that nobody may compress; a reader that finds it so would not read it either. */
static enum err_kind take_xmp(struct source *source, uint64_t at, uint32_t len,
    struct edits *edits, struct err *err)
{
	const uint32_t head = sizeof(xmp_keyword) + 4;
	char flags[4];

	if (len <= head || source_get(source, at + sizeof(xmp_keyword), flags, 4, err))
		return len <= head ? ERR_OK : err->kind;
	if (memcmp(flags, "\0\0\0", 4) != 0)
		return err_set(err, ERR_FAILED,
		    "it has XMP of its own, to which nothing can be added");
	return edits_take_old(edits, source, at + head, len - head, err);
}

struct found {
	uint64_t xmp_at, xmp_len; /* the whole chunk; 0: there is none */
	bool has_parameters;
};

static enum err_kind look(
    struct source *source, struct edits *edits, struct found *found, struct err *err)
{
	char type[4] = "", keyword[KEYWORD_MAX];
	uint32_t len;

	for (uint64_t at = 8; memcmp(type, "IEND", 4) != 0;
	     at += (uint64_t)len + CHUNK_EXTRA) {
		if (source_be32(source, at, &len, err) ||
		    source_get(source, at + 4, type, 4, err))
			return err->kind;
		if (memcmp(type + 1, "TXt", 3) != 0 && memcmp(type + 1, "EXt", 3) != 0)
			continue;
		if (keyword_of(source, at + 8, len, keyword, err))
			return err->kind;
		found->has_parameters |= !strcmp(keyword, parameters_keyword);
		if (memcmp(type, "iTXt", 4) != 0 || strcmp(keyword, xmp_keyword) != 0)
			continue;
		if (take_xmp(source, at + 8, len, edits, err))
			return err->kind;
		found->xmp_at = at;
		found->xmp_len = (uint64_t)len + CHUNK_EXTRA;
	}
	return ERR_OK;
}

enum err_kind edit_png(struct source *source, const struct embedding *embedding,
    struct edits *edits, struct err *err)
{
	_cleanup_(buf_release) struct buf xmp = buf_make(EDIT_BYTES_MAX);
	_cleanup_(buf_release) struct buf parameters = buf_make(EDIT_BYTES_MAX);
	struct found found = { 0 };
	struct buf *into;

	if (look(source, edits, &found, err) ||
	    edits_add_xmp(edits, embedding, &xmp, err))
		return err->kind;
	buf_addf(&parameters, "%s", embedding->parameters);
	into = edits_add(edits, BEHIND_IHDR, 0);
	add_chunk(into, "iTXt", xmp_keyword, &xmp);
	if (!found.has_parameters)
		add_chunk(into, is_ascii(parameters.data) ? "tEXt" : "iTXt",
		    parameters_keyword, &parameters);
	into->failed |= buf_failed(&xmp) || buf_failed(&parameters);
	if (found.xmp_len > 0)
		(void)edits_add(edits, found.xmp_at, found.xmp_len);
	return ERR_OK;
}
