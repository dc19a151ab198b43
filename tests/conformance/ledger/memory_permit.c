/*
 * memory_permit.c - leave to submit, and secrets.
 */
#include <string.h>

#include "memory_rows.h"

enum err_kind mem_take_permit(
    struct mem_store *store, const struct intent *intent, struct err *err)
{
	const char *word = intent->permit->word;
	struct mem_permit *permit = &store->permits[store->n_permits];
	size_t n = 0;

	for (size_t i = 0; i < store->n_permits; i++) {
		const struct mem_permit *at = &store->permits[i];

		if (strcmp(at->account, intent->account) != 0 ||
		    at->made_unix_ms <= intent->now_unix_ms - LEDGER_PERMIT_MS)
			continue;
		n += !at->is_asked;
		if (word && !strcmp(at->word, word))
			return err_set(err, ERR_USAGE,
			    "this word of consent was for a task that was submitted "
			    "before");
	}
	if (!word && intent->permit->max_a_day > 0 && n >= intent->permit->max_a_day)
		return err_set(err, ERR_USAGE,
		    "submitted without asking in the last 24 hours: %zu; as many as "
		    "%zu may be",
		    n, intent->permit->max_a_day);
	if (store->n_permits == MEM_PERMITS_MAX)
		return mem_no_memory(err);
	*permit = (struct mem_permit){ .is_asked = word != NULL,
		.made_unix_ms = intent->now_unix_ms };
	strcpy(permit->account, intent->account);
	strcpy(permit->word, word ? word : intent->submit_id);
	store->n_permits++;
	return ERR_OK;
}

enum err_kind mem_secret(struct ledger *base, const char *name,
    char ret_value[LEDGER_SECRET_MAX], struct err *err)
{
	struct mem_store *store = mem_of(base)->store;

	for (int i = 0; i < 2; i++) {
		char(*secret)[LEDGER_SECRET_MAX] = store->secrets[i];

		if (!secret[0][0]) {
			strcpy(secret[0], name);
			memset(secret[1], 'a' + i, LEDGER_SECRET_MAX - 1);
		}
		if (strcmp(secret[0], name) != 0)
			continue;
		memcpy(ret_value, secret[1], LEDGER_SECRET_MAX);
		return ERR_OK;
	}
	return mem_no_memory(err);
}
