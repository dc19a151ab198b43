#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "mcp/visible.h"

static void nothing_hides(void **state)
{
	static const struct {
		const char *text;
		size_t max;
		const char *wanted;
	} rows[] = {
		{ "", 9, "" },
		{ "a cat", 9, "a cat" },
		{ "小猫", 9, "小猫" },
		{ "what?", 9, "what?" },
		{ "a\tb\nc", 9, "a\tb\nc" },
		{ "a\rb\x1b[1m", 9, "a<U+000D>b<U+001B>[1m" },
		{ "\x7f", 9, "<U+007F>" },
		{ "a\xe2\x80\xae"
		  "b",
		    9, "a<U+202E>b" },
		{ "\xef\xbb\xbf", 9, "<U+FEFF>" },
		{ "\xf3\xa0\x81\x81", 9, "<U+E0041>" },
		{ "\xff\xfe", 9, "<0xFF><0xFE>" },
		{ "\xe2\x80", 9, "<0xE2><0x80>" },
		{ "abcdef", 3, "abc…" },
		{ "小猫咪", 2, "小猫…" },
		{ "abc", 3, "abc" },
		{ "a", 0, "…" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		char *shown = visible(rows[i].text, rows[i].max);

		assert_string_equal(shown, rows[i].wanted);
		free(shown);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_hides),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
