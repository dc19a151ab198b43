/*
 * claims.c - deliveries are read, and taken by who sends them. Whether who has taken one
 * still lives is told by the lock of live.h, and how long he may be silent by the row.
 */
#include "ledger/sqlite/ops.h"

#include <string.h>

#include "base/arena.h"
#include "base/cleanup.h"
#include "ledger/sqlite/handle.h"

enum {
	CANDIDATES_MAX = 256, /* of which others may have all but a few */
	PAGE = 50,
	PAGE_BYTES_MAX = PAGE * (LEDGER_DELIVERY_BODY_MAX + 4096),
	KEPT_MS_A_DAY = 24 * 60 * 60 * 1000,
};

#define COLUMNS                                                                     \
	"SELECT id, message, hook, account, submit_id, event, idx, state, tries, "  \
	"made_unix_ms, due_unix_ms, changed_unix_ms, owner IS NOT NULL, why, body " \
	"FROM deliveries "

static const char *text_of(
    struct query *query, int column, struct arena *arena, bool *all_are_kept)
{
	const char *text = (const char *)sqlite3_column_text(query->stmt, column);
	const char *copy = arena_strdup(arena, text);

	*all_are_kept &= copy || !text;
	return copy;
}

/* The row that the query stands on. */
static enum err_kind read_row(struct sqlite_ledger *ledger, struct query *query,
    struct arena *arena, struct delivery *ret_delivery, struct err *err)
{
	sqlite3_stmt *stmt = query->stmt;
	bool is_kept = true;
	struct delivery is = { .number = sqlite3_column_int64(stmt, 0),
		.message = text_of(query, 1, arena, &is_kept),
		.hook = text_of(query, 2, arena, &is_kept),
		.account = text_of(query, 3, arena, &is_kept),
		.submit_id = text_of(query, 4, arena, &is_kept),
		.event = text_of(query, 5, arena, &is_kept),
		.index = sqlite3_column_int(stmt, 6),
		.tries = sqlite3_column_int64(stmt, 8),
		.made_unix_ms = sqlite3_column_int64(stmt, 9),
		.due_unix_ms = sqlite3_column_int64(stmt, 10),
		.changed_unix_ms = sqlite3_column_int64(stmt, 11),
		.is_claimed = sqlite3_column_int(stmt, 12) != 0,
		.why = text_of(query, 13, arena, &is_kept),
		.body = text_of(query, 14, arena, &is_kept) };

	if (!is_kept)
		return ledger_no_memory(ledger, err);
	if (!is.message || !is.hook || !is.account || !is.submit_id || !is.event ||
	    !delivery_state_parse((const char *)sqlite3_column_text(stmt, 7), &is.state))
		return ledger_is_damaged(ledger, err);
	*ret_delivery = is;
	return ERR_OK;
}

/* --- taking them ----------------------------------------------------------------- */

struct candidate {
	int64_t id, owner, until_unix_ms; /* owner 0: nobody has it */
};
struct claiming {
	const char *hook;
	size_t max;
	int64_t now_unix_ms;
	struct candidate candidates[CANDIDATES_MAX];
	size_t n_candidates;
	bool is_any; /* of them is free */
	struct delivery_claims *claims;
};

static enum err_kind load_candidates(
    struct sqlite_ledger *ledger, struct claiming *claiming, struct err *err)
{
	static const char text[] =
	    "SELECT id, owner, claimed_until_unix_ms FROM deliveries "
	    "INDEXED BY deliveries_due WHERE state = 'waiting' AND hook = ?1 AND "
	    "(due_unix_ms <= ?2 OR changed_unix_ms > ?4) "
	    "ORDER BY due_unix_ms, id LIMIT ?3";
	_cleanup_(query_done) struct query query = { 0 };
	bool has_row = false;

	claiming->n_candidates = 0;
	if (sql_query(&ledger->sql, text, &query, err))
		return err->kind;
	bind_text(&query, claiming->hook);
	bind_int(&query, claiming->now_unix_ms);
	bind_int(&query, CANDIDATES_MAX);
	bind_int(&query, claiming->now_unix_ms + LEDGER_CLAIM_MS); /* delivery_is_due() */
	for (;;) {
		if (query_step(&query, &has_row, err))
			return err->kind;
		if (!has_row || claiming->n_candidates == CANDIDATES_MAX)
			return ERR_OK;
		claiming->candidates[claiming->n_candidates++] =
		    (struct candidate){ sqlite3_column_int64(query.stmt, 0),
			    sqlite3_column_int64(query.stmt, 1),
			    sqlite3_column_int64(query.stmt, 2) };
	}
}

/* Those that somebody has stay out of it; what is our own is under way here. */
static enum err_kind keep_free(
    struct sqlite_ledger *ledger, struct claiming *claiming, struct err *err)
{
	bool are_alive[CANDIDATES_MAX];
	int64_t owners[CANDIDATES_MAX];
	struct candidate *all = claiming->candidates;
	size_t n_free = 0;

	for (size_t i = 0; i < claiming->n_candidates; i++)
		owners[i] = all[i].owner;
	if (live_are_alive(&ledger->live, ledger->sql.path, owners,
		claiming->n_candidates, are_alive, err))
		return err->kind;
	for (size_t i = 0; i < claiming->n_candidates; i++) {
		const bool is_over =
		    claim_is_over(all[i].until_unix_ms, claiming->now_unix_ms);

		if (!all[i].owner || is_over || !are_alive[i])
			all[n_free++] = all[i];
	}
	claiming->n_candidates = n_free;
	claiming->is_any = n_free > 0;
	return ERR_OK;
}

static enum err_kind find_free(
    struct sqlite_ledger *ledger, void *payload, struct err *err)
{
	static const char next[] =
	    "SELECT due_unix_ms FROM deliveries INDEXED BY deliveries_due "
	    "WHERE state = 'waiting' AND hook = ?1 AND due_unix_ms > ?2 "
	    "ORDER BY due_unix_ms LIMIT 1";
	struct claiming *claiming = payload;
	_cleanup_(query_done) struct query query = { 0 };
	bool has_row = false;

	if (load_candidates(ledger, claiming, err) || keep_free(ledger, claiming, err) ||
	    sql_query(&ledger->sql, next, &query, err))
		return err->kind;
	bind_text(&query, claiming->hook);
	bind_int(&query, claiming->now_unix_ms);
	if (query_step(&query, &has_row, err))
		return err->kind;
	claiming->claims->next_unix_ms = INT64_MAX;
	if (has_row)
		claiming->claims->next_unix_ms = sqlite3_column_int64(query.stmt, 0);
	if (claiming->n_candidates > claiming->max)
		claiming->claims->next_unix_ms = claiming->now_unix_ms;
	return ERR_OK;
}

static enum err_kind take_row(
    struct sqlite_ledger *ledger, struct claiming *claiming, int64_t id, struct err *err)
{
	static const char take[] =
	    "UPDATE deliveries SET owner = ?2, claimed_until_unix_ms = ?3, "
	    "tries = tries + 1, changed_unix_ms = ?4, "
	    "due_unix_ms = min(due_unix_ms, ?4) WHERE id = ?1";
	static const char read[] = COLUMNS "WHERE id = ?1";
	_cleanup_(query_done) struct query taking = { 0 }, reading = { 0 };
	struct delivery_claims *claims = claiming->claims;
	bool has_row = false;

	if (sql_query(&ledger->sql, take, &taking, err))
		return err->kind;
	bind_int(&taking, id);
	bind_int(&taking, ledger->live.owner);
	bind_int(&taking, claiming->now_unix_ms + LEDGER_CLAIM_MS);
	bind_int(&taking, claiming->now_unix_ms);
	if (query_run(&taking, err) || sql_query(&ledger->sql, read, &reading, err))
		return err->kind;
	bind_int(&reading, id);
	if (query_step(&reading, &has_row, err))
		return err->kind;
	return has_row
	    ? read_row(ledger, &reading, &claims->arena, &claims->all[claims->n++], err)
	    : ledger_is_damaged(ledger, err);
}

static enum err_kind forget_old(
    struct sqlite_ledger *ledger, int64_t now_unix_ms, struct err *err)
{
	static const char text[] =
	    "DELETE FROM deliveries WHERE id IN (SELECT id FROM deliveries "
	    "INDEXED BY deliveries_over WHERE state <> 'waiting' AND "
	    "changed_unix_ms < ?1 LIMIT 100)";
	_cleanup_(query_done) struct query query = { 0 };

	if (sql_query(&ledger->sql, text, &query, err))
		return err->kind;
	bind_int(
	    &query, now_unix_ms - (int64_t)LEDGER_DELIVERY_KEPT_DAYS * KEPT_MS_A_DAY);
	return query_run(&query, err);
}

/*
 * What this call has taken when it is run again has our number, and its claim is none of
 * others: so it is taken once more, and its try counts twice.
 */
static enum err_kind take_free(
    struct sqlite_ledger *ledger, void *payload, struct err *err)
{
	struct claiming *claiming = payload;
	struct delivery_claims *claims = claiming->claims;
	struct candidate *all = claiming->candidates;
	const size_t n_before = claims->n;
	int64_t before[LEDGER_CLAIMS_MAX];

	for (size_t i = 0; i < n_before; i++)
		before[i] = claims->all[i].number;
	claims->n = 0;
	for (size_t i = 0; i < n_before; i++)
		if (take_row(ledger, claiming, before[i], err))
			return err->kind;
	if (n_before > 0)
		return ERR_OK;
	if (find_free(ledger, claiming, err) ||
	    forget_old(ledger, claiming->now_unix_ms, err))
		return err->kind;
	for (size_t i = 0; i < claiming->n_candidates && claims->n < claiming->max; i++)
		if (take_row(ledger, claiming, all[i].id, err))
			return err->kind;
	return ERR_OK;
}

enum err_kind sqlite_delivery_claim(struct ledger *base, const char *hook, size_t max,
    int64_t now_unix_ms, struct delivery_claims *ret_claims, struct err *err)
{
	struct sqlite_ledger *ledger = sqlite_of(base);
	struct delivery_claims claims = { .arena = arena_make(PAGE_BYTES_MAX),
		.next_unix_ms = INT64_MAX };
	struct claiming claiming = {
		.hook = hook, .max = max, .now_unix_ms = now_unix_ms, .claims = &claims
	};

	if (live_take(&ledger->live, ledger->sql.path, err) ||
	    ledger_run(ledger, SQL_READ, find_free, &claiming, err))
		return err->kind;
	if (claiming.is_any && max > 0 &&
	    ledger_run(ledger, SQL_WRITE, take_free, &claiming, err)) {
		arena_release(&claims.arena);
		return err->kind;
	}
	*ret_claims = claims;
	return ERR_OK;
}

/* --- reading them ---------------------------------------------------------------- */

struct delivery_page {
	struct delivery rows[PAGE];
	size_t n;
	int64_t last_id; /* the next page is above it */
	struct arena arena;
};

static enum err_kind load_page(
    struct sqlite_ledger *ledger, void *payload, struct err *err)
{
	static const char text[] = COLUMNS "WHERE id > ?1 ORDER BY id LIMIT ?2";
	struct delivery_page *page = payload;
	_cleanup_(query_done) struct query query = { 0 };
	bool has_row = false;

	page->n = 0;
	if (sql_query(&ledger->sql, text, &query, err))
		return err->kind;
	bind_int(&query, page->last_id);
	bind_int(&query, PAGE);
	for (;;) {
		if (query_step(&query, &has_row, err))
			return err->kind;
		if (!has_row || page->n == PAGE)
			return ERR_OK;
		if (read_row(ledger, &query, &page->arena, &page->rows[page->n], err))
			return err->kind;
		page->n++;
	}
}

static bool show_page(const struct delivery_page *page,
    const struct delivery_filter *filter, ledger_on_delivery *on_delivery, void *payload)
{
	for (size_t i = 0; i < page->n; i++)
		if (delivery_matches(filter, &page->rows[i]) &&
		    !on_delivery(payload, &page->rows[i]))
			return false;
	return page->n == PAGE;
}

enum err_kind sqlite_deliveries(struct ledger *base, const struct delivery_filter *filter,
    ledger_on_delivery *on_delivery, void *payload, struct err *err)
{
	struct delivery_page page = { .last_id = 0 };
	bool has_more = true;

	while (has_more) {
		page.arena = arena_make(PAGE_BYTES_MAX);
		if (ledger_run(sqlite_of(base), SQL_READ, load_page, &page, err)) {
			arena_release(&page.arena);
			return err->kind;
		}
		has_more = show_page(&page, filter, on_delivery, payload);
		if (page.n > 0)
			page.last_id = page.rows[page.n - 1].number;
		arena_release(&page.arena);
	}
	return ERR_OK;
}
