/*
 * walk_audio.c - sounds. Only WAV and Ogg tell where they end.
 */
#include <string.h>

#include "store/walk.h"

enum err_kind walk_wav(struct source *source, struct err *err)
{
	bool has_format = false;
	unsigned char type[4];
	uint64_t at = 12;
	uint32_t len;

	for (;; at += 8 + (uint64_t)len + (len & 1)) {
		if (source_get(source, at, type, 4, err) ||
		    source_le32(source, at + 4, &len, err))
			return err->kind;
		if (!memcmp(type, "data", 4))
			break;
		if (source_need(source, at + 8, len, err))
			return err->kind;
		has_format |= len >= 16 && !memcmp(type, "fmt ", 4);
	}
	if (!has_format)
		return source_fail(source, at, "its format is missing", err);
	/* What was written to a pipe does not know its length. */
	if (len == 0 || len == UINT32_MAX)
		return source_need(source, at + 8, 1, err);
	return source_need(source, at + 8, len, err);
}

/* The page at *at; moves behind it. */
static enum err_kind skip_page(
    struct source *source, uint64_t *at, bool *ret_is_last, struct err *err)
{
	unsigned char head[27], lengths[255];
	uint64_t body = 0;

	if (source_get(source, *at, head, sizeof(head), err))
		return err->kind;
	if (memcmp(head, "OggS", 4) != 0 || head[4] != 0)
		return source_fail(source, *at, "no page begins here", err);
	if (source_get(source, *at + 27, lengths, head[26], err))
		return err->kind;
	for (unsigned i = 0; i < head[26]; i++)
		body += lengths[i];
	if (source_need(source, *at + 27 + head[26], body, err))
		return err->kind;
	*at += 27 + (uint64_t)head[26] + body;
	*ret_is_last = head[5] & 4;
	return ERR_OK;
}

enum err_kind walk_ogg(struct source *source, struct err *err)
{
	bool is_last = false, has_ended = false;
	uint64_t at = 0;
	char mark[4];

	while (at < source->size_bytes) {
		if (has_ended &&
		    (source->size_bytes - at < 4 ||
			source_get(source, at, mark, 4, err) ||
			memcmp(mark, "OggS", 4) != 0))
			return ERR_OK; /* a trailer that is no page */
		if (skip_page(source, &at, &is_last, err))
			return err->kind;
		has_ended = is_last;
	}
	return has_ended ? ERR_OK : source_need(source, at, 1, err);
}

enum err_kind walk_mp3(struct source *source, struct err *err)
{
	unsigned char head[10];
	uint64_t at = 0;

	if (source_get(source, 0, head, sizeof(head), err))
		return err->kind;
	if (!memcmp(head, "ID3", 3)) {
		if ((head[6] | head[7] | head[8] | head[9]) & 0x80)
			return source_fail(source, 6, "an impossible length", err);
		at = 10 +
		    ((uint64_t)head[6] << 21 | (uint64_t)head[7] << 14 |
			(uint64_t)head[8] << 7 | head[9]);
		if (source_get(source, at, head, 4, err))
			return err->kind;
		/* Some writers pad behind the tag; only the rest must not be missing. */
		if (head[0] != 0 && (head[0] != 0xff || (head[1] & 0xe0) != 0xe0))
			return source_fail(source, at, "no sound follows the tag", err);
	}
	return source_need(source, at, 24, err); /* the shortest frame */
}

enum err_kind walk_flac(struct source *source, struct err *err)
{
	unsigned char head[4];
	uint64_t at = 4;

	do {
		if (source_get(source, at, head, 4, err))
			return err->kind;
		at += 4 + ((uint64_t)head[1] << 16 | (uint64_t)head[2] << 8 | head[3]);
	} while (!(head[0] & 0x80));
	return source_need(source, at, 1, err);
}

enum err_kind walk_aac(struct source *source, struct err *err)
{
	unsigned char head[7];
	unsigned len;

	if (source_get(source, 0, head, sizeof(head), err))
		return err->kind;
	len = (head[3] & 3u) << 11 | (unsigned)head[4] << 3 | head[5] >> 5;
	if (len < 7)
		return source_fail(source, 3, "an impossible length", err);
	return source_need(source, 0, len, err);
}
