/*
 * past.c - what became of the tasks so far, a page at a time.
 *
 * As in list.c: a page is read in one short transaction and shown outside of it;
 * the next one begins below its last row. An index has the rows in that order, so what
 * a page costs does not grow with the ledger.
 */
#include "ledger/sqlite/ops.h"

#include <string.h>

#include "base/arena.h"
#include "base/cleanup.h"
#include "ledger/sqlite/handle.h"
#include "ledger/sqlite/row.h"

enum { PAST_PAGE = 200, PAST_BYTES_MAX = 16 << 20 };

/* Where a page begins: below this row. */
struct place {
	int64_t first_seen_unix_ms, id;
};

struct past_page {
	struct arena arena; /* of the strings */
	struct past_task tasks[PAST_PAGE];
	size_t n;
	struct place last;
};

static void past_page_release(struct past_page *page)
{
	arena_release(&page->arena);
}

#define PAST_ROWS                                                           \
	"SELECT id, submit_id, model, kind, state, fail_class, fail_code, " \
	"first_seen_unix_ms, created_unix_ms, finished_unix_ms, "           \
	"queued_until_unix_ms, generating_by_unix_ms, detected_unix_ms, "   \
	"looks, requests_micro, (SELECT count(*) FROM assets WHERE "        \
	"task = tasks.id AND assets.state = 'stored'), (SELECT "            \
	"sum(stored_bytes) FROM assets WHERE task = tasks.id AND "          \
	"assets.state = 'stored'), credits, credits_source FROM tasks "
/*
 * Two ways into the index, because sqlite goes by the first of two columns only: tasks
 * that came in one moment (thousands, perhaps) would be stepped over on each page.
 */
#define PAST_OF(account)                                               \
	PAST_ROWS "WHERE NOT (" ROW_IS_STRAY                           \
		  ") AND first_seen_unix_ms = ?1 AND id < ?2 " account \
		  "UNION ALL " PAST_ROWS "WHERE NOT (" ROW_IS_STRAY    \
		  ") AND first_seen_unix_ms < ?1 AND "                 \
		  "first_seen_unix_ms >= ?3 " account                  \
		  "ORDER BY first_seen_unix_ms DESC, id DESC LIMIT ?4"

static const char past_of_all[] = PAST_OF("");
static const char past_of_one[] = PAST_OF("AND account = ?5 ");

/* Numbers that nobody has told are NULL, and sqlite makes 0 of it. */
static void read_past(sqlite3_stmt *stmt, struct past_task *task)
{
	const char *source;
	int column = 3;

	task->kind = media_kind_parse((const char *)sqlite3_column_text(stmt, column++));
	task->state = TASK_UNKNOWN;
	(void)task_state_parse(
	    (const char *)sqlite3_column_text(stmt, column++), &task->state);
	task->fail_class =
	    fail_class_parse((const char *)sqlite3_column_text(stmt, column++));
	column++; /* fail_code */
	task->first_seen_unix_ms = sqlite3_column_int64(stmt, column++);
	task->created_unix_ms = sqlite3_column_int64(stmt, column++);
	task->finished_unix_ms = sqlite3_column_int64(stmt, column++);
	task->queued_until_unix_ms = sqlite3_column_int64(stmt, column++);
	task->generating_by_unix_ms = sqlite3_column_int64(stmt, column++);
	task->detected_unix_ms = sqlite3_column_int64(stmt, column++);
	task->polls = sqlite3_column_int64(stmt, column++);
	task->requests_micro = sqlite3_column_int64(stmt, column++);
	task->files_stored = sqlite3_column_int64(stmt, column++);
	task->bytes_stored = sqlite3_column_int64(stmt, column++);
	task->has_credits = sqlite3_column_type(stmt, column) != SQLITE_NULL;
	task->credits = sqlite3_column_int64(stmt, column++);
	source = (const char *)sqlite3_column_text(stmt, column);
	task->credits_are_measured = source && !strcmp(source, "measured");
}

/* Copies a text of the row; false: no memory. */
static bool copy_column(
    struct arena *arena, sqlite3_stmt *stmt, int column, const char **ret_copy)
{
	const char *text = (const char *)sqlite3_column_text(stmt, column);

	*ret_copy = arena_strdup(arena, text);
	return *ret_copy || sqlite3_column_type(stmt, column) == SQLITE_NULL;
}

static bool keep_row(struct past_page *page, sqlite3_stmt *stmt)
{
	struct past_task *task = &page->tasks[page->n];

	*task = (struct past_task){ .submit_id = NULL };
	if (!copy_column(&page->arena, stmt, 1, &task->submit_id) ||
	    !copy_column(&page->arena, stmt, 2, &task->model) ||
	    !copy_column(&page->arena, stmt, 6, &task->fail_code))
		return false;
	read_past(stmt, task);
	page->last.first_seen_unix_ms = task->first_seen_unix_ms;
	page->last.id = sqlite3_column_int64(stmt, 0);
	page->n++;
	return true;
}

/* Which tasks, and how many of them are still wanted. */
struct past_query {
	const char *account; /* NULL: all */
	int64_t since_unix_ms;
	size_t left;
};

static size_t page_size(const struct past_query *asked)
{
	return asked->left < PAST_PAGE ? asked->left : PAST_PAGE;
}

struct page_load {
	const struct past_query *asked;
	struct place below;
	struct past_page *page;
};

static enum err_kind load_page(
    struct sqlite_ledger *ledger, void *payload, struct err *err)
{
	const struct page_load *load = payload;
	const struct past_query *asked = load->asked;
	const struct place below = load->below;
	struct past_page *page = load->page;
	_cleanup_(query_done) struct query query = { 0 };
	bool has_row = true;

	page->n = 0;
	if (sql_query(
		&ledger->sql, asked->account ? past_of_one : past_of_all, &query, err))
		return err->kind;
	bind_int(&query, below.first_seen_unix_ms);
	bind_int(&query, below.id);
	bind_int(&query, asked->since_unix_ms);
	bind_int(&query, (int64_t)page_size(asked));
	if (asked->account)
		bind_text(&query, asked->account);
	for (;;) {
		if (query_step(&query, &has_row, err))
			return err->kind;
		if (!has_row || page->n == PAST_PAGE)
			return ERR_OK;
		if (!taskid_is_valid((const char *)sqlite3_column_text(query.stmt, 1)))
			return ledger_is_damaged(ledger, err);
		if (!keep_row(page, query.stmt))
			return ledger_no_memory(ledger, err);
	}
}

/* False: enough was shown. */
static bool show_page(const struct past_page *page, struct past_query *asked,
    ledger_on_past *on_past, void *payload)
{
	const bool is_full = page->n == page_size(asked);

	for (size_t i = 0; i < page->n; i++)
		if (!on_past(payload, &page->tasks[i]))
			return false;
	asked->left -= page->n;
	return is_full && asked->left > 0;
}

/* NOLINTNEXTLINE(readability-function-size): the contract of ledger.h */
enum err_kind sqlite_past(struct ledger *base, const char *account, int64_t since_unix_ms,
    size_t limit, ledger_on_past *on_past, void *payload, struct err *err)
{
	struct sqlite_ledger *ledger = sqlite_of(base);
	struct past_query asked = { account, since_unix_ms, limit ? limit : SIZE_MAX };
	struct place below = { INT64_MAX, INT64_MAX };
	bool goes_on = true;

	while (goes_on) {
		_cleanup_(past_page_release) struct past_page page = {
			.arena = arena_make(PAST_BYTES_MAX), .last = below
		};

		struct page_load load = { &asked, below, &page };

		if (ledger_run(ledger, SQL_READ, load_page, &load, err))
			return err->kind;
		below = page.last;
		goes_on = show_page(&page, &asked, on_past, payload);
	}
	return ERR_OK;
}
