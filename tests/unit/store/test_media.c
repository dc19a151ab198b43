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
#include "store/media/media.h"

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
	{ "rf64.wav", "wav", "wav", MEDIA_AUDIO, true },
	{ "sound.flac", "flac", "flac", MEDIA_AUDIO, true },
	{ "sound.mp3", "mp3", "mp3", MEDIA_AUDIO, true },
	{ "no_xing.mp3", "mp3", "mp3", MEDIA_AUDIO, false },
	{ "piped.flac", "flac", "flac", MEDIA_AUDIO, false },
	{ "piped.wav", "wav", "wav", MEDIA_AUDIO, false },
	{ "live.webm", "webm", "webm", MEDIA_VIDEO, false },
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

/* What has no end mark passes only where it is cut exactly between two of its parts. */
static void cuts_inside_a_part_are_refused(void **state)
{
	static const struct {
		const char *file;
		size_t passes_max;
	} open_ended[] = { { "no_xing.mp3", 8 }, { "piped.flac", 4 }, { "live.webm", 2 },
		{ "sound.aac", 12 }, { "piped.wav", 400 } };

	(void)state;
	for (size_t i = 0; i < COUNT(open_ended); i++) {
		_cleanup_(buf_release) struct buf b = buf_make(1 << 20);
		size_t passed = 0;
		struct err err;

		load(open_ended[i].file, &b);
		for (size_t n = 0; n < b.len; n++)
			passed += check(b.data, n, &err) == ERR_OK;
		if (passed > open_ended[i].passes_max)
			fail_msg("%s passes at %zu cuts", open_ended[i].file, passed);
	}
}

/* A last box "to the end": only the tables know how much there should be. */
static bool tells_end(const void *bytes, size_t len)
{
	_cleanup_(closep) int fd = file_of(bytes, len);
	const struct media_type *type = NULL;
	bool tells = false;
	struct err err;

	assert_int_equal(media_tells_end(fd, len, &type, &tells, &err), ERR_OK);
	assert_non_null(type);
	return tells;
}

static void what_cannot_be_judged_is_known(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(samples); i++) {
		_cleanup_(buf_release) struct buf b = buf_make(1 << 20);
		/* Its index stands at its end: without, it may end anywhere. */
		const bool has_index = strcmp(samples[i].file, "fragments.mp4") == 0;

		load(samples[i].file, &b);
		if (tells_end(b.data, b.len) != (samples[i].says_end || has_index))
			fail_msg("%s", samples[i].file);
		if (has_index && tells_end(b.data, b.len - 86))
			fail_msg("%s without its index", samples[i].file);
	}
}

/* By the tables it is known what such data needs, or it is not. */
static void data_to_the_end_may_be_judged(void **state)
{
	_cleanup_(buf_release) struct buf b = buf_make(1 << 20);
	char *at;

	(void)state;
	load("faststart.mp4", &b);
	at = memmem(b.data, b.len, "mdat", 4);
	assert_non_null(at);
	memset(at - 4, 0, 4);
	assert_true(tells_end(b.data, b.len));
	at = memmem(b.data, b.len, "stco", 4);
	assert_non_null(at);
	memcpy(at, "free", 4);
	assert_false(tells_end(b.data, b.len));
}

static void data_to_the_end_is_judged_by_the_tables(void **state)
{
	static const char *const files[] = { "faststart.mp4", "picture.avif" };

	(void)state;
	for (size_t i = 0; i < COUNT(files); i++) {
		_cleanup_(buf_release) struct buf b = buf_make(1 << 20);
		struct err err;
		char *data;

		load(files[i], &b);
		data = memmem(b.data, b.len, "mdat", 4);
		assert_non_null(data);
		memset(data - 4, 0, 4);
		assert_int_equal(check(b.data, b.len, &err), ERR_OK);
		for (size_t n = b.len; n-- > 0;)
			if (check(b.data, n, &err) == ERR_OK)
				fail_msg("%s cut at %zu passes", files[i], n);
	}
}

static void text_behind_the_end_is_no_box(void **state)
{
	static const char text[] = "made by somebody, with love";

	(void)state;
	for (size_t i = 0; i < COUNT(samples); i++) {
		_cleanup_(buf_release) struct buf b = buf_make(1 << 20);
		struct err err = { 0 };

		load(samples[i].file, &b);
		for (size_t n = 2; n < sizeof(text); n += 6) {
			const size_t len = b.len;

			buf_add(&b, text, n);
			if (check(b.data, b.len, &err))
				fail_msg("%s, %zu bytes of text: %s", samples[i].file, n,
				    err.msg);
			b.len = len;
		}
	}
}

static void room_may_stand_in_front(void **state)
{
	_cleanup_(buf_release) struct buf b = buf_make(1 << 20);
	_cleanup_(buf_release) struct buf film = buf_make(1 << 20);
	const struct media_type *type = NULL;
	_cleanup_(closep) int fd = -1;
	struct err err;

	(void)state;
	/* Its tables point before the data now, which no reader of boxes can know. */
	load("fragments.mp4", &film);
	buf_add(&b, "\0\0\0\x0cskip1234", 12);
	buf_add(&b, film.data, film.len);
	fd = file_of(b.data, b.len);
	assert_int_equal(media_check(fd, b.len, &type, &err), ERR_OK);
	assert_string_equal(type->format, "mp4");
	assert_non_null(media_sniff(b.data, 16));
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
			/* More of the sound, for all that these can tell. */
			if (!strcmp(samples[i].file, "piped.wav") ||
			    (!strcmp(samples[i].format, "flac") && t == 5))
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
		cmocka_unit_test(cuts_inside_a_part_are_refused),
		cmocka_unit_test(what_cannot_be_judged_is_known),
		cmocka_unit_test(data_to_the_end_may_be_judged),
		cmocka_unit_test(data_to_the_end_is_judged_by_the_tables),
		cmocka_unit_test(text_behind_the_end_is_no_box),
		cmocka_unit_test(room_may_stand_in_front),
		cmocka_unit_test(fragments_pass_only_at_their_ends),
		cmocka_unit_test(bytes_behind_the_end_are_allowed),
		cmocka_unit_test(damage_never_confuses),
		cmocka_unit_test(every_flipped_byte_of_a_png_is_seen),
		cmocka_unit_test(strangers_are_named),
		cmocka_unit_test(what_cannot_be_read_is_no_bad_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
