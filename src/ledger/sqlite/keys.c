#include "ledger/sqlite/keys.h"

#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "ledger/sqlite/ops.h"
#include "ledger/sqlite/row.h"

/* The task that stands for an intent already. */
struct key_holder {
	int64_t row; /* 0: nobody */
	char submit_id[TASKID_MAX + 1];
	bool has_same_content, is_same_prompt;
	bool is_this_repeat; /* of the same task as the intent */
};

static enum err_kind read_holder(struct sqlite_ledger *ledger, struct query *query,
    struct key_holder *holder, struct err *err)
{
	bool has_row = false;
	const char *id;

	*holder = (struct key_holder){ 0 };
	if (query_step(query, &has_row, err))
		return err->kind;
	if (!has_row)
		return ERR_OK;
	id = (const char *)sqlite3_column_text(query->stmt, 1);
	if (!taskid_is_valid(id))
		return ledger_is_damaged(ledger, err);
	holder->row = sqlite3_column_int64(query->stmt, 0);
	holder->has_same_content = sqlite3_column_int(query->stmt, 2) != 0;
	holder->is_same_prompt = sqlite3_column_int(query->stmt, 3) != 0;
	holder->is_this_repeat = sqlite3_column_int(query->stmt, 4) != 0;
	(void)snprintf(holder->submit_id, sizeof(holder->submit_id), "%s", id);
	return ERR_OK;
}

/*
 * Before a key is new, and its task is paid: the second look-up must not know it either.
 */
static enum err_kind check_lookup(struct sqlite_ledger *ledger,
    const struct intent *intent, const char *key, struct err *err)
{
	static const char text[] =
	    "SELECT task FROM keys WHERE account = ?1 AND idempotency_key = ?2";
	_cleanup_(query_done) struct query query = { 0 };
	bool has_row = false;

	if (sql_query(&ledger->sql, text, &query, err))
		return err->kind;
	bind_text(&query, intent->account);
	bind_text(&query, key);
	if (query_step(&query, &has_row, err))
		return err->kind;
	return has_row ? ledger_is_damaged(ledger, err) : ERR_OK;
}

/* Finds who has this key. */
static enum err_kind find_holder(struct sqlite_ledger *ledger,
    const struct intent *intent, const char *key, struct key_holder *holder,
    struct err *err)
{
	static const char text[] =
	    "SELECT id, submit_id, wish_hash IS ?3, prompt IS ?4, rerolls = ?5 "
	    "FROM tasks WHERE account = ?1 AND idempotency_key = ?2";
	_cleanup_(query_done) struct query query = { 0 };

	if (sql_query(&ledger->sql, text, &query, err))
		return err->kind;
	bind_text(&query, intent->account);
	bind_text(&query, key);
	bind_text(&query, intent->content_hash);
	bind_text(&query, intent->prompt);
	bind_text(&query, intent->rerolls);
	if (read_holder(ledger, &query, holder, err))
		return err->kind;
	return holder->row ? ERR_OK : check_lookup(ledger, intent, key, err);
}

/*
 * A key of the scope ?3: behind that stand the line's number, or 16 hex digits of what it
 * says, with ".N" for the Nth such line. A scope may be the beginning of other keys, too.
 */
#define IS_IN_SCOPE                                                   \
	"idempotency_key IS NOT NULL AND "                            \
	"substr(idempotency_key, 1, length(?3)) = ?3 AND (SELECT "    \
	"(tail GLOB '[0-9]*' AND tail NOT GLOB '*[^0-9]*') OR "       \
	"(length(tail) >= 16 AND "                                    \
	"substr(tail, 1, 16) NOT GLOB '*[^0-9a-f]*' AND "             \
	"(length(tail) = 16 OR (substr(tail, 17) GLOB '.[0-9]*' AND " \
	"substr(tail, 18) NOT GLOB '*[^0-9]*'))) "                    \
	"FROM (SELECT substr(idempotency_key, length(?3) + 1) AS tail))"

/* Finds the nth of the same content in the scope. */
static enum err_kind find_in_scope(struct sqlite_ledger *ledger,
    const struct intent *intent, struct key_holder *holder, struct err *err)
{
	static const char text[] = "SELECT id, submit_id, 1, 1, 0 FROM tasks WHERE "
				   "account = ?1 AND wish_hash = ?2 "
				   "AND " IS_IN_SCOPE " ORDER BY id LIMIT 1 OFFSET ?4";
	_cleanup_(query_done) struct query query = { 0 };

	if (sql_query(&ledger->sql, text, &query, err))
		return err->kind;
	bind_text(&query, intent->account);
	bind_text(&query, intent->content_hash);
	bind_text(&query, intent->key_scope);
	bind_int(&query, intent->nth > 0 ? (int64_t)intent->nth - 1 : 0);
	return read_holder(ledger, &query, holder, err);
}

/* Finds what it repeats, if that has a key of the scope. */
static enum err_kind find_repeated(struct sqlite_ledger *ledger,
    const struct intent *intent, struct key_holder *holder, struct err *err)
{
	static const char text[] = "SELECT id, submit_id, 1, 1, 0 FROM tasks WHERE "
				   "account = ?1 AND submit_id = ?2 "
				   "AND " IS_IN_SCOPE;
	_cleanup_(query_done) struct query query = { 0 };

	if (sql_query(&ledger->sql, text, &query, err))
		return err->kind;
	bind_text(&query, intent->account);
	bind_text(&query, intent->rerolls);
	bind_text(&query, intent->key_scope);
	return read_holder(ledger, &query, holder, err);
}

/*
 * Who stands for the intent? Its key's task; else, in its scope, the task of the same
 * content, or the one that its place named before when that has the same prompt.
 */
static enum err_kind find_any(struct sqlite_ledger *ledger, const struct intent *intent,
    const char **ret_key, struct key_holder *holder, struct err *err)
{
	*ret_key = intent->idempotency_key;
	if (find_holder(ledger, intent, intent->idempotency_key, holder, err))
		return err->kind;
	if (holder->row || !intent->key_scope)
		return ERR_OK;
	if (intent->rerolls)
		return find_repeated(ledger, intent, holder, err);
	if (find_in_scope(ledger, intent, holder, err))
		return err->kind;
	if (holder->row || !intent->line_key)
		return ERR_OK;
	*ret_key = intent->line_key;
	if (find_holder(ledger, intent, intent->line_key, holder, err))
		return err->kind;
	if (!holder->is_same_prompt || holder->has_same_content)
		*holder = (struct key_holder){ 0 };
	return ERR_OK;
}

static enum err_kind take_key_away(
    struct sqlite_ledger *ledger, int64_t row, struct err *err)
{
	static const char text[] = "UPDATE tasks SET idempotency_key = NULL, "
				   "version = version + 1 WHERE id = ?1";
	_cleanup_(query_done) struct query query = { 0 };

	if (sql_query(&ledger->sql, text, &query, err))
		return err->kind;
	bind_int(&query, row);
	return query_run(&query, err);
}

/*
 * Does the intent repeat that task, and may it take its key over? Its own task it does
 * not repeat: that was made when this very intent was run before.
 */
static bool is_repeat(const struct intent *intent, const struct key_holder *holder)
{
	return intent->rerolls && !(intent->rerolls_once && holder->is_this_repeat) &&
	    strcmp(intent->submit_id, holder->submit_id) != 0 &&
	    (holder->has_same_content || !strcmp(intent->rerolls, holder->submit_id));
}

enum err_kind key_settle(struct sqlite_ledger *ledger, const struct intent *intent,
    struct intended *known, struct err *err)
{
	struct key_holder holder = { 0 };
	const char *key;

	if (!intent->idempotency_key)
		return ERR_OK;
	if (find_any(ledger, intent, &key, &holder, err))
		return err->kind;
	if (!holder.row)
		return ERR_OK;
	if (is_repeat(intent, &holder))
		return take_key_away(ledger, holder.row, err);
	if (!holder.has_same_content)
		return err_set(err, ERR_USAGE,
		    "the idempotency key '%s' belongs to the task '%s', which was "
		    "another request: choose another key",
		    key, holder.submit_id);
	known->is_known = true;
	memcpy(known->submit_id, holder.submit_id, sizeof(known->submit_id));
	return ERR_OK;
}

/*
 * A place whose key is another request's says nothing of what stands there now; the
 * content does.
 */
static enum err_kind was_intended(struct sqlite_ledger *ledger,
    const struct intent *intent, bool *ret_is_known, struct err *err)
{
	const bool is_by_line = intent->line_key && intent->idempotency_key &&
	    !strcmp(intent->line_key, intent->idempotency_key);
	struct key_holder holder = { 0 };
	const char *key;

	*ret_is_known = false;
	if (!intent->idempotency_key)
		return ERR_OK;
	if (find_any(ledger, intent, &key, &holder, err))
		return err->kind;
	if (holder.row && is_by_line && !holder.has_same_content &&
	    !holder.is_same_prompt && find_in_scope(ledger, intent, &holder, err))
		return err->kind;
	*ret_is_known = holder.row != 0;
	return ERR_OK;
}

struct asking {
	const struct intent *intents;
	size_t n;
	bool *is_known;
};

static enum err_kind were_intended(
    struct sqlite_ledger *ledger, void *payload, struct err *err)
{
	const struct asking *asking = payload;

	for (size_t i = 0; i < asking->n; i++)
		if (was_intended(ledger, &asking->intents[i], &asking->is_known[i], err))
			return err->kind;
	return ERR_OK;
}

enum err_kind sqlite_intended_before(struct ledger *base, const struct intent *intents,
    size_t n, bool *ret_is_known, struct err *err)
{
	struct sqlite_ledger *ledger = sqlite_of(base);
	struct asking asking = { .intents = intents, .n = n };

	asking.is_known = ret_is_known;
	return ledger_run(ledger, SQL_READ, were_intended, &asking, err);
}
