/*
 * connection.h - the socket below an answer, for what the library cannot do with it.
 *
 * libmicrohttpd runs a thread for every connection, so a stalled or slow answer
 * may simply sleep: it holds up nobody else. Sleeps end when the peer leaves or
 * the program stops.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct request;

/* False when the sleep was cut short: the peer has gone, or the program ends. */
bool connection_sleep(const struct request *r, double seconds);

/* Send these bytes past the library; false: the peer has gone, or the program ends. */
bool connection_send(const struct request *r, const char *bytes, size_t len);

/* End the connection by a TCP reset, once the peer has what was sent before. */
void connection_reset(const struct request *r);
