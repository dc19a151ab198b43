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

enum { PAGE_TASKS = 200, FEW_TASKS = 2000, FILTER_TEXT_MAX = 4000 };

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

/*
 * Do account and time leave so few tasks that they can be sorted for each page? Else the
 * rows are gone through from the newest on, which may pass over very many when what is
 * wanted is rare or old.
 */
static enum err_kind are_few(struct sqlite_ledger *ledger,
    const struct ledger_filter *filter, bool *ret_are_few, struct err *err)
{
	static const char of_account[] =
	    "SELECT count(*) FROM (SELECT 1 FROM tasks WHERE first_seen_unix_ms >= ?1 "
	    "AND account = ?3 LIMIT ?2)";
	static const char of_all[] = "SELECT count(*) FROM (SELECT 1 FROM tasks WHERE "
				     "first_seen_unix_ms >= ?1 LIMIT ?2)";
	_cleanup_(query_done) struct query query = { 0 };
	bool has_row = false;

	*ret_are_few = false;
	if (filter->only_unfinished || (!filter->account && filter->since_unix_ms <= 0))
		return ERR_OK;
	if (sql_query(&ledger->sql, filter->account ? of_account : of_all, &query, err))
		return err->kind;
	bind_int(&query, filter->since_unix_ms);
	bind_int(&query, FEW_TASKS);
	if (filter->account)
		bind_text(&query, filter->account);
	if (query_step(&query, &has_row, err))
		return err->kind;
	*ret_are_few = has_row && sqlite3_column_int64(query.stmt, 0) < FEW_TASKS;
	return ERR_OK;
}

/* What is left, and which way it is found. */
static void add_where(
    struct buf *text, const struct ledger_filter *filter, bool are_few, const char *state)
{
	const char *by = !are_few ? ""
	    : filter->account	  ? " INDEXED BY tasks_account_past"
				  : " INDEXED BY tasks_past";
	/* The plus: no index by account alone, it would sort all rows for each page. */
	const char *plus = are_few || filter->only_unfinished ? "" : "+";

	buf_addf(text, "SELECT id FROM tasks%s WHERE id < ?1 AND %s", by, state);
	if (filter->account)
		buf_addf(text, " AND %saccount = ?2", plus);
	if (filter->only_unfinished)
		buf_addf(text, " AND is_open = 1 AND state <> 'failed'");
	if (are_few || filter->since_unix_ms > 0)
		buf_addf(text, " AND first_seen_unix_ms >= ?4");
	buf_addf(text, " ORDER BY id DESC LIMIT %d", PAGE_TASKS);
}

/* Two states: the newest of each, and of these the newest. */
static void add_not_found(
    struct buf *text, const struct ledger_filter *filter, bool are_few)
{
	buf_addf(text, "SELECT id FROM (");
	add_where(text, filter, are_few, "state = 'not_found'");
	buf_addf(text, ") UNION ALL SELECT id FROM (");
	add_where(text, filter, are_few, "state = 'unknown' AND (" ROW_IS_STRAY ")");
	buf_addf(text, ") ORDER BY id DESC LIMIT %d", PAGE_TASKS);
}

static enum err_kind make_text(struct sqlite_ledger *ledger,
    const struct ledger_filter *filter, struct buf *text, struct err *err)
{
	bool few;

	if (are_few(ledger, filter, &few, err))
		return err->kind;
	if (filter->has_state && filter->state == TASK_NOT_FOUND)
		add_not_found(text, filter, few);
	else if (filter->has_state)
		add_where(text, filter, few, "state = ?3");
	else
		add_where(text, filter, few,
		    filter->only_unfinished ? "true" : "NOT (" ROW_IS_STRAY ")");
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

	if (make_text(ledger, filter, &text, err) ||
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
