/*
 * submit.c - from the intent to the answer; ledger.h has the diagram.
 *
 * A task in 'submitting' has an owner: 0 waits in the local queue, any other number
 * is the lock (live.h) of the process that sends it. Each step
 * below is one durable transaction:
 *
 *   ledger_intend       none -> 0, with the whole request
 *   ledger_send_begin   0 -> ours, and only then the request may leave (commit_send)
 *   ledger_submitted    ours -> none (the task has another state), or -> 0 again
 *                       (commit_answer)
 *   ledger_settle_dead  a dead one's -> none, 'unknown'
 *
 * So whatever is found at 0 after a crash has not left, and may be sent.
 */
#include "ledger/sqlite/ops.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "ledger/sqlite/entries.h"
#include "ledger/sqlite/keys.h"
#include "ledger/sqlite/permits.h"
#include "ledger/sqlite/row.h"
#include "model/taskid.h"

/* --- intent ------------------------------------------------------------------- */

static void bind_intent(struct query *query, const struct intent *intent)
{
	bind_text(query, intent->account);
	bind_text(query, intent->submit_id);
	bind_text(query, media_kind_name(intent->kind));
	bind_int(query, intent->now_unix_ms);
	bind_text(query, intent->model);
	bind_text(query, intent->ratio);
	bind_text(query, intent->rerolls);
	bind_text(query, intent->request_hash);
	bind_text(query, intent->content_hash);
	bind_text(query, intent->idempotency_key);
	bind_text(query, intent->prompt);
	bind_text(query, intent->body);
	bind_text(query, task_mode_name(intent->mode));
}

/* Is the row of this id the one of this request? */
static enum err_kind is_this_request(struct sqlite_ledger *ledger,
    const struct intent *intent, bool *ret_is_this, struct err *err)
{
	static const char text[] = "SELECT 1 FROM tasks WHERE account = ?1 AND "
				   "submit_id = ?2 AND request_hash IS ?3";
	_cleanup_(query_done) struct query query = { 0 };

	if (sql_query(&ledger->sql, text, &query, err))
		return err->kind;
	bind_text(&query, intent->account);
	bind_text(&query, intent->submit_id);
	bind_text(&query, intent->request_hash);
	return query_step(&query, ret_is_this, err);
}

/* An id that is taken is another's, but when this very call has made the row before. */
static enum err_kind find_own_row(struct sqlite_ledger *ledger,
    const struct intent *intent, bool was_made, struct err *err)
{
	bool is_this = false;

	if (was_made && is_this_request(ledger, intent, &is_this, err))
		return err->kind;
	if (is_this)
		return ERR_OK;
	return err_set(err, ERR_USAGE,
	    "the task '%s' is in the ledger already: a new one needs a new id",
	    intent->submit_id);
}

static enum err_kind insert_intent(struct sqlite_ledger *ledger,
    const struct intent *intent, bool was_made, struct err *err)
{
	static const char text[] =
	    "INSERT INTO tasks (account, submit_id, state, is_open, owner, kind, "
	    "first_seen_unix_ms, updated_unix_ms, model, ratio, rerolls, request_hash, "
	    "wish_hash, idempotency_key, prompt, body, mode) VALUES (?1, ?2, "
	    "'submitting', 1, "
	    "0, ?3, ?4, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13) "
	    "ON CONFLICT (account, submit_id) DO NOTHING";
	_cleanup_(query_done) struct query query = { 0 };

	if (sql_query(&ledger->sql, text, &query, err))
		return err->kind;
	bind_intent(&query, intent);
	if (query_run(&query, err))
		return err->kind;
	if (sqlite3_changes64(ledger->sql.db) == 0)
		return find_own_row(ledger, intent, was_made, err);
	if (event_add(ledger, sqlite3_last_insert_rowid(ledger->sql.db),
		intent->now_unix_ms, "state", "submitting: waits to be sent", err))
		return err->kind;
	return intent->permit ? permit_take(ledger, intent, err) : ERR_OK;
}

struct intending {
	const struct intent *intents;
	size_t n;
	struct intended *intended; /* n of them */
	size_t at; /* the one that it is about */
	bool is_rehearsal; /* all of it is taken back */
};

static enum err_kind write_intent(
    struct sqlite_ledger *ledger, struct intending *all, struct err *err)
{
	const struct intent *intent = &all->intents[all->at];
	struct intended *intended = &all->intended[all->at];
	/* By this very call, when it was run before: the commit may have been made. */
	const bool was_made = intended->submit_id[0] && !intended->is_known;

	*intended = (struct intended){ .is_known = false };
	if (key_settle(ledger, intent, intended, err))
		return err->kind;
	if (was_made && !strcmp(intended->submit_id, intent->submit_id))
		intended->is_known = false;
	if (intended->submit_id[0])
		return ERR_OK;
	(void)snprintf(
	    intended->submit_id, sizeof(intended->submit_id), "%s", intent->submit_id);
	return insert_intent(ledger, intent, was_made, err);
}

static enum err_kind write_intents(
    struct sqlite_ledger *ledger, void *payload, struct err *err)
{
	struct intending *all = payload;

	for (all->at = 0; all->at < all->n; all->at++)
		if (write_intent(ledger, all, err))
			return err->kind;
	if (all->is_rehearsal)
		*err = (struct err){ .kind = ERR_CANCELLED };
	return all->is_rehearsal ? err->kind : ERR_OK;
}

/* Only a whole rehearsal ends so; what fails in one has another end. */
static enum err_kind run_intents(
    struct sqlite_ledger *ledger, struct intending *all, struct err *err)
{
	const enum err_kind kind = ledger_run(
	    ledger, all->is_rehearsal ? SQL_WRITE : SQL_DURABLE, write_intents, all, err);

	return kind == ERR_CANCELLED && all->is_rehearsal && all->at == all->n ? ERR_OK
									       : kind;
}

static enum err_kind intend(struct sqlite_ledger *ledger, struct intending all,
    struct intended *ret_intended, size_t *ret_refused, struct err *err)
{
	const size_t n = all.n;
	_cleanup_free_ struct intended *intended = calloc(n ? n : 1, sizeof(*intended));

	all.intended = intended;
	if (!intended)
		return ledger_no_memory(ledger, err);
	if (n == 0)
		return ERR_OK;
	if (books_may_pay(&ledger->books, err) || run_intents(ledger, &all, err)) {
		if (ret_refused && err->kind == ERR_USAGE)
			*ret_refused = all.at;
		return err->kind;
	}
	memcpy(ret_intended, intended, n * sizeof(*intended));
	return ERR_OK;
}

enum err_kind sqlite_intend(struct ledger *base, const struct intent *intents, size_t n,
    struct intended *ret_intended, size_t *ret_refused, struct err *err)
{
	const struct intending all = { .intents = intents, .n = n };

	return intend(sqlite_of(base), all, ret_intended, ret_refused, err);
}

enum err_kind sqlite_rehearse(struct ledger *base, const struct intent *intents, size_t n,
    struct intended *ret_intended, size_t *ret_refused, struct err *err)
{
	const struct intending all = { .intents = intents, .n = n, .is_rehearsal = true };

	return intend(sqlite_of(base), all, ret_intended, ret_refused, err);
}

/* --- the request -------------------------------------------------------------- */

/* *ret_body NULL: the row has none. */
static enum err_kind read_body(struct sqlite_ledger *ledger, int64_t row,
    enum media_kind *ret_kind, char **ret_body, struct err *err)
{
	static const char text[] = "SELECT kind, body FROM tasks WHERE id = ?1";
	_cleanup_(query_done) struct query query = { 0 };
	bool has_row = false;
	const char *body;

	if (sql_query(&ledger->sql, text, &query, err))
		return err->kind;
	bind_int(&query, row);
	if (query_step(&query, &has_row, err))
		return err->kind;
	if (!has_row || sqlite3_column_type(query.stmt, 1) == SQLITE_NULL)
		return ERR_OK;
	body = (const char *)sqlite3_column_text(query.stmt, 1);
	*ret_kind = media_kind_parse((const char *)sqlite3_column_text(query.stmt, 0));
	*ret_body = body ? strdup(body) : NULL;
	return *ret_body ? ERR_OK : ledger_no_memory(ledger, err);
}

static enum err_kind begin_one(
    struct sqlite_ledger *ledger, int64_t row, int64_t owner, struct err *err)
{
	static const char text[] =
	    "UPDATE tasks SET owner = ?2, version = version + 1, updated_unix_ms = ?3 "
	    "WHERE id = ?1";
	_cleanup_(query_done) struct query query = { 0 };
	const int64_t now_ms = clock_unix_ms();

	if (sql_query(&ledger->sql, text, &query, err))
		return err->kind;
	bind_int(&query, row);
	bind_int(&query, owner);
	bind_int(&query, now_ms);
	if (query_run(&query, err))
		return err->kind;
	return event_add(
	    ledger, row, now_ms, "state", "submitting: about to be sent", err);
}

/*
 * What another call of ours has begun may be on its way: only what this very call has,
 * when its commit was made and the answer lost, is still ours to send.
 */
static bool may_begin(
    const struct sqlite_ledger *ledger, int64_t begun, const struct row_brief *row)
{
	if (!row->id || row->state != TASK_SUBMITTING)
		return false;
	return row->owner == 0 || (row->id == begun && row->owner == ledger->live.owner);
}

enum err_kind commit_send(struct sqlite_ledger *ledger, const char *account,
    struct entry_send *send, int64_t *begun, struct err *ret_why, struct err *err)
{
	struct row_brief row;

	free(send->body);
	send->body = NULL;
	if (row_peek(ledger, account, send->submit_id, &row, err))
		return err->kind;
	if (!may_begin(ledger, *begun, &row))
		return ERR_OK;
	if (read_body(ledger, row.id, &send->kind, &send->body, err))
		return err->kind;
	if (!send->body) {
		err_set(ret_why, ERR_LEDGER,
		    "the task '%.100s' waits to be sent, and its request is gone",
		    send->submit_id);
		return ERR_OK;
	}
	if (row.owner)
		return ERR_OK;
	*begun = row.id;
	return begin_one(ledger, row.id, ledger->live.owner, err);
}

/* What was sent for a task. */
struct request {
	const char *account, *id;
	enum media_kind kind;
	char *body; /* owned; NULL none */
};

static void request_release(struct request *request)
{
	free(request->body);
	request->body = NULL;
}

static enum err_kind find_body(
    struct sqlite_ledger *ledger, void *payload, struct err *err)
{
	struct request *request = payload;
	struct row_brief row;

	request_release(request);
	if (row_peek(ledger, request->account, request->id, &row, err))
		return err->kind;
	if (!row.id)
		return row_is_missing(request->id, err);
	return read_body(ledger, row.id, &request->kind, &request->body, err);
}

enum err_kind sqlite_body(struct ledger *base, const char *account, const char *id,
    enum media_kind *ret_kind, char **ret_body, struct err *err)
{
	struct sqlite_ledger *ledger = sqlite_of(base);
	_cleanup_(
	    request_release) struct request request = { .account = account, .id = id };

	if (ledger_run(ledger, SQL_READ, find_body, &request, err))
		return err->kind;
	*ret_kind = request.kind;
	*ret_body = TAKE_PTR(request.body);
	return ERR_OK;
}
