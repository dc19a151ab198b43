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
#include <unistd.h>
#include <zlib.h>

#include "bad_servers.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "harness.h"

#define NET _cleanup_(harness_netp) struct net *
#define SERVER _cleanup_(raw_stopp) struct raw_server *
#define OUTCOME _cleanup_(outcome_release) struct outcome

static const struct net_config local = { .allow_private_cdn = true };

#define HEAD_10 "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n"
#define CHUNKED "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"

struct bytes {
	unsigned char *data;
	size_t len;
};

static void bytes_release(struct bytes *bytes)
{
	free(bytes->data);
}

static struct bytes make_bomb(size_t size)
{
	struct bytes bomb = { calloc(1, size), 0 };
	unsigned char *zeros = bomb.data;
	z_stream z = { .next_in = zeros, .avail_in = (uInt)size };
	unsigned char *packed = malloc(size);

	assert_non_null(zeros);
	assert_non_null(packed);
	assert_int_equal(
	    deflateInit2(&z, 9, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
	z.next_out = packed;
	z.avail_out = (uInt)size;
	assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
	bomb = (struct bytes){ packed, z.total_out };
	(void)deflateEnd(&z);
	free(zeros);
	return bomb;
}

static void say_gzip(struct raw_peer *peer, void *payload)
{
	const struct bytes *bytes = payload;

	if (!raw_read(peer))
		return;
	raw_say(peer,
	    "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %zu\r\n\r\n",
	    bytes->len);
	raw_say_bytes(peer, bytes->data, bytes->len);
}

static void gzip_bomb(void **state)
{
	_cleanup_(bytes_release) struct bytes bomb = make_bomb(32 << 20);
	SERVER server = raw_start(say_gzip, &bomb);
	NET net = harness_net(&local);
	OUTCOME outcome = { 0 };

	(void)state;
	assert_true(bomb.len < 100000);
	harness_run(net,
	    &(struct net_spec){ .url = raw_url(server, "/"),
		.wants_gzip = true,
		.max_body_bytes = 500000 },
	    &outcome);
	assert_int_equal(outcome.err.kind, ERR_CONTRACT);
	assert_non_null(strstr(outcome.err.msg, "over 500"));
	assert_true(outcome.len <= 500000);
}

static void ceiling_on_the_body(void **state)
{
	static const struct {
		const char *says;
		uint64_t max;
		enum err_kind kind;
		size_t len;
	} rows[] = {
		{ HEAD_10 "0123456789", 10, ERR_OK, 10 },
		{ HEAD_10 "0123456789", 9, ERR_CONTRACT,
		    0 }, /* the length told is enough */
		{ CHUNKED "a\r\n0123456789\r\n0\r\n\r\n", 10, ERR_OK, 10 },
		{ CHUNKED "5\r\n01234\r\n5\r\n56789\r\n0\r\n\r\n", 4, ERR_CONTRACT, 0 },
		{ "HTTP/1.1 200 OK\r\n\r\n0123456789", 9, ERR_CONTRACT, 0 },
		{ "HTTP/1.1 200 OK\r\n\r\n0123456789", 10, ERR_OK, 10 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		_cleanup_free_ char *says = strdup(rows[i].says);
		SERVER server = raw_start(say_and_close, says);
		NET net = harness_net(&local);
		OUTCOME outcome = { 0 };

		harness_run(net,
		    &(struct net_spec){
			.url = raw_url(server, "/"), .max_body_bytes = rows[i].max },
		    &outcome);
		if (outcome.err.kind != rows[i].kind || outcome.len != rows[i].len)
			fail_msg("row %zu: %d %s, %zu bytes", i, outcome.err.kind,
			    outcome.err.msg, outcome.len);
	}
}

static void handlers_say_stop(void **state)
{
	char says[] = HEAD_10 "0123456789";
	SERVER server = raw_start(say_and_stall, says);
	NET net = harness_net(&local);
	OUTCOME at_head = { .refuse_head = true };
	OUTCOME at_bytes = { .refuse_bytes = true };

	(void)state;
	harness_run(net, &(struct net_spec){ .url = raw_url(server, "/") }, &at_head);
	assert_int_equal(at_head.err.kind, ERR_CANCELLED);
	assert_int_equal(at_head.len, 0);
	assert_int_equal(at_head.head.status, 200);
	harness_run(net, &(struct net_spec){ .url = raw_url(server, "/") }, &at_bytes);
	assert_int_equal(at_bytes.err.kind, ERR_CANCELLED);
	assert_int_equal(at_bytes.heads, 1);
}

/* ---- timers ---- */

static void a_stall_takes_its_time(void **state)
{
	char says[] = HEAD_10;
	SERVER server = raw_start(say_and_stall, says);
	NET net = harness_net(&local);
	OUTCOME outcome = { 0 };
	const int64_t begun_ms = clock_mono_ms();

	(void)state;
	harness_run(net,
	    &(struct net_spec){ .url = raw_url(server, "/"), .stall_timeout_ms = 200 },
	    &outcome);
	assert_true(clock_mono_ms() - begun_ms >= 200);
	assert_int_equal(outcome.err.kind, ERR_NET);
}

/* That a small body has left long ago is no sign of life. */
static void a_stalled_post_takes_no_longer(void **state)
{
	char says[] = "";
	SERVER server = raw_start(say_and_stall, says);
	NET net = harness_net(&local);
	OUTCOME outcome = { 0 };

	(void)state;
	harness_run(net,
	    &(struct net_spec){ .method = "POST",
		.url = raw_url(server, "/"),
		.body = "{}",
		.body_len = 2,
		.stall_timeout_ms = 1000,
		.total_timeout_ms = 1900,
		.once = true },
	    &outcome);
	assert_int_equal(outcome.err.kind, ERR_NET);
	assert_non_null(strstr(outcome.err.msg, "not a byte"));
}

static void a_drip_is_no_stall(void **state)
{
	SERVER server = raw_start(drip, NULL);
	NET net = harness_net(&local);
	OUTCOME outcome = { 0 };

	(void)state;
	harness_run(net,
	    &(struct net_spec){ .url = raw_url(server, "/"),
		.stall_timeout_ms = 200,
		.total_timeout_ms = 500 },
	    &outcome);
	assert_non_null(strstr(outcome.err.msg, "wasn't done within"));
	assert_true(outcome.len > 10);
}

/* The server doesn't read: an upload that stands still is a stall. */
static void never_read(struct raw_peer *peer, void *payload)
{
	(void)peer;
	(void)payload;
	(void)usleep(600 * 1000);
}

static void an_upload_stalls(void **state)
{
	enum { LEN = 32 << 20 };
	SERVER server = raw_start(never_read, NULL);
	NET net = harness_net(&local);
	_cleanup_free_ char *body = calloc(1, LEN);
	OUTCOME outcome = { 0 };

	(void)state;
	assert_non_null(body);
	harness_run(net,
	    &(struct net_spec){ .method = "POST",
		.url = raw_url(server, "/"),
		.body = body,
		.body_len = LEN,
		.stall_timeout_ms = 100,
		.once = true },
	    &outcome);
	assert_int_equal(outcome.err.kind, ERR_NET);
	assert_non_null(strstr(outcome.err.msg, "not a byte"));
	assert_true(outcome.sent);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(gzip_bomb),
		cmocka_unit_test(ceiling_on_the_body),
		cmocka_unit_test(handlers_say_stop),
		cmocka_unit_test(a_stall_takes_its_time),
		cmocka_unit_test(a_stalled_post_takes_no_longer),
		cmocka_unit_test(a_drip_is_no_stall),
		cmocka_unit_test(an_upload_stalls),
	};

	return cmocka_run_group_tests_name("net_limits", tests, harness_clear_env, NULL);
}
