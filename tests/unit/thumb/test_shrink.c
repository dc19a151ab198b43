#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "thumb/shrink.h"

static void test_sizes(void **state)
{
	static const struct {
		uint32_t from_width, from_height, most_width, most_height;
		enum thumb_result result;
		uint32_t width, height;
	} rows[] = {
		{ 2048, 2048, 320, 320, THUMB_DONE, 320, 320 },
		{ 1920, 1080, 320, 320, THUMB_DONE, 320, 180 },
		{ 1080, 1920, 320, 320, THUMB_DONE, 180, 320 },
		{ 16, 12, 320, 320, THUMB_DONE, 16, 12 },
		{ 16384, 1, 320, 320, THUMB_DONE, 320, 1 },
		{ 1, 16384, 320, 320, THUMB_DONE, 1, 320 },
		{ 16384, 4096, 4096, 1, THUMB_DONE, 4, 1 },
		{ 8192, 8192, 1, 1, THUMB_DONE, 1, 1 },
		{ 8193, 8192, 320, 320, THUMB_TOO_LARGE, 0, 0 },
		{ 16384, 16384, 320, 320, THUMB_TOO_LARGE, 0, 0 },
		{ 16385, 1, 320, 320, THUMB_TOO_LARGE, 0, 0 },
		{ UINT32_MAX, UINT32_MAX, 320, 320, THUMB_TOO_LARGE, 0, 0 },
		{ 0, 5, 320, 320, THUMB_DAMAGED, 0, 0 },
		{ 5, 0, 320, 320, THUMB_DAMAGED, 0, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct want want = { rows[i].most_width, rows[i].most_height };
		uint32_t width = 0, height = 0;

		assert_int_equal(shrink_size(rows[i].from_width, rows[i].from_height,
				     &want, &width, &height),
		    rows[i].result);
		assert_int_equal(width, rows[i].width);
		assert_int_equal(height, rows[i].height);
	}
}

/* One colour stays that colour, in every pixel, whatever the sizes. */
static void test_one_colour(void **state)
{
	static const uint32_t sizes[][4] = { { 7, 5, 3, 3 }, { 64, 64, 10, 10 },
		{ 33, 97, 32, 96 }, { 5, 5, 9, 9 }, { 1000, 3, 320, 320 } };
	static const uint8_t colour[4] = { 201, 77, 3, 255 };

	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		const struct want want = { sizes[i][2], sizes[i][3] };
		struct shrink shrink = { 0 };
		uint8_t *row = malloc((size_t)sizes[i][0] * 4);

		for (uint32_t x = 0; x < sizes[i][0]; x++)
			memcpy(row + (size_t)x * 4, colour, 4);
		assert_int_equal(
		    shrink_begin(&shrink, sizes[i][0], sizes[i][1], &want), THUMB_DONE);
		for (uint32_t y = 0; y < sizes[i][1] + 2; y++) /* too many: passed over */
			shrink_row(&shrink, row);
		for (size_t at = 0; at < (size_t)shrink.width * shrink.height; at++)
			assert_memory_equal(shrink.pixels + at * 4, colour, 4);
		free(row);
		shrink_release(&shrink);
	}
}

/* The mean of what lies below; what can't be seen has no colour to give. */
static void test_means(void **state)
{
	static const uint8_t rows[2][8] = { { 100, 0, 0, 255, 200, 0, 0, 255 },
		{ 10, 20, 30, 0, 10, 20, 30, 0 } };
	const struct want want = { 1, 1 };
	struct shrink shrink = { 0 };

	(void)state;
	assert_int_equal(shrink_begin(&shrink, 2, 2, &want), THUMB_DONE);
	shrink_row(&shrink, rows[0]);
	shrink_row(&shrink, rows[1]);
	assert_int_equal(shrink.pixels[0], 150);
	assert_int_equal(shrink.pixels[1], 0);
	assert_int_equal(shrink.pixels[2], 0);
	assert_int_equal(shrink.pixels[3], 128);
	shrink_release(&shrink);
}

/* Three columns into two: the middle one belongs to both, half each. */
static void test_parts(void **state)
{
	static const uint8_t row[12] = { 0, 0, 0, 255, 90, 90, 90, 255, 240, 240, 240,
		255 };
	const struct want want = { 2, 2 };
	struct shrink shrink = { 0 };

	(void)state;
	assert_int_equal(shrink_begin(&shrink, 3, 1, &want), THUMB_DONE);
	assert_int_equal(shrink.width, 2);
	assert_int_equal(shrink.height, 1);
	shrink_row(&shrink, row);
	assert_int_equal(shrink.pixels[0], 30);
	assert_int_equal(shrink.pixels[4], 190);
	shrink_release(&shrink);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sizes),
		cmocka_unit_test(test_one_colour),
		cmocka_unit_test(test_means),
		cmocka_unit_test(test_parts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
