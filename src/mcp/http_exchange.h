/*
 * http_exchange.h - one HTTP request and its answer, as the wire of what was asked.
 *
 * An answer that comes first is a JSON document. Once a notice, or a request of ours,
 * comes before it, the answer is a stream of events (text/event-stream), which ends with
 * it. A client that takes no events gets the document alone.
 *
 *	is_admitted: its head may be answered (http_route.h)
 *	is_dispatched: all of it has come, and somebody answers it, now or later
 *	http_exchange_starts(): so much is known that the answer can begin
 *	is_over, and all is read: it is done
 *
 * Writes may come from any thread, everything else is the server's thread's. It lives as
 * long as its connection, or a call that writes to it, does.
 */
#pragma once

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/buf.h"
#include "mcp/peer.h"

enum { EXCHANGE_OUT_MAX = 4 << 20 }; /* that nobody has read */

struct http_exchange {
	struct wire wire; /* the first member */
	struct peer peer; /* whose a request without session is */
	struct peer *asks; /* that, or a session's */
	char *target; /* as it came; owned */
	struct buf body; /* as far as it has come */
	size_t body_bytes; /* of it, also those that were too many */
	unsigned holds; /* calls that may still write */
	bool has_connection, is_admitted, is_dispatched, is_modern, takes_events;
	char session[40]; /* told with the answer; "": none */
	/* Under the lock. */
	pthread_mutex_t lock;
	struct buf out;
	size_t sent; /* of it */
	unsigned status; /* of HTTP; 0: not known yet */
	bool is_stream, is_over; /* is_over: no more will come */
	bool is_changed; /* since http_exchange_take_change() */
	int changed_fd; /* an event descriptor, borrowed: kicked with it */
	/* The transport's, while there is a connection. */
	struct http *http;
	void *connection; /* libmicrohttpd's */
	bool is_suspended, is_gone; /* is_gone: whoever asked has left */
	struct http_exchange *next;
};

struct http;

struct http_exchange *http_exchange_new(const char *target, int changed_fd);
/* Frees it, unless it still has a connection or a call. True: it is gone. */
bool http_exchange_free(struct http_exchange *exchange);

/* From now on what is written to it is an answer to that. */
void http_exchange_stream(
    struct http_exchange *exchange); /* begins as one, with no event yet */
/* A comment, which keeps it open; nothing where it is no stream. */
void http_exchange_beat(struct http_exchange *exchange);
/* Nothing comes any more. With `status`, and no answer yet, an empty one is it. */
void http_exchange_end(struct http_exchange *exchange, unsigned status);
bool http_exchange_take_change(struct http_exchange *exchange);

/* Is it known what the answer begins with? Then its status, and whether it is a stream.
 */
bool http_exchange_starts(
    struct http_exchange *exchange, unsigned *ret_status, bool *ret_is_stream);
/* Copies what has not been sent; 0: nothing now, -1: nothing any more. */
ssize_t http_exchange_read(struct http_exchange *exchange, char *into, size_t room);
