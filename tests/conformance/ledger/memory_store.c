/*
 * memory_store.c - stores by name, their handles, and who owns what.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "memory_rows.h"

static struct mem_store *stores;
static int64_t last_owner;

enum err_kind mem_no_memory(struct err *err)
{
	return err_set(err, ERR_NOMEM, "out of memory in the ledger");
}

enum err_kind mem_is_missing(const char *id, struct err *err)
{
	return err_set(err, ERR_NOT_FOUND, "the task '%.100s' is not in the ledger", id);
}

static struct mem_store *find_store(const char *name)
{
	struct mem_store *store = stores;

	while (store && strcmp(store->name, name) != 0)
		store = store->next;
	return store;
}

static struct mem_store *make_store(const char *name)
{
	struct mem_store *store = calloc(1, sizeof(*store));

	if (!store)
		return NULL;
	store->name = strdup(name);
	if (!store->name) {
		free(store);
		return NULL;
	}
	store->next = stores;
	stores = store;
	return store;
}

static void free_store(struct mem_store *store)
{
	mem_drop_from(store, 0);
	for (size_t i = 0; i < store->n_accounts; i++)
		free(store->accounts[i].name);
	free(store->accounts);
	for (size_t i = 0; i < store->n_walks; i++) {
		free(store->walks[i].account);
		free(store->walks[i].listing);
	}
	free(store->walks);
	mem_drop_deliveries(store);
	mem_drop_errands(store);
	free(store->owners);
	free(store->tasks);
	free(store->name);
	free(store);
}

void memory_forget_all(void)
{
	while (stores) {
		struct mem_store *store = stores;

		stores = store->next;
		free_store(store);
	}
}

/* --- owners ---------------------------------------------------------------------- */

struct mem_owner *mem_owner(const struct mem_store *store, int64_t number)
{
	for (size_t i = 0; i < store->n_owners; i++)
		if (store->owners[i].number == number)
			return &store->owners[i];
	return NULL;
}

bool mem_is_alive(const struct mem_store *store, int64_t number)
{
	const struct mem_owner *owner = mem_owner(store, number);

	return owner && !owner->is_dead;
}

enum err_kind mem_be_owner(struct mem_ledger *ledger, struct err *err)
{
	struct mem_store *store = ledger->store;
	struct mem_owner *wider;

	if (ledger->owner)
		return ERR_OK;
	wider = realloc(store->owners, (store->n_owners + 1) * sizeof(*wider));
	if (!wider)
		return mem_no_memory(err);
	store->owners = wider;
	ledger->owner = ++last_owner;
	wider[store->n_owners++] = (struct mem_owner){ .number = ledger->owner };
	return ERR_OK;
}

struct mem_account *mem_account(struct mem_store *store, const char *name)
{
	struct mem_account *wider;

	for (size_t i = 0; i < store->n_accounts; i++)
		if (!strcmp(store->accounts[i].name, name))
			return &store->accounts[i];
	wider = realloc(store->accounts, (store->n_accounts + 1) * sizeof(*wider));
	if (!wider)
		return NULL;
	store->accounts = wider;
	wider[store->n_accounts] = (struct mem_account){ .name = strdup(name) };
	return wider[store->n_accounts].name ? &wider[store->n_accounts++] : NULL;
}

/* --- handles --------------------------------------------------------------------- */

static enum err_kind open_handle(const char *url, const struct ledger_options *options,
    struct ledger **ret_ledger, struct err *err)
{
	struct mem_ledger *ledger = calloc(1, sizeof(*ledger));
	struct mem_store *store = find_store(url);

	if (!store && options->must_exist) {
		free(ledger);
		return err_set(err, ERR_NOT_FOUND, "there is no ledger '%s'", url);
	}
	if (!store)
		store = make_store(url);
	if (!ledger || !store) {
		free(ledger);
		return mem_no_memory(err);
	}
	ledger->base.ops = &ledger_memory;
	ledger->store = store;
	*ret_ledger = &ledger->base;
	return ERR_OK;
}

void memory_abandon(struct ledger *base)
{
	struct mem_ledger *ledger = mem_of(base);
	struct mem_owner *owner = mem_owner(ledger->store, ledger->owner);

	if (owner)
		owner->is_dead = true;
	free(ledger);
}

static void close_handle(struct ledger *base)
{
	mem_lease_release_all(base);
	memory_abandon(base);
}

void mem_changed(struct mem_ledger *ledger)
{
	ledger->store->n_changes++;
	ledger->n_own++;
}

static bool has_changed(struct ledger *base)
{
	struct mem_ledger *ledger = mem_of(base);
	const bool is_new = !ledger->was_asked ||
	    ledger->store->n_changes != ledger->n_seen + ledger->n_own;

	ledger->was_asked = true;
	ledger->n_seen = ledger->store->n_changes;
	ledger->n_own = 0;
	return is_new;
}

static enum err_kind count(
    struct ledger *base, struct ledger_count *ret_count, struct err *err)
{
	const struct mem_store *store = mem_of(base)->store;
	const size_t n = store->n_tasks;

	(void)err;
	*ret_count = (struct ledger_count){ (int64_t)n, n ? store->tasks[n - 1]->id : 0 };
	return ERR_OK;
}

/* It never is behind, and has room as long as there is memory. */
static const struct err *doubt(const struct ledger *base)
{
	(void)base;
	return NULL;
}

static bool has_room(const struct ledger *base, int64_t bytes)
{
	(void)base;
	(void)bytes;
	return true;
}

const struct ledger_ops ledger_memory = {
	.scheme = "memory",
	.open = open_handle,
	.close = close_handle,
	.doubt = doubt,
	.has_room = has_room,
	.has_changed = has_changed,
	.count = count,
	.intend = mem_intend,
	.rehearse = mem_rehearse,
	.intended_before = mem_intended_before,
	.body = mem_body,
	.secret = mem_secret,
	.settle_dead = mem_settle_dead,
	.adopt = mem_adopt,
	.observe = mem_observe,
	.walk = mem_walk,
	.turn_page = mem_turn_page,
	.asset_progress = mem_asset_progress,
	.asset_synced = mem_asset_synced,
	.asset_wanted = mem_asset_wanted,
	.asset_lost = mem_asset_lost,
	.lease_renew = mem_lease_renew,
	.lease = mem_lease,
	.lease_release = mem_lease_release,
	.lease_release_all = mem_lease_release_all,
	.pause = mem_pause,
	.pause_of = mem_pause_of,
	.budget_take = mem_budget_take,
	.count_polls = mem_count_polls,
	.past = mem_past,
	.commit = mem_commit,
	.tidy = mem_tidy,
	.find = mem_find_tasks,
	.find_assets = mem_find_assets,
	.prefix = mem_prefix,
	.list = mem_list,
	.open_tasks = mem_open_tasks,
	.mark = mem_mark,
	.tags = mem_tags,
	.events = mem_events,
	.believe = mem_believe,
	.forget = mem_forget,
	.deliver = mem_deliver,
	.delivery_claim = mem_delivery_claim,
	.delivery_settle = mem_delivery_settle,
	.deliveries = mem_deliveries,
	.delivery_change = mem_delivery_change,
	.errand_begin = mem_errand_begin,
	.errand_end = mem_errand_end,
	.errand_find = mem_errand_find,
};
