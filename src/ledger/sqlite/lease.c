/*
 * lease.c - one owner per task.
 *
 * A handle that holds leases has one row in `owners`, which says when it was last
 * there; a task names its owner in lease_owner. So renewing is one row, however many
 * the leases, and giving all back is to delete that row:
 *
 *   a lease is free   lease_owner is NULL, or has no row in owners,
 *   or its owner is   dead: nobody holds its lock (live.h), or
 *                     stopped: not renewed for LEDGER_LEASE_MS, or renewed later than
 *                     that in the future, which is what a clock that jumped leaves
 *
 * Rows of the dead are removed by whoever takes his first lease. A stopped one keeps its
 * row: when it goes on, it still has what nobody has taken meanwhile.
 *
 * Tokens come from a counter of the ledger, never from the row, so that they grow also
 * over forgetting a task and hearing of it again.
 */
#include "ledger/sqlite/ops.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "ledger/sqlite/owners.h"
#include "ledger/sqlite/rows.h"

enum { CLOSE_WAIT_MS = 500 };

static bool is_renewal_due(const struct sqlite_ledger *ledger, int64_t now_unix_ms)
{
	const int64_t gap_ms = now_unix_ms - ledger->renewed_unix_ms;

	return ledger->is_owner && (gap_ms >= LEDGER_RENEW_MS || gap_ms < 0);
}

/* --- taking --------------------------------------------------------------------- */

struct taking {
	struct sqlite_ledger *ledger;
	const char *account;
	struct lease *leases; /* a copy of the caller's */
	size_t n;
	struct owners owners;
	bool is_any_free;
	int64_t token; /* for all of this call; 0: not drawn yet */
};

static void taking_release(struct taking *taking)
{
	owners_release(&taking->owners);
	free(taking->leases);
}

/* A portion of the leases, from the first one that was not looked at on. */
struct portion {
	struct lease *leases;
	struct row_brief rows[ROWS_LIST];
	size_t n;
};

static enum err_kind look_at(
    struct taking *taking, size_t first, struct portion *ret_portion, struct err *err)
{
	const size_t left = taking->n - first;
	const char *ids[ROWS_LIST];

	ret_portion->leases = taking->leases + first;
	ret_portion->n = left < ROWS_LIST ? left : ROWS_LIST;
	for (size_t i = 0; i < ret_portion->n; i++)
		ids[i] = ret_portion->leases[i].id;
	return rows_peek(
	    taking->ledger, taking->account, ids, ret_portion->n, ret_portion->rows, err);
}

/* Says what the row says. True: it has a row and is not ours, but may be. */
static bool may_be_ours(
    struct taking *taking, struct lease *lease, const struct row_brief *row)
{
	const int64_t us = taking->ledger->live.owner;

	lease->version = row->version;
	lease->token = us && row->lease_owner == us ? row->lease_token : 0;
	return row->id && !lease->token &&
	    owners_let_go(&taking->owners, row->lease_owner);
}

static enum err_kind find_free(
    struct sqlite_ledger *ledger, void *payload, struct err *err)
{
	struct taking *taking = payload;
	struct portion portion;
	bool is_any = false;

	(void)ledger;
	owners_release(&taking->owners);
	if (owners_load(&taking->owners, err))
		return err->kind;
	/* One is enough: all is looked at again before it is taken. */
	for (size_t first = 0; !is_any && first < taking->n; first += portion.n) {
		if (look_at(taking, first, &portion, err))
			return err->kind;
		for (size_t i = 0; !is_any && i < portion.n; i++)
			is_any =
			    may_be_ours(taking, &portion.leases[i], &portion.rows[i]);
	}
	taking->is_any_free = is_any;
	return ERR_OK;
}

static enum err_kind draw_token(struct taking *taking, struct err *err)
{
	static const char text[] =
	    "INSERT INTO counters (name, value) VALUES ('lease_token', 1) "
	    "ON CONFLICT (name) DO UPDATE SET value = value + 1 RETURNING value";
	_cleanup_(query_done) struct query query = { 0 };
	bool has_row = false;

	if (taking->token)
		return ERR_OK;
	if (sql_query(&taking->ledger->sql, text, &query, err) ||
	    query_step(&query, &has_row, err))
		return err->kind;
	if (!has_row)
		return ledger_is_damaged(taking->ledger, err);
	taking->token = sqlite3_column_int64(query.stmt, 0);
	return query_step(&query, &has_row, err);
}

/* `rows` is a list of their numbers, as JSON; *ret_n of them are ours now. */
static enum err_kind take_rows(
    struct taking *taking, const char *rows, int *ret_n, struct err *err)
{
	static const char text[] = "UPDATE tasks SET lease_owner = ?2, lease_token = ?3 "
				   "WHERE id IN (SELECT value FROM json_each(?1))";
	struct sqlite_ledger *ledger = taking->ledger;
	_cleanup_(query_done) struct query query = { 0 };

	if (sql_query(&ledger->sql, text, &query, err))
		return err->kind;
	bind_text(&query, rows);
	bind_int(&query, ledger->live.owner);
	bind_int(&query, taking->token);
	if (query_run(&query, err))
		return err->kind;
	*ret_n = sqlite3_changes(ledger->sql.db);
	return ERR_OK;
}

static enum err_kind take_row(struct taking *taking, int64_t row, struct err *err)
{
	static const char text[] =
	    "UPDATE tasks SET lease_owner = ?2, lease_token = ?3 WHERE id = ?1";
	struct sqlite_ledger *ledger = taking->ledger;
	_cleanup_(query_done) struct query query = { 0 };

	if (sql_query(&ledger->sql, text, &query, err))
		return err->kind;
	bind_int(&query, row);
	bind_int(&query, ledger->live.owner);
	bind_int(&query, taking->token);
	return query_run(&query, err);
}

/* Those of the portion that are free: *ret_rows lists their numbers. */
static enum err_kind choose(struct taking *taking, const struct portion *portion,
    struct buf *ret_rows, int *ret_n, struct err *err)
{
	*ret_n = 0;
	for (size_t i = 0; i < portion->n; i++) {
		const struct row_brief *row = &portion->rows[i];

		if (!may_be_ours(taking, &portion->leases[i], row))
			continue;
		if (draw_token(taking, err))
			return err->kind;
		portion->leases[i].token = taking->token;
		buf_addf(ret_rows, "%c%lld", *ret_n ? ',' : '[', (long long)row->id);
		++*ret_n;
	}
	buf_add(ret_rows, "]", 1);
	return buf_failed(ret_rows) ? ledger_no_memory(taking->ledger, err) : ERR_OK;
}

/*
 * At once. When fewer were taken than are listed, one by one again: two names may be of
 * one task, and a list that memory fails for can be shorter than it was.
 */
static enum err_kind take_portion(
    struct taking *taking, const struct portion *portion, struct err *err)
{
	_cleanup_(buf_release) struct buf rows = buf_make(ROWS_LIST_BYTES);
	int n_free, n_taken = 0;

	if (choose(taking, portion, &rows, &n_free, err))
		return err->kind;
	if (n_free > 1 && take_rows(taking, rows.data, &n_taken, err))
		return err->kind;
	for (size_t i = 0; i < portion->n && n_taken != n_free; i++)
		if (taking->token && portion->leases[i].token == taking->token &&
		    take_row(taking, portion->rows[i].id, err))
			return err->kind;
	return ERR_OK;
}

/* All is looked at again: between reading and writing others may have come. */
static enum err_kind take_free(
    struct sqlite_ledger *ledger, void *payload, struct err *err)
{
	struct taking *taking = payload;
	struct portion portion;

	taking->token = 0;
	owners_release(&taking->owners);
	if (owners_load(&taking->owners, err))
		return err->kind;
	if (!ledger->is_owner && owners_remove_dead(&taking->owners, err))
		return err->kind;
	for (size_t first = 0; first < taking->n; first += portion.n)
		if (look_at(taking, first, &portion, err) ||
		    take_portion(taking, &portion, err))
			return err->kind;
	return owner_write(ledger, taking->owners.now_unix_ms, err);
}

static enum err_kind run_write(struct taking *taking, struct err *err)
{
	struct sqlite_ledger *ledger = taking->ledger;

	if (live_take(&ledger->live, ledger->sql.path, err) ||
	    ledger_run(ledger, SQL_WRITE, take_free, taking, err))
		return err->kind;
	ledger->is_owner = true;
	ledger->renewed_unix_ms = taking->owners.now_unix_ms;
	return ERR_OK;
}

static enum err_kind write_renewal(
    struct sqlite_ledger *ledger, void *payload, struct err *err)
{
	const int64_t *now_unix_ms = payload;

	return owner_write(ledger, *now_unix_ms, err);
}

static enum err_kind renew(
    struct sqlite_ledger *ledger, int64_t now_unix_ms, struct err *err)
{
	if (!ledger->is_owner)
		return ERR_OK;
	if (ledger_run(ledger, SQL_WRITE, write_renewal, &now_unix_ms, err))
		return err->kind;
	ledger->renewed_unix_ms = now_unix_ms;
	return ERR_OK;
}

static enum err_kind run(struct taking *taking, struct err *err)
{
	struct sqlite_ledger *ledger = taking->ledger;
	const int64_t now_unix_ms = taking->owners.now_unix_ms;

	if (ledger_run(ledger, SQL_READ, find_free, taking, err))
		return err->kind;
	if (taking->is_any_free)
		return run_write(taking, err);
	return is_renewal_due(ledger, now_unix_ms) ? renew(ledger, now_unix_ms, err)
						   : ERR_OK;
}

enum err_kind sqlite_lease(struct ledger *base, const char *account, struct lease *leases,
    size_t n, int64_t now_unix_ms, struct err *err)
{
	struct sqlite_ledger *ledger = sqlite_of(base);
	_cleanup_(taking_release) struct taking taking = { .ledger = ledger,
		.account = account,
		.leases = calloc(n ? n : 1, sizeof(*leases)),
		.n = n,
		.owners = owners_make(ledger, now_unix_ms) };

	if (!taking.leases)
		return ledger_no_memory(ledger, err);
	if (n > 0)
		memcpy(taking.leases, leases, n * sizeof(*leases));
	if (run(&taking, err))
		return err->kind;
	if (n > 0)
		memcpy(leases, taking.leases, n * sizeof(*leases));
	return ERR_OK;
}

enum err_kind sqlite_lease_renew(
    struct ledger *base, int64_t now_unix_ms, struct err *err)
{
	return renew(sqlite_of(base), now_unix_ms, err);
}

/* --- giving back ---------------------------------------------------------------- */

static enum err_kind release_one(
    struct sqlite_ledger *ledger, const char *account, const char *id, struct err *err)
{
	static const char text[] = "UPDATE tasks SET lease_owner = NULL "
				   "WHERE id = ?1 AND lease_owner = ?2";
	_cleanup_(query_done) struct query query = { 0 };
	struct row_brief row;

	if (row_peek(ledger, account, id, &row, err))
		return err->kind;
	if (!row.id || row.lease_owner != ledger->live.owner)
		return ERR_OK;
	if (sql_query(&ledger->sql, text, &query, err))
		return err->kind;
	bind_int(&query, row.id);
	bind_int(&query, ledger->live.owner);
	return query_run(&query, err);
}

struct giving_back {
	const char *account;
	const char *const *ids;
	size_t n;
};

static enum err_kind release_each(
    struct sqlite_ledger *ledger, void *payload, struct err *err)
{
	const struct giving_back *back = payload;

	for (size_t i = 0; i < back->n; i++)
		if (release_one(ledger, back->account, back->ids[i], err))
			return err->kind;
	return ERR_OK;
}

enum err_kind sqlite_lease_release(struct ledger *base, const char *account,
    const char *const *ids, size_t n, struct err *err)
{
	struct sqlite_ledger *ledger = sqlite_of(base);
	struct giving_back back = { account, ids, n };

	if (!ledger->is_owner || n == 0)
		return ERR_OK;
	return ledger_run(ledger, SQL_WRITE, release_each, &back, err);
}

/*
 * A courtesy: the row without a lock means nothing, and the lock goes with the handle. So
 * it is not worth a long wait, nor a word when it fails. The next lease is taken under
 * another number: under this one, what was given back would be ours again.
 */
void sqlite_lease_release_all(struct ledger *base)
{
	struct sqlite_ledger *ledger = sqlite_of(base);
	const int64_t wait_ms = ledger->sql.wait_ms;
	struct err err;

	if (!ledger->is_owner)
		return;
	if (wait_ms > CLOSE_WAIT_MS)
		ledger->sql.wait_ms = CLOSE_WAIT_MS;
	if (!owner_delete(ledger, ledger->live.owner, &err)) {
		ledger->is_owner = false;
		live_release(&ledger->live);
	}
	ledger->sql.wait_ms = wait_ms;
}
