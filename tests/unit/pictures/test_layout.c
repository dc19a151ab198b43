/* Where everything of a contact sheet stands: within its page, and beside each other. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sheet/layout.h"

static struct sheet_request request_for(
    enum sheet_format format, unsigned columns, unsigned cell, unsigned cells)
{
	return (struct sheet_request){ SHEET_MAGIC, format, columns, cell, cells };
}

/* No cell leaves its page, and none overlaps another one of its row or column. */
static void assert_sound(const struct sheet_layout *layout, unsigned cells)
{
	unsigned before = 0;

	assert_true(layout->rows * layout->columns * layout->pages >= cells);
	assert_true(layout->row >= layout->cell + 4 * layout->line);
	for (unsigned i = 0; i < cells; i++) {
		unsigned page;
		double x, y;

		sheet_place(layout, i, &page, &x, &y);
		assert_true(page >= before && page < layout->pages);
		assert_true(x >= 0 && x + layout->cell <= layout->width + 0.01);
		assert_true(y >= 0 &&
		    y + layout->cell + 4 * layout->line <= layout->height + 0.01);
		before = page;
	}
}

static void test_sound(void **state)
{
	static const unsigned counts[] = { 1, 2, 5, 6, 100, 1000 };
	static const unsigned columns[] = { 0, 1, 3, 7 };

	(void)state;
	for (unsigned format = 0; format < SHEET_FORMAT_COUNT; format++)
		for (size_t c = 0; c < sizeof(columns) / sizeof(columns[0]); c++)
			for (size_t n = 0; n < sizeof(counts) / sizeof(counts[0]); n++) {
				struct sheet_request request =
				    request_for((enum sheet_format)format, columns[c],
					100, counts[n]);
				struct sheet_layout layout;

				if (format == SHEET_PDF && columns[c] == 1)
					continue; /* below */
				if (sheet_lay_out(&request, &layout) == SHEET_DONE)
					assert_sound(&layout, counts[n]);
				else
					assert_true(
					    counts[n] == 1000 && format != SHEET_PDF);
			}
}

/* A page of one column is a picture as large as fits, and not one that leaves it. */
static void test_one_column_of_pages(void **state)
{
	struct sheet_request request = request_for(SHEET_PDF, 1, 240, 3);
	struct sheet_layout layout;

	(void)state;
	assert_int_equal(sheet_lay_out(&request, &layout), SHEET_DONE);
	assert_int_equal(layout.pages, 3);
	assert_sound(&layout, 3);
}

static void test_sizes(void **state)
{
	struct sheet_request request = request_for(SHEET_PNG, 5, 240, 100);
	struct sheet_layout layout;

	(void)state;
	assert_int_equal(sheet_lay_out(&request, &layout), SHEET_DONE);
	assert_int_equal(layout.rows, 20);
	assert_int_equal(layout.width, 1340);
	/* Fewer than fit side by side: no empty places. */
	request.cells = 2;
	assert_int_equal(sheet_lay_out(&request, &layout), SHEET_DONE);
	assert_int_equal(layout.columns, 2);
	assert_int_equal(layout.width, 560);
	/* None at all is still a page. */
	request.cells = 0;
	assert_int_equal(sheet_lay_out(&request, &layout), SHEET_DONE);
}

static void test_too_large(void **state)
{
	struct sheet_request request = request_for(SHEET_PNG, 1, 1024, 100);
	struct sheet_layout layout;

	(void)state;
	assert_int_equal(sheet_lay_out(&request, &layout), SHEET_TOO_LARGE);
	request = request_for(SHEET_WEBP, 20, 1024, 20);
	assert_int_equal(sheet_lay_out(&request, &layout), SHEET_TOO_LARGE);
	request = request_for(SHEET_PDF, 1, 1024, SHEET_CELLS_MAX);
	assert_int_equal(sheet_lay_out(&request, &layout), SHEET_DONE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sound),
		cmocka_unit_test(test_one_column_of_pages),
		cmocka_unit_test(test_sizes),
		cmocka_unit_test(test_too_large),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
