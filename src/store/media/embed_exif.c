/*
 * embed_exif.c - the smallest Exif that has a comment: two tables of one entry each.
 */
#include <string.h>

#include "base/text.h"
#include "store/media/edit.h"

enum {
	TAG_EXIF_TABLE = 0x8769,
	TAG_USER_COMMENT = 0x9286,
	TYPE_LONG = 4,
	TYPE_UNDEFINED = 7,
	FIRST_TABLE = 8,
	TABLE_BYTES = 2 + 12 + 4,
	CODE_BYTES = 8, /* "UNICODE" and NUL */
};

static void add_table(
    struct buf *into, uint32_t tag, uint32_t type, uint32_t count, uint32_t value)
{
	add_be16(into, 1);
	add_be16(into, tag);
	add_be16(into, type);
	add_be32(into, count);
	add_be32(into, value);
	add_be32(into, 0); /* no table follows */
}

static uint32_t code_of(const unsigned char *c, size_t len)
{
	static const unsigned char masks[] = { 0, 0x7f, 0x1f, 0x0f, 0x07 };
	uint32_t code = c[0] & masks[len];

	for (size_t i = 1; i < len; i++)
		code = code << 6 | (c[i] & 0x3f);
	return code;
}

static void add_utf16(struct buf *into, const char *text)
{
	size_t left = strlen(text), n;

	for (; left > 0; text += n, left -= n) {
		uint32_t code = 0xfffd;

		n = text_char_len(text, left);
		if (n > 0)
			code = code_of((const unsigned char *)text, n);
		n += n == 0;
		if (code >= 0x10000) {
			add_be16(into, 0xd800 | (code - 0x10000) >> 10);
			code = 0xdc00 | ((code - 0x10000) & 0x3ff);
		}
		add_be16(into, code);
	}
}

void exif_add(struct buf *into, const char *text)
{
	struct buf comment = buf_make(EDIT_BYTES_MAX);

	buf_add(&comment, "UNICODE", CODE_BYTES);
	add_utf16(&comment, text);
	buf_add(into, "MM\0*", 4);
	add_be32(into, FIRST_TABLE);
	add_table(into, TAG_EXIF_TABLE, TYPE_LONG, 1, FIRST_TABLE + TABLE_BYTES);
	add_table(into, TAG_USER_COMMENT, TYPE_UNDEFINED, (uint32_t)comment.len,
	    FIRST_TABLE + 2 * TABLE_BYTES);
	buf_add(into, comment.data, comment.len);
	into->failed |= buf_failed(&comment);
	buf_release(&comment);
}
