/*
 * method.h - a row of the table of methods, and a request while it is answered. A server
 * may have more rows than the usual ones (mcp_options.more): of two with one name, those
 * come first.
 */
#pragma once

#include "mcp/era.h"
#include "mcp/methods.h"
#include "mcp/reply.h"

struct request {
	struct methods *methods;
	struct peer *peer;
	struct wire *wire;
	struct message *message;
	enum era era;
	struct reply_to to;
};

/* Answers on request->wire, now; or holds the wire, and answers later. */
struct method {
	const char *name;
	unsigned eras; /* enum era, or'ed */
	void (*answer)(struct request *request);
};

/* Beside the usual methods. */
struct methods_more {
	const struct method *rows; /* the last has no name */
	/* Hears what answers a request of ours. */
	void (*response)(struct peer *peer, const struct message *message);
};
