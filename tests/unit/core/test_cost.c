#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/stats/cost.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

/* --- by the statement --- */

static void entries_are_added_up_by_task(void **state)
{
	/* The newest first. */
	static const struct credit_entry entries[] = {
		{ 10, 9000, "back", "a", NULL },
		{ 30, 8000, "bought", NULL, NULL },
		{ -4, 7000, "an image", "b", "2" },
		{ -10, 6000, "a video", "a", "1" },
		{ -1, 5000, "more of b", NULL, "2" },
		{ -3, 4000, "by its history id alone", NULL, "3" },
	};
	struct cost costs[COUNT(entries)];

	(void)state;
	assert_int_equal(cost_add_up(entries, COUNT(entries), costs), 3);
	assert_string_equal(costs[0].submit_id, "a");
	assert_string_equal(costs[0].history_id, "1");
	assert_true(costs[0].is_charged);
	assert_int_equal(costs[0].credits, 0); /* all was given back */
	assert_true(costs[1].is_charged);
	assert_int_equal(costs[1].credits, 5);
	assert_null(costs[2].submit_id);
	assert_int_equal(costs[2].credits, 3);
	assert_int_equal(cost_index(costs, 3, &entries[1]), 3);
	assert_int_equal(cost_index(costs, 3, &entries[4]), 1);
}

static void half_of_a_story_is_no_cost(void **state)
{
	static const struct credit_entry back[] = { { 10, 9000, NULL, "a", NULL } };
	static const struct credit_entry more_back[] = { { 10, 9000, NULL, "a", NULL },
		{ -4, 8000, NULL, "a", NULL } };
	struct cost costs[2];

	(void)state;
	assert_int_equal(cost_add_up(back, 1, costs), 1);
	assert_false(costs[0].is_charged);
	assert_int_equal(cost_add_up(more_back, 2, costs), 1);
	assert_false(costs[0].is_charged);
	assert_int_equal(cost_add_up(NULL, 0, costs), 0);
}

/* --- of the next ones --- */

static struct price price_of(const char *model, const char *terms, size_t n)
{
	return (
	    struct price){ .kind = MEDIA_IMAGE, .model = model, .terms = terms, .n = n };
}

static void the_dearest_of_the_same_counts(void **state)
{
	struct price price = price_of("m", "t", 1);

	(void)state;
	assert_null(price_known(&price));
	price_note(&price, MEDIA_VIDEO, "m", "t", 99);
	price_note(&price, MEDIA_IMAGE, "m", "other", 99);
	price_note(&price, MEDIA_IMAGE, "n", NULL, 99);
	price_note(&price, MEDIA_IMAGE, NULL, NULL, 99);
	assert_null(price_known(&price));
	price_note(&price, MEDIA_IMAGE, "m", NULL, 7);
	assert_ptr_equal(price_known(&price), &price.elsewhere);
	assert_int_equal(price_known(&price)->dearest, 7);
	price_note(&price, MEDIA_IMAGE, "another name of m", "t", 0);
	assert_ptr_equal(price_known(&price), &price.same);
	assert_int_equal(price_known(&price)->dearest, 0);
	price_note(&price, MEDIA_IMAGE, "m", "t", 4);
	price_note(&price, MEDIA_IMAGE, "m", "t", 3);
	assert_int_equal(price_known(&price)->dearest, 4);
	assert_int_equal(price_known(&price)->n, 3);
}

static void a_sum_is_told_with_what_it_rests_on(void **state)
{
	struct price prices[] = { price_of("m", "t", 10), price_of("n", "u", 2) };
	struct price_sum sum;

	(void)state;
	price_note(&prices[0], MEDIA_IMAGE, "m", "t", 4);
	sum = price_sum(prices, 2);
	assert_int_equal(sum.tasks, 12);
	assert_ptr_equal(sum.unknown, &prices[1]);
	price_note(&prices[1], MEDIA_IMAGE, "n", NULL, 5);
	price_note(&prices[1], MEDIA_IMAGE, "n", NULL, 6);
	sum = price_sum(prices, 2);
	assert_null(sum.unknown);
	assert_int_equal(sum.credits, 52);
	assert_int_equal(sum.seen, 3);
	assert_int_equal(sum.seen_elsewhere, 2);
}

static void a_sum_never_runs_over(void **state)
{
	struct price prices[] = { price_of("m", "t", 3), price_of("n", "u", 1) };

	(void)state;
	price_note(&prices[0], MEDIA_IMAGE, "m", "t", INT64_MAX / 2);
	price_note(&prices[1], MEDIA_IMAGE, "n", "u", 1);
	assert_true(price_sum(prices, 2).credits == INT64_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(entries_are_added_up_by_task),
		cmocka_unit_test(half_of_a_story_is_no_cost),
		cmocka_unit_test(the_dearest_of_the_same_counts),
		cmocka_unit_test(a_sum_is_told_with_what_it_rests_on),
		cmocka_unit_test(a_sum_never_runs_over),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
