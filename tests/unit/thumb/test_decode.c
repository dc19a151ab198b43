#include "decoding.h"

#include <png.h>

static void test_kinds(void **state)
{
	static const struct {
		const char *name;
		enum thumb_result result;
	} rows[] = {
		{ "picture.png", THUMB_DONE },
		{ "baseline.jpg", THUMB_DONE },
		{ "progressive.jpg", THUMB_DONE },
		{ "lossy.webp", THUMB_DONE },
		{ "lossless.webp", THUMB_DONE },
		{ "animated.webp", THUMB_UNSUPPORTED },
		{ "animated.gif", THUMB_UNKNOWN },
		{ "picture.avif", THUMB_UNKNOWN },
		{ "film.mp4", THUMB_UNKNOWN },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct shrink picture = { 0 };
		size_t size, length = 0;
		uint8_t *bytes = fixture(rows[i].name, &size), *webp = NULL;

		if (decode_bytes(decode_picture, bytes, size, 8, &picture) !=
		    rows[i].result)
			fail_msg("%s", rows[i].name);
		if (rows[i].result == THUMB_DONE) {
			assert_int_equal(picture.width, 8);
			assert_int_equal(picture.height, 6);
			webp = encode_webp(&picture, &length);
			assert_non_null(webp);
			assert_memory_equal(webp, "RIFF", 4);
		}
		free(webp);
		shrink_release(&picture);
		free(bytes);
	}
}

/* The same picture by three formats looks the same. */
static void test_alike(void **state)
{
	static const char *const names[] = { "baseline.jpg", "lossy.webp",
		"lossless.webp" };
	struct shrink png = { 0 };
	size_t size;
	uint8_t *bytes = fixture("picture.png", &size);

	(void)state;
	assert_int_equal(decode_bytes(decode_picture, bytes, size, 4, &png), THUMB_DONE);
	free(bytes);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct shrink other = { 0 };

		bytes = fixture(names[i], &size);
		assert_int_equal(
		    decode_bytes(decode_picture, bytes, size, 4, &other), THUMB_DONE);
		for (size_t at = 0; at < (size_t)png.width * png.height * 4; at++)
			if (abs(png.pixels[at] - other.pixels[at]) > 40)
				fail_msg("%s: byte %zu is %d, not %d", names[i], at,
				    other.pixels[at], png.pixels[at]);
		shrink_release(&other);
		free(bytes);
	}
	shrink_release(&png);
}

/* A progressive one of 67 megapixels, each with three samples, needs more than there is.
 */
static void test_too_much_memory(void **state)
{
	struct shrink picture = { 0 };
	size_t size, at = 2;
	uint8_t *bytes = fixture("progressive.jpg", &size);

	(void)state;
	while (bytes[at + 1] != 0xc2) /* the frame's head */
		at += 2 + (size_t)bytes[at + 2] * 256 + bytes[at + 3];
	bytes[at + 5] = bytes[at + 7] = 0x20; /* 8192 x 8192 */
	bytes[at + 6] = bytes[at + 8] = 0;
	for (size_t i = 0; i < bytes[at + 9]; i++)
		bytes[at + 11 + 3 * i] = 0x11;
	assert_int_equal(
	    decode_bytes(decode_picture, bytes, size, 8, &picture), THUMB_NO_MEMORY);
	shrink_release(&picture);
	free(bytes);
}

/* --- PNG made here --- */

struct made {
	uint8_t *bytes;
	size_t length;
};

static void append(png_structp png, png_bytep bytes, size_t n)
{
	struct made *made = png_get_io_ptr(png);

	made->bytes = realloc(made->bytes, made->length + n);
	memcpy(made->bytes + made->length, bytes, n);
	made->length += n;
}

static void flush(png_structp png)
{
	(void)png;
}

/* All rows are of one grey, or colour. */
static struct made make_png(
    uint32_t width, uint32_t height, int depth, int type, int interlace)
{
	struct made made = { 0 };
	png_structp png =
	    png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, NULL, NULL);
	png_infop info = png_create_info_struct(png);
	uint8_t *row = malloc((size_t)width * 8);

	memset(row, 0xaa, (size_t)width * 8);
	png_set_write_fn(png, &made, append, flush);
	png_set_compression_level(png, 1);
	png_set_IHDR(png, info, width, height, depth, type, interlace,
	    PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
	png_write_info(png, info);
	for (int pass = png_set_interlace_handling(png); pass > 0; pass--)
		for (uint32_t y = 0; y < height; y++)
			png_write_row(png, row);
	png_write_end(png, info);
	png_destroy_write_struct(&png, &info);
	free(row);
	return made;
}

static void test_png_forms(void **state)
{
	static const struct {
		int depth, type, interlace;
		uint8_t grey, alpha;
	} rows[] = {
		{ 8, PNG_COLOR_TYPE_RGB, 0, 0xaa, 0xff },
		{ 8, PNG_COLOR_TYPE_RGB_ALPHA, 0, 0xaa, 0xaa },
		{ 16, PNG_COLOR_TYPE_RGB_ALPHA, 0, 0xaa, 0xaa },
		{ 16, PNG_COLOR_TYPE_GRAY, 1, 0xaa, 0xff },
		{ 4, PNG_COLOR_TYPE_GRAY, 0, 0xaa, 0xff },
		{ 8, PNG_COLOR_TYPE_GRAY_ALPHA, 1, 0xaa, 0xaa },
		{ 8, PNG_COLOR_TYPE_RGB, 1, 0xaa, 0xff },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct made made =
		    make_png(37, 23, rows[i].depth, rows[i].type, rows[i].interlace);
		struct shrink picture = { 0 };

		assert_int_equal(
		    decode_bytes(decode_picture, made.bytes, made.length, 10, &picture),
		    THUMB_DONE);
		for (size_t at = 0; at < (size_t)picture.width * picture.height; at++) {
			assert_int_equal(picture.pixels[at * 4], rows[i].grey);
			assert_int_equal(picture.pixels[at * 4 + 3], rows[i].alpha);
		}
		shrink_release(&picture);
		free(made.bytes);
	}
}

/* Few bytes that would be gigabytes: refused by their head. */
static void test_bombs(void **state)
{
	static const struct {
		uint32_t width, height;
		int interlace;
		enum thumb_result result;
	} rows[] = {
		{ 16384, 16384, 0, THUMB_TOO_LARGE },
		{ 16384, 1, 0, THUMB_DONE },
		{ 16400, 1, 0, THUMB_TOO_LARGE },
		{ 4100, 4096, 1, THUMB_TOO_LARGE },
		{ 2000, 2000, 0, THUMB_DONE },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct made made = make_png(rows[i].width, rows[i].height, 1,
		    PNG_COLOR_TYPE_GRAY, rows[i].interlace);
		struct shrink picture = { 0 };

		assert_int_equal(
		    decode_bytes(decode_picture, made.bytes, made.length, 320, &picture),
		    rows[i].result);
		shrink_release(&picture);
		free(made.bytes);
	}
}

/* A head that promises other sides than its rows have (of JPEG: SOF0's). */
static void test_lying_heads(void **state)
{
	size_t size;
	uint8_t *bytes = fixture("baseline.jpg", &size);
	struct shrink picture = { 0 };

	(void)state;
	for (size_t n = 0; n + 9 < size; n++)
		if (bytes[n] == 0xff && bytes[n + 1] == 0xc0) {
			bytes[n + 5] = 0x3f; /* high bytes of height and width */
			bytes[n + 7] = 0x0f;
		}
	assert_int_equal(
	    decode_bytes(decode_picture, bytes, size, 320, &picture), THUMB_DAMAGED);
	shrink_release(&picture);
	free(bytes);
}

static void test_damaged(void **state)
{
	static const char *const names[] = { "picture.png", "baseline.jpg",
		"progressive.jpg", "lossy.webp", "lossless.webp", "animated.webp" };

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct shrink picture = { 0 };
		size_t size;
		uint8_t *bytes = fixture(names[i], &size);

		try_damage(decode_picture, bytes, size, 1);
		assert_int_not_equal(
		    decode_bytes(decode_picture, bytes, size - 20, 32, &picture),
		    THUMB_DONE);
		shrink_release(&picture);
		free(bytes);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_kinds),
		cmocka_unit_test(test_alike),
		cmocka_unit_test(test_too_much_memory),
		cmocka_unit_test(test_png_forms),
		cmocka_unit_test(test_bombs),
		cmocka_unit_test(test_lying_heads),
		cmocka_unit_test(test_damaged),
	};

	prepare_pictures();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
