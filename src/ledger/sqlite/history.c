/*
 * history.c - what happened to a task, and where its files once were, told.
 */
#include "ledger/sqlite/ops.h"

#include <stdlib.h>

#include "base/arena.h"
#include "base/cleanup.h"
#include "ledger/sqlite/handle.h"
#include "ledger/sqlite/row.h"

enum { EVENTS_BYTES_MAX = 4 << 20 };

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
    struct sqlite_ledger *ledger, int64_t task, struct event_list *list, struct err *err)
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

enum err_kind sqlite_events(struct ledger *base, const char *account,
    const char *submit_id, ledger_on_event *on_event, void *payload, struct err *err)
{
	struct sqlite_ledger *ledger = sqlite_of(base);
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
