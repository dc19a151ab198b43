/*
 * books.h - does the ledger hold what it should, and in the files that we opened?
 *
 * The table `books` has one row: the ledger's name, its generation, and how many tasks,
 * keys and assets there are. Triggers keep the counts, so they are right whoever writes.
 * A second look-up table of keys, `keys`, is kept by triggers, too: what decides about
 * paying is asked of both.
 *
 * At opening, the counts are compared with the rows and the generation with the
 * mark (mark.h). Files of up to BOOKS_WHOLE_PAGES are read whole, which takes some
 * 10 ms a MiB of each command: every page and every index, but not what the tables say
 * about values. Of larger ones the indexes are counted only. The rest is checked where it
 * is used (row.c), and by 'dreamq ledger check'.
 *
 *   rows are missing within the file   it is damaged: ERR_LEDGER, nothing is written to
 * it the file is behind its mark        it is sound, but old: results go on coming home,
 * and nothing is paid (ledger_doubt())
 *
 * Before each writing transaction, and behind each durable one, the names of the file,
 * its log and its index must still lead to the files that we opened: three stat() calls.
 * A log that was deleted takes what we write into it along.
 */
#pragma once

#include <sys/types.h>

#include "base/err.h"
#include "ledger/sqlite/mark.h"
#include "ledger/sqlite/sql.h"

enum { BOOKS_WHOLE_PAGES = 512, BOOKS_FILES = 3 };

struct books {
	struct sql *sql;
	struct sql_guard guard;
	struct mark_file mark;
	char name[MARK_NAME_MAX + 1];
	int64_t generation, tasks; /* of the transaction going on, or the last one */
	int64_t marked; /* the generation that is in the mark, as far as we know */
	struct err doubt; /* what seems to be missing; ERR_OK: nothing */
	struct {
		bool is_known;
		dev_t dev;
		ino_t ino;
	} files[BOOKS_FILES]; /* the ledger, -wal, -shm */
};

/*
 * Compare, and look on from now on. `before` is the mark as it was before the ledger was
 * opened. ERR_LEDGER: damaged.
 */
enum err_kind books_open(
    struct books *books, struct sql *sql, const struct mark *before, struct err *err);
void books_release(struct books *books);

/* Returns ERR_LEDGER when something may be paid a second time. */
enum err_kind books_may_pay(const struct books *books, struct err *err);

/* The ledger is right as it is: forget the mark that says otherwise. */
enum err_kind books_accept(struct books *books, struct err *err);

struct books_counts {
	int64_t generation, tasks, keys, assets; /* as the books say */
	int64_t has_tasks, has_keys, has_assets; /* rows */
	char trouble[200]; /* what sqlite found first; "" nothing */
};
/*
 * Counts in one moment; `whole`: every page is read. Trouble with reading is ERR_LEDGER.
 */
enum err_kind books_count(
    struct sql *sql, bool whole, struct books_counts *ret_counts, struct err *err);
bool books_agree(const struct books_counts *counts);
/* Says what does not agree, and what to do: ERR_LEDGER. */
enum err_kind books_refuse(
    const struct sql *sql, const struct books_counts *counts, struct err *err);
/*
 * Checks every page and nothing else, of a schema that has no books. ret_counts->trouble.
 */
enum err_kind books_check_pages(
    struct sql *sql, struct books_counts *ret_counts, struct err *err);
/* As books_open() finds it, and nothing is written: "" when the mark does not object. */
enum err_kind books_find_doubt(struct sql *sql, const struct books_counts *counts,
    const struct mark *before, struct err *ret_doubt, struct err *err);
