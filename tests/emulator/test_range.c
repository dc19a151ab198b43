/*
 * test_range.c - unit tests of range.h.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/range.h"

static const struct range_row {
	const char *header;
	uint64_t size;
	enum range_result result;
	uint64_t first, last;
} rows[] = {
	{ NULL, 100, RANGE_WHOLE, 0, 0 },
	{ "bytes=0-", 100, RANGE_PART, 0, 99 },
	{ "bytes=10-19", 100, RANGE_PART, 10, 19 },
	{ "bytes=10-10", 100, RANGE_PART, 10, 10 },
	{ "bytes=90-1000", 100, RANGE_PART, 90, 99 },
	{ "bytes=-5", 100, RANGE_PART, 95, 99 },
	{ "bytes=-500", 100, RANGE_PART, 0, 99 },
	{ "bytes=-0", 100, RANGE_REFUSED, 0, 0 },
	{ "bytes=100-", 100, RANGE_REFUSED, 0, 0 },
	{ "bytes=0-", 0, RANGE_REFUSED, 0, 0 },
	{ "bytes=20-10", 100, RANGE_WHOLE, 0, 0 },
	{ "bytes=0-1,5-6", 100, RANGE_WHOLE, 0, 0 },
	{ "bytes=a-b", 100, RANGE_WHOLE, 0, 0 },
	{ "bytes= 1-2", 100, RANGE_WHOLE, 0, 0 },
	{ "bytes=99999999999999999999-", 100, RANGE_WHOLE, 0, 0 },
	{ "lines=1-2", 100, RANGE_WHOLE, 0, 0 },
	{ "", 100, RANGE_WHOLE, 0, 0 },
};

static void every_row_holds(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		uint64_t first = 0, last = 0;

		assert_int_equal(range_read(rows[i].header, rows[i].size, &first, &last),
		    rows[i].result);
		assert_int_equal(first, rows[i].first);
		assert_int_equal(last, rows[i].last);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_row_holds),
	};

	return cmocka_run_group_tests_name("emulator range", tests, NULL, NULL);
}
