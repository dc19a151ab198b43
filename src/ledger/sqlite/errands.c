/*
 * errands.c - what will be asked for later: a row each, which goes when its time is over.
 */
#include "ledger/sqlite/ops.h"

#include "base/cleanup.h"
#include "ledger/sqlite/handle.h"

static enum err_kind drop_old(
    struct sqlite_ledger *ledger, int64_t now_unix_ms, struct err *err)
{
	static const char expired[] =
	    "DELETE FROM errands WHERE number IN (SELECT number FROM errands "
	    "INDEXED BY errands_over WHERE expires_unix_ms <= ?1 LIMIT 100)";
	static const char oldest[] =
	    "DELETE FROM errands WHERE number <= (SELECT max(number) FROM errands) - ?1";
	_cleanup_(query_done) struct query first = { 0 }, second = { 0 };

	if (sql_query(&ledger->sql, expired, &first, err))
		return err->kind;
	bind_int(&first, now_unix_ms);
	if (query_run(&first, err) || sql_query(&ledger->sql, oldest, &second, err))
		return err->kind;
	bind_int(&second, LEDGER_ERRANDS_MAX);
	return query_run(&second, err);
}

static enum err_kind begin(struct sqlite_ledger *ledger, void *payload, struct err *err)
{
	/* Run again, it is there. */
	static const char text[] =
	    "INSERT INTO errands (id, account, what, arguments, state, made_unix_ms, "
	    "changed_unix_ms, expires_unix_ms) "
	    "VALUES (?1, ?2, ?3, ?4, 'working', ?5, ?5, ?6) ON CONFLICT (id) DO NOTHING";
	const struct errand *errand = payload;
	_cleanup_(query_done) struct query query = { 0 };

	if (sql_query(&ledger->sql, text, &query, err))
		return err->kind;
	bind_text(&query, errand->id);
	bind_text(&query, errand->account);
	bind_text(&query, errand->what);
	bind_text(&query, errand->arguments);
	bind_int(&query, errand->made_unix_ms);
	bind_int(&query, errand->expires_unix_ms);
	if (query_run(&query, err))
		return err->kind;
	return drop_old(ledger, errand->made_unix_ms, err);
}

enum err_kind sqlite_errand_begin(
    struct ledger *base, const struct errand *errand, struct err *err)
{
	struct errand made = *errand;

	return ledger_run(sqlite_of(base), SQL_DURABLE, begin, &made, err);
}

static enum err_kind end(struct sqlite_ledger *ledger, void *payload, struct err *err)
{
	static const char text[] =
	    "UPDATE errands SET state = ?3, outcome = ?4, changed_unix_ms = ?5 "
	    "WHERE id = ?2 AND account = ?1 AND state = 'working'";
	const struct errand *errand = payload;
	_cleanup_(query_done) struct query query = { 0 };

	if (sql_query(&ledger->sql, text, &query, err))
		return err->kind;
	bind_text(&query, errand->account);
	bind_text(&query, errand->id);
	bind_text(&query, errand_state_name(errand->state));
	bind_text(&query, errand->outcome);
	bind_int(&query, errand->changed_unix_ms);
	return query_run(&query, err);
}

enum err_kind sqlite_errand_end(
    struct ledger *base, const struct errand *errand, struct err *err)
{
	struct errand ended = *errand;

	return ledger_run(sqlite_of(base), SQL_WRITE, end, &ended, err);
}

struct finding {
	const char *account, *id;
	struct arena *arena;
	struct errand *found;
};

static const char *text_of(const struct finding *finding, struct query *query, int column)
{
	return arena_strdup(
	    finding->arena, (const char *)sqlite3_column_text(query->stmt, column));
}

static enum err_kind read_row(struct sqlite_ledger *ledger, struct finding *finding,
    struct query *query, struct err *err)
{
	sqlite3_stmt *stmt = query->stmt;
	struct errand is = { .id = arena_strdup(finding->arena, finding->id),
		.account = arena_strdup(finding->arena, finding->account),
		.what = text_of(finding, query, 0),
		.arguments = text_of(finding, query, 1),
		.outcome = text_of(finding, query, 3),
		.made_unix_ms = sqlite3_column_int64(stmt, 4),
		.changed_unix_ms = sqlite3_column_int64(stmt, 5),
		.expires_unix_ms = sqlite3_column_int64(stmt, 6) };

	if (!is.id || !is.account || !is.what || !is.arguments ||
	    (!is.outcome && sqlite3_column_type(stmt, 3) != SQLITE_NULL))
		return ledger_no_memory(ledger, err);
	if (!errand_state_parse((const char *)sqlite3_column_text(stmt, 2), &is.state))
		return ledger_is_damaged(ledger, err);
	*finding->found = is;
	return ERR_OK;
}

static enum err_kind find(struct sqlite_ledger *ledger, void *payload, struct err *err)
{
	static const char text[] =
	    "SELECT what, arguments, state, outcome, made_unix_ms, changed_unix_ms, "
	    "expires_unix_ms FROM errands WHERE id = ?2 AND account = ?1";
	struct finding *finding = payload;
	_cleanup_(query_done) struct query query = { 0 };
	bool has_row = false;

	finding->found->id = NULL;
	if (sql_query(&ledger->sql, text, &query, err))
		return err->kind;
	bind_text(&query, finding->account);
	bind_text(&query, finding->id);
	if (query_step(&query, &has_row, err))
		return err->kind;
	return has_row ? read_row(ledger, finding, &query, err) : ERR_OK;
}

enum err_kind sqlite_errand_find(struct ledger *base, const char *account, const char *id,
    struct arena *arena, struct errand *ret_errand, struct err *err)
{
	struct finding finding = { account, id, arena, ret_errand };

	return ledger_run(sqlite_of(base), SQL_READ, find, &finding, err);
}
