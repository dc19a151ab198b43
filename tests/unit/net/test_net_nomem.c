/*
 * Every allocation fails once, ours and curl's: net_new, net_start and the whole transfer
 * end with an error or without, but they end, once, and nothing is lost or used twice
 * (which the sanitizers see).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>

#include "harness.h"
#include "nomem.h"
#include "rawserver.h"

static unsigned ends;
static bool wrong_end;

static bool on_head(void *payload, const struct net_head *head)
{
	(void)payload;
	return head->status == 200 || head->status == 302;
}

static bool on_bytes(void *payload, const void *bytes, size_t len)
{
	(void)payload, (void)bytes;
	return len > 0;
}

static void on_done(
    void *payload, const struct err *err, const struct net_head *head, bool sent)
{
	(void)payload, (void)sent;
	ends++;
	/* Never a success that isn't one. */
	wrong_end |= err->kind == ERR_OK && head->status != 200;
}

static void ignore_line(void *payload, const char *line)
{
	(void)payload, (void)line;
}

static void answer(struct raw_peer *peer, void *payload)
{
	const char *request;

	(void)payload;
	while ((request = raw_read(peer))) {
		if (strncmp(request, "GET /from", 9) == 0)
			raw_answer(peer, 302, "Location: /to\r\n", "moved");
		else
			raw_answer(peer, 200,
			    "ETag: \"e\"\r\nContent-Type: a/b\r\nLast-Modified: "
			    "x\r\nX-Tt-Logid: 1\r\n",
			    "hello");
	}
}

/* A whole life. True: no allocation was left to fail. */
static bool live(const char *url, enum net_role role)
{
	static const char *const headers[] = { "appid: 513695", "Content-Type: a/b",
		NULL };
	static const struct net_handler handler = { on_head, on_bytes, on_done };
	const struct net_config config = { .allow_private_cdn = true,
		.log = ignore_line };
	const struct net_spec spec = { .role = role,
		.method = role == NET_API ? "POST" : "GET",
		.url = url,
		.headers = headers,
		.cookie = role == NET_API ? "a=b" : NULL,
		.body = "x",
		.body_len = role == NET_API ? 1 : 0,
		.max_body_bytes = 100,
		.range_from = role == NET_CDN ? 1 : 0,
		.if_range = "\"e\"",
		.stall_timeout_ms = 2000,
		.total_timeout_ms = 5000 };
	struct net *net = NULL;
	struct err err = { 0 };

	ends = 0;
	if (net_new(&config, &net, &err) != ERR_OK) {
		assert_null(net);
		return false;
	}
	if (net_start(net, &spec, &handler, NULL, NULL, &err) == ERR_OK) {
		while (net_active(net) > 0)
			(void)net_step(net, 200, &err);
		assert_int_equal(ends, 1);
	} else {
		assert_int_equal(ends, 0);
	}
	net_free(net);
	return nomem_left() > 0;
}

static void every_allocation(const char *path, enum net_role role)
{
	struct raw_server *server = raw_start(answer, NULL);
	unsigned n = 0;
	bool is_through = false;

	while (!is_through && n < 5000) {
		nomem_fail(++n);
		is_through = live(raw_url(server, path), role);
		nomem_fail(0);
	}
	assert_true(is_through);
	assert_true(n > 50);
	assert_false(wrong_end);
	raw_stop(server);
}

static void asking(void **state)
{
	(void)state;
	every_allocation("/", NET_API);
}

static void following_a_redirect(void **state)
{
	(void)state;
	every_allocation("/from", NET_CDN);
}

static int hook_curl(void **state)
{
	(void)harness_clear_env(state);
	return curl_global_init_mem(CURL_GLOBAL_DEFAULT, nomem_malloc, free,
		   nomem_realloc, nomem_strdup, nomem_calloc) == CURLE_OK
	    ? 0
	    : -1;
}

static int unhook_curl(void **state)
{
	(void)state;
	curl_global_cleanup();
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(asking),
		cmocka_unit_test(following_a_redirect),
	};

	return cmocka_run_group_tests_name("net_nomem", tests, hook_curl, unhook_curl);
}
