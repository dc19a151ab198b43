/*
 * memory_errands.c - errands.
 */
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "memory_rows.h"

static void release(struct errand *errand)
{
	const char *const all[] = { errand->id, errand->account, errand->what,
		errand->arguments, errand->outcome };

	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++)
		free((void *)(uintptr_t)all[i]);
}

void mem_drop_errands(struct mem_store *store)
{
	for (size_t i = 0; i < store->n_errands; i++)
		release(&store->errands[i]);
	free(store->errands);
}

static char *own(const char *text)
{
	char *copy = text ? strdup(text) : NULL;

	if (text && !copy)
		abort();
	return copy;
}

static void drop_old(struct mem_store *store, int64_t now_unix_ms)
{
	const size_t n = store->n_errands;
	size_t kept = 0;

	for (size_t i = 0; i < n; i++)
		if (store->errands[i].expires_unix_ms <= now_unix_ms ||
		    n - i > LEDGER_ERRANDS_MAX)
			release(&store->errands[i]);
		else
			store->errands[kept++] = store->errands[i];
	store->n_errands = kept;
}

enum err_kind mem_errand_begin(
    struct ledger *base, const struct errand *errand, struct err *err)
{
	struct mem_store *store = mem_of(base)->store;

	if (!ARRAY_RESERVE(store->errands, store->errands_room, store->n_errands + 1))
		return mem_no_memory(err);
	store->errands[store->n_errands++] = (struct errand){ .id = own(errand->id),
		.account = own(errand->account),
		.what = own(errand->what),
		.arguments = own(errand->arguments),
		.made_unix_ms = errand->made_unix_ms,
		.changed_unix_ms = errand->made_unix_ms,
		.expires_unix_ms = errand->expires_unix_ms };
	drop_old(store, errand->made_unix_ms);
	mem_changed(mem_of(base));
	return ERR_OK;
}

static struct errand *find(
    const struct mem_store *store, const char *account, const char *id)
{
	for (size_t i = 0; i < store->n_errands; i++)
		if (!strcmp(store->errands[i].id, id) &&
		    !strcmp(store->errands[i].account, account))
			return &store->errands[i];
	return NULL;
}

enum err_kind mem_errand_end(
    struct ledger *base, const struct errand *errand, struct err *err)
{
	struct errand *row = find(mem_of(base)->store, errand->account, errand->id);

	(void)err;
	if (!row || row->state != ERRAND_WORKING)
		return ERR_OK;
	row->state = errand->state;
	row->outcome = own(errand->outcome);
	row->changed_unix_ms = errand->changed_unix_ms;
	mem_changed(mem_of(base));
	return ERR_OK;
}

enum err_kind mem_errand_find(struct ledger *base, const char *account, const char *id,
    struct arena *arena, struct errand *ret_errand, struct err *err)
{
	const struct errand *row = find(mem_of(base)->store, account, id);
	struct errand is;

	ret_errand->id = NULL;
	if (!row)
		return ERR_OK;
	is = *row;
	is.id = arena_strdup(arena, row->id);
	is.account = arena_strdup(arena, row->account);
	is.what = arena_strdup(arena, row->what);
	is.arguments = arena_strdup(arena, row->arguments);
	is.outcome = arena_strdup(arena, row->outcome);
	if (!is.id || !is.account || !is.what || !is.arguments ||
	    (row->outcome && !is.outcome))
		return mem_no_memory(err);
	*ret_errand = is;
	return ERR_OK;
}
