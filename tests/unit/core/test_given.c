/* Callers that were built with another dreamq.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/common/given.h"

struct ours {
	size_t size_bytes;
	int first, second;
};

struct older {
	size_t size_bytes;
	int first;
};

struct newer {
	size_t size_bytes;
	int first, second, third;
};

static void an_older_one_does_not_know_the_end(void **state)
{
	const struct older older[2] = { { .size_bytes = offsetof(struct ours, second),
					    .first = 5 },
		{ .first = 77 } };
	struct ours ours = { .first = 1, .second = 2 };

	(void)state;
	given_take(&ours, sizeof(ours), &older[0]);
	assert_int_equal(ours.first, 5);
	assert_int_equal(ours.second, 0);
}

static void of_a_newer_one_we_take_what_we_know(void **state)
{
	const struct newer newer = { sizeof(newer), 3, 4, 5 };
	struct {
		struct ours ours;
		int guard;
	} box = { .guard = 42 };

	(void)state;
	given_take(&box.ours, sizeof(box.ours), &newer);
	assert_int_equal(box.ours.first, 3);
	assert_int_equal(box.ours.second, 4);
	assert_int_equal(box.guard, 42);
	assert_int_equal(given_stride(&newer, sizeof(struct ours)), sizeof(newer));
}

static void who_says_nothing_is_like_us(void **state)
{
	const struct ours theirs = { 0, 8, 9 };
	struct ours ours;

	(void)state;
	given_take(&ours, sizeof(ours), &theirs);
	assert_int_equal(ours.second, 9);
	assert_int_equal(given_stride(&theirs, sizeof(ours)), sizeof(ours));
	given_take(&ours, sizeof(ours), NULL);
	assert_int_equal(ours.first, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_older_one_does_not_know_the_end),
		cmocka_unit_test(of_a_newer_one_we_take_what_we_know),
		cmocka_unit_test(who_says_nothing_is_like_us),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
