#include "mcp/asks.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/cleanup.h"
#include "mcp/put.h"
#include "mcp/reply.h"

enum { ID_BYTES = 40 };

void asks_open(struct asks *asks, pthread_mutex_t *lock)
{
	pthread_condattr_t attr;

	*asks = (struct asks){ .lock = lock };
	(void)pthread_condattr_init(&attr);
	(void)pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	(void)pthread_cond_init(&asks->changed, &attr);
	(void)pthread_condattr_destroy(&attr);
}

void asks_close(struct asks *asks)
{
	(void)pthread_cond_destroy(&asks->changed);
}

static void name(const struct ask *ask, char into[ID_BYTES])
{
	(void)snprintf(into, ID_BYTES, "\"dreamq-%" PRIu64 "\"", ask->number);
}

static bool is_over(const struct ask *ask)
{
	return *ask->is_over[0] || *ask->is_over[1];
}

static void withdraw(const struct ask *ask)
{
	char id[ID_BYTES];
	struct put params = put_make();

	name(ask, id);
	put_item(&params, "requestId", cJSON_CreateRaw(id));
	put_text(&params, "reason", "no answer is waited for any more");
	reply_request(ask->wire, NULL, "notifications/cancelled", put_take(&params));
}

static void unlink_ask(struct asks *asks, const struct ask *ask)
{
	struct ask **link = &asks->first;

	while (*link && *link != ask)
		link = &(*link)->next;
	if (*link)
		*link = ask->next;
}

static void wait_for(struct asks *asks, struct ask *ask)
{
	const struct timespec until = { .tv_sec = ask->until_ms / 1000,
		.tv_nsec = ask->until_ms % 1000 * 1000000 };

	while (!ask->is_answered && !is_over(ask))
		if (pthread_cond_timedwait(&asks->changed, asks->lock, &until))
			break;
}

cJSON *asks_ask(struct asks *asks, struct ask *ask)
{
	char id[ID_BYTES];

	(void)pthread_mutex_lock(asks->lock);
	ask->number = ++asks->last_number;
	ask->next = asks->first;
	asks->first = ask;
	(void)pthread_mutex_unlock(asks->lock);
	name(ask, id);
	reply_request(ask->wire, id, ask->method, cJSON_Duplicate(ask->params, true));
	(void)pthread_mutex_lock(asks->lock);
	wait_for(asks, ask);
	unlink_ask(asks, ask);
	(void)pthread_mutex_unlock(asks->lock);
	if (!ask->is_answered)
		withdraw(ask);
	return ask->result;
}

static struct ask *find(struct asks *asks, const struct peer *peer, const char *key)
{
	struct ask *at = asks->first;
	char id[ID_BYTES];

	for (; at; at = at->next) {
		name(at, id);
		id[strlen(id) - 1] = '\0'; /* as message_id_key() has it */
		if (at->peer == peer && !strcmp(id, key))
			return at;
	}
	return NULL;
}

void asks_answer(struct asks *asks, const struct peer *peer, struct message *message)
{
	_cleanup_free_ char *key = message->id ? message_id_key(message->id) : NULL;
	struct ask *ask;

	if (!key)
		return;
	(void)pthread_mutex_lock(asks->lock);
	ask = find(asks, peer, key);
	if (ask && !ask->is_answered) {
		ask->result =
		    cJSON_DetachItemFromObjectCaseSensitive(message->json, "result");
		ask->is_answered = true;
		(void)pthread_cond_broadcast(&asks->changed);
	}
	(void)pthread_mutex_unlock(asks->lock);
}

void asks_wake(struct asks *asks)
{
	(void)pthread_cond_broadcast(&asks->changed);
}
