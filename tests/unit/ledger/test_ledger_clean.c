/* test_ledger_clean.c - what of a text goes into the ledger (rules/clean.h). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "ledger/rules/clean.h"

static void long_texts_are_cut_between_characters(void **state)
{
	struct arena arena = arena_make(1 << 16);
	const char *clean = NULL;
	struct err err = { 0 };
	char text[2000];

	(void)state;
	for (size_t shift = 0; shift < 3; shift++) {
		memset(text, 'x', shift);
		for (size_t i = shift; i + 3 < sizeof(text); i += 3)
			memcpy(text + i, "\xe4\xb8\x80", 4);
		assert_int_equal(clean_text(text, &arena, &clean, &err), ERR_OK);
		assert_true(strlen(clean) <= 1000 && strlen(clean) > 990);
		assert_int_equal((strlen(clean) - shift) % 3, 0);
	}
	assert_int_equal(clean_text(NULL, &arena, &clean, &err), ERR_OK);
	assert_null(clean);
	arena_release(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(long_texts_are_cut_between_characters),
	};

	return cmocka_run_group_tests_name("ledger_clean", tests, NULL, NULL);
}
