/*
 * deliveries.c - deliveries are made, end, and are changed by people. claims.c has how
 * they are taken.
 */
#include "ledger/sqlite/deliveries.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "ledger/rules/message.h"
#include "ledger/sqlite/ops.h"
#include "ledger/sqlite/row.h"

static enum err_kind insert(struct sqlite_ledger *ledger, const struct delivery *is,
    int64_t now_unix_ms, struct err *err)
{
	/* Run again, it is there. */
	static const char text[] =
	    "INSERT INTO deliveries (message, hook, account, submit_id, event, idx, "
	    "state, tries, made_unix_ms, due_unix_ms, changed_unix_ms, body) "
	    "VALUES (?1, ?2, ?3, ?4, ?5, ?6, 'waiting', 0, ?7, ?7, ?7, ?8) "
	    "ON CONFLICT (message) DO NOTHING";
	_cleanup_(query_done) struct query query = { 0 };

	if (sql_query(&ledger->sql, text, &query, err))
		return err->kind;
	bind_text(&query, is->message);
	bind_text(&query, is->hook);
	bind_text(&query, is->account);
	bind_text(&query, is->submit_id);
	bind_text(&query, is->event);
	bind_int(&query, is->index);
	bind_int(&query, now_unix_ms);
	bind_text(&query, is->body);
	return query_run(&query, err);
}

/* --- what happens to tasks ------------------------------------------------------- */

static enum err_kind tell(struct sqlite_ledger *ledger, const struct task *task,
    const struct asset *asset, int64_t now_unix_ms, struct err *err)
{
	const struct ledger_hook *hook = ledger->base.hook;
	const struct ledger_happening happening = { task, asset, now_unix_ms };
	char message[MESSAGE_NAME_MAX + 1];
	_cleanup_free_ char *body = NULL;

	if (!message_name(message))
		return err_set(err, ERR_IO, "the system gives no random numbers");
	body = hook->tell(hook->payload, &happening);
	if (!body)
		return ledger_no_memory(ledger, err);
	return insert(ledger,
	    &(struct delivery){ .message = message,
		.hook = hook->name,
		.account = task->account,
		.submit_id = task->submit_id,
		.event = asset ? "stored" : message_event(task->state),
		.index = asset ? asset->index : -1,
		.body = body },
	    now_unix_ms, err);
}

static enum err_kind is_over(
    struct sqlite_ledger *ledger, int64_t task, bool *ret_is_over, struct err *err)
{
	static const char text[] = "SELECT 1 FROM tasks WHERE id = ?1 AND (is_open = 0 "
				   "OR " ROW_MAY_ONLY_CHANGE ")";
	_cleanup_(query_done) struct query query = { 0 };

	if (sql_query(&ledger->sql, text, &query, err))
		return err->kind;
	bind_int(&query, task);
	return query_step(&query, ret_is_over, err);
}

enum err_kind delivery_of_end(
    struct sqlite_ledger *ledger, int64_t task, int64_t now_unix_ms, struct err *err)
{
	const struct ledger_hook *hook = ledger->base.hook;
	_cleanup_(arena_release) struct arena arena = arena_make(LEDGER_TASK_BYTES_MAX);
	struct row_task row = { .arena = &arena };
	bool is_end = false;

	if (!hook)
		return ERR_OK;
	if (is_over(ledger, task, &is_end, err))
		return err->kind;
	if (!is_end)
		return ERR_OK;
	if (row_load(ledger, task, &row, err))
		return err->kind;
	return hook_wants_end(hook, row.task.state)
	    ? tell(ledger, &row.task, NULL, now_unix_ms, err)
	    : ERR_OK;
}

enum err_kind delivery_of_file(struct sqlite_ledger *ledger, int64_t task, int index,
    int64_t now_unix_ms, struct err *err)
{
	_cleanup_(arena_release) struct arena arena = arena_make(LEDGER_TASK_BYTES_MAX);
	struct row_task row = { .arena = &arena };

	if (!hook_wants_files(ledger->base.hook))
		return ERR_OK;
	if (row_load(ledger, task, &row, err))
		return err->kind;
	for (size_t i = 0; i < row.task.n_assets; i++)
		if (row.task.assets[i].index == index)
			return tell(
			    ledger, &row.task, &row.task.assets[i], now_unix_ms, err);
	return ERR_OK;
}

/* --- what else happens ----------------------------------------------------------- */

static enum err_kind is_known(struct sqlite_ledger *ledger, const struct delivery *is,
    bool *ret_is_known, struct err *err)
{
	static const char text[] =
	    "SELECT 1 FROM deliveries INDEXED BY deliveries_task WHERE account = ?1 "
	    "AND submit_id = ?2 AND hook = ?3 AND event = ?4 AND idx = ?5";
	_cleanup_(query_done) struct query query = { 0 };

	if (sql_query(&ledger->sql, text, &query, err))
		return err->kind;
	bind_text(&query, is->account);
	bind_text(&query, is->submit_id);
	bind_text(&query, is->hook);
	bind_text(&query, is->event);
	bind_int(&query, is->index);
	return query_step(&query, ret_is_known, err);
}

static enum err_kind make(struct sqlite_ledger *ledger, void *payload, struct err *err)
{
	const struct delivery_made *made = payload;
	bool known = false;

	if (made->unless_known && *made->is.submit_id &&
	    is_known(ledger, &made->is, &known, err))
		return err->kind;
	return known ? ERR_OK : insert(ledger, &made->is, made->now_unix_ms, err);
}

struct known_question {
	const struct delivery *is;
	bool is_known;
};

static enum err_kind ask_known(
    struct sqlite_ledger *ledger, void *payload, struct err *err)
{
	struct known_question *question = payload;

	return is_known(ledger, question->is, &question->is_known, err);
}

enum err_kind sqlite_deliver(
    struct ledger *base, const struct delivery_made *made, struct err *err)
{
	struct sqlite_ledger *ledger = sqlite_of(base);
	struct known_question question = { &made->is, false };

	/* Most are: then nobody is waited for. */
	if (made->unless_known && *made->is.submit_id &&
	    ledger_run(ledger, SQL_READ, ask_known, &question, err))
		return err->kind;
	return question.is_known
	    ? ERR_OK
	    : ledger_run(ledger, SQL_WRITE, make, (void *)(uintptr_t)made, err);
}

/* --- how they end ---------------------------------------------------------------- */

struct settling {
	int64_t number;
	const struct delivery_end *end;
	int64_t now_unix_ms;
};

static enum err_kind settle(struct sqlite_ledger *ledger, void *payload, struct err *err)
{
	static const char text[] =
	    "UPDATE deliveries SET state = ?2, changed_unix_ms = ?3, "
	    "due_unix_ms = iif(?2 = 'waiting', ?4, due_unix_ms), why = ?5, "
	    "tries = tries - ?6, owner = NULL, claimed_until_unix_ms = NULL, "
	    "body = iif(?2 = 'waiting' OR ?2 = 'dead', body, NULL) "
	    "WHERE id = ?1 AND (owner = ?7 OR (?2 = 'sent' AND state <> 'sent'))";
	const struct settling *settling = payload;
	const struct delivery_end *end = settling->end;
	_cleanup_(query_done) struct query query = { 0 };

	if (sql_query(&ledger->sql, text, &query, err))
		return err->kind;
	bind_int(&query, settling->number);
	bind_text(&query, delivery_state_name(end->state));
	bind_int(&query, settling->now_unix_ms);
	bind_int(&query, end->due_unix_ms);
	bind_text(&query, end->why);
	bind_int(&query, end->was_not_tried);
	bind_int(&query, ledger->live.owner);
	return query_run(&query, err);
}

enum err_kind sqlite_delivery_settle(struct ledger *base, int64_t number,
    const struct delivery_end *end, int64_t now_unix_ms, struct err *err)
{
	struct settling settling = { number, end, now_unix_ms };

	return ledger_run(sqlite_of(base), SQL_WRITE, settle, &settling, err);
}

/* --- what people change ---------------------------------------------------------- */

struct changing {
	const struct delivery_filter *filter;
	enum delivery_state to;
	int64_t now_unix_ms;
	size_t n;
};

/*
 * What waits, or is dead. All rows are looked at: somebody has asked for it. What another
 * is sending stays his, or it would be sent twice.
 */
static enum err_kind change(struct sqlite_ledger *ledger, void *payload, struct err *err)
{
	static const char text[] =
	    "UPDATE deliveries SET state = ?1, changed_unix_ms = ?2, due_unix_ms = ?2, "
	    "tries = iif(?1 = 'waiting' AND owner IS NULL, 0, tries), "
	    "owner = iif(?1 = 'waiting', owner, NULL), "
	    "claimed_until_unix_ms = iif(?1 = 'waiting', claimed_until_unix_ms, NULL), "
	    "body = iif(?1 = 'waiting', body, NULL) "
	    "WHERE id > 0 AND ((state = 'waiting' AND ?5) OR (state = 'dead' AND ?6)) "
	    "AND (?3 IS NULL OR hook = ?3) AND (?4 IS NULL OR message = ?4)";
	struct changing *changing = payload;
	const struct delivery_filter *filter = changing->filter;
	_cleanup_(query_done) struct query query = { 0 };

	if (sql_query(&ledger->sql, text, &query, err))
		return err->kind;
	bind_text(&query, delivery_state_name(changing->to));
	bind_int(&query, changing->now_unix_ms);
	bind_text(&query, filter->hook);
	bind_text(&query, filter->message);
	bind_int(&query, !filter->has_states || filter->states[DELIVERY_WAITING]);
	bind_int(&query, !filter->has_states || filter->states[DELIVERY_DEAD]);
	if (query_run(&query, err))
		return err->kind;
	/* Run again, nothing is left to be dropped. */
	if (sqlite3_changes64(ledger->sql.db) > 0)
		changing->n = (size_t)sqlite3_changes64(ledger->sql.db);
	return ERR_OK;
}

enum err_kind sqlite_delivery_change(struct ledger *base,
    const struct delivery_filter *filter, enum delivery_state to, int64_t now_unix_ms,
    size_t *ret_n, struct err *err)
{
	struct changing changing = { filter, to, now_unix_ms, 0 };

	if (ledger_run(sqlite_of(base), SQL_WRITE, change, &changing, err))
		return err->kind;
	*ret_n = changing.n;
	return ERR_OK;
}
