#include "base/fold.h"

#include <stdlib.h>
#include <string.h>

#include <utf8proc.h>

#include "base/text.h"

enum {
	WIDE_FIRST = 0xff01, /* of '!' to '~', twice as wide */
	WIDE_LAST = 0xff5e,
	WIDE_AHEAD = 0xff01 - '!',
};

static bool is_itself(unsigned code)
{
	return (code >= 0x4e00 && code <= 0x9fff) || code == 0x3001 || code == 0x3002;
}

/*
 * Prompts are ASCII and Chinese, nearly all of them: these need no tables, which take
 * ten times as long. False: something else is in it, and nothing was added.
 */
static bool add_plain(struct buf *into, const char *text)
{
	const size_t before = into->len;

	while (*text) {
		const unsigned char *at = (const unsigned char *)text;
		unsigned code = *at;
		char c = text_lower(*text);

		if (code < 0x80) {
			buf_add(into, &c, 1);
			text++;
			continue;
		}
		if ((code & 0xf0) != 0xe0 || text_char_len(text, strnlen(text, 3)) != 3)
			break;
		code = (code & 0x0fU) << 12 | (at[1] & 0x3fU) << 6 | (at[2] & 0x3fU);
		if (is_itself(code)) {
			buf_add(into, text, 3);
		} else if (code >= WIDE_FIRST && code <= WIDE_LAST) {
			c = text_lower((char)(code - WIDE_AHEAD));
			buf_add(into, &c, 1);
		} else {
			break;
		}
		text += 3;
	}
	if (!*text || into->failed)
		return true;
	into->len = before;
	into->data[before] = '\0';
	return false;
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
