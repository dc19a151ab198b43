/* TLS, proxies, and addresses that are found out only when connecting. */
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

/* The name that only the proxy below knows. */
#define FAR_NAME "cdn.far.test"
#define FAR_URL "https://" FAR_NAME

static void hello(struct raw_peer *peer, void *payload)
{
	(void)payload;
	while (raw_read(peer))
		raw_answer(peer, 200, "", "hello");
}

static void a_stranger_is_not_trusted(void **state)
{
	SERVER server = raw_start_tls(hello, NULL, "localhost");
	NET net = harness_net(&(struct net_config){ 0 });
	OUTCOME outcome = { 0 };

	(void)state;
	harness_run(net,
	    &(struct net_spec){ .method = "POST",
		.url = raw_url(server, "/?SECRET"),
		.cookie = "sessionid=SECRET",
		.once = true },
	    &outcome);
	assert_int_equal(outcome.err.kind, ERR_TRUST);
	assert_non_null(strstr(outcome.err.msg, "the certificate of '127.0.0.1:"));
	assert_non_null(strstr(outcome.err.msg, "DREAMQ_CA_FILE"));
	assert_null(strstr(outcome.err.msg, "SECRET"));
	assert_false(outcome.sent);
	assert_int_equal(raw_requests(server), 0);
}

static void another_name_is_not_trusted(void **state)
{
	SERVER server = raw_start_tls(hello, NULL, "other.test");
	NET net = harness_net(&(struct net_config){ .way.ca_file = raw_ca_file(server) });
	OUTCOME outcome = { 0 };
	char url[64];

	(void)state;
	(void)snprintf(url, sizeof(url), "https://localhost:%u/", raw_port(server));
	harness_run(net, &(struct net_spec){ .url = url }, &outcome);
	assert_int_equal(outcome.err.kind, ERR_TRUST);
	assert_non_null(strstr(outcome.err.msg, "certificate"));
	assert_false(outcome.sent);
}

static void a_ca_file_is_added(void **state)
{
	static const char *const names[] = { NULL, "DREAMQ_CA_FILE", "CURL_CA_BUNDLE",
		"SSL_CERT_FILE" };
	SERVER server = raw_start_tls(hello, NULL, "localhost");

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct net_config config = { .way.ca_file =
						 names[i] ? NULL : raw_ca_file(server) };
		OUTCOME first = { 0 };
		OUTCOME second = { 0 };

		if (names[i])
			assert_int_equal(setenv(names[i], raw_ca_file(server), 1), 0);
		NET net = harness_net(&config);
		if (names[i])
			assert_int_equal(unsetenv(names[i]), 0);
		harness_run(
		    net, &(struct net_spec){ .url = raw_url(server, "/") }, &first);
		if (first.err.kind != ERR_OK)
			fail_msg("%s: %s", names[i] ? names[i] : "option", first.err.msg);
		assert_string_equal(first.body, "hello");
		harness_run(net,
		    &(struct net_spec){ .url = raw_url(server, "/"), .once = true },
		    &second);
		assert_int_equal(second.err.kind, ERR_OK);
	}
}

static void a_ca_file_of_nonsense(void **state)
{
	SERVER server = raw_start_tls(hello, NULL, "localhost");
	NET net = harness_net(&(struct net_config){ .way.ca_file = "/dev/null" });
	OUTCOME outcome = { 0 };

	(void)state;
	harness_run(net, &(struct net_spec){ .url = raw_url(server, "/") }, &outcome);
	assert_int_equal(outcome.err.kind, ERR_TRUST);
	assert_non_null(strstr(outcome.err.msg, "CA file"));
	assert_false(outcome.sent);
}

/* ---- proxies ---- */

/* Whatever name a CONNECT has, the tunnel leads to one port of this machine. */
static void proxy(struct raw_peer *peer, void *payload)
{
	const unsigned *port = payload;

	if (!raw_read(peer))
		return;
	raw_say(
	    peer, "HTTP/1.1 200 Connected\r\nX-Proxy: yes\r\nETag: \"proxy\"\r\n\r\n");
	raw_tunnel(peer, *port);
}

static void refusing_proxy(struct raw_peer *peer, void *payload)
{
	(void)payload;
	if (raw_read(peer))
		raw_answer(peer, 403, "", "no");
}

/* A loop in whose environment this proxy is. */
static struct net *net_behind(struct raw_server *server, const char *ca_file)
{
	struct net *net;

	assert_int_equal(setenv("https_proxy", raw_url(server, ""), 1), 0);
	net = harness_net(&(struct net_config){ .way.ca_file = ca_file });
	assert_int_equal(unsetenv("https_proxy"), 0);
	return net;
}

static void through_a_proxy(void **state)
{
	SERVER server = raw_start_tls(hello, NULL, FAR_NAME);
	unsigned port = raw_port(server);
	SERVER between = raw_start(proxy, &port);
	NET net = net_behind(between, raw_ca_file(server));
	OUTCOME outcome = { 0 };
	OUTCOME nearby = { 0 };

	(void)state;
	harness_run(
	    net, &(struct net_spec){ .role = NET_CDN, .url = FAR_URL "/x?y" }, &outcome);
	if (outcome.err.kind != ERR_OK)
		fail_msg("%s", outcome.err.msg);
	assert_string_equal(outcome.body, "hello");
	assert_string_equal(outcome.etag, ""); /* the proxy's head isn't the answer's */
	assert_string_equal(raw_request(between, 0),
	    "CONNECT " FAR_NAME ":443 HTTP/1.1\r\nHost: " FAR_NAME ":443\r\n"
	    "Proxy-Connection: Keep-Alive\r\n\r\n");
	assert_string_equal(
	    raw_request(server, 0), "GET /x?y HTTP/1.1\r\nHost: " FAR_NAME "\r\n\r\n");
	/* never for loopback */
	harness_run(net, &(struct net_spec){ .url = raw_url(server, "/") }, &nearby);
	assert_int_equal(nearby.err.kind, ERR_OK);
	assert_int_equal(raw_requests(between), 1);
}

static void no_cookie_for_the_proxy(void **state)
{
	SERVER server = raw_start_tls(hello, NULL, FAR_NAME);
	unsigned port = raw_port(server);
	SERVER between = raw_start(proxy, &port);
	NET net = net_behind(between, raw_ca_file(server));
	OUTCOME outcome = { 0 };
	static const char *const headers[] = { "appid: 513695", NULL };

	(void)state;
	harness_run(net,
	    &(struct net_spec){ .url = FAR_URL "/?q",
		.cookie = "sessionid=SECRET",
		.headers = headers,
		.method = "POST",
		.once = true },
	    &outcome);
	assert_int_equal(outcome.err.kind, ERR_OK);
	assert_null(strstr(raw_request(between, 0), "SECRET"));
	assert_null(strstr(raw_request(between, 0), "appid"));
	assert_non_null(
	    strstr(raw_request(server, 0), "\r\nCookie: sessionid=SECRET\r\n"));
}

static void a_proxy_that_refuses(void **state)
{
	SERVER between = raw_start(refusing_proxy, NULL);
	NET net = net_behind(between, NULL);
	OUTCOME outcome = { 0 };

	(void)state;
	harness_run(net,
	    &(struct net_spec){
		.url = FAR_URL "/?SECRET", .method = "POST", .once = true },
	    &outcome);
	assert_int_equal(outcome.err.kind, ERR_NET);
	assert_non_null(strstr(outcome.err.msg, FAR_NAME));
	assert_null(strstr(outcome.err.msg, "SECRET"));
	assert_false(outcome.sent);
	assert_int_equal(outcome.heads, 0);
}

/* The proxy would dial anything, so what the link itself tells is looked at. */
static void private_links_through_a_proxy(void **state)
{
	static const char *const urls[] = { "https://10.0.0.1/", "https://[fd00::1]/",
		"https://169.254.169.254/latest", "https://10.0.0.1./",
		"https://foo.localhost/" };
	SERVER between = raw_start(refusing_proxy, NULL);
	NET net = net_behind(between, NULL);

	(void)state;
	for (size_t i = 0; i < sizeof(urls) / sizeof(urls[0]); i++) {
		OUTCOME outcome = { 0 };

		harness_run(
		    net, &(struct net_spec){ .role = NET_CDN, .url = urls[i] }, &outcome);
		assert_int_equal(outcome.err.kind, ERR_CONTRACT);
		assert_non_null(strstr(outcome.err.msg, "private address"));
	}
	assert_int_equal(raw_requests(between), 0);
}

/* ---- a public host that leads into the private network ---- */

static void lead_astray(struct raw_peer *peer, void *payload)
{
	while (raw_read(peer))
		raw_say(peer,
		    "HTTP/1.1 302 Found\r\nLocation: %s\r\nContent-Length: 0\r\n\r\n",
		    (const char *)payload);
}

static void redirected_into_the_private_network(void **state)
{
	static const char *const places[] = { "https://127.0.0.1:%u/",
		"https://localhost:%u/", "https://10.0.0.1:%u/", "http://127.0.0.1:%u/",
		"https://[::ffff:7f00:1]:%u/", "https://foo.localhost:%u/",
		"http://" FAR_NAME ":%u/", "https://u:p@" FAR_NAME ":%u/" };
	SERVER target = raw_start(hello, NULL);

	(void)state;
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		char location[128];
		unsigned port;
		SERVER server = raw_start_tls(lead_astray, location, FAR_NAME);
		SERVER between = raw_start(proxy, &port);
		NET net = net_behind(between, raw_ca_file(server));
		OUTCOME outcome = { 0 };

		port = raw_port(server);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
		(void)snprintf(location, sizeof(location), places[i], raw_port(target));
#pragma GCC diagnostic pop
		harness_run(net,
		    &(struct net_spec){ .role = NET_CDN, .url = FAR_URL "/x" }, &outcome);
		if (outcome.err.kind != ERR_CONTRACT || outcome.heads != 0)
			fail_msg(
			    "%s: %d %s", location, outcome.err.kind, outcome.err.msg);
		assert_int_equal(raw_requests(server), 1);
		assert_int_equal(raw_requests(between), 1);
	}
	assert_int_equal(raw_connections(target), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_stranger_is_not_trusted),
		cmocka_unit_test(another_name_is_not_trusted),
		cmocka_unit_test(a_ca_file_is_added),
		cmocka_unit_test(a_ca_file_of_nonsense),
		cmocka_unit_test(through_a_proxy),
		cmocka_unit_test(no_cookie_for_the_proxy),
		cmocka_unit_test(a_proxy_that_refuses),
		cmocka_unit_test(private_links_through_a_proxy),
		cmocka_unit_test(redirected_into_the_private_network),
	};

	return cmocka_run_group_tests_name("net_tls", tests, harness_clear_env, NULL);
}
