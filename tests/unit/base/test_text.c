#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "base/text.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

static void sizes_are_written(void **state)
{
	static const struct {
		uint64_t bytes;
		const char *text;
	} row[] = {
		{ 0, "0 B" },
		{ 999, "999 B" },
		{ 1000, "1.0 kB" },
		{ 1049, "1.0 kB" },
		{ 1050, "1.1 kB" },
		{ 1999, "2.0 kB" },
		{ 98374, "98.4 kB" },
		{ 999949, "999.9 kB" },
		{ 999950, "1.0 MB" },
		{ 3400000, "3.4 MB" },
		{ 4338141, "4.3 MB" },
		{ 1000000000, "1.0 GB" },
		{ UINT64_MAX, "18.4 EB" },
	};
	char text[24];

	(void)state;
	for (size_t i = 0; i < COUNT(row); i++)
		assert_string_equal(text_bytes(row[i].bytes, text), row[i].text);
}

static void whole_numbers(void **state)
{
	static const struct {
		const char *text;
		uint64_t min, max, value;
		bool is_good;
	} row[] = {
		{ "0", 0, 10, 0, true },
		{ "10", 0, 10, 10, true },
		{ "007", 0, 10, 7, true },
		{ "11", 0, 10, 0, false },
		{ "0", 1, 10, 0, false },
		{ "18446744073709551615", 0, UINT64_MAX, UINT64_MAX, true },
		{ "18446744073709551616", 0, UINT64_MAX, 0, false },
		{ "184467440737095516150", 0, UINT64_MAX, 0, false },
		{ "", 0, 10, 0, false },
		{ "-1", 0, 10, 0, false },
		{ "+1", 0, 10, 0, false },
		{ " 1", 0, 10, 0, false },
		{ "1 ", 0, 10, 0, false },
		{ "0x1", 0, 10, 0, false },
		{ "1.0", 0, 10, 0, false },
		{ "１", 0, 10, 0, false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(row); i++) {
		uint64_t value = 77;

		assert_int_equal(text_uint(row[i].text, row[i].min, row[i].max, &value),
		    row[i].is_good);
		assert_int_equal(value, row[i].is_good ? row[i].value : 77);
	}
}

static void distances(void **state)
{
	static const struct {
		const char *a, *b;
		unsigned distance;
	} row[] = {
		{ "", "", 0 },
		{ "", "abc", 3 },
		{ "abc", "abc", 0 },
		{ "ABC", "abc", 0 },
		{ "abc", "acb", 1 },
		{ "kitten", "sitting", 3 },
		{ "ca", "abc", 3 }, /* alignment, not full Damerau */
		{ "qeury", "query", 1 },
	};
	char longer[1000];

	(void)state;
	for (size_t i = 0; i < COUNT(row); i++) {
		assert_int_equal(text_distance(row[i].a, row[i].b), row[i].distance);
		assert_int_equal(text_distance(row[i].b, row[i].a), row[i].distance);
	}
	memset(longer, 'a', sizeof(longer) - 1);
	longer[sizeof(longer) - 1] = '\0';
	assert_int_equal(text_distance(longer, "a"), 999);
}

static void nearest_of_a_table(void **state)
{
	static const char *const verbs[] = { "auth", "export", "forget", "get", "list",
		"mcp", "query", "run", "serve", "show", "submit", "verify", "wait",
		"watch", NULL };
	static const char *const none[] = { NULL };
	static const struct {
		const char *word, *nearest;
	} row[] = {
		{ "qeury", "query" },
		{ "QUERY", "query" },
		{ "sumbit", "submit" },
		{ "wiat", "wait" },
		{ "gte", "get" },
		{ "exprot", "export" },
		{ "zzzzzzzz", NULL },
		{ "", NULL },
		{ "x", NULL },
		{ "frobnicate", NULL },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(row); i++) {
		const char *found = text_nearest(row[i].word, verbs);

		print_message("# %s\n", row[i].word);
		if (row[i].nearest)
			assert_string_equal(found, row[i].nearest);
		else
			assert_null(found);
	}
	assert_null(text_nearest("query", none));
}

static void utf8_is_judged_strictly(void **state)
{
	static const struct {
		const char *bytes;
		size_t len;
		bool is_good;
	} row[] = {
		{ "", 0, true },
		{ "a\0b", 3, true },
		{ "图片", 6, true },
		{ "\xf0\x9f\x8e\xa8", 4, true },
		{ "\xf4\x8f\xbf\xbf", 4, true },
		{ "\xf4\x90\x80\x80", 4, false }, /* > U+10FFFF */
		{ "\xed\x9f\xbf", 3, true },
		{ "\xed\xa0\x80", 3, false }, /* surrogate */
		{ "\xc0\x80", 2, false }, /* overlong */
		{ "\xc1\xbf", 2, false },
		{ "\xe0\x9f\xbf", 3, false },
		{ "\xf0\x8f\xbf\xbf", 4, false },
		{ "\x80", 1, false },
		{ "\xff", 1, false },
		{ "\xe5\x9b", 2, false }, /* cut */
		{ "\xf0\x9f\x8e", 3, false },
		{ "\xc3", 1, false },
		{ "\xc3(", 2, false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(row); i++)
		assert_int_equal(text_is_utf8(row[i].bytes, row[i].len), row[i].is_good);
}

static void is_blank(void **state)
{
	static const struct {
		const char *text;
		bool is_blank;
	} row[] = {
		{ "", true }, { " \t\r\n", true },
		{ "\u3000\u00a0", true }, /* wide and unbreakable */
		{ "\u200b\ufeff", true }, /* of no width */
		{ " a ", false }, { "\u3000猫", false },
		{ "\xff", false }, /* broken, not blank */
	};

	(void)state;
	for (size_t i = 0; i < COUNT(row); i++)
		assert_int_equal(text_is_blank(row[i].text), row[i].is_blank);
}

static void widths(void **state)
{
	static const struct {
		const char *text;
		size_t columns;
	} row[] = {
		{ "", 0 },
		{ "abc", 3 },
		{ "图片", 4 },
		{ "a图b", 4 },
		{ "e\xcc\x81", 1 }, /* e with a combining accent */
		{ "\xff\xfe", 2 },
		{ "\xe5\x9b", 2 },
		{ "。，", 4 },
		{ "ｱ", 1 }, /* half width */
		{ "🎨", 2 },
		{ "…", 1 },
		{ "\x1b[0m", 4 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(row); i++)
		assert_int_equal(text_width(row[i].text), row[i].columns);
}

static void fits(void **state)
{
	static const struct {
		const char *text;
		size_t columns;
		const char *fit;
	} row[] = {
		{ "abc", 3, "abc" },
		{ "abcd", 3, "ab…" },
		{ "abcd", 1, "…" },
		{ "abcd", 0, "" },
		{ "", 5, "" },
		{ "图片生成", 8, "图片生成" },
		{ "图片生成", 7, "图片生…" },
		{ "图片生成", 6, "图片…" }, /* half a character is no character */
		{ "图片生成", 2, "…" },
		{ "ae\xcc\x81"
		  "bcd",
		    3, "ae\xcc\x81…" },
		{ "\xff\xff\xff\xff", 3, "\xff\xff…" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(row); i++) {
		_cleanup_free_ char *fit = text_fit(row[i].text, row[i].columns);

		assert_string_equal(fit, row[i].fit);
		assert_true(text_width(fit) <= row[i].columns);
	}
}

/* Nothing behind `max` bytes is looked at: it may be a slice of something longer. */
static void fronts_end_where_a_character_does(void **state)
{
	static const struct {
		const char *text;
		size_t max, len;
	} row[] = {
		{ "abc", 9, 3 },
		{ "abc", 2, 2 },
		{ "", 4, 0 },
		{ "图片", 6, 6 },
		{ "图片", 5, 3 },
		{ "图片", 4, 3 },
		{ "图片", 3, 3 },
		{ "图片", 2, 0 },
		{ "a🎨", 4, 1 },
		{ "a🎨", 5, 5 },
		{ "ae\xcc\x81", 3, 2 },
		{ "\xff\xff\xff", 2, 2 }, /* no character: nothing to be cut in half */
		{ "\x80\x80\x80\x80\x80", 4, 4 },
		{ "图\x80\x80\x80", 5, 5 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(row); i++)
		assert_int_equal(text_cut(row[i].text, row[i].max), row[i].len);
}

static void copies_are_cut_between_characters(void **state)
{
	char into[8];

	(void)state;
	assert_string_equal(text_copy("图片图片", into, sizeof(into)), "图片");
	assert_string_equal(text_copy("1234567", into, sizeof(into)), "1234567");
	assert_string_equal(text_copy("12345678", into, sizeof(into)), "1234567");
	assert_string_equal(text_copy("图", into, 1), "");
}

static void rows(void **state)
{
	static const struct {
		const char *text;
		size_t columns, rows;
	} row[] = {
		{ "", 5, 1 },
		{ "abc", 3, 1 },
		{ "abcd", 3, 2 },
		{ "abcdefg", 3, 3 },
		{ "图片生成", 8, 1 },
		{ "图片生成", 7, 2 },
		{ "图片生成", 3, 4 }, /* half a character is no character */
		{ "图片", 1, 2 }, /* never less than it holds */
		{ "ae\xcc\x81", 2, 1 },
		{ "abc", 0, 3 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(row); i++)
		assert_int_equal(text_rows(row[i].text, row[i].columns), row[i].rows);
}

static void strangers_are_made_printable(void **state)
{
	static const struct {
		const char *text, *clean;
	} row[] = {
		{ "", "" }, { "plain 图片 🎨", "plain 图片 🎨" },
		{ "a\tb\nc\rd", "a?b?c?d" }, { "\x1b]0;title\x07", "?]0;title?" },
		{ "\x7f", "?" },
		{ "\xc2\x9b"
		  "31m",
		    "?31m" }, /* CSI as one C1 character */
		{ "gnp.\xe2\x80\xae"
		  "exe",
		    "gnp.?exe" }, /* right-to-left override */
		{ "\xe2\x81\xa6x\xe2\x81\xa9", "?x?" },
		{ "\xe2\x80\xa8", "?" }, /* line separator */
		{ "\xef\xbb\xbf{}", "?{}" }, { "\xff\xfe", "??" },
		{ "\xed\xa0\x80", "???" }, { "ok\xe5\x9b", "ok??" },
		{ "\xf3\xa0\x80\x81", "?" }, /* tag character */
	};

	(void)state;
	for (size_t i = 0; i < COUNT(row); i++) {
		_cleanup_free_ char *text = strdup(row[i].text);

		text_make_printable(text);
		assert_string_equal(text, row[i].clean);
	}
}

/* Nothing is lost, and nothing steers the terminal that shows the JSON. */
static void json_is_escaped(void **state)
{
	static const struct {
		const char *text, *escaped;
	} row[] = {
		{ "{\"a\":\"\\u001b 图\"}", "{\"a\":\"\\u001b 图\"}" },
		{ "\"\xc2\x9b"
		  "31m\"",
		    "\"\\u009b31m\"" },
		{ "\"\x7f\"", "\"\\u007f\"" },
		{ "\"\xe2\x80\xae\"", "\"\\u202e\"" },
		{ "\"\xf3\xa0\x80\x81\"", "\"\\udb40\\udc01\"" },
		{ "\"\x9b"
		  "1m\"",
		    "\"\xef\xbf\xbd"
		    "1m\"" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		char *escaped = text_escape_json(strdup(row[i].text));

		assert_string_equal(escaped, row[i].escaped);
		free(escaped);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(sizes_are_written),
		cmocka_unit_test(whole_numbers),
		cmocka_unit_test(distances),
		cmocka_unit_test(nearest_of_a_table),
		cmocka_unit_test(utf8_is_judged_strictly),
		cmocka_unit_test(is_blank),
		cmocka_unit_test(widths),
		cmocka_unit_test(fits),
		cmocka_unit_test(fronts_end_where_a_character_does),
		cmocka_unit_test(copies_are_cut_between_characters),
		cmocka_unit_test(rows),
		cmocka_unit_test(strangers_are_made_printable),
		cmocka_unit_test(json_is_escaped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
