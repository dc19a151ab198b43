/*
 * suite_permit.c - what every ledger promises about leave to submit, and secrets.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "keyed.h"

static void a_word_counts_once(void **state)
{
	struct suite *s = *state;
	const struct permit said = { .word = "yes-1" };
	struct intent first = keyed("t1", "K", SHA), again = keyed("t2", "K", SHA),
		      other = keyed("t3", "L", SHB);
	struct intended intended;

	first.permit = again.permit = other.permit = &said;
	ok(ledger_rehearse(s->b, &first, 1, &intended, NULL, &s->err));
	expect(s, &first, "t1");
	/* What is known needs none. */
	expect(s, &again, "t1");
	assert_int_equal(
	    ledger_intend(s->b, &other, 1, &intended, NULL, &s->err), ERR_USAGE);
	assert_non_null(strstr(s->err.msg, "submitted before"));
	assert_string_equal(state_of(s, "t3"), "none");
	/* Also when the task is forgotten. */
	ok(ledger_forget(s->a, ME, "t1", &s->err));
	assert_int_equal(
	    ledger_intend(s->b, &again, 1, &intended, NULL, &s->err), ERR_USAGE);
	other.account = "other";
	ok(ledger_intend(s->b, &other, 1, &intended, NULL, &s->err));
}

static void so_many_a_day_are_not_asked_for(void **state)
{
	struct suite *s = *state;
	const struct permit two = { .max_a_day = 2 }, said = { .word = "yes" };
	struct intent one = intent_of("t1"),
		      batch[] = { intent_of("t2"), intent_of("t3") };
	struct intended intended[2];
	size_t refused = 9;

	one.permit = batch[0].permit = batch[1].permit = &two;
	wait_one(s, &one);
	assert_int_equal(
	    ledger_intend(s->b, batch, 2, intended, &refused, &s->err), ERR_USAGE);
	assert_int_equal(refused, 1);
	assert_non_null(strstr(s->err.msg, "24 hours"));
	assert_string_equal(state_of(s, "t2"), "none");
	wait_one(s, &batch[0]);
	assert_int_equal(
	    ledger_rehearse(s->b, &batch[1], 1, intended, NULL, &s->err), ERR_USAGE);
	/* Who is asked is not counted. */
	batch[1].permit = &said;
	wait_one(s, &batch[1]);
	one = intent_of("t4");
	one.permit = &two;
	one.now_unix_ms += LEDGER_PERMIT_MS - 1;
	assert_int_equal(
	    ledger_intend(s->a, &one, 1, intended, NULL, &s->err), ERR_USAGE);
	one.now_unix_ms++;
	wait_one(s, &one);
}

static void a_repeat_with_a_key_is_one_task(void **state)
{
	struct suite *s = *state;
	struct intent first = intent_of("t1"), repeat = keyed("t2", "R", SHA),
		      again = keyed("t3", "R", SHA), other = keyed("t4", "R", SHA);

	wait_one(s, &first);
	repeat.rerolls = again.rerolls = "t1";
	repeat.rerolls_once = again.rerolls_once = other.rerolls_once = true;
	expect(s, &repeat, "t2");
	expect(s, &again, "t2");
	assert_key(s, "t2", "R", "t1");
	other.rerolls = "t2";
	expect(s, &other, "t4");
	assert_key(s, "t2", NULL, "t1");
}

static void a_secret_is_the_ledgers(void **state)
{
	struct suite *s = *state;
	char one[LEDGER_SECRET_MAX], same[LEDGER_SECRET_MAX], other[LEDGER_SECRET_MAX];

	ok(ledger_secret(s->a, "consent", one, &s->err));
	ok(ledger_secret(s->b, "consent", same, &s->err));
	ok(ledger_secret(s->b, "other", other, &s->err));
	assert_string_equal(one, same);
	assert_string_not_equal(one, other);
	assert_int_equal(strspn(one, "0123456789abcdef"), LEDGER_SECRET_MAX - 1);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, suite_begin, suite_end)
	const struct CMUnitTest tests[] = {
		T(a_word_counts_once),
		T(so_many_a_day_are_not_asked_for),
		T(a_repeat_with_a_key_is_one_task),
		T(a_secret_is_the_ledgers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
