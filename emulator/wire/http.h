/*
 * http.h - the two listening ports, and bytes on the wire as faults want them.
 *
 * libmicrohttpd runs a thread for every connection, so a stalled or slow answer
 * may simply sleep: it holds up nobody else. Sleeps end when the peer leaves or
 * the program stops.
 */
#pragma once

#include <stdbool.h>

#include "common/err.h"
#include "wire/emulator.h"

struct http_port;

/* PEM texts for TLS, or NULL for plain HTTP. */
struct http_tls {
	const char *key, *cert;
};

/*
 * Listen on the port of 127.0.0.1 that the options name; *ret_port tells which it is.
 * Requests are answered from here on, by service_answer().
 */
enum err_kind http_listen(struct emulator *emu, bool is_cdn, const struct http_tls *tls,
    struct http_port **ret, int *ret_port, struct err *err);

/*
 * Sleep for the sake of a fault. False when the sleep was cut short: the peer has gone,
 * or the program ends.
 */
struct request;
bool http_sleep(const struct request *r, double seconds);

/* Emulator.stop_fd must be readable before, so that sleeping threads wake. */
void http_close(struct http_port *http);
