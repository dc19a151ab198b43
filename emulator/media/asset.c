#include "media/asset.h"

#include <assert.h>
#include <pthread.h>
#include <string.h>

#include <openssl/evp.h>
#include <zlib.h>

#include "clip.h"
#include "common/hash.h"
#include "common/text.h"
#include "media/audio.h"
#include "media/picture.h"

enum {
	BASES_MAX = 48,
	PAD_PERIOD = 65521, /* a prime: a slip by a power of two shows */
	JPEG_SEGMENT = 65537, /* the longest COM segment with its marker */
	PNG_HEAD = 33, /* signature and IHDR */
	PNG_PLTE = 12 + PICTURE_COLOURS * 3
};

/* A chunk or box says its size in 32 bits, and PNG wants 31. */
#define PAD_MAX 0x7fff0000u

struct base {
	enum media_format format;
	unsigned width, height, pattern;
	uint8_t *bytes;
	size_t size;
	unsigned refs; /* sources, and one of the studio while it is listed */
	uint64_t used_at;
	struct studio *studio;
};

struct studio {
	pthread_mutex_t lock;
	struct base *bases[BASES_MAX];
	uint64_t ticks;
};

struct studio *studio_new(void)
{
	struct studio *studio = mem_new(1, sizeof(*studio));

	(void)pthread_mutex_init(&studio->lock, NULL);
	return studio;
}

static void base_unref_locked(struct base *base)
{
	if (--base->refs)
		return;
	free(base->bytes);
	free(base);
}

static void base_unref(void *p)
{
	struct base *base = p;
	struct studio *studio = base->studio;

	(void)pthread_mutex_lock(&studio->lock);
	base_unref_locked(base);
	(void)pthread_mutex_unlock(&studio->lock);
}

void studio_free(struct studio *studio)
{
	if (!studio)
		return;
	for (unsigned i = 0; i < BASES_MAX; i++)
		if (studio->bases[i])
			base_unref_locked(studio->bases[i]);
	(void)pthread_mutex_destroy(&studio->lock);
	free(studio);
}

static struct base *base_find_locked(struct studio *studio, const struct base *want)
{
	for (unsigned i = 0; i < BASES_MAX; i++) {
		struct base *base = studio->bases[i];

		if (base && base->format == want->format && base->width == want->width &&
		    base->height == want->height && base->pattern == want->pattern)
			return base;
	}
	return NULL;
}

static void base_list_locked(struct studio *studio, struct base *base)
{
	struct base **oldest = &studio->bases[0];

	for (unsigned i = 0; i < BASES_MAX && *oldest; i++)
		if (!studio->bases[i] || studio->bases[i]->used_at < (*oldest)->used_at)
			oldest = &studio->bases[i];
	if (*oldest)
		base_unref_locked(*oldest);
	*oldest = base;
}

static struct base *base_make(struct studio *studio, const struct base *want)
{
	struct base *base = mem_new(1, sizeof(*base));

	*base = *want;
	base->studio = studio;
	base->refs = 1;
	base->bytes = picture_encode(
	    base->format, base->width, base->height, base->pattern, &base->size);
	return base;
}

static struct base *base_get(struct studio *studio, const struct asset *asset)
{
	const struct base want = {
		.format = asset->format,
		.width = asset->width,
		.height = asset->height,
		.pattern = (unsigned)(asset->key % PICTURE_PATTERNS),
	};
	struct base *base;

	(void)pthread_mutex_lock(&studio->lock);
	base = base_find_locked(studio, &want);
	if (!base) {
		base = base_make(studio, &want);
		base_list_locked(studio, base);
	}
	base->refs++;
	base->used_at = ++studio->ticks;
	(void)pthread_mutex_unlock(&studio->lock);
	return base;
}

static void put32(uint8_t *to, uint32_t value)
{
	for (unsigned i = 0; i < 4; i++)
		to[i] = (uint8_t)(value >> (24 - 8 * i));
}

static void put32_le(uint8_t *to, uint32_t value)
{
	for (unsigned i = 0; i < 4; i++)
		to[i] = (uint8_t)(value >> (8 * i));
}

static void put24_le(uint8_t *to, uint32_t value)
{
	for (unsigned i = 0; i < 3; i++)
		to[i] = (uint8_t)(value >> (8 * i));
}

/* The name of a chunk or a box: four characters, and no end. */
static void put_name(uint8_t *to, const char *name)
{
	for (unsigned i = 0; i < 4; i++)
		to[i] = (uint8_t)name[i];
}

static void fill_noise(uint8_t *to, size_t n, uint64_t key)
{
	for (size_t i = 0; i < n; i += 8) {
		uint64_t word = hash_mix(key, i + 1);

		memcpy(to + i, &word, n - i < 8 ? n - i : 8);
	}
}

/* A block of noise for the padding; the source owns it. */
static uint8_t *noise(struct source *s, uint64_t key)
{
	uint8_t *block = mem_new(PAD_PERIOD, 1);

	fill_noise(block, PAD_PERIOD, key);
	source_keep(s, block);
	return block;
}

/* How many bytes of padding bring `size` plus `overhead` to the wish. */
static uint32_t pad_length(const struct asset *asset, uint64_t size, unsigned overhead)
{
	uint64_t least = size + overhead;

	if (asset->pad_to < least)
		return 0;
	return asset->pad_to - least > PAD_MAX ? PAD_MAX
					       : (uint32_t)(asset->pad_to - least);
}

/* The checksum of type and data of a chunk whose data repeat a block. */
static uint32_t repeated_crc(const char *type, const uint8_t *block, uint32_t size)
{
	uLong crc = crc32(0, (const Bytef *)type, 4);
	uLong whole = crc32(0, block, PAD_PERIOD);
	z_off_t rest = (z_off_t)(size % PAD_PERIOD);

	for (uint32_t n = size / PAD_PERIOD; n; n--)
		crc = crc32_combine(crc, whole, PAD_PERIOD);
	crc = crc32_combine(crc, crc32(0, block, (uInt)rest), rest);
	return (uint32_t)crc;
}

static void png_chunk(struct source *s, const char *type, const void *data, size_t n)
{
	uint8_t *chunk = mem_new(n + 12, 1);

	put32(chunk, (uint32_t)n);
	put_name(chunk + 4, type);
	memcpy(chunk + 8, data, n);
	put32(chunk + 8 + n, (uint32_t)crc32(0, chunk + 4, (uInt)n + 4));
	source_own(s, chunk, n + 12);
}

static void png_pad(struct source *s, const struct asset *asset, size_t rest)
{
	uint32_t n = pad_length(asset, s->size + rest, 12);
	uint8_t *block, *frame;

	if (asset->pad_to < s->size + rest + 12)
		return;
	block = noise(s, asset->key);
	frame = mem_new(12, 1);
	put32(frame, n);
	put_name(frame + 4, "drPd");
	put32(frame + 8, repeated_crc("drPd", block, n));
	source_own(s, frame, 8);
	source_repeat(s, block, PAD_PERIOD, n);
	source_add(s, frame + 8, 4);
}

static void open_png(struct source *s, const struct asset *asset, const struct base *base)
{
	const size_t rest = PNG_HEAD + PNG_PLTE;
	uint8_t palette[PICTURE_COLOURS * 3];
	char comment[sizeof(asset->label) + 8] = "Comment";

	assert(base->size > rest && memcmp(base->bytes + PNG_HEAD + 4, "PLTE", 4) == 0);
	picture_palette(asset->key, palette);
	memcpy(comment + 8, asset->label, sizeof(asset->label));
	source_add(s, base->bytes, PNG_HEAD);
	png_chunk(s, "PLTE", palette, sizeof(palette));
	png_chunk(s, "tEXt", comment, 8 + strlen(asset->label));
	png_pad(s, asset, base->size - rest);
	source_add(s, base->bytes + rest, base->size - rest);
}

static uint8_t *riff_chunk(struct source *s, const char *type, uint32_t n, size_t payload)
{
	uint8_t *chunk = mem_new(8 + payload, 1);

	put_name(chunk, type);
	put32_le(chunk + 4, n);
	source_own(s, chunk, 8 + payload);
	return chunk + 8;
}

/* The base is "RIFF size WEBP" and one VP8 chunk; ours adds VP8X and the label. */
static void open_webp(
    struct source *s, const struct asset *asset, const struct base *base)
{
	uint8_t *head = mem_new(30, 1);
	size_t n = (strlen(asset->label) + 1) & ~(size_t)1;
	uint8_t *label;

	put_name(head, "RIFF");
	put_name(head + 8, "WEBP");
	put_name(head + 12, "VP8X");
	put32_le(head + 16, 10);
	put24_le(head + 24, asset->width - 1);
	put24_le(head + 27, asset->height - 1);
	source_own(s, head, 30);
	source_add(s, base->bytes + 12, base->size - 12);
	label = riff_chunk(s, "drLb", (uint32_t)n, n);
	memcpy(label, asset->label, strlen(asset->label));
	if (asset->pad_to >= s->size + 8) {
		uint32_t pad = pad_length(asset, s->size, 8) & ~1u;

		(void)riff_chunk(s, "drPd", pad, 0);
		source_repeat(s, noise(s, asset->key), PAD_PERIOD, pad);
	}
	put32_le(head + 4, (uint32_t)(s->size - 8));
}

static void jpeg_comment(struct source *s, const void *data, size_t n)
{
	uint8_t *chunk = mem_new(n + 4, 1);

	chunk[0] = 0xff;
	chunk[1] = 0xfe;
	chunk[2] = (uint8_t)((n + 2) >> 8);
	chunk[3] = (uint8_t)(n + 2);
	if (data)
		memcpy(chunk + 4, data, n);
	source_own(s, chunk, n + 4);
}

static void jpeg_pad(struct source *s, const struct asset *asset, size_t rest)
{
	uint32_t n = pad_length(asset, s->size + rest, 4);
	uint32_t whole, left;
	uint8_t *block;

	if (asset->pad_to < s->size + rest + 4)
		return;
	n += 4;
	whole = n / JPEG_SEGMENT;
	left = n % JPEG_SEGMENT;
	if (left && left < 4) { /* too small for a segment: borrow from a whole one */
		whole--;
		left += JPEG_SEGMENT;
	}
	block = mem_new(JPEG_SEGMENT, 1);
	fill_noise(block + 4, JPEG_SEGMENT - 4, asset->key);
	put_name(block, "\xff\xfe\xff\xff"); /* a comment as long as they get */
	source_keep(s, block);
	source_repeat(s, block, JPEG_SEGMENT, (uint64_t)whole * JPEG_SEGMENT);
	if (left > JPEG_SEGMENT) {
		jpeg_comment(s, NULL, 96);
		left -= 100;
	}
	if (left)
		jpeg_comment(s, NULL, left - 4);
}

static void open_jpeg(
    struct source *s, const struct asset *asset, const struct base *base)
{
	source_add(s, base->bytes, 2);
	jpeg_comment(s, asset->label, strlen(asset->label));
	jpeg_pad(s, asset, base->size - 2);
	source_add(s, base->bytes + 2, base->size - 2);
}

static void open_mp4(struct source *s, const struct asset *asset)
{
	size_t n = 8 + 16 + sizeof(asset->label);
	uint8_t *box = mem_new(n, 1);
	uint64_t id[2] = { hash_mix(asset->key, 1), hash_mix(asset->key, 2) };

	put32(box, (uint32_t)n);
	put_name(box + 4, "uuid");
	memcpy(box + 8, id, 16);
	memcpy(box + 24, asset->label, sizeof(asset->label));
	source_add(s, clip_bytes, clip_size);
	source_own(s, box, n);
	if (asset->pad_to >= s->size + 8) {
		uint32_t pad = pad_length(asset, s->size, 8);
		uint8_t *head = mem_new(8, 1);

		put32(head, pad + 8);
		put_name(head + 4, "free");
		source_own(s, head, 8);
		source_repeat(s, noise(s, asset->key), PAD_PERIOD, pad);
	}
}

struct source asset_open(struct studio *studio, const struct asset *asset)
{
	struct source s = { 0 };
	struct base *base;

	if (asset->format == FORMAT_MP4) {
		open_mp4(&s, asset);
		return s;
	}
	if (asset->format == FORMAT_MP3) {
		audio_open(&s, asset->label, asset->pad_to);
		return s;
	}
	base = base_get(studio, asset);
	s.let_go = base_unref;
	s.shared = base;
	if (asset->format == FORMAT_WEBP)
		open_webp(&s, asset, base);
	else if (asset->format == FORMAT_JPEG)
		open_jpeg(&s, asset, base);
	else
		open_png(&s, asset, base);
	return s;
}

void asset_md5(struct studio *studio, const struct asset *asset, uint8_t ret[ASSET_MD5])
{
	_cleanup_(source_release) struct source s = asset_open(studio, asset);
	_cleanup_free_ uint8_t *chunk = mem_new(1 << 18, 1);
	EVP_MD_CTX *md5 = EVP_MD_CTX_new();
	uint64_t at = 0;
	size_t n;

	if (!md5 || EVP_DigestInit_ex(md5, EVP_md5(), NULL) != 1)
		abort();
	while ((n = source_read(&s, at, chunk, 1 << 18))) {
		(void)EVP_DigestUpdate(md5, chunk, n);
		at += n;
	}
	(void)EVP_DigestFinal_ex(md5, ret, NULL);
	EVP_MD_CTX_free(md5);
}

const char *asset_mime(enum media_format format)
{
	static const char *const names[] = {
		[FORMAT_PNG] = "image/png",
		[FORMAT_WEBP] = "image/webp",
		[FORMAT_JPEG] = "image/jpeg",
		[FORMAT_MP4] = "video/mp4",
		[FORMAT_MP3] = "audio/mpeg",
	};

	return names[format];
}
