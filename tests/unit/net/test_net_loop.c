/* The loop itself: many at once, starting and cancelling from anywhere. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "harness.h"
#include "rawserver.h"

#define NET _cleanup_(harness_netp) struct net *
#define SERVER _cleanup_(raw_stopp) struct raw_server *
#define OUTCOME _cleanup_(outcome_release) struct outcome

static const struct net_config local = { .allow_private_cdn = true };

static void hello(struct raw_peer *peer, void *payload)
{
	(void)payload;
	while (raw_read(peer))
		raw_answer(peer, 200, "", "hello");
}

/* A head and some bytes, then silence: a transfer that is under way. */
static void begin_and_stall(struct raw_peer *peer, void *payload)
{
	(void)payload;
	if (raw_read(peer))
		raw_say(peer, "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nhello");
	raw_stall(peer);
}

static struct net_request *begin(
    struct net *net, const char *url, const struct net_handler *handler, void *payload)
{
	const struct net_spec spec = {
		.method = "GET", .url = url, .max_body_bytes = BODY_MAX
	};
	struct net_request *request = NULL;
	struct err err = { 0 };

	if (net_start(net, &spec, handler, payload, &request, &err) != ERR_OK)
		fail_msg("net_start: %s", err.msg);
	return request;
}

static void step(struct net *net, int timeout_ms)
{
	struct err err = { 0 };

	if (net_step(net, timeout_ms, &err) != ERR_OK)
		fail_msg("net_step: %s", err.msg);
}

/* ---- many ---- */

static void three_hundred(void **state)
{
	enum { N = 300 };
	SERVER server = raw_start(hello, NULL);
	NET net =
	    harness_net(&(struct net_config){ .max_connections = 20, .max_per_host = 8 });
	struct outcome *outcomes = calloc(N, sizeof(*outcomes));

	(void)state;
	assert_non_null(outcomes);
	for (int i = 0; i < N; i++)
		(void)begin(net, raw_url(server, "/"), &outcome_handler, &outcomes[i]);
	assert_int_equal(net_active(net), N);
	harness_drain(net);
	for (int i = 0; i < N; i++) {
		assert_int_equal(outcomes[i].ends, 1);
		assert_int_equal(outcomes[i].err.kind, ERR_OK);
		assert_int_equal(outcomes[i].len, 5);
		outcome_release(&outcomes[i]);
	}
	assert_int_equal(raw_requests(server), N);
	assert_true(raw_connections(server) <= 8);
	free(outcomes);
}

/* Waiting for a free connection is no silence, however long it takes. */
static void slow_hello(struct raw_peer *peer, void *payload)
{
	(void)payload;
	while (raw_read(peer)) {
		(void)usleep(60 * 1000);
		raw_answer(peer, 200, "", "hello");
	}
}

/* How many of eight that share a connection, each of which takes its time, get through?
 */
static size_t eight_in_a_row(void)
{
	enum { N = 8 };
	SERVER server = raw_start(slow_hello, NULL);
	NET net = harness_net(&(struct net_config){ .max_per_host = 1 });
	struct outcome outcomes[N] = { 0 };
	const struct net_spec spec = { .method = "GET",
		.url = raw_url(server, "/"),
		.max_body_bytes = 10,
		.stall_timeout_ms = 250,
		.connect_timeout_ms = 250 };
	struct err err;
	size_t n = 0;

	for (int i = 0; i < N; i++)
		assert_int_equal(
		    net_start(net, &spec, &outcome_handler, &outcomes[i], NULL, &err),
		    ERR_OK);
	harness_drain(net);
	for (int i = 0; i < N; i++) {
		n += outcomes[i].err.kind == ERR_OK;
		outcome_release(&outcomes[i]);
	}
	if (n == N)
		assert_int_equal(raw_connections(server), 1);
	return n;
}

/* On a machine that is busy the server may be silent indeed: not all five times. */
static void queueing_is_no_stall(void **state)
{
	size_t n = 0;

	(void)state;
	for (int times = 0; times < 5 && n < 8; times++)
		n = eight_in_a_row();
	assert_int_equal(n, 8);
}

/* ---- cancelling ---- */

static void cancel_before_it_begins(void **state)
{
	SERVER server = raw_start(hello, NULL);
	NET net = harness_net(&local);
	OUTCOME outcome = { 0 };
	struct net_request *request;

	(void)state;
	request = begin(net, raw_url(server, "/"), &outcome_handler, &outcome);
	net_cancel(request);
	assert_int_equal(outcome.ends, 0); /* handlers run in net_step only */
	net_cancel(request);
	step(net, 5000);
	assert_int_equal(outcome.ends, 1);
	assert_int_equal(outcome.err.kind, ERR_CANCELLED);
	assert_false(outcome.sent);
	assert_int_equal(net_active(net), 0);
}

static void cancel_under_way(void **state)
{
	SERVER server = raw_start(begin_and_stall, NULL);
	NET net = harness_net(&local);
	OUTCOME outcome = { 0 };
	struct net_request *request;

	(void)state;
	request = begin(net, raw_url(server, "/"), &outcome_handler, &outcome);
	while (outcome.len < 5)
		step(net, 1000);
	net_cancel(request);
	step(net, FOR_EVER_MS); /* doesn't wait: there is something to tell */
	assert_int_equal(outcome.ends, 1);
	assert_int_equal(outcome.err.kind, ERR_CANCELLED);
	assert_true(outcome.sent);
	assert_int_equal(outcome.len, 5);
}

/* A small program for handlers: what to do at which call. */
struct play {
	struct net *net;
	const char *url;
	struct net_request *self, *other;
	bool cancel_self_at_head, cancel_self_at_bytes, cancel_other_at_head,
	    cancel_other_at_end;
	bool start_at_head, start_at_end, step_at_bytes;
	struct outcome started;
	enum err_kind stepped;
	unsigned heads, bytes, ends;
	enum err_kind kind;
};

static bool play_head(void *payload, const struct net_head *head)
{
	struct play *play = payload;

	(void)head;
	play->heads++;
	if (play->start_at_head)
		(void)begin(play->net, play->url, &outcome_handler, &play->started);
	if (play->cancel_other_at_head)
		net_cancel(play->other);
	if (play->cancel_self_at_head)
		net_cancel(play->self);
	return true;
}

static bool play_bytes(void *payload, const void *bytes, size_t len)
{
	struct play *play = payload;
	struct err err = { 0 };

	(void)bytes, (void)len;
	play->bytes++;
	if (play->step_at_bytes)
		play->stepped = net_step(play->net, 0, &err);
	if (play->cancel_self_at_bytes)
		net_cancel(play->self);
	return true;
}

static void play_done(
    void *payload, const struct err *err, const struct net_head *head, bool sent)
{
	struct play *play = payload;

	(void)head, (void)sent;
	play->ends++;
	play->kind = err->kind;
	if (play->cancel_other_at_end)
		net_cancel(play->other);
	if (play->start_at_end)
		(void)begin(play->net, play->url, &outcome_handler, &play->started);
	net_cancel(play->self); /* too late, and harmless */
}

static const struct net_handler play_handler = { play_head, play_bytes, play_done };

static void run_play(struct net *net, const char *url, struct play *play)
{
	play->net = net;
	play->url = url;
	play->self = begin(net, url, &play_handler, play);
	harness_drain(net);
	assert_int_equal(play->ends, 1);
}

static void cancel_itself(void **state)
{
	SERVER server = raw_start(begin_and_stall, NULL);
	NET net = harness_net(&local);
	struct play at_head = { .cancel_self_at_head = true };
	struct play at_bytes = { .cancel_self_at_bytes = true };

	(void)state;
	run_play(net, raw_url(server, "/"), &at_head);
	assert_int_equal(at_head.kind, ERR_CANCELLED);
	assert_int_equal(at_head.bytes, 0);
	run_play(net, raw_url(server, "/"), &at_bytes);
	assert_int_equal(at_bytes.kind, ERR_CANCELLED);
	assert_int_equal(at_bytes.bytes, 1);
}

static void cancel_another(void **state)
{
	SERVER stalling = raw_start(begin_and_stall, NULL);
	SERVER quick = raw_start(hello, NULL);
	NET net = harness_net(&local);

	(void)state;
	for (int at_end = 0; at_end < 2; at_end++) {
		OUTCOME victim = { 0 };
		struct play play = { .cancel_other_at_head = !at_end,
			.cancel_other_at_end = at_end };

		play.other =
		    begin(net, raw_url(stalling, "/"), &outcome_handler, &victim);
		while (victim.len < 5)
			step(net, 1000);
		run_play(net, raw_url(quick, "/"), &play);
		assert_int_equal(play.kind, ERR_OK);
		assert_int_equal(victim.ends, 1);
		assert_int_equal(victim.err.kind, ERR_CANCELLED);
	}
}

static void start_from_handlers(void **state)
{
	SERVER server = raw_start(hello, NULL);
	NET net = harness_net(&local);
	struct play at_head = { .start_at_head = true };
	struct play at_end = { .start_at_end = true };

	(void)state;
	run_play(net, raw_url(server, "/"), &at_head);
	assert_int_equal(at_head.started.ends, 1);
	assert_int_equal(at_head.started.err.kind, ERR_OK);
	run_play(net, raw_url(server, "/"), &at_end);
	assert_int_equal(at_end.started.ends, 1);
	assert_string_equal(at_end.started.body, "hello");
	outcome_release(&at_head.started);
	outcome_release(&at_end.started);
}

static void stepping_from_a_handler(void **state)
{
	SERVER server = raw_start(hello, NULL);
	NET net = harness_net(&local);
	struct play play = { .step_at_bytes = true };

	(void)state;
	run_play(net, raw_url(server, "/"), &play);
	assert_int_equal(play.stepped, ERR_USAGE);
	assert_int_equal(play.kind, ERR_OK);
}

/* ---- the end ---- */

static void free_while_active(void **state)
{
	SERVER server = raw_start(begin_and_stall, NULL);
	struct net *net = harness_net(&local);
	struct outcome outcomes[12] = { 0 };

	(void)state;
	for (int i = 0; i < 10; i++)
		(void)begin(net, raw_url(server, "/"), &outcome_handler, &outcomes[i]);
	while (outcomes[0].len < 5)
		step(net, 1000);
	net_cancel(begin(net, raw_url(server, "/"), &outcome_handler, &outcomes[10]));
	(void)begin(net, raw_url(server, "/"), &outcome_handler, &outcomes[11]);
	net_free(net);
	for (int i = 0; i < 12; i++) {
		assert_int_equal(outcomes[i].ends, 0);
		outcome_release(&outcomes[i]);
	}
	net_free(NULL);
}

static void two_loops(void **state)
{
	SERVER server = raw_start(hello, NULL);
	NET first = harness_net(&local);
	NET second = harness_net(&local);
	OUTCOME one = { 0 };
	OUTCOME two = { 0 };

	(void)state;
	(void)begin(first, raw_url(server, "/"), &outcome_handler, &one);
	(void)begin(second, raw_url(server, "/"), &outcome_handler, &two);
	harness_drain(second);
	assert_int_equal(one.ends, 0);
	harness_drain(first);
	assert_int_equal(one.ends, 1);
	assert_int_equal(two.ends, 1);
}

static unsigned inheritable(void)
{
	unsigned n = 0;

	for (int fd = 3; fd < 256; fd++) {
		const int flags = fcntl(fd, F_GETFD);

		n += flags >= 0 && (flags & FD_CLOEXEC) == 0;
	}
	return n;
}

/* A child of ours gets none of the sockets of a transfer. */
static void descriptors_are_closed_on_exec(void **state)
{
	SERVER server = raw_start(begin_and_stall, NULL);
	const unsigned before = inheritable();
	NET net = harness_net(&local);
	OUTCOME outcome = { 0 };

	(void)state;
	(void)begin(net, raw_url(server, "/"), &outcome_handler, &outcome);
	while (outcome.len < 5)
		step(net, 1000);
	/* Curl makes a pair for curl_multi_wakeup() that it marks in later versions. */
	assert_in_range(inheritable() - before, 0, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(three_hundred),
		cmocka_unit_test(queueing_is_no_stall),
		cmocka_unit_test(cancel_before_it_begins),
		cmocka_unit_test(cancel_under_way),
		cmocka_unit_test(cancel_itself),
		cmocka_unit_test(cancel_another),
		cmocka_unit_test(start_from_handlers),
		cmocka_unit_test(stepping_from_a_handler),
		cmocka_unit_test(free_while_active),
		cmocka_unit_test(two_loops),
		cmocka_unit_test(descriptors_are_closed_on_exec),
	};

	return cmocka_run_group_tests_name("net_loop", tests, harness_clear_env, NULL);
}
