/*
 * walk_frames.c - sounds that are a row of frames: MP3, AAC (ADTS), FLAC.
 *
 * None has an end mark. A cut inside a frame is seen because frames know their
 * length (FLAC: their checksum); a cut between two frames only where the head says how
 * many there should be: Xing or Info of an MP3, STREAMINFO of a FLAC.
 */
#include <ctype.h>
#include <string.h>

#include "store/media/walk.h"

/* --- MP3 and AAC ------------------------------------------------------------- */

enum { FRAME_HEAD = 4 };

struct frame {
	uint64_t len; /* 0: free format, which does not tell */
	bool is_mpeg1, is_mono;
};

/* Measures a frame of layer III of MPEG audio, from its four first bytes. */
static bool read_mp3_head(const unsigned char *head, struct frame *ret_frame)
{
	static const unsigned short kbits[2][15] = {
		{ 0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160 },
		{ 0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320 },
	};
	static const unsigned rates[4] = { 11025, 12000, 8000, 0 };
	const unsigned version = head[1] >> 3 & 3; /* 3: MPEG 1, 2: 2, 0: 2.5 */
	const unsigned bits = head[2] >> 4, rate = head[2] >> 2 & 3;
	const bool is_mpeg1 = version == 3;
	unsigned hertz;

	if (head[0] != 0xff || (head[1] & 0xe0) != 0xe0 || (head[1] & 0x06) != 0x02 ||
	    version == 1 || bits == 15 || rate == 3)
		return false;
	hertz = rates[rate] << (is_mpeg1 ? 2 : version == 2 ? 1 : 0);
	*ret_frame = (struct frame){ .is_mpeg1 = is_mpeg1,
		.is_mono = head[3] >> 6 == 3,
		.len = kbits[is_mpeg1][bits] * (is_mpeg1 ? 144000ull : 72000ull) / hertz +
		    (bits ? head[2] >> 1 & 1 : 0) };
	return true;
}

/*
 * How many frames of sound follow the first frame, when that is one of Xing's or
 * Info's; 0: it does not say. Encoders that count that frame, too, have one fewer.
 */
static enum err_kind read_promise(struct source *source, uint64_t at,
    const struct frame *frame, uint32_t *ret_frames, struct err *err)
{
	const uint64_t tag = at + FRAME_HEAD +
	    (frame->is_mpeg1 ? (frame->is_mono ? 17 : 32) : (frame->is_mono ? 9 : 17));
	unsigned char mark[4], encoder[4];
	uint32_t flags;

	*ret_frames = 0;
	if (tag + 124 > at + frame->len)
		return ERR_OK;
	if (source_get(source, tag, mark, 4, err))
		return err->kind;
	if (memcmp(mark, "Xing", 4) != 0 && memcmp(mark, "Info", 4) != 0)
		return ERR_OK;
	if (source_be32(source, tag + 4, &flags, err))
		return err->kind;
	if (!(flags & 1))
		return ERR_OK;
	if (source_be32(source, tag + 8, ret_frames, err) ||
	    source_get(source, tag + 120, encoder, 4, err))
		return err->kind;
	if (*ret_frames && memcmp(encoder, "LAME", 4) != 0 &&
	    memcmp(encoder, "Lav", 3) != 0)
		--*ret_frames;
	return ERR_OK;
}

/* What is left may be the beginning of a frame: then that frame is cut off. */
static enum err_kind check_rest(struct source *source, uint64_t at, struct err *err)
{
	unsigned char first[2] = { 0, 0xe0 };
	const uint64_t rest = source->size_bytes - at;

	if (rest == 0)
		return ERR_OK;
	if (source_get(source, at, first, rest < 2 ? (size_t)rest : 2, err))
		return err->kind;
	return first[0] == 0xff && (first[1] & 0xe0) == 0xe0
	    ? source_need(source, at, rest + 1, err)
	    : ERR_OK; /* a tag, or somebody's trailer */
}

static enum err_kind walk_mp3_frames(struct source *source, uint64_t at, struct err *err)
{
	unsigned char head[FRAME_HEAD];
	struct frame frame = { 0 };
	uint32_t promised = 0, n = 0;

	for (; source->size_bytes - at >= FRAME_HEAD; at += frame.len, n++) {
		if (source_get(source, at, head, sizeof(head), err))
			return err->kind;
		if (!read_mp3_head(head, &frame))
			break;
		if (!frame.len) {
			source->has_no_end = true;
			return source_need(source, at, 24, err);
		}
		if (source_need(source, at, frame.len, err) ||
		    (n == 0 && read_promise(source, at, &frame, &promised, err)))
			return err->kind;
	}
	if (n == 0)
		return source_fail(source, at, "no sound begins here", err);
	source->has_no_end = promised == 0;
	if (n <= promised && promised) /* the first one is none of sound */
		return source->size_bytes - at < FRAME_HEAD
		    ? source_need(source, source->size_bytes, 1, err)
		    : source_fail(source, at, "frames are missing", err);
	return source->size_bytes - at < FRAME_HEAD ? check_rest(source, at, err)
						    : ERR_OK;
}

static bool is_adts(const unsigned char *head)
{
	return head[0] == 0xff && (head[1] & 0xf6) == 0xf0;
}

static enum err_kind walk_adts(struct source *source, uint64_t at, struct err *err)
{
	unsigned char head[7];
	unsigned len;
	uint64_t n = 0;

	for (; source->size_bytes - at >= sizeof(head); at += len, n++) {
		if (source_get(source, at, head, sizeof(head), err))
			return err->kind;
		if (!is_adts(head))
			break;
		len = (head[3] & 3u) << 11 | (unsigned)head[4] << 3 | head[5] >> 5;
		if (len < sizeof(head))
			return source_fail(source, at, "an impossible length", err);
		if (source_need(source, at, len, err))
			return err->kind;
	}
	if (n == 0)
		return source_need(source, at, sizeof(head), err);
	source->has_no_end = true;
	return check_rest(source, at, err);
}

enum err_kind walk_aac(struct source *source, struct err *err)
{
	return walk_adts(source, 0, err);
}

/* Moves behind one tag or several, and what some writers pad them with. */
static enum err_kind skip_tags(struct source *source, uint64_t *at, struct err *err)
{
	unsigned char head[10];

	for (;;) {
		if (source_get(source, *at, head, 4, err))
			return err->kind;
		if (memcmp(head, "ID3", 3) != 0)
			break;
		if (source_get(source, *at, head, sizeof(head), err))
			return err->kind;
		if ((head[6] | head[7] | head[8] | head[9]) & 0x80)
			return source_fail(source, *at + 6, "an impossible length", err);
		*at += 10 + (head[5] & 0x10 ? 10u : 0u) +
		    ((uint64_t)head[6] << 21 | (uint64_t)head[7] << 14 |
			(uint64_t)head[8] << 7 | head[9]);
	}
	while (head[0] == 0) {
		++*at;
		if (source_get(source, *at, head, 1, err))
			return err->kind;
	}
	return ERR_OK;
}

enum err_kind walk_mp3(struct source *source, struct err *err)
{
	unsigned char head[FRAME_HEAD];
	struct frame frame;
	uint64_t at = 0;

	if (skip_tags(source, &at, err) ||
	    source_get(source, at, head, sizeof(head), err))
		return err->kind;
	if (is_adts(head))
		return walk_adts(source, at, err);
	if (!read_mp3_head(head, &frame))
		return source_fail(source, at, "no sound follows the tag", err);
	return walk_mp3_frames(source, at, err);
}

/* --- FLAC --------------------------------------------------------------------- */

struct flac {
	uint16_t crc_16[256];
	uint64_t samples; /* that are promised; 0 unknown */
	uint64_t found; /* in frames whose end was seen */
	unsigned block; /* of the frame that is open */
};

static uint8_t crc_8(const unsigned char *bytes, size_t len)
{
	unsigned crc = 0;

	for (size_t i = 0; i < len; i++) {
		crc ^= bytes[i];
		for (int bit = 0; bit < 8; bit++)
			crc = (crc << 1 ^ (crc & 0x80 ? 0x107 : 0)) & 0x1ff;
	}
	return (uint8_t)crc;
}

static void make_crc_16(uint16_t table[256])
{
	for (unsigned i = 0; i < 256; i++) {
		unsigned crc = i << 8;

		for (int bit = 0; bit < 8; bit++)
			crc = (crc << 1 ^ (crc & 0x8000 ? 0x8005 : 0)) & 0xffff;
		table[i] = (uint16_t)crc;
	}
}

/* Does a frame's head, with its checksum, begin at `at`? Its samples; 0: no. */
static unsigned flac_block(struct source *source, uint64_t at)
{
	const uint64_t rest = source->size_bytes - at;
	unsigned char head[17] = { 0 };
	size_t len = 5, blocks;
	unsigned code, samples;
	struct err ignored;

	if (rest < 6 ||
	    source_get(source, at, head,
		rest < sizeof(head) ? (size_t)rest : sizeof(head), &ignored) ||
	    head[0] != 0xff || (head[1] & 0xfe) != 0xf8 || (head[3] & 1))
		return 0;
	for (unsigned lead = head[4]; (lead & 0xc0) == 0xc0 && len < 11;
	     lead = lead << 1 & 0xff)
		len++;
	code = head[2] >> 4;
	blocks = len;
	len += code == 6 ? 1 : code == 7 ? 2 : 0;
	len += (head[2] & 15) == 12			   ? 1
	    : (head[2] & 15) == 13 || (head[2] & 15) == 14 ? 2
							   : 0;
	if (code == 0 || len >= sizeof(head) || crc_8(head, len) != head[len])
		return 0;
	if (code == 6)
		samples = head[blocks] + 1u;
	else if (code == 7)
		samples = ((unsigned)head[blocks] << 8 | head[blocks + 1]) + 1;
	else
		samples = code == 1 ? 192
		    : code < 6	    ? 576u << (code - 2)
				    : 256u << (code - 8);
	return samples;
}

/* Is it a tag, or what nobody's sound looks like: text, zeros? */
static bool is_trailer(struct source *source, uint64_t at)
{
	const uint64_t rest = source->size_bytes - at;
	unsigned char bytes[32];
	const size_t n = rest < sizeof(bytes) ? (size_t)rest : sizeof(bytes);
	struct err ignored;

	if (source_get(source, at, bytes, n, &ignored))
		return false;
	if (n >= 3 && !memcmp(bytes, "TAG", 3))
		return true;
	if (n >= 8 && (!memcmp(bytes, "APETAGEX", 8) || !memcmp(bytes, "ID3", 3)))
		return true;
	for (size_t i = 0; i < n; i++)
		if (bytes[i] && !isprint(bytes[i]) && !isspace(bytes[i]))
			return false;
	return true;
}

/*
 * A frame is whole where its checksum comes out and the next, a tag or the end follows.
 */
static enum err_kind walk_flac_frames(
    struct source *source, uint64_t at, struct flac *flac, struct err *err)
{
	const unsigned char *bytes;
	uint16_t crc = 0;
	size_t n;

	flac->block = flac_block(source, at);
	if (!flac->block)
		return source_fail(source, at, "no sound begins here", err);
	while (at < source->size_bytes) {
		unsigned next;

		if (source_view(source, at, &bytes, &n, err))
			return err->kind;
		for (size_t i = 0; i < n; i++) {
			crc = (uint16_t)(crc << 8 ^ flac->crc_16[crc >> 8 ^ bytes[i]]);
			if (crc == 0) {
				n = i + 1;
				break;
			}
		}
		at += n;
		if (crc)
			continue;
		next = flac_block(source, at);
		if (!next && at < source->size_bytes && !is_trailer(source, at))
			continue;
		flac->found += flac->block;
		flac->block = next;
		if (!next)
			break;
	}
	return flac->block || flac->found < flac->samples
	    ? source_need(source, source->size_bytes, 1, err)
	    : ERR_OK;
}

enum err_kind walk_flac(struct source *source, struct err *err)
{
	struct flac flac = { .samples = 0 };
	unsigned char head[4], info[18];
	uint64_t at = 4;

	if (source_get(source, 8, info, sizeof(info), err))
		return err->kind;
	do {
		if (source_get(source, at, head, 4, err))
			return err->kind;
		at += 4 + ((uint64_t)head[1] << 16 | (uint64_t)head[2] << 8 | head[3]);
	} while (!(head[0] & 0x80));
	flac.samples = (info[13] & 15ull) << 32 | (uint64_t)info[14] << 24 |
	    (uint64_t)info[15] << 16 | (uint64_t)info[16] << 8 | info[17];
	source->has_no_end = flac.samples == 0;
	make_crc_16(flac.crc_16);
	return walk_flac_frames(source, at, &flac, err);
}
