#include "ledger/sqlite/permits.h"

#include <stdio.h>
#include <sys/random.h>

#include "base/cleanup.h"
#include "ledger/sqlite/ops.h"

/* --- leave to submit ---------------------------------------------------------- */

/* What is older says nothing any more; what is of a later day than ours does neither. */
static enum err_kind drop_old(
    struct sqlite_ledger *ledger, const struct intent *intent, struct err *err)
{
	static const char text[] =
	    "DELETE FROM permits WHERE account = ?1 AND (made_unix_ms <= ?2 - ?3 "
	    "OR made_unix_ms > ?2 + ?3)";
	_cleanup_(query_done) struct query query = { 0 };

	if (sql_query(&ledger->sql, text, &query, err))
		return err->kind;
	bind_text(&query, intent->account);
	bind_int(&query, intent->now_unix_ms);
	bind_int(&query, LEDGER_PERMIT_MS);
	return query_run(&query, err);
}

static enum err_kind count_unasked(struct sqlite_ledger *ledger,
    const struct intent *intent, int64_t *ret_n, struct err *err)
{
	static const char text[] =
	    "SELECT count(*) FROM permits WHERE account = ?1 AND is_asked = 0";
	_cleanup_(query_done) struct query query = { 0 };
	bool has_row = false;

	if (sql_query(&ledger->sql, text, &query, err))
		return err->kind;
	bind_text(&query, intent->account);
	if (query_step(&query, &has_row, err))
		return err->kind;
	*ret_n = has_row ? sqlite3_column_int64(query.stmt, 0) : 0;
	return ERR_OK;
}

static enum err_kind insert_permit(
    struct sqlite_ledger *ledger, const struct intent *intent, struct err *err)
{
	static const char text[] =
	    "INSERT INTO permits (account, word, is_asked, made_unix_ms) "
	    "VALUES (?1, ?2, ?3, ?4) ON CONFLICT (account, word) DO NOTHING";
	const char *word = intent->permit->word;
	_cleanup_(query_done) struct query query = { 0 };

	if (sql_query(&ledger->sql, text, &query, err))
		return err->kind;
	bind_text(&query, intent->account);
	bind_text(&query, word ? word : intent->submit_id);
	bind_int(&query, word != NULL);
	bind_int(&query, intent->now_unix_ms);
	if (query_run(&query, err))
		return err->kind;
	if (sqlite3_changes64(ledger->sql.db) == 0)
		return err_set(err, ERR_USAGE,
		    "this word of consent was for a task that was submitted before");
	return ERR_OK;
}

enum err_kind permit_take(
    struct sqlite_ledger *ledger, const struct intent *intent, struct err *err)
{
	const size_t max = intent->permit->max_a_day;
	int64_t n = 0;

	if (drop_old(ledger, intent, err))
		return err->kind;
	if (!intent->permit->word && max > 0 && count_unasked(ledger, intent, &n, err))
		return err->kind;
	if (!intent->permit->word && max > 0 && n >= (int64_t)max)
		return err_set(err, ERR_USAGE,
		    "submitted without asking in the last 24 hours: %lld; as many as "
		    "%zu may be",
		    (long long)n, max);
	return insert_permit(ledger, intent, err);
}

/* --- secrets ------------------------------------------------------------------ */

struct keeping {
	const char *name;
	char value[LEDGER_SECRET_MAX]; /* "": there is none */
};

static enum err_kind read_secret(
    struct sqlite_ledger *ledger, void *payload, struct err *err)
{
	static const char text[] = "SELECT value FROM secrets WHERE name = ?1";
	struct keeping *keeping = payload;
	_cleanup_(query_done) struct query query = { 0 };
	bool has_row = false;
	const char *value;

	keeping->value[0] = '\0';
	if (sql_query(&ledger->sql, text, &query, err))
		return err->kind;
	bind_text(&query, keeping->name);
	if (query_step(&query, &has_row, err))
		return err->kind;
	if (!has_row)
		return ERR_OK;
	value = (const char *)sqlite3_column_text(query.stmt, 0);
	if (!value || sqlite3_column_bytes(query.stmt, 0) != LEDGER_SECRET_MAX - 1)
		return ledger_is_damaged(ledger, err);
	(void)snprintf(keeping->value, sizeof(keeping->value), "%s", value);
	return ERR_OK;
}

static enum err_kind make_secret(char into[LEDGER_SECRET_MAX], struct err *err)
{
	unsigned char bytes[(LEDGER_SECRET_MAX - 1) / 2];

	if (getrandom(bytes, sizeof(bytes), 0) != (ssize_t)sizeof(bytes))
		return err_errno(err, ERR_IO, "no random bytes for a secret");
	for (size_t i = 0; i < sizeof(bytes); i++)
		(void)snprintf(into + 2 * i, 3, "%02x", bytes[i]);
	return ERR_OK;
}

/* Another process may have been first: its own is taken. */
static enum err_kind keep_secret(
    struct sqlite_ledger *ledger, void *payload, struct err *err)
{
	static const char text[] = "INSERT INTO secrets (name, value) VALUES (?1, ?2)";
	struct keeping *keeping = payload;
	_cleanup_(query_done) struct query query = { 0 };

	if (read_secret(ledger, keeping, err) || keeping->value[0])
		return err->kind;
	if (make_secret(keeping->value, err) ||
	    sql_query(&ledger->sql, text, &query, err))
		return err->kind;
	bind_text(&query, keeping->name);
	bind_text(&query, keeping->value);
	return query_run(&query, err);
}

enum err_kind sqlite_secret(struct ledger *base, const char *name,
    char ret_value[LEDGER_SECRET_MAX], struct err *err)
{
	struct sqlite_ledger *ledger = sqlite_of(base);
	struct keeping keeping = { .name = name };

	*err = (struct err){ .kind = ERR_OK };
	if (ledger_run(ledger, SQL_READ, read_secret, &keeping, err))
		return err->kind;
	if (!keeping.value[0] &&
	    ledger_run(ledger, SQL_DURABLE, keep_secret, &keeping, err))
		return err->kind;
	(void)snprintf(ret_value, LEDGER_SECRET_MAX, "%s", keeping.value);
	return ERR_OK;
}
