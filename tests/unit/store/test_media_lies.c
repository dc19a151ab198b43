#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>
#include <zlib.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/fs.h"
#include "store/media/media.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

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
		ROW("RIFF\x26\0\0\0WAVEfmt "
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
		/* FLAC: head, one last block, no frame */
		ROW("fLaC\x80\0\0\2xxF", false),
		ROW("fLaC\x80\0\0\2xx", false),
		ROW("fLaC\0\0\0\2xx", false),
		ROW("fLaC\x80\xff\xff\xffxx", false),
		/* MP3: a tag that is all there is */
		ROW("ID3\3\0\0\0\0\0\1x", false),
		ROW("ID3\3\0\0\x7f\x7f\x7f\x7fx\xff\xfb\x90\0", false),
		ROW("ID3\3\0\0\xff\0\0\1x\xff\xfb\x90\0", false),
		/* Matroska */
		ROW("\x1a\x45\xdf\xa3\x81x\x18\x53\x80\x67\x82yy", true),
		ROW("\x1a\x45\xdf\xa3\x81x\x18\x53\x80\x67\xff\x1f\x43\xb6\x75\x81y",
		    true), /* streamed */
		ROW("\x1a\x45\xdf\xa3\x81x\x18\x53\x80\x67\xff\x1f\x43\xb6\x75\x82y",
		    false),
		ROW("\x1a\x45\xdf\xa3\x81x\x18\x53\x80\x67\xffyy", false),
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

static void put_be32(char *at, uint32_t value)
{
	for (int i = 0; i < 4; i++)
		at[i] = (char)(value >> (24 - 8 * i));
}

/* Writes a chunk; returns what is behind it. */
static char *put_chunk(char *at, const char *type, size_t len)
{
	put_be32(at, (uint32_t)len);
	memcpy(at + 4, type, 4);
	put_be32(
	    at + 8 + len, (uint32_t)crc32_z(0, (const unsigned char *)at + 4, len + 4));
	return at + 12 + len;
}

/* Parts that begin before, at and behind the end of what is read at once. */
static void damage_is_found_beyond_the_first_window(void **state)
{
	enum { DATA = 300000, LEN = 8 + 25 + 12 + DATA + 12, STEP = 4093 };
	_cleanup_free_ char *png = calloc(1, LEN);
	struct err err;
	char *at;

	(void)state;
	memcpy(png, "\x89PNG\r\n\x1a\n", 8);
	png[19] = png[23] = 1; /* one by one pixel */
	at = put_chunk(png + 8, "IHDR", 13);
	for (size_t i = 0; i < DATA; i++)
		at[8 + i] = (char)(i * 7 + i / 251);
	at = put_chunk(at, "IDAT", DATA);
	assert_ptr_equal(put_chunk(at, "IEND", 0), png + LEN);
	assert_int_equal(check(png, LEN, &err), ERR_OK);
	for (size_t i = 40; i < LEN; i += STEP) {
		png[i] ^= 1;
		assert_int_equal(check(png, LEN, &err), ERR_CONTRACT);
		png[i] ^= 1;
		assert_int_equal(check(png, i, &err), ERR_CONTRACT);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(boxes_that_lie),
		cmocka_unit_test(other_containers_that_lie),
		cmocka_unit_test(large_files_are_walked_fast),
		cmocka_unit_test(damage_is_found_beyond_the_first_window),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
