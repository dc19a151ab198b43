/*
 * memory_look.c - ids, looks and assets.
 */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/rules/clean.h"
#include "ledger/rules/merge.h"
#include "ledger/rules/words.h"
#include "memory_rows.h"

/* --- ids from elsewhere ---------------------------------------------------------- */

enum { STRAY_LIFE_MS = 24 * 60 * 60 * 1000 };

static struct mem_task *adopt(
    struct mem_store *store, const char *account, const char *id, int64_t now_unix_ms)
{
	struct mem_task *row = mem_add(store, account, id, now_unix_ms);

	return row && mem_note(row, now_unix_ms, "state", "unknown: asked for by its id")
	    ? row
	    : NULL;
}

static void forget_strays(struct mem_store *store, int64_t now_unix_ms)
{
	for (size_t i = store->n_tasks; i-- > 0;) {
		struct mem_task *row = store->tasks[i];

		if (row->updated_unix_ms < now_unix_ms - STRAY_LIFE_MS &&
		    row->is.state == TASK_NOT_FOUND && !row->lease_owner &&
		    mem_is_stray(row))
			mem_remove(store, row);
	}
}

enum err_kind mem_adopt(struct ledger *base, const char *account, const char *const *ids,
    size_t n, int64_t now_unix_ms, struct err *err)
{
	struct mem_ledger *ledger = mem_of(base);
	bool is_any = false;

	for (size_t i = 0; i < n; i++) {
		if (mem_find(ledger->store, account, ids[i]))
			continue;
		if (!adopt(ledger->store, account, ids[i], now_unix_ms))
			return mem_no_memory(err);
		is_any = true;
	}
	if (!is_any)
		return ERR_OK;
	forget_strays(ledger->store, now_unix_ms);
	mem_changed(ledger);
	return ERR_OK;
}

/* --- looks ----------------------------------------------------------------------- */

struct look {
	struct mem_ledger *ledger;
	const char *account;
	struct task *seen, after;
	int64_t token, now_unix_ms; /* token 0: none */
	bool is_late;
};

static bool is_too_late(const struct look *look, const struct mem_task *row)
{
	return look->token &&
	    (!row || row->lease_token != look->token ||
		row->lease_owner != look->ledger->owner);
}

static bool has_note(const struct mem_task *row, const char *text)
{
	for (size_t i = 0; i < row->n_events; i++)
		if (!strcmp(row->events[i].what, "note") &&
		    !strcmp(row->events[i].text, text))
			return true;
	return false;
}

static bool write_assets(struct mem_task *row, const struct merge *merge, int64_t now_ms)
{
	for (size_t i = 0; i < merge->after.n_assets; i++) {
		const struct asset *asset = &merge->after.assets[i];
		struct mem_asset *held;
		char text[32];

		if (merge->outcomes[i] == MERGE_SAME)
			continue;
		held = merge->outcomes[i] == MERGE_NEW ? mem_add_asset(row)
						       : mem_asset(row, asset->index);
		if (!held || !mem_take_claims(row, held, asset))
			return false;
		(void)snprintf(text, sizeof(text), "%d wanted", asset->index);
		if (merge->outcomes[i] == MERGE_NEW &&
		    !mem_note(row, now_ms, "asset", text))
			return false;
	}
	mem_sort_assets(row);
	return true;
}

static bool write_look(struct mem_task *row, const struct look *look,
    const struct merge *both, const char *refusal)
{
	const enum task_state from = row->is.state, to = both->after.state;
	char text[64];

	assert(task_state_may_become(from, to) || from == TASK_FAILED);
	if (both->is_task_changed && !mem_take(row, &both->after, look->now_unix_ms))
		return false;
	if (merge_is_change(both) && !both->is_task_changed)
		row->version++;
	if (!write_assets(row, both, look->now_unix_ms))
		return false;
	mem_settle_open(look->ledger, row, look->now_unix_ms);
	(void)snprintf(
	    text, sizeof(text), "%s, was %s", task_state_name(to), task_state_name(from));
	if (from != to && !mem_note(row, look->now_unix_ms, "state", text))
		return false;
	return !*refusal || has_note(row, refusal) ||
	    mem_note(row, look->now_unix_ms, "note", refusal);
}

/* What it is after the poll, and what the poll changes. `row` NULL: forgotten. */
static enum err_kind merge_one(struct look *look, const struct mem_task *row,
    struct merge *both, char refusal[MERGE_REFUSAL_MAX], struct err *err)
{
	struct task known = { .account = look->seen->account,
		.submit_id = look->seen->submit_id,
		.state = TASK_UNKNOWN,
		.status = INT64_MIN,
		.queue = { -1, -1, -1 } };

	if (row && !mem_show(row, &look->seen->arena, &known))
		return mem_no_memory(err);
	look->is_late = is_too_late(look, row);
	if (look->is_late)
		return merge_only_links(
		    &known, look->seen, &look->seen->arena, &look->after, err);
	if (merge_poll(&known, look->seen, &look->seen->arena, both, err))
		return err->kind;
	merge_refusal(both, &known, look->seen, refusal);
	look->after = both->after;
	return ERR_OK;
}

static enum err_kind observe_one(struct look *look, struct err *err)
{
	struct mem_store *store = look->ledger->store;
	struct mem_task *row = mem_find(store, look->account, look->seen->submit_id);
	struct merge both = { 0 };
	char refusal[MERGE_REFUSAL_MAX] = "";
	bool is_new = !row;

	if (!row && !look->token) {
		row =
		    adopt(store, look->account, look->seen->submit_id, look->now_unix_ms);
		if (!row)
			return mem_no_memory(err);
	}
	if (merge_one(look, row, &both, refusal, err))
		return err->kind;
	if (look->is_late)
		return ERR_OK;
	is_new =
	    is_new || merge_is_change(&both) || (*refusal && !has_note(row, refusal));
	if (!is_new)
		return ERR_OK;
	mem_changed(look->ledger);
	return write_look(row, look, &both, refusal) ? ERR_OK : mem_no_memory(err);
}

/* NOLINTNEXTLINE(readability-function-size): the contract of ledger.h */
enum err_kind mem_observe(struct ledger *base, const char *account,
    struct task *const *seen, int64_t *tokens, size_t n, int64_t now_unix_ms,
    struct err *err)
{
	struct look *polls = calloc(n + 1, sizeof(*polls));
	enum err_kind kind = polls ? ERR_OK : mem_no_memory(err);

	for (size_t i = 0; !kind && i < n; i++) {
		polls[i] = (struct look){ .ledger = mem_of(base),
			.account = account,
			.seen = seen[i],
			.token = tokens ? tokens[i] : 0,
			.now_unix_ms = now_unix_ms };
		seen[i]->arena.max_bytes += LEDGER_TASK_BYTES_MAX;
		kind = observe_one(&polls[i], err);
	}
	for (size_t i = 0; !kind && i < n; i++) {
		merge_complete(seen[i], &polls[i].after);
		if (polls[i].is_late)
			tokens[i] = 0;
	}
	free(polls);
	return kind;
}

/* --- assets ---------------------------------------------------------------------- */

static bool note_move(struct mem_ledger *ledger, struct mem_task *row, int index,
    const char *what, const char *detail)
{
	struct buf text = buf_make(WORDS_TEXT_MAX);
	bool is_noted;

	words_asset(&text, index, what, detail);
	row->version++;
	mem_settle_open(ledger, row, 0);
	is_noted = !buf_failed(&text) && mem_note(row, 0, "asset", text.data);
	buf_release(&text);
	return is_noted;
}

static enum err_kind find_asset(struct ledger *base, const char *account,
    const char *submit_id, int index, struct mem_task **ret_row,
    struct mem_asset **ret_asset, struct err *err)
{
	struct mem_task *row = mem_find(mem_of(base)->store, account, submit_id);
	struct mem_asset *asset = row ? mem_asset(row, index) : NULL;

	if (!row)
		(void)mem_is_missing(submit_id, err);
	else if (!asset)
		err_set(err, ERR_NOT_FOUND,
		    "the ledger knows no asset %d of the task '%.100s'", index,
		    submit_id);
	if (!asset)
		return ERR_NOT_FOUND;
	*ret_row = row;
	*ret_asset = asset;
	return ERR_OK;
}

enum err_kind mem_asset_progress(struct ledger *base, const char *account,
    const char *submit_id, int index, const char *etag, struct err *err)
{
	struct mem_asset *asset;
	struct mem_task *row;

	if (etag && strlen(etag) > LEDGER_ETAG_MAX)
		etag = NULL;
	if (find_asset(base, account, submit_id, index, &row, &asset, err))
		return err->kind;
	if (etag == asset->is.etag ||
	    (etag && asset->is.etag && !strcmp(etag, asset->is.etag)))
		return ERR_OK;
	asset->is.etag = arena_strdup(&row->is.arena, etag);
	asset->is.synced_bytes = 0;
	asset->is.synced_sha256 = NULL;
	row->version++;
	mem_changed(mem_of(base));
	return etag && !asset->is.etag ? mem_no_memory(err) : ERR_OK;
}

enum err_kind mem_asset_synced(struct ledger *base, const char *account,
    const char *submit_id, const struct asset *synced, struct err *err)
{
	struct mem_task *row = mem_find(mem_of(base)->store, account, submit_id);
	struct mem_asset *asset = row ? mem_asset(row, synced->index) : NULL;

	if (!row)
		return mem_is_missing(submit_id, err);
	if (!asset)
		return ERR_OK;
	asset->is.synced_bytes = synced->synced_bytes;
	asset->is.synced_sha256 = arena_strdup(&row->is.arena, synced->synced_sha256);
	mem_changed(mem_of(base));
	return ERR_OK;
}

static enum err_kind fetched(struct mem_ledger *ledger, struct mem_task *row,
    struct mem_asset *asset, const struct asset *bytes, struct err *why)
{
	const char *uri = clean_uri(bytes->uri);
	struct arena *arena = &row->is.arena;

	if (!bytes->path || !*bytes->path || !bytes->sha256 || bytes->stored_bytes < 0) {
		err_set(why, ERR_USAGE,
		    "asset %d of the task '%.100s' was fetched without path, size or sum",
		    bytes->index, row->is.submit_id);
		return ERR_OK;
	}
	if (uri && asset->is.uri && strcmp(uri, asset->is.uri) != 0) {
		err_set(why, ERR_LEDGER,
		    "asset %d of the task '%.100s' was made anew while it was fetched: "
		    "run this again",
		    bytes->index, row->is.submit_id);
		return ERR_OK;
	}
	asset->intent = (struct asset){ .path = arena_strdup(arena, bytes->path),
		.stored_bytes = bytes->stored_bytes,
		.sha256 = arena_strdup(arena, bytes->sha256),
		.format =
		    bytes->format ? arena_strdup(arena, bytes->format) : asset->is.format,
		.choice = arena_strdup(arena, clean_choice(bytes->choice)) };
	asset->is.lost_reason = NULL;
	if (asset->is.state != ASSET_STORED)
		asset->is.state = ASSET_FETCHED;
	if (!asset->intent.path || !asset->intent.sha256)
		return mem_no_memory(why);
	return note_move(ledger, row, bytes->index, "fetched", bytes->path)
	    ? ERR_OK
	    : mem_no_memory(why);
}

/* `finished` counts at least the files we have. */
static void raise_finished(struct mem_task *row, int64_t now_unix_ms)
{
	int64_t n = 0;

	for (size_t i = 0; i < row->n_assets; i++)
		n += row->assets[i].is.state == ASSET_FETCHED ||
		    row->assets[i].is.state == ASSET_STORED;
	if (row->is.finished < n)
		row->is.finished = n;
	if (row->is.total < n)
		row->is.total = n;
	row->updated_unix_ms = now_unix_ms;
}

static enum err_kind stored(struct mem_ledger *ledger, struct mem_task *row,
    struct mem_asset *asset, const struct asset_move *move, int64_t now_unix_ms,
    struct err *why)
{
	struct asset *is = &asset->is;

	if (!asset->intent.path && is->state == ASSET_STORED)
		return ERR_OK;
	if (!asset->intent.path) {
		err_set(why, ERR_LEDGER,
		    "asset %d of the task '%.100s' is '%s': it can't be stored before it "
		    "was fetched",
		    is->index, row->is.submit_id, asset_state_name(is->state));
		return ERR_OK;
	}
	is->state = ASSET_STORED;
	is->path = asset->intent.path;
	is->stored_bytes = asset->intent.stored_bytes;
	is->sha256 = asset->intent.sha256;
	is->format = asset->intent.format;
	is->choice = asset->intent.choice;
	is->etag = is->synced_sha256 = is->lost_reason = NULL;
	is->synced_bytes = 0;
	asset->intent = (struct asset){ .path = NULL };
	raise_finished(row, now_unix_ms);
	mem_tell_file(ledger, row, is->index, now_unix_ms);
	return note_move(ledger, row, is->index, "stored", words_sync(move->is_unsynced))
	    ? ERR_OK
	    : mem_no_memory(why);
}

enum err_kind mem_move(struct mem_ledger *ledger, const char *account,
    const struct asset_move *move, int64_t now_unix_ms, struct err *ret_why,
    struct err *err)
{
	struct mem_asset *asset;
	struct mem_task *row;
	enum err_kind kind;

	if (find_asset(&ledger->base, account, move->submit_id, move->asset->index, &row,
		&asset, ret_why))
		return ERR_OK;
	mem_changed(ledger);
	kind = move->to == ASSET_FETCHED
	    ? fetched(ledger, row, asset, move->asset, ret_why)
	    : stored(ledger, row, asset, move, now_unix_ms, ret_why);
	if (kind)
		*err = *ret_why;
	return kind;
}

enum err_kind mem_asset_wanted(struct ledger *base, const char *account,
    const char *submit_id, int index, struct err *err)
{
	struct mem_asset *asset;
	struct mem_task *row;
	enum asset_state was;

	if (find_asset(base, account, submit_id, index, &row, &asset, err))
		return err->kind;
	was = asset->is.state;
	if (was == ASSET_WANTED)
		return ERR_OK;
	asset->is.state = ASSET_WANTED;
	asset->is.path = asset->is.sha256 = asset->is.lost_reason = NULL;
	asset->is.choice = NULL;
	asset->is.stored_bytes = -1;
	mem_changed(mem_of(base));
	return note_move(mem_of(base), row, index, "wanted, was", asset_state_name(was))
	    ? ERR_OK
	    : mem_no_memory(err);
}

enum err_kind mem_asset_lost(struct ledger *base, const char *account,
    const char *submit_id, int index, const char *reason, struct err *err)
{
	struct mem_asset *asset;
	struct mem_task *row;
	const char *clean = NULL;

	if (find_asset(base, account, submit_id, index, &row, &asset, err))
		return err->kind;
	if (!asset_state_may_become(asset->is.state, ASSET_LOST) ||
	    asset->is.state == ASSET_LOST)
		return ERR_OK;
	if (clean_text(reason ? reason : "unknown", &row->is.arena, &clean, err))
		return err->kind;
	asset->is.state = ASSET_LOST;
	asset->is.lost_reason = clean;
	mem_changed(mem_of(base));
	return note_move(mem_of(base), row, index, "lost", clean) ? ERR_OK
								  : mem_no_memory(err);
}
