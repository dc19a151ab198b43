/*
 * foreign.h - databases (SQLite) that other programs keep of their tasks: each row of a
 * table that has ids as a JSON object, whatever else is in it.
 *
 * The database is opened read only, may be in use by its program, and stays as it is. All
 * rows are of one moment. A name of a column becomes that of a member; a text that is
 * JSON itself goes in as it is. A column whose rows all look like ids of tasks is called
 * "submit_id", when none of its table has such a name. Tables without ids are not read.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

enum {
	FOREIGN_TABLES_MAX = 100,
	FOREIGN_COLUMNS_MAX = 200, /* of a table; what is behind them is left out */
	FOREIGN_VALUE_MAX =
	    16 << 20, /* bytes; a row with a longer one ends the reading */
};

struct foreign_reader {
	/* Row `number` (from 1) of all that are read; other than ERR_OK ends it. */
	enum err_kind (*on_row)(
	    void *payload, const char *json, size_t len, size_t number, struct err *err);
	/* Shall it end? May be NULL. Asked now and then. */
	bool (*gives_up)(void *payload);
	/* Does this column's name say that it has ids; does this text look like one? */
	bool (*is_id_name)(const char *name);
	bool (*is_id)(const char *text);
	void *payload;
};

struct foreign_seen {
	char tables[200]; /* names of all, "a, b"; cut with "..." */
	size_t n_tables, n_read; /* of all; of those with ids */
	size_t n_rows; /* of the latter */
	size_t n_accounts; /* different values of a column "uid"; 0: there is none */
};

/* Does the file begin as a database does? */
bool foreign_is_database(const char *bytes, size_t len);

/*
 * Read it. ERR_USAGE: it is none, or is encrypted; ERR_IO: it can't be opened;
 * ERR_LOCKED: its program has had it locked for 5 s; ERR_CANCELLED: gives_up();
 * ERR_CONTRACT: it is damaged or cut, and what was told before is right. *ret_seen is
 * filled in any case.
 */
enum err_kind foreign_read(const char *path, const struct foreign_reader *reader,
    struct foreign_seen *ret_seen, struct err *err);
