/*
 * memory_deliveries.c - deliveries.
 */
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/array.h"
#include "ledger/rules/message.h"
#include "memory_rows.h"

static void release(struct mem_delivery *row)
{
	struct delivery *is = &row->is;
	const char *const all[] = { is->message, is->hook, is->account, is->submit_id,
		is->event, is->body, is->why };

	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++)
		free((void *)(uintptr_t)all[i]);
}

void mem_drop_deliveries(struct mem_store *store)
{
	for (size_t i = 0; i < store->n_deliveries; i++)
		release(&store->deliveries[i]);
	free(store->deliveries);
}

static char *own(const char *text)
{
	char *copy = text ? strdup(text) : NULL;

	if (text && !copy)
		abort();
	return copy;
}

static void set(const char **text, const char *to)
{
	char *copy = own(to);

	free((void *)(uintptr_t)*text);
	*text = copy;
}

static enum err_kind insert(struct mem_ledger *ledger, const struct delivery *is,
    int64_t now_unix_ms, struct err *err)
{
	struct mem_store *store = ledger->store;
	struct mem_delivery row = { .is = *is };

	if (!ARRAY_RESERVE(
		store->deliveries, store->deliveries_room, store->n_deliveries + 1))
		return mem_no_memory(err);
	row.is.message = own(is->message);
	row.is.hook = own(is->hook);
	row.is.account = own(is->account);
	row.is.submit_id = own(is->submit_id);
	row.is.event = own(is->event);
	row.is.body = own(is->body);
	row.is.why = NULL;
	row.is.number = ++store->last_id;
	row.is.made_unix_ms = row.is.due_unix_ms = row.is.changed_unix_ms = now_unix_ms;
	store->deliveries[store->n_deliveries++] = row;
	mem_changed(ledger);
	return ERR_OK;
}

/* --- what happens to tasks ------------------------------------------------------- */

static void tell(struct mem_ledger *ledger, struct mem_task *row, int index,
    const char *event, int64_t now_unix_ms)
{
	const struct ledger_hook *hook = ledger->base.hook;
	struct arena arena = arena_make(LEDGER_TASK_BYTES_MAX);
	struct task task;
	struct ledger_happening happening = { &task, NULL, now_unix_ms };
	char message[MESSAGE_NAME_MAX + 1];
	struct err err;
	char *body;

	if (!mem_show(row, &arena, &task) || !message_name(message))
		abort();
	for (size_t i = 0; i < task.n_assets; i++)
		if (index >= 0 && task.assets[i].index == index)
			happening.asset = &task.assets[i];
	body = hook->tell(hook->payload, &happening);
	if (!body ||
	    insert(ledger,
		&(struct delivery){ .message = message,
		    .hook = hook->name,
		    .account = task.account,
		    .submit_id = task.submit_id,
		    .event = event,
		    .index = index,
		    .body = body },
		now_unix_ms, &err))
		abort();
	free(body);
	arena_release(&arena);
}

void mem_tell_end(struct mem_ledger *ledger, struct mem_task *row, int64_t now_unix_ms)
{
	if (hook_wants_end(ledger->base.hook, row->is.state))
		tell(ledger, row, -1, message_event(row->is.state), now_unix_ms);
}

void mem_tell_file(
    struct mem_ledger *ledger, struct mem_task *row, int index, int64_t now_unix_ms)
{
	if (hook_wants_files(ledger->base.hook))
		tell(ledger, row, index, "stored", now_unix_ms);
}

/* --- the operations -------------------------------------------------------------- */

static bool is_known(const struct mem_store *store, const struct delivery *is)
{
	for (size_t i = 0; *is->submit_id && i < store->n_deliveries; i++) {
		const struct delivery *row = &store->deliveries[i].is;

		if (!strcmp(row->hook, is->hook) && !strcmp(row->account, is->account) &&
		    !strcmp(row->submit_id, is->submit_id) &&
		    !strcmp(row->event, is->event) && row->index == is->index)
			return true;
	}
	return false;
}

enum err_kind mem_deliver(
    struct ledger *base, const struct delivery_made *made, struct err *err)
{
	struct mem_ledger *ledger = mem_of(base);

	if (made->unless_known && is_known(ledger->store, &made->is))
		return ERR_OK;
	return insert(ledger, &made->is, made->now_unix_ms, err);
}

static bool is_free(
    const struct mem_store *store, const struct mem_delivery *row, int64_t now_unix_ms)
{
	return !row->owner || !mem_is_alive(store, row->owner) ||
	    claim_is_over(row->until_unix_ms, now_unix_ms);
}

/* The one of this hook that is due longest, and free; NULL: none. */
static struct mem_delivery *find_due(
    const struct mem_store *store, const char *hook, int64_t now_unix_ms)
{
	struct mem_delivery *found = NULL;

	for (size_t i = 0; i < store->n_deliveries; i++) {
		struct mem_delivery *row = &store->deliveries[i];

		if (!strcmp(row->is.hook, hook) && row->is.state == DELIVERY_WAITING &&
		    delivery_is_due(&row->is, now_unix_ms) &&
		    is_free(store, row, now_unix_ms) &&
		    (!found || row->is.due_unix_ms < found->is.due_unix_ms))
			found = row;
	}
	return found;
}

static struct delivery show(const struct mem_delivery *row, struct arena *arena)
{
	struct delivery is = row->is;
	const char **const texts[] = { &is.message, &is.hook, &is.account, &is.submit_id,
		&is.event, &is.body, &is.why };

	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		*texts[i] = arena_strdup(arena, *texts[i]);
	is.is_claimed = row->owner != 0;
	return is;
}

static void forget_old(struct mem_store *store, int64_t now_unix_ms)
{
	const int64_t kept_ms = (int64_t)LEDGER_DELIVERY_KEPT_DAYS * 24 * 60 * 60 * 1000;
	size_t n = 0;

	for (size_t i = 0; i < store->n_deliveries; i++) {
		struct mem_delivery *row = &store->deliveries[i];

		if (row->is.state != DELIVERY_WAITING &&
		    row->is.changed_unix_ms < now_unix_ms - kept_ms)
			release(row);
		else
			store->deliveries[n++] = *row;
	}
	store->n_deliveries = n;
}

enum err_kind mem_delivery_claim(struct ledger *base, const char *hook, size_t max,
    int64_t now_unix_ms, struct delivery_claims *ret_claims, struct err *err)
{
	struct mem_ledger *ledger = mem_of(base);
	struct mem_store *store = ledger->store;
	struct delivery_claims claims = { .arena = arena_make(SIZE_MAX),
		.next_unix_ms = INT64_MAX };
	struct mem_delivery *row;

	if (mem_be_owner(ledger, err))
		return err->kind;
	if (find_due(store, hook, now_unix_ms))
		forget_old(store, now_unix_ms);
	while (claims.n < max && (row = find_due(store, hook, now_unix_ms))) {
		row->owner = ledger->owner;
		row->until_unix_ms = now_unix_ms + LEDGER_CLAIM_MS;
		row->is.tries++;
		row->is.changed_unix_ms = now_unix_ms;
		if (row->is.due_unix_ms > now_unix_ms)
			row->is.due_unix_ms = now_unix_ms;
		claims.all[claims.n++] = show(row, &claims.arena);
		mem_changed(ledger);
	}
	for (size_t i = 0; i < store->n_deliveries; i++)
		if (!strcmp(store->deliveries[i].is.hook, hook) &&
		    store->deliveries[i].is.state == DELIVERY_WAITING &&
		    store->deliveries[i].is.due_unix_ms > now_unix_ms &&
		    store->deliveries[i].is.due_unix_ms < claims.next_unix_ms)
			claims.next_unix_ms = store->deliveries[i].is.due_unix_ms;
	if (find_due(store, hook, now_unix_ms))
		claims.next_unix_ms = now_unix_ms;
	*ret_claims = claims;
	return ERR_OK;
}

static void become(struct mem_delivery *row, enum delivery_state to, int64_t now_unix_ms)
{
	row->is.state = to;
	row->is.changed_unix_ms = now_unix_ms;
	row->owner = row->until_unix_ms = 0;
	if (to == DELIVERY_SENT || to == DELIVERY_DROPPED)
		set(&row->is.body, NULL);
}

enum err_kind mem_delivery_settle(struct ledger *base, int64_t number,
    const struct delivery_end *end, int64_t now_unix_ms, struct err *err)
{
	struct mem_ledger *ledger = mem_of(base);

	(void)err;
	for (size_t i = 0; i < ledger->store->n_deliveries; i++) {
		struct mem_delivery *row = &ledger->store->deliveries[i];

		if (row->is.number != number ||
		    ((!row->owner || row->owner != ledger->owner) &&
			(end->state != DELIVERY_SENT || row->is.state == DELIVERY_SENT)))
			continue;
		become(row, end->state, now_unix_ms);
		if (end->state == DELIVERY_WAITING)
			row->is.due_unix_ms = end->due_unix_ms;
		row->is.tries -= end->was_not_tried;
		set(&row->is.why, end->why);
		mem_changed(ledger);
	}
	return ERR_OK;
}

enum err_kind mem_deliveries(struct ledger *base, const struct delivery_filter *filter,
    ledger_on_delivery *on_delivery, void *payload, struct err *err)
{
	const struct mem_store *store = mem_of(base)->store;

	(void)err;
	for (size_t i = 0; i < store->n_deliveries; i++) {
		struct delivery is = store->deliveries[i].is;

		is.is_claimed = store->deliveries[i].owner != 0;
		if (delivery_matches(filter, &is) && !on_delivery(payload, &is))
			break;
	}
	return ERR_OK;
}

enum err_kind mem_delivery_change(struct ledger *base,
    const struct delivery_filter *filter, enum delivery_state to, int64_t now_unix_ms,
    size_t *ret_n, struct err *err)
{
	struct mem_ledger *ledger = mem_of(base);
	size_t n = 0;

	(void)err;
	for (size_t i = 0; i < ledger->store->n_deliveries; i++) {
		struct mem_delivery *row = &ledger->store->deliveries[i];

		if (!delivery_matches(filter, &row->is) ||
		    (row->is.state != DELIVERY_WAITING && row->is.state != DELIVERY_DEAD))
			continue;
		row->is.due_unix_ms = now_unix_ms;
		if (to != DELIVERY_WAITING || !row->owner)
			become(row, to, now_unix_ms);
		if (to == DELIVERY_WAITING && !row->owner)
			row->is.tries = 0;
		n++;
		mem_changed(ledger);
	}
	*ret_n = n;
	return ERR_OK;
}
