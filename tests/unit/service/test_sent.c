/* What the end of a submit proves. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "service/jimeng/read/sent.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

static void an_answer_proves_what_it_says(void **state)
{
	static const struct {
		const char *label;
		enum err_kind kind;
		bool sent;
		const char *ret;
		enum sent_outcome outcome;
	} row[] = {
		{ "accepted", ERR_OK, true, "0", SENT_ACCEPTED },
		{ "accepted without a task's name", ERR_CONTRACT, true, "0",
		    SENT_UNCLEAR },
		{ "time-out", ERR_NET, true, NULL, SENT_UNCLEAR },
		{ "no code", ERR_CONTRACT, true, "", SENT_UNCLEAR },
		{ "bare 429", ERR_BUSY, true, NULL, SENT_UNCLEAR },
		{ "bare 401", ERR_AUTH, true, NULL, SENT_UNCLEAR },
		{ "bare 403", ERR_ACCOUNT, true, NULL, SENT_UNCLEAR },
		{ "redirect", ERR_CONTRACT, true, NULL, SENT_UNCLEAR },
		{ "an unknown code", ERR_NET, true, "4711", SENT_UNCLEAR },
		{ "common error", ERR_NET, true, "1002", SENT_UNCLEAR },
		{ "generation error", ERR_NET, true, "2002", SENT_UNCLEAR },
		{ "content", ERR_FAILED, true, "2038", SENT_REFUSED },
		{ "wrong request", ERR_USAGE, true, "1000", SENT_REFUSED },
		{ "too many", ERR_BUSY, true, "1310", SENT_LATER },
		{ "slow down", ERR_BUSY, true, "1057", SENT_LATER },
		{ "login", ERR_AUTH, true, "10002", SENT_ACCOUNT },
		{ "credit", ERR_ACCOUNT, true, "1006", SENT_ACCOUNT },
		{ "risk", ERR_ACCOUNT, true, "-6", SENT_ACCOUNT },
		{ "to be confirmed", ERR_ACCOUNT, true, "4010", SENT_ACCOUNT },
		{ "refused connection", ERR_NET, false, NULL, SENT_NEVER_LEFT },
		{ "never left", ERR_USAGE, false, NULL, SENT_NEVER_LEFT },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(row); i++) {
		const struct submit_outcome outcome = {
			.err = { .kind = row[i].kind },
			.sent = row[i].sent,
			.ret = row[i].ret,
		};

		print_message("# %s\n", row[i].label);
		assert_int_equal(sent_outcome_of(&outcome), row[i].outcome);
	}
}

/*
 * Sent again, or called failed, the task that may be there would be paid twice, or lost.
 */
static void a_refusal_may_prove_nothing(void **state)
{
	static const char *const refusals[] = { "1310", "10002", "1006", "-4", "2038",
		"1000" };

	(void)state;
	for (size_t i = 0; i < COUNT(refusals); i++) {
		struct submit_outcome outcome = {
			.err = { .kind = ERR_BUSY },
			.sent = true,
			.status = 200,
			.ret = refusals[i],
		};

		assert_int_not_equal(sent_outcome_of(&outcome), SENT_UNCLEAR);
		outcome.status = 429;
		assert_int_not_equal(sent_outcome_of(&outcome), SENT_UNCLEAR);
		outcome.status = 503;
		assert_int_equal(sent_outcome_of(&outcome), SENT_UNCLEAR);
		outcome.status = 200;
		outcome.may_have_started = true;
		assert_int_equal(sent_outcome_of(&outcome), SENT_UNCLEAR);
		outcome.may_have_started = false;
		outcome.submit_id = "any";
		assert_int_equal(sent_outcome_of(&outcome), SENT_UNCLEAR);
		outcome.submit_id = NULL;
		outcome.history_id = "4711";
		assert_int_equal(sent_outcome_of(&outcome), SENT_UNCLEAR);
	}
}

static void a_refusal_has_its_class(void **state)
{
	(void)state;
	assert_int_equal(sent_fail_class("2038"), FAIL_CONTENT);
	assert_int_equal(sent_fail_class("1000"), FAIL_CALLER);
	assert_int_equal(sent_fail_class("1006"), FAIL_QUOTA);
	assert_int_equal(sent_fail_class("10002"), FAIL_LOGIN);
	assert_int_equal(sent_fail_class("1019"), FAIL_RISK);
	assert_int_equal(sent_fail_class(""), FAIL_SERVICE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_answer_proves_what_it_says),
		cmocka_unit_test(a_refusal_may_prove_nothing),
		cmocka_unit_test(a_refusal_has_its_class),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
