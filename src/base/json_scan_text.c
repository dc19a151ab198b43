/*
 * json_scan_text.c - the strings of json_scan.h: escapes, UTF-8, and most of all what is
 * neither.
 */
#include <stdint.h>
#include <string.h>

#include "base/json_scan.h"
#include "base/say.h"
#include "base/text.h"

bool json_scan_refuse(struct json_scanner *s, size_t at, const char *why)
{
	s->at = at;
	s->why = why;
	return false;
}

/* Reads four hex digits at `at`; -1 when there are none. */
static int32_t hex4(const struct json_scanner *s, size_t at)
{
	int32_t value = 0;

	if (s->len - at < 4)
		return -1;
	for (size_t i = at; i < at + 4; i++) {
		const char c = s->bytes[i];

		if (c >= '0' && c <= '9')
			value = value * 16 + (c - '0');
		else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f')
			value = value * 16 + ((c | 0x20) - 'a' + 10);
		else
			return -1;
	}
	return value;
}

/* s->at stands behind "\u". */
static bool scan_unicode(struct json_scanner *s)
{
	const size_t start = s->at - 2;
	const int32_t code = hex4(s, s->at);
	int32_t low;

	if (code < 0)
		return json_scan_refuse(
		    s, start, N_("an escape without its four hex digits"));
	if (code == 0)
		return json_scan_refuse(s, start, N_("NUL in a string"));
	s->at += 4;
	if (code < 0xd800 || code > 0xdfff)
		return true;
	if (code > 0xdbff || s->len - s->at < 6 || s->bytes[s->at] != '\\' ||
	    s->bytes[s->at + 1] != 'u')
		return json_scan_refuse(s, start, N_("half of a surrogate pair"));
	low = hex4(s, s->at + 2);
	if (low < 0xdc00 || low > 0xdfff)
		return json_scan_refuse(s, start, N_("half of a surrogate pair"));
	s->at += 6;
	return true;
}

static bool scan_escape(struct json_scanner *s)
{
	s->at++;
	if (s->at == s->len)
		return json_scan_refuse(s, s->at, N_("the text ends inside a string"));
	switch (s->bytes[s->at++]) {
	case '"':
	case '\\':
	case '/':
	case 'b':
	case 'f':
	case 'n':
	case 'r':
	case 't':
		return true;
	case 'u':
		return scan_unicode(s);
	default:
		return json_scan_refuse(
		    s, s->at - 2, N_("an unknown escape in a string"));
	}
}

bool json_scan_body(struct json_scanner *s)
{
	size_t n;

	for (;;) {
		json_scan_plain(s);
		if (s->at == s->len || s->bytes[s->at] == '"')
			return true;
		if (s->bytes[s->at] == '\\') {
			s->has_escape = true;
			if (!scan_escape(s))
				return false;
			continue;
		}
		if ((unsigned char)s->bytes[s->at] < 0x20)
			return json_scan_refuse(
			    s, s->at, N_("a control character in a string"));
		n = text_char_len(s->bytes + s->at, s->len - s->at);
		if (n == 0)
			return json_scan_refuse(s, s->at, "invalid UTF-8");
		s->at += n;
	}
}
