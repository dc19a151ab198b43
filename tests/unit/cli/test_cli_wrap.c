/* Texts broken into lines. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "cli/term/wrap.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

static void lines(void **state)
{
	static const struct {
		const char *text;
		unsigned indent, columns;
		const char *wanted;
	} row[] = {
		{ "", 0, 10, "" }, { "one two three", 0, 7, "one two\nthree\n" },
		{ "one two three", 2, 9, "  one two\n  three\n" },
		{ "one\n\ntwo", 0, 9, "one\n\ntwo\n" },
		{ "onetwothree four", 0, 6,
		    "onetwo\nthree\nfour\n" }, /* where nothing else helps */
		{ "一二三四五", 0, 6, "一二三\n四五\n" },
		{ "一二三，四五", 0, 6,
		    "一二\n三，四\n五\n" }, /* no line begins with it */
		{ "一二“三四", 0, 6, "一二\n“三四\n" }, /* nor ends so */
		{ "一二（三）四", 0, 8, "一二\n（三）四\n" },
		{ "abcdefgh，一", 0, 8, "abcdefg\nh，一\n" }, /* nor does a long word */
		{ "abcdefg（一）", 0, 8, "abcdefg\n（一）\n" },
		{ "。。。。", 0, 4, "。。\n。。\n" },
		{ "a [--b C] d", 0, 7, "a\n[--b C]\nd\n" }, /* with their values */
		{ "x [--limit N | -n N]", 0, 10, "x\n[--limit N\n| -n N]\n" },
		{ "\xff\xff\xff", 0, 2, "\xff\xff\n\xff\n" },
		{ "one two", 30, 20, "one two\n" }, /* no room for the indent */
	};

	(void)state;
	for (size_t i = 0; i < COUNT(row); i++) {
		_cleanup_(buf_release) struct buf into = buf_make(256);

		wrap_add(&into, row[i].text, row[i].indent, row[i].columns);
		assert_string_equal(into.len ? into.data : "", row[i].wanted);
	}
}

static void chinese_and_words_mixed(void **state)
{
	_cleanup_(buf_release) struct buf text = buf_make(4096), into = buf_make(8192);

	(void)state;
	for (int i = 0; i < 100; i++)
		buf_addf(&text, "%s", i % 7 == 6 ? "a b" : "中文");
	wrap_add(&into, text.data, 10, 78);
	assert_int_equal(strncmp(into.data, "          中文", 16), 0);
	for (const char *line = into.data; *line; line += strcspn(line, "\n") + 1) {
		char one[400];

		(void)snprintf(one, sizeof(one), "%.*s", (int)strcspn(line, "\n"), line);
		assert_in_range(text_width(one), 11, 78);
		assert_true(one[strlen(one) - 1] != ' ');
	}
}

static void beside(void **state)
{
	_cleanup_(buf_release) struct buf into = buf_make(256);

	(void)state;
	buf_addf(&into, "head  ");
	wrap_add_beside(&into, "one two three", 6, 13);
	assert_string_equal(into.data, "head  one two\n      three\n");
	wrap_add_beside(&into, "", 6, 13);
	assert_string_equal(into.data, "head  one two\n      three\n\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines),
		cmocka_unit_test(chinese_and_words_mixed),
		cmocka_unit_test(beside),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
