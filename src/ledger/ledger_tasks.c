/*
 * ledger_tasks.c - a task from the intent to the last it is heard of.
 */
#include "ledger/ledger.h"

#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "ledger/ledger_clean.h"
#include "ledger/ledger_row.h"
#include "model/taskid.h"

/* --- intent and answer -------------------------------------------------------- */

static void bind_intent(struct query *query, const struct intent *intent, int64_t owner)
{
	bind_text(query, intent->account);
	bind_text(query, intent->submit_id);
	bind_int(query, owner);
	bind_text(query, media_kind_name(intent->kind));
	bind_int(query, intent->now_unix_ms);
	bind_text(query, intent->model);
	bind_text(query, intent->ratio);
	bind_text(query, intent->rerolls);
	bind_text(query, intent->request_hash);
	bind_text(query, intent->prompt);
	bind_text(query, intent->body);
}

static enum err_kind write_intent(
    struct ledger *ledger, const struct intent *intent, struct err *err)
{
	static const char text[] =
	    "INSERT INTO tasks (account, submit_id, state, is_open, owner, kind, "
	    "first_seen_unix_ms, updated_unix_ms, model, ratio, rerolls, request_hash, "
	    "prompt, body) "
	    "VALUES (?1, ?2, 'submitting', 1, ?3, ?4, ?5, ?5, ?6, ?7, ?8, ?9, ?10, ?11) "
	    "ON CONFLICT DO NOTHING";
	_cleanup_(query_done) struct query query = { 0 };

	if (sql_query(&ledger->sql, text, &query, err))
		return err->kind;
	bind_intent(&query, intent, ledger->live.owner);
	if (query_run(&query, err))
		return err->kind;
	if (sqlite3_changes64(ledger->sql.db) == 0)
		return err_set(err, ERR_USAGE,
		    "the task '%s' is in the ledger already: a new one needs a new id",
		    intent->submit_id);
	return event_add(ledger, sqlite3_last_insert_rowid(ledger->sql.db),
	    intent->now_unix_ms, "state", "submitting: about to be sent", err);
}

enum err_kind ledger_intend(
    struct ledger *ledger, const struct intent *intent, struct err *err)
{
	if (!taskid_is_valid(intent->submit_id))
		return err_set(err, ERR_USAGE, "'%.100s' is no valid submit id",
		    intent->submit_id ? intent->submit_id : "");
	if (live_take(&ledger->live, ledger->sql.path, err) ||
	    sql_begin(&ledger->sql, SQL_DURABLE, err))
		return err->kind;
	return sql_end(&ledger->sql, write_intent(ledger, intent, err), err);
}

struct answered {
	const char *account, *submit_id, *history_id;
	enum task_state state;
	const struct task_fail *fail;
};

/*
 * The service itself may have shown the task to a look before its answer
 * reached us. What it showed is newer, so then only the history id is taken.
 */
static void take_answer(
    const struct answered *answered, const struct task_fail *fail, struct task *task)
{
	const bool is_ours_to_say =
	    task->state == TASK_SUBMITTING || task->state == TASK_UNKNOWN;

	if (taskid_is_valid(answered->history_id))
		task->history_id = answered->history_id;
	if (!is_ours_to_say || !task_state_may_become(task->state, answered->state))
		return;
	task->state = answered->state;
	if (task->state == TASK_FAILED)
		task->fail = *fail;
}

static enum err_kind write_answer(struct ledger *ledger, const struct answered *answered,
    struct arena *arena, struct err *err)
{
	struct row_task row = { .arena = arena };
	struct task_fail fail = { 0 };
	const int64_t now_ms = clock_unix_ms();
	enum task_state before;

	if (row_find(ledger, answered->account, answered->submit_id, &row, err))
		return err->kind;
	if (!row.id)
		return row_is_missing(answered->submit_id, err);
	if (answered->fail && clean_fail(answered->fail, arena, &fail, err))
		return err->kind;
	before = row.task.state;
	take_answer(answered, &fail, &row.task);
	if (row_update(ledger, row.id, &row.task, now_ms, err))
		return err->kind;
	if (before != row.task.state &&
	    event_add(
		ledger, row.id, now_ms, "state", task_state_name(row.task.state), err))
		return err->kind;
	return task_settle_open(ledger, row.id, now_ms, err);
}

/* NOLINTNEXTLINE(readability-function-size): the facts of one answer, nobody's struct */
enum err_kind ledger_submitted(struct ledger *ledger, const char *account,
    const char *submit_id, enum task_state state, const struct task_fail *fail,
    const char *history_id, struct err *err)
{
	const struct answered answered = { account, submit_id, history_id, state, fail };
	_cleanup_(arena_release) struct arena arena = arena_make(4 << 20);

	if (state != TASK_QUEUED && state != TASK_UNKNOWN && state != TASK_FAILED)
		return err_set(err, ERR_USAGE, "a submit does not end as '%s'",
		    task_state_name(state));
	if (sql_begin(&ledger->sql, SQL_DURABLE, err))
		return err->kind;
	return sql_end(&ledger->sql, write_answer(ledger, &answered, &arena, err), err);
}

/* --- the dead ----------------------------------------------------------------- */

struct submitting {
	int64_t row, owner;
};

enum { SUBMITTING_BYTES_MAX = 64 << 20 };

static enum err_kind find_submitting(
    struct ledger *ledger, struct buf *into, struct err *err)
{
	static const char text[] =
	    "SELECT id, owner FROM tasks WHERE state = 'submitting'";
	_cleanup_(query_done) struct query query = { 0 };
	bool has_row = false;

	if (sql_query(&ledger->sql, text, &query, err))
		return err->kind;
	for (;;) {
		struct submitting one;

		if (query_step(&query, &has_row, err))
			return err->kind;
		if (!has_row)
			break;
		one.row = sqlite3_column_int64(query.stmt, 0);
		one.owner = sqlite3_column_int64(query.stmt, 1);
		buf_add(into, &one, sizeof(one));
	}
	return buf_failed(into) ? ledger_no_memory(ledger, err) : ERR_OK;
}

/* Only when it is still the same intent: the living may have gone on meanwhile. */
static enum err_kind settle_one(
    struct ledger *ledger, struct submitting one, size_t *n_settled, struct err *err)
{
	static const char text[] =
	    "UPDATE tasks SET state = 'unknown', owner = NULL, updated_unix_ms = ?3 "
	    "WHERE id = ?1 AND owner = ?2 AND state = 'submitting'";
	_cleanup_(query_done) struct query query = { 0 };
	const int64_t now_ms = clock_unix_ms();

	if (sql_query(&ledger->sql, text, &query, err))
		return err->kind;
	bind_int(&query, one.row);
	bind_int(&query, one.owner);
	bind_int(&query, now_ms);
	if (query_run(&query, err))
		return err->kind;
	if (sqlite3_changes64(ledger->sql.db) == 0)
		return ERR_OK;
	(*n_settled)++;
	return event_add(ledger, one.row, now_ms, "state",
	    "unknown: the process that was sending it has ended", err);
}

static enum err_kind settle_all(
    struct ledger *ledger, const struct buf *dead, size_t *n_settled, struct err *err)
{
	struct submitting one;

	for (size_t at = 0; at < dead->len; at += sizeof(one)) {
		memcpy(&one, dead->data + at, sizeof(one));
		if (settle_one(ledger, one, n_settled, err))
			return err->kind;
	}
	return ERR_OK;
}

static enum err_kind keep_the_dead(struct ledger *ledger, const struct buf *submitting,
    struct buf *into, struct err *err)
{
	struct submitting one;

	for (size_t at = 0; at < submitting->len; at += sizeof(one)) {
		bool is_alive = true;

		memcpy(&one, submitting->data + at, sizeof(one));
		if (live_is_alive(
			&ledger->live, ledger->sql.path, one.owner, &is_alive, err))
			return err->kind;
		if (!is_alive)
			buf_add(into, &one, sizeof(one));
	}
	return buf_failed(into) ? ledger_no_memory(ledger, err) : ERR_OK;
}

enum err_kind ledger_settle_dead(struct ledger *ledger, size_t *ret_n, struct err *err)
{
	_cleanup_(buf_release) struct buf submitting = buf_make(SUBMITTING_BYTES_MAX);
	_cleanup_(buf_release) struct buf dead = buf_make(SUBMITTING_BYTES_MAX);
	size_t n_settled = 0;

	if (find_submitting(ledger, &submitting, err) ||
	    keep_the_dead(ledger, &submitting, &dead, err))
		return err->kind;
	if (dead.len > 0) {
		if (sql_begin(&ledger->sql, SQL_WRITE, err) ||
		    sql_end(
			&ledger->sql, settle_all(ledger, &dead, &n_settled, err), err))
			return err->kind;
	}
	*ret_n = n_settled;
	return ERR_OK;
}

/* --- ids from elsewhere ------------------------------------------------------- */

static enum err_kind are_all_known(struct ledger *ledger, const char *account,
    const char *const *ids, size_t n, bool *ret_are_known, struct err *err)
{
	enum task_state state;
	int64_t row = 1;

	for (size_t i = 0; row && i < n; i++)
		if (row_peek(ledger, account, ids[i], &row, &state, err))
			return err->kind;
	*ret_are_known = row != 0;
	return ERR_OK;
}

static enum err_kind adopt_all(struct ledger *ledger, const char *account,
    const char *const *ids, size_t n, int64_t now_unix_ms, struct err *err)
{
	for (size_t i = 0; i < n; i++)
		if (row_adopt(ledger, account, ids[i], now_unix_ms, err))
			return err->kind;
	return ERR_OK;
}

enum err_kind ledger_adopt(struct ledger *ledger, const char *account,
    const char *const *ids, size_t n, int64_t now_unix_ms, struct err *err)
{
	struct sql *sql = &ledger->sql;
	bool are_known = false;

	for (size_t i = 0; i < n; i++)
		if (!taskid_is_valid(ids[i]))
			return err_set(err, ERR_USAGE, "id %zu is no valid id", i + 1);
	if (sql_begin(sql, SQL_READ, err) ||
	    sql_end(sql, are_all_known(ledger, account, ids, n, &are_known, err), err))
		return err->kind;
	if (are_known)
		return ERR_OK;
	if (sql_begin(sql, SQL_WRITE, err))
		return err->kind;
	return sql_end(sql, adopt_all(ledger, account, ids, n, now_unix_ms, err), err);
}

/* --- one of them -------------------------------------------------------------- */

static enum err_kind find_one(struct ledger *ledger, const char *account, const char *id,
    struct row_task *row, struct err *err)
{
	if (sql_begin(&ledger->sql, SQL_READ, err))
		return err->kind;
	return sql_end(&ledger->sql, row_find(ledger, account, id, row, err), err);
}

enum err_kind ledger_find(struct ledger *ledger, const char *account, const char *id,
    struct task **ret_task, struct err *err)
{
	_cleanup_(task_freep) struct task *task = task_new();
	struct row_task row = { .arena = task ? &task->arena : NULL };

	if (!task)
		return ledger_no_memory(ledger, err);
	task->arena.max_bytes = LEDGER_TASK_BYTES_MAX;
	if (find_one(ledger, account, id, &row, err))
		return err->kind;
	if (!row.id) {
		*ret_task = NULL;
		return ERR_OK;
	}
	row_become_task(&row, task);
	*ret_task = TAKE_PTR(task);
	return ERR_OK;
}

static enum err_kind delete_one(
    struct ledger *ledger, const char *account, const char *id, struct err *err)
{
	/* Assets and events go with it (ON DELETE CASCADE). */
	static const char text[] = "DELETE FROM tasks WHERE id = ?1";
	_cleanup_(query_done) struct query query = { 0 };
	enum task_state state;
	int64_t row = 0;

	if (row_peek(ledger, account, id, &row, &state, err))
		return err->kind;
	if (!row)
		return row_is_missing(id, err);
	if (sql_query(&ledger->sql, text, &query, err))
		return err->kind;
	bind_int(&query, row);
	return query_run(&query, err);
}

enum err_kind ledger_forget(
    struct ledger *ledger, const char *account, const char *id, struct err *err)
{
	if (sql_begin(&ledger->sql, SQL_DURABLE, err))
		return err->kind;
	return sql_end(&ledger->sql, delete_one(ledger, account, id, err), err);
}
