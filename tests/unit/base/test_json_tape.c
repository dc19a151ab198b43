/* A text read by tape is the text that cJSON reads, and that json_members() cuts. */
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/fs.h"
#include "base/json.h"
#include "base/json_tape.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

enum { TOKENS_MAX = 1 << 20, TEXT_MAX = 1 << 20 };

static struct json_tape tape_of(const char *text, size_t len)
{
	struct json_tape tape = { 0 };
	struct err err;

	assert_int_equal(json_scan_tape(text, len, TOKENS_MAX, &tape, &err), ERR_OK);
	assert_true(tape.n > 0);
	return tape;
}

/* Bit by bit, with everything that a reader of cJSON may follow. */
static void assert_same(const cJSON *ours, const cJSON *theirs)
{
	assert_int_equal(ours->type, theirs->type);
	assert_int_equal(ours->valueint, theirs->valueint);
	assert_memory_equal(
	    &ours->valuedouble, &theirs->valuedouble, sizeof(ours->valuedouble));
	assert_int_equal(!ours->string, !theirs->string);
	if (theirs->string)
		assert_string_equal(ours->string, theirs->string);
	assert_int_equal(!ours->valuestring, !theirs->valuestring);
	if (theirs->valuestring)
		assert_string_equal(ours->valuestring, theirs->valuestring);
}

static void assert_same_tree(const cJSON *ours, const cJSON *theirs)
{
	const cJSON *before = NULL;

	assert_same(ours, theirs);
	assert_int_equal(!ours->child, !theirs->child);
	ours = ours->child;
	theirs = theirs->child;
	if (ours)
		assert_null(ours->prev->next);
	for (; theirs; theirs = theirs->next) {
		assert_non_null(ours);
		if (before)
			assert_ptr_equal(ours->prev, before);
		assert_same_tree(ours, theirs);
		before = ours;
		ours = ours->next;
	}
	assert_null(ours);
}

static void check_members(const struct json_tape *tape, const char *text, size_t len)
{
	_cleanup_free_ struct json_member *cut = NULL;
	_cleanup_free_ struct json_member *scanned = NULL;
	size_t n_cut = 0, n_scanned = 0;
	struct err err;

	assert_int_equal(
	    json_tape_members_doubled(tape, 0, 1000, &cut, &n_cut, &err), ERR_OK);
	assert_int_equal(json_members_doubled((struct json_slice){ text, len }, 1000,
			     &scanned, &n_scanned, &err),
	    ERR_OK);
	assert_int_equal(n_cut, n_scanned);
	for (size_t i = 0; i < n_cut; i++) {
		assert_ptr_equal(cut[i].key.bytes, scanned[i].key.bytes);
		assert_int_equal(cut[i].key.len, scanned[i].key.len);
		assert_ptr_equal(cut[i].value.bytes, scanned[i].value.bytes);
		assert_int_equal(cut[i].value.len, scanned[i].value.len);
		assert_int_equal(cut[i].is_doubled, scanned[i].is_doubled);
		assert_int_equal(
		    tape->tokens[cut[i].token].at, (size_t)(cut[i].value.bytes - text));
	}
}

static void check_text(const char *text, size_t len)
{
	_cleanup_(json_tape_release) struct json_tape tape = tape_of(text, len);
	_cleanup_(json_tree_release) struct json_tree tree = { 0 };
	_cleanup_(json_deletep) cJSON *theirs = cJSON_ParseWithLength(text, len);
	_cleanup_(json_deletep) cJSON *checked = NULL;
	struct err err;

	assert_non_null(theirs);
	assert_true(json_tape_tree(&tape, 0, &tree));
	assert_same_tree(tree.root, theirs);
	assert_int_equal(tape.tokens[0].next, tape.n);
	if (cJSON_IsObject(theirs))
		check_members(&tape, text, len);
	if (!json_tape_may_double(&tape, 0))
		assert_int_equal(json_parse(text, len, &checked, &err), ERR_OK);
}

static void a_tree_is_that_of_cjson(void **state)
{
	static const char *const texts[] = { "{}", "[]", " [ ] ", "null", "true", "false",
		"\"\"", "0", "-0", "-0.0", "-0.5e+10", "1E400", "-1e400", "0.1",
		"1757778120.779", "123456789012345", "1234567890123456",
		"9007199254740993", "-9223372036854775808", "2147483647", "2147483648",
		"-2147483649", "1e-7", "0.000000000000001", "3.141592653589793238462643",
		"12345678901.2345", "[1,2,3]", "[[],{},[[]],{\"a\":{}}]",
		"{\"a\":{\"b\":[{},[],\"\",null]}}",
		"{\"{\":1,\"[\":[2],\"\":{\"{\":{\"}\":3}}}",
		"\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\"", "\"\\ud83c\\udfa8\"",
		"{\"\\u0061\":\"\\u0062\",\"b\":\"\xe5\x9b\xbe\"}",
		" \t\r\n[ 1 , 2 ]\n                 \n",
		"{ \"a\" : 1 , \"b\" : [ true ] }", "{\"a\":1,\"a\":2}",
		"[{\"a\":[{\"x\":1,\"x\":2}]}]" };

	(void)state;
	for (size_t i = 0; i < COUNT(texts); i++)
		check_text(texts[i], strlen(texts[i]));
}

static bool is_json(const struct buf *text)
{
	struct err err;

	return !json_scan(text->data, text->len, &err);
}

static void every_fixture_is_read_the_same(void **state)
{
	DIR *folder = opendir(getenv("FIXTURES"));
	size_t n = 0;

	(void)state;
	assert_non_null(folder);
	for (const struct dirent *entry; (entry = readdir(folder));) {
		_cleanup_(buf_release) struct buf text = buf_make(TEXT_MAX);
		_cleanup_free_ char *path = NULL;
		struct err err;

		if (!strstr(entry->d_name, ".json"))
			continue;
		assert_true(
		    asprintf(&path, "%s/%s", getenv("FIXTURES"), entry->d_name) > 0);
		assert_int_equal(fs_read_all(path, &text, &err), ERR_OK);
		if (!is_json(&text))
			continue;
		check_text(text.data, text.len);
		n++;
	}
	closedir(folder);
	assert_true(n > 40);
}

static void depth_is_what_the_scan_takes(void **state)
{
	char text[2 * JSON_DEPTH_MAX + 1];

	(void)state;
	memset(text, '[', JSON_DEPTH_MAX);
	memset(text + JSON_DEPTH_MAX, ']', JSON_DEPTH_MAX);
	check_text(text, 2 * JSON_DEPTH_MAX);
}

/* An object of `n` members below another one; the last has the key of member `twin`. */
static void make_wide(struct buf *text, int n, int twin)
{
	buf_addf(text, "{\"o\":[0,{");
	for (int i = 0; i < n; i++)
		buf_addf(text, "%s\"a key %d\":{\"same\":%d}", i ? "," : "",
		    i == n - 1 && twin >= 0 ? twin : i, i);
	buf_addf(text, "}]}");
	assert_false(buf_failed(text));
}

static void twins_are_found_at_any_width(void **state)
{
	static const int widths[] = { 2, 8, 9, 64, 128, 129, 500 };

	(void)state;
	for (size_t i = 0; i < COUNT(widths); i++)
		for (int twin = -1; twin < widths[i] - 1; twin++) {
			_cleanup_(buf_release) struct buf text = buf_make(TEXT_MAX);
			_cleanup_(json_tape_release) struct json_tape tape = { 0 };

			make_wide(&text, widths[i], twin);
			tape = tape_of(text.data, text.len);
			assert_int_equal(
			    json_tape_may_double(&tape, 0), twin >= 0 || widths[i] > 128);
		}
}

static void keys_with_escapes_may_double(void **state)
{
	static const char text[] = "{\"a\":1,\"\\u0061\":2}", value[] = "{\"a\":\"\\n\"}";
	_cleanup_(json_tape_release) struct json_tape tape =
	    tape_of(text, sizeof(text) - 1);
	_cleanup_(json_tape_release) struct json_tape other =
	    tape_of(value, sizeof(value) - 1);

	(void)state;
	assert_true(json_tape_may_double(&tape, 0));
	assert_false(json_tape_may_double(&other, 0));
}

static void paths_are_found(void **state)
{
	static const char text[] = "{\"ab\":0,\"a\":{\"b\":{\"c\":[7]},\"bc\":1},\"\":2}";
	static const struct {
		const char *path, *found; /* NULL: not there */
	} rows[] = {
		{ "a.b.c", "[7]" },
		{ "a.bc", "1" },
		{ "ab", "0" },
		{ "", "2" },
		{ "a.b.c.d", NULL },
		{ "ab.a", NULL },
		{ "a.", NULL },
		{ "b", NULL },
	};
	_cleanup_(json_tape_release) struct json_tape tape =
	    tape_of(text, sizeof(text) - 1);

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const size_t at = json_tape_find(&tape, 0, rows[i].path);
		const struct json_token *token = &tape.tokens[at];

		assert_int_equal(at != 0, rows[i].found != NULL);
		if (!rows[i].found)
			continue;
		assert_int_equal(token->len, strlen(rows[i].found));
		assert_memory_equal(text + token->at, rows[i].found, token->len);
	}
}

static void a_tape_has_a_ceiling(void **state)
{
	_cleanup_(buf_release) struct buf text = buf_make(TEXT_MAX);
	struct json_tape tape = { 0 };
	struct err err;

	(void)state;
	buf_addf(&text, "[0");
	for (int i = 1; i < 5000; i++)
		buf_addf(&text, ",{\"a\":[]}");
	buf_addf(&text, "]");
	assert_int_equal(json_scan_tape(text.data, text.len, 1000, &tape, &err), ERR_OK);
	assert_int_equal(tape.n, 0);
	assert_null(tape.tokens);
	buf_add(&text, "]", 1);
	assert_int_equal(
	    json_scan_tape(text.data, text.len, 1000, &tape, &err), ERR_CONTRACT);
}

static void values_are_counted_without_keys(void **state)
{
	static const char text[] = "[{\"{\":{},\"a\":[1,2]},\"x\"]";
	_cleanup_(json_tape_release) struct json_tape tape =
	    tape_of(text, sizeof(text) - 1);

	(void)state;
	assert_true(json_tape_has_more(&tape, 0, 6));
	assert_false(json_tape_has_more(&tape, 0, 7));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_tree_is_that_of_cjson),
		cmocka_unit_test(every_fixture_is_read_the_same),
		cmocka_unit_test(depth_is_what_the_scan_takes),
		cmocka_unit_test(twins_are_found_at_any_width),
		cmocka_unit_test(keys_with_escapes_may_double),
		cmocka_unit_test(paths_are_found),
		cmocka_unit_test(a_tape_has_a_ceiling),
		cmocka_unit_test(values_are_counted_without_keys),
	};

	return cmocka_run_group_tests_name("json_tape", tests, NULL, NULL);
}
