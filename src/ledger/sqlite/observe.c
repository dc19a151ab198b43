/*
 * observe.c - polls become rows.
 *
 * Most polls of a waiting task show nothing new, and then nothing is written:
 * the batch is read and compared first. Only when something differs, a write
 * transaction begins and does it all again, because another process may have
 * written in between. The tasks of the caller are touched after the commit.
 */
#include "ledger/sqlite/ops.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "ledger/rules/merge.h"
#include "ledger/sqlite/row.h"
#include "ledger/sqlite/walks.h"
#include "model/taskid.h"

struct batch {
	struct sqlite_ledger *ledger;
	const char *account;
	struct task *const *seen;
	const int64_t *tokens; /* of the leases they were made under; NULL: none */
	struct task *after; /* one for each */
	bool *is_late; /* the same: not written, another owns it or nobody knows it */
	size_t n;
	int64_t now_unix_ms;
	const struct ledger_page *page; /* they came with; NULL: none */
	bool has_changed; /* some poll differs from its row */
};

/* The same refusal is an event once, however often the service repeats itself. */
static enum err_kind is_new_refusal(struct batch *batch, int64_t row, const char *refusal,
    bool *ret_is_new, struct err *err)
{
	bool is_known = true;

	if (*refusal &&
	    event_is_known(batch->ledger, row, "note", refusal, &is_known, err))
		return err->kind;
	*ret_is_new = !is_known;
	return ERR_OK;
}

static enum err_kind load(
    struct batch *batch, size_t i, struct row_task *row, struct err *err)
{
	struct task *seen = batch->seen[i];

	row->arena = &seen->arena;
	return row_find(batch->ledger, batch->account, seen->submit_id, row, err);
}

/*
 * Was the poll made by somebody who has lost the lease since? A token never comes again,
 * so what has been too late once stays so.
 */
static bool is_too_late(const struct batch *batch, size_t i, const struct row_task *row)
{
	const int64_t token = batch->tokens ? batch->tokens[i] : 0;

	return token != 0 &&
	    (row->lease_token != token || row->lease_owner != batch->ledger->live.owner);
}

/* Forgotten meanwhile, it stays forgotten: then it is as if we had heard nothing. */
static enum err_kind leave_it(
    struct batch *batch, size_t i, const struct row_task *row, struct err *err)
{
	struct task *seen = batch->seen[i];
	const struct task nothing = { .account = seen->account,
		.submit_id = seen->submit_id,
		.state = TASK_UNKNOWN,
		.status = INT64_MIN,
		.queue = { -1, -1, -1 } };

	batch->is_late[i] = true;
	return merge_only_links(
	    row->id ? &row->task : &nothing, seen, &seen->arena, &batch->after[i], err);
}

/* Somebody may have forgotten it meanwhile: then we hear of it now. */
static enum err_kind load_or_adopt(
    struct batch *batch, size_t i, struct row_task *row, struct err *err)
{
	if (load(batch, i, row, err))
		return err->kind;
	if (row->id || is_too_late(batch, i, row))
		return ERR_OK;
	if (row_adopt(batch->ledger, batch->account, batch->seen[i]->submit_id,
		batch->now_unix_ms, err))
		return err->kind;
	return load(batch, i, row, err);
}

static enum err_kind merge(struct batch *batch, size_t i, const struct row_task *row,
    struct merge *ret_merge, struct err *err)
{
	struct task *seen = batch->seen[i];

	return merge_poll(&row->task, seen, &seen->arena, ret_merge, err);
}

/* --- comparing -------------------------------------------------------------- */

static enum err_kind is_new(
    struct batch *batch, size_t i, bool *ret_is_new, struct err *err)
{
	struct row_task row = { 0 };
	struct merge both = { 0 };
	char refusal[MERGE_REFUSAL_MAX];

	*ret_is_new = true;
	if (load(batch, i, &row, err))
		return err->kind;
	if (is_too_late(batch, i, &row)) {
		*ret_is_new = false;
		return leave_it(batch, i, &row, err);
	}
	if (!row.id)
		return ERR_OK;
	if (merge(batch, i, &row, &both, err))
		return err->kind;
	if (merge_is_change(&both))
		return ERR_OK;
	batch->after[i] = both.after;
	merge_refusal(&both, &row.task, batch->seen[i], refusal);
	return is_new_refusal(batch, row.id, refusal, ret_is_new, err);
}

static enum err_kind find_new(
    struct sqlite_ledger *ledger, void *payload, struct err *err)
{
	struct batch *batch = payload;
	bool is_any = false;

	(void)ledger;
	for (size_t i = 0; !is_any && i < batch->n; i++)
		if (is_new(batch, i, &is_any, err))
			return err->kind;
	batch->has_changed = is_any;
	return ERR_OK;
}

/* --- writing ---------------------------------------------------------------- */

static enum err_kind write_wanted(struct batch *batch, int64_t row,
    const struct asset *const *new, size_t n, struct err *err)
{
	for (size_t i = 0; i < n; i++) {
		char text[32];

		(void)snprintf(text, sizeof(text), "%d wanted", new[i]->index);
		if (event_add(batch->ledger, row, batch->now_unix_ms, "asset", text, err))
			return err->kind;
	}
	return ERR_OK;
}

static enum err_kind write_assets(
    struct batch *batch, int64_t row, const struct merge *merge, struct err *err)
{
	struct sqlite_ledger *ledger = batch->ledger;
	const size_t n_assets = merge->after.n_assets;
	_cleanup_free_ const struct asset **new = NULL;
	size_t n_new = 0, room = 0;

	if (!ARRAY_RESERVE(new, room, n_assets))
		return ledger_no_memory(ledger, err);
	for (size_t i = 0; i < n_assets; i++) {
		const struct asset *asset = &merge->after.assets[i];

		if (merge->outcomes[i] == MERGE_CHANGED &&
		    row_update_asset(ledger, row, asset, err))
			return err->kind;
		if (merge->outcomes[i] == MERGE_NEW)
			new[n_new++] = asset;
	}
	return row_insert_assets(ledger, row, new, n_new, err)
	    ? err->kind
	    : write_wanted(batch, row, new, n_new, err);
}

static enum err_kind write_move(struct batch *batch, int64_t row, enum task_state from,
    enum task_state to, struct err *err)
{
	char text[64];

	assert(task_state_may_become(from, to) || from == TASK_FAILED);
	if (from == to)
		return ERR_OK;
	(void)snprintf(
	    text, sizeof(text), "%s, was %s", task_state_name(to), task_state_name(from));
	return event_add(batch->ledger, row, batch->now_unix_ms, "state", text, err);
}

static enum err_kind write_refusal(
    struct batch *batch, int64_t row, const char *refusal, struct err *err)
{
	bool is_new = false;

	if (is_new_refusal(batch, row, refusal, &is_new, err))
		return err->kind;
	if (!is_new)
		return ERR_OK;
	return event_add(batch->ledger, row, batch->now_unix_ms, "note", refusal, err);
}

static enum err_kind write_changes(struct batch *batch, const struct row_task *row,
    const struct merge *both, struct err *err)
{
	struct sqlite_ledger *ledger = batch->ledger;

	if (both->is_task_changed
		? row_update(ledger, row->id, &both->after, batch->now_unix_ms, err)
		: task_touch(ledger, row->id, err))
		return err->kind;
	if (write_assets(batch, row->id, both, err))
		return err->kind;
	return task_settle_open(
	    ledger, row->id, row_is_over(row), batch->now_unix_ms, err);
}

static enum err_kind write_one(struct batch *batch, size_t i, struct err *err)
{
	struct row_task row = { 0 };
	struct merge both = { 0 };
	char refusal[MERGE_REFUSAL_MAX];

	if (load_or_adopt(batch, i, &row, err))
		return err->kind;
	if (is_too_late(batch, i, &row))
		return leave_it(batch, i, &row, err);
	if (merge(batch, i, &row, &both, err))
		return err->kind;
	batch->after[i] = both.after;
	merge_refusal(&both, &row.task, batch->seen[i], refusal);
	if (write_move(batch, row.id, row.task.state, both.after.state, err))
		return err->kind;
	if (merge_is_change(&both) && write_changes(batch, &row, &both, err))
		return err->kind;
	return write_refusal(batch, row.id, refusal, err);
}

static enum err_kind write_all(
    struct sqlite_ledger *ledger, void *payload, struct err *err)
{
	struct batch *batch = payload;

	for (size_t i = 0; i < batch->n; i++)
		if (write_one(batch, i, err))
			return err->kind;
	return batch->page ? walk_write(ledger, batch->account, batch->page, err)
			   : ERR_OK;
}

/* --- together --------------------------------------------------------------- */

static enum err_kind bring_in(struct batch *batch, struct err *err)
{
	if (!batch->page && ledger_run(batch->ledger, SQL_READ, find_new, batch, err))
		return err->kind;
	return batch->page || batch->has_changed
	    ? ledger_run(batch->ledger, SQL_WRITE, write_all, batch, err)
	    : ERR_OK;
}

/* The tasks of the caller are completed when all of it was written. */
static enum err_kind observe(struct batch *batch, int64_t *tokens, struct err *err)
{
	const size_t n = batch->n;
	_cleanup_free_ struct task *after = calloc(n ? n : 1, sizeof(*after));
	_cleanup_free_ bool *is_late = calloc(n ? n : 1, sizeof(*is_late));

	if (!after || !is_late)
		return ledger_no_memory(batch->ledger, err);
	batch->after = after;
	batch->is_late = is_late;
	batch->tokens = tokens;
	/* The ceiling was for what the service says; what the rows add has its own. */
	for (size_t i = 0; i < n; i++)
		batch->seen[i]->arena.max_bytes += LEDGER_TASK_BYTES_MAX;
	if ((n > 0 || batch->page) && bring_in(batch, err))
		return err->kind;
	for (size_t i = 0; i < n; i++)
		merge_complete(batch->seen[i], &after[i]);
	for (size_t i = 0; i < n; i++)
		if (tokens && is_late[i])
			tokens[i] = 0;
	return ERR_OK;
}

/* NOLINTNEXTLINE(readability-function-size): the contract of ledger.h */
enum err_kind sqlite_observe(struct ledger *base, const char *account,
    struct task *const *seen, int64_t *tokens, size_t n, int64_t now_unix_ms,
    struct err *err)
{
	struct batch batch = { .ledger = sqlite_of(base),
		.account = account,
		.seen = seen,
		.n = n,
		.now_unix_ms = now_unix_ms };

	return observe(&batch, tokens, err);
}

enum err_kind sqlite_turn_page(struct ledger *base, const char *account,
    const struct ledger_page *page, int64_t now_unix_ms, struct err *err)
{
	struct batch batch = { .ledger = sqlite_of(base),
		.account = account,
		.seen = page->seen,
		.n = page->n,
		.now_unix_ms = now_unix_ms,
		.page = page };

	return observe(&batch, NULL, err);
}
