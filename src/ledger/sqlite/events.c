/*
 * events.c - what happened to a task is written down, and whether there is still work.
 */
#include "ledger/ledger.h"

#include <stdlib.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "ledger/sqlite/deliveries.h"
#include "ledger/sqlite/entries.h"

static struct noted *noted_of(struct sqlite_ledger *ledger, int64_t task)
{
	return &ledger->noted[(uint64_t)task % LEDGER_NOTED];
}

/* Most tasks get several in one transaction, in between those of others. */
static enum err_kind next_seq(
    struct sqlite_ledger *ledger, int64_t task, int64_t *ret_seq, struct err *err)
{
	static const char text[] =
	    "SELECT coalesce(max(seq), 0) + 1 FROM events WHERE task = ?1";
	const struct noted *noted = noted_of(ledger, task);
	_cleanup_(query_done) struct query query = { 0 };
	bool has_row = false;

	if (noted->task == task && noted->seq > 0) {
		*ret_seq = noted->seq + 1;
		return ERR_OK;
	}
	if (sql_query(&ledger->sql, text, &query, err))
		return err->kind;
	bind_int(&query, task);
	if (query_step(&query, &has_row, err))
		return err->kind;
	*ret_seq = sqlite3_column_int64(query.stmt, 0);
	return ERR_OK;
}

/* The first event stays: it says where the task came from. */
static enum err_kind drop_old(
    struct sqlite_ledger *ledger, int64_t task, int64_t newest_seq, struct err *err)
{
	static const char text[] =
	    "DELETE FROM events WHERE task = ?1 AND seq > 1 AND seq <= ?2";
	_cleanup_(query_done) struct query query = { 0 };

	if (newest_seq <= LEDGER_EVENTS_MAX)
		return ERR_OK;
	if (sql_query(&ledger->sql, text, &query, err))
		return err->kind;
	bind_int(&query, task);
	bind_int(&query, newest_seq - (LEDGER_EVENTS_MAX - 1));
	return query_run(&query, err);
}

enum err_kind event_add(struct sqlite_ledger *ledger, int64_t task, int64_t at_unix_ms,
    const char *what, const char *text, struct err *err)
{
	static const char insert[] =
	    "INSERT INTO events (task, seq, at_unix_ms, what, text) "
	    "VALUES (?1, ?2, ?3, ?4, ?5)";
	_cleanup_(query_done) struct query query = { 0 };
	int64_t seq = 0;

	if (next_seq(ledger, task, &seq, err) ||
	    sql_query(&ledger->sql, insert, &query, err))
		return err->kind;
	bind_int(&query, task);
	bind_int(&query, seq);
	bind_int(&query, at_unix_ms ? at_unix_ms : clock_unix_ms());
	bind_text(&query, what);
	bind_text(&query, text);
	if (query_run(&query, err))
		return err->kind;
	*noted_of(ledger, task) = (struct noted){ task, seq };
	return drop_old(ledger, task, seq, err);
}

enum err_kind event_is_known(struct sqlite_ledger *ledger, int64_t task, const char *what,
    const char *text, bool *ret_is_known, struct err *err)
{
	static const char find[] =
	    "SELECT 1 FROM events WHERE task = ?1 AND what = ?2 AND text = ?3 LIMIT 1";
	_cleanup_(query_done) struct query query = { 0 };

	if (sql_query(&ledger->sql, find, &query, err))
		return err->kind;
	bind_int(&query, task);
	bind_text(&query, what);
	bind_text(&query, text);
	return query_step(&query, ret_is_known, err);
}

/* An end that may change (task_end_may_change()) is open until ledger_believe(). */
#define MAY_CHANGE                                                                      \
	"CASE state WHEN 'not_found' THEN 1 "                                           \
	"WHEN 'failed' THEN fail_class = 'contract' OR (fail_class = 'service' AND "    \
	"coalesce(fail_code, '') = '' AND finished_unix_ms IS NULL) "                   \
	"WHEN 'succeeded' THEN finished < total OR finished_unix_ms IS NULL OR "        \
	"EXISTS (SELECT 1 FROM assets WHERE task = tasks.id AND "                       \
	"assets.state = 'lost' AND coalesce(lost_reason, '') <> '" LOST_FORGOTTEN "') " \
	"ELSE 0 END"

/*
 * In one plain UPDATE: an UPDATE ... FROM builds a temporary table each time, and so does
 * an IN with more than two words.
 */
#define IS_OPEN                                                    \
	"CASE WHEN " MAY_CHANGE " THEN 1 "                         \
	"WHEN state = 'failed' OR state = 'cancelled' THEN 0 "     \
	"WHEN state <> 'succeeded' THEN 1 "                        \
	"WHEN EXISTS (SELECT 1 FROM assets WHERE task = tasks.id " \
	"AND assets.state IN ('wanted', 'fetched')) THEN 1 "       \
	"WHEN EXISTS (SELECT 1 FROM assets WHERE task = tasks.id) THEN 0 ELSE 1 END"

enum err_kind task_settle_open(struct sqlite_ledger *ledger, int64_t task, bool was_over,
    int64_t now_unix_ms, struct err *err)
{
	static const char text[] = "UPDATE tasks SET is_open = 1 - is_open, "
				   "version = version + 1, updated_unix_ms = ?2 "
				   "WHERE id = ?1 AND is_open <> " IS_OPEN;
	const int64_t now_ms = now_unix_ms ? now_unix_ms : clock_unix_ms();
	_cleanup_(query_done) struct query query = { 0 };

	if (sql_query(&ledger->sql, text, &query, err))
		return err->kind;
	bind_int(&query, task);
	bind_int(&query, now_ms);
	if (query_run(&query, err))
		return err->kind;
	return was_over ? ERR_OK : delivery_of_end(ledger, task, now_ms, err);
}

enum err_kind task_touch(struct sqlite_ledger *ledger, int64_t task, struct err *err)
{
	static const char text[] = "UPDATE tasks SET version = version + 1 WHERE id = ?1";
	_cleanup_(query_done) struct query query = { 0 };

	if (sql_query(&ledger->sql, text, &query, err))
		return err->kind;
	bind_int(&query, task);
	return query_run(&query, err);
}

/* `finished` counts at least the files we have. */
static enum err_kind raise_finished(
    struct sqlite_ledger *ledger, int64_t task, int64_t now_unix_ms, struct err *err)
{
	static const char text[] =
	    "UPDATE tasks SET finished = max(finished, (SELECT count(*) FROM assets "
	    "WHERE task = ?1 AND state IN ('fetched', 'stored'))), "
	    "total = max(total, (SELECT count(*) FROM assets "
	    "WHERE task = ?1 AND state IN ('fetched', 'stored'))), "
	    "updated_unix_ms = ?2, version = version + 1 WHERE id = ?1";
	_cleanup_(query_done) struct query query = { 0 };

	if (sql_query(&ledger->sql, text, &query, err))
		return err->kind;
	bind_int(&query, task);
	bind_int(&query, now_unix_ms);
	return query_run(&query, err);
}

static int by_task(const void *a, const void *b)
{
	const struct moved *left = a, *right = b;

	return (left->task > right->task) - (left->task < right->task);
}

static enum err_kind settle_task(struct sqlite_ledger *ledger, const struct moved *all,
    int64_t now_unix_ms, struct err *err)
{
	if (all->has_stored ? raise_finished(ledger, all->task, now_unix_ms, err)
			    : task_touch(ledger, all->task, err))
		return err->kind;
	return all->may_open
	    ? task_settle_open(ledger, all->task, !all->may_end, now_unix_ms, err)
	    : ERR_OK;
}

enum err_kind settle_moved(struct sqlite_ledger *ledger, struct moved *moved, size_t n,
    int64_t now_unix_ms, struct err *err)
{
	qsort(moved, n, sizeof(*moved), by_task);
	for (size_t i = 0; i < n;) {
		struct moved all = moved[i];

		for (; i < n && moved[i].task == all.task; i++) {
			all.has_stored |= moved[i].has_stored;
			all.may_open |= moved[i].may_open;
			all.may_end |= moved[i].may_end;
		}
		if (all.task && settle_task(ledger, &all, now_unix_ms, err))
			return err->kind;
	}
	return ERR_OK;
}
