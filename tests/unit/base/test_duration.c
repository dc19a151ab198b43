#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/duration.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

static void durations_are_read(void **state)
{
	static const struct {
		const char *text;
		int64_t ms; /* -1: refused */
	} row[] = {
		{ "0", 0 },
		{ "90", 90000 },
		{ "1.5", 1500 },
		{ "90s", 90000 },
		{ "1.5h", 5400000 },
		{ "1h30m", 5400000 },
		{ "250ms", 250 },
		{ "2d", 172800000 },
		{ "1d2h3m4s5ms", 93784005 },
		{ "1m500ms", 60500 },
		{ "0.0001s", 0 },
		{ "0.1234567890123s", 123 },
		{ "1000000000000000ms", -1 },
		{ "never", INT64_MAX },
		{ "inf", INT64_MAX },
		{ "365000d", 31536000000000 },
		{ "365001d", -1 },
		{ "99999999999999999999", -1 },
		{ "", -1 },
		{ "s", -1 },
		{ "-1", -1 },
		{ "+1", -1 },
		{ "1 h", -1 },
		{ " 1h", -1 },
		{ "1h ", -1 },
		{ "1h30", -1 },
		{ "30m1h", -1 },
		{ "1h1h", -1 },
		{ "1x", -1 },
		{ "1.h", -1 },
		{ ".5h", -1 },
		{ "1..5h", -1 },
		{ "1H", -1 },
		{ "1hour", -1 },
		{ "soon", -1 },
		{ "nan", -1 },
		{ "0x10", -1 },
		{ "1e3", -1 },
		{ "五分钟", -1 },
		{ "10m\n", -1 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(row); i++) {
		int64_t ms = -1;
		struct err err = { 0 };

		print_message("# row %zu\n", i);
		if (row[i].ms < 0) {
			assert_int_equal(
			    duration_parse(row[i].text, &ms, &err), ERR_USAGE);
			assert_int_equal(ms, -1);
			assert_non_null(strstr(err.msg, "duration"));
		} else {
			assert_int_equal(duration_parse(row[i].text, &ms, &err), ERR_OK);
			assert_int_equal(ms, row[i].ms);
		}
	}
}

static void durations_are_written(void **state)
{
	static const struct {
		int64_t ms;
		const char *text;
	} row[] = {
		{ 0, "0s" },
		{ -5, "0s" },
		{ INT64_MIN, "0s" },
		{ 1, "1ms" },
		{ 850, "850ms" },
		{ 999, "999ms" },
		{ 1000, "1s" },
		{ 59999, "59s" },
		{ 60000, "1m00s" },
		{ 245000, "4m05s" },
		{ 3599999, "59m59s" },
		{ 3720000, "1h02m" },
		{ 86399999, "23h59m" },
		{ 183600000, "2d03h" },
		{ INT64_MAX, "never" },
		{ INT64_MAX - 1, "106751991167d07h" },
	};
	char text[24];

	(void)state;
	for (size_t i = 0; i < COUNT(row); i++)
		assert_string_equal(duration_text(row[i].ms, text), row[i].text);
}

static void estimates_are_round(void **state)
{
	static const struct {
		int64_t ms;
		const char *text;
	} row[] = {
		{ INT64_MIN, "1s" },
		{ 0, "1s" },
		{ 1499, "1s" },
		{ 1500, "2s" },
		{ 9499, "9s" },
		{ 9500, "10s" },
		{ 12000, "10s" },
		{ 13000, "15s" },
		{ 57000, "55s" },
		{ 58000, "1m" },
		{ 112000, "1m50s" },
		{ 116000, "2m" },
		{ 597000, "10m" },
		{ 640000, "11m" },
		{ 3590000, "1h" },
		{ 3900000, "1h10m" },
		{ 35900000, "10h" },
		{ 37900000, "11h" },
		{ 90000000, "1d01h" },
		{ 863000000, "10d" },
		{ 8640000000, "100d" },
		{ INT64_MAX - 90000000, "106751991166d" },
		{ INT64_MAX - 1, "never" },
		{ INT64_MAX, "never" },
	};
	char text[24];

	(void)state;
	for (size_t i = 0; i < COUNT(row); i++)
		assert_string_equal(duration_about(row[i].ms, text), row[i].text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(durations_are_read),
		cmocka_unit_test(durations_are_written),
		cmocka_unit_test(estimates_are_round),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
