/* Pauses between failures: each row's first, its doublings, its cap, its chance. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/policy/backoff.h"

static const struct {
	const char *label;
	enum backoff_of of;
	int64_t first_ms, third_ms, cap_ms;
	int least; /* of the pause, by chance: 0 nothing, 1 half of it, 2 all */
} table[] = {
	{ "file", BACKOFF_FILE, 500, 2000, 30000, 0 },
	{ "link", BACKOFF_LINK, 4000, 16000, 30000, 1 },
	{ "busy file", BACKOFF_BUSY_FILE, 250, 1000, 2000, 2 },
	{ "poll", BACKOFF_POLL, 1000, 4000, 30000, 0 },
	{ "unsent", BACKOFF_UNSENT, 500, 2000, 30000, 1 },
	{ "refused", BACKOFF_REFUSED, 5000, 20000, 60000, 1 },
	{ "login", BACKOFF_LOGIN, 300000, 1200000, 1800000, 2 },
	{ "account", BACKOFF_ACCOUNT, 600000, 2400000, 3600000, 2 },
	{ "rest", BACKOFF_REST, 60000, 240000, 3600000, 2 },
};

/* The shortest and the longest that chance can make of it. */
static void assert_range(size_t i, unsigned failures, int64_t pause_ms)
{
	const int64_t shortest_ms[] = { 1, pause_ms / 2, pause_ms };
	const int64_t least_ms = shortest_ms[table[i].least];
	const uint64_t span = (uint64_t)(pause_ms - least_ms);

	assert_int_equal(backoff_ms(table[i].of, failures, 0), least_ms);
	assert_int_equal(backoff_ms(table[i].of, failures, span), pause_ms);
	assert_int_equal(backoff_ms(table[i].of, failures, span + 1),
	    table[i].least == 2 ? pause_ms : least_ms);
	assert_in_range(
	    backoff_ms(table[i].of, failures, UINT64_MAX), least_ms, pause_ms);
}

static void rows_double_up_to_their_cap(void **state)
{
	(void)state;
	assert_int_equal(sizeof(table) / sizeof(*table), BACKOFF_COUNT);
	for (size_t i = 0; i < BACKOFF_COUNT; i++) {
		print_message("# %s\n", table[i].label);
		assert_int_equal(table[i].of, i);
		assert_int_equal(backoff_cap_ms(table[i].of), table[i].cap_ms);
		assert_range(i, 0, table[i].first_ms);
		assert_range(i, 1, table[i].first_ms);
		assert_range(i, 3, table[i].third_ms);
		assert_range(i, 9, table[i].cap_ms);
		assert_range(i, UINT32_MAX, table[i].cap_ms);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows_double_up_to_their_cap),
	};

	return cmocka_run_group_tests_name("backoff", tests, NULL, NULL);
}
