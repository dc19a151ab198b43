/* Hours of the day, where the clocks are changed, too. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "base/hours.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

static void hours_are_read(void **state)
{
	static const struct {
		const char *text;
		int from, to; /* -1: refused */
	} rows[] = {
		{ "22:00-07:00", 1320, 420 },
		{ "00:00-24:00", 0, 1440 },
		{ "00:00-00:01", 0, 1 },
		{ "23:59-00:00", 1439, 0 },
		{ "7:00-08:00", -1, 0 },
		{ "07:00-8:00", -1, 0 },
		{ "24:00-07:00", -1, 0 },
		{ "07:00-24:01", -1, 0 },
		{ "07:60-08:00", -1, 0 },
		{ "07:00-07:00", -1, 0 },
		{ "07:00", -1, 0 },
		{ "07:00-", -1, 0 },
		{ "", -1, 0 },
		{ "22:00 07:00", -1, 0 },
		{ "22-07", -1, 0 },
		{ " 22:00-07:00", -1, 0 },
		{ "22:00-07:00 ", -1, 0 },
		{ "二二:00-07:00", -1, 0 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct hours hours = { 9999, 9999 };
		struct err err = { 0 };
		const enum err_kind kind =
		    hours_parse(rows[i].text, strlen(rows[i].text), &hours, &err);

		if ((kind == ERR_OK) != (rows[i].from >= 0))
			fail_msg("'%s': %s", rows[i].text, err.msg);
		if (kind)
			assert_int_equal(kind, ERR_USAGE);
		else if (hours.from != (unsigned)rows[i].from ||
		    hours.to != (unsigned)rows[i].to)
			fail_msg("'%s': %u to %u", rows[i].text, hours.from, hours.to);
	}
}

static void lists_are_read(void **state)
{
	static const char *const bad[] = { "", ",", "22:00-07:00,", ",22:00-07:00",
		"22:00-07:00,,12:00-13:00", "22:00-07:00;12:00-13:00" };
	struct hours_list list;
	char many[HOURS_MAX * 12 + 13] = "";
	struct err err;

	(void)state;
	assert_int_equal(hours_list_parse("22:00-07:00,12:00-13:30", &list, &err), 0);
	assert_int_equal(list.n, 2);
	assert_int_equal(list.all[1].to, 13 * 60 + 30);
	for (size_t i = 0; i < COUNT(bad); i++)
		if (hours_list_parse(bad[i], &list, &err) != ERR_USAGE)
			fail_msg("'%s' is taken", bad[i]);
	for (int i = 0; i < HOURS_MAX; i++)
		strcat(many, i ? ",01:00-02:00" : "01:00-02:00");
	assert_int_equal(hours_list_parse(many, &list, &err), ERR_OK);
	strcat(many, ",01:00-02:00");
	assert_int_equal(hours_list_parse(many, &list, &err), ERR_USAGE);
}

static void they_have_their_minutes(void **state)
{
	const struct hours night = { 1320, 420 }, noon = { 720, 780 };
	const struct hours_list both = { .all = { night, noon }, .n = 2 };

	(void)state;
	assert_true(hours_have(&night, 1320));
	assert_true(hours_have(&night, 1439));
	assert_true(hours_have(&night, 0));
	assert_true(hours_have(&night, 419));
	assert_false(hours_have(&night, 420));
	assert_false(hours_have(&night, 1319));
	assert_true(hours_have(&noon, 720));
	assert_false(hours_have(&noon, 780));
	assert_true(hours_list_has(&both, 779));
	assert_false(hours_list_has(&both, 900));
	assert_false(hours_list_has(&(struct hours_list){ .n = 0 }, 0));
}

/* Berlin: on 2026-03-29 two o'clock is three, on 2026-10-25 three is two again. */
static void the_wall_says_what_time_it_is(void **state)
{
	static const struct {
		const char *zone;
		int64_t unix_s;
		unsigned minute;
		int next_s; /* from then */
	} rows[] = {
		{ "UTC0", 1774745999, 59 + 60 * 0, 1 },
		{ "CET-1CEST,M3.5.0,M10.5.0/3", 1774745999, 60 + 59, 1 }, /* 01:59:59 */
		{ "CET-1CEST,M3.5.0,M10.5.0/3", 1774746000, 180, 60 }, /* 03:00 */
		{ "CET-1CEST,M3.5.0,M10.5.0/3", 1792886400, 120, 60 }, /* 02:00, summer */
		{ "CET-1CEST,M3.5.0,M10.5.0/3", 1792890000, 120, 60 }, /* 02:00, again */
		{ "CST-8", 1774746000, 9 * 60, 60 },
		{ "NPT-5:45", 1774746030, 6 * 60 + 45, 30 },
		{ "ODD-0:00:20", 1774746000, 60, 40 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		int64_t next_ms;
		unsigned minute;

		assert_int_equal(setenv("TZ", rows[i].zone, 1), 0);
		minute = hours_minute(rows[i].unix_s * 1000 + 7, &next_ms);
		if (minute != rows[i].minute ||
		    next_ms != (rows[i].unix_s + rows[i].next_s) * 1000)
			fail_msg("row %zu: minute %u, next in %lld ms", i, minute,
			    (long long)(next_ms - rows[i].unix_s * 1000));
	}
	assert_int_equal(unsetenv("TZ"), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hours_are_read),
		cmocka_unit_test(lists_are_read),
		cmocka_unit_test(they_have_their_minutes),
		cmocka_unit_test(the_wall_says_what_time_it_is),
	};

	return cmocka_run_group_tests_name("hours", tests, NULL, NULL);
}
