/*
 * rawserver.h - a server on 127.0.0.1 that says exactly the bytes a test wants it to.
 *
 * Calling sequence: raw_start with a script, requests against raw_url(), raw_stop (or
 * the cleanup attribute with raw_stopp). The script runs once per connection, each on a
 * thread of its own; it ends with the connection. Scripts must not use cmocka's asserts:
 * they are of another thread. What came in is recorded, and looked at by the test.
 * raw_stop wakes every script that reads or waits, so that nothing hangs.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct raw_server;
struct raw_peer;

typedef void raw_script(struct raw_peer *peer, void *payload);

struct raw_server *raw_start(raw_script *script, void *payload);
/* The same behind TLS, with a certificate of its own for `name` and 127.0.0.1. */
struct raw_server *raw_start_tls(raw_script *script, void *payload, const char *name);
void raw_stop(struct raw_server *server);
void raw_stopp(struct raw_server **server);

unsigned raw_port(const struct raw_server *server);
/* "http://127.0.0.1:PORT/path"; valid until the next call. */
const char *raw_url(struct raw_server *server, const char *path);
/* Where the certificate is, as a CA file; removed by raw_stop. */
const char *raw_ca_file(const struct raw_server *server);

size_t raw_connections(struct raw_server *server);
size_t raw_requests(struct raw_server *server);
/* Head and body of request i as it came; "" when there was none. */
const char *raw_request(struct raw_server *server, size_t i);

/* For scripts. */

/* Read and record one request with its body. NULL when the peer has gone. */
const char *raw_read(struct raw_peer *peer);
void raw_say(struct raw_peer *peer, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
void raw_say_bytes(struct raw_peer *peer, const void *bytes, size_t len);
/* A whole answer with Content-Length. `head` holds more header lines, each with \r\n. */
void raw_answer(struct raw_peer *peer, int status, const char *head, const char *body);
/* Hang up; everything that was said arrives before. */
void raw_hang_up(struct raw_peer *peer);
/* Hang up with a TCP reset: what was said last may be lost. */
void raw_reset(struct raw_peer *peer);
/* Say nothing until the peer goes or the test ends. */
void raw_stall(struct raw_peer *peer);
/* Become a tunnel to a port of 127.0.0.1. */
void raw_tunnel(struct raw_peer *peer, unsigned port);
/* Which connection is this? The first is 0. */
size_t raw_number(const struct raw_peer *peer);
