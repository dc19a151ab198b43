/*
 * columns.h - a table of the ledger's tasks with the columns that somebody has named:
 * --columns id,state,prompt. What a list has by itself is in report.h.
 */
#pragma once

#include "cli/app/app.h"
#include "cli/output/table.h"

enum { COLUMNS_MAX = TABLE_COLUMNS_MAX };

struct columns {
	const char *names[COLUMNS_MAX];
	char text[512]; /* what the names point into */
	size_t n;
};

/*
 * Reads them into *columns, which is not to be moved. Errors begin with `where`.
 * ERR_USAGE: there is no such column, or too many were named.
 */
enum err_kind columns_make(
    const char *list, const char *where, struct columns *columns, struct err *err);
/* Adds the row of a task. False: no memory. */
bool columns_add_row(
    const struct columns *columns, struct table *table, const struct dq_task *task);
