/*
 * http_route.h - from a request of HTTP to a message, and who it is from.
 *
 * There is one endpoint, "/mcp". POST brings a message: one of revision 2026-07-28 stands
 * for itself, one of the older revisions belongs to the session that its header names.
 * GET opens a session's stream of notices, DELETE ends a session.
 */
#pragma once

#include "mcp/http_exchange.h"
#include "mcp/http_session.h"
#include "mcp/methods.h"
#include "web/guard.h"

struct route {
	struct guard guard;
	struct methods *methods;
	struct sessions sessions;
};

/* The head has come. False: it is refused, and `exchange` has the answer. */
bool route_admits(const struct route *route, struct http_exchange *exchange,
    const struct web_request *request);
/* All of it has come: something is asked, and answered now or later. */
void route_take(struct route *route, struct http_exchange *exchange,
    const struct web_request *request);
