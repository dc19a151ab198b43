#include "mcp/visible.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/text.h"

enum { CHAR_BYTES = 4, GROWTH = 10 /* "<U+E0001>" of one of four, "<0xFF>" of one */ };

/* Of a character that is well-formed. */
static uint32_t code_of(const char *bytes, size_t n)
{
	const unsigned char *p = (const unsigned char *)bytes;
	uint32_t code = n == 1 ? p[0] : p[0] & (0x7fU >> n);

	for (size_t i = 1; i < n; i++)
		code = code << 6 | (p[i] & 0x3fU);
	return code;
}

static bool may_stay(const char *bytes, size_t n)
{
	char one[CHAR_BYTES + 1] = "";

	if (*bytes == '\n' || *bytes == '\t' || *bytes == '?')
		return true;
	memcpy(one, bytes, n);
	text_make_printable(one);
	return one[0] != '?';
}

char *visible(const char *text, size_t max_chars)
{
	size_t len = strlen(text), n;
	_cleanup_(buf_release) struct buf shown = buf_make((len + 1) * GROWTH);

	for (; len > 0 && max_chars > 0; text += n, len -= n, max_chars--) {
		n = text_char_len(text, len);
		if (n == 0) {
			buf_addf(&shown, "<0x%02X>", (unsigned)(unsigned char)*text);
			n = 1;
		} else if (may_stay(text, n)) {
			buf_add(&shown, text, n);
		} else {
			buf_addf(&shown, "<U+%04X>", (unsigned)code_of(text, n));
		}
	}
	if (len > 0)
		buf_addf(&shown, "…");
	return buf_failed(&shown) ? NULL : strdup(shown.data);
}
