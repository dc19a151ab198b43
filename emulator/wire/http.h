/*
 * http.h - the two listening ports: requests are read, and answers sent as their delivery
 * wants it.
 */
#pragma once

#include <stdbool.h>

#include "common/err.h"
#include "wire/host.h"

struct http_port;

/* PEM texts for TLS. */
struct http_tls {
	const char *key, *cert;
};

struct http_listen {
	int port; /* of 127.0.0.1; 0: a free one */
	bool is_cdn; /* which of the two */
	const struct http_tls *tls; /* NULL: plain HTTP */
};

/*
 * Listen; *ret_port tells on which port. The host answers requests from here on, and must
 * outlive the port.
 */
enum err_kind http_listen(struct http_host *host, const struct http_listen *want,
    struct http_port **ret, int *ret_port, struct err *err);

/* The host's stop_fd must be readable before, so that sleeping threads wake. */
void http_close(struct http_port *http);
