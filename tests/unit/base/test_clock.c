#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

static void iso_there_and_back(void **state)
{
	static const struct {
		int64_t ms;
		const char *text;
	} row[] = {
		{ 0, "1970-01-01T00:00:00Z" },
		{ 1, "1970-01-01T00:00:00.001Z" },
		{ 951782400000, "2000-02-29T00:00:00Z" },
		{ 1757778120779, "2025-09-13T15:42:00.779Z" },
		{ 1795383005000, "2026-11-22T21:30:05Z" },
		{ 4107542400000, "2100-03-01T00:00:00Z" },
		{ 253402300799999, "9999-12-31T23:59:59.999Z" },
	};
	char text[CLOCK_ISO_MAX];

	(void)state;
	for (size_t i = 0; i < COUNT(row); i++) {
		assert_string_equal(clock_iso(row[i].ms, text), row[i].text);
		assert_int_equal(clock_parse_iso(row[i].text), row[i].ms);
	}
}

static void iso_of_absurd_times_stays_a_date(void **state)
{
	char text[CLOCK_ISO_MAX];

	(void)state;
	assert_string_equal(clock_iso(INT64_MAX, text), "9999-12-31T23:59:59.999Z");
	assert_string_equal(clock_iso(INT64_MIN, text), "1970-01-01T00:00:00Z");
	assert_string_equal(clock_iso(-1, text), "1970-01-01T00:00:00Z");
}

static void iso_refuses_what_is_no_date(void **state)
{
	static const char *const bad[] = { "", "2026", "2026-11-22",
		"2026-11-22T21:30:05", "2026-11-22 21:30:05Z", "2026-11-22t21:30:05z",
		"2026-11-22T21:30:05Z ", " 2026-11-22T21:30:05Z", "2026-13-22T21:30:05Z",
		"2026-00-22T21:30:05Z", "2026-11-31T21:30:05Z", "2025-02-29T00:00:00Z",
		"2100-02-29T00:00:00Z", "2026-11-00T21:30:05Z", "2026-11-22T24:00:00Z",
		"2026-11-22T21:60:00Z", "2026-11-22T21:30:61Z", "2026-11-22T21:30:05.Z",
		"2026-11-22T21:30:05.1Z", "2026-11-22T21:30:05.1234Z",
		"2026-11-22T21:30:05+08:00", "1969-12-31T23:59:59Z",
		"-026-11-22T21:30:05Z", "2026-1-22T21:30:05Z", "26-11-22T21:30:05Z",
		"2026-11-22T21:30:05.-12Z", "+2026-11-22T21:30:05Z", "20261122T213005Z" };

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++) {
		print_message("# %s\n", bad[i]);
		assert_int_equal(clock_parse_iso(bad[i]), -1);
	}
}

static void http_dates(void **state)
{
	static const struct {
		const char *text;
		int64_t ms;
	} row[] = {
		{ "Sun, 06 Nov 1994 08:49:37 GMT", 784111777000 },
		{ "Sunday, 06-Nov-94 08:49:37 GMT", 784111777000 },
		{ "Sun Nov  6 08:49:37 1994", 784111777000 },
		{ "Wed Nov 16 08:49:37 1994", 784975777000 },
		{ "Thu, 01 Jan 1970 00:00:00 GMT", 0 },
		{ "Sat, 29 Feb 2020 23:59:60 GMT", 1583020800000 }, /* leap second */
		{ "Monday, 01-Jan-69 00:00:00 GMT", 3124224000000 }, /* 2069 */
		{ "", -1 },
		{ "0", -1 },
		{ "120", -1 },
		{ "Sun", -1 },
		{ "Sun,", -1 },
		{ "Sun, 06 Nov 1994 08:49:37", -1 },
		{ "Sun, 06 Nov 1994 08:49:37 UTC", -1 },
		{ "Sun, 06 Nov 1994 08:49:37 GMT ", -1 },
		{ "Sun, 6 Nov 1994 08:49:37 GMT", -1 },
		{ "Sun, 06 Nov 94 08:49:37 GMT", -1 },
		{ "Sun, 06 nov 1994 08:49:37 GMT", -1 },
		{ "Sun, 31 Nov 1994 08:49:37 GMT", -1 },
		{ "Sun, 06 Nov 1969 08:49:37 GMT", -1 },
		{ "Sunday, 06 Nov 1994 08:49:37 GMT", -1 },
		{ "Foo, 06 Nov 1994 08:49:37 GMT", -1 },
		{ "Sun Nov  6 08:49:37", -1 },
		{ "Sun, 06 Nov 1994 8:49:37 GMT", -1 },
		{ "2026-11-22T21:30:05Z", -1 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(row); i++) {
		print_message("# %s\n", row[i].text);
		assert_int_equal(clock_parse_http_ms(row[i].text), row[i].ms);
	}
}

static void every_beginning_of_a_date_is_refused(void **state)
{
	static const char *const whole[] = { "Sun, 06 Nov 1994 08:49:37 GMT",
		"Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994" };
	char cut[64];

	(void)state;
	for (size_t i = 0; i < COUNT(whole); i++) {
		for (size_t n = 0; n < strlen(whole[i]); n++) {
			memcpy(cut, whole[i], n);
			cut[n] = '\0';
			assert_int_equal(clock_parse_http_ms(cut), -1);
		}
	}
}

static void clocks_run(void **state)
{
	const int64_t mono = clock_mono_ms();

	(void)state;
	assert_true(clock_unix_ms() > 1600000000000);
	assert_true(mono > 0);
	assert_true(clock_mono_ms() >= mono);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(iso_there_and_back),
		cmocka_unit_test(iso_of_absurd_times_stays_a_date),
		cmocka_unit_test(iso_refuses_what_is_no_date),
		cmocka_unit_test(http_dates),
		cmocka_unit_test(every_beginning_of_a_date_is_refused),
		cmocka_unit_test(clocks_run),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
