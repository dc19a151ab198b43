/*
 * clean.c - strangers' texts, fit for a terminal and for XML.
 */
#include <string.h>

#include "base/text.h"
#include "core/sidecar/texts.h"

#define REPLACEMENT "\xef\xbf\xbd"

/* A control character of ASCII or of Latin-1 (a terminal obeys both), U+FFFE, U+FFFF. */
static bool is_refused(const unsigned char *c, size_t len)
{
	if (len == 1)
		return (c[0] < 0x20 && c[0] != '\n' && c[0] != '\t') || c[0] == 0x7f;
	if (len == 2)
		return c[0] == 0xc2 && c[1] < 0xa0;
	return len == 3 && c[0] == 0xef && c[1] == 0xbf && c[2] >= 0xbe;
}

void sidecar_add_clean(struct buf *into, const char *text)
{
	size_t left = strlen(text), n;

	for (; left > 0; text += n, left -= n) {
		n = text_char_len(text, left);
		if (text[0] == '\r') {
			if (text[1] != '\n')
				buf_add(into, "\n", 1);
		} else if (n == 0 || is_refused((const unsigned char *)text, n)) {
			buf_addf(into, REPLACEMENT);
		} else {
			buf_add(into, text, n);
		}
		n += n == 0;
	}
}
