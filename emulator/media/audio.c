#include "media/audio.h"

#include <string.h>

#include "common/text.h"

/* MPEG 1, layer 3, 32 kbit/s, 44.1 kHz, one channel, no checksum: 144 * 32000 / 44100. */
static const uint8_t frame_head[4] = { 0xff, 0xfb, 0x10, 0xc4 };

enum {
	FRAME = 104,
	FRAMES = 193,
	INFO_AT = 21, /* behind head and side information */
	HEAD = 10, /* of the tag, and of a frame in it */
	TAG_MAX = 0x0fffffff /* its size has 28 bits */
};

static const uint8_t zeros[4096];

static void put32(uint8_t *to, uint32_t value)
{
	for (unsigned i = 0; i < 4; i++)
		to[i] = (uint8_t)(value >> (24 - 8 * i));
}

/* The name of a tag or a frame: four characters, and no end. */
static void put_name(uint8_t *to, const char *name)
{
	for (unsigned i = 0; i < 4; i++)
		to[i] = (uint8_t)name[i];
}

/* Sizes in a tag have seven bits a byte. */
static void put28(uint8_t *to, uint32_t value)
{
	for (unsigned i = 0; i < 4; i++)
		to[i] = (uint8_t)(value >> (21 - 7 * i) & 0x7f);
}

static void add_tag(struct source *s, const char *label, uint64_t pad_to)
{
	const uint32_t text = (uint32_t)strlen(label) + 1;
	const uint64_t least = (uint64_t)HEAD * 2 + text + (uint64_t)FRAME * (FRAMES + 1);
	uint32_t pad = 0;
	uint8_t *tag = mem_new(HEAD * 2 + text, 1);

	if (pad_to > least)
		pad = pad_to - least > TAG_MAX / 2 ? TAG_MAX / 2
						   : (uint32_t)(pad_to - least);
	put_name(tag, "ID3\x03");
	put28(tag + 6, HEAD + text + pad);
	put_name(tag + HEAD, "TIT2");
	put32(tag + HEAD + 4, text);
	memcpy(tag + (size_t)HEAD * 2 + 1, label, text - 1);
	source_own(s, tag, HEAD * 2 + text);
	if (pad)
		source_repeat(s, zeros, sizeof(zeros), pad);
}

static void add_info(struct source *s)
{
	uint8_t *frame = mem_new(FRAME, 1);

	memcpy(frame, frame_head, sizeof(frame_head));
	put_name(frame + INFO_AT, "Info");
	put32(frame + INFO_AT + 4, 3);
	put32(frame + INFO_AT + 8, FRAMES);
	put32(frame + INFO_AT + 12, FRAME * (FRAMES + 1));
	source_own(s, frame, FRAME);
}

void audio_open(struct source *s, const char *label, uint64_t pad_to)
{
	uint8_t *frame = mem_new(FRAME, 1);

	add_tag(s, label, pad_to);
	add_info(s);
	memcpy(frame, frame_head, sizeof(frame_head));
	source_keep(s, frame);
	source_repeat(s, frame, FRAME, (uint64_t)FRAME * FRAMES);
}
