/*
 * credit.h - what commerce says of an account (PROTOCOL B8): user_credit and
 * user_credit_history. Pure.
 *
 * The content stands in `data`, or only as a text in `response` (B2), or in both.
 */
#pragma once

#include <stdbool.h>

#include "base/json.h"
#include "model/balance.h"
#include "service/jimeng/read/answer.h"

enum { STATEMENT_ENTRIES_MAX = 1000 };

/* The content as a tree, to be released with json_deletep(); NULL: there is none. */
cJSON *credit_content(const struct answer *answer);

/* At most 1e12 a sort. What is not told, or of another type, stays so. */
void credit_read(const cJSON *content, struct balance *ret_balance);

struct statement {
	struct credit_entry
	    *entries; /* malloc'ed, as they came; their texts live in `content` */
	size_t n, left_out; /* `left_out`: no object, or without an amount */
	int64_t total; /* -1 not told */
	const char *next; /* NULL: the last page */
};
/* ERR_CONTRACT: there are no records, or more than STATEMENT_ENTRIES_MAX. */
enum err_kind credit_read_statement(
    const cJSON *content, struct statement *ret_statement, struct err *err);
