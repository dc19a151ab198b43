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

/* ---- what net_start refuses ---- */

static const char *const smuggled[] = { "X: a\r\nCookie: b", NULL };
static const char *const nameless[] = { ": a", NULL };
static const char *const colonless[] = { "hello", NULL };
static const char *const cookied[] = { "cookie: a=b", NULL };
static const char *const credentials[] = { "Authorization: Bearer x", NULL };

static const struct {
	const char *what;
	struct net_spec spec;
	enum err_kind kind;
	const char *part; /* of the message */
} refused[] = {
	{ "a cookie for the CDN",
	    { .role = NET_CDN, .url = "https://a.test/", .cookie = "a=b" }, ERR_USAGE,
	    "cookie" },
	{ "a cookie header for the CDN",
	    { .role = NET_CDN, .url = "https://a.test/", .headers = cookied }, ERR_USAGE,
	    "cookie" },
	{ "credentials for the CDN",
	    { .role = NET_CDN, .url = "https://a.test/", .headers = credentials },
	    ERR_USAGE, "Authorization" },
	{ "POST to the CDN",
	    { .role = NET_CDN, .url = "https://a.test/", .method = "POST" }, ERR_USAGE,
	    "GET" },
	{ "another method", { .url = "https://a.test/", .method = "PUT" }, ERR_USAGE,
	    "'PUT'" },
	{ "a smuggled header", { .url = "https://a.test/", .headers = smuggled },
	    ERR_USAGE, "header" },
	{ "a header without name", { .url = "https://a.test/", .headers = nameless },
	    ERR_USAGE, "header" },
	{ "a header without colon", { .url = "https://a.test/", .headers = colonless },
	    ERR_USAGE, "header" },
	{ "a cookie with line breaks",
	    { .url = "https://a.test/", .cookie = "a\r\nX: b" }, ERR_USAGE, "cookie" },
	{ "an empty cookie", { .url = "https://a.test/", .cookie = "" }, ERR_USAGE,
	    "cookie" },
	{ "an ETag with line breaks",
	    { .url = "https://a.test/", .range_from = 1, .if_range = "\"\n\"" },
	    ERR_USAGE, "ETag" },
	{ "plain http", { .url = "http://a.test/" }, ERR_USAGE, "https" },
	{ "plain http from the service", { .role = NET_CDN, .url = "http://a.test/" },
	    ERR_CONTRACT, "https" },
	{ "another scheme", { .role = NET_CDN, .url = "file:///etc/passwd" },
	    ERR_CONTRACT, "'file:'" },
	{ "a user name", { .url = "https://me:pw@a.test/" }, ERR_USAGE, "user name" },
	{ "no URL at all", { .role = NET_CDN, .url = "" }, ERR_CONTRACT, "URL" },
	{ "line breaks in the URL", { .role = NET_CDN, .url = "https://a.test/\r\nX: b" },
	    ERR_CONTRACT, "URL" },
	{ "a private link", { .role = NET_CDN, .url = "https://10.1.2.3/x" },
	    ERR_CONTRACT, "private address" },
	{ "a loopback link", { .role = NET_CDN, .url = "http://127.0.0.1:1/x" },
	    ERR_CONTRACT, "private address" },
	{ "a loopback link in disguise",
	    { .role = NET_CDN, .url = "https://2130706433/x" }, ERR_CONTRACT,
	    "private address" },
	{ "metadata of a cloud",
	    { .role = NET_CDN, .url = "https://[::ffff:169.254.169.254]/x" },
	    ERR_CONTRACT, "private address" },
	{ "localhost", { .role = NET_CDN, .url = "https://LocalHost/x" }, ERR_CONTRACT,
	    "private address" },
};

static void refusals(void **state)
{
	NET net = harness_net(&(struct net_config){ 0 });

	(void)state;
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		OUTCOME outcome = { 0 };

		harness_run(net, &refused[i].spec, &outcome);
		if (outcome.err.kind != refused[i].kind ||
		    !strstr(outcome.err.msg, refused[i].part))
			fail_msg("%s: %d %s", refused[i].what, outcome.err.kind,
			    outcome.err.msg);
		if (outcome.ends != 0)
			fail_msg("%s: got a handler call", refused[i].what);
		if (strstr(outcome.err.msg, "pw"))
			fail_msg("%s: tells a secret", refused[i].what);
	}
	assert_int_equal(net_active(net), 0);
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

static void bad_ca_file(void **state)
{
	struct net *net = NULL;
	struct err err = { 0 };

	(void)state;
	assert_int_equal(
	    net_new(&(struct net_config){ .ca_file = "/nonexistent/ca.pem" }, &net, &err),
	    ERR_USAGE);
	assert_null(net);
	assert_non_null(strstr(err.msg, "'/nonexistent/ca.pem'"));
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

static void base_urls(void **state)
{
	struct err err = { 0 };

	(void)state;
	assert_int_equal(
	    net_check_base_url("--api-base", "https://jimeng.jianying.com", &err),
	    ERR_OK);
	assert_int_equal(
	    net_check_base_url("--api-base", "http://127.0.0.1:8080", &err), ERR_OK);
	assert_int_equal(
	    net_check_base_url("--api-base", "http://jimeng.jianying.com", &err),
	    ERR_USAGE);
	assert_non_null(strstr(err.msg, "--api-base: "));
	assert_int_equal(
	    net_check_base_url("--api-base", "jimeng.jianying.com", &err), ERR_USAGE);
	assert_int_equal(
	    net_check_base_url("--api-base", "https://u:p@jimeng.jianying.com", &err),
	    ERR_USAGE);
	assert_true(net_url_is_loopback("http://localhost:1/x"));
	assert_true(net_url_is_loopback("https://[::1]/"));
	assert_false(net_url_is_loopback("http://localhost.evil.test/"));
	assert_false(net_url_is_loopback("https://10.0.0.1/"));
	assert_false(net_url_is_loopback("nonsense"));
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
		cmocka_unit_test(refusals),
		cmocka_unit_test(private_allowed),
		cmocka_unit_test(bad_ca_file),
		cmocka_unit_test(log_tells_no_secret),
		cmocka_unit_test(base_urls),
	};

	return cmocka_run_group_tests_name("net", tests, harness_clear_env, NULL);
}
