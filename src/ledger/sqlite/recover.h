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
	bool has_refused; /* a row that was read is none that the new file takes */
	int64_t last_id, names;
};

struct recovery_table {
	const char *name, *key;
	bool is_of_tasks; /* the key is, or begins with, the number of a task */
	int since; /* the schema that made it */
	const char *part; /* what care_saved.unread calls it; NULL: nobody misses it */
	const char *index, *index_key; /* one that has the whole row; NULL: none has */
};

/*
 * Reads a table from its beginning until that fails, from its end until that fails, and
 * then task by task: a look-up needs the pages on its way only. What an index has
 * is read from there, too. A column that one of the two files has not is left out, and so
 * is a row that the new table refuses. Is it provably all? *ret_is_whole.
 */
enum err_kind recovery_copy(struct recovery *r, const struct recovery_table *table,
    bool *ret_is_whole, struct err *err);

/*
 * Each row that `select` gives of the source into `insert`, a statement of the new file
 * with a parameter for each column. has_failed: it could not be read to its end.
 */
enum err_kind recovery_select(
    struct recovery *r, const char *select, sqlite3_stmt *insert, struct err *err);
