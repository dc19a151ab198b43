/*
 * assets.c - an asset on its way home. Each operation may come twice,
 * and from two processes at once:
 *
 *   now      fetched       stored              wanted    lost
 *   wanted   fetched       stored if intended  -         lost
 *   fetched  fetched anew  stored              wanted    lost
 *   stored   intent only   the new place, if   wanted    -
 *                          one was intended
 *   lost     fetched       stored if intended  wanted    -
 *
 * The intent (where somebody is about to put the file) has columns of its own.
 * So a file that is stored stays known while a copy goes elsewhere, and
 * who has renamed a file while another process put the asset back can still say so.
 */
#include "ledger/sqlite/ops.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "ledger/rules/clean.h"
#include "ledger/rules/words.h"
#include "ledger/sqlite/deliveries.h"
#include "ledger/sqlite/entries.h"
#include "ledger/sqlite/row.h"

struct place {
	const char *account, *submit_id;
	int index;
};

/* What is said about it: each operation has what it needs. */
struct step {
	struct place place;
	const struct asset *asset;
	const char *word; /* a validator, a reason */
};

/* The row as far as a move needs it. */
struct held {
	int64_t task;
	enum asset_state state;
	char *uri; /* owned; NULL unknown */
	bool has_intent;
	bool has_succeeded; /* the task */
};

static void held_release(struct held *held)
{
	free(held->uri);
}

#define HELD_COLUMNS                                         \
	"SELECT task, state, intent_path IS NOT NULL, uri, " \
	"(SELECT state FROM tasks WHERE id = task) = 'succeeded' FROM assets "

/* Takes one step of a query over HELD_COLUMNS; held->task stays 0 without a row. */
static enum err_kind read_held(
    struct sqlite_ledger *ledger, struct query *query, struct held *held, struct err *err)
{
	const char *uri;
	bool has_row = false;

	if (query_step(query, &has_row, err))
		return err->kind;
	if (!has_row)
		return ERR_OK;
	held->task = sqlite3_column_int64(query->stmt, 0);
	(void)asset_state_parse(
	    (const char *)sqlite3_column_text(query->stmt, 1), &held->state);
	held->has_intent = sqlite3_column_int(query->stmt, 2) != 0;
	held->has_succeeded = sqlite3_column_int(query->stmt, 4) != 0;
	uri = (const char *)sqlite3_column_text(query->stmt, 3);
	held->uri = uri ? strdup(uri) : NULL;
	return uri && !held->uri ? ledger_no_memory(ledger, err) : ERR_OK;
}

/* The task has another name, or there is none. */
static enum err_kind find_held_otherwise(struct sqlite_ledger *ledger,
    const struct place *place, struct held *held, struct err *err)
{
	static const char text[] = HELD_COLUMNS "WHERE task = ?1 AND idx = ?2";
	_cleanup_(query_done) struct query query = { 0 };
	struct row_brief row;

	if (row_peek(ledger, place->account, place->submit_id, &row, err))
		return err->kind;
	if (!row.id)
		return row_is_missing(place->submit_id, err);
	if (sql_query(&ledger->sql, text, &query, err))
		return err->kind;
	bind_int(&query, row.id);
	bind_int(&query, place->index);
	if (read_held(ledger, &query, held, err))
		return err->kind;
	return held->task ? ERR_OK
			  : err_set(err, ERR_NOT_FOUND,
				"the ledger knows no asset %d of the task '%.100s'",
				place->index, place->submit_id);
}

static enum err_kind find_held(struct sqlite_ledger *ledger, const struct place *place,
    struct held *held, struct err *err)
{
	static const char text[] =
	    HELD_COLUMNS "WHERE task = (SELECT id FROM tasks WHERE account = ?1 "
			 "AND submit_id = ?2) AND idx = ?3";
	_cleanup_(query_done) struct query query = { 0 };

	if (sql_query(&ledger->sql, text, &query, err))
		return err->kind;
	bind_text(&query, place->account);
	bind_text(&query, place->submit_id);
	bind_int(&query, place->index);
	if (read_held(ledger, &query, held, err))
		return err->kind;
	return held->task ? ERR_OK : find_held_otherwise(ledger, place, held, err);
}

/* `detail` may be NULL; a long one is cut. */
static enum err_kind note_move(struct sqlite_ledger *ledger, const struct held *held,
    const struct place *place, const char *what, const char *detail, struct err *err)
{
	_cleanup_(buf_release) struct buf text = buf_make(WORDS_TEXT_MAX);

	words_asset(&text, place->index, what, detail);
	if (buf_failed(&text))
		return ledger_no_memory(ledger, err);
	return event_add(ledger, held->task, 0, "asset", text.data, err);
}

/* Nothing may be left to be done when it is not to be had any more. */
static bool may_end(const struct held *held)
{
	return held->has_succeeded &&
	    (held->state == ASSET_WANTED || held->state == ASSET_FETCHED);
}

static enum err_kind settle_one(
    struct sqlite_ledger *ledger, const struct held *held, struct err *err)
{
	struct moved moved = {
		.task = held->task, .may_open = true, .may_end = may_end(held)
	};

	return settle_moved(ledger, &moved, 1, clock_unix_ms(), err);
}

/* One statement about one asset: ?1 and ?2 say which, ?3 and ?4 are up to it. */
static enum err_kind change(struct sqlite_ledger *ledger, const char *text,
    const struct held *held, const struct place *place, const char *word, struct err *err)
{
	_cleanup_(query_done) struct query query = { 0 };
	int n;

	if (sql_query(&ledger->sql, text, &query, err))
		return err->kind;
	n = sqlite3_bind_parameter_count(query.stmt);
	bind_int(&query, held->task);
	bind_int(&query, place->index);
	if (n >= 3)
		bind_text(&query, word);
	return query_run(&query, err);
}

/* --- progress ----------------------------------------------------------------- */

static enum err_kind write_progress(
    struct sqlite_ledger *ledger, void *payload, struct err *err)
{
	const struct step *step = payload;
	const struct place *place = &step->place;
	const char *etag = step->word;
	static const char text[] =
	    "UPDATE assets SET etag = ?3, synced_bytes = NULL, synced_sha256 = NULL "
	    "WHERE task = ?1 AND idx = ?2 AND etag IS NOT ?3";
	_cleanup_(held_release) struct held held = { 0 };
	const bool is_long = etag && strnlen(etag, LEDGER_ETAG_MAX + 1) > LEDGER_ETAG_MAX;

	if (find_held(ledger, place, &held, err))
		return err->kind;
	if (change(ledger, text, &held, place, is_long ? NULL : etag, err))
		return err->kind;
	return sqlite3_changes64(ledger->sql.db) > 0 ? task_touch(ledger, held.task, err)
						     : ERR_OK;
}

enum err_kind sqlite_asset_progress(struct ledger *base, const char *account,
    const char *submit_id, int index, const char *etag, struct err *err)
{
	struct sqlite_ledger *ledger = sqlite_of(base);
	struct step step = { .place = { account, submit_id, index }, .word = etag };

	return ledger_run(ledger, SQL_WRITE, write_progress, &step, err);
}

/* Only who fetches the file needs to know: the task's version stays. */
static enum err_kind write_synced(
    struct sqlite_ledger *ledger, void *payload, struct err *err)
{
	const struct step *step = payload;
	const struct place *place = &step->place;
	const struct asset *asset = step->asset;
	static const char text[] = "UPDATE assets SET synced_bytes = ?3, "
				   "synced_sha256 = ?4 WHERE task = ?1 AND idx = ?2";
	_cleanup_(query_done) struct query query = { 0 };
	struct row_brief row;

	if (row_peek(ledger, place->account, place->submit_id, &row, err))
		return err->kind;
	if (!row.id)
		return row_is_missing(place->submit_id, err);
	if (sql_query(&ledger->sql, text, &query, err))
		return err->kind;
	bind_int(&query, row.id);
	bind_int(&query, place->index);
	bind_int(&query, asset->synced_bytes);
	bind_text(&query, asset->synced_sha256);
	return query_run(&query, err);
}

enum err_kind sqlite_asset_synced(struct ledger *base, const char *account,
    const char *submit_id, const struct asset *asset, struct err *err)
{
	struct sqlite_ledger *ledger = sqlite_of(base);
	struct step step = { .place = { account, submit_id, asset->index },
		.asset = asset };

	return ledger_run(ledger, SQL_WRITE, write_synced, &step, err);
}

/* --- fetched ------------------------------------------------------------------ */

static enum err_kind write_intent(struct sqlite_ledger *ledger, const struct held *held,
    const struct asset *asset, struct err *err)
{
	static const char text[] =
	    "UPDATE assets SET state = iif(state = 'stored', state, 'fetched'), "
	    "intent_path = ?3, intent_bytes = ?4, intent_sha256 = ?5, "
	    "intent_format = coalesce(?6, format), intent_choice = ?7, "
	    "lost_reason = NULL "
	    "WHERE task = ?1 AND idx = ?2";
	_cleanup_(query_done) struct query query = { 0 };

	if (sql_query(&ledger->sql, text, &query, err))
		return err->kind;
	bind_int(&query, held->task);
	bind_int(&query, asset->index);
	bind_text(&query, asset->path);
	bind_int(&query, asset->stored_bytes);
	bind_text(&query, asset->sha256);
	bind_text(&query, asset->format);
	bind_text(&query, clean_choice(asset->choice));
	return query_run(&query, err);
}

/* What keeps it from being noted goes into *ret_why; *err is of the ledger. */
static enum err_kind write_fetched(struct sqlite_ledger *ledger,
    const struct place *place, const struct held *held, const struct asset *asset,
    struct err *ret_why, struct err *err)
{
	const char *uri = clean_uri(asset->uri);

	if (!asset->path || !*asset->path || !asset->sha256 || asset->stored_bytes < 0) {
		err_set(ret_why, ERR_USAGE,
		    "asset %d of the task '%.100s' was fetched without path, size or sum",
		    place->index, place->submit_id);
		return ERR_OK;
	}
	if (uri && held->uri && strcmp(uri, held->uri) != 0) {
		err_set(ret_why, ERR_LEDGER,
		    "asset %d of the task '%.100s' was made anew while it was fetched: "
		    "run this again",
		    place->index, place->submit_id);
		return ERR_OK;
	}
	if (write_intent(ledger, held, asset, err))
		return err->kind;
	return note_move(ledger, held, place, "fetched", asset->path, err);
}

/* --- stored ------------------------------------------------------------------- */

static enum err_kind promote(struct sqlite_ledger *ledger, const struct held *held,
    const struct place *place, int64_t now_unix_ms, struct err *err)
{
	static const char text[] =
	    "UPDATE assets SET state = 'stored', path = intent_path, "
	    "stored_bytes = intent_bytes, sha256 = intent_sha256, "
	    "format = intent_format, choice = intent_choice, stored_unix_ms = ?3, etag = "
	    "NULL, "
	    "synced_bytes = NULL, synced_sha256 = NULL, "
	    "lost_reason = NULL, intent_path = NULL, intent_bytes = NULL, "
	    "intent_sha256 = NULL, intent_format = NULL, intent_choice = NULL WHERE task "
	    "= ?1 AND idx = ?2";
	_cleanup_(query_done) struct query query = { 0 };

	if (sql_query(&ledger->sql, text, &query, err))
		return err->kind;
	bind_int(&query, held->task);
	bind_int(&query, place->index);
	bind_int(&query, now_unix_ms);
	return query_run(&query, err);
}

static enum err_kind write_stored(struct sqlite_ledger *ledger, const struct place *place,
    const struct held *held, bool is_unsynced, int64_t now_unix_ms, struct err *err)
{
	if (promote(ledger, held, place, now_unix_ms, err) ||
	    note_move(ledger, held, place, "stored", words_sync(is_unsynced), err))
		return err->kind;
	return delivery_of_file(ledger, held->task, place->index, now_unix_ms, err);
}

/* Give the reason why what nobody has fetched is not stored; none where it is already. */
static void refuse_unfetched(
    const struct place *place, const struct held *held, struct err *ret_why)
{
	if (held->state != ASSET_STORED)
		err_set(ret_why, ERR_LEDGER,
		    "asset %d of the task '%.100s' is '%s': it can't be stored before it "
		    "was fetched",
		    place->index, place->submit_id, asset_state_name(held->state));
}

static enum err_kind move_held(struct sqlite_ledger *ledger, const struct place *place,
    const struct held *held, struct ledger_entry *entry, int64_t now_unix_ms,
    struct err *err)
{
	const struct asset_move *move = &entry->move;

	if (move->to == ASSET_FETCHED)
		return write_fetched(ledger, place, held, move->asset, &entry->why, err);
	assert(move->to == ASSET_STORED);
	if (held->has_intent)
		return write_stored(
		    ledger, place, held, move->is_unsynced, now_unix_ms, err);
	refuse_unfetched(place, held, &entry->why);
	return ERR_OK;
}

enum err_kind commit_move(struct sqlite_ledger *ledger, const char *account,
    struct ledger_entry *entry, int64_t now_unix_ms, struct moved *ret_moved,
    struct err *err)
{
	const struct asset_move *move = &entry->move;
	const struct place place = { account, move->submit_id, move->asset->index };
	_cleanup_(held_release) struct held held = { 0 };

	*ret_moved = (struct moved){ 0 };
	if (find_held(ledger, &place, &held, err)) {
		if (err->kind != ERR_NOT_FOUND)
			return err->kind;
		entry->why = *err;
		return ERR_OK;
	}
	if (move_held(ledger, &place, &held, entry, now_unix_ms, err))
		return err->kind;
	if (!entry->why.kind && (move->to == ASSET_FETCHED || held.has_intent))
		*ret_moved = (struct moved){ .task = held.task,
			.has_stored = move->to == ASSET_STORED,
			.may_open = move->to == ASSET_STORED || held.state == ASSET_LOST,
			.may_end = may_end(&held) };
	return ERR_OK;
}

/* --- back, and lost ----------------------------------------------------------- */

static enum err_kind write_wanted(
    struct sqlite_ledger *ledger, void *payload, struct err *err)
{
	static const char text[] =
	    "UPDATE assets SET state = 'wanted', path = NULL, stored_bytes = NULL, "
	    "sha256 = NULL, choice = NULL, stored_unix_ms = NULL, lost_reason = NULL "
	    "WHERE task = ?1 AND idx = ?2";
	const struct step *step = payload;
	const struct place *place = &step->place;
	_cleanup_(held_release) struct held held = { 0 };

	if (find_held(ledger, place, &held, err))
		return err->kind;
	if (held.state == ASSET_WANTED)
		return ERR_OK;
	assert(asset_state_may_become(held.state, ASSET_WANTED));
	if (change(ledger, text, &held, place, NULL, err) ||
	    note_move(
		ledger, &held, place, "wanted, was", asset_state_name(held.state), err))
		return err->kind;
	return settle_one(ledger, &held, err);
}

enum err_kind sqlite_asset_wanted(struct ledger *base, const char *account,
    const char *submit_id, int index, struct err *err)
{
	struct sqlite_ledger *ledger = sqlite_of(base);
	struct step step = { .place = { account, submit_id, index } };

	return ledger_run(ledger, SQL_WRITE, write_wanted, &step, err);
}

static enum err_kind write_lost(
    struct sqlite_ledger *ledger, void *payload, struct err *err)
{
	static const char text[] = "UPDATE assets SET state = 'lost', lost_reason = ?3 "
				   "WHERE task = ?1 AND idx = ?2";
	_cleanup_(held_release) struct held held = { 0 };
	const struct step *step = payload;
	const struct place *place = &step->place;
	_cleanup_(arena_release) struct arena arena = arena_make(1 << 20);
	const char *reason = step->word, *clean = NULL;

	if (find_held(ledger, place, &held, err))
		return err->kind;
	if (!asset_state_may_become(held.state, ASSET_LOST) || held.state == ASSET_LOST)
		return ERR_OK;
	if (clean_text(reason ? reason : "unknown", &arena, &clean, err) ||
	    change(ledger, text, &held, place, clean, err) ||
	    note_move(ledger, &held, place, "lost", clean, err))
		return err->kind;
	return settle_one(ledger, &held, err);
}

enum err_kind sqlite_asset_lost(struct ledger *base, const char *account,
    const char *submit_id, int index, const char *reason, struct err *err)
{
	struct sqlite_ledger *ledger = sqlite_of(base);
	struct step step = { .place = { account, submit_id, index }, .word = reason };

	return ledger_run(ledger, SQL_WRITE, write_lost, &step, err);
}
