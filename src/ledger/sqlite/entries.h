/*
 * entries.h - one entry of a durable transaction (ledger_commit()), inside it, each in
 * the file of its subject. What keeps it from being written goes into *ret_why, which is
 * ERR_OK before; an error is the ledger's, and ends the transaction.
 */
#pragma once

#include <stdbool.h>

#include "ledger/sqlite/handle.h"

/* A task whose assets have moved in this transaction; 0: none. */
struct moved {
	int64_t task;
	bool has_stored;
	bool may_open; /* or close: there may be more work now, or none left */
	bool may_end; /* it has succeeded, and this file was still to be had */
};
/*
 * What the moves mean for their tasks, once for each of them: another version, what is
 * finished, whether there is work left. The rows are sorted.
 */
enum err_kind settle_moved(struct sqlite_ledger *ledger, struct moved *moved, size_t n,
    int64_t now_unix_ms, struct err *err);

/*
 * *begun is the row that this very call has begun, when it is run again; 0: none. The
 * body of before is freed.
 */
enum err_kind commit_send(struct sqlite_ledger *ledger, const char *account,
    struct entry_send *send, int64_t *begun, struct err *ret_why, struct err *err);
enum err_kind commit_answer(struct sqlite_ledger *ledger, const char *account,
    const struct answered *answered, struct err *ret_why, struct err *err);
/* Here it is entry->why. What it means for the task is left to settle_moved(). */
enum err_kind commit_move(struct sqlite_ledger *ledger, const char *account,
    struct ledger_entry *entry, int64_t now_unix_ms, struct moved *ret_moved,
    struct err *err);
