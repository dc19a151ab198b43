/*
 * answer.c - how a submit ended: by its answer, or with its process.
 */
#include "ledger/sqlite/ops.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "ledger/rules/clean.h"
#include "ledger/rules/merge.h"
#include "ledger/rules/words.h"
#include "ledger/sqlite/entries.h"
#include "ledger/sqlite/row.h"

enum { OWNERS_BYTES_MAX = 16 << 20 };

/* --- the answer --------------------------------------------------------------- */

static enum err_kind note_answer(struct sqlite_ledger *ledger, int64_t row,
    enum task_state state, const struct task_fail *fail, struct err *err)
{
	_cleanup_(buf_release) struct buf text = buf_make(WORDS_TEXT_MAX);

	words_answer(&text, state, fail->code);
	if (buf_failed(&text))
		return ledger_no_memory(ledger, err);
	return event_add(ledger, row, 0, "state", text.data, err);
}

/* Only its sender may put a task back: nobody else can know that nothing was started. */
static enum err_kind wait_again(
    struct sqlite_ledger *ledger, int64_t row, bool *ret_waits, struct err *err)
{
	static const char text[] = "UPDATE tasks SET owner = 0 WHERE id = ?1 "
				   "AND state = 'submitting' AND owner = ?2";
	_cleanup_(query_done) struct query query = { 0 };

	if (sql_query(&ledger->sql, text, &query, err))
		return err->kind;
	bind_int(&query, row);
	bind_int(&query, ledger->live.owner);
	if (query_run(&query, err))
		return err->kind;
	*ret_waits = ledger->live.owner != 0 && sqlite3_changes64(ledger->sql.db) > 0;
	return ERR_OK;
}

static enum err_kind write_answer(struct sqlite_ledger *ledger, struct row_task *row,
    const struct answered *answered, struct err *err)
{
	struct task_fail fail = { 0 };
	const int64_t now_ms = clock_unix_ms();
	const enum task_state before = row->task.state;
	const bool was_over = row_is_over(row);
	bool is_new;

	if (answered->fail && clean_fail(answered->fail, row->arena, &fail, err))
		return err->kind;
	merge_answer(
	    &row->task, answered->state, &fail, answered->history_id, answered->alias_id);
	if (answered->has_credits)
		merge_credits(&row->task, answered->credits, false);
	is_new = before != row->task.state;
	if (answered->state == TASK_SUBMITTING &&
	    wait_again(ledger, row->id, &is_new, err))
		return err->kind;
	if (row_update(ledger, row->id, &row->task, now_ms, err))
		return err->kind;
	if (is_new && note_answer(ledger, row->id, row->task.state, &fail, err))
		return err->kind;
	return task_settle_open(ledger, row->id, was_over, now_ms, err);
}

enum err_kind commit_answer(struct sqlite_ledger *ledger, const char *account,
    const struct answered *answered, struct err *ret_why, struct err *err)
{
	_cleanup_(arena_release) struct arena arena = arena_make(LEDGER_TASK_BYTES_MAX);
	struct row_task row = { .arena = &arena };

	if (row_find(ledger, account, answered->submit_id, &row, err))
		return err->kind;
	if (row.id)
		return write_answer(ledger, &row, answered, err);
	(void)row_is_missing(answered->submit_id, ret_why);
	return ERR_OK;
}

/* --- the dead ----------------------------------------------------------------- */

static enum err_kind find_senders(
    struct sqlite_ledger *ledger, struct buf *into, struct err *err)
{
	static const char text[] = "SELECT DISTINCT owner FROM tasks WHERE owner > 0";
	_cleanup_(query_done) struct query query = { 0 };
	bool has_row = false;

	if (sql_query(&ledger->sql, text, &query, err))
		return err->kind;
	for (;;) {
		int64_t owner;

		if (query_step(&query, &has_row, err))
			return err->kind;
		if (!has_row)
			break;
		owner = sqlite3_column_int64(query.stmt, 0);
		buf_add(into, &owner, sizeof(owner));
	}
	return buf_failed(into) ? ledger_no_memory(ledger, err) : ERR_OK;
}

/* The processes that send are few: each is asked about once. */
static enum err_kind find_dead(
    struct sqlite_ledger *ledger, struct buf *into, struct err *err)
{
	_cleanup_(buf_release) struct buf all = buf_make(OWNERS_BYTES_MAX);
	_cleanup_free_ bool *are_alive = NULL;
	const int64_t *owners;
	size_t n;

	if (find_senders(ledger, &all, err))
		return err->kind;
	n = all.len / sizeof(*owners);
	owners = (const int64_t *)(const void *)all.data;
	are_alive = calloc(n + 1, sizeof(*are_alive));
	if (!are_alive)
		return ledger_no_memory(ledger, err);
	if (live_are_alive(&ledger->live, ledger->sql.path, owners, n, are_alive, err))
		return err->kind;
	for (size_t i = 0; i < n; i++)
		if (!are_alive[i])
			buf_add(into, &owners[i], sizeof(owners[i]));
	return buf_failed(into) ? ledger_no_memory(ledger, err) : ERR_OK;
}

static enum err_kind next_of(
    struct sqlite_ledger *ledger, int64_t owner, int64_t *ret_row, struct err *err)
{
	static const char text[] =
	    "SELECT id FROM tasks WHERE owner = ?1 AND owner > 0 LIMIT 1";
	_cleanup_(query_done) struct query query = { 0 };
	bool has_row = false;

	if (sql_query(&ledger->sql, text, &query, err))
		return err->kind;
	bind_int(&query, owner);
	if (query_step(&query, &has_row, err))
		return err->kind;
	*ret_row = has_row ? sqlite3_column_int64(query.stmt, 0) : 0;
	return ERR_OK;
}

static enum err_kind settle_one(
    struct sqlite_ledger *ledger, int64_t row, struct err *err)
{
	static const char text[] =
	    "UPDATE tasks SET state = 'unknown', owner = NULL, version = version + 1, "
	    "updated_unix_ms = ?2 WHERE id = ?1";
	_cleanup_(query_done) struct query query = { 0 };
	const int64_t now_ms = clock_unix_ms();

	if (sql_query(&ledger->sql, text, &query, err))
		return err->kind;
	bind_int(&query, row);
	bind_int(&query, now_ms);
	if (query_run(&query, err))
		return err->kind;
	return event_add(ledger, row, now_ms, "state",
	    "unknown: the process that was sending it has ended", err);
}

struct settling {
	struct buf dead; /* of int64_t: owners */
	size_t n; /* tasks that were settled */
};

/* What the dead still hold: another process may have settled it meanwhile. */
static enum err_kind settle_all(
    struct sqlite_ledger *ledger, void *payload, struct err *err)
{
	struct settling *settling = payload;
	const struct buf *dead = &settling->dead;

	settling->n = 0;
	for (size_t at = 0; at < dead->len; at += sizeof(int64_t)) {
		int64_t owner, row = 0;

		memcpy(&owner, dead->data + at, sizeof(owner));
		for (;; settling->n++) {
			if (next_of(ledger, owner, &row, err))
				return err->kind;
			if (!row)
				break;
			if (settle_one(ledger, row, err))
				return err->kind;
		}
	}
	return ERR_OK;
}

static void settling_release(struct settling *settling)
{
	buf_release(&settling->dead);
}

enum err_kind sqlite_settle_dead(struct ledger *base, size_t *ret_n, struct err *err)
{
	struct sqlite_ledger *ledger = sqlite_of(base);
	_cleanup_(settling_release) struct settling settling = { .dead = buf_make(
								     OWNERS_BYTES_MAX) };

	if (find_dead(ledger, &settling.dead, err))
		return err->kind;
	if (settling.dead.len > 0 &&
	    ledger_run(ledger, SQL_WRITE, settle_all, &settling, err))
		return err->kind;
	*ret_n = settling.n;
	return ERR_OK;
}
