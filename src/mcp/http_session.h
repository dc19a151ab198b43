/*
 * http_session.h - the sessions of the older revisions: each is a peer with a name, which
 * nobody guesses.
 *
 * There are SESSIONS_MAX at most. When one more begins, the one that was used the longest
 * ago, and asks nothing now, is over; its client gets "404" and begins anew.
 */
#pragma once

#include <stdint.h>

#include "base/err.h"
#include "mcp/http_exchange.h"
#include "mcp/methods.h"

enum { SESSIONS_MAX = 64, SESSION_ID_BYTES = 32 };

struct session {
	struct peer peer; /* the first member; its notices go to `stream` */
	char id[SESSION_ID_BYTES + 1];
	int64_t used_ms;
	struct http_exchange *stream; /* of its GET; NULL: none is open */
	bool is_over; /* freed as soon as no call is left */
	struct session *next;
};

struct sessions {
	struct session *first;
	struct methods *methods;
};

/* Makes one whose peer has asked nothing so far. ERR_BUSY: all of them are in use. */
enum err_kind sessions_begin(
    struct sessions *sessions, struct session **ret_session, struct err *err);
/* NULL: there is none of this name. */
struct session *sessions_find(struct sessions *sessions, const char *id);
/* It is over: its calls, its stream. Must not be used any more. */
void sessions_end(struct sessions *sessions, struct session *session);
/* That exchange is gone; it may have been a stream. */
void sessions_lose(struct sessions *sessions, const struct http_exchange *exchange);
/* Frees those that are over and have no calls left; with `all`, every one. */
void sessions_sweep(struct sessions *sessions, bool all);
