/*
 * list.c - many tasks, a page at a time.
 *
 * A page is read in one short transaction, shown outside of it, and the next
 * one begins behind its last row. So a slow reader keeps nobody waiting, the
 * memory is that of one page, and on_task may use the ledger.
 *
 * Of a list that is sorted the ids are read first, all in one transaction, eight bytes
 * each. A task that is gone when its page is read is passed over.
 */
#include "ledger/sqlite/ops.h"

#include <stdlib.h>

#include "base/array.h"
#include "base/buf.h"
#include "base/cleanup.h"
#include "ledger/sqlite/list_text.h"
#include "ledger/sqlite/row.h"

struct listing {
	const struct ledger_filter *filter;
	struct query rows; /* of list_text.h */
	struct buf room; /* for the search */
	int64_t from; /* the list begins behind it, and paged the next page does */
	int64_t *ids; /* sorted: all of them */
	size_t n_ids, ids_room, next;
	size_t left; /* that may still be shown */
	bool is_over;
};

struct page {
	struct task *tasks[LIST_PAGE];
	size_t n;
};

static void page_release(struct page *page)
{
	for (size_t i = 0; i < page->n; i++)
		task_free(page->tasks[i]);
	page->n = 0;
}

static void listing_release(struct listing *listing)
{
	query_done(&listing->rows);
	buf_release(&listing->room);
	free(listing->ids);
}

static const char *text_of(const struct listing *listing, int column)
{
	return (const char *)sqlite3_column_text(listing->rows.stmt, column);
}

/* Is the row that the statement is at one of those that are looked for? */
static enum err_kind is_found(struct sqlite_ledger *ledger, struct listing *listing,
    bool *ret_is_found, struct err *err)
{
	const char *ids[2], *texts[4];
	const struct search_texts all = { ids, 2, texts, 4 };

	*ret_is_found = true;
	if (!listing->filter->search)
		return ERR_OK;
	ids[0] = text_of(listing, LIST_SUBMIT_ID);
	ids[1] = text_of(listing, LIST_HISTORY_ID);
	texts[0] = text_of(listing, LIST_PROMPT);
	texts[1] = text_of(listing, LIST_MODEL);
	texts[2] = text_of(listing, LIST_TAGS);
	texts[3] = text_of(listing, LIST_NOTES);
	*ret_is_found = search_finds(listing->filter->search, &all, &listing->room);
	return buf_failed(&listing->room) ? ledger_no_memory(ledger, err) : ERR_OK;
}

/* Takes the next row that is wanted; *ret_id 0: there is none. */
static enum err_kind next_id(struct sqlite_ledger *ledger, struct listing *listing,
    int64_t *ret_id, struct err *err)
{
	bool has_row = true, is_wanted = false;

	*ret_id = 0;
	while (!is_wanted) {
		if (query_step(&listing->rows, &has_row, err))
			return err->kind;
		if (!has_row)
			return ERR_OK;
		if (is_found(ledger, listing, &is_wanted, err))
			return err->kind;
	}
	*ret_id = sqlite3_column_int64(listing->rows.stmt, LIST_ID);
	return ERR_OK;
}

/* Runs again from its beginning when it has to. */
static enum err_kind read_ids(
    struct sqlite_ledger *ledger, void *payload, struct err *err)
{
	struct listing *listing = payload;
	int64_t id;

	query_again(&listing->rows);
	list_text_bind(&listing->rows, listing->filter, listing->from);
	for (listing->n_ids = 0; listing->n_ids < listing->left;) {
		if (next_id(ledger, listing, &id, err))
			return err->kind;
		if (!id)
			break;
		if (!ARRAY_RESERVE(listing->ids, listing->ids_room, listing->n_ids + 1))
			return ledger_no_memory(ledger, err);
		listing->ids[listing->n_ids++] = id;
	}
	query_again(&listing->rows);
	return ERR_OK;
}

static enum err_kind load_task(struct sqlite_ledger *ledger, int64_t id, bool may_be_gone,
    struct page *page, struct err *err)
{
	_cleanup_(task_freep) struct task *task = task_new();
	struct row_task row = { .arena = task ? &task->arena : NULL };

	if (!task)
		return ledger_no_memory(ledger, err);
	task->arena.max_bytes = LEDGER_TASK_BYTES_MAX;
	if (row_load(ledger, id, &row, err))
		return err->kind;
	if (!row.id)
		return may_be_gone ? ERR_OK : ledger_is_damaged(ledger, err);
	row_become_task(&row, task);
	page->tasks[page->n++] = TAKE_PTR(task);
	return ERR_OK;
}

struct page_load {
	struct listing *listing;
	struct page *page;
	/* out: where the next page begins, and is this one the last? */
	int64_t from;
	size_t next;
	bool is_last;
};

static enum err_kind load_sorted(
    struct sqlite_ledger *ledger, void *payload, struct err *err)
{
	struct page_load *load = payload;
	const struct listing *listing = load->listing;

	page_release(load->page);
	for (load->next = listing->next;
	     load->next < listing->n_ids && load->page->n < LIST_PAGE; load->next++)
		if (load_task(ledger, listing->ids[load->next], true, load->page, err))
			return err->kind;
	load->is_last = load->next == listing->n_ids;
	return ERR_OK;
}

static enum err_kind load_paged(
    struct sqlite_ledger *ledger, void *payload, struct err *err)
{
	struct page_load *load = payload;
	struct listing *listing = load->listing;
	const size_t most = listing->left < LIST_PAGE ? listing->left : LIST_PAGE;
	int64_t id = 0;

	query_again(&listing->rows);
	page_release(load->page);
	list_text_bind(&listing->rows, listing->filter, listing->from);
	while (load->page->n < most) {
		if (next_id(ledger, listing, &id, err))
			return err->kind;
		if (!id)
			break;
		if (load_task(ledger, id, false, load->page, err))
			return err->kind;
		load->from = id;
	}
	load->is_last = !id;
	query_again(&listing->rows);
	return ERR_OK;
}

/* False: enough was shown. */
static bool show_page(struct listing *listing, const struct page *page,
    ledger_on_task *on_task, void *payload)
{
	for (size_t i = 0; i < page->n; i++, listing->left--)
		if (listing->left == 0 || !on_task(payload, page->tasks[i]))
			return false;
	return listing->left > 0;
}

static enum err_kind run_page(struct sqlite_ledger *ledger, struct listing *listing,
    ledger_on_task *on_task, void *payload, struct err *err)
{
	_cleanup_(page_release) struct page page = { .n = 0 };
	struct page_load load = { .listing = listing, .page = &page };

	if (ledger_run(ledger, SQL_READ,
		list_is_paged(listing->filter) ? load_paged : load_sorted, &load, err))
		return err->kind;
	listing->from = load.from;
	listing->next = load.next;
	listing->is_over = !show_page(listing, &page, on_task, payload) || load.is_last;
	return ERR_OK;
}

enum err_kind sqlite_list(struct ledger *base, const struct ledger_filter *filter,
    ledger_on_task *on_task, void *payload, struct err *err)
{
	struct sqlite_ledger *ledger = sqlite_of(base);
	_cleanup_(buf_release) struct buf text = buf_make(LIST_TEXT_MAX);
	_cleanup_(listing_release) struct listing listing = { .filter = filter,
		.room = buf_make(SEARCH_ROOM),
		.from = filter->behind,
		.left = filter->limit ? filter->limit : SIZE_MAX };

	if (list_text_make(ledger, filter, &text, err) ||
	    sql_query_once(&ledger->sql, text.data, &listing.rows, err))
		return err->kind;
	if (!list_is_paged(filter) &&
	    ledger_run(ledger, SQL_READ, read_ids, &listing, err))
		return err->kind;
	while (!listing.is_over)
		if (run_page(ledger, &listing, on_task, payload, err))
			return err->kind;
	return ERR_OK;
}

static enum err_kind count(struct sqlite_ledger *ledger, void *payload, struct err *err)
{
	static const char text[] = "SELECT tasks, (SELECT max(id) FROM tasks) FROM books";
	struct ledger_count *count = payload;
	_cleanup_(query_done) struct query query = { 0 };
	bool has_row = false;

	*count = (struct ledger_count){ .tasks = 0 };
	if (sql_query(&ledger->sql, text, &query, err) ||
	    query_step(&query, &has_row, err))
		return err->kind;
	if (has_row)
		*count = (struct ledger_count){ sqlite3_column_int64(query.stmt, 0),
			sqlite3_column_int64(query.stmt, 1) };
	return ERR_OK;
}

enum err_kind sqlite_count(
    struct ledger *base, struct ledger_count *ret_count, struct err *err)
{
	return ledger_run(sqlite_of(base), SQL_READ, count, ret_count, err);
}
