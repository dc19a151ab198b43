/*
 * running.h - a call while it runs: what the server's thread (calls.c) and its own
 * (run.c) know of it together. Nobody else includes it.
 */
#pragma once

#include "dreamq/changes.h"
#include "mcp/calls.h"

enum { NEWS_BYTES = 160 };

struct running {
	struct call call; /* what the tool sees; first */
	struct calls *calls;
	struct peer *peer; /* NULL: an errand, which nobody waits for */
	struct wire *wire; /* held */
	struct message message;
	char *key; /* of its id */
	char errand[DQ_ERRAND_ID_LEN + 1]; /* the one that it works on; "" none */
	cJSON *arguments; /* of that errand */
	bool is_watched; /* whether others have stopped it */
	pthread_t thread;
	int64_t told_ms; /* its last notice of progress */
	struct running *next;
	/* Under the lock. */
	struct dq *dq; /* to be interrupted; NULL: none is open */
	bool is_cancelled, is_late, has_answered, has_ended;
	char news[NEWS_BYTES]; /* how far it is */
};

/* The thread of a call, or of an errand. */
void *running_run(void *payload);
