/*
 * list.c - many tasks, a page at a time.
 *
 * A page is read in one short transaction, shown outside of it, and the next
 * one begins below its last row. So a slow reader keeps nobody waiting, the
 * memory is that of one page, and on_task may use the ledger.
 */
#include "ledger/sqlite/ops.h"

#include <stdlib.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "ledger/sqlite/row.h"

enum { PAGE_TASKS = 200, FILTER_TEXT_MAX = 2000 };

struct page {
	struct task *tasks[PAGE_TASKS];
	size_t n;
	int64_t last_id; /* the next page is below it */
	bool is_last;
};

static void page_release(struct page *page)
{
	for (size_t i = 0; i < page->n; i++)
		task_free(page->tasks[i]);
	page->n = 0;
}

static enum err_kind make_text(
    const struct ledger_filter *filter, struct buf *text, struct err *err)
{
	buf_addf(text, "SELECT id FROM tasks WHERE id < ?1");
	/* The plus: no index by account alone, it would sort all rows for each page. */
	if (filter->account)
		buf_addf(text,
		    filter->only_unfinished ? " AND account = ?2" : " AND +account = ?2");
	if (filter->only_unfinished)
		buf_addf(text, " AND is_open = 1 AND state <> 'failed'");
	if (filter->has_state && filter->state == TASK_NOT_FOUND)
		buf_addf(text, " AND (state = ?3 OR (" ROW_IS_STRAY "))");
	else if (filter->has_state)
		buf_addf(text, " AND state = ?3");
	else if (!filter->only_unfinished)
		buf_addf(text, " AND NOT (" ROW_IS_STRAY ")");
	if (filter->since_unix_ms > 0)
		buf_addf(text, " AND first_seen_unix_ms >= ?4");
	buf_addf(text, " ORDER BY id DESC LIMIT %d", PAGE_TASKS);
	return buf_failed(text) ? err_set(err, ERR_NOMEM, "out of memory for a list")
				: ERR_OK;
}

/* ?1 to ?4 exist only as far as they are mentioned; sqlite ignores no others. */
static void bind_filter(
    struct query *query, const struct ledger_filter *filter, int64_t below)
{
	const int n = sqlite3_bind_parameter_count(query->stmt);

	bind_int(query, below);
	if (n >= 2)
		bind_text(query, filter->account);
	if (n >= 3)
		bind_text(query, filter->has_state ? task_state_name(filter->state) : "");
	if (n >= 4)
		bind_int(query, filter->since_unix_ms);
}

static enum err_kind load_task(
    struct sqlite_ledger *ledger, int64_t id, struct page *page, struct err *err)
{
	_cleanup_(task_freep) struct task *task = task_new();
	struct row_task row = { .arena = task ? &task->arena : NULL };

	if (!task)
		return ledger_no_memory(ledger, err);
	task->arena.max_bytes = LEDGER_TASK_BYTES_MAX;
	if (row_load(ledger, id, &row, err))
		return err->kind;
	row_become_task(&row, task);
	page->tasks[page->n++] = TAKE_PTR(task);
	page->last_id = id;
	return ERR_OK;
}

struct page_load {
	const struct ledger_filter *filter;
	struct query *ids;
	int64_t below;
	struct page *page;
};

static enum err_kind load_page(
    struct sqlite_ledger *ledger, void *payload, struct err *err)
{
	const struct page_load *load = payload;
	struct query *ids = load->ids;
	struct page *page = load->page;
	bool has_row = true;

	query_again(ids);
	page_release(page);
	bind_filter(ids, load->filter, load->below);
	for (;;) {
		if (query_step(ids, &has_row, err))
			return err->kind;
		if (!has_row)
			break;
		if (load_task(ledger, sqlite3_column_int64(ids->stmt, 0), page, err))
			return err->kind;
	}
	page->is_last = page->n < PAGE_TASKS;
	query_again(ids);
	return ERR_OK;
}

/* False: enough was shown. */
static bool show_page(
    const struct page *page, size_t *left, ledger_on_task *on_task, void *payload)
{
	for (size_t i = 0; i < page->n; i++, (*left)--)
		if (*left == 0 || !on_task(payload, page->tasks[i]))
			return false;
	return *left > 0 && !page->is_last;
}

enum err_kind sqlite_list(struct ledger *base, const struct ledger_filter *filter,
    ledger_on_task *on_task, void *payload, struct err *err)
{
	struct sqlite_ledger *ledger = sqlite_of(base);
	_cleanup_(buf_release) struct buf text = buf_make(FILTER_TEXT_MAX);
	_cleanup_(query_done) struct query ids = { 0 };
	size_t left = filter->limit ? filter->limit : SIZE_MAX;
	int64_t below = INT64_MAX;
	bool goes_on = true;

	if (make_text(filter, &text, err) ||
	    sql_query_once(&ledger->sql, text.data, &ids, err))
		return err->kind;
	while (goes_on) {
		_cleanup_(page_release) struct page page = { .n = 0 };
		struct page_load load = { filter, &ids, below, &page };

		if (ledger_run(ledger, SQL_READ, load_page, &load, err))
			return err->kind;
		goes_on = show_page(&page, &left, on_task, payload);
		below = page.last_id;
	}
	return ERR_OK;
}
