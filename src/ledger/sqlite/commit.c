/*
 * commit.c - many durable entries in one transaction. None writes before it knows that
 * it may, so the fault of one leaves nothing behind that the others would commit.
 */
#include "ledger/sqlite/entries.h"

#include <stdlib.h>

#include "base/cleanup.h"
#include "ledger/sqlite/ops.h"

struct committing {
	const char *account;
	struct ledger_entry *entries;
	size_t n;
	int64_t now_unix_ms;
	struct err may_not_pay; /* ERR_OK: it may be sent */
	int64_t *begun; /* n rows: those that this call has begun */
	struct moved *moved; /* n */
};

static enum err_kind write_entry(
    struct sqlite_ledger *ledger, struct committing *all, size_t i, struct err *err)
{
	struct ledger_entry *entry = &all->entries[i];

	entry->why = (struct err){ .kind = ERR_OK };
	all->moved[i] = (struct moved){ 0 };
	switch (entry->kind) {
	case ENTRY_SEND:
		entry->why = all->may_not_pay;
		return entry->why.kind ? ERR_OK
				       : commit_send(ledger, all->account, &entry->send,
					     &all->begun[i], &entry->why, err);
	case ENTRY_ANSWER:
		return commit_answer(
		    ledger, all->account, &entry->answer, &entry->why, err);
	case ENTRY_MOVE:
		return commit_move(
		    ledger, all->account, entry, all->now_unix_ms, &all->moved[i], err);
	}
	return ERR_OK;
}

static enum err_kind write_entries(
    struct sqlite_ledger *ledger, void *payload, struct err *err)
{
	struct committing *all = payload;

	for (size_t i = 0; i < all->n; i++)
		if (write_entry(ledger, all, i, err))
			return err->kind;
	return settle_moved(ledger, all->moved, all->n, all->now_unix_ms, err);
}

static bool has_send(const struct committing *all)
{
	for (size_t i = 0; i < all->n; i++)
		if (all->entries[i].kind == ENTRY_SEND)
			return true;
	return false;
}

static enum err_kind commit(
    struct sqlite_ledger *ledger, struct committing *all, struct err *err)
{
	if (has_send(all)) {
		(void)books_may_pay(&ledger->books, &all->may_not_pay);
		if (live_take(&ledger->live, ledger->sql.path, err))
			return err->kind;
	}
	return ledger_run(ledger, SQL_DURABLE, write_entries, all, err);
}

/* Of what was undone nothing may be sent. */
static void drop_bodies(const struct committing *all)
{
	for (size_t i = 0; i < all->n; i++) {
		struct ledger_entry *entry = &all->entries[i];

		if (entry->kind != ENTRY_SEND)
			continue;
		free(entry->send.body);
		entry->send.body = NULL;
	}
}

enum err_kind sqlite_commit(struct ledger *base, const char *account,
    struct ledger_entry *entries, size_t n, int64_t now_unix_ms, struct err *err)
{
	struct sqlite_ledger *ledger = sqlite_of(base);
	_cleanup_free_ int64_t *begun = calloc(n, sizeof(*begun));
	_cleanup_free_ struct moved *moved = calloc(n, sizeof(*moved));
	struct committing all = { .account = account,
		.entries = entries,
		.n = n,
		.now_unix_ms = now_unix_ms,
		.begun = begun,
		.moved = moved };

	for (size_t i = 0; i < n; i++)
		if (entries[i].kind == ENTRY_SEND)
			entries[i].send.body = NULL;
	if (!begun || !moved)
		return ledger_no_memory(ledger, err);
	if (commit(ledger, &all, err)) {
		drop_bodies(&all);
		return err->kind;
	}
	return ERR_OK;
}

/* --- the log ---------------------------------------------------------------------- */

static enum err_kind write_nothing(
    struct sqlite_ledger *ledger, void *payload, struct err *err)
{
	(void)ledger;
	(void)payload;
	(void)err;
	return ERR_OK;
}

/*
 * The first to write into an emptied log has to sync its beginning: that is this one, too
 * (a durable transaction counts the generation, so it is never empty).
 */
void sqlite_tidy(struct ledger *base)
{
	struct sqlite_ledger *ledger = sqlite_of(base);
	struct err ignored; /* who writes next is told */

	sql_empty_log(&ledger->sql);
	(void)ledger_run(ledger, SQL_DURABLE, write_nothing, NULL, &ignored);
}
