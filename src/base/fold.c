#include "base/fold.h"

#include <stdlib.h>
#include <string.h>

#include <utf8proc.h>

#include "base/text.h"

enum {
	WIDE_FIRST = 0xff01, /* of '!' to '~', twice as wide */
	WIDE_LAST = 0xff5e,
	WIDE_AHEAD = 0xff01 - '!',
	BLOCK = 16,
};

static bool is_itself(unsigned code)
{
	return (code >= 0x4e00 && code <= 0x9fff) || code == 0x3001 || code == 0x3002;
}

/* Folds as many of these bytes as are ASCII, where they stand; returns how many. Whole
 * blocks are few instructions. */
static size_t fold_ascii(char *text, size_t len, char *into)
{
	size_t n = 0;

	for (; n + BLOCK <= len; n += BLOCK) {
		char block[BLOCK];
		unsigned char all = 0;

		memcpy(block, text + n, BLOCK);
		for (size_t i = 0; i < BLOCK; i++) {
			all |= (unsigned char)block[i];
			block[i] = text_lower(block[i]);
		}
		if (all & 0x80)
			break;
		memcpy(into + n, block, BLOCK);
	}
	for (; n < len && !((unsigned char)text[n] & 0x80); n++)
		into[n] = text_lower(text[n]);
	return n;
}

/* Folds a character of three bytes; returns how many it becomes. 0: it needs tables, or
 * is none. */
static size_t fold_three(const char *text, size_t len, char *into)
{
	const unsigned char *at = (const unsigned char *)text;
	unsigned code;

	if (len < 3 || (at[0] & 0xf0) != 0xe0 || (at[1] & 0xc0) != 0x80 ||
	    (at[2] & 0xc0) != 0x80)
		return 0;
	code = (at[0] & 0x0fU) << 12 | (at[1] & 0x3fU) << 6 | (at[2] & 0x3fU);
	if (is_itself(code)) {
		memmove(into, text, 3);
		return 3;
	}
	if (code < WIDE_FIRST || code > WIDE_LAST)
		return 0;
	*into = text_lower((char)(code - WIDE_AHEAD));
	return 1;
}

/*
 * Prompts are ASCII and Chinese, nearly all of them: these need no tables, which take
 * ten times as long, and get no longer. False: something else is in it, and nothing was
 * added.
 */
static bool add_plain(struct buf *into, const char *text)
{
	const size_t before = into->len;
	size_t from, to, n;

	buf_add(into, text, strlen(text));
	if (into->failed)
		return true;
	for (from = to = before; from < into->len; from += 3, to += n) {
		n = fold_ascii(into->data + from, into->len - from, into->data + to);
		from += n;
		to += n;
		if (from == into->len)
			break;
		n = fold_three(into->data + from, into->len - from, into->data + to);
		if (n == 0) {
			to = before;
			break;
		}
	}
	n = into->len;
	into->len = to;
	into->data[to] = '\0';
	return from == n;
}

void fold_add(struct buf *into, const char *utf8)
{
	const utf8proc_option_t options = UTF8PROC_NULLTERM | UTF8PROC_STABLE |
	    UTF8PROC_COMPAT | UTF8PROC_COMPOSE | UTF8PROC_CASEFOLD | UTF8PROC_IGNORE;
	utf8proc_uint8_t *folded = NULL;
	utf8proc_ssize_t len;

	if (add_plain(into, utf8))
		return;
	len = utf8proc_map((const utf8proc_uint8_t *)utf8, 0, &folded, options);
	if (len >= 0)
		buf_add(into, folded, (size_t)len);
	else if (len == UTF8PROC_ERROR_NOMEM)
		into->failed = true;
	else /* no UTF-8: found by its very bytes */
		buf_add(into, utf8, strlen(utf8));
	free(folded);
}
