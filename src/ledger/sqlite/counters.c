/*
 * counters.c - how often a task was polled, and what the polls say about its
 * times.
 *
 * Nobody follows these columns, so the version of the row stays, and has no event.
 */
#include "ledger/sqlite/ops.h"

#include "base/cleanup.h"
#include "ledger/sqlite/row.h"

static bool says_nothing(const struct poll_counters *counters)
{
	return counters->polls == 0 && counters->requests_micro == 0 &&
	    counters->queued_until_unix_ms == 0 && counters->generating_by_unix_ms == 0 &&
	    counters->detected_unix_ms == 0;
}

/* min() and max() of a NULL are NULL, so the other one of the two stands in for it. */
static enum err_kind add_to_row(struct sqlite_ledger *ledger, int64_t row,
    const struct poll_counters *counters, struct err *err)
{
	static const char text[] =
	    "UPDATE tasks SET looks = looks + ?2, requests_micro = requests_micro + ?3, "
	    "queued_until_unix_ms = coalesce(max(queued_until_unix_ms, ?4), "
	    "queued_until_unix_ms, ?4), "
	    "generating_by_unix_ms = coalesce(min(generating_by_unix_ms, ?5), "
	    "generating_by_unix_ms, ?5), "
	    "detected_unix_ms = coalesce(min(detected_unix_ms, ?6), "
	    "detected_unix_ms, ?6) WHERE id = ?1";
	_cleanup_(query_done) struct query query = { 0 };

	if (sql_query(&ledger->sql, text, &query, err))
		return err->kind;
	bind_int(&query, row);
	bind_int(&query, counters->polls);
	bind_int(&query, counters->requests_micro);
	bind_known(&query, counters->queued_until_unix_ms, 0);
	bind_known(&query, counters->generating_by_unix_ms, 0);
	bind_known(&query, counters->detected_unix_ms, 0);
	return query_run(&query, err);
}

struct adding {
	const char *account;
	const struct poll_counters *all;
	size_t n;
};

/* Run again, polls may be counted twice: nothing hangs on their number. */
static enum err_kind add_all(struct sqlite_ledger *ledger, void *payload, struct err *err)
{
	const struct adding *adding = payload;

	for (size_t i = 0; i < adding->n; i++) {
		const struct poll_counters *counters = &adding->all[i];
		struct row_brief row;

		if (says_nothing(counters))
			continue;
		if (row_peek(ledger, adding->account, counters->submit_id, &row, err))
			return err->kind;
		if (row.id && add_to_row(ledger, row.id, counters, err))
			return err->kind;
	}
	return ERR_OK;
}

static bool has_any(const struct poll_counters *all, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!says_nothing(&all[i]))
			return true;
	return false;
}

enum err_kind sqlite_count_polls(struct ledger *base, const char *account,
    const struct poll_counters *all, size_t n, struct err *err)
{
	struct sqlite_ledger *ledger = sqlite_of(base);
	struct adding adding = { account, all, n };

	if (!has_any(all, n))
		return ERR_OK;
	return ledger_run(ledger, SQL_WRITE, add_all, &adding, err);
}
