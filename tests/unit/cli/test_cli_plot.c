/* Pictures of one line. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "cli/output/plot.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

static const size_t hill[] = { 1, 2, 4, 8, 16, 8, 0, 100 };

static void heights(void **state)
{
	static const struct {
		size_t n_bars, n_cells;
		bool has_blocks;
		const char *wanted;
	} row[] = {
		{ 6, 6, true, "▁▁▂▄█▄" },
		{ 6, 6, false, "..:=#=" },
		{ 7, 7, true, "▁▁▂▄█▄ " },
		{ 8, 8, true, "▁▁▁▁▂▁ █" }, /* 1 of 100 is seen, 0 is not */
		{ 6, 3, true, "▁▄█" }, /* 3, 12, 24 */
		{ 6, 12, true, "▁▁▁▁▂▂▄▄██▄▄" },
		{ 6, 1, false, "#" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(row); i++) {
		_cleanup_(buf_release) struct buf line = buf_make(256);

		plot_add_heights(
		    &line, hill, row[i].n_bars, row[i].n_cells, row[i].has_blocks);
		assert_string_equal(line.data, row[i].wanted);
		assert_int_equal(text_width(line.data), row[i].n_cells);
	}
}

static void nothing_is_blank(void **state)
{
	static const size_t none[4] = { 0 };
	_cleanup_(buf_release) struct buf line = buf_make(256);

	(void)state;
	plot_add_heights(&line, none, COUNT(none), 4, true);
	assert_string_equal(line.data, "    ");
}

static void bars(void **state)
{
	static const struct {
		uint64_t value, max;
		bool has_blocks;
		const char *wanted;
	} row[] = {
		{ 0, 10, true, "" },
		{ 10, 10, true, "████" },
		{ 5, 10, true, "██" },
		{ 1, 1000000, true, "▏" },
		{ 3, 16, true, "▊" },
		{ 10, 10, false, "====" },
		{ 5, 10, false, "==" },
		{ 1, 1000000, false, "-" },
		{ 0, 0, true, "" },
		{ UINT64_MAX, UINT64_MAX, true, "████" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(row); i++) {
		_cleanup_(buf_release) struct buf line = buf_make(256);

		plot_add_bar(&line, row[i].value, row[i].max, 4, row[i].has_blocks);
		assert_string_equal(line.data, row[i].wanted);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(heights),
		cmocka_unit_test(nothing_is_blank),
		cmocka_unit_test(bars),
	};

	return cmocka_run_group_tests_name("plot", tests, NULL, NULL);
}
