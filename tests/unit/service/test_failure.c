#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "service/jimeng/read/failure.h"

static const struct {
	const char *label;
	struct facts facts;
	enum fail_class class;
	bool is_retryable;
	const char *message;
} rows[] = {
	{ "text reject",
	    { .status = 30,
		.task_status = 10,
		.fail_code = "2038",
		.fail_key = "web_text_violates_community_guidelines_toast",
		.fail_message = "你输入的文字不符合平台规则，请修改后重试",
		.fail_word = "InputTextRisk" },
	    FAIL_CONTENT, false, "你输入的文字不符合平台规则，请修改后重试" },
	{ "empty code, a key", { .fail_key = "web_fail2generate_copyright_block" },
	    FAIL_CONTENT, false, "web_fail2generate_copyright_block" },
	{ "empty code, a message", { .fail_message = "视频未通过审核，本次不消耗积分" },
	    FAIL_CONTENT, false, "视频未通过审核，本次不消耗积分" },
	{ "empty code, a word", { .fail_word = "OutputVideoRisk" }, FAIL_CONTENT, false,
	    "OutputVideoRisk" },
	{ "only the phase: before", { .status = 30, .task_status = 10 }, FAIL_CONTENT,
	    false, "the service rejected the content without saying more" },
	{ "only the phase: after", { .status = 30, .task_status = 40 }, FAIL_CONTENT,
	    false, "the service rejected the content without saying more" },
	{ "nothing at all", { .status = 30, .task_status = 30 }, FAIL_SERVICE, false,
	    "the service gave no reason" },
	{ "an unknown code", { .status = 30, .task_status = 30, .fail_code = "4711" },
	    FAIL_SERVICE, false, "the service gave no reason" },
	{ "an unknown message", { .fail_message = "呵呵" }, FAIL_SERVICE, false, "呵呵" },
	{ "generation failed", { .fail_code = "100402" }, FAIL_SERVICE, true,
	    "the generation failed" },
	{ "international 1017", { .fail_code = "1017" }, FAIL_SERVICE, true,
	    "the generation failed" },
	{ "busy item", { .item_word = "SystemBusy" }, FAIL_SERVICE, true, "SystemBusy" },
	{ "try again key", { .fail_key = "web_fail2generate_input_retry" }, FAIL_SERVICE,
	    true, "web_fail2generate_input_retry" },
	{ "a service code, but a content key",
	    { .fail_code = "2002", .fail_key = "ErrMessage_APP_OutputVideoRisk" },
	    FAIL_CONTENT, false, "ErrMessage_APP_OutputVideoRisk" },
	{ "banned words of 2047", { .fail_code = "2047" }, FAIL_CONTENT, false,
	    "the service rejected the content without saying more" },
	{ "credit", { .fail_code = "1006", .fail_message = "积分不足" }, FAIL_QUOTA,
	    false, "积分不足" },
	{ "credit by key",
	    { .fail_key = "web_dre_m10n_generate_popup_credit_ininsufficient_title" },
	    FAIL_QUOTA, false,
	    "web_dre_m10n_generate_popup_credit_ininsufficient_title" },
	{ "risk", { .fail_key = "web_risk_control_message_reject_generation" }, FAIL_RISK,
	    false, "web_risk_control_message_reject_generation" },
	{ "risk by message", { .fail_message = "生成失败，疑似存在异常行为，请重新尝试" },
	    FAIL_RISK, false, "生成失败，疑似存在异常行为，请重新尝试" },
	{ "too many at once", { .fail_code = "1310" }, FAIL_SERVICE, true,
	    "the generation failed" },
	{ "login", { .fail_code = "1015" }, FAIL_LOGIN, false,
	    "the login was not accepted" },
	{ "caller", { .fail_code = "1000" }, FAIL_CALLER, false,
	    "the service calls the request wrong" },
	{ "deleted", { .status = 100, .fail_code = "100402" }, FAIL_DELETED, false,
	    "the task was deleted at the service" },
	{ "case does not matter", { .fail_word = "inputtextrisk" }, FAIL_CONTENT, false,
	    "inputtextrisk" },
};

static void causes_are_told_apart(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		const struct task_fail fail = failure_of(&rows[i].facts);

		print_message("# %s\n", rows[i].label);
		assert_int_equal(fail.class, rows[i].class);
		assert_int_equal(fail.is_retryable, rows[i].is_retryable);
		assert_string_equal(fail.message, rows[i].message);
		assert_ptr_equal(fail.code, rows[i].facts.fail_code);
	}
}

static void only_the_service_is_tried_again(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		const struct task_fail fail = failure_of(&rows[i].facts);

		assert_true(!fail.is_retryable || fail.class == FAIL_SERVICE);
	}
	assert_int_equal(failure_of_nothing().class, FAIL_CONTRACT);
	assert_false(failure_of_nothing().is_retryable);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(causes_are_told_apart),
		cmocka_unit_test(only_the_service_is_tried_again),
	};

	return cmocka_run_group_tests_name("failure", tests, NULL, NULL);
}
