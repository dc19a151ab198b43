#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/array.h"
#include "base/cleanup.h"

static void what_is_there_stays_and_what_is_new_is_zero(void **state)
{
	_cleanup_free_ uint64_t *numbers = NULL;
	size_t room = 0;

	(void)state;
	for (size_t n = 0; n < 1000; n++) {
		assert_true(ARRAY_RESERVE(numbers, room, n + 1));
		assert_true(room > n);
		for (size_t i = n; i < room; i++)
			assert_int_equal(numbers[i], 0);
		for (size_t i = 0; i < n; i++)
			assert_int_equal(numbers[i], i + 1);
		numbers[n] = n + 1;
	}
}

/* Growing one by one moves the elements a few times, not each time. */
static void room_doubles(void **state)
{
	_cleanup_free_ char *bytes = NULL;
	size_t room = 0, before = 0;
	unsigned n_moves = 0;

	(void)state;
	for (size_t n = 1; n <= 1 << 16; n++) {
		assert_true(ARRAY_RESERVE(bytes, room, n));
		n_moves += room != before;
		before = room;
	}
	assert_true(n_moves <= 16);
}

/* What is new is zero, so room that nobody uses is memory: of many, a quarter. */
static void many_have_little_idle_room(void **state)
{
	_cleanup_free_ char(*lines)[64] = NULL;
	size_t room = 0, before = 0;
	unsigned n_moves = 0;

	(void)state;
	for (size_t n = 1; n <= 1 << 18; n++) {
		assert_true(ARRAY_RESERVE(lines, room, n));
		n_moves += room != before;
		before = room;
		assert_true(room <= 1 << 16 || room <= n + n / 4);
	}
	assert_true(n_moves <= 32);
}

static void enough_is_enough(void **state)
{
	_cleanup_free_ uint32_t *numbers = NULL;
	const uint32_t *before;
	size_t room = 0;

	(void)state;
	assert_true(ARRAY_RESERVE(numbers, room, 0));
	assert_null(numbers);
	assert_true(ARRAY_RESERVE(numbers, room, 100));
	assert_true(room >= 100);
	before = numbers;
	assert_true(ARRAY_RESERVE(numbers, room, 3));
	assert_ptr_equal(numbers, before);
}

/* Arrays of one room: one that has grown alone is no harm the next time. */
static void one_of_two_may_have_grown(void **state)
{
	_cleanup_free_ uint32_t *numbers = NULL;
	size_t room = 0, same = 0;

	(void)state;
	assert_true(ARRAY_RESERVE(numbers, same, 1));
	assert_true(ARRAY_RESERVE(numbers, room, 1));
	assert_int_equal(room, same);
}

static void no_sum_runs_over(void **state)
{
	static const size_t needs[] = { SIZE_MAX, SIZE_MAX / 8, SIZE_MAX / 16 + 1 };
	_cleanup_free_ uint64_t *numbers = NULL;
	size_t room = 0;

	(void)state;
	assert_true(ARRAY_RESERVE(numbers, room, 10));
	numbers[9] = 7;
	for (size_t i = 0; i < sizeof(needs) / sizeof(*needs); i++) {
		const size_t before = room;

		assert_false(ARRAY_RESERVE(numbers, room, needs[i]));
		assert_int_equal(room, before);
		assert_int_equal(numbers[9], 7);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_there_stays_and_what_is_new_is_zero),
		cmocka_unit_test(room_doubles),
		cmocka_unit_test(many_have_little_idle_room),
		cmocka_unit_test(enough_is_enough),
		cmocka_unit_test(one_of_two_may_have_grown),
		cmocka_unit_test(no_sum_runs_over),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
