#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "service/jimeng/read/retcode.h"

static const struct {
	const char *ret;
	enum ret_class class;
	enum err_kind kind;
} codes[] = {
	{ "0", RET_OK, ERR_OK },
	{ "1015", RET_LOGIN, ERR_AUTH },
	{ "10002", RET_LOGIN, ERR_AUTH },
	{ "34010105", RET_LOGIN, ERR_AUTH },
	{ "1000", RET_CALLER, ERR_USAGE },
	{ "1014", RET_CALLER, ERR_USAGE },
	{ "3018", RET_CALLER, ERR_USAGE },
	{ "1006", RET_QUOTA, ERR_ACCOUNT },
	{ "121101", RET_QUOTA, ERR_ACCOUNT },
	{ "1", RET_SLOW_DOWN, ERR_BUSY },
	{ "1310", RET_SLOW_DOWN, ERR_BUSY },
	{ "1018", RET_RISK, ERR_ACCOUNT },
	{ "-4", RET_RISK, ERR_ACCOUNT },
	{ "-6", RET_RISK, ERR_ACCOUNT },
	{ "4010", RET_RISK, ERR_ACCOUNT },
	{ "3000", RET_RISK, ERR_ACCOUNT },
	{ "2038", RET_CONTENT, ERR_FAILED },
	{ "2040", RET_CONTENT, ERR_FAILED },
	{ "2043", RET_CONTENT, ERR_FAILED },
	{ "1002", RET_TRANSIENT, ERR_NET },
	{ "2002", RET_TRANSIENT, ERR_NET },
	/* Nobody has seen these. */
	{ "99999", RET_TRANSIENT, ERR_NET },
	{ "-2001", RET_TRANSIENT, ERR_NET },
	{ "00", RET_TRANSIENT, ERR_NET },
	{ " 0", RET_TRANSIENT, ERR_NET },
	{ "0.0", RET_TRANSIENT, ERR_NET },
	{ "success", RET_TRANSIENT, ERR_NET },
	{ "", RET_TRANSIENT, ERR_NET },
	{ NULL, RET_TRANSIENT, ERR_NET },
};

static void codes_have_a_class(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(codes) / sizeof(*codes); i++) {
		print_message("# '%s'\n", codes[i].ret ? codes[i].ret : "(null)");
		assert_int_equal(retcode_class(codes[i].ret), codes[i].class);
		assert_int_equal(
		    ret_class_err(retcode_class(codes[i].ret)), codes[i].kind);
	}
}

static void known_codes_have_words(void **state)
{
	(void)state;
	assert_non_null(retcode_text("1015"));
	assert_non_null(retcode_text("-6"));
	assert_null(retcode_text("99999"));
	assert_null(retcode_text(NULL));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(codes_have_a_class),
		cmocka_unit_test(known_codes_have_words),
	};

	return cmocka_run_group_tests_name("retcode", tests, NULL, NULL);
}
