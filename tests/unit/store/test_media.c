#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "base/fs.h"
#include "store/media.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

/* `says_end`: does the format tell where it ends? */
static const struct {
	const char *file, *format, *extension;
	enum media_kind kind;
	bool says_end;
} samples[] = {
	{ "picture.png", "png", "png", MEDIA_IMAGE, true },
	{ "baseline.jpg", "jpeg", "jpg", MEDIA_IMAGE, true },
	{ "progressive.jpg", "jpeg", "jpg", MEDIA_IMAGE, true },
	{ "lossy.webp", "webp", "webp", MEDIA_IMAGE, true },
	{ "lossless.webp", "webp", "webp", MEDIA_IMAGE, true },
	{ "animated.webp", "webp", "webp", MEDIA_IMAGE, true },
	{ "animated.gif", "gif", "gif", MEDIA_IMAGE, true },
	{ "picture.avif", "avif", "avif", MEDIA_IMAGE, true },
	{ "film.mp4", "mp4", "mp4", MEDIA_VIDEO, true },
	{ "faststart.mp4", "mp4", "mp4", MEDIA_VIDEO, true },
	{ "fragments.mp4", "mp4", "mp4", MEDIA_VIDEO, false },
	{ "film.mov", "mov", "mov", MEDIA_VIDEO, true },
	{ "film.webm", "webm", "webm", MEDIA_VIDEO, true },
	{ "sound.m4a", "m4a", "m4a", MEDIA_AUDIO, true },
	{ "sound.wav", "wav", "wav", MEDIA_AUDIO, true },
	{ "sound.ogg", "ogg", "ogg", MEDIA_AUDIO, true },
	{ "sound.mp3", "mp3", "mp3", MEDIA_AUDIO, false },
	{ "sound.aac", "aac", "aac", MEDIA_AUDIO, false },
};

static void load(const char *file, struct buf *into)
{
	_cleanup_free_ char *folder = fs_join(getenv("FIXTURES"), "media");
	_cleanup_free_ char *path = fs_join(folder, file);
	struct err err;

	assert_int_equal(fs_read_all(path, into, &err), ERR_OK);
}

static int file_of(const void *bytes, size_t len)
{
	const int fd = memfd_create("media", MFD_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, bytes, len), len);
	return fd;
}

static enum err_kind check(const void *bytes, size_t len, struct err *err)
{
	_cleanup_(closep) int fd = file_of(bytes, len);
	const struct media_type *type = NULL;
	const enum err_kind kind = media_check(fd, len, &type, err);

	assert_int_equal(type != NULL, kind == ERR_OK);
	return kind;
}

static void real_files_are_complete(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(samples); i++) {
		_cleanup_(buf_release) struct buf b = buf_make(1 << 20);
		const struct media_type *type = NULL;
		_cleanup_(closep) int fd = -1;
		struct err err = { 0 };

		load(samples[i].file, &b);
		fd = file_of(b.data, b.len);
		assert_int_equal(media_check(fd, b.len, &type, &err), ERR_OK);
		assert_string_equal(type->format, samples[i].format);
		assert_string_equal(type->extension, samples[i].extension);
		assert_int_equal(type->kind, samples[i].kind);
		assert_ptr_equal(media_sniff(b.data, 16), type);
	}
}

static void every_cut_is_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(samples); i++) {
		_cleanup_(buf_release) struct buf b = buf_make(1 << 20);
		const struct media_type *type;
		_cleanup_(closep) int fd = -1;
		struct err err;

		if (!samples[i].says_end)
			continue;
		load(samples[i].file, &b);
		fd = file_of(b.data, b.len);
		for (size_t n = b.len; n-- > 0;) {
			assert_int_equal(ftruncate(fd, (off_t)n), 0);
			if (media_check(fd, n, &type, &err) != ERR_CONTRACT)
				fail_msg("%s cut at %zu passes", samples[i].file, n);
			/* The size that was announced, but not the bytes. */
			assert_int_equal(
			    media_check(fd, b.len, &type, &err), ERR_CONTRACT);
		}
	}
}

/* Top-level box that begins at `at`; 0 when none does. */
static size_t box_size(const struct buf *b, size_t at)
{
	const unsigned char *p = (const unsigned char *)b->data + at;

	return at + 8 <= b->len
	    ? (size_t)p[0] << 24 | (size_t)p[1] << 16 | (size_t)p[2] << 8 | p[3]
	    : 0;
}

static bool is_box_start(const struct buf *b, size_t at)
{
	size_t start = 0;

	while (start < at && box_size(b, start))
		start += box_size(b, start);
	return start == at;
}

static void fragments_pass_only_at_their_ends(void **state)
{
	_cleanup_(buf_release) struct buf b = buf_make(1 << 20);
	size_t passed = 0;
	struct err err;

	(void)state;
	load("fragments.mp4", &b);
	for (size_t n = 0; n < b.len; n++) {
		if (check(b.data, n, &err))
			continue;
		passed++;
		assert_true(is_box_start(&b, n));
		assert_non_null(memmem(b.data, n, "moof", 4));
	}
	assert_in_range(passed, 1, 6);
}

static void bytes_behind_the_end_are_allowed(void **state)
{
	static const char *const tails[] = { "\0", "\n", "\r\n\r\n", "tail",
		"\0\0\0\0\0\0\0\0\0", "\xff\xd9\xff\xd9", "\n-- boundary\n" };
	static const size_t lengths[] = { 1, 1, 4, 4, 9, 4, 13 };

	(void)state;
	for (size_t i = 0; i < COUNT(samples); i++) {
		if (!strcmp(samples[i].file, "fragments.mp4"))
			continue;
		for (size_t t = 0; t < COUNT(tails); t++) {
			_cleanup_(buf_release) struct buf b = buf_make(1 << 20);
			const bool is_boxes = samples[i].kind == MEDIA_VIDEO ||
			    !strcmp(samples[i].format, "m4a") ||
			    !strcmp(samples[i].format, "avif");
			struct err err = { 0 };

			/* Where boxes may follow, letters could be the name of one. */
			if (is_boxes && lengths[t] == 13)
				continue;
			load(samples[i].file, &b);
			buf_add(&b, tails[t], lengths[t]);
			if (check(b.data, b.len, &err))
				fail_msg("%s, tail %zu: %s", samples[i].file, t, err.msg);
		}
	}
}

/* Whatever is flipped: an answer, no crash, no endless walk. */
static void damage_never_confuses(void **state)
{
	static const unsigned char flips[] = { 0x01, 0x80, 0xff, 0x55 };

	(void)state;
	for (size_t i = 0; i < COUNT(samples); i++) {
		_cleanup_(buf_release) struct buf b = buf_make(1 << 20);
		const struct media_type *type;
		_cleanup_(closep) int fd = -1;
		struct err err;

		load(samples[i].file, &b);
		fd = file_of(b.data, b.len);
		for (size_t n = 0; n < b.len; n++) {
			for (size_t f = 0; f < sizeof(flips); f++) {
				const char flipped = (char)(b.data[n] ^ flips[f]);
				enum err_kind kind;

				assert_int_equal(pwrite(fd, &flipped, 1, (off_t)n), 1);
				kind = media_check(fd, b.len, &type, &err);
				assert_true(kind == ERR_OK || kind == ERR_CONTRACT);
			}
			assert_int_equal(pwrite(fd, b.data + n, 1, (off_t)n), 1);
		}
	}
}

/* The two halves of different files, as a resumed download could glue them. */
static void every_flipped_byte_of_a_png_is_seen(void **state)
{
	_cleanup_(buf_release) struct buf b = buf_make(1 << 20);
	struct err err;

	(void)state;
	load("picture.png", &b);
	for (size_t n = 0; n < b.len; n++) {
		const char *type = memmem(b.data, b.len, "pHYs", 4);

		/* Damage in a chunk that nobody needs is tolerated. */
		if (type && n + 4 >= (size_t)(type - b.data) &&
		    n < (size_t)(type - b.data) + 17)
			continue;
		b.data[n] ^= 0x10;
		if (!check(b.data, b.len, &err))
			fail_msg("flipped byte %zu passes", n);
		b.data[n] ^= 0x10;
	}
}

static void strangers_are_named(void **state)
{
	static const struct {
		const char *bytes;
		size_t len;
		const char *says;
	} row[] = {
		{ "", 0, "empty" },
		{ "<!DOCTYPE html><html>", 21, "an HTML page" },
		{ "\xef\xbb\xbf\r\n <HTML>", 12, "an HTML page" },
		{ "<?xml version=\"1.0\"?><Error>", 28, "an XML text" },
		{ "<Error><Code>AccessDenied</Code>", 32, "an XML text" },
		{ "{\"ret\":\"1015\"}", 14, "a JSON text" },
		{ "\xef\xbb\xbf \n[1]", 8, "a JSON text" },
		{ "   \r\n\t ", 7, "blank" },
		{ "\xef\xbb\xbf", 3, "blank" },
		{ "\x1f\x8b\x08\0\0", 5, "gzip data" },
		{ "%PDF-1.4", 8, "a PDF file" },
		{ "\0\0\0\0\0\0\0\0\0\0\0\0", 12, "begins with 00 00 00 00 00 00 00 00" },
		{ "\xff\xfe<\0h\0t\0m\0l\0>\0", 14, "begins with ff fe" },
		{ "\xff\xfe{\0\"\0r\0", 8, "begins with ff fe" },
		{ "hello", 5, "begins with 68 65 6c 6c 6f" },
		{ "\x89PNG\r\n\x1a", 7, "begins with 89" },
		{ "\x89PNG\n\x1a\n\0\0\0\0\0", 12, "begins with 89" },
		{ "RIFF\x10\0\0\0AVI LIST", 16, "begins with 52 49 46 46" },
		{ "RIFF", 4, "begins with 52" },
		{ "ID", 2, "begins with 49" },
		{ "\xff", 1, "begins with ff" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(row); i++) {
		struct err err = { 0 };

		assert_int_equal(check(row[i].bytes, row[i].len, &err), ERR_CONTRACT);
		print_message("# %s\n", err.msg);
		assert_non_null(strstr(err.msg, row[i].says));
		assert_null(media_sniff(row[i].bytes, row[i].len));
	}
}

#define FTYP         \
	"\0\0\0\x10" \
	"ftypisom\0\0\0\0"
#define MDAT         \
	"\0\0\0\x0c" \
	"mdatDATA"
/* moov > trak > mdia > minf > stbl > stco with one chunk at `where` */
#define MOOV(where)  \
	"\0\0\0\x3c" \
	"moov"       \
	"\0\0\0\x34" \
	"trak"       \
	"\0\0\0\x2c" \
	"mdia"       \
	"\0\0\0\x24" \
	"minf"       \
	"\0\0\0\x1c" \
	"stbl"       \
	"\0\0\0\x14" \
	"stco"       \
	"\0\0\0\0"   \
	"\0\0\0\x01" where
#define CO64(where)  \
	"\0\0\0\x40" \
	"moov"       \
	"\0\0\0\x38" \
	"trak"       \
	"\0\0\0\x30" \
	"mdia"       \
	"\0\0\0\x28" \
	"minf"       \
	"\0\0\0\x20" \
	"stbl"       \
	"\0\0\0\x18" \
	"co64"       \
	"\0\0\0\0"   \
	"\0\0\0\x01" where
#define TRAK_ONLY    \
	"\0\0\0\x10" \
	"moov"       \
	"\0\0\0\x08" \
	"trak"

static void boxes_that_lie(void **state)
{
#define ROW(text, is_good)                      \
	{                                       \
		text, sizeof(text) - 1, is_good \
	}
	static const struct {
		const char *bytes;
		size_t len;
		bool is_good;
	} row[] = {
		ROW(FTYP MOOV("\0\0\0\x10") MDAT, true),
		ROW(FTYP MDAT MOOV("\0\0\0\x10"), true),
		ROW(MDAT MOOV("\0\0\0\x08"), true),
		ROW(FTYP CO64("\0\0\0\0\0\0\0\x10") MDAT, true),
		ROW(FTYP TRAK_ONLY MDAT, true), /* fragments keep no tables */
		ROW(FTYP MOOV("\0\0\0\x10") "\0\0\0\0mdatDATA", true), /* to the end */
		ROW(FTYP MOOV("\0\0\0\x10") "\0\0\0\x01mdat\0\0\0\0\0\0\0\x14"
					    "DATA",
		    true),
		ROW(FTYP MOOV("\0\0\0\x10") "\0\0\0\x01mdat\0\0\0\0\0\0\0\x15"
					    "DATA",
		    false),
		ROW(FTYP MOOV(
			"\0\0\0\x10") "\0\0\0\x01mdat\xff\xff\xff\xff\xff\xff\xff\xff"
				      "DATA",
		    false),
		ROW(FTYP MOOV(
			"\0\0\0\x10") "\0\0\0\x01mdat\x7f\xff\xff\xff\xff\xff\xff\xff"
				      "DATA",
		    false),
		ROW(FTYP MOOV("\0\0\0\x10") "\0\0\0\x01mdat\0\0\0\0\0\0\0\x0f"
					    "DATA",
		    false),
		ROW(FTYP MOOV("\0\0\0\x10") "\0\0\0\x01mdat\0\0\0\0\0\0\0\0"
					    "DATA",
		    false),
		ROW(FTYP MOOV("\0\0\0\x10") "\0\0\0\x01mdat\0\0\0", false),
		ROW(FTYP MOOV("\0\0\0\x10") "\0\0\0\x07mdatDATA", false),
		ROW(FTYP MOOV("\0\0\0\x10") "\xff\xff\xff\xffmdatDATA", false),
		ROW(FTYP MOOV("\0\0\0\x10") "\0\0\0\x08mdat", false), /* no data */
		ROW(FTYP MOOV("\0\0\0\x10"), false),
		ROW(FTYP MDAT, false),
		ROW(FTYP, false),
		ROW(FTYP "\0\0\0\x08moov" MDAT, false), /* no track */
		ROW(FTYP "\0\0\0\0moov\0\0\0\x08trak", false),
		/* The data was cut, and its box can't tell, but the table can. */
		ROW(FTYP MOOV("\0\x01\0\0") "\0\0\0\0mdatDATA", false),
		ROW(FTYP CO64("\xff\xff\xff\xff\xff\xff\xff\xff") MDAT, false),
		/* Boxes that leave their parents, tables that leave their boxes. */
		ROW(FTYP "\0\0\0\x10moov\0\0\0\x09trak" MDAT, false),
		ROW(FTYP "\0\0\0\x10moov\0\0\0\x04trak" MDAT, false),
		ROW(FTYP "\0\0\0\x38moov\0\0\0\x30trak\0\0\0\x28mdia\0\0\0\x20minf"
			 "\0\0\0\x18stbl\0\0\0\x10stco\0\0\0\0\xff\xff\xff\xff" MDAT,
		    false),
		ROW(FTYP "\0\0\0\x30moov\0\0\0\x28trak\0\0\0\x20mdia\0\0\0\x18minf"
			 "\0\0\0\x10stbl\0\0\0\x08stco" MDAT,
		    false),
		/* QuickTime ends a list with four zeros. */
		ROW(FTYP "\0\0\0\x14moov\0\0\0\x08trak\0\0\0\0" MDAT, true),
		ROW(FTYP "\0\0\0\x08\x01\x02\x03\x04" MOOV("\0\0\0\x10") MDAT, false),
		/* AVIF and HEIF: data in mdat, or in meta itself. */
		ROW("\0\0\0\x10"
		    "ftypavif\0\0\0\0"
		    "\0\0\0\x0cmeta\0\0\0\0" MDAT,
		    true),
		ROW("\0\0\0\x10"
		    "ftypheic\0\0\0\0"
		    "\0\0\0\x0cmeta\0\0\0\0",
		    false),
		ROW("\0\0\0\x10"
		    "ftypmif1\0\0\0\0"
		    "\0\0\0\x18meta\0\0\0\0\0\0\0\x0cidatDATA",
		    true),
		ROW("\0\0\0\x10"
		    "ftypmif1\0\0\0\0"
		    "\0\0\0\x18meta\0\0\0\0\0\0\0\x0didatDATA",
		    false),
		ROW("\0\0\0\x10"
		    "ftypavif\0\0\0\0" MDAT,
		    false),
	};
#undef ROW

	(void)state;
	for (size_t i = 0; i < COUNT(row); i++) {
		struct err err = { 0 };
		const enum err_kind kind = check(row[i].bytes, row[i].len, &err);

		print_message("# %zu: %s\n", i, err.msg);
		assert_int_equal(kind, row[i].is_good ? ERR_OK : ERR_CONTRACT);
	}
}

#define SEGMENT "\xff\xc0\x00\x0b\x08\x00\x01\x00\x01\x01\x01\x11\x00"
#define SCAN "\xff\xda\x00\x08\x01\x01\x00\x00\x3f\x00"

static void other_containers_that_lie(void **state)
{
#define ROW(text, is_good)                      \
	{                                       \
		text, sizeof(text) - 1, is_good \
	}
	static const struct {
		const char *bytes;
		size_t len;
		bool is_good;
	} row[] = {
		/* JPEG */
		ROW("\xff\xd8" SEGMENT SCAN "\x12\xff\x00\x34\xff\xd0\x56\xff\xff\xd9",
		    true),
		ROW("\xff\xd8\xff\xff\xff\xe0\x00\x02" SEGMENT SCAN "\x12\xff\xd9", true),
		ROW("\xff\xd8" SEGMENT SCAN "\x12" SCAN "\x34\xff\xd9", true),
		ROW("\xff\xd8" SEGMENT SCAN "\x12\xff\x00", false),
		ROW("\xff\xd8" SEGMENT SCAN "\x12\xff", false),
		ROW("\xff\xd8" SEGMENT "\xff\xd9", false), /* no scan */
		ROW("\xff\xd8" SCAN "\x12\xff\xd9", false), /* no frame */
		ROW("\xff\xd8\xff\xd9", false),
		ROW("\xff\xd8\xff\xe0\x00\x01" SEGMENT SCAN "\xff\xd9", false),
		ROW("\xff\xd8\xff\xe0\xff\xff" SEGMENT SCAN "\xff\xd9", false),
		ROW("\xff\xd8\xff\xe1\x00\x06\xff\xd9\xff\xd9",
		    false), /* EOI inside EXIF */
		ROW("\xff\xd8\xff\xe0\x00\x02junk", false),
		ROW("\xff\xd8\xff\xff\xff\xff\xff\xff\xff", false),
		/* GIF: head, then blocks */
		ROW("GIF89a\1\0\1\0\0\0\0;", false),
		ROW("GIF89a\1\0\1\0\0\0\0,\0\0\0\0\1\0\1\0\0\2\1\x44\0;", true),
		ROW("GIF89a\1\0\1\0\0\0\0!\xf9\4\0\0\0\0\0,\0\0\0\0\1\0\1\0\0\2\1\x44\0;",
		    true),
		ROW("GIF89a\1\0\1\0\0\0\0,\0\0\0\0\1\0\1\0\0\2\xff\x44\0;", false),
		ROW("GIF89a\1\0\1\0\x87\0\0;", false),
		ROW("GIF89a\1\0\1\0\0\0\0?", false),
		/* WebP */
		ROW("RIFF\x0e\0\0\0WEBPVP8L\1\0\0\0x\0", true),
		ROW("RIFF\x0d\0\0\0WEBPVP8L\1\0\0\0x", true), /* the pad is missing */
		ROW("RIFF\x0f\0\0\0WEBPVP8L\1\0\0\0x\0", false),
		ROW("RIFF\x0e\0\0\0WEBPVP8L\3\0\0\0x\0", false),
		ROW("RIFF\x0e\0\0\0WEBPVP8L\xff\xff\xff\xffx\0", false),
		ROW("RIFF\xff\xff\xff\xffWEBPVP8L\1\0\0\0x\0", false),
		ROW("RIFF\x04\0\0\0WEBP", false),
		ROW("RIFF\0\0\0\0WEBPVP8L\1\0\0\0x\0", false),
		ROW("RIFF\x0e\0\0\0WEBPEXIF\1\0\0\0x\0", false),
		/* WAV */
		ROW("RIFF\x28\0\0\0WAVEfmt "
		    "\x10\0\0\0\1\0\1\0\x40\x1f\0\0\x40\x1f\0\0\1\0\x08\0"
		    "data\2\0\0\0ab",
		    true),
		ROW("RIFF\x28\0\0\0WAVEfmt "
		    "\x10\0\0\0\1\0\1\0\x40\x1f\0\0\x40\x1f\0\0\1\0\x08\0"
		    "data\xff\xff\xff\xff"
		    "ab",
		    true), /* from a pipe */
		ROW("RIFF\x28\0\0\0WAVEfmt "
		    "\x10\0\0\0\1\0\1\0\x40\x1f\0\0\x40\x1f\0\0\1\0\x08\0"
		    "data\3\0\0\0ab",
		    false),
		ROW("RIFF\x0e\0\0\0WAVEdata\2\0\0\0ab", false),
		ROW("RIFF\x0e\0\0\0WAVEjunk\xff\xff\xff\xff", false),
		/* FLAC: head, one last block, a frame */
		ROW("fLaC\x80\0\0\2xxF", true),
		ROW("fLaC\x80\0\0\2xx", false),
		ROW("fLaC\0\0\0\2xx", false),
		ROW("fLaC\x80\xff\xff\xffxx", false),
		/* MP3: a tag that is all there is */
		ROW("ID3\3\0\0\0\0\0\1x", false),
		ROW("ID3\3\0\0\x7f\x7f\x7f\x7fx\xff\xfb\x90\0", false),
		ROW("ID3\3\0\0\xff\0\0\1x\xff\xfb\x90\0", false),
		/* Matroska */
		ROW("\x1a\x45\xdf\xa3\x81x\x18\x53\x80\x67\x82yy", true),
		ROW("\x1a\x45\xdf\xa3\x81x\x18\x53\x80\x67\xffyy", true), /* streamed */
		ROW("\x1a\x45\xdf\xa3\x81x\x18\x53\x80\x67\x83yy", false),
		ROW("\x1a\x45\xdf\xa3\x81x\x18\x53\x80\x67\xff", false),
		ROW("\x1a\x45\xdf\xa3\x81x\x18\x53\x80\x67\0yy", false),
		ROW("\x1a\x45\xdf\xa3\xffx\x18\x53\x80\x67\x82yy", false),
		ROW("\x1a\x45\xdf\xa3\x01\xff\xff\xff\xff\xff\xff\xfex", false),
		ROW("\x1a\x45\xdf\xa3\x81xnope\x82yy", false),
		/* Ogg: a page that ends its stream, or not */
		ROW("OggS\0\4\0\0\0\0\0\0\0\0\1\0\0\0\0\0\0\0\0\0\0\0\1\2xx", true),
		ROW("OggS\0\2\0\0\0\0\0\0\0\0\1\0\0\0\0\0\0\0\0\0\0\0\1\2xx", false),
		ROW("OggS\0\4\0\0\0\0\0\0\0\0\1\0\0\0\0\0\0\0\0\0\0\0\1\3xx", false),
	};
#undef ROW

	(void)state;
	for (size_t i = 0; i < COUNT(row); i++) {
		struct err err = { 0 };
		const enum err_kind kind = check(row[i].bytes, row[i].len, &err);

		print_message("# %zu: %s\n", i, err.msg);
		assert_int_equal(kind, row[i].is_good ? ERR_OK : ERR_CONTRACT);
	}
}

static void large_files_are_walked_fast(void **state)
{
	_cleanup_(buf_release) struct buf b = buf_make(1 << 20);
	const struct media_type *type;
	_cleanup_(closep) int fd = -1;
	const uint64_t size = UINT64_C(6) << 30;
	struct err err;

	(void)state;
	/* 6 GiB that are nearly all a hole, with the index behind the data. */
	buf_add(&b, FTYP "\0\0\0\x01mdat\0\0\0\x01\x7f\xff\xff\0", 32);
	fd = file_of(b.data, b.len);
	buf_release(&b);
	buf_add(&b, MOOV("\0\0\0\x20"), 60);
	assert_int_equal(pwrite(fd, b.data, 60, 16 + 0x17fffff00), 60);
	assert_int_equal(media_check(fd, 16 + 0x17fffff00 + 60, &type, &err), ERR_OK);
	assert_int_equal(ftruncate(fd, (off_t)size), 0);
	assert_int_equal(media_check(fd, size, &type, &err), ERR_OK); /* zeros behind */
	assert_int_equal(media_check(fd, 0x17fffff00, &type, &err), ERR_CONTRACT);
}

static void what_cannot_be_read_is_no_bad_file(void **state)
{
	const struct media_type *type;
	struct err err;

	(void)state;
	assert_int_equal(media_check(-1, 100, &type, &err), ERR_IO);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(real_files_are_complete),
		cmocka_unit_test(every_cut_is_refused),
		cmocka_unit_test(fragments_pass_only_at_their_ends),
		cmocka_unit_test(bytes_behind_the_end_are_allowed),
		cmocka_unit_test(damage_never_confuses),
		cmocka_unit_test(every_flipped_byte_of_a_png_is_seen),
		cmocka_unit_test(strangers_are_named),
		cmocka_unit_test(boxes_that_lie),
		cmocka_unit_test(other_containers_that_lie),
		cmocka_unit_test(large_files_are_walked_fast),
		cmocka_unit_test(what_cannot_be_read_is_no_bad_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
