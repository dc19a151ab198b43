/*
 * What the loop says when the other side misbehaves, and whether a request may have left.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "harness.h"
#include "rawserver.h"

#define NET _cleanup_(harness_netp) struct net *
#define SERVER _cleanup_(raw_stopp) struct raw_server *
#define OUTCOME _cleanup_(outcome_release) struct outcome

static const struct net_config local = { .allow_private_cdn = true };

#define HEAD_10 "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n"

static void say_and_close(struct raw_peer *peer, void *payload)
{
	if (raw_read(peer))
		raw_say(peer, "%s", (const char *)payload);
}

/* /N leads to /N-1, /0 is the end; other paths lead to what the payload says. */
static void redirect(struct raw_peer *peer, void *payload)
{
	const char *request;

	while ((request = raw_read(peer))) {
		const int n = atoi(request + strlen("GET /"));
		char head[256];

		if (strncmp(request, "GET /0", 6) == 0) {
			raw_answer(peer, 200, "ETag: \"end\"\r\n", "hello");
			continue;
		}
		if (n > 0)
			(void)snprintf(head, sizeof(head),
			    "Location: /%d\r\nETag: \"hop\"\r\n", n - 1);
		else
			(void)snprintf(head, sizeof(head), "%s", (const char *)payload);
		raw_answer(peer, n % 2 ? 302 : 307, head, "moved");
	}
}

static void redirects(void **state)
{
	char elsewhere[] = "Location: http://a.test/\r\n";
	SERVER server = raw_start(redirect, elsewhere);
	NET net = harness_net(&local);
	static const struct {
		const char *path;
		enum err_kind kind;
		const char *part;
		size_t requests;
	} rows[] = {
		{ "/0", ERR_OK, "", 1 },
		{ "/3", ERR_OK, "", 4 },
		{ "/4", ERR_CONTRACT, "more than 3 times", 4 },
		{ "/x", ERR_CONTRACT, "only https", 1 },
	};
	size_t before = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		OUTCOME outcome = { 0 };

		harness_run(net,
		    &(struct net_spec){ .role = NET_CDN,
			.url = raw_url(server, rows[i].path),
			.range_from = 2 },
		    &outcome);
		if (outcome.err.kind != rows[i].kind ||
		    !strstr(outcome.err.msg, rows[i].part))
			fail_msg(
			    "%s: %d %s", rows[i].path, outcome.err.kind, outcome.err.msg);
		assert_int_equal(raw_requests(server) - before, rows[i].requests);
		before = raw_requests(server);
		assert_non_null(
		    strstr(raw_request(server, before - 1), "\r\nRange: bytes=2-\r\n"));
		if (rows[i].kind != ERR_OK) {
			assert_int_equal(outcome.heads, 0);
			continue;
		}
		assert_int_equal(outcome.heads, 1);
		assert_string_equal(outcome.etag, "\"end\"");
		assert_string_equal(outcome.body, "hello");
	}
}

/* The API's redirects are the answer: nothing goes elsewhere, the cookie least of all. */
static void the_api_never_follows(void **state)
{
	SERVER other = raw_start(redirect, NULL);
	char location[128];
	_cleanup_(raw_stopp) struct raw_server *server = NULL;
	NET net = harness_net(&local);
	OUTCOME outcome = { 0 };

	(void)state;
	(void)snprintf(
	    location, sizeof(location), "Location: %s\r\n", raw_url(other, "/0"));
	server = raw_start(redirect, location);
	harness_run(net,
	    &(struct net_spec){ .role = NET_API,
		.url = raw_url(server, "/x"),
		.cookie = "sessionid=abc" },
	    &outcome);
	assert_int_equal(outcome.err.kind, ERR_OK);
	assert_int_equal(outcome.head.status, 307);
	assert_string_equal(outcome.location, raw_url(other, "/0"));
	assert_string_equal(outcome.body, "moved");
	assert_int_equal(raw_requests(other), 0);
}

static void a_redirect_to_another_server(void **state)
{
	SERVER other = raw_start(redirect, NULL);
	char location[128];
	_cleanup_(raw_stopp) struct raw_server *server = NULL;
	NET net = harness_net(&local);
	OUTCOME outcome = { 0 };

	(void)state;
	(void)snprintf(location, sizeof(location), "Location: %s\r\nSet-Cookie: a=b\r\n",
	    raw_url(other, "/1"));
	server = raw_start(redirect, location);
	harness_run(net,
	    &(struct net_spec){ .role = NET_CDN, .url = raw_url(server, "/x") },
	    &outcome);
	assert_int_equal(outcome.err.kind, ERR_OK);
	assert_string_equal(outcome.body, "hello");
	assert_int_equal(raw_requests(other), 2);
	assert_null(strcasestr(raw_request(other, 0), "cookie"));
	assert_null(strcasestr(raw_request(other, 0), "referer"));
	assert_non_null(strstr(raw_url(other, ""), outcome.peer));
}

static void redirect_with_endless_body(struct raw_peer *peer, void *payload)
{
	char bytes[8192] = { 0 };

	(void)payload;
	if (raw_number(peer) > 0) {
		if (raw_read(peer))
			raw_answer(peer, 200, "", "hello");
		return;
	}
	if (!raw_read(peer))
		return;
	raw_say(peer,
	    "HTTP/1.1 302 Moved\r\nLocation: /there\r\nContent-Length: "
	    "999999999\r\n\r\n");
	for (int i = 0; i < 64; i++)
		raw_say_bytes(peer, bytes, sizeof(bytes));
	raw_stall(peer);
}

static void a_redirect_that_talks_on(void **state)
{
	SERVER server = raw_start(redirect_with_endless_body, NULL);
	NET net = harness_net(&local);
	OUTCOME outcome = { 0 };

	(void)state;
	harness_run(net,
	    &(struct net_spec){ .role = NET_CDN, .url = raw_url(server, "/") }, &outcome);
	assert_int_equal(outcome.err.kind, ERR_OK);
	assert_string_equal(outcome.body, "hello");
}

static void a_redirect_to_nowhere(void **state)
{
	char nowhere[] = "X-None: 1\r\n";
	SERVER server = raw_start(redirect, nowhere);
	NET net = harness_net(&local);
	OUTCOME outcome = { 0 };

	(void)state;
	harness_run(net,
	    &(struct net_spec){ .role = NET_CDN, .url = raw_url(server, "/x") },
	    &outcome);
	assert_int_equal(outcome.err.kind, ERR_OK);
	assert_int_equal(outcome.head.status, 307);
	assert_int_equal(outcome.heads, 1);
}

/* DNS says loopback: only the socket can tell. */
static void a_name_for_loopback(void **state)
{
	char says[] = HEAD_10 "0123456789";
	SERVER server = raw_start(say_and_close, says);
	NET net = harness_net(&(struct net_config){ 0 });
	OUTCOME api = { 0 };
	char url[64];

	(void)state;
	(void)snprintf(url, sizeof(url), "http://localhost:%u/", raw_port(server));
	harness_run(net, &(struct net_spec){ .role = NET_API, .url = url }, &api);
	assert_int_equal(api.err.kind, ERR_OK);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(redirects),
		cmocka_unit_test(the_api_never_follows),
		cmocka_unit_test(a_redirect_to_another_server),
		cmocka_unit_test(a_redirect_that_talks_on),
		cmocka_unit_test(a_redirect_to_nowhere),
		cmocka_unit_test(a_name_for_loopback),
	};

	return cmocka_run_group_tests_name(
	    "net_redirects", tests, harness_clear_env, NULL);
}
