/*
 * The crypto library finds no memory, anywhere from its start to a handshake: a checksum
 * and a transfer over HTTPS end with an error or without, but the process goes on. Each
 * failure has a process of its own, because the library starts once.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <openssl/crypto.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/hash.h"
#include "harness.h"
#include "rawserver.h"

/*
 * The allocations of the start fail one by one, and one in so many of the thousands that
 * follow. At least so many there are: the test would show nothing if they were not
 * counted.
 */
enum { CLOSELY = 40, THEN_EVERY = 199, AT_MOST = 20000, AT_LEAST = 1000 };
enum { NONE_LEFT = 3, NOT_COUNTED = 4, FALSE_END = 5 };

static unsigned countdown;

/* Of the server. */
struct address {
	char url[64];
	char ca_file[128];
};

static void *failing_malloc(size_t size, const char *file, int line)
{
	(void)file, (void)line;
	if (countdown > 0 && --countdown == 0)
		return NULL;
	return malloc(size);
}

static void *failing_realloc(void *old, size_t size, const char *file, int line)
{
	(void)file, (void)line;
	if (countdown > 0 && --countdown == 0)
		return NULL;
	return realloc(old, size);
}

static void plain_free(void *old, const char *file, int line)
{
	(void)file, (void)line;
	free(old);
}

static bool on_head(void *payload, const struct net_head *head)
{
	(void)payload;
	return head->status == 200;
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
	if (err->kind == ERR_OK && head->status != 200)
		_exit(FALSE_END);
}

static void ignore_line(void *payload, const char *line)
{
	(void)payload, (void)line;
}

static void shake_hands(const struct address *at)
{
	static const struct net_handler handler = { on_head, on_bytes, on_done };
	const struct net_config config = {
		.allow_private_cdn = true, .way.ca_file = at->ca_file, .log = ignore_line
	};
	const struct net_spec spec = { .role = NET_CDN,
		.method = "GET",
		.url = at->url,
		.max_body_bytes = 100,
		.stall_timeout_ms = 500,
		.total_timeout_ms = 1000 };
	struct net *net = NULL;
	struct err err = { 0 };

	if (net_new(&config, &net, &err) != ERR_OK)
		return;
	if (net_start(net, &spec, &handler, NULL, NULL, &err) == ERR_OK)
		while (net_active(net) > 0)
			(void)net_step(net, 200, &err);
	net_free(net);
}

static void sum(void)
{
	static const char of_nothing[] =
	    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
	char hex[HASH_HEX_MAX];
	struct err err = { 0 };

	if (hash_text(HASH_SHA256, "", 0, hex, &err) == ERR_OK &&
	    strcmp(hex, of_nothing) != 0)
		_exit(FALSE_END);
}

/* What becomes of a process in which the n-th allocation fails. */
static int life(unsigned n, bool sums_first, const struct address *at)
{
	int status = 0;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		(void)signal(SIGSEGV, SIG_DFL); /* cmocka's would go on with the tests */
		if (!CRYPTO_set_mem_functions(
			failing_malloc, failing_realloc, plain_free))
			_exit(NOT_COUNTED);
		countdown = n;
		if (sums_first)
			sum();
		shake_hands(at);
		sum();
		_exit(countdown > 0 ? NONE_LEFT : 0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status;
}

static void answer(struct raw_peer *peer, void *payload)
{
	(void)payload;
	while (raw_read(peer))
		raw_answer(peer, 200, "", "hello");
}

struct server {
	pid_t pid;
	int hold; /* closed: it ends */
	struct address at;
};

/* In a process of its own: this one must not start the library. */
static void serve(int tell, int hold)
{
	struct raw_server *server = raw_start_tls(answer, NULL, "localhost");
	struct address at = { 0 };
	char none;

	(void)snprintf(at.url, sizeof(at.url), "%s", raw_url(server, "/"));
	(void)snprintf(at.ca_file, sizeof(at.ca_file), "%s", raw_ca_file(server));
	if (write(tell, &at, sizeof(at)) == (ssize_t)sizeof(at))
		(void)!read(hold, &none, 1);
	raw_stop(server);
	_exit(0);
}

static struct server start_server(void)
{
	struct server server = { 0 };
	int tell[2], hold[2];

	assert_int_equal(pipe2(tell, O_CLOEXEC), 0);
	assert_int_equal(pipe2(hold, O_CLOEXEC), 0);
	server.pid = fork();
	assert_true(server.pid >= 0);
	if (server.pid == 0) {
		(void)close(hold[1]);
		serve(tell[1], hold[0]);
	}
	assert_int_equal(read(tell[0], &server.at, sizeof(server.at)), sizeof(server.at));
	(void)close(tell[0]);
	(void)close(tell[1]);
	(void)close(hold[0]);
	server.hold = hold[1];
	return server;
}

static void every_start(bool sums_first)
{
	struct server server = start_server();
	unsigned n = 1;
	int status = 0;

	for (; n < AT_MOST; n += n < CLOSELY ? 1 : THEN_EVERY) {
		status = life(n, sums_first, &server.at);
		if (status)
			break;
	}
	(void)close(server.hold);
	assert_int_equal(waitpid(server.pid, NULL, 0), server.pid);
	if (!WIFEXITED(status) || WEXITSTATUS(status) != NONE_LEFT)
		fail_msg("allocation %u: the process ended with status %d", n, status);
	assert_in_range(n, AT_LEAST, AT_MOST);
}

static void a_handshake(void **state)
{
	(void)state;
	every_start(false);
}

static void a_checksum(void **state)
{
	(void)state;
	every_start(true);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_handshake),
		cmocka_unit_test(a_checksum),
	};

	return cmocka_run_group_tests_name("net_crypto", tests, harness_clear_env, NULL);
}
