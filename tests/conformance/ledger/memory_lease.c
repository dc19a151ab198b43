/*
 * memory_lease.c - who owns which task; until when an account is left alone.
 */
#include <stdio.h>
#include <string.h>

#include "ledger/rules/clean.h"
#include "memory_rows.h"

/* --- one owner per task ---------------------------------------------------------- */

static bool is_free(const struct mem_store *store, int64_t number, int64_t now_unix_ms)
{
	const struct mem_owner *owner = number ? mem_owner(store, number) : NULL;

	return !owner || owner->is_dead ||
	    owner->renewed_unix_ms < now_unix_ms - LEDGER_LEASE_MS ||
	    owner->renewed_unix_ms > now_unix_ms + LEDGER_LEASE_MS;
}

enum err_kind mem_lease_renew(struct ledger *base, int64_t now_unix_ms, struct err *err)
{
	struct mem_owner *owner = mem_owner(mem_of(base)->store, mem_of(base)->owner);

	(void)err;
	if (!owner || !owner->has_leases)
		return ERR_OK;
	owner->renewed_unix_ms = now_unix_ms;
	mem_changed(mem_of(base));
	return ERR_OK;
}

static enum err_kind take(struct mem_ledger *ledger, struct mem_task *row,
    struct lease *lease, int64_t now_unix_ms, int64_t *token, struct err *err)
{
	struct mem_owner *owner;

	if (mem_be_owner(ledger, err))
		return err->kind;
	if (!*token)
		*token = ++ledger->store->last_token;
	owner = mem_owner(ledger->store, ledger->owner);
	owner->has_leases = true;
	owner->renewed_unix_ms = now_unix_ms;
	row->lease_owner = ledger->owner;
	row->lease_token = lease->token = *token;
	mem_changed(ledger);
	return ERR_OK;
}

static enum err_kind renew_if_due(
    struct ledger *base, int64_t now_unix_ms, struct err *err)
{
	struct mem_owner *owner = mem_owner(mem_of(base)->store, mem_of(base)->owner);
	const int64_t gap_ms = owner ? now_unix_ms - owner->renewed_unix_ms : 0;

	return gap_ms >= LEDGER_RENEW_MS || gap_ms < 0
	    ? mem_lease_renew(base, now_unix_ms, err)
	    : ERR_OK;
}

enum err_kind mem_lease(struct ledger *base, const char *account, struct lease *leases,
    size_t n, int64_t now_unix_ms, struct err *err)
{
	struct mem_ledger *ledger = mem_of(base);
	int64_t token = 0;

	for (size_t i = 0; i < n; i++) {
		struct lease *lease = &leases[i];
		struct mem_task *row = mem_find(ledger->store, account, lease->id);

		lease->token = 0;
		lease->version = row ? row->version : 0;
		if (!row)
			continue;
		if (ledger->owner && row->lease_owner == ledger->owner)
			lease->token = row->lease_token;
		else if (is_free(ledger->store, row->lease_owner, now_unix_ms) &&
		    take(ledger, row, lease, now_unix_ms, &token, err))
			return err->kind;
	}
	return token ? ERR_OK : renew_if_due(base, now_unix_ms, err);
}

enum err_kind mem_lease_release(struct ledger *base, const char *account,
    const char *const *ids, size_t n, struct err *err)
{
	struct mem_ledger *ledger = mem_of(base);

	(void)err;
	for (size_t i = 0; ledger->owner && i < n; i++) {
		struct mem_task *row = mem_find(ledger->store, account, ids[i]);

		if (!row || row->lease_owner != ledger->owner)
			continue;
		row->lease_owner = 0;
		mem_changed(ledger);
	}
	return ERR_OK;
}

void mem_lease_release_all(struct ledger *base)
{
	struct mem_ledger *ledger = mem_of(base);
	struct mem_store *store = ledger->store;

	for (size_t i = 0; ledger->owner && i < store->n_tasks; i++) {
		if (store->tasks[i]->lease_owner != ledger->owner)
			continue;
		store->tasks[i]->lease_owner = 0;
		mem_changed(ledger);
	}
}

/* --- accounts -------------------------------------------------------------------- */

enum err_kind mem_pause(struct ledger *base, const char *name,
    const struct account_pause *pause, struct err *err)
{
	struct mem_account *account = mem_account(mem_of(base)->store, name);
	struct arena arena = arena_make(1 << 20);
	const char *text = NULL;

	if (!account)
		return mem_no_memory(err);
	if (clean_text(pause->text, &arena, &text, err)) {
		arena_release(&arena);
		return err->kind;
	}
	if (pause->kind == ERR_OK) {
		account->pause = (struct account_pause){ .kind = ERR_OK };
	} else if (account->pause.kind == ERR_OK ||
	    pause->until_unix_ms > account->pause.until_unix_ms) {
		account->pause = *pause;
		(void)snprintf(account->pause.text, sizeof(account->pause.text), "%.*s",
		    (int)clean_length(text, sizeof(account->pause.text) - 1), text);
	}
	arena_release(&arena);
	mem_changed(mem_of(base));
	return ERR_OK;
}

enum err_kind mem_pause_of(struct ledger *base, const char *name, int64_t now_unix_ms,
    struct account_pause *ret_pause, struct err *err)
{
	struct mem_account *account = mem_account(mem_of(base)->store, name);

	if (!account)
		return mem_no_memory(err);
	*ret_pause = account->pause.until_unix_ms > now_unix_ms
	    ? account->pause
	    : (struct account_pause){ .kind = ERR_OK };
	return ERR_OK;
}

enum err_kind mem_budget_take(struct ledger *base, const char *name,
    const struct budget *budget, int64_t now_unix_ms, int64_t *ret_wait_ms,
    struct err *err)
{
	struct mem_account *account = mem_account(mem_of(base)->store, name);

	*ret_wait_ms = 0;
	if (budget->per_minute <= 0)
		return ERR_OK;
	if (!account)
		return mem_no_memory(err);
	(void)budget_take(budget, &account->bucket, now_unix_ms, ret_wait_ms);
	mem_changed(mem_of(base));
	return ERR_OK;
}
