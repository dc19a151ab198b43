/*
 * row_write.c - rows that come and rows that change; row.c reads them.
 */
#include "ledger/sqlite/row.h"

#include "base/cleanup.h"

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
	bind_text(query, task_mode_name(task->mode));
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
	    "mode = ?26, "
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

/* Binds whose it is, and what the service claims about it: ten values. */
static void bind_claims(struct query *query, int64_t row, const struct asset *asset)
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
}

/*
 * For each statement whose trigger may fail (the books are one) sqlite copies the pages
 * that it changes: so the four pictures of a task are one.
 */
enum err_kind row_insert_assets(struct sqlite_ledger *ledger, int64_t row,
    const struct asset *const *assets, size_t n, struct err *err)
{
#define ASSET_VALUES "(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'wanted')"
#define ASSET_INSERT                                                        \
	"INSERT INTO assets (task, idx, kind, uri, format, width, height, " \
	"duration_ms, size_bytes, md5, state) VALUES " ASSET_VALUES
	enum { FOUR = 4 };
	static const char one[] = ASSET_INSERT;
	static const char four[] =
	    ASSET_INSERT ", " ASSET_VALUES ", " ASSET_VALUES ", " ASSET_VALUES;

	while (n > 0) {
		_cleanup_(query_done) struct query query = { 0 };
		const size_t some = n >= FOUR ? FOUR : 1;

		if (sql_query(&ledger->sql, some == FOUR ? four : one, &query, err))
			return err->kind;
		for (size_t i = 0; i < some; i++)
			bind_claims(&query, row, assets[i]);
		if (query_run(&query, err))
			return err->kind;
		assets += some;
		n -= some;
	}
	return ERR_OK;
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
	    "intent_choice = iif(coalesce(uri, ?4) IS ?4, intent_choice, NULL), "
	    "kind = ?3, uri = ?4, format = ?5, width = ?6, height = ?7, duration_ms = "
	    "?8, "
	    "size_bytes = ?9, md5 = ?10 WHERE task = ?1 AND idx = ?2";
	_cleanup_(query_done) struct query query = { 0 };

	if (sql_query(&ledger->sql, text, &query, err))
		return err->kind;
	bind_claims(&query, row, asset);
	return query_run(&query, err);
}
