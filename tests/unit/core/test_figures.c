/* The arithmetic of statistics. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/stats/figures.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

static struct figures figures_of(const int64_t *values, size_t n)
{
	struct figures figures = { 0 };

	for (size_t i = 0; i < n; i++)
		figures_add(&figures, values[i]);
	figures_sort(&figures);
	assert_false(figures.failed);
	return figures;
}

static void quantiles_are_those_of_a_spreadsheet(void **state)
{
	static const int64_t values[] = { 90, 10, 40, 20, 30 };
	static const struct {
		double p;
		int64_t value;
	} row[] = { { 0, 10 }, { 0.05, 12 }, { 0.25, 20 }, { 0.5, 30 }, { 0.6, 34 },
		{ 0.95, 80 }, { 1, 90 } };
	struct figures figures = figures_of(values, COUNT(values));

	(void)state;
	for (size_t i = 0; i < COUNT(row); i++)
		assert_int_equal(figures_quantile(&figures, row[i].p), row[i].value);
	assert_int_equal(figures_mean(&figures), 38);
	figures_release(&figures);
}

static void few_or_none(void **state)
{
	static const int64_t one[] = { 7 }, two[] = { 10, 20 };
	struct figures figures = { 0 };

	(void)state;
	assert_int_equal(figures_quantile(&figures, 0.5), -1);
	assert_int_equal(figures_mean(&figures), -1);
	figures = figures_of(one, 1);
	assert_int_equal(figures_quantile(&figures, 0.05), 7);
	assert_int_equal(figures_quantile(&figures, 0.95), 7);
	figures_release(&figures);
	figures = figures_of(two, 2);
	assert_int_equal(figures_quantile(&figures, 0.5), 15);
	figures_release(&figures);
}

static void thousands_are_sorted(void **state)
{
	struct figures figures = { 0 };

	(void)state;
	for (int64_t i = 0; i < 10001; i++)
		figures_add(&figures, i * 7919 % 10001);
	figures_sort(&figures);
	assert_int_equal(figures_quantile(&figures, 0.05), 500);
	assert_int_equal(figures_quantile(&figures, 0.5), 5000);
	assert_int_equal(figures_mean(&figures), 5000);
	figures_release(&figures);
}

static void bars_stand_on_a_logarithmic_scale(void **state)
{
	/* 1 to 16 in four bars: edges at 2, 4, 8 */
	static const int64_t values[] = { 1000, 1900, 2100, 3900, 4100, 8100, 9000,
		16000 };
	static const size_t wanted[] = { 2, 2, 1, 3 };
	struct figures figures = figures_of(values, COUNT(values));
	int64_t low, high;
	size_t bars[4];

	(void)state;
	figures_bars(&figures, COUNT(bars), bars, &low, &high);
	assert_int_equal(low, 1000);
	assert_int_equal(high, 16000);
	assert_memory_equal(bars, wanted, sizeof(wanted));
	figures_release(&figures);
}

static void bars_of_odd_numbers(void **state)
{
	static const struct {
		int64_t values[3];
		size_t n;
		int64_t low, high;
	} row[] = {
		{ { 0 }, 0, -1, -1 },
		{ { 10000 }, 1, 7071, 14142 }, /* one number: a factor of two around it */
		{ { 10000, 10000, 11000 }, 3, 7416, 14832 },
		{ { 0, 0, 0 }, 3, 1, 2 },
		{ { 1 }, 1, 1, 2 },
		{ { 0, 5 }, 2, 1, 5 },
		{ { 1, INT64_MAX / 2048 }, 2, 1, INT64_MAX / 2048 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(row); i++) {
		struct figures figures = figures_of(row[i].values, row[i].n);
		int64_t low, high;
		size_t bars[24], sum = 0;

		figures_bars(&figures, COUNT(bars), bars, &low, &high);
		for (size_t k = 0; k < COUNT(bars); k++)
			sum += bars[k];
		print_message("# row %zu\n", i);
		assert_int_equal(sum, row[i].n);
		assert_int_equal(low, row[i].low);
		assert_int_equal(high, row[i].high);
		figures_release(&figures);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(quantiles_are_those_of_a_spreadsheet),
		cmocka_unit_test(few_or_none),
		cmocka_unit_test(thousands_are_sorted),
		cmocka_unit_test(bars_stand_on_a_logarithmic_scale),
		cmocka_unit_test(bars_of_odd_numbers),
	};

	return cmocka_run_group_tests_name("figures", tests, NULL, NULL);
}
