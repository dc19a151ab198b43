/* Connections are used again, and what is known of one is not asked again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <sys/socket.h>

#include "base/cleanup.h"
#include "harness.h"
#include "rawserver.h"

enum { AT_ONCE = 8, ROUNDS = 25 };

static unsigned asked;

int __real_getsockname(int fd, struct sockaddr *address, socklen_t *len);
int __wrap_getsockname(int fd, struct sockaddr *address, socklen_t *len);

int __wrap_getsockname(int fd, struct sockaddr *address, socklen_t *len)
{
	asked++;
	return __real_getsockname(fd, address, len);
}

static void hello(struct raw_peer *peer, void *payload)
{
	(void)payload;
	while (raw_read(peer))
		raw_answer(peer, 200, "", "hello");
}

static void run_round(struct net *net, const char *url)
{
	const struct net_spec spec = {
		.method = "GET", .url = url, .max_body_bytes = BODY_MAX
	};
	struct outcome outcomes[AT_ONCE] = { 0 };
	struct err err;

	for (unsigned i = 0; i < AT_ONCE; i++)
		assert_int_equal(
		    net_start(net, &spec, &outcome_handler, &outcomes[i], NULL, &err),
		    ERR_OK);
	harness_drain(net);
	for (unsigned i = 0; i < AT_ONCE; i++) {
		assert_int_equal(outcomes[i].err.kind, ERR_OK);
		assert_string_equal(outcomes[i].body, "hello");
		outcome_release(&outcomes[i]);
	}
}

/* Some connections are not known yet when others are: a few questions for each. */
static void the_port_of_a_connection_is_asked_once(void **state)
{
	static const struct net_config local = { .allow_private_cdn = true };
	_cleanup_(raw_stopp) struct raw_server *server = raw_start(hello, NULL);
	_cleanup_(harness_netp) struct net *net = harness_net(&local);
	unsigned first;

	(void)state;
	run_round(net, raw_url(server, "/"));
	first = asked;
	assert_in_range(first, 1, AT_ONCE * AT_ONCE);
	for (unsigned i = 1; i < ROUNDS; i++)
		run_round(net, raw_url(server, "/"));
	assert_int_equal(asked, first);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_port_of_a_connection_is_asked_once),
	};

	return cmocka_run_group_tests_name("net_sockets", tests, harness_clear_env, NULL);
}
