/*
 * asks.h - what we ask the client: a request of ours, and the answer that comes back (of
 * the older revisions; in the newer one a result asks, consent.h).
 *
 * Whoever asks waits on the thread of its call; answers are taken by the thread of the
 * server, which waits for nothing. Our ids are a space of their own.
 */
#pragma once

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include <cjson/cJSON.h>

#include "mcp/message.h"
#include "mcp/peer.h"

struct ask {
	const struct peer *peer;
	struct wire *wire;
	const char *method;
	const cJSON *params;
	int64_t until_ms; /* on the steady clock */
	/* Under the lock; one of them becomes true when nobody waits any more. */
	const bool *is_over[2];
	/* Ours. */
	uint64_t number;
	bool is_answered;
	cJSON *result; /* NULL: none came, or an error */
	struct ask *next;
};

struct asks {
	pthread_mutex_t *lock; /* borrowed */
	pthread_cond_t changed;
	struct ask *first;
	uint64_t last_number;
};

void asks_open(struct asks *asks, pthread_mutex_t *lock);
void asks_close(struct asks *asks);

/*
 * Asks, and waits. Returns the result, which is the caller's; NULL: an error came, or
 * nothing in time, or the call is over; what is not answered is withdrawn then.
 */
cJSON *asks_ask(struct asks *asks, struct ask *ask);
/* An answer came from that peer: to a question of ours, or to none. */
void asks_answer(struct asks *asks, const struct peer *peer, struct message *message);
/* Under the lock: who waits looks again whether it is over. */
void asks_wake(struct asks *asks);
