/*
 * listen.h - who wants to be told of changes, and what: subscriptions/listen of revision
 * 2026-07-28, resources/subscribe of the older ones.
 *
 *   asked ──what it names is looked at──► open: acknowledged, then told of each change
 *                                           │
 *             cancelled, unsubscribed, its client gone, or the server ends ──► over
 *
 * Nothing is told before the acknowledgement. Of several changes one notice is told, and
 * none as long as its reader does not read: it waits, and costs nothing. A client of the
 * older revisions hears that the list is another one once it has asked for the list.
 *
 * For the server's thread alone.
 */
#pragma once

#include "mcp/calls.h"
#include "mcp/message.h"
#include "mcp/peer.h"
#include "mcp/watch.h"

enum { LISTENERS_MAX = 32, LISTENER_NAMES_MAX = 64 };

struct listener;

struct listeners {
	struct watch *watch;
	struct calls *calls; /* an errand that is listened to is worked on */
	struct listener *first;
	size_t n;
};

struct listen_request {
	struct peer *peer;
	struct wire *wire;
	const struct message *message;
	bool has_tasks; /* it declares the tasks extension */
};

/* subscriptions/listen. RPC_OK: it is answered when it is over; else a sentence. */
enum rpc_code listen_begin(struct listeners *listeners,
    const struct listen_request *request, const char **ret_why);
/* resources/subscribe: answered when it is open; once more is the same. */
enum rpc_code listen_subscribe(struct listeners *listeners,
    const struct listen_request *request, const char **ret_why);
/* resources/unsubscribe: false: it had not subscribed to that. */
bool listen_unsubscribe(
    struct listeners *listeners, const struct peer *peer, const char *uri);
/* A client of the older revisions has asked for the list. */
void listen_to_list(struct listeners *listeners, struct peer *peer);

/* Does this peer have one under this id? NULL: any? */
bool listen_has(
    const struct listeners *listeners, const struct peer *peer, const char *id);
/* That one is wanted no more; NULL: none of its is. Nothing is told any more. */
void listen_cancel(struct listeners *listeners, const struct peer *peer, const char *id);

/* Tells what there is to be told. */
void listen_step(struct listeners *listeners);
/* When it is to be called again at the latest, on the steady clock; -1: no matter when.
 */
int64_t listen_next_ms(const struct listeners *listeners);
/* The server ends: each is answered, if it can be. */
void listen_end(struct listeners *listeners);
