/*
 * budget.c - how many requests an account may still make, for all processes.
 */
#include "ledger/sqlite/ops.h"

#include "base/cleanup.h"
#include "ledger/sqlite/handle.h"

/* An account that has never asked has a full one. */
static enum err_kind read_bucket(struct sqlite_ledger *ledger, const char *account,
    struct bucket *bucket, struct err *err)
{
	static const char text[] = "SELECT bucket_used_micro, bucket_at_unix_ms "
				   "FROM accounts WHERE account = ?1";
	_cleanup_(query_done) struct query query = { 0 };
	bool has_row = false;

	*bucket = (struct bucket){ 0 };
	if (sql_query(&ledger->sql, text, &query, err))
		return err->kind;
	bind_text(&query, account);
	if (query_step(&query, &has_row, err))
		return err->kind;
	if (!has_row)
		return ERR_OK;
	bucket->used_micro = sqlite3_column_int64(query.stmt, 0); /* NULL gives 0 */
	bucket->at_unix_ms = sqlite3_column_int64(query.stmt, 1);
	return ERR_OK;
}

static enum err_kind write_bucket(struct sqlite_ledger *ledger, const char *account,
    const struct bucket *bucket, struct err *err)
{
	static const char text[] =
	    "INSERT INTO accounts (account, bucket_used_micro, bucket_at_unix_ms) "
	    "VALUES (?1, ?2, ?3) ON CONFLICT (account) DO UPDATE SET "
	    "bucket_used_micro = ?2, bucket_at_unix_ms = ?3";
	_cleanup_(query_done) struct query query = { 0 };

	if (sql_query(&ledger->sql, text, &query, err))
		return err->kind;
	bind_text(&query, account);
	bind_int(&query, bucket->used_micro);
	bind_int(&query, bucket->at_unix_ms);
	return query_run(&query, err);
}

struct taking {
	const char *account;
	const struct budget *budget;
	int64_t now_unix_ms, wait_ms;
};

/* Run again, it may have been taken twice: a request less, and none too many. */
static enum err_kind take(struct sqlite_ledger *ledger, void *payload, struct err *err)
{
	struct taking *taking = payload;
	struct bucket before, after;

	if (read_bucket(ledger, taking->account, &before, err))
		return err->kind;
	after = before;
	(void)budget_take(taking->budget, &after, taking->now_unix_ms, &taking->wait_ms);
	/* Mostly a refusal changes nothing. */
	if (after.used_micro == before.used_micro &&
	    after.at_unix_ms == before.at_unix_ms)
		return ERR_OK;
	return write_bucket(ledger, taking->account, &after, err);
}

enum err_kind sqlite_budget_take(struct ledger *base, const char *account,
    const struct budget *budget, int64_t now_unix_ms, int64_t *ret_wait_ms,
    struct err *err)
{
	struct sqlite_ledger *ledger = sqlite_of(base);
	struct taking taking = { account, budget, now_unix_ms, 0 };

	if (budget->per_minute > 0 && ledger_run(ledger, SQL_WRITE, take, &taking, err))
		return err->kind;
	*ret_wait_ms = taking.wait_ms;
	return ERR_OK;
}
