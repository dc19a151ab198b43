#include "base/json_unescape.h"

#include <string.h>

static unsigned hex4(const char *text)
{
	unsigned value = 0;

	for (size_t i = 0; i < 4; i++) {
		const char c = text[i];

		value =
		    value * 16 + (unsigned)(c <= '9' ? c - '0' : ((c | 0x20) - 'a' + 10));
	}
	return value;
}

static char *put_utf8(char *to, unsigned code)
{
	if (code < 0x80) {
		*to++ = (char)code;
		return to;
	}
	if (code < 0x800) {
		*to++ = (char)(0xc0 | code >> 6);
	} else {
		if (code < 0x10000) {
			*to++ = (char)(0xe0 | code >> 12);
		} else {
			*to++ = (char)(0xf0 | code >> 18);
			*to++ = (char)(0x80 | (code >> 12 & 0x3f));
		}
		*to++ = (char)(0x80 | (code >> 6 & 0x3f));
	}
	*to++ = (char)(0x80 | (code & 0x3f));
	return to;
}

/* Unescapes the accepted escape at *from (behind the backslash). */
static char *put_escape(char *to, const char **from)
{
	static const char letters[] = "bfnrt", meant[] = "\b\f\n\r\t";
	const char c = *(*from)++;
	const char *letter = strchr(letters, c);
	unsigned code;

	if (c != 'u') {
		if (letter)
			*to++ = meant[letter - letters];
		else
			*to++ = c;
		return to;
	}
	code = hex4(*from);
	*from += 4;
	if (code >= 0xd800 && code <= 0xdbff) {
		code = 0x10000 + ((code - 0xd800) << 10) + (hex4(*from + 2) - 0xdc00);
		*from += 6;
	}
	return put_utf8(to, code);
}

/* What lies between two escapes is copied at once: links have one in some thirty bytes.
 */
size_t json_unescape_into(const char *from, size_t len, char *to)
{
	const char *end = from + len, *start = to;

	while (from < end) {
		const char *escape = memchr(from, '\\', (size_t)(end - from));
		const size_t n = (size_t)((escape ? escape : end) - from);

		memcpy(to, from, n);
		to += n;
		from += n;
		if (escape) {
			from++;
			to = put_escape(to, &from);
		}
	}
	return (size_t)(to - start);
}
