/*
 * What the loop says when the other side misbehaves, and whether a request may have left.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bad_servers.h"
#include "base/cleanup.h"
#include "harness.h"
#include "rawserver.h"

#define NET _cleanup_(harness_netp) struct net *
#define SERVER _cleanup_(raw_stopp) struct raw_server *
#define OUTCOME _cleanup_(outcome_release) struct outcome

static const struct net_config local = { .allow_private_cdn = true };

#define HEAD_10 "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n"
#define CHUNKED "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"

static const struct {
	const char *what;
	raw_script *script;
	const char *says;
	enum err_kind kind;
	const char *part; /* of the message */
	unsigned heads;
	size_t len;
} faults[] = {
	{ "no answer", say_and_close, "", ERR_NET, "without an answer", 0, 0 },
	{ "reset for an answer", say_and_reset, "", ERR_NET, "hung up", 0, 0 },
	{ "half a status line", say_and_close, "HTTP/1.1 20", ERR_NET, "", 0, 0 },
	{ "half a head", say_and_close, "HTTP/1.1 200 OK\r\nA: b\r\n", ERR_NET, "", 0,
	    0 },
	{ "a body cut short", say_and_close, HEAD_10 "hello", ERR_NET, "too early", 1,
	    5 },
	{ "no body at all", say_and_close, HEAD_10, ERR_NET, "too early", 1, 0 },
	{ "a reset in the body", say_and_reset, HEAD_10 "hello", ERR_NET, "hung up", 1,
	    5 },
	{ "a chunk cut short", say_and_close, CHUNKED "5\r\nhel", ERR_NET, "", 1, 3 },
	{ "no last chunk", say_and_close, CHUNKED "5\r\nhello\r\n", ERR_NET, "", 1, 5 },
	{ "a chunk that lies", say_and_close, CHUNKED "zz\r\nhello\r\n", ERR_NET, "", 1,
	    0 },
	{ "a huge chunk", say_and_close, CHUNKED "ffffffffffffffffff\r\nx", ERR_NET, "",
	    1, 0 },
	{ "not HTTP", say_and_close, "SSH-2.0-OpenSSH\r\n", ERR_NET, "HTTP", 0, 0 },
	{ "two lengths", say_and_close,
	    "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
	    ERR_CONTRACT, "two different lengths", 0, 0 },
	{ "gzip that is damaged within", say_and_close,
	    "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 20\r\n\r\n"
	    "\x1f\x8b\x08\x01\x01\x01\x01\x01\x02\x03\xff\xff\xff\xff\xff\xff\xff\xff\xff"
	    "\xff",
	    ERR_NET, "gzip", 1, 0 },
	{ "damaged gzip", say_and_close,
	    "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 20\r\n\r\n"
	    "this is hardly gzip.",
	    ERR_NET, "gzip", 1, 0 },
	{ "many headers", flood_headers, NULL, ERR_CONTRACT, "64 KiB", 0, 0 },
	{ "one huge header", flood_one_header, NULL, ERR_CONTRACT, "head", 0, 0 },
	{ "interim answers for ever", flood_interim, NULL, ERR_CONTRACT, "64 KiB", 0, 0 },
	{ "another protocol", say_and_stall,
	    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n"
	    "Connection: Upgrade\r\n\r\n",
	    ERR_CONTRACT, "another protocol", 0, 0 },
	{ "an endless chunk extension", flood_extension, NULL, ERR_CONTRACT, "for ever",
	    1, 0 },
	{ "headers for ever, slowly", drip_headers, NULL, ERR_NET, "wasn't whole", 0, 0 },
	{ "silence before the head", say_and_stall, "", ERR_NET, "not a byte", 0, 0 },
	{ "silence in the head", say_and_stall, "HTTP/1.1 200 OK\r\n", ERR_NET,
	    "not a byte", 0, 0 },
	{ "silence in the body", say_and_stall, HEAD_10 "hello", ERR_NET, "not a byte", 1,
	    5 },
	{ "bytes for ever", drip, NULL, ERR_NET, "wasn't done within", 1, SIZE_MAX },
};

static void every_fault(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
		_cleanup_free_ char *says = strdup(faults[i].says ? faults[i].says : "");
		SERVER server = raw_start(faults[i].script, says);
		NET net = harness_net(&local);
		OUTCOME outcome = { 0 };
		/* A flood must not be outrun by the clock on a busy machine. */
		const unsigned patience = faults[i].kind == ERR_CONTRACT ? 40 : 1;

		harness_run(net,
		    &(struct net_spec){ .url = raw_url(server, "/?SECRET"),
			.wants_gzip = true,
			.stall_timeout_ms = 150 * patience,
			.total_timeout_ms = 400 * patience },
		    &outcome);
		if (outcome.err.kind != faults[i].kind ||
		    !strstr(outcome.err.msg, faults[i].part))
			fail_msg("%s: %d %s", faults[i].what, outcome.err.kind,
			    outcome.err.msg);
		if (!outcome.sent)
			fail_msg("%s: claims that nothing was sent", faults[i].what);
		if (outcome.heads != faults[i].heads ||
		    (faults[i].len != SIZE_MAX && outcome.len != faults[i].len))
			fail_msg("%s: %u heads, %zu bytes", faults[i].what, outcome.heads,
			    outcome.len);
		if (strstr(outcome.err.msg, "SECRET") ||
		    !strstr(outcome.err.msg, "127.0.0.1"))
			fail_msg("%s: says '%s'", faults[i].what, outcome.err.msg);
	}
}

/* ---- nothing was sent ---- */

static unsigned closed_port(void)
{
	struct sockaddr_in at = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(at);
	const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&at, sizeof(at)), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&at, &len), 0);
	(void)close(fd);
	return ntohs(at.sin_port);
}

static void refused_connection(void **state)
{
	NET net = harness_net(&local);
	OUTCOME outcome = { 0 };
	char url[64];

	(void)state;
	(void)snprintf(url, sizeof(url), "http://127.0.0.1:%u/?SECRET", closed_port());
	harness_run(net, &(struct net_spec){ .method = "POST", .url = url, .once = true },
	    &outcome);
	assert_int_equal(outcome.err.kind, ERR_NET);
	assert_non_null(strstr(outcome.err.msg, "can't connect to '127.0.0.1:"));
	assert_null(strstr(outcome.err.msg, "SECRET"));
	assert_false(outcome.sent);
	assert_int_equal(outcome.head.status, 0);
}

/* A label of 64 letters is no name, so no name server is asked. */
static void unknown_host(void **state)
{
	static const char host[] =
	    "a0123456789012345678901234567890123456789012345678901234567890123";
	NET net = harness_net(&local);
	OUTCOME outcome = { 0 };
	char url[128];

	(void)state;
	(void)snprintf(url, sizeof(url), "https://%s.test/x?SECRET", host);
	harness_run(net, &(struct net_spec){ .method = "POST", .url = url, .once = true },
	    &outcome);
	assert_int_equal(outcome.err.kind, ERR_NET);
	assert_non_null(strstr(outcome.err.msg, host));
	assert_null(strstr(outcome.err.msg, "SECRET"));
	assert_false(outcome.sent);
}

static void no_tls(void **state)
{
	char says[] = "HTTP/1.1 400 Speak plainly\r\n\r\n";
	SERVER server = raw_start(say_at_once, says);
	NET net = harness_net(&local);
	OUTCOME outcome = { 0 };
	char url[64];

	(void)state;
	(void)snprintf(url, sizeof(url), "https://127.0.0.1:%u/", raw_port(server));
	harness_run(net, &(struct net_spec){ .method = "POST", .url = url, .once = true },
	    &outcome);
	assert_int_equal(outcome.err.kind, ERR_NET);
	assert_non_null(strstr(outcome.err.msg, "no secure connection to '127.0.0.1:"));
	assert_false(outcome.sent);
}

static void silent_tls(void **state)
{
	char says[] = "";
	SERVER server = raw_start(say_at_once, says);
	NET net = harness_net(&local);
	OUTCOME outcome = { 0 };
	char url[64];

	(void)state;
	(void)snprintf(url, sizeof(url), "https://127.0.0.1:%u/", raw_port(server));
	harness_run(
	    net, &(struct net_spec){ .url = url, .connect_timeout_ms = 150 }, &outcome);
	assert_int_equal(outcome.err.kind, ERR_NET);
	assert_non_null(strstr(outcome.err.msg, "no connection to '127.0.0.1:"));
	assert_non_null(strstr(outcome.err.msg, "150"));
	assert_false(outcome.sent);
}

/* ---- sent once ---- */

/* Answers the first request of a connection, and closes it on hearing the second. */
static void close_on_second(struct raw_peer *peer, void *payload)
{
	(void)payload;
	if (raw_read(peer))
		raw_answer(peer, 200, "", "hello");
	(void)raw_read(peer);
}

static size_t posts(struct raw_server *server)
{
	size_t n = 0;

	for (size_t i = 0; i < raw_requests(server); i++)
		n += strncmp(raw_request(server, i), "POST ", 5) == 0;
	return n;
}

/*
 * What curl does for a request that may be repeated: it tries the dead connection first.
 */
static void repeats_when_allowed(void **state)
{
	SERVER server = raw_start(close_on_second, NULL);
	NET net = harness_net(&local);
	OUTCOME warm = { 0 };
	OUTCOME outcome = { 0 };

	(void)state;
	harness_run(net, &(struct net_spec){ .url = raw_url(server, "/") }, &warm);
	harness_run(net,
	    &(struct net_spec){ .method = "POST", .url = raw_url(server, "/") },
	    &outcome);
	assert_int_equal(outcome.err.kind, ERR_OK);
	assert_true(outcome.sent);
	assert_int_equal(posts(server), 2);
}

static void never_repeats_once(void **state)
{
	SERVER server = raw_start(close_on_second, NULL);
	NET net = harness_net(&local);
	OUTCOME warm = { 0 };
	OUTCOME outcome = { 0 };
	OUTCOME after = { 0 };

	(void)state;
	harness_run(net, &(struct net_spec){ .url = raw_url(server, "/") }, &warm);
	harness_run(net,
	    &(struct net_spec){
		.method = "POST", .url = raw_url(server, "/"), .once = true },
	    &outcome);
	assert_int_equal(outcome.err.kind, ERR_OK);
	assert_int_equal(posts(server), 1);
	assert_int_equal(raw_connections(server), 2); /* one of its own */
	/* and nobody else goes on with it: the warm one is taken again, not the third */
	harness_run(net,
	    &(struct net_spec){
		.url = raw_url(server, "/"), .method = "POST", .once = true },
	    &after);
	assert_int_equal(raw_connections(server), 3);
	assert_int_equal(posts(server), 2);
}

static void once_and_no_answer(void **state)
{
	static raw_script *const scripts[] = { say_and_close, say_and_reset,
		say_and_stall };

	(void)state;
	for (size_t i = 0; i < sizeof(scripts) / sizeof(scripts[0]); i++) {
		char nothing[] = "";
		SERVER server = raw_start(scripts[i], nothing);
		NET net = harness_net(&local);
		OUTCOME outcome = { 0 };

		harness_run(net,
		    &(struct net_spec){ .method = "POST",
			.url = raw_url(server, "/"),
			.body = "pay",
			.body_len = 3,
			.once = true,
			.stall_timeout_ms = 150 },
		    &outcome);
		assert_int_equal(outcome.err.kind, ERR_NET);
		assert_true(outcome.sent);
		assert_int_equal(posts(server), 1);
	}
}

/* An idle connection that the server has closed meanwhile, as every server does. */
static void dead_idle_connection(void **state)
{
	SERVER server = raw_start(close_on_second, NULL);
	NET net = harness_net(&local);

	(void)state;
	for (int i = 0; i < 6; i++) {
		OUTCOME outcome = { 0 };

		harness_run(
		    net, &(struct net_spec){ .url = raw_url(server, "/") }, &outcome);
		assert_int_equal(outcome.err.kind, ERR_OK);
		assert_string_equal(outcome.body, "hello");
		assert_int_equal(outcome.heads, 1);
	}
}

/* ---- answers to nothing ---- */

#define HELLO "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"
#define FORGED "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nforge"

/* Each connection: an answer, and a second one once the first has been read. */
static void forge(struct raw_peer *peer, void *payload)
{
	const char *how = payload;

	if (!raw_read(peer))
		return;
	if (strcmp(how, "behind") == 0) {
		raw_say(peer, "%s", HELLO FORGED);
	} else if (strcmp(how, "behind chunks") == 0) {
		raw_say(peer, "%s", CHUNKED "5\r\nhello\r\n0\r\n\r\n" FORGED);
	} else {
		raw_say(peer, "%s", HELLO);
		(void)usleep(20000);
		raw_say(peer, "%s", FORGED);
	}
	while (raw_read(peer))
		raw_say(peer, "%s", HELLO);
}

static void what_nobody_asked_for_is_no_answer(void **state)
{
	static const char *const ways[] = { "behind", "behind chunks",
		"while it is idle" };

	(void)state;
	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		_cleanup_free_ char *how = strdup(ways[i]);
		SERVER server = raw_start(forge, how);
		NET net = harness_net(&local);
		OUTCOME first = { 0 };
		OUTCOME second = { 0 };
		struct err err;

		harness_run(
		    net, &(struct net_spec){ .url = raw_url(server, "/") }, &first);
		assert_string_equal(first.body, "hello");
		/* What was forged has arrived by then, and nobody looks. */
		(void)usleep(100000);
		assert_int_equal(net_step(net, 0, &err), ERR_OK);
		harness_run(
		    net, &(struct net_spec){ .url = raw_url(server, "/") }, &second);
		assert_int_equal(second.err.kind, ERR_OK);
		if (strcmp(second.body, "hello") != 0)
			fail_msg("%s: '%s' was believed", ways[i], second.body);
		assert_true(raw_requests(server) >= 2);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_fault),
		cmocka_unit_test(refused_connection),
		cmocka_unit_test(unknown_host),
		cmocka_unit_test(no_tls),
		cmocka_unit_test(silent_tls),
		cmocka_unit_test(repeats_when_allowed),
		cmocka_unit_test(never_repeats_once),
		cmocka_unit_test(once_and_no_answer),
		cmocka_unit_test(dead_idle_connection),
		cmocka_unit_test(what_nobody_asked_for_is_no_answer),
	};

	return cmocka_run_group_tests_name("net_faults", tests, harness_clear_env, NULL);
}
