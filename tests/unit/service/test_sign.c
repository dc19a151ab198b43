#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "service/jimeng/send/sign.h"

/* Recomputed against captures (PROTOCOL B1.2). */
static const struct {
	const char *path;
	int64_t moment;
	const char *sign;
} captures[] = {
	{ "/mweb/v1/get_history_by_ids", 1771893831, "656c1e00cf94dfd5bcfaf031e32493e4" },
	{ "/mweb/v1/aigc_draft/generate", 1771893826,
	    "19724735691862919106b8c4808a6ce7" },
	{ "/mweb/v1/aigc_draft/generate", 1790786145,
	    "2533662377211f0653b7759901657a92" },
};

static void captured_signatures_are_met(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(captures) / sizeof(*captures); i++) {
		char sign[HASH_HEX_MAX];
		struct err err;

		assert_int_equal(
		    sign_make(captures[i].path, "8.4.0", captures[i].moment, sign, &err),
		    ERR_OK);
		assert_string_equal(sign, captures[i].sign);
	}
}

static void short_paths_are_whole(void **state)
{
	char sign[HASH_HEX_MAX];
	struct err err;

	(void)state;
	assert_int_equal(sign_make("/x", "8.4.0", 1, sign, &err), ERR_OK);
	assert_int_equal(strlen(sign), 32);
	assert_int_equal(sign_make("", "8.4.0", INT64_MIN, sign, &err), ERR_OK);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(captured_signatures_are_met),
		cmocka_unit_test(short_paths_are_whole),
	};

	return cmocka_run_group_tests_name("sign", tests, NULL, NULL);
}
