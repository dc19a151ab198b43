/*
 * http.h - Streamable HTTP, on loopback: many clients, of all revisions, at one endpoint.
 *
 * libmicrohttpd (web/mhd.h) reads and writes on the server's own thread, whenever
 * the loop says that there is something to do. What waits for an answer is suspended, and
 * its socket is watched for the client leaving: that cancels a call of revision
 * 2026-07-28, whose answer would have no way to go, and no other.
 */
#pragma once

#include "mcp/http_route.h"
#include "mcp/transport.h"
#include "web/listen.h"
#include "web/mhd.h"

enum {
	HTTP_CONNECTIONS_MAX = 64,
	HTTP_MEMORY_BYTES = 32 << 10, /* of a connection: its header fits in half */
	HTTP_IDLE_S = 30, /* that nothing moves */
	HTTP_HEAD_MS = 10000, /* that a request may take to come in */
	HTTP_BEAT_MS = 20000, /* between two signs of life of a stream */
};

struct visit;

struct http {
	struct server *server;
	struct mhd lib;
	struct MHD_Daemon *daemon; /* NULL: it does not run */
	struct listen_at at;
	struct route route;
	struct http_exchange *first; /* those that have a connection */
	struct visit *visits; /* every connection */
	int daemon_fd; /* of libmicrohttpd: it has something to do */
	int changed_fd; /* something was written to an exchange */
	int gone_fd; /* whoever waits has left */
	int64_t beat_ms;
};

/* Starts the library's part: it takes requests from now on. */
enum err_kind http_start(struct http *http, struct err *err);
void http_stop(struct http *http);

/* A suspended exchange goes on. */
void http_resume(struct http *http, struct http_exchange *exchange);
/* Whoever asked is not there any more. */
void http_leave(struct http *http, struct http_exchange *exchange);

/* Returns when the next connection has taken too long to ask something; -1: none. */
int64_t visits_next_ms(const struct http *http);
/* Closes those that did. */
void visits_step(struct http *http);
