/* What starts ahead, on a thread: in any order, and left out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "harness.h"
#include "net/ahead.h"
#include "rawserver.h"

static const struct net_config local = { .allow_private_cdn = true };

static void hello(struct raw_peer *peer, void *payload)
{
	(void)payload;
	while (raw_read(peer))
		raw_answer(peer, 200, "", "hello");
}

static void a_loop_works(struct net *net)
{
	struct raw_server *server = raw_start(hello, NULL);
	const struct net_spec spec = {
		.method = "GET", .url = raw_url(server, "/"), .max_body_bytes = BODY_MAX
	};
	struct outcome outcome = { 0 };

	harness_run(net, &spec, &outcome);
	assert_int_equal(outcome.err.kind, ERR_OK);
	assert_string_equal(outcome.body, "hello");
	outcome_release(&outcome);
	raw_stop(server);
}

static void ended_when_there_is_a_loop(void **state)
{
	struct net_ahead ahead = { 0 };
	struct net *net;

	(void)state;
	net_ahead_begin(&ahead);
	net_ahead_begin(&ahead);
	net = harness_net(&local);
	net_ahead_end(&ahead);
	a_loop_works(net);
	net_free(net);
}

static void ended_before_or_behind_the_loop(void **state)
{
	struct net_ahead ahead = { 0 };
	struct net *net;

	(void)state;
	net_ahead_begin(&ahead);
	net_ahead_end(&ahead);
	net_ahead_end(&ahead);
	net = harness_net(&local);
	net_ahead_begin(&ahead);
	a_loop_works(net);
	net_free(net);
	net_ahead_end(&ahead);
	net = harness_net(&local);
	a_loop_works(net);
	net_free(net);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ended_when_there_is_a_loop),
		cmocka_unit_test(ended_before_or_behind_the_loop),
	};

	return cmocka_run_group_tests_name("net_ahead", tests, harness_clear_env, NULL);
}
