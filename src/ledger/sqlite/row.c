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
	"credits_source, first_seen_unix_ms, request_hash IS NOT NULL, "             \
	"idempotency_key, rerolls, looks, requests_micro, "                          \
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
	task->first_seen_unix_ms = next_int(reader, 0);
	task->is_ours = next_int(reader, 0) != 0;
	task->idempotency_key = next_string(reader);
	task->rerolls = next_string(reader);
	task->polls = next_int(reader, 0);
	task->requests_micro = next_int(reader, 0);
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

static enum err_kind load_assets(struct sqlite_ledger *ledger, int64_t row,
    struct arena *arena, struct task *task, struct err *err)
{
	static const char text[] =
	    "SELECT idx, state, kind, uri, iif(state = 'fetched', intent_format, "
	    "format), "
	    "width, height, duration_ms, size_bytes, md5, etag, "
	    "iif(state = 'fetched', intent_path, path), "
	    "iif(state = 'fetched', intent_bytes, stored_bytes), "
	    "iif(state = 'fetched', intent_sha256, sha256), lost_reason, "
	    "synced_bytes, synced_sha256 "
	    "FROM assets WHERE task = ?1 ORDER BY idx";
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
	if (load_one(ledger, &query, row, err))
		return err->kind;
	/* An index had it. */
	return row->id == id ? ERR_OK : ledger_is_damaged(ledger, err);
}

void row_become_task(const struct row_task *row, struct task *task)
{
	const struct arena arena = task->arena;

	*task = row->task;
	task->arena = arena;
}

enum err_kind row_is_missing(const char *id, struct err *err)
{
	return err_set(err, ERR_NOT_FOUND, "the task '%.100s' is not in the ledger", id);
}

static enum err_kind insert_unknown(struct sqlite_ledger *ledger, const char *account,
    const char *id, int64_t now_unix_ms, struct err *err)
{
	static const char text[] =
	    "INSERT INTO tasks (account, submit_id, state, is_open, first_seen_unix_ms, "
	    "updated_unix_ms) VALUES (?1, ?2, 'unknown', 1, ?3, ?3)";
	_cleanup_(query_done) struct query query = { 0 };

	if (sql_query(&ledger->sql, text, &query, err))
		return err->kind;
	bind_text(&query, account);
	bind_text(&query, id);
	bind_int(&query, now_unix_ms);
	return query_run(&query, err);
}

enum err_kind row_adopt(struct sqlite_ledger *ledger, const char *account, const char *id,
    int64_t now_unix_ms, struct err *err)
{
	struct row_brief row;

	if (row_peek(ledger, account, id, &row, err))
		return err->kind;
	if (row.id)
		return ERR_OK;
	if (insert_unknown(ledger, account, id, now_unix_ms, err))
		return err->kind;
	return event_add(ledger, sqlite3_last_insert_rowid(ledger->sql.db), now_unix_ms,
	    "state", "unknown: asked for by its id", err);
}

static void bind_queue_and_fail(struct query *query, const struct task *task)
{
	const bool has_failed = task->fail.class != FAIL_NONE;

	bind_int(query, task->has_queue);
	bind_known(query, task->has_queue ? task->queue.position : -1, -1);
	bind_known(query, task->has_queue ? task->queue.length : -1, -1);
	bind_known(query, task->has_queue ? task->queue.eta_seconds : -1, -1);
	bind_text(query, fail_class_name(task->fail.class));
	bind_text(query, has_failed ? task->fail.code : NULL);
	bind_text(query, has_failed ? task->fail.message : NULL);
	bind_int(query, has_failed && task->fail.is_retryable);
}

static void bind_origin(struct query *query, const struct task *task)
{
	bind_text(query, task->prompt);
	bind_text(query, task->ratio);
	bind_known(query, task->has_seed ? task->seed : -1, -1);
	bind_known(query, task->has_credits ? task->credits : -1, -1);
	bind_text(query,
	    !task->has_credits		     ? NULL
		: task->credits_are_measured ? "measured"
					     : "reported");
}

enum err_kind row_update(struct sqlite_ledger *ledger, int64_t row,
    const struct task *task, int64_t now_unix_ms, struct err *err)
{
	static const char text[] =
	    "UPDATE tasks SET state = ?1, owner = iif(?1 = 'submitting', owner, NULL), "
	    "history_id = ?2, kind = ?3, status = ?4, finished = ?5, total = ?6, "
	    "has_queue = ?7, queue_position = ?8, queue_length = ?9, queue_eta_s = ?10, "
	    "fail_class = ?11, fail_code = ?12, fail_message = ?13, "
	    "fail_is_retryable = ?14, created_unix_ms = ?15, finished_unix_ms = ?16, "
	    "model = ?17, alias_id = ?18, updated_unix_ms = ?19, prompt = ?21, "
	    "ratio = ?22, seed = ?23, credits = ?24, credits_source = ?25, "
	    "version = version + 1 WHERE id = ?20";
	_cleanup_(query_done) struct query query = { 0 };

	if (sql_query(&ledger->sql, text, &query, err))
		return err->kind;
	bind_text(&query, task_state_name(task->state));
	bind_text(&query, task->history_id);
	bind_text(&query, media_kind_name(task->kind));
	bind_known(&query, task->status, INT64_MIN);
	bind_int(&query, task->finished);
	bind_int(&query, task->total);
	bind_queue_and_fail(&query, task);
	bind_known(&query, task->created_unix_ms, 0);
	bind_known(&query, task->finished_unix_ms, 0);
	bind_text(&query, task->model);
	bind_text(&query, task->alias_id);
	bind_int(&query, now_unix_ms);
	bind_int(&query, row);
	bind_origin(&query, task);
	return query_run(&query, err);
}

/* Binds what the service claims about it: ?3 to ?10 in both statements. */
static enum err_kind run_with_claims(
    struct query *query, int64_t row, const struct asset *asset, struct err *err)
{
	bind_int(query, row);
	bind_int(query, asset->index);
	bind_text(query, media_kind_name(asset->kind));
	bind_text(query, asset->uri);
	bind_text(query, asset->format);
	bind_known(query, asset->width, 0);
	bind_known(query, asset->height, 0);
	bind_known(query, asset->duration_ms, -1);
	bind_known(query, asset->size_bytes, -1);
	bind_text(query, asset->md5);
	return query_run(query, err);
}

enum err_kind row_insert_asset(
    struct sqlite_ledger *ledger, int64_t row, const struct asset *asset, struct err *err)
{
	static const char text[] =
	    "INSERT INTO assets (task, idx, kind, uri, format, width, height, "
	    "duration_ms, size_bytes, md5, state) "
	    "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, 'wanted')";
	_cleanup_(query_done) struct query query = { 0 };

	if (sql_query(&ledger->sql, text, &query, err))
		return err->kind;
	return run_with_claims(&query, row, asset, err);
}

enum err_kind row_update_asset(
    struct sqlite_ledger *ledger, int64_t row, const struct asset *asset, struct err *err)
{
	/* Validator and withdrawn intent belong to the object of that name. */
	static const char text[] =
	    "UPDATE assets SET etag = iif(coalesce(uri, ?4) IS ?4, etag, NULL), "
	    "synced_bytes = iif(coalesce(uri, ?4) IS ?4, synced_bytes, NULL), "
	    "synced_sha256 = iif(coalesce(uri, ?4) IS ?4, synced_sha256, NULL), "
	    "intent_path = iif(coalesce(uri, ?4) IS ?4, intent_path, NULL), "
	    "intent_bytes = iif(coalesce(uri, ?4) IS ?4, intent_bytes, NULL), "
	    "intent_sha256 = iif(coalesce(uri, ?4) IS ?4, intent_sha256, NULL), "
	    "kind = ?3, uri = ?4, format = ?5, width = ?6, height = ?7, duration_ms = "
	    "?8, "
	    "size_bytes = ?9, md5 = ?10 WHERE task = ?1 AND idx = ?2";
	_cleanup_(query_done) struct query query = { 0 };

	if (sql_query(&ledger->sql, text, &query, err))
		return err->kind;
	return run_with_claims(&query, row, asset, err);
}
