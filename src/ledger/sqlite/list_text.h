/*
 * list_text.h - the statement of a list: which rows, in which order.
 */
#pragma once

#include "base/buf.h"
#include "ledger/sqlite/handle.h"

enum {
	LIST_TEXT_MAX = 8000,
	LIST_PAGE = 200, /* tasks that are read in one transaction */
};

/* The columns of the statement. What is behind the id is there for a search only. */
enum {
	LIST_ID,
	LIST_SUBMIT_ID,
	LIST_HISTORY_ID,
	LIST_PROMPT,
	LIST_MODEL,
	LIST_TAGS,
	LIST_NOTES,
};

/*
 * Are rows read in the order of their ids, so that a page can begin where another one has
 * ended? Else they are sorted, and their ids have to be read at once.
 */
bool list_is_paged(const struct ledger_filter *filter);

/*
 * Writes it. Paged and without a search it gives one page, else as many rows as there
 * are.
 */
enum err_kind list_text_make(struct sqlite_ledger *ledger,
    const struct ledger_filter *filter, struct buf *text, struct err *err);
/* Binds its values; `from` is the id behind which a page begins, 0: it is the first. */
void list_text_bind(
    struct query *query, const struct ledger_filter *filter, int64_t from);
