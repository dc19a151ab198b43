/*
 * events.c - what happened to a task, and whether there is still work.
 */
#include "ledger/ledger.h"

#include <stdlib.h>

#include "base/arena.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "ledger/rules/words.h"
#include "ledger/sqlite/handle.h"
#include "ledger/sqlite/row.h"

enum { EVENTS_BYTES_MAX = 4 << 20 };

static enum err_kind next_seq(
    struct ledger *ledger, int64_t task, int64_t *ret_seq, struct err *err)
{
	static const char text[] =
	    "SELECT coalesce(max(seq), 0) + 1 FROM events WHERE task = ?1";
	_cleanup_(query_done) struct query query = { 0 };
	bool has_row = false;

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
    struct ledger *ledger, int64_t task, int64_t newest_seq, struct err *err)
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

enum err_kind event_add(struct ledger *ledger, int64_t task, int64_t at_unix_ms,
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
	return drop_old(ledger, task, seq, err);
}

enum err_kind event_is_known(struct ledger *ledger, int64_t task, const char *what,
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

/* A doubtful end (task_end_is_doubtful()) is open until ledger_believe(). */
#define IS_DOUBTFUL                                                     \
	"(state = 'failed' AND (fail_class = 'contract' OR "            \
	"(fail_class = 'service' AND coalesce(fail_code, '') = '' AND " \
	"finished_unix_ms IS NULL)))"

/* In one plain UPDATE: an UPDATE ... FROM builds a temporary table each time. */
#define IS_OPEN                                                      \
	"CASE WHEN " IS_DOUBTFUL " THEN 1 "                          \
	"WHEN state IN ('failed', 'cancelled', 'not_found') THEN 0 " \
	"WHEN state <> 'succeeded' THEN 1 "                          \
	"WHEN EXISTS (SELECT 1 FROM assets WHERE task = tasks.id "   \
	"AND assets.state IN ('wanted', 'fetched')) THEN 1 "         \
	"WHEN EXISTS (SELECT 1 FROM assets WHERE task = tasks.id) THEN 0 ELSE 1 END"

enum err_kind task_settle_open(
    struct ledger *ledger, int64_t task, int64_t now_unix_ms, struct err *err)
{
	static const char text[] = "UPDATE tasks SET is_open = 1 - is_open, "
				   "version = version + 1, updated_unix_ms = ?2 "
				   "WHERE id = ?1 AND is_open <> " IS_OPEN;
	_cleanup_(query_done) struct query query = { 0 };

	if (sql_query(&ledger->sql, text, &query, err))
		return err->kind;
	bind_int(&query, task);
	bind_int(&query, now_unix_ms ? now_unix_ms : clock_unix_ms());
	return query_run(&query, err);
}

enum err_kind task_touch(struct ledger *ledger, int64_t task, struct err *err)
{
	static const char text[] = "UPDATE tasks SET version = version + 1 WHERE id = ?1";
	_cleanup_(query_done) struct query query = { 0 };

	if (sql_query(&ledger->sql, text, &query, err))
		return err->kind;
	bind_int(&query, task);
	return query_run(&query, err);
}

/* --- reading ------------------------------------------------------------------ */

struct event_list {
	struct arena arena;
	struct ledger_event *events;
	size_t n;
};

static void event_list_release(struct event_list *list)
{
	arena_release(&list->arena);
	free(list->events);
}

static bool keep_row(struct event_list *list, sqlite3_stmt *stmt)
{
	struct ledger_event *event = &list->events[list->n];

	event->at_unix_ms = sqlite3_column_int64(stmt, 0);
	event->what =
	    arena_strdup(&list->arena, (const char *)sqlite3_column_text(stmt, 1));
	event->text =
	    arena_strdup(&list->arena, (const char *)sqlite3_column_text(stmt, 2));
	list->n++;
	return event->what && event->text;
}

static enum err_kind load_events(
    struct ledger *ledger, int64_t task, struct event_list *list, struct err *err)
{
	static const char text[] =
	    "SELECT at_unix_ms, what, text FROM events WHERE task = ?1 ORDER BY seq";
	_cleanup_(query_done) struct query query = { 0 };
	bool has_row = false;

	if (sql_query(&ledger->sql, text, &query, err))
		return err->kind;
	bind_int(&query, task);
	while (list->n <= LEDGER_EVENTS_MAX) {
		if (query_step(&query, &has_row, err))
			return err->kind;
		if (!has_row)
			break;
		if (!sqlite3_column_text(query.stmt, 1) ||
		    !sqlite3_column_text(query.stmt, 2))
			return ledger_is_damaged(ledger, err);
		if (!keep_row(list, query.stmt))
			return ledger_no_memory(ledger, err);
	}
	return ERR_OK;
}

enum err_kind ledger_events(struct ledger *ledger, const char *account,
    const char *submit_id, ledger_on_event *on_event, void *payload, struct err *err)
{
	_cleanup_(event_list_release) struct event_list list = {
		.arena = arena_make(EVENTS_BYTES_MAX),
		.events = calloc(LEDGER_EVENTS_MAX + 1, sizeof(struct ledger_event)),
	};
	struct row_brief row;

	if (!list.events)
		return ledger_no_memory(ledger, err);
	if (row_peek(ledger, account, submit_id, &row, err) ||
	    load_events(ledger, row.id, &list, err))
		return err->kind;
	for (size_t i = 0; i < list.n; i++)
		if (!on_event(payload, &list.events[i]))
			break;
	return ERR_OK;
}

struct place_reader {
	ledger_on_place *on_place;
	void *payload;
};

static bool read_place(void *payload, const struct ledger_event *event)
{
	const struct place_reader *reader = payload;
	struct ledger_place place = { .at_unix_ms = event->at_unix_ms };

	return !words_place(event->what, event->text, &place.index, &place.path) ||
	    reader->on_place(reader->payload, &place);
}

enum err_kind ledger_places(struct ledger *ledger, const char *account,
    const char *submit_id, ledger_on_place *on_place, void *payload, struct err *err)
{
	struct place_reader reader = { on_place, payload };

	return ledger_events(ledger, account, submit_id, read_place, &reader, err);
}
