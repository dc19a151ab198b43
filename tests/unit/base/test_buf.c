#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/cleanup.h"

static void stops_at_its_ceiling(void **state)
{
	_cleanup_(buf_release) struct buf b = buf_make(5);

	(void)state;
	assert_string_equal(b.data, "");
	buf_add(&b, "abc", 3);
	buf_addf(&b, "%d", 42);
	assert_false(buf_failed(&b));
	assert_string_equal(b.data, "abc42");
	buf_add(&b, "x", 1);
	assert_true(buf_failed(&b));
	assert_string_equal(b.data, "abc42");
}

static void stays_failed(void **state)
{
	_cleanup_(buf_release) struct buf b = buf_make(4);

	(void)state;
	buf_addf(&b, "%s", "too long");
	assert_true(buf_failed(&b));
	buf_add(&b, "x", 1); /* would fit */
	assert_int_equal(b.len, 0);
	assert_string_equal(b.data, "");
	assert_null(buf_take(&b));
	buf_release(&b);
	assert_false(buf_failed(&b));
	buf_add(&b, "ok", 2);
	assert_string_equal(b.data, "ok");
}

static void take_moves_the_bytes(void **state)
{
	_cleanup_(buf_release) struct buf b = buf_make(16);
	_cleanup_free_ char *taken = NULL;

	(void)state;
	assert_null(buf_take(&b));
	buf_add(&b, "abc", 3);
	taken = buf_take(&b);
	assert_string_equal(taken, "abc");
	assert_int_equal(b.len, 0);
	assert_string_equal(b.data, "");
}

static void grows_over_many_appends(void **state)
{
	_cleanup_(buf_release) struct buf b = buf_make(1000000);

	(void)state;
	for (int i = 0; i < 100000; i++)
		buf_addf(&b, "%05d,", i);
	assert_false(buf_failed(&b));
	assert_int_equal(b.len, 600000);
	assert_memory_equal(b.data + 466662, "77777,", 6);
	assert_int_equal(b.data[b.len], '\0');
}

/* Where the room that is there is exactly enough, one short of it, and too small. */
static void formats_to_the_edge_of_its_room(void **state)
{
	static const char line[] = "0123456789012345678901234567890123456789";

	(void)state;
	for (size_t n = 0; n <= 40; n++) {
		_cleanup_(buf_release) struct buf b = buf_make(60);

		buf_addf(&b, "%s", "twenty bytes of them");
		buf_addf(&b, "%.*s", (int)n, line);
		buf_addf(&b, "%s", "");
		assert_false(buf_failed(&b));
		assert_int_equal(b.len, 20 + n);
		assert_memory_equal(b.data + 20, line, n);
		assert_int_equal(b.data[b.len], '\0');
		buf_addf(&b, "%s%s", line, "x"); /* no room for it, at any n */
		assert_true(buf_failed(&b));
		assert_int_equal(b.len, 20 + n);
		assert_int_equal(strlen(b.data), 20 + n);
	}
}

static void keeps_zero_bytes_and_nothing(void **state)
{
	_cleanup_(buf_release) struct buf b = buf_make(8);

	(void)state;
	buf_add(&b, NULL, 0);
	buf_add(&b, "a\0b", 3);
	assert_int_equal(b.len, 3);
	assert_memory_equal(b.data, "a\0b", 4);
}

static void refuses_absurd_sizes(void **state)
{
	_cleanup_(buf_release) struct buf b = buf_make(SIZE_MAX);

	(void)state;
	buf_add(&b, "abc", 3);
	buf_add(&b, "", SIZE_MAX - 3);
	assert_true(buf_failed(&b));
	assert_string_equal(b.data, "abc");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(stops_at_its_ceiling),
		cmocka_unit_test(stays_failed),
		cmocka_unit_test(take_moves_the_bytes),
		cmocka_unit_test(grows_over_many_appends),
		cmocka_unit_test(formats_to_the_edge_of_its_room),
		cmocka_unit_test(keeps_zero_bytes_and_nothing),
		cmocka_unit_test(refuses_absurd_sizes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
