/* Ids from arguments and from texts that people and programs wrote. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "dreamq/ids.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))
#define IDS _cleanup_(ids_freep) struct dq_ids *
#define SIXTEEN "0123456789abcdef"
#define CHARS_64 SIXTEEN SIXTEEN SIXTEEN SIXTEEN

enum { TOLD_MAX = 4096 };

static void ids_freep(struct dq_ids **ids)
{
	dq_ids_free(*ids);
}

static struct dq_ids *ids_make(void)
{
	struct dq_ids *ids = NULL;

	assert_int_equal(dq_ids_new(&ids, NULL), DQ_OK);
	assert_int_equal(dq_ids_count(ids), 0);
	return ids;
}

/* Bad lines, one below the other. */
static void listen(void *payload, const struct dq_error *error)
{
	const char *message = error->message;
	char *told = payload;

	assert_true(strlen(told) + strlen(message) + 2 < TOLD_MAX);
	strcat(told, message);
	strcat(told, "\n");
}

static void assert_ids(const struct dq_ids *ids, const char *expected)
{
	char all[TOLD_MAX] = "";

	for (size_t i = 0; i < dq_ids_count(ids); i++) {
		strcat(all, i ? " " : "");
		strcat(all, dq_ids_list(ids)[i]);
	}
	assert_string_equal(all, expected);
}

static void arguments(void **state)
{
	static const struct {
		const char *id;
		enum dq_status status;
	} row[] = {
		{ "a", DQ_OK },
		{ "A-b_9", DQ_OK },
		{ "-", DQ_OK },
		{ "1234567890123456789", DQ_OK },
		{ CHARS_64, DQ_OK },
		{ CHARS_64 "x", DQ_USAGE },
		{ "", DQ_USAGE },
		{ "a b", DQ_USAGE },
		{ "a/b", DQ_USAGE },
		{ "../a", DQ_USAGE },
		{ "a.b", DQ_USAGE },
		{ "图片", DQ_USAGE },
		{ "\xff\xfe", DQ_USAGE },
		{ "https://jimeng.jianying.com/a", DQ_USAGE },
	};
	size_t n_good = 0;
	IDS ids = ids_make();

	(void)state;
	for (size_t i = 0; i < COUNT(row); i++) {
		struct dq_error err = { .message = "" };

		print_message("# %zu\n", i);
		assert_int_equal(
		    dq_ids_add(ids, row[i].id, "argument 3", &err), row[i].status);
		n_good += row[i].status == DQ_OK;
		assert_int_equal(dq_ids_count(ids), n_good);
		if (row[i].status == DQ_OK)
			continue;
		assert_int_equal(err.status, DQ_USAGE);
		assert_ptr_equal(strstr(err.message, "argument 3: "), err.message);
		assert_true(text_is_utf8(err.message, strlen(err.message)));
		assert_null(strpbrk(err.message, "\n\r\t\x1b"));
	}
}

static void a_bad_id_cannot_talk_to_the_terminal(void **state)
{
	struct dq_error err;
	IDS ids = ids_make();

	(void)state;
	assert_int_equal(
	    dq_ids_add(ids, "\x1b[2J\x1b]0;pwned\a", "argument 1", &err), DQ_USAGE);
	assert_null(strpbrk(err.message, "\x1b\a"));
	assert_int_equal(dq_ids_add(ids, "x y", "argument 1", NULL), DQ_USAGE);
}

/* A long line is cut for the message, and not in the middle of a character. */
static void long_bad_ids_are_cut(void **state)
{
	_cleanup_free_ char *line = malloc(1000000);
	struct dq_error err;
	IDS ids = ids_make();

	(void)state;
	assert_non_null(line);
	for (size_t i = 0; i + 4 < 1000000; i += 3)
		memcpy(line + i, "图", 4);
	assert_int_equal(dq_ids_add(ids, line, "argument 1", &err), DQ_USAGE);
	assert_true(strlen(err.message) < 250);
	assert_true(text_is_utf8(err.message, strlen(err.message)));
	assert_non_null(strstr(err.message, "图"));
	assert_non_null(strstr(err.message, "letters, digits"));
}

static void texts(void **state)
{
	static const struct {
		const char *label, *text, *ids, *told;
	} row[] = {
		{ "nothing", "", "", "" },
		{ "blank", "\n\n \t \n\r\n", "", "" },
		{ "lines", "a\nb\nc\n", "a b c", "" },
		{ "no line feed at the end", "a\nb", "a b", "" },
		{ "CRLF", "a\r\nb\r\n\r\nc", "a b c", "" },
		{ "spaces around", "  a \t\n\tb\v\f\n", "a b", "" },
		{ "mark at the start",
		    "\xef\xbb\xbf"
		    "a\nb\n",
		    "a b", "" },
		{ "only a mark", "\xef\xbb\xbf", "", "" },
		{ "two marks",
		    "\xef\xbb\xbf\xef\xbb\xbf"
		    "a\nb\n",
		    "b",
		    "f, line 1: '?a' is no task id (1 to 64 of letters, digits, '_' "
		    "and '-')\n" },
		{ "comments", "# one\na # two\n#\n  # three\nb#four\n", "a b", "" },
		{ "duplicates", "b\na\nb\n b \na\n", "b a", "" },
		{ "old line ends", "a\rb", "",
		    "f, line 1: 'a?b' is no task id (1 to 64 of letters, digits, '_' "
		    "and '-')\n" },
		{ "bad lines have their numbers", "a\n\nb c\nd\n\n生成\n", "a d",
		    "f, line 3: 'b c' is no task id (1 to 64 of letters, digits, '_' "
		    "and '-')\n"
		    "f, line 6: '生成' is no task id (1 to 64 of letters, digits, '_' "
		    "and '-')\n" },
		{ "64 characters", CHARS_64 "\n", CHARS_64, "" },
		{ "65 characters", CHARS_64 "x\n", "",
		    "f, line 1: '" CHARS_64
		    "x' is no task id (1 to 64 of letters, digits, '_' and '-')\n" },
		{ "JSON", "[\"a\", \"b\",\"a\"]", "a b", "" },
		{ "JSON behind blanks and a mark", "\xef\xbb\xbf \r\n\t[\n\"a\"\n]\n",
		    "a", "" },
		{ "empty JSON", "[]", "", "" },
		{ "JSON of many types",
		    "[\"a\", 12345678901234567890, null, true, {\"id\":\"b\"}, [\"c\"], "
		    "\"d\", \"\"]",
		    "a d",
		    "f, element 2: '(not a string)' is no task id (1 to 64 of letters, "
		    "digits, '_' and '-')\n"
		    "f, element 3: '(not a string)' is no task id (1 to 64 of letters, "
		    "digits, '_' and '-')\n"
		    "f, element 4: '(not a string)' is no task id (1 to 64 of letters, "
		    "digits, '_' and '-')\n"
		    "f, element 5: '(not a string)' is no task id (1 to 64 of letters, "
		    "digits, '_' and '-')\n"
		    "f, element 6: '(not a string)' is no task id (1 to 64 of letters, "
		    "digits, '_' and '-')\n"
		    "f, element 8: '' is no task id (1 to 64 of letters, digits, '_' "
		    "and '-')\n" },
		{ "an object is no list", "{\"a\":1}", "",
		    "f, line 1: '{\"a\":1}' is no task id (1 to 64 of letters, digits, "
		    "'_' and '-')\n" },
		{ "escapes", "[\"\\u0061\\u002d1\", \"a\\nb\"]", "a-1",
		    "f, element 2: 'a?b' is no task id (1 to 64 of letters, digits, '_' "
		    "and '-')\n" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(row); i++) {
		char told[TOLD_MAX] = "";
		IDS ids = ids_make();

		print_message("# %s\n", row[i].label);
		assert_int_equal(dq_ids_add_text(ids, row[i].text, strlen(row[i].text),
				     "f", listen, told, NULL),
		    DQ_OK);
		assert_ids(ids, row[i].ids);
		assert_string_equal(told, row[i].told);
	}
}

/* A NUL does not end a line: what stands behind it was not looked at else. */
static void nul_bytes_are_bad_lines(void **state)
{
	static const char text[] = "good\nx\0y\nfine\nz\0\n\0\n\0#c\nlast";
	static const char wide[] = "t\0a\0s\0k\0\n\0";
	char told[TOLD_MAX] = "";
	IDS ids = ids_make();

	(void)state;
	assert_int_equal(
	    dq_ids_add_text(ids, text, sizeof(text) - 1, "f", listen, told, NULL), DQ_OK);
	assert_ids(ids, "good fine last");
	assert_non_null(strstr(told, "f, line 2: "));
	assert_non_null(strstr(told, "f, line 4: "));
	assert_non_null(strstr(told, "f, line 5: "));
	assert_non_null(strstr(told, "f, line 6: "));
	told[0] = '\0';
	assert_int_equal(
	    dq_ids_add_text(ids, wide, sizeof(wide) - 1, "f", listen, told, NULL), DQ_OK);
	assert_int_equal(dq_ids_count(ids), 3);
	assert_non_null(strstr(told, "f, line 1: "));
}

static void nobody_needs_to_listen(void **state)
{
	static const char text[] = "a\nb c\nd\n";
	IDS ids = ids_make();

	(void)state;
	assert_int_equal(
	    dq_ids_add_text(ids, text, strlen(text), "f", NULL, NULL, NULL), DQ_OK);
	assert_ids(ids, "a d");
}

static void broken_json(void **state)
{
	static const char *const row[] = { "[", "[\"a\"", "[\"a\",]", "[\"a\"] x",
		"[\"a\" \"b\"]", "[\"\xff\"]", "[\"a\\u0000b\"]", "[a]", "[\"a\nb\"]" };

	(void)state;
	for (size_t i = 0; i < COUNT(row); i++) {
		struct dq_error err = { .message = "" };
		IDS ids = ids_make();

		print_message("# %zu\n", i);
		assert_int_equal(
		    dq_ids_add_text(ids, row[i], strlen(row[i]), "f", NULL, NULL, &err),
		    DQ_USAGE);
		assert_int_equal(dq_ids_count(ids), 0);
		assert_ptr_equal(strstr(err.message, "f "), err.message);
	}
}

static void too_large(void **state)
{
	static const size_t limit = (size_t)64 << 20;
	_cleanup_free_ char *text = malloc(limit + 1);
	struct dq_error err = { .message = "" };
	IDS ids = ids_make();

	(void)state;
	assert_non_null(text);
	memset(text, '#', limit + 1);
	assert_int_equal(
	    dq_ids_add_text(ids, text, limit + 1, "big", NULL, NULL, &err), DQ_USAGE);
	assert_string_equal(err.message, "big is larger than 64 MiB");
	assert_int_equal(
	    dq_ids_add_text(ids, text, limit, "big", NULL, NULL, &err), DQ_OK);
	assert_int_equal(dq_ids_count(ids), 0);
}

/* Each twice; a list that is searched from end to end would take minutes. */
static void a_hundred_thousand(void **state)
{
	enum { N = 100000, LINE = 37 };
	_cleanup_free_ char *text = malloc(2 * N * (size_t)LINE + 1);
	IDS ids = ids_make();
	char *at = text;

	(void)state;
	assert_non_null(text);
	for (unsigned i = 0; i < 2 * N; i++)
		at += sprintf(at, "%08x-4f89-41d3-9a0c-%012x\n", i % N, i % N * 7);
	assert_int_equal(
	    dq_ids_add_text(ids, text, (size_t)(at - text), "f", NULL, NULL, NULL),
	    DQ_OK);
	assert_int_equal(dq_ids_count(ids), N);
	assert_memory_equal(
	    dq_ids_list(ids)[N - 1], text + (size_t)(N - 1) * LINE, LINE - 1);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(arguments),
		cmocka_unit_test(a_bad_id_cannot_talk_to_the_terminal),
		cmocka_unit_test(long_bad_ids_are_cut),
		cmocka_unit_test(texts),
		cmocka_unit_test(nul_bytes_are_bad_lines),
		cmocka_unit_test(nobody_needs_to_listen),
		cmocka_unit_test(broken_json),
		cmocka_unit_test(too_large),
		cmocka_unit_test(a_hundred_thousand),
	};

	return cmocka_run_group_tests_name("ids", tests, NULL, NULL);
}
