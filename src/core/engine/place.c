/*
 * place.c - an id gets its role by what its lease says, and loses it with the lease.
 */
#include "core/download/downloads.h"
#include "core/engine/run.h"
#include "core/offers/offers.h"
#include "core/poll/poll.h"
#include "core/submit/outbox.h"

enum err_kind engine_place(struct engine *engine, struct item *item,
    const struct lease *lease, bool is_waiting, struct err *err)
{
	item_set_lease(engine, item, lease->token);
	item->version = lease->version;
	if (!lease->token) {
		item->role = ITEM_FOLLOWED;
		item->version = 0; /* the next check reads what there is */
		return ERR_OK;
	}
	if (is_waiting)
		return engine_send(engine, item, err);
	engine_poll(engine, item);
	return ERR_OK;
}

void engine_lost(struct engine *engine, struct item *item)
{
	item_set_lease(engine, item, 0);
	if (item->has_ended)
		return;
	if (item->role == ITEM_UNSENT)
		outbox_drop(engine->outbox, item->key);
	polls_end(engine->polls, item->key);
	if (engine->downloads) {
		offers_drop(engine->offers, item->key);
		downloads_let_go(engine->downloads, item->key);
		item->is_final = false; /* its new owner says so */
	}
	item->role = ITEM_FOLLOWED;
	item->version = 0;
}
