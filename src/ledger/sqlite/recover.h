/*
 * recover.h - the rows of a damaged ledger, as far as they can be read, into a new one.
 * For recover.c, which knows what a ledger's rows are.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "ledger/sqlite/handle.h"

struct recovery {
	sqlite3 *from; /* NULL: not open */
	struct sqlite_ledger *into;
	struct sql *sql; /* its */
	bool has_begun; /* what lies at its name is ours */
	bool has_failed; /* a table could not be read to its end */
	int64_t last_id, names;
};

struct recovery_table {
	const char *name, *key;
};

/*
 * Reads a table from its beginning until that fails, from its end until that fails, and
 * then, for tasks, id by id: a look-up needs the pages on its way only. A column that one
 * of the two files has not is left out, and so is a row that the new table refuses.
 */
enum err_kind recovery_copy(
    struct recovery *r, const struct recovery_table *table, struct err *err);

/*
 * Each row that `select` gives of the source into `insert`, a statement of the new file
 * with a parameter for each column. has_failed: it could not be read to its end.
 */
enum err_kind recovery_select(
    struct recovery *r, const char *select, sqlite3_stmt *insert, struct err *err);
