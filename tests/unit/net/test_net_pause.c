/* Whoever can't take more bytes has the peer wait. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "harness.h"
#include "rawserver.h"

#define NET _cleanup_(harness_netp) struct net *
#define SERVER _cleanup_(raw_stopp) struct raw_server *

static const struct net_config local = { .allow_private_cdn = true };

enum { FLOOD = 4 << 20, SOME = 64 << 10, BEHIND_MAX = 256 << 10 };

static void step(struct net *net, int timeout_ms)
{
	struct err err = { 0 };

	if (net_step(net, timeout_ms, &err) != ERR_OK)
		fail_msg("net_step: %s", err.msg);
}

/* One that can't take more at times, and what came so far. */
struct taker {
	struct net_request *request;
	size_t len;
	unsigned ends, wrong; /* bytes that are not what their place says */
	struct err err;
};

static unsigned char byte_at(size_t at)
{
	return (unsigned char)(at * 7 + at / 251);
}

static char bytes[FLOOD]; /* made before anybody waits for them */

static int make_bytes(void **state)
{
	for (size_t i = 0; i < FLOOD; i++)
		bytes[i] = (char)byte_at(i);
	return harness_clear_env(state);
}

static void flood(struct raw_peer *peer, void *payload)
{
	(void)payload;
	if (!raw_read(peer))
		return;
	raw_say(peer, "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n", FLOOD);
	raw_say_bytes(peer, bytes, FLOOD);
}

static bool take_head(void *payload, const struct net_head *head)
{
	(void)payload;
	return head->status == 200;
}

static bool take_bytes(void *payload, const void *came, size_t len)
{
	struct taker *taker = payload;
	const unsigned char *from = came;

	for (size_t i = 0; i < len; i++)
		taker->wrong += from[i] != byte_at(taker->len + i);
	if (taker->len / SOME != (taker->len + len) / SOME)
		net_pause(taker->request);
	taker->len += len;
	return true;
}

static void take_end(
    void *payload, const struct err *err, const struct net_head *head, bool sent)
{
	struct taker *taker = payload;

	(void)head, (void)sent;
	taker->ends++;
	taker->err = *err;
	taker->request = NULL;
}

static const struct net_handler taking = {
	.on_head = take_head, .on_bytes = take_bytes, .on_done = take_end
};

/* Until it has paused for the first time. */
static void take_some(struct net *net, const char *url, struct taker *taker)
{
	const struct net_spec spec = { .method = "GET",
		.url = url,
		.max_body_bytes = FLOOD,
		.stall_timeout_ms = 100 };
	struct err err;

	assert_int_equal(
	    net_start(net, &spec, &taking, taker, &taker->request, &err), ERR_OK);
	while (taker->len < SOME) {
		assert_int_equal(taker->ends, 0);
		step(net, 10);
	}
}

/* Longer than a silence may be: it is none. */
static void who_is_paused_gets_no_more_and_is_not_overdue(void **state)
{
	SERVER server = raw_start(flood, NULL);
	NET net = harness_net(&local);
	struct taker taker = { 0 };
	size_t len = 0;

	(void)state;
	take_some(net, raw_url(server, "/"), &taker);
	for (int i = 0; i < 30; i++) {
		len = taker.len;
		step(net, 10);
		assert_true(taker.len <= BEHIND_MAX && (i < 10 || taker.len == len));
	}
	while (!taker.ends) {
		net_resume(taker.request);
		step(net, 10);
	}
	assert_int_equal(taker.err.kind, ERR_OK);
	assert_int_equal(taker.len, FLOOD);
	assert_int_equal(taker.wrong, 0);
}

static void who_is_paused_can_be_cancelled(void **state)
{
	SERVER server = raw_start(flood, NULL);
	NET net = harness_net(&local);
	struct taker taker = { 0 };

	(void)state;
	take_some(net, raw_url(server, "/"), &taker);
	net_cancel(taker.request);
	harness_drain(net);
	assert_int_equal(taker.ends, 1);
	assert_int_equal(taker.err.kind, ERR_CANCELLED);
}

static void send_on(struct raw_peer *peer, void *payload)
{
	(void)payload;
	if (raw_number(peer) > 0)
		flood(peer, NULL);
	else if (raw_read(peer))
		raw_answer(peer, 302, "Location: /there\r\nConnection: close\r\n", "");
}

static void who_is_paused_stays_so_where_it_is_sent(void **state)
{
	SERVER server = raw_start(send_on, NULL);
	NET net = harness_net(&local);
	const struct net_spec spec = { .role = NET_CDN,
		.method = "GET",
		.url = raw_url(server, "/"),
		.max_body_bytes = FLOOD };
	struct taker taker = { 0 };
	struct err err;

	(void)state;
	assert_int_equal(
	    net_start(net, &spec, &taking, &taker, &taker.request, &err), ERR_OK);
	net_pause(taker.request);
	for (int i = 0; i < 20 || raw_requests(server) < 2; i++)
		step(net, 10);
	assert_int_equal(taker.len, 0);
	while (!taker.ends) {
		net_resume(taker.request);
		step(net, 10);
	}
	assert_int_equal(taker.err.kind, ERR_OK);
	assert_int_equal(taker.len, FLOOD);
	assert_int_equal(taker.wrong, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_is_paused_gets_no_more_and_is_not_overdue),
		cmocka_unit_test(who_is_paused_can_be_cancelled),
		cmocka_unit_test(who_is_paused_stays_so_where_it_is_sent),
	};

	return cmocka_run_group_tests(tests, make_bytes, NULL);
}
