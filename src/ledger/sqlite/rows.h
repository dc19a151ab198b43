/*
 * rows.h - many rows in few statements. Beginning and ending a statement costs more than
 * finding a row does; a list of values in one, as JSON, spares that.
 */
#pragma once

#include "base/buf.h"
#include "ledger/sqlite/row.h"
#include "model/taskid.h"

enum {
	ROWS_LIST = 500, /* values a statement */
	ROWS_LIST_BYTES = ROWS_LIST * (TASKID_MAX + 3) + 16,
};

/* `["a","b"]` of up to ROWS_LIST ids; a valid id needs no escapes. False: no memory. */
bool rows_list_ids(const char *const *ids, size_t n, struct buf *ret_list);

/*
 * What row_peek() finds, of up to ROWS_LIST ids; most are looked for by their submit id
 * at once, and what that does not find as row_peek() does.
 */
enum err_kind rows_peek(struct sqlite_ledger *ledger, const char *account,
    const char *const *ids, size_t n, struct row_brief *ret_rows, struct err *err);

/* How many of them have a row under this submit id, of up to ROWS_LIST? */
enum err_kind rows_count(struct sqlite_ledger *ledger, const char *account,
    const char *const *ids, size_t n, int64_t *ret_n, struct err *err);
