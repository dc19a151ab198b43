#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "base/fs.h"
#include "base/json.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

/* `at`: the byte to blame; -1: fine. */
static const struct {
	const char *text;
	int at;
	const char *why;
} texts[] = {
	{ "{}", -1, "" },
	{ "[]", -1, "" },
	{ " \t\r\n[ 1 , 2 ] \n", -1, "" },
	{ "null", -1, "" },
	{ "true", -1, "" },
	{ "false", -1, "" },
	{ "\"\"", -1, "" },
	{ "0", -1, "" },
	{ "-0", -1, "" },
	{ "-0.5e+10", -1, "" },
	{ "1E400", -1, "" },
	{ "{\"a\":{\"b\":[{},[],\"\",null]}}", -1, "" },
	{ "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\"", -1, "" },
	{ "\"\\ud83c\\udfa8\"", -1, "" },
	{ "\"图片 🎨\"", -1, "" },
	{ "\"\x7f\"", -1, "" },
	{ "", 0, "empty" },
	{ "  \n", 0, "empty" },
	{ "\xef\xbb\xbf{}", 0, "a value is expected" },
	{ "<html>", 0, "a value is expected" },
	{ "nul", 0, "neither" },
	{ "nulL", 0, "neither" },
	{ "True", 0, "a value is expected" },
	{ "NaN", 0, "a value is expected" },
	{ "Infinity", 0, "a value is expected" },
	{ "-Infinity", 0, "number" },
	{ "01", 1, "follows" },
	{ "1.", 0, "number" },
	{ ".5", 0, "a value is expected" },
	{ "+1", 0, "a value is expected" },
	{ "-", 0, "number" },
	{ "1e", 0, "number" },
	{ "1e+", 0, "number" },
	{ "0x10", 1, "follows" },
	{ "1 2", 2, "follows" },
	{ "{} x", 3, "follows" },
	{ "{}{}", 2, "follows" },
	{ "[1,]", 3, "a value is expected" },
	{ "[,1]", 1, "a value is expected" },
	{ "[1 2]", 3, "comma or ]" },
	{ "[1}", 2, "comma or ]" },
	{ "{\"a\":1,}", 7, "key is expected" },
	{ "{a:1}", 1, "key is expected" },
	{ "{'a':1}", 1, "key is expected" },
	{ "{\"a\" 1}", 5, "colon" },
	{ "{\"a\":}", 5, "a value is expected" },
	{ "{\"a\":1 \"b\":2}", 7, "comma or }" },
	{ "{\"a\":1]", 6, "comma or }" },
	{ "{1:2}", 1, "key is expected" },
	{ "[", 1, "ends" },
	{ "[1", 2, "ends" },
	{ "{", 1, "ends" },
	{ "{\"a\"", 4, "colon" },
	{ "\"abc", 4, "ends inside a string" },
	{ "\"abc\\", 5, "ends inside a string" },
	{ "\"a\nb\"", 2, "control" },
	{ "\"a\tb\"", 2, "control" },
	{ "\"\\x41\"", 1, "escape" },
	{ "\"\\u12g4\"", 1, "hex" },
	{ "\"\\u12", 1, "hex" },
	{ "\"ab\\u0000\"", 3, "NUL" },
	{ "\"\\ud800\"", 1, "surrogate" },
	{ "\"\\udfa8\"", 1, "surrogate" },
	{ "\"\\ud83c\\u0041\"", 1, "surrogate" },
	{ "\"\\ud83c\\ud83c\"", 1, "surrogate" },
	{ "\"\\ud83cxudfa8\"", 1, "surrogate" },
	{ "\"\xff\"", 1, "UTF-8" },
	{ "\"\xed\xa0\x80\"", 1, "UTF-8" },
	{ "\"\xc0\x80\"", 1, "UTF-8" },
	{ "\"\xe5\x9b\"", 1, "UTF-8" },
	{ "\"\xe5\x9b", 1, "UTF-8" },
	{ "/* c */ 1", 0, "a value is expected" },
	{ "1 // c", 2, "follows" },
	{ "\f1", 0, "a value is expected" },
	{ "\xc2\xa0"
	  "1",
	    0, "a value is expected" },
};

static void grammar(void **state)
{
	char at[40];

	(void)state;
	for (size_t i = 0; i < COUNT(texts); i++) {
		/* Of the exact size, so that a read too far is seen. */
		const size_t len = strlen(texts[i].text);
		_cleanup_free_ char *copy = malloc(len + !len);
		_cleanup_(json_deletep) cJSON *json = NULL;
		struct err err = { 0 };
		enum err_kind kind;

		memcpy(copy, texts[i].text, len);
		kind = json_scan(copy, len, &err);
		print_message("# %s\n", err.msg);
		assert_int_equal(json_parse(copy, len, &json, &err), kind);
		assert_int_equal(kind, texts[i].at < 0 ? ERR_OK : ERR_CONTRACT);
		if (!kind)
			continue;
		assert_non_null(strstr(err.msg, texts[i].why));
		(void)snprintf(at, sizeof(at), "at byte %d:", texts[i].at);
		assert_true(strstr(err.msg, at) || !strcmp(texts[i].why, "empty"));
	}
}

/* An odd byte at every place of a long string, where the eight-byte steps are. */
static void every_place_of_a_string_is_looked_at(void **state)
{
	static const char odd[] = { 0x01, 0x1f, '\n', (char)0x80, (char)0xff };
	char text[43];
	struct err err;

	(void)state;
	for (size_t at = 1; at < sizeof(text) - 1; at++) {
		for (size_t i = 0; i < sizeof(odd); i++) {
			memset(text, '~', sizeof(text));
			text[0] = text[sizeof(text) - 1] = '"';
			assert_int_equal(json_scan(text, sizeof(text), &err), ERR_OK);
			text[at] = odd[i];
			assert_int_equal(
			    json_scan(text, sizeof(text), &err), ERR_CONTRACT);
		}
		text[at] = '"';
		assert_int_equal(json_scan(text, sizeof(text), &err),
		    at == sizeof(text) - 1 ? ERR_OK : ERR_CONTRACT);
		text[at] = '\\';
		assert_int_equal(json_scan(text, sizeof(text), &err), ERR_CONTRACT);
	}
}

static void nest(struct buf *b, const char *open, const char *close, int n)
{
	for (int i = 0; i < n; i++)
		buf_addf(b, "%s", open);
	buf_addf(b, "0");
	for (int i = 0; i < n && close; i++)
		buf_addf(b, "%s", close);
}

static void depth_has_a_ceiling(void **state)
{
	static const char *const shapes[][2] = { { "[", "]" }, { "{\"a\":", "}" },
		{ "[{\"a\":", "}]" }, { "[0,", "]" } };

	(void)state;
	for (size_t i = 0; i < COUNT(shapes); i++) {
		const int levels = i == 2 ? 2 : 1;

		for (int n = JSON_DEPTH_MAX - 2; n <= JSON_DEPTH_MAX + 2; n++) {
			_cleanup_(buf_release) struct buf b = buf_make(1 << 20);
			_cleanup_(json_deletep) cJSON *json = NULL;
			struct err err;

			nest(&b, shapes[i][0], shapes[i][1], n);
			assert_int_equal(json_parse(b.data, b.len, &json, &err),
			    n * levels <= JSON_DEPTH_MAX ? ERR_OK : ERR_CONTRACT);
		}
	}
}

static void a_hundred_thousand_deep(void **state)
{
	_cleanup_(buf_release) struct buf b = buf_make(1 << 22);
	struct json_member *members;
	struct err err;
	size_t n;

	(void)state;
	nest(&b, "{\"a\":", NULL, 100000);
	assert_int_equal(json_scan(b.data, b.len, &err), ERR_CONTRACT);
	assert_non_null(strstr(err.msg, "64 deep"));
	assert_int_equal(
	    json_members((struct json_slice){ b.data, b.len }, 10, &members, &n, &err),
	    ERR_CONTRACT);
}

static void put_keys(struct buf *b, int n)
{
	for (int i = 0; i < n; i++)
		buf_addf(b, "%s\"k%d\":%d", i ? "," : "{", (int)(i * 7919LL % n), i);
}

static void a_million_keys(void **state)
{
	_cleanup_(buf_release) struct buf b = buf_make(1 << 25);
	struct json_member *members = NULL;
	struct err err;
	size_t n = 0;

	(void)state;
	put_keys(&b, 1000000);
	buf_addf(&b, "}");
	assert_int_equal(json_scan(b.data, b.len, &err), ERR_OK);
	assert_int_equal(json_members((struct json_slice){ b.data, b.len }, 999999,
			     &members, &n, &err),
	    ERR_CONTRACT);
	assert_non_null(strstr(err.msg, "999999"));
	assert_null(members);
}

static void one_duplicate_among_many_keys(void **state)
{
	_cleanup_(buf_release) struct buf b = buf_make(1 << 25);
	_cleanup_free_ struct json_member *members = NULL;
	struct err err;
	size_t n = 0;

	(void)state;
	put_keys(&b, 200000);
	buf_addf(&b, "}");
	assert_int_equal(json_members((struct json_slice){ b.data, b.len }, 200000,
			     &members, &n, &err),
	    ERR_OK);
	assert_int_equal(n, 200000);
	free(TAKE_PTR(members));
	b.len--;
	buf_addf(&b, ",\"k\\u0031\":0}");
	assert_int_equal(json_members((struct json_slice){ b.data, b.len }, 200001,
			     &members, &n, &err),
	    ERR_CONTRACT);
	assert_non_null(strstr(err.msg, "'k1' is there twice"));
}

static void members_are_slices(void **state)
{
	static const char text[] =
	    " { \"a\" : [1, {\"x\":2}] ,\"b\\n\":\"v\", \"c\":null } trailing";
	_cleanup_free_ struct json_member *members = NULL;
	struct err err;
	size_t n = 0;

	(void)state;
	assert_int_equal(json_members((struct json_slice){ text, strlen(text) }, 3,
			     &members, &n, &err),
	    ERR_OK);
	assert_int_equal(n, 3);
	assert_int_equal(members[0].key.len, 1);
	assert_memory_equal(members[0].value.bytes, "[1, {\"x\":2}]", 12);
	assert_int_equal(members[0].value.len, 12);
	assert_int_equal(members[1].key.len, 3);
	assert_memory_equal(members[1].key.bytes, "b\\n", 3);
	assert_int_equal(members[1].value.len, 3);
	assert_memory_equal(members[2].value.bytes, "null", 4);
}

static void members_of_other_things(void **state)
{
	static const struct {
		const char *text;
		enum err_kind kind;
	} row[] = {
		{ "{}", ERR_OK },
		{ " { } ", ERR_OK },
		{ "[]", ERR_CONTRACT },
		{ "null", ERR_CONTRACT },
		{ "\"{}\"", ERR_CONTRACT },
		{ "", ERR_CONTRACT },
		{ "{", ERR_CONTRACT },
		{ "{\"a\":1", ERR_CONTRACT },
		{ "{\"a\":1,", ERR_CONTRACT },
		{ "{\"a\":1,}", ERR_CONTRACT },
		{ "{\"a\":[1}", ERR_CONTRACT },
		{ "{\"a\":1,\"a\":2}", ERR_CONTRACT },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(row); i++) {
		const struct json_slice slice = { row[i].text, strlen(row[i].text) };
		struct json_member *members = NULL;
		struct err err;
		size_t n = 9;

		assert_int_equal(
		    json_members(slice, 100, &members, &n, &err), row[i].kind);
		assert_null(members);
		assert_int_equal(n, row[i].kind ? 9 : 0);
	}
}

static void unescapes(void **state)
{
	static const struct {
		const char *raw, *text; /* NULL: refused */
	} row[] = {
		{ "", "" },
		{ "abc", "abc" },
		{ "\"abc\"", "abc" },
		{ "\"\"", "" },
		{ "a\\\"b\\\\c\\/d", "a\"b\\c/d" },
		{ "\\b\\f\\n\\r\\t", "\b\f\n\r\t" },
		{ "\\u0041\\u00e9\\u56fE\\ud83c\\udFA8", "Aé图🎨" },
		{ "?a=1\\u0026b", "?a=1&b" },
		{ "\\u0000", NULL },
		{ "\\ud83c", NULL },
		{ "\\u12", NULL },
		{ "\\", NULL },
		{ "\\q", NULL },
		{ "\"abc", NULL },
		{ "\"", NULL },
		{ "a\"b", NULL },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(row); i++) {
		_cleanup_free_ char *text =
		    json_unescape((struct json_slice){ row[i].raw, strlen(row[i].raw) });

		print_message("# %s\n", row[i].raw);
		if (row[i].text)
			assert_string_equal(text, row[i].text);
		else
			assert_null(text);
	}
}

static void fixture(struct buf *into)
{
	_cleanup_free_ char *path =
	    fs_join(getenv("FIXTURES"), "history_success_image_web_full.json");
	struct err err;

	assert_non_null(path);
	assert_int_equal(fs_read_all(path, into, &err), ERR_OK);
}

static void a_captured_answer(void **state)
{
	_cleanup_(buf_release) struct buf b = buf_make(1 << 20);
	_cleanup_(json_deletep) cJSON *json = NULL;
	struct err err;

	(void)state;
	fixture(&b);
	assert_int_equal(json_parse(b.data, b.len, &json, &err), ERR_OK);
	assert_string_equal(json_get_string(json, "ret", NULL), "0");
}

static void an_answer_cut_anywhere_is_refused(void **state)
{
	_cleanup_(buf_release) struct buf b = buf_make(1 << 20);
	size_t end;
	struct err err;

	(void)state;
	fixture(&b);
	end = b.len;
	while (end > 0 && b.data[end - 1] != '}')
		end--;
	/* Every byte near both ends, every 31st between: the middle repeats itself. */
	for (size_t n = 0; n < end; n += n < 1500 || n > end - 1500 ? 1 : 31) {
		_cleanup_free_ char *cut = malloc(n + !n);

		memcpy(cut, b.data, n);
		assert_int_equal(json_scan(cut, n, &err), ERR_CONTRACT);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(grammar),
		cmocka_unit_test(every_place_of_a_string_is_looked_at),
		cmocka_unit_test(depth_has_a_ceiling),
		cmocka_unit_test(a_hundred_thousand_deep),
		cmocka_unit_test(a_million_keys),
		cmocka_unit_test(one_duplicate_among_many_keys),
		cmocka_unit_test(members_are_slices),
		cmocka_unit_test(members_of_other_things),
		cmocka_unit_test(unescapes),
		cmocka_unit_test(a_captured_answer),
		cmocka_unit_test(an_answer_cut_anywhere_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
