/*
 * peer.h - who asks, and what is known of them between two requests: the one client of
 * standard input, a session over HTTP, or over HTTP without session a single request.
 *
 * Ids of requests are a peer's own: two of them may use the same one at a time.
 */
#pragma once

#include <stdbool.h>

#include "mcp/wire.h"

struct peer {
	bool is_initialized; /* by the handshake of the older revisions */
	bool has_forms; /* and said there that it can ask a person */
	struct wire *notices; /* takes what answers no request; NULL: nobody does */
};
