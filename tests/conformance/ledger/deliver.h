/*
 * deliver.h - an outbox of which suite_deliver.c and suite_deliver_ends.c look at what is
 * in there.
 */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "ledger/deliveries.h"
#include "suite.h"

#define HOOK "0123456789abcdef"

/* "ID STATE INDEX", INDEX only of a file. */
static inline char *tell(void *payload, const struct ledger_happening *happening)
{
	char *body = malloc(200);

	assert_non_null(body);
	assert_null(happening->task->n_assets ? happening->task->assets[0].url : NULL);
	(void)snprintf(body, 200, "%s%s %s", (const char *)payload,
	    happening->task->submit_id, task_state_name(happening->task->state));
	if (happening->asset)
		(void)snprintf(body + strlen(body), 100, " %d %s",
		    happening->asset->index, happening->asset->path);
	return body;
}

static char no_prefix[] = "";
static const struct ledger_hook all_events = { .name = HOOK,
	.wants_stored = true,
	.wants_failed = true,
	.wants_done = true,
	.tell = tell,
	.payload = no_prefix };

static inline bool add_delivery(void *payload, const struct delivery *delivery)
{
	char *into = payload;
	const size_t len = strlen(into);

	assert_string_equal(delivery->account, ME);
	(void)snprintf(into + len, 4000 - len, "%s|%s|%s|%d|%s\n", delivery->event,
	    delivery_state_name(delivery->state), delivery->submit_id,
	    (int)delivery->tries, delivery->body ? delivery->body : "-");
	return true;
}

static inline const char *outbox(struct suite *s)
{
	const struct delivery_filter all = { .hook = NULL };

	s->events[0] = '\0';
	ok(ledger_deliveries(s->b, &all, add_delivery, s->events, &s->err));
	return s->events;
}

static inline void store_file(
    struct suite *s, const char *id, int index, const char *path)
{
	const struct asset asset = bytes_of(index, NULL, path);

	ok(ledger_asset_fetched(s->a, ME, id, &asset, &s->err));
	ok(ledger_asset_stored(s->a, ME, id, index, NOW, &s->err));
}
