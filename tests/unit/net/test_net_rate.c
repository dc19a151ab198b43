/* All downloads of a loop together keep to a rate, and get alike. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "harness.h"
#include "rawserver.h"

#define NET _cleanup_(harness_netp) struct net *
#define SERVER _cleanup_(raw_stopp) struct raw_server *

enum { FLOOD = 64 << 20, SMALL = 20 << 10, TAKERS = 3 };

static char bytes[FLOOD];

static const struct net_config limited = { .allow_private_cdn = true,
	.way = { .limit_rate = "300k" } };

struct taker {
	size_t len;
	unsigned ends;
	struct err err;
};

static bool take_head(void *payload, const struct net_head *head)
{
	(void)payload;
	return head->status == 200;
}

static bool take_bytes(void *payload, const void *came, size_t len)
{
	struct taker *taker = payload;

	(void)came;
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
}

static const struct net_handler taking = { take_head, take_bytes, take_end };

static void start(struct net *net, const char *url, enum net_role role,
    struct net_request **ret_request, struct taker *taker)
{
	struct err err;

	assert_int_equal(net_start(net,
			     &(struct net_spec){ .role = role,
				 .method = "GET",
				 .url = url,
				 .max_body_bytes = UINT64_MAX,
				 .stall_timeout_ms = 400 },
			     &taking, taker, ret_request, &err),
	    ERR_OK);
}

/* Until so long after the first byte; returns how long that really was. */
static int64_t step_for(struct net *net, const struct taker *takers, int64_t for_ms)
{
	int64_t begun_ms = 0, now_ms = 0;
	struct err err;

	while (!begun_ms || now_ms - begun_ms < for_ms) {
		assert_int_equal(net_step(net, 20, &err), ERR_OK);
		now_ms = clock_mono_ms();
		if (!begun_ms && takers[0].len)
			begun_ms = now_ms;
		assert_int_equal(takers[0].err.kind, ERR_OK);
	}
	return now_ms - begun_ms;
}

static void flood(struct raw_peer *peer, void *payload)
{
	(void)payload;
	if (!raw_read(peer))
		return;
	raw_say(peer, "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n", FLOOD);
	raw_say_bytes(peer, bytes, FLOOD);
}

static void say_small(struct raw_peer *peer, void *payload)
{
	(void)payload;
	while (raw_read(peer)) {
		raw_say(peer, "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n", SMALL);
		raw_say_bytes(peer, bytes, SMALL);
	}
}

/* Nobody is taken for silent meanwhile, although each waits longer than that for a turn.
 */
static void large_ones_share_it(void **state)
{
	SERVER server = raw_start(flood, NULL);
	NET net = harness_net(&limited);
	struct taker takers[TAKERS] = { 0 };
	struct net_request *request[TAKERS] = { NULL };
	size_t sum = 0, all;
	int64_t took_ms;

	(void)state;
	for (int i = 0; i < TAKERS; i++)
		start(net, raw_url(server, "/"), NET_CDN, &request[i], &takers[i]);
	took_ms = step_for(net, takers, 3000);
	for (int i = 0; i < TAKERS; i++)
		sum += takers[i].len;
	all = (size_t)(300 * 1024 * took_ms / 1000);
	/*
	 * A quarter of a second may be made up for, or a piece of each be on its way;
	 * less comes where the machine has no time for us.
	 */
	if (sum < all / 2 || sum > all + all / 20 + 3 * 16384)
		fail_msg("%zu bytes in %lld ms", sum, (long long)took_ms);
	for (int i = 0; i < TAKERS; i++) {
		if (takers[i].len < sum / TAKERS - 2 * 16384 ||
		    takers[i].len > sum / TAKERS + 2 * 16384)
			fail_msg("%zu of %zu bytes", takers[i].len, sum);
		assert_true(net_was_throttled(request[i]));
		net_cancel(request[i]);
	}
	harness_drain(net);
}

/* Each would pass a limit of its own at once. */
static void small_ones_keep_to_it_together(void **state)
{
	SERVER server = raw_start(say_small, NULL);
	NET net = harness_net(&limited);
	const int64_t begun_ms = clock_mono_ms();
	int64_t least_ms, took_ms;

	(void)state;
	for (int i = 0; i < 30; i++) {
		struct taker taker = { 0 };

		start(net, raw_url(server, "/"), NET_CDN, NULL, &taker);
		harness_drain(net);
		assert_int_equal(taker.err.kind, ERR_OK);
		assert_int_equal(taker.len, SMALL);
	}
	took_ms = clock_mono_ms() - begun_ms;
	least_ms = 30 * SMALL / (300 * 1024 / 1000) - 250;
	if (took_ms < least_ms)
		fail_msg(
		    "%lld ms, less than %lld", (long long)took_ms, (long long)least_ms);
}

static void what_is_asked_of_the_api_does_not_wait(void **state)
{
	SERVER server = raw_start(flood, NULL);
	NET net = harness_net(&limited);
	struct taker taker = { 0 };
	struct net_request *request = NULL;

	(void)state;
	start(net, raw_url(server, "/"), NET_API, &request, &taker);
	harness_drain(net);
	assert_int_equal(taker.len, FLOOD);
}

/* The one at the head of the line goes; the others move up. */
static void one_that_is_cancelled_leaves_the_line(void **state)
{
	SERVER server = raw_start(flood, NULL);
	NET net = harness_net(&limited);
	struct taker takers[TAKERS] = { 0 };
	struct net_request *request[TAKERS] = { NULL };
	size_t before;

	(void)state;
	for (int i = 0; i < TAKERS; i++)
		start(net, raw_url(server, "/"), NET_CDN, &request[i], &takers[i]);
	(void)step_for(net, takers, 300);
	net_pause(request[2]);
	net_cancel(request[0]);
	net_cancel(request[1]);
	(void)step_for(net, &takers[2], 100);
	before = takers[2].len;
	(void)step_for(net, &takers[2], 700); /* paused for longer than its patience */
	assert_int_equal(takers[2].len, before);
	net_resume(request[2]);
	(void)step_for(net, &takers[2], 300);
	assert_true(takers[2].len > before + 30000);
	net_cancel(request[2]);
	harness_drain(net);
	for (int i = 0; i < TAKERS; i++)
		assert_int_equal(takers[i].ends, 1);
}

static void a_rate_that_is_none_is_refused(void **state)
{
	const struct net_config config = { .way = { .limit_rate = "fast" } };
	struct net *net = NULL;
	struct err err;

	(void)state;
	assert_int_equal(net_new(&config, &net, &err), ERR_USAGE);
	assert_null(net);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(large_ones_share_it),
		cmocka_unit_test(small_ones_keep_to_it_together),
		cmocka_unit_test(what_is_asked_of_the_api_does_not_wait),
		cmocka_unit_test(one_that_is_cancelled_leaves_the_line),
		cmocka_unit_test(a_rate_that_is_none_is_refused),
	};

	return cmocka_run_group_tests_name("net_rate", tests, harness_clear_env, NULL);
}
