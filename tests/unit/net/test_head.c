#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "net/head.h"

static const int64_t now_ms = 1700000000000; /* 2023-11-14T22:13:20Z */

#define HEAD _cleanup_(head_release) struct head

static enum err_kind read_all(struct head *head, const char *text, struct err *err)
{
	enum err_kind kind = ERR_OK;

	while (*text && kind == ERR_OK) {
		const size_t len = strcspn(text, "\n") + 1;

		kind = head_line(head, text, len, now_ms, err);
		text += len;
	}
	return kind;
}

static struct head must_read(const char *text)
{
	struct head head = head_make("h:1");
	struct err err = { 0 };

	if (read_all(&head, text, &err) != ERR_OK)
		fail_msg("%s: %s", text, err.msg);
	return head;
}

static void full_head(void **state)
{
	HEAD head = must_read(
	    "HTTP/1.1 206 Partial Content\r\nDate: Tue, 14 Nov 2023 22:13:20 GMT\r\n"
	    "CONTENT-LENGTH: 2\r\nContent-Type:image/png\r\nETag:   \"a b\"  \r\n"
	    "Last-Modified: x\r\nContent-Range: bytes 3-4/5\r\nX-Tt-Logid: 2026\r\n"
	    "Location: /there\r\nbyte-error-code: 00068\r\n\r\n");
	const struct net_head *view = &head.view;

	(void)state;
	assert_true(head.is_complete);
	assert_int_equal(view->status, 206);
	assert_int_equal(view->content_length, 2);
	assert_int_equal(view->date_unix_ms, now_ms);
	assert_int_equal(view->range_first, 3);
	assert_int_equal(view->range_last, 4);
	assert_int_equal(view->range_total, 5);
	assert_int_equal(view->retry_after_ms, -1);
	assert_string_equal(view->content_type, "image/png");
	assert_string_equal(view->etag, "\"a b\"");
	assert_string_equal(view->last_modified, "x");
	assert_string_equal(view->location, "/there");
	assert_string_equal(view->tt_logid, "2026");
	assert_string_equal(view->deny_reason, "00068");
	assert_string_equal(view->peer, "h:1");
}

static void nothing_told(void **state)
{
	HEAD head = must_read("HTTP/2 204 \r\n\r\n");
	const struct net_head *view = &head.view;

	(void)state;
	assert_true(head.is_complete);
	assert_int_equal(view->status, 204);
	assert_int_equal(view->content_length, -1);
	assert_int_equal(view->range_total, -1);
	assert_int_equal(view->date_unix_ms, -1);
	assert_null(view->etag);
	assert_null(view->deny_reason);
}

static const struct {
	const char *line;
	int64_t first, last, total;
} ranges[] = {
	{ "bytes 0-0/1", 0, 0, 1 },
	{ "bytes 0-99/*", 0, 99, -1 },
	{ "BYTES 1-2/3", 1, 2, 3 },
	{ "bytes */5", -1, -1, 5 },
	{ "bytes 5-4/10", -1, -1, -1 },
	{ "bytes 0-5/5", -1, -1, -1 },
	{ "bytes -5/5", -1, -1, -1 },
	{ "bytes 1-/5", -1, -1, -1 },
	{ "bytes 1-2", -1, -1, -1 },
	{ "bytes 1-2/", -1, -1, -1 },
	{ "bytes 1-2/x", -1, -1, -1 },
	{ "bytes 1-2/3 4", -1, -1, -1 },
	{ "items 1-2/3", -1, -1, -1 },
	{ "bytes", -1, -1, -1 },
	{ "bytes ", -1, -1, -1 },
	{ "bytes *", -1, -1, -1 },
	{ "bytes 99999999999999999999-1/3", -1, -1, -1 },
	{ "bytes 0-9223372036854775806/9223372036854775807", 0, INT64_MAX - 1,
	    INT64_MAX },
	{ "", -1, -1, -1 },
};

static void every_range(void **state)
{
	char text[256];

	(void)state;
	for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++) {
		(void)snprintf(text, sizeof(text),
		    "HTTP/1.1 206 x\r\nContent-Range: %s\r\n\r\n", ranges[i].line);
		HEAD head = must_read(text);

		if (head.view.range_first != ranges[i].first ||
		    head.view.range_last != ranges[i].last ||
		    head.view.range_total != ranges[i].total)
			fail_msg("'%s' gives %lld-%lld/%lld", ranges[i].line,
			    (long long)head.view.range_first,
			    (long long)head.view.range_last,
			    (long long)head.view.range_total);
	}
}

#define DATE "Date: Tue, 14 Nov 2023 22:13:00 GMT\r\n"

static const struct {
	const char *lines;
	int64_t wait_ms;
} waits[] = {
	{ "Retry-After: 7\r\n", 7000 },
	{ "Retry-After: 0\r\n", 0 },
	{ "Retry-After: 604801\r\n", 604800000 },
	{ "Retry-After: 99999999999999999999\r\n", 604800000 },
	{ "Retry-After: -5\r\n", -1 },
	{ "Retry-After: 1.5\r\n", -1 },
	{ "Retry-After: soon\r\n", -1 },
	{ "Retry-After:\r\n", -1 },
	{ "Retry-After: 3\r\nRetry-After: 9\r\n", 3000 },
	/* on the server's clock, when it tells it */
	{ "Retry-After: Tue, 14 Nov 2023 22:13:50 GMT\r\n", 30000 },
	{ DATE "Retry-After: Tue, 14 Nov 2023 22:13:50 GMT\r\n", 50000 },
	{ "Retry-After: Tue, 14 Nov 2023 22:13:50 GMT\r\n" DATE, 50000 },
	{ DATE "Retry-After: Tue, 14 Nov 2023 22:00:00 GMT\r\n", 0 },
	{ DATE "Retry-After: Tue, 14 Nov 2034 22:00:00 GMT\r\n", 604800000 },
	{ "Date: nonsense\r\nRetry-After: Tue, 14 Nov 2023 22:13:50 GMT\r\n", 30000 },
};

static void every_retry_after(void **state)
{
	char text[256];

	(void)state;
	for (size_t i = 0; i < sizeof(waits) / sizeof(waits[0]); i++) {
		(void)snprintf(
		    text, sizeof(text), "HTTP/1.1 429 x\r\n%s\r\n", waits[i].lines);
		HEAD head = must_read(text);

		if (head.view.retry_after_ms != waits[i].wait_ms)
			fail_msg("'%s' gives %lld", waits[i].lines,
			    (long long)head.view.retry_after_ms);
	}
}

static const struct {
	const char *lines;
	int64_t length;
} lengths[] = {
	{ "Content-Length: 0\r\n", 0 },
	{ "Content-Length: 5\r\nContent-Length: 5\r\n", 5 },
	{ "Content-Length: 9223372036854775807\r\n", INT64_MAX },
	{ "Content-Length: 9223372036854775808\r\n", -1 },
	{ "Content-Length: +5\r\n", -1 },
	{ "Content-Length: 5 5\r\n", -1 },
	{ "Content-Length: 0x5\r\n", -1 },
	{ "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", -1 },
};

static void every_length(void **state)
{
	char text[256];

	(void)state;
	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		(void)snprintf(
		    text, sizeof(text), "HTTP/1.1 200 x\r\n%s\r\n", lengths[i].lines);
		HEAD head = must_read(text);

		if (head.view.content_length != lengths[i].length)
			fail_msg("'%s' gives %lld", lengths[i].lines,
			    (long long)head.view.content_length);
	}
}

static void two_lengths(void **state)
{
	HEAD head = head_make("h:1");
	struct err err = { 0 };

	(void)state;
	assert_int_equal(
	    read_all(&head,
		"HTTP/1.1 200 x\r\nContent-Length: 5\r\nContent-Length: 6\r\n", &err),
	    ERR_CONTRACT);
	assert_non_null(strstr(err.msg, "'h:1'"));
	assert_non_null(strstr(err.msg, "two different lengths"));
}

/* What an interim answer says is forgotten, what a trailer says comes too late. */
static void only_the_final_head_counts(void **state)
{
	HEAD head = must_read(
	    "HTTP/1.1 103 Early Hints\r\nETag: \"early\"\r\nContent-Length: 9\r\n\r\n"
	    "HTTP/1.1 200 OK\r\n");

	(void)state;
	assert_false(head.is_complete);
	assert_null(head.texts[HEAD_ETAG]);
	assert_int_equal(head_line(&head, "\r\n", 2, now_ms, &(struct err){ 0 }), ERR_OK);
	assert_true(head.is_complete);
	assert_int_equal(
	    head_line(&head, "ETag: \"late\"\r\n", 14, now_ms, &(struct err){ 0 }),
	    ERR_OK);
	assert_null(head.view.etag);
	assert_int_equal(head.view.content_length, -1);
}

static void odd_lines_are_passed_over(void **state)
{
	HEAD head = must_read(
	    "HTTP/1.1 200\r\nno colon here\r\n folded: line\r\n: nameless\r\n:\r\n"
	    "ETag\r\nETag:\r\nETag: \"x\"\r\nETagger: \"y\"\r\n\r\n");

	(void)state;
	assert_true(head.is_complete);
	assert_string_equal(head.view.etag, "\"x\"");
}

static void values_are_safe_to_show(void **state)
{
	HEAD head =
	    must_read("HTTP/1.1 403 x\r\nx-exception-info: deny\x1b[31m\tcode\x7f 68\r\n"
		      "byte-error-code: 00068\r\nETag: \"\xe5\x9b\xbe\"\r\n\r\n");

	(void)state;
	assert_string_equal(head.view.deny_reason, "deny?[31m?code? 68");
	assert_string_equal(head.view.etag, "\"\xe5\x9b\xbe\"");
}

/* C1 controls, also as lone bytes, and what turns a line around. */
static void no_value_steers_a_terminal(void **state)
{
	HEAD head = must_read("HTTP/1.1 403 x\r\n"
			      "x-exception-info: \xc2\x9b"
			      "31m \x9b"
			      "1m \xe2\x80\xae\r\n"
			      "x-tt-logid: 20\xc2\x85"
			      "26\xe2\x81\xa6\r\n"
			      "Location: /\x9d"
			      "0;t\r\n\r\n");

	(void)state;
	assert_string_equal(head.view.deny_reason, "?31m ?1m ?");
	assert_string_equal(head.view.tt_logid, "20?26?");
	assert_string_equal(head.view.location, "/?0;t");
}

/* Two tags that look alike once they are shown are two tags all the same. */
static void a_tag_that_cannot_be_shown_is_none(void **state)
{
	HEAD head = must_read("HTTP/1.1 200 x\r\nETag: \"a\x01\"\r\n"
			      "Last-Modified: now\x9b\r\n\r\n");

	(void)state;
	assert_null(head.view.etag);
	assert_null(head.view.last_modified);
}

static void no_status(void **state)
{
	static const char *const lines[] = { "HTTP/1.1\r\n", "HTTP/1.1 abc\r\n",
		"HTTP/1.1 99 x\r\n", "HTTP/1.1 99999999999999999999 x\r\n", "HTTP/\r\n",
		"HTTP/1.1 -200\r\n" };

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		HEAD head = must_read(lines[i]);

		assert_int_equal(head.view.status, 0);
		assert_int_equal(
		    head_line(&head, "\r\n", 2, now_ms, &(struct err){ 0 }), ERR_OK);
		assert_false(head.is_complete);
	}
}

static void a_flood_ends(void **state)
{
	HEAD head = must_read("HTTP/1.1 200 OK\r\n");
	static const char line[] =
	    "X-Flood: 0123456789012345678901234567890123456789\r\n";
	struct err err = { 0 };
	size_t n = 0;

	(void)state;
	while (head_line(&head, line, sizeof(line) - 1, now_ms, &err) == ERR_OK)
		n += sizeof(line) - 1;
	assert_int_equal(err.kind, ERR_CONTRACT);
	assert_true(n <= HEAD_BYTES_MAX && n > HEAD_BYTES_MAX - 100);
	/* starting again doesn't reset the count */
	assert_int_equal(
	    head_line(&head, "HTTP/1.1 200 OK\r\n", 17, now_ms, &err), ERR_CONTRACT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(full_head),
		cmocka_unit_test(nothing_told),
		cmocka_unit_test(every_range),
		cmocka_unit_test(every_retry_after),
		cmocka_unit_test(every_length),
		cmocka_unit_test(two_lengths),
		cmocka_unit_test(only_the_final_head_counts),
		cmocka_unit_test(odd_lines_are_passed_over),
		cmocka_unit_test(values_are_safe_to_show),
		cmocka_unit_test(no_value_steers_a_terminal),
		cmocka_unit_test(a_tag_that_cannot_be_shown_is_none),
		cmocka_unit_test(no_status),
		cmocka_unit_test(a_flood_ends),
	};

	return cmocka_run_group_tests_name("head", tests, NULL, NULL);
}
