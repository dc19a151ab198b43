/*
 * accounts.c - until when an account is left alone, and why.
 */
#include "ledger/sqlite/ops.h"

#include <string.h>

#include "base/cleanup.h"
#include "ledger/rules/clean.h"
#include "ledger/sqlite/handle.h"

/* Kinds are kept as words, so that another order of them in err.h changes nothing. */
static enum err_kind kind_of(const char *word)
{
	static const enum err_kind kinds[] = {
#define X(name, status) ERR_##name,
		ERR_KINDS(X)
#undef X
	};

	for (size_t i = 0; word && i < sizeof(kinds) / sizeof(*kinds); i++)
		if (!strcmp(err_kind_name(kinds[i]), word))
			return kinds[i];
	return word ? ERR_ACCOUNT : ERR_OK; /* of a newer dreamq: a pause it is */
}

static void copy_text(char *into, size_t size, const char *text)
{
	const size_t len = text ? clean_length(text, size - 1) : 0;

	if (len > 0)
		memcpy(into, text, len);
	into[len] = '\0';
}

static enum err_kind read_pause(struct sqlite_ledger *ledger, const char *account,
    struct account_pause *pause, struct err *err)
{
	static const char text[] = "SELECT pause_kind, paused_until_unix_ms, pause_text "
				   "FROM accounts WHERE account = ?1";
	_cleanup_(query_done) struct query query = { 0 };
	bool has_row = false;

	*pause = (struct account_pause){ .kind = ERR_OK };
	if (sql_query(&ledger->sql, text, &query, err))
		return err->kind;
	bind_text(&query, account);
	if (query_step(&query, &has_row, err))
		return err->kind;
	if (!has_row)
		return ERR_OK;
	pause->kind = kind_of((const char *)sqlite3_column_text(query.stmt, 0));
	pause->until_unix_ms = sqlite3_column_int64(query.stmt, 1);
	copy_text(pause->text, sizeof(pause->text),
	    (const char *)sqlite3_column_text(query.stmt, 2));
	return ERR_OK;
}

static bool is_new(const struct account_pause *known, const struct account_pause *told)
{
	if (told->kind == ERR_OK)
		return known->kind != ERR_OK;
	return known->kind == ERR_OK || told->until_unix_ms > known->until_unix_ms;
}

static enum err_kind write_pause(struct sqlite_ledger *ledger, const char *account,
    const struct account_pause *pause, struct err *err)
{
	static const char text[] =
	    "INSERT INTO accounts (account, pause_kind, paused_until_unix_ms, "
	    "pause_text) VALUES (?1, ?2, ?3, ?4) ON CONFLICT (account) DO UPDATE SET "
	    "pause_kind = ?2, paused_until_unix_ms = ?3, pause_text = ?4";
	_cleanup_(query_done) struct query query = { 0 };
	const bool is_pause = pause->kind != ERR_OK;

	if (sql_query(&ledger->sql, text, &query, err))
		return err->kind;
	bind_text(&query, account);
	bind_text(&query, is_pause ? err_kind_name(pause->kind) : NULL);
	if (is_pause)
		bind_int(&query, pause->until_unix_ms);
	else
		bind_text(&query, NULL);
	bind_text(&query, is_pause ? pause->text : NULL);
	return query_run(&query, err);
}

struct pausing {
	const char *account;
	const struct account_pause *pause;
};

static enum err_kind write_if_new(
    struct sqlite_ledger *ledger, void *payload, struct err *err)
{
	const struct pausing *pausing = payload;
	struct account_pause known;

	if (read_pause(ledger, pausing->account, &known, err))
		return err->kind;
	return is_new(&known, pausing->pause)
	    ? write_pause(ledger, pausing->account, pausing->pause, err)
	    : ERR_OK;
}

/* Every good answer may say that there is no pause: mostly that is known. */
static enum err_kind bring_in(struct sqlite_ledger *ledger, const char *account,
    const struct account_pause *pause, struct err *err)
{
	struct pausing pausing = { account, pause };
	struct account_pause known;

	if (read_pause(ledger, account, &known, err))
		return err->kind;
	if (!is_new(&known, pause))
		return ERR_OK;
	return ledger_run(ledger, SQL_WRITE, write_if_new, &pausing, err);
}

enum err_kind sqlite_pause(struct ledger *base, const char *account,
    const struct account_pause *pause, struct err *err)
{
	struct sqlite_ledger *ledger = sqlite_of(base);
	_cleanup_(arena_release) struct arena arena = arena_make(1 << 20);
	struct account_pause clean = *pause;
	const char *text = NULL;

	if (clean_text(pause->text, &arena, &text, err))
		return err->kind;
	copy_text(clean.text, sizeof(clean.text), text);
	return bring_in(ledger, account, &clean, err);
}

enum err_kind sqlite_pause_of(struct ledger *base, const char *account,
    int64_t now_unix_ms, struct account_pause *ret_pause, struct err *err)
{
	struct sqlite_ledger *ledger = sqlite_of(base);
	struct account_pause pause;

	if (read_pause(ledger, account, &pause, err))
		return err->kind;
	if (pause.until_unix_ms <= now_unix_ms)
		pause = (struct account_pause){ .kind = ERR_OK };
	*ret_pause = pause;
	return ERR_OK;
}
