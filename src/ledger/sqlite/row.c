#include "ledger/sqlite/row.h"

#include <string.h>

#include "base/cleanup.h"
#include "model/taskid.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

#define TASK_COLUMNS                                                                 \
	"SELECT id, account, submit_id, history_id, state, kind, status, finished, " \
	"total, has_queue, queue_position, queue_length, queue_eta_s, fail_class, "  \
	"fail_code, fail_message, fail_is_retryable, created_unix_ms, "              \
	"finished_unix_ms, model, prompt, alias_id, "                                \
	"state = 'submitting' AND owner = 0, ratio, seed, credits, "                 \
	"credits_source, mode, first_seen_unix_ms, request_hash IS NOT NULL, "       \
	"idempotency_key, rerolls, looks, requests_micro, "                          \
	"(SELECT group_concat(tag, ' ') FROM tags WHERE task = tasks.id AND "        \
	"idx = -1), "                                                                \
	"(SELECT note FROM marks WHERE task = tasks.id AND idx = -1), "              \
	"(SELECT rating FROM marks WHERE task = tasks.id AND idx = -1), "            \
	"lease_owner, lease_token FROM tasks "

/* A row being read from left to right. */
struct reader {
	sqlite3_stmt *stmt;
	int column;
	struct arena *arena;
	bool is_out_of_memory;
	bool is_odd; /* what the table would not have let in */
};

static int64_t next_int(struct reader *reader, int64_t unknown)
{
	const int column = reader->column++;

	if (sqlite3_column_type(reader->stmt, column) == SQLITE_NULL)
		return unknown;
	return sqlite3_column_int64(reader->stmt, column);
}

/* Returns a text that is good until the next step of the statement. */
static const char *next_text(struct reader *reader)
{
	return (const char *)sqlite3_column_text(reader->stmt, reader->column++);
}

static const char *next_string(struct reader *reader)
{
	const char *text = next_text(reader);
	const char *copy = arena_strdup(reader->arena, text);

	if (text && !copy)
		reader->is_out_of_memory = true;
	return copy;
}

/* A word that is none of ours is not let in by the table: the file is damaged. */
static enum task_state next_state(struct reader *reader)
{
	enum task_state state = TASK_UNKNOWN;

	reader->is_odd |= !task_state_parse(next_text(reader), &state);
	return state;
}

static enum media_kind next_kind(struct reader *reader)
{
	const char *word = next_text(reader);
	const enum media_kind kind = media_kind_parse(word);

	reader->is_odd |= word && kind == MEDIA_UNKNOWN;
	return kind;
}

static void read_origin(struct reader *reader, struct task *task)
{
	const int64_t none = -1;
	const char *source;

	task->ratio = next_string(reader);
	task->seed = next_int(reader, none);
	task->has_seed = task->seed != none;
	task->credits = next_int(reader, none);
	task->has_credits = task->credits != none;
	source = next_text(reader);
	task->credits_are_measured = source && !strcmp(source, "measured");
	task->mode = task_mode_parse(next_text(reader));
	task->first_seen_unix_ms = next_int(reader, 0);
	task->is_ours = next_int(reader, 0) != 0;
	task->idempotency_key = next_string(reader);
	task->rerolls = next_string(reader);
	task->polls = next_int(reader, 0);
	task->requests_micro = next_int(reader, 0);
	task->tags = next_string(reader);
	task->note = next_string(reader);
	task->rating = (int)next_int(reader, 0);
}

static void read_task(struct reader *reader, struct task *task)
{
	task->account = next_string(reader);
	task->submit_id = next_string(reader);
	task->history_id = next_string(reader);
	task->state = next_state(reader);
	task->kind = next_kind(reader);
	task->status = next_int(reader, INT64_MIN);
	task->finished = next_int(reader, 0);
	task->total = next_int(reader, 0);
	task->has_queue = next_int(reader, 0) != 0;
	task->queue.position = next_int(reader, -1);
	task->queue.length = next_int(reader, -1);
	task->queue.eta_seconds = next_int(reader, -1);
	task->fail.class = fail_class_parse(next_text(reader));
	task->fail.code = next_string(reader);
	task->fail.message = next_string(reader);
	task->fail.is_retryable = next_int(reader, 0) != 0;
	task->created_unix_ms = next_int(reader, 0);
	task->finished_unix_ms = next_int(reader, 0);
	task->model = next_string(reader);
	task->prompt = next_string(reader);
	task->alias_id = next_string(reader);
	task->is_waiting = next_int(reader, 0) != 0;
	read_origin(reader, task);
	task->forecast_generate_s = -1;
	task->forecast_queue_s = -1;
}

/* The table would not let it in. Whoever copies an id relies on its length. */
static bool is_sane(const struct task *task)
{
	return task->account && taskid_is_valid(task->submit_id) &&
	    (!task->history_id || *task->history_id);
}

static bool has_place(const struct asset *asset)
{
	return asset->path && asset->sha256 && asset->stored_bytes >= 0;
}

static bool has_no_place(const struct asset *asset)
{
	return !asset->path && !asset->sha256 && asset->stored_bytes < 0;
}

static struct asset read_asset(struct reader *reader)
{
	struct asset asset = { .index = (int)next_int(reader, 0) };

	reader->is_odd |= !asset_state_parse(next_text(reader), &asset.state);
	asset.kind = next_kind(reader);
	asset.uri = next_string(reader);
	asset.format = next_string(reader);
	asset.width = next_int(reader, 0);
	asset.height = next_int(reader, 0);
	asset.duration_ms = next_int(reader, -1);
	asset.size_bytes = next_int(reader, -1);
	asset.md5 = next_string(reader);
	asset.etag = next_string(reader);
	asset.path = next_string(reader);
	asset.stored_bytes = next_int(reader, -1);
	asset.sha256 = next_string(reader);
	asset.lost_reason = next_string(reader);
	asset.synced_bytes = next_int(reader, 0);
	asset.synced_sha256 = next_string(reader);
	asset.choice = next_string(reader);
	reader->is_odd |= asset.state == ASSET_FETCHED || asset.state == ASSET_STORED
	    ? !has_place(&asset)
	    : !has_no_place(&asset);
	return asset;
}

/* Makes room for one more; NULL: no memory. */
static struct asset *grow(struct task *task, size_t *room, struct arena *arena)
{
	struct asset *wider;

	if (task->n_assets < *room)
		return &task->assets[task->n_assets++];
	*room = *room ? *room * 2 : 4;
	wider = arena_alloc(arena, *room * sizeof(*wider));
	if (!wider)
		return NULL;
	if (task->n_assets)
		memcpy(wider, task->assets, task->n_assets * sizeof(*wider));
	task->assets = wider;
	return &task->assets[task->n_assets++];
}

#define ASSET_COLUMNS                                                                   \
	"SELECT idx, state, kind, uri, iif(state = 'fetched', intent_format, format), " \
	"width, height, duration_ms, size_bytes, md5, etag, "                           \
	"iif(state = 'fetched', intent_path, path), "                                   \
	"iif(state = 'fetched', intent_bytes, stored_bytes), "                          \
	"iif(state = 'fetched', intent_sha256, sha256), lost_reason, "                  \
	"synced_bytes, synced_sha256, iif(state = 'fetched', intent_choice, choice) "   \
	"FROM assets "

static enum err_kind load_assets(struct sqlite_ledger *ledger, int64_t row,
    struct arena *arena, struct task *task, struct err *err)
{
	static const char text[] = ASSET_COLUMNS "WHERE task = ?1 ORDER BY idx";
	_cleanup_(query_done) struct query query = { 0 };
	bool has_row = false;
	size_t room = 0;

	if (sql_query(&ledger->sql, text, &query, err))
		return err->kind;
	bind_int(&query, row);
	for (;;) {
		struct reader reader = { .stmt = query.stmt, .arena = arena };
		struct asset *asset;

		if (query_step(&query, &has_row, err))
			return err->kind;
		if (!has_row)
			return ERR_OK;
		asset = grow(task, &room, arena);
		if (!asset)
			return ledger_no_memory(ledger, err);
		*asset = read_asset(&reader);
		if (reader.is_out_of_memory)
			return ledger_no_memory(ledger, err);
		if (reader.is_odd)
			return ledger_is_damaged(ledger, err);
	}
}

static enum err_kind load_asset(struct sqlite_ledger *ledger, struct query *query,
    struct asset_known *known, struct arena *arena, struct err *err)
{
	struct reader reader = { .stmt = query->stmt, .arena = arena };

	if (query_step(query, &known->is_known, err))
		return err->kind;
	if (known->is_known)
		known->asset = read_asset(&reader);
	return reader.is_out_of_memory ? ledger_no_memory(ledger, err) : ERR_OK;
}

static enum err_kind load_asset_of(struct sqlite_ledger *ledger, int64_t row,
    struct asset_known *known, struct arena *arena, struct err *err)
{
	static const char text[] = ASSET_COLUMNS "WHERE task = ?1 AND idx = ?2";
	_cleanup_(query_done) struct query query = { 0 };

	if (sql_query(&ledger->sql, text, &query, err))
		return err->kind;
	bind_int(&query, row);
	bind_int(&query, known->index);
	return load_asset(ledger, &query, known, arena, err);
}

enum err_kind row_find_asset(struct sqlite_ledger *ledger, const char *account,
    struct asset_known *known, struct arena *arena, struct err *err)
{
	static const char text[] =
	    ASSET_COLUMNS "WHERE task = (SELECT id FROM tasks "
			  "WHERE account = ?1 AND submit_id = ?2) AND idx = ?3";
	_cleanup_(query_done) struct query query = { 0 };
	struct row_brief row;

	if (sql_query(&ledger->sql, text, &query, err))
		return err->kind;
	bind_text(&query, account);
	bind_text(&query, known->submit_id);
	bind_int(&query, known->index);
	if (load_asset(ledger, &query, known, arena, err))
		return err->kind;
	if (known->is_known)
		return ERR_OK;
	/* By another name of it? */
	return row_peek(ledger, account, known->submit_id, &row, err)
	    ? err->kind
	    : load_asset_of(ledger, row.id, known, arena, err);
}

/* Takes one step of a query over TASK_COLUMNS, and the assets behind it. */
static enum err_kind load_one(struct sqlite_ledger *ledger, struct query *query,
    struct row_task *row, struct err *err)
{
	struct reader reader = { .stmt = query->stmt, .arena = row->arena };
	bool has_row = false;

	row->id = 0;
	row->task = (struct task){ 0 };
	if (query_step(query, &has_row, err))
		return err->kind;
	if (!has_row)
		return ERR_OK;
	row->id = next_int(&reader, 0);
	read_task(&reader, &row->task);
	row->lease_owner = next_int(&reader, 0);
	row->lease_token = next_int(&reader, 0);
	if (reader.is_out_of_memory)
		return ledger_no_memory(ledger, err);
	if (reader.is_odd || !is_sane(&row->task))
		return ledger_is_damaged(ledger, err);
	return load_assets(ledger, row->id, row->arena, &row->task, err);
}

static const char by_submit_id[] = TASK_COLUMNS "WHERE account = ?1 AND submit_id = ?2";
/* Several may share one (asked for under both names): the oldest, always. */
static const char by_history_id[] =
    TASK_COLUMNS "WHERE account = ?1 AND history_id = ?2 ORDER BY id LIMIT 1";
static const char by_alias[] =
    TASK_COLUMNS "WHERE account = ?1 AND alias_id = ?2 ORDER BY id LIMIT 1";

enum err_kind row_find(struct sqlite_ledger *ledger, const char *account, const char *id,
    struct row_task *row, struct err *err)
{
	const char *const texts[] = { by_submit_id, by_history_id, by_alias };

	for (size_t i = 0; i < COUNT(texts); i++) {
		_cleanup_(query_done) struct query query = { 0 };

		if (sql_query(&ledger->sql, texts[i], &query, err))
			return err->kind;
		bind_text(&query, account);
		bind_text(&query, id);
		if (load_one(ledger, &query, row, err))
			return err->kind;
		if (row->id)
			break;
	}
	return ERR_OK;
}

enum err_kind row_load(
    struct sqlite_ledger *ledger, int64_t id, struct row_task *row, struct err *err)
{
	static const char text[] = TASK_COLUMNS "WHERE id = ?1";
	_cleanup_(query_done) struct query query = { 0 };

	if (sql_query(&ledger->sql, text, &query, err))
		return err->kind;
	bind_int(&query, id);
	return load_one(ledger, &query, row, err);
}

bool row_is_over(const struct row_task *row)
{
	const struct task *task = &row->task;

	if (task->state != TASK_SUCCEEDED)
		return task_state_is_final(task->state);
	for (size_t i = 0; i < task->n_assets; i++)
		if (task->assets[i].state == ASSET_WANTED ||
		    task->assets[i].state == ASSET_FETCHED)
			return false;
	return task->n_assets > 0;
}

void row_become_task(const struct row_task *row, struct task *task)
{
	const struct arena arena = task->arena;

	*task = row->task;
	task->number = row->id;
	task->arena = arena;
}

enum err_kind row_is_missing(const char *id, struct err *err)
{
	return err_set(err, ERR_NOT_FOUND, "the task '%.100s' is not in the ledger", id);
}
