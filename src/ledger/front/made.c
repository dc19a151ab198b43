/*
 * made.c - operations that are made of others.
 */
#include "ledger/list.h"

#include <string.h>

#include "ledger/rules/words.h"

/* --- one of what can be many ---------------------------------------------------- */

/* One, whose own fault is the outcome. */
static enum err_kind commit_one(struct ledger *ledger, const char *account,
    struct ledger_entry *entry, int64_t now_unix_ms, struct err *err)
{
	if (ledger_commit(ledger, account, entry, 1, now_unix_ms, err))
		return err->kind;
	if (entry->why.kind)
		*err = entry->why;
	return entry->why.kind;
}

enum err_kind ledger_send_begin(struct ledger *ledger, const char *account,
    const char *submit_id, enum media_kind *ret_kind, char **ret_body, struct err *err)
{
	struct ledger_entry entry = { .kind = ENTRY_SEND,
		.send = { .submit_id = submit_id } };

	if (commit_one(ledger, account, &entry, 0, err))
		return err->kind;
	*ret_kind = entry.send.kind;
	*ret_body = entry.send.body;
	return ERR_OK;
}

enum err_kind ledger_submitted(
    struct ledger *ledger, const struct answered *answered, struct err *err)
{
	struct ledger_entry entry = { .kind = ENTRY_ANSWER, .answer = *answered };

	return commit_one(ledger, answered->account, &entry, 0, err);
}

enum err_kind ledger_asset_fetched(struct ledger *ledger, const char *account,
    const char *submit_id, const struct asset *asset, struct err *err)
{
	struct ledger_entry entry = { .kind = ENTRY_MOVE,
		.move = { .submit_id = submit_id, .asset = asset, .to = ASSET_FETCHED } };

	return commit_one(ledger, account, &entry, 0, err);
}

enum err_kind ledger_asset_stored(struct ledger *ledger, const char *account,
    const char *submit_id, int index, int64_t now_unix_ms, struct err *err)
{
	const struct asset asset = { .index = index };
	struct ledger_entry entry = { .kind = ENTRY_MOVE,
		.move = { .submit_id = submit_id, .asset = &asset, .to = ASSET_STORED } };

	return commit_one(ledger, account, &entry, now_unix_ms, err);
}

/* --- what events say -------------------------------------------------------------- */

struct place_reader {
	ledger_on_place *on_place;
	void *payload;
};

static bool read_place(void *payload, const struct ledger_event *event)
{
	const struct place_reader *reader = payload;
	struct ledger_place place = { .at_unix_ms = event->at_unix_ms };

	return !words_place(event->what, event->text, &place.index, &place.path) ||
	    reader->on_place(reader->payload, &place);
}

enum err_kind ledger_places(struct ledger *ledger, const char *account,
    const char *submit_id, ledger_on_place *on_place, void *payload, struct err *err)
{
	struct place_reader reader = { on_place, payload };

	return ledger_events(ledger, account, submit_id, read_place, &reader, err);
}

const char *const ledger_sort_names[] = {
#define X(name, text) text,
	LEDGER_SORTS(X)
#undef X
	    NULL,
};

bool ledger_sort_parse(const char *name, enum ledger_sort *ret_sort)
{
	for (int i = 0; ledger_sort_names[i]; i++) {
		if (strcmp(ledger_sort_names[i], name) != 0)
			continue;
		*ret_sort = (enum ledger_sort)i;
		return true;
	}
	return false;
}
