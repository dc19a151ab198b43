/* JSON in pieces: the same is told however it is cut. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/json_feed.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

enum { TRACE_MAX = 4096 };

static enum err_kind write_down(
    void *payload, const struct json_feed_event *event, struct err *err)
{
	struct buf *trace = payload;

	(void)err;
	switch (event->what) {
	case JSON_FEED_OBJECT:
		buf_addf(trace, "{");
		break;
	case JSON_FEED_ARRAY:
		buf_addf(trace, "[");
		break;
	case JSON_FEED_END:
		buf_addf(trace, ">");
		break;
	case JSON_FEED_KEY:
		assert_int_equal(strlen(event->bytes), event->len);
		buf_addf(trace, "%s:", event->bytes);
		break;
	case JSON_FEED_TEXT:
		buf_add(trace, event->bytes, event->len);
		buf_addf(trace, "%s", event->is_last ? "|" : "");
		break;
	case JSON_FEED_WORD:
		assert_int_equal(strlen(event->bytes), event->len);
		buf_addf(trace, "(%s)", event->bytes);
		break;
	}
	return ERR_OK;
}

/* In two pieces, or one byte at a time when `cut` is 0. */
static enum err_kind feed(
    const char *text, size_t cut, struct buf *trace, struct err *err)
{
	struct json_feed reader = json_feed_make(write_down, trace);
	const size_t len = strlen(text);

	if (cut > 0) {
		if (json_feed_add(&reader, text, cut, err) ||
		    json_feed_add(&reader, text + cut, len - cut, err))
			return err->kind;
	}
	for (size_t i = 0; cut == 0 && i < len; i++)
		if (json_feed_add(&reader, text + i, 1, err))
			return err->kind;
	return json_feed_end(&reader, err);
}

static void the_same_however_it_is_cut(void **state)
{
	static const struct {
		const char *text, *trace;
	} row[] = {
		{ "", "" },
		{ " \n", "" },
		{ "{}", "{>" },
		{ "[]", "[>" },
		{ "{\"a\":1}", "{a:(1)>" },
		{ "{\"a\" : \"b\" , \"c\":[1,-2.5e+3,true,null,\"\"]}",
		    "{a:b|c:[(1)(-2.5e+3)(true)(null)|>>" },
		{ "[[[]],{\"x\":{}}]", "[[[>>{x:{>>>" },
		{ "{\"a\":1}\n{\"a\":2}\n3 \"x\" 4", "{a:(1)>{a:(2)>(3)x|(4)" },
		{ "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"\\/\b\f\n\r\t|" },
		{ "\"\\u0041\\u00e9\\u732b\\ud83d\\udc31\"", "A\u00e9\u732b\U0001f431|" },
		{ "\"\\ud83dx\\udc31\\u0000\"", "\ufffdx\ufffd\ufffd|" },
		{ "{\"\\u0061\":\"{}\"}", "{a:{}|>" },
		{ "{\"0123456789012345678901234567890123456789012345678901234567890123\":"
		  "1}",
		    "{0123456789012345678901234567890123456789012345678901234567890123:"
		    "(1)>" },
		{ "{\"01234567890123456789012345678901234567890123456789012345678901234\""
		  ":1}",
		    "{:(1)>" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(row); i++) {
		print_message("# %s\n", row[i].text);
		for (size_t cut = 0; cut <= strlen(row[i].text); cut++) {
			_cleanup_(buf_release) struct buf trace = buf_make(TRACE_MAX);
			struct err err = { .msg = "" };

			assert_int_equal(feed(row[i].text, cut, &trace, &err), ERR_OK);
			assert_string_equal(trace.data, row[i].trace);
		}
	}
}

static void what_is_no_json_is_told(void **state)
{
	static const struct {
		const char *text, *why;
	} row[] = {
		{ "[", "byte 1: it ends in the middle" },
		{ "{\"a", "byte 3: it ends in the middle" },
		{ "[1", "byte 2: it ends in the middle" },
		{ "]", "byte 0: a value is expected" },
		{ "[1}", "byte 2: a bracket that closes nothing" },
		{ "[1,]", "byte 3: a value is expected" },
		{ "[1 2]", "byte 3: a comma is expected" },
		{ "{1:2}", "byte 1: a key is expected" },
		{ "{\"a\",1}", "byte 4: a colon is expected" },
		{ "{\"a\":1,}", "byte 7: a key is expected" },
		{ "[\"\\x\"]", "byte 3: an unknown escape" },
		{ "[\"\\u00g0\"]", "byte 6: \\u wants four hexadecimal digits" },
		{ "<html>", "byte 0: a value is expected" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(row); i++) {
		_cleanup_(buf_release) struct buf trace = buf_make(TRACE_MAX);
		struct err err = { .msg = "" };

		print_message("# %s\n", row[i].text);
		assert_int_equal(feed(row[i].text, 0, &trace, &err), ERR_CONTRACT);
		assert_string_equal(err.msg, row[i].why);
	}
}

static void depth_has_an_end(void **state)
{
	_cleanup_(buf_release) struct buf trace = buf_make(TRACE_MAX);
	char text[2 * JSON_DEPTH_MAX + 3];
	struct err err = { .msg = "" };

	(void)state;
	memset(text, '[', JSON_DEPTH_MAX);
	memset(text + JSON_DEPTH_MAX, ']', JSON_DEPTH_MAX);
	text[(size_t)2 * JSON_DEPTH_MAX] = '\0';
	assert_int_equal(feed(text, 0, &trace, &err), ERR_OK);
	memset(text, '[', JSON_DEPTH_MAX + 1);
	assert_int_equal(feed(text, 0, &trace, &err), ERR_CONTRACT);
	assert_string_equal(err.msg, "byte 64: too deep");
}

static enum err_kind fail_at_once(
    void *payload, const struct json_feed_event *event, struct err *err)
{
	(void)payload;
	(void)event;
	return err_set(err, ERR_NOMEM, "no");
}

static void the_listener_may_end_it(void **state)
{
	struct json_feed reader = json_feed_make(fail_at_once, NULL);
	struct err err = { .msg = "" };

	(void)state;
	assert_int_equal(json_feed_add(&reader, "[1]", 3, &err), ERR_NOMEM);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_same_however_it_is_cut),
		cmocka_unit_test(what_is_no_json_is_told),
		cmocka_unit_test(depth_has_an_end),
		cmocka_unit_test(the_listener_may_end_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
