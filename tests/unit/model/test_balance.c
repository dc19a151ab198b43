#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "model/balance.h"

static struct balance reading(int64_t subscription, int64_t gift, int64_t purchase)
{
	struct balance balance = balance_make();

	balance.of_sort[CREDIT_SUBSCRIPTION] = subscription;
	balance.of_sort[CREDIT_GIFT] = gift;
	balance.of_sort[CREDIT_PURCHASE] = purchase;
	balance.total = subscription + gift + purchase;
	return balance;
}

static void nothing_is_told_at_first(void **state)
{
	const struct balance balance = balance_make();

	(void)state;
	assert_int_equal(balance.total, -1);
	assert_int_equal(balance.of_sort[CREDIT_GIFT], -1);
	assert_int_equal(balance.n_ends, 0);
}

static void the_soonest_ends_are_kept(void **state)
{
	struct balance balance = balance_make();

	(void)state;
	balance_add_end(&balance, 0, 5);
	balance_add_end(&balance, 7, 0);
	assert_int_equal(balance.n_ends, 0);
	for (int i = 0; i < BALANCE_ENDS_MAX + 3; i++)
		balance_add_end(&balance, i + 1, 1000 - i);
	assert_int_equal(balance.n_ends, BALANCE_ENDS_MAX);
	for (size_t i = 1; i < balance.n_ends; i++)
		assert_true(balance.ends[i - 1].at_unix < balance.ends[i].at_unix);
	assert_int_equal(balance.ends[0].amount, BALANCE_ENDS_MAX + 3);
	balance_add_end(&balance, 9, 5000);
	assert_int_equal(balance.ends[BALANCE_ENDS_MAX - 1].amount, 4);
}

static void a_fall_is_what_was_taken(void **state)
{
	static const struct {
		const char *label;
		int64_t before[CREDIT_SORTS], after[CREDIT_SORTS];
		int64_t fell;
	} rows[] = {
		{ "of one sort", { 0, 10, 0 }, { 0, 6, 0 }, 4 },
		{ "of several", { 5, 3, 9 }, { 4, 0, 9 }, 4 },
		{ "nothing", { 5, 3, 9 }, { 5, 3, 9 }, 0 },
		{ "a gift came meanwhile", { 5, 3, 9 }, { 1, 6, 9 }, -1 },
		{ "credits were bought", { 0, 3, 9 }, { 0, 0, 109 }, -1 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct balance before =
		    reading(rows[i].before[0], rows[i].before[1], rows[i].before[2]);
		const struct balance after =
		    reading(rows[i].after[0], rows[i].after[1], rows[i].after[2]);

		print_message("# %s\n", rows[i].label);
		assert_int_equal(balance_fell(&before, &after, 100), rows[i].fell);
	}
}

static void half_a_reading_tells_nothing(void **state)
{
	const struct balance whole = reading(1, 2, 3), none = balance_make();
	struct balance half = reading(1, 2, 0);

	(void)state;
	half.of_sort[CREDIT_PURCHASE] = -1;
	assert_int_equal(balance_fell(&none, &whole, 100), -1);
	assert_int_equal(balance_fell(&whole, &none, 100), -1);
	assert_int_equal(balance_fell(&whole, &half, 100), -1);
}

static void what_ended_meanwhile_was_not_taken(void **state)
{
	struct balance before = reading(0, 10, 0);
	const struct balance after = reading(0, 0, 0);

	(void)state;
	balance_add_end(&before, 10, 500);
	assert_int_equal(balance_fell(&before, &after, 499), 10);
	assert_int_equal(balance_fell(&before, &after, 500), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_told_at_first),
		cmocka_unit_test(the_soonest_ends_are_kept),
		cmocka_unit_test(a_fall_is_what_was_taken),
		cmocka_unit_test(half_a_reading_tells_nothing),
		cmocka_unit_test(what_ended_meanwhile_was_not_taken),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
