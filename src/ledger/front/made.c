/*
 * made.c - operations that are made of others.
 */
#include "ledger/ledger.h"

#include "ledger/rules/words.h"

/* --- one of what can be many ---------------------------------------------------- */

/* One, whose own fault is the outcome. */
static enum err_kind move_one(struct ledger *ledger, const char *account,
    struct asset_move *move, int64_t now_unix_ms, struct err *err)
{
	if (ledger_move_assets(ledger, account, move, 1, now_unix_ms, err))
		return err->kind;
	if (move->why.kind)
		*err = move->why;
	return move->why.kind;
}

enum err_kind ledger_asset_fetched(struct ledger *ledger, const char *account,
    const char *submit_id, const struct asset *asset, struct err *err)
{
	struct asset_move move = {
		.submit_id = submit_id, .asset = asset, .to = ASSET_FETCHED
	};

	return move_one(ledger, account, &move, 0, err);
}

enum err_kind ledger_asset_stored(struct ledger *ledger, const char *account,
    const char *submit_id, int index, int64_t now_unix_ms, struct err *err)
{
	const struct asset asset = { .index = index };
	struct asset_move move = {
		.submit_id = submit_id, .asset = &asset, .to = ASSET_STORED
	};

	return move_one(ledger, account, &move, now_unix_ms, err);
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
