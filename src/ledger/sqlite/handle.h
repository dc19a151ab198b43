/*
 * handle.h - what the files of the ledger share. Nobody else includes it.
 */
#pragma once

#include "ledger/ops.h"
#include "ledger/rules/limits.h"
#include "ledger/sqlite/books.h"
#include "ledger/sqlite/live.h"
#include "ledger/sqlite/sql.h"

enum { LEDGER_NOTED = 64 };

struct sqlite_ledger {
	struct ledger base; /* first */
	struct sql sql;
	struct live live;
	struct books books;
	bool is_owner; /* we have a row in `owners` */
	int64_t renewed_unix_ms; /* what it says */
	/* The last event of a task that this transaction has added; seq 0: none. */
	struct noted {
		int64_t task, seq;
	} noted[LEDGER_NOTED]; /* by the task's number, of two with one place the later */
	bool has_data_version;
	int64_t data_version; /* sqlite's, when ledger_has_changed() asked last */
};

static inline struct sqlite_ledger *sqlite_of(struct ledger *base)
{
	return (struct sqlite_ledger *)base;
}

static inline const struct sqlite_ledger *sqlite_of_const(const struct ledger *base)
{
	return (const struct sqlite_ledger *)base;
}

static inline enum err_kind ledger_no_memory(
    const struct sqlite_ledger *ledger, struct err *err)
{
	return err_set(
	    err, ERR_NOMEM, "out of memory in the ledger '%s'", ledger->sql.path);
}

enum err_kind sqlite_open_url(const char *url, const struct ledger_options *options,
    struct sqlite_ledger **ret_ledger, struct err *err);
void sqlite_close_own(struct sqlite_ledger *ledger); /* NULL: nothing happens */

/* The absolute path of the file that `url` names, without links; malloc'ed. */
enum err_kind ledger_file_of(const char *url, char **ret_path, struct err *err);

/* May it be opened? ERR_NOT_FOUND: there is none. It is not opened, and not made. */
enum err_kind ledger_check_file(const char *path, struct err *err);

/* What is read makes no sense: it can't have been written so. */
static inline enum err_kind ledger_is_damaged(
    struct sqlite_ledger *ledger, struct err *err)
{
	return sql_fail(&ledger->sql, SQLITE_CORRUPT, err);
}

/*
 * One transaction, as the work that is done in it. A back end may run the work again,
 * from its beginning: after what it wrote was undone, or after it was committed and the
 * answer was lost. So the work sets anew whatever it gives out, and what it finds of
 * itself from before is as good as done.
 */
typedef enum err_kind ledger_work(
    struct sqlite_ledger *ledger, void *payload, struct err *err);
enum err_kind ledger_run(struct sqlite_ledger *ledger, enum sql_purpose purpose,
    ledger_work *work, void *payload, struct err *err);

/* Adds an event, inside a transaction of the caller. `at_unix_ms` 0 is now. */
enum err_kind event_add(struct sqlite_ledger *ledger, int64_t task, int64_t at_unix_ms,
    const char *what, const char *text, struct err *err);
/* Is the same event there already? */
enum err_kind event_is_known(struct sqlite_ledger *ledger, int64_t task, const char *what,
    const char *text, bool *ret_is_known, struct err *err);

/* The task is not what it was: for changes of its assets; row_update() does it, too. */
enum err_kind task_touch(struct sqlite_ledger *ledger, int64_t task, struct err *err);

/* Give back every lease of this handle; at its end. */

/*
 * Set is_open to what the rows say now: not ended, succeeded with files to fetch, or with
 * an end that may change. Each operation that touches state or assets ends with it, and
 * says whether the task was over before (row_is_over()): an end is told once.
 */
enum err_kind task_settle_open(struct sqlite_ledger *ledger, int64_t task, bool was_over,
    int64_t now_unix_ms, struct err *err);
