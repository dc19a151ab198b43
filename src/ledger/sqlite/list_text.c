#include "ledger/sqlite/list_text.h"

#include "base/cleanup.h"
#include "ledger/sqlite/row.h"

enum { FEW_TASKS = 2000, SHA256 = 5, FIRST_TAG /* of the values */ };

/* What is compared; NULL is nothing that is known. */
static const char *const sort_values[LEDGER_SORT_COUNT] = {
	[LEDGER_SORT_SEEN] = "id",
	[LEDGER_SORT_COST] = "credits",
	[LEDGER_SORT_CREATED] = "created_unix_ms",
	[LEDGER_SORT_FINISHED] = "finished_unix_ms",
	[LEDGER_SORT_ID] = "submit_id",
	[LEDGER_SORT_KIND] = "kind",
	[LEDGER_SORT_MODEL] = "model",
	[LEDGER_SORT_RATING] =
	    "(SELECT rating FROM marks WHERE marks.task = tasks.id AND idx = -1)",
	[LEDGER_SORT_SIZE] =
	    "(SELECT sum(stored_bytes) FROM assets WHERE assets.task = tasks.id)",
	[LEDGER_SORT_STATE] = "state",
};

bool list_is_paged(const struct ledger_filter *filter)
{
	return filter->sort == LEDGER_SORT_SEEN;
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

/* Whether there are tags or notes at all is asked once: most ledgers have none, and for
 * each task two indexes need not be looked at. */
static const char *columns(const struct ledger_filter *filter)
{
	return filter->search
	    ? "id, submit_id, history_id, prompt, model, "
	      "CASE WHEN EXISTS (SELECT 1 FROM tags) THEN (SELECT group_concat(tag, ' ') "
	      "FROM tags WHERE tags.task = tasks.id) END AS tags, "
	      "CASE WHEN EXISTS (SELECT 1 FROM marks WHERE note IS NOT NULL) THEN "
	      "(SELECT "
	      "group_concat(note, ' ') FROM marks WHERE marks.task = tasks.id) END AS "
	      "notes"
	    : "id";
}

/* Of a selection of these. */
static const char *names(const struct ledger_filter *filter)
{
	return filter->search ? "id, submit_id, history_id, prompt, model, tags, notes"
			      : "id";
}

static void add_order(struct buf *text, const struct ledger_filter *filter)
{
	const char *way = filter->is_ascending ? "ASC" : "DESC";

	if (list_is_paged(filter)) {
		buf_addf(text, " ORDER BY id %s", way);
		if (!filter->search)
			buf_addf(text, " LIMIT %d", LIST_PAGE);
		return;
	}
	buf_addf(
	    text, " ORDER BY %s %s NULLS LAST, id DESC", sort_values[filter->sort], way);
	if (!filter->search && filter->limit > 0)
		buf_addf(text, " LIMIT %zu", filter->limit);
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

	buf_addf(text, "SELECT %s FROM tasks%s WHERE id %s ?1 AND %s", columns(filter),
	    by, filter->is_ascending ? ">" : "<", state);
	if (filter->account)
		buf_addf(text, " AND %saccount = ?2", plus);
	if (filter->only_unfinished)
		buf_addf(text, " AND is_open = 1 AND %s",
		    filter->has_state && filter->state == TASK_NOT_FOUND
			? "state <> 'not_found'"
			: "NOT " ROW_MAY_ONLY_CHANGE);
	if (are_few || filter->since_unix_ms > 0)
		buf_addf(text, " AND first_seen_unix_ms >= ?4");
	if (filter->sha256)
		buf_addf(text, " AND id IN (SELECT task FROM assets WHERE sha256 = ?5)");
	for (size_t i = 0; i < filter->n_tags && i < LEDGER_FILTER_TAGS; i++)
		buf_addf(text, " AND id IN (SELECT task FROM tags WHERE tag = ?%zu)",
		    FIRST_TAG + i);
	if (list_is_paged(filter))
		add_order(text, filter);
}

/* Two states: the first of each, and of these the first. */
static void add_not_found(
    struct buf *text, const struct ledger_filter *filter, bool are_few)
{
	buf_addf(text, "SELECT %s FROM (", names(filter));
	add_where(text, filter, are_few, "state = 'not_found'");
	buf_addf(text, ") UNION ALL SELECT %s FROM (", names(filter));
	add_where(text, filter, are_few, "state = 'unknown' AND (" ROW_IS_STRAY ")");
	buf_addf(text, ")");
}

enum err_kind list_text_make(struct sqlite_ledger *ledger,
    const struct ledger_filter *filter, struct buf *text, struct err *err)
{
	const bool is_not_found = filter->has_state && filter->state == TASK_NOT_FOUND;
	bool few;

	if (are_few(ledger, filter, &few, err))
		return err->kind;
	if (is_not_found && list_is_paged(filter))
		add_not_found(text, filter, few);
	else if (is_not_found)
		add_where(text, filter, few,
		    "(state = 'not_found' OR (state = 'unknown' AND " ROW_IS_STRAY "))");
	else if (filter->has_state)
		add_where(text, filter, few, "state = ?3");
	else
		add_where(text, filter, few,
		    filter->only_unfinished ? "true" : "NOT (" ROW_IS_STRAY ")");
	if (is_not_found || !list_is_paged(filter))
		add_order(text, filter);
	return buf_failed(text) ? err_set(err, ERR_NOMEM, "out of memory for a list")
				: ERR_OK;
}

/* ?1 and on exist only as far as they are mentioned; sqlite ignores no others. */
void list_text_bind(struct query *query, const struct ledger_filter *filter, int64_t from)
{
	const int n = sqlite3_bind_parameter_count(query->stmt);

	bind_int(query, from || filter->is_ascending ? from : INT64_MAX);
	if (n >= 2)
		bind_text(query, filter->account);
	if (n >= 3)
		bind_text(query, filter->has_state ? task_state_name(filter->state) : "");
	if (n >= 4)
		bind_int(query, filter->since_unix_ms);
	if (n >= SHA256)
		bind_text(query, filter->sha256);
	for (int i = 0; n >= FIRST_TAG + i; i++)
		bind_text(query, filter->tags[i]);
}
