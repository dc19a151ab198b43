/*
 * picture.c - which decoder a picture is for: its first bytes say it, whatever it is
 * called.
 */
#include <string.h>

#include "thumb/decode.h"

enum thumb_result decode_picture(
    struct source *source, const struct want *want, struct shrink *into)
{
	const uint8_t *head;
	const size_t n = source_head(source, &head);

	if (n >= 8 && !memcmp(head, "\x89PNG\r\n\x1a\n", 8))
		return decode_png(source, want, into);
	if (n >= 3 && !memcmp(head, "\xff\xd8\xff", 3))
		return decode_jpeg(source, want, into);
	if (n >= 12 && !memcmp(head, "RIFF", 4) && !memcmp(head + 8, "WEBP", 4))
		return decode_webp(source, want, into);
	return THUMB_UNKNOWN;
}
