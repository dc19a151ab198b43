/*
 * page.h - one page of what an account has (PROTOCOL B8): `asset_list`, whose members
 * hold a record each under the name of its kind, or `records_list` of plain records.
 *
 * A record is read and judged as that of a query is. Its task is named by its submit id,
 * and without one by its history id. What can't be read, or carries no id, is counted and
 * left out: the others stand.
 */
#pragma once

#include "service/jimeng/read/answer.h"

struct page {
	struct service_found *found; /* malloc'ed, tasks in it are owned */
	size_t n;
	char
	    *next; /* as JSON, to be sent back as it is; malloc'ed; NULL: none was told */
	bool has_more;
	size_t unreadable, nameless; /* records */
};

/*
 * `now_ms` as for answer_judge(). ERR_CONTRACT: neither of the lists is there, or it has
 * more than ANSWER_RECORDS_MAX members. The answer may go.
 */
enum err_kind page_read(
    const struct answer *answer, int64_t now_ms, struct page *ret_page, struct err *err);
void page_release(struct page *page); /* a zeroed one owns nothing */
