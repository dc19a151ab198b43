/* What goes out and what comes back, when both sides behave. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "harness.h"
#include "rawserver.h"

#define NET _cleanup_(harness_netp) struct net *
#define SERVER _cleanup_(raw_stopp) struct raw_server *
#define OUTCOME _cleanup_(outcome_release) struct outcome

static const struct net_config local = { .allow_private_cdn = true };

static void always_hello(struct raw_peer *peer, void *payload)
{
	const char *head = payload ? payload : "";

	while (raw_read(peer))
		raw_answer(peer, 200, head, "hello");
}

static void exact_headers(void **state)
{
	static const char *const headers[] = { "Content-Type: application/json",
		"appid: 513695", "tdid:", "accept: application/json, text/plain, */*",
		NULL };
	SERVER server = raw_start(always_hello, NULL);
	NET net = harness_net(&local);
	OUTCOME outcome = { 0 };
	struct net_spec spec = { .role = NET_API,
		.method = "POST",
		.headers = headers,
		.cookie = "sessionid=abc",
		.cookie_header = "cookie",
		.body = "{\"a\":1}",
		.body_len = 7,
		.wants_gzip = true };
	char expected[512];

	(void)state;
	spec.url = raw_url(server, "/mweb/v1/x?aid=1&region=cn");
	harness_run(net, &spec, &outcome);
	assert_int_equal(outcome.err.kind, ERR_OK);
	(void)snprintf(expected, sizeof(expected),
	    "POST /mweb/v1/x?aid=1&region=cn HTTP/1.1\r\nHost: 127.0.0.1:%u\r\n"
	    "Accept-Encoding: gzip\r\nContent-Type: application/json\r\nappid: 513695\r\n"
	    "tdid:\r\naccept: application/json, text/plain, */*\r\ncookie: "
	    "sessionid=abc\r\n"
	    "Content-Length: 7\r\n\r\n{\"a\":1}",
	    raw_port(server));
	assert_string_equal(raw_request(server, 0), expected);
}

static void bare_get(void **state)
{
	SERVER server = raw_start(always_hello, NULL);
	NET net = harness_net(&local);
	OUTCOME outcome = { 0 };
	char expected[256];

	(void)state;
	harness_run(net,
	    &(struct net_spec){
		.role = NET_CDN, .url = raw_url(server, "/a~b:0:0.png?x=1") },
	    &outcome);
	assert_int_equal(outcome.err.kind, ERR_OK);
	assert_true(outcome.sent);
	assert_int_equal(outcome.heads, 1);
	assert_string_equal(outcome.body, "hello");
	(void)snprintf(expected, sizeof(expected),
	    "GET /a~b:0:0.png?x=1 HTTP/1.1\r\nHost: 127.0.0.1:%u\r\n\r\n",
	    raw_port(server));
	assert_string_equal(raw_request(server, 0), expected);
}

static void empty_post(void **state)
{
	SERVER server = raw_start(always_hello, NULL);
	NET net = harness_net(&local);
	OUTCOME outcome = { 0 };

	(void)state;
	harness_run(net,
	    &(struct net_spec){ .method = "POST", .url = raw_url(server, "/") },
	    &outcome);
	assert_int_equal(outcome.err.kind, ERR_OK);
	assert_non_null(strstr(raw_request(server, 0), "\r\nContent-Length: 0\r\n"));
	assert_null(strcasestr(raw_request(server, 0), "content-type"));
}

/* A body bigger than what curl sends without asking, in one piece and without Expect. */
static void big_post(void **state)
{
	enum { LEN = 300 * 1000 };
	SERVER server = raw_start(always_hello, NULL);
	NET net = harness_net(&local);
	_cleanup_free_ char *body = malloc(LEN);
	OUTCOME outcome = { 0 };

	(void)state;
	assert_non_null(body);
	memset(body, 'x', LEN);
	harness_run(net,
	    &(struct net_spec){ .method = "POST",
		.url = raw_url(server, "/"),
		.body = body,
		.body_len = LEN },
	    &outcome);
	assert_int_equal(outcome.err.kind, ERR_OK);
	assert_null(strcasestr(raw_request(server, 0), "expect"));
	assert_int_equal(strlen(strstr(raw_request(server, 0), "\r\n\r\n")), LEN + 4);
}

static void keep_alive(void **state)
{
	SERVER server = raw_start(always_hello, NULL);
	NET net = harness_net(&local);

	(void)state;
	for (int i = 0; i < 5; i++) {
		OUTCOME outcome = { 0 };

		harness_run(
		    net, &(struct net_spec){ .url = raw_url(server, "/") }, &outcome);
		assert_int_equal(outcome.err.kind, ERR_OK);
	}
	assert_int_equal(raw_requests(server), 5);
	assert_int_equal(raw_connections(server), 1);
}

static void partial_content(struct raw_peer *peer, void *payload)
{
	(void)payload;
	if (raw_read(peer))
		raw_answer(
		    peer, 206, "Content-Range: bytes 3-4/5\r\nETag: \"e1\"\r\n", "lo");
}

static void range(void **state)
{
	SERVER server = raw_start(partial_content, NULL);
	NET net = harness_net(&local);
	OUTCOME outcome = { 0 };

	(void)state;
	harness_run(net,
	    &(struct net_spec){ .role = NET_CDN,
		.url = raw_url(server, "/f"),
		.range_from = 3,
		.if_range = "\"e1\"",
		.wants_gzip = true },
	    &outcome);
	assert_int_equal(outcome.err.kind, ERR_OK);
	assert_non_null(strstr(
	    raw_request(server, 0), "\r\nRange: bytes=3-\r\nIf-Range: \"e1\"\r\n"));
	assert_null(strcasestr(raw_request(server, 0), "accept-encoding"));
	assert_int_equal(outcome.head.status, 206);
	assert_int_equal(outcome.head.range_first, 3);
	assert_int_equal(outcome.head.range_last, 4);
	assert_int_equal(outcome.head.range_total, 5);
	assert_int_equal(outcome.head.content_length, 2);
	assert_string_equal(outcome.etag, "\"e1\"");
	assert_string_equal(outcome.body, "lo");
}

/* A server that ignores the range, or has none to give: for the caller to judge. */
static void unsatisfiable(struct raw_peer *peer, void *payload)
{
	(void)payload;
	if (raw_read(peer))
		raw_answer(peer, 416, "Content-Range: bytes */5\r\n", "no");
	if (raw_read(peer))
		raw_answer(peer, 200, "", "hello");
}

static void range_refused(void **state)
{
	SERVER server = raw_start(unsatisfiable, NULL);
	NET net = harness_net(&local);
	const struct net_spec spec = {
		.role = NET_CDN, .url = raw_url(server, "/f"), .range_from = 9
	};
	OUTCOME first = { 0 };
	OUTCOME second = { 0 };

	(void)state;
	harness_run(net, &spec, &first);
	assert_int_equal(first.err.kind, ERR_OK);
	assert_int_equal(first.head.status, 416);
	assert_int_equal(first.head.range_total, 5);
	harness_run(net, &spec, &second);
	assert_int_equal(second.err.kind, ERR_OK);
	assert_int_equal(second.head.status, 200);
	assert_string_equal(second.body, "hello");
}

/* gzip of "hello gzip\n" */
static const unsigned char small_gzip[] = { 0x1f, 0x8b, 0x08, 0, 0, 0, 0, 0, 0, 0x03,
	0xcb, 0x48, 0xcd, 0xc9, 0xc9, 0x57, 0x48, 0xaf, 0xca, 0x2c, 0xe0, 0x02, 0, 0x39,
	0x7c, 0x63, 0x56, 0x0b, 0, 0, 0 };

static void say_gzip(struct raw_peer *peer, void *payload)
{
	(void)payload;
	while (raw_read(peer)) {
		raw_say(peer,
		    "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: "
		    "%zu\r\n\r\n",
		    sizeof(small_gzip));
		raw_say_bytes(peer, small_gzip, sizeof(small_gzip));
	}
}

static void gzip(void **state)
{
	SERVER server = raw_start(say_gzip, NULL);
	NET net = harness_net(&local);
	OUTCOME asked = { 0 };
	OUTCOME unasked = { 0 };

	(void)state;
	harness_run(net,
	    &(struct net_spec){ .url = raw_url(server, "/"), .wants_gzip = true },
	    &asked);
	assert_int_equal(asked.err.kind, ERR_OK);
	assert_string_equal(asked.body, "hello gzip\n");
	assert_int_equal(asked.head.content_length, -1);
	harness_run(net, &(struct net_spec){ .url = raw_url(server, "/") }, &unasked);
	assert_int_equal(unasked.err.kind, ERR_OK);
	assert_int_equal(unasked.len, sizeof(small_gzip));
	assert_memory_equal(unasked.body, small_gzip, sizeof(small_gzip));
}

/* The same with another length at its end, or with something behind it. */
static void say_bad_gzip(struct raw_peer *peer, void *payload)
{
	const size_t *which = payload;
	unsigned char bytes[sizeof(small_gzip) + 40] = { 0 };
	const size_t len = sizeof(small_gzip) + (*which ? 40 : 0);

	memcpy(bytes, small_gzip, sizeof(small_gzip));
	if (*which)
		memset(bytes + sizeof(small_gzip), 'x', 40);
	else
		bytes[sizeof(small_gzip) - 4]++;
	while (raw_read(peer)) {
		raw_say(peer,
		    "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: "
		    "%zu\r\n\r\n",
		    len);
		raw_say_bytes(peer, bytes, len);
	}
}

static void bad_gzip_is_called_so(void **state)
{
	(void)state;
	for (size_t i = 0; i < 2; i++) {
		SERVER server = raw_start(say_bad_gzip, &i);
		NET net = harness_net(&local);
		OUTCOME asked = { 0 };

		print_message("# %zu\n", i);
		harness_run(net,
		    &(struct net_spec){ .url = raw_url(server, "/"), .wants_gzip = true },
		    &asked);
		assert_int_equal(asked.err.kind, ERR_NET);
		print_message("# %s\n", asked.err.msg);
		assert_non_null(strstr(asked.err.msg, "gzip"));
	}
}

static void odd_head(struct raw_peer *peer, void *payload)
{
	(void)payload;
	if (raw_read(peer))
		raw_say(peer,
		    "HTTP/1.1 103 Early\r\nETag: \"early\"\r\n\r\nHTTP/1.1 100 "
		    "Continue\r\n\r\n"
		    "HTTP/1.1 429 Slow\r\nRetry-After: 7\r\nx-tt-logid: L1\r\n"
		    "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nETag: "
		    "\"late\"\r\n\r\n");
}

static void interim_and_trailers(void **state)
{
	SERVER server = raw_start(odd_head, NULL);
	NET net = harness_net(&local);
	OUTCOME outcome = { 0 };

	(void)state;
	harness_run(net, &(struct net_spec){ .url = raw_url(server, "/") }, &outcome);
	assert_int_equal(outcome.err.kind, ERR_OK);
	assert_int_equal(outcome.heads, 1);
	assert_int_equal(outcome.head.status, 429);
	assert_int_equal(outcome.head.retry_after_ms, 7000);
	assert_int_equal(outcome.head.content_length, -1);
	assert_string_equal(outcome.etag, "");
	assert_string_equal(outcome.body, "abc");
}

static void private_allowed(void **state)
{
	SERVER server = raw_start(always_hello, NULL);
	NET strict = harness_net(&(struct net_config){ 0 });
	OUTCOME outcome = { 0 };

	(void)state;
	/* The API may be anywhere: it is what the user named. */
	harness_run(strict,
	    &(struct net_spec){ .role = NET_API, .url = raw_url(server, "/") }, &outcome);
	assert_int_equal(outcome.err.kind, ERR_OK);
}

/* ---- the log ---- */

static void keep_line(void *payload, const char *line)
{
	char *log = payload;

	(void)strncat(log, line, 4000 - strlen(log));
	(void)strncat(log, "\n", 4000 - strlen(log));
}

static void log_tells_no_secret(void **state)
{
	char log[4096] = "";
	char etag[] = "x-tt-logid: LOG1\r\nSet-Cookie: sessionid=SECRET\r\n";
	SERVER server = raw_start(always_hello, etag);
	NET net = harness_net(&(struct net_config){
	    .allow_private_cdn = true, .log = keep_line, .log_payload = log });
	OUTCOME api = { 0 };
	OUTCOME cdn = { 0 };

	(void)state;
	harness_run(net,
	    &(struct net_spec){ .method = "POST",
		.cookie = "sessionid=SECRET",
		.body = "SECRET",
		.body_len = 6,
		.url = raw_url(server, "/mweb/v1/get?msToken=SECRET") },
	    &api);
	harness_run(net,
	    &(struct net_spec){ .role = NET_CDN,
		.url = raw_url(
		    server, "/SECRET/5f5e1000/video/tos/obj/?x-signature=SECRET") },
	    &cdn);
	assert_int_equal(api.err.kind, ERR_OK);
	assert_int_equal(cdn.err.kind, ERR_OK);
	assert_null(strstr(log, "SECRET"));
	assert_non_null(strstr(log, "#1 > POST http://127.0.0.1:"));
	assert_non_null(strstr(log, "/mweb/v1/get (6 bytes)\n"));
	assert_non_null(strstr(log, "#1 < 200, 5 bytes, "));
	assert_non_null(strstr(log, " ms, logid LOG1\n"));
	assert_non_null(strstr(log, "#2 > GET "));
}

/* A log id is cut between two bytes of a character, of which the last alone is CSI. */
static void log_steers_no_terminal(void **state)
{
	char log[4096] = "";
	char head[] = "x-tt-logid: 20\xc2\x9b"
		      "31m\x9b"
		      "1m\xe2\x80\xae"
		      "0123456789012345678901234567890123456789012345678901\xe5\x9b\x9b"
		      "\r\n";
	SERVER server = raw_start(always_hello, head);
	NET net = harness_net(&(struct net_config){
	    .allow_private_cdn = true, .log = keep_line, .log_payload = log });
	OUTCOME outcome = { 0 };

	(void)state;
	harness_run(net, &(struct net_spec){ .url = raw_url(server, "/") }, &outcome);
	assert_int_equal(outcome.err.kind, ERR_OK);
	assert_non_null(strstr(log, "logid 20?31m?1m?0123"));
	for (const char *at = log; *at; at++)
		assert_true((unsigned char)*at < 0x80 && (*at >= ' ' || *at == '\n'));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(exact_headers),
		cmocka_unit_test(bare_get),
		cmocka_unit_test(empty_post),
		cmocka_unit_test(big_post),
		cmocka_unit_test(keep_alive),
		cmocka_unit_test(range),
		cmocka_unit_test(range_refused),
		cmocka_unit_test(gzip),
		cmocka_unit_test(bad_gzip_is_called_so),
		cmocka_unit_test(interim_and_trailers),
		cmocka_unit_test(private_allowed),
		cmocka_unit_test(log_tells_no_secret),
		cmocka_unit_test(log_steers_no_terminal),
	};

	return cmocka_run_group_tests_name("net", tests, harness_clear_env, NULL);
}
