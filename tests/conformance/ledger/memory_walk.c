/*
 * memory_walk.c - walks through listings.
 */
#include <stdlib.h>
#include <string.h>

#include "memory_rows.h"

static struct mem_walk *find(
    const struct mem_store *store, const char *account, const char *listing)
{
	for (size_t i = 0; i < store->n_walks; i++)
		if (!strcmp(store->walks[i].account, account) &&
		    !strcmp(store->walks[i].listing, listing))
			return &store->walks[i];
	return NULL;
}

static struct mem_walk *find_or_add(
    struct mem_store *store, const char *account, const char *listing)
{
	struct mem_walk *walk = find(store, account, listing), *wider;

	if (walk)
		return walk;
	wider = realloc(store->walks, (store->n_walks + 1) * sizeof(*wider));
	if (!wider)
		return NULL;
	store->walks = wider;
	walk = &wider[store->n_walks];
	*walk = (struct mem_walk){ strdup(account), strdup(listing), { 0 } };
	if (walk->account && walk->listing)
		return &wider[store->n_walks++];
	free(walk->account);
	free(walk->listing);
	return NULL;
}

enum err_kind mem_walk(struct ledger *base, const char *account, const char *listing,
    struct ledger_walk *ret_walk, struct err *err)
{
	const struct mem_walk *walk = find(mem_of(base)->store, account, listing);

	(void)err;
	*ret_walk = walk ? walk->is : (struct ledger_walk){ 0 };
	return ERR_OK;
}

enum err_kind mem_turn_page(struct ledger *base, const char *account,
    const struct ledger_page *page, int64_t now_unix_ms, struct err *err)
{
	struct mem_walk *walk;

	if (mem_observe(base, account, page->seen, NULL, page->n, now_unix_ms, err))
		return err->kind;
	walk = find_or_add(mem_of(base)->store, account, page->listing);
	if (!walk)
		return mem_no_memory(err);
	walk->is = *page->walk;
	mem_changed(mem_of(base));
	return ERR_OK;
}
