/*
 * walk_audio.c - WAV and Ogg, which tell where they end. Frames: walk_frames.c.
 */
#include <string.h>

#include "store/media/walk.h"

static bool is_open_ended(uint32_t len)
{
	return len == 0 || len == UINT32_MAX;
}

struct wav {
	bool is_64; /* RF64 and BW64: lengths of 64 bits in a chunk of their own */
	bool has_format, is_pcm;
	unsigned block_bytes;
	uint64_t data_bytes_64;
};

static enum err_kind note_wav_chunk(struct source *source, uint64_t at,
    const unsigned char *type, uint32_t len, struct wav *wav, struct err *err)
{
	unsigned char format[16];
	uint32_t low, high;

	if (len >= 16 && !memcmp(type, "fmt ", 4)) {
		const unsigned char *tag = format;

		if (source_get(source, at + 8, format, sizeof(format), err))
			return err->kind;
		wav->has_format = true;
		wav->is_pcm = (tag[1] == 0 && (tag[0] == 1 || tag[0] == 3)) ||
		    (tag[1] == 0xff && tag[0] == 0xfe);
		wav->block_bytes = format[12] | (unsigned)format[13] << 8;
	}
	if (wav->is_64 && len >= 16 && !memcmp(type, "ds64", 4)) {
		if (source_le32(source, at + 16, &low, err) ||
		    source_le32(source, at + 20, &high, err))
			return err->kind;
		wav->data_bytes_64 = (uint64_t)high << 32 | low;
	}
	return ERR_OK;
}

/* What was written to a pipe knows no length, but that its last sample is whole. */
static enum err_kind check_piped_wav(
    struct source *source, uint64_t at, const struct wav *wav, struct err *err)
{
	source->has_no_end = true;
	if (source_need(source, at, 1, err))
		return err->kind;
	if (wav->is_pcm && wav->block_bytes &&
	    (source->size_bytes - at) % wav->block_bytes != 0)
		return source_need(source, source->size_bytes, 1, err);
	return ERR_OK;
}

/* The data is all there: and what RIFF says that follows it? */
static enum err_kind check_wav_end(
    struct source *source, uint64_t data_end, const struct wav *wav, struct err *err)
{
	uint32_t riff;

	if (source_need(source, 0, data_end, err) || source_le32(source, 4, &riff, err))
		return err->kind;
	/* Some writers forget the byte that pads the last chunk. */
	return wav->is_64 || is_open_ended(riff) || riff < 4
	    ? ERR_OK
	    : source_need(source, 0, 7 + (uint64_t)riff, err);
}

enum err_kind walk_wav(struct source *source, struct err *err)
{
	struct wav wav = { .is_64 = false };
	unsigned char type[4];
	uint64_t at = 12;
	uint32_t len;

	if (source_get(source, 0, type, 4, err))
		return err->kind;
	wav.is_64 = memcmp(type, "RIFF", 4) != 0;
	for (;; at += 8 + (uint64_t)len + (len & 1)) {
		if (source_get(source, at, type, 4, err) ||
		    source_le32(source, at + 4, &len, err))
			return err->kind;
		if (!memcmp(type, "data", 4))
			break;
		if (source_need(source, at + 8, len, err) ||
		    note_wav_chunk(source, at, type, len, &wav, err))
			return err->kind;
	}
	at += 8;
	if (!wav.has_format)
		return source_fail(source, at, "its format is missing", err);
	if (wav.is_64 && is_open_ended(len) && wav.data_bytes_64)
		return source_need(source, at, wav.data_bytes_64, err);
	return is_open_ended(len) ? check_piped_wav(source, at, &wav, err)
				  : check_wav_end(source, at + len, &wav, err);
}

/* Reads the page at *at; moves behind it. */
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
