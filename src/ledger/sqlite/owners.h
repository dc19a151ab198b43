/*
 * owners.h - who holds leases, and who of them still lives: the rows of `owners`, and the
 * locks of their processes (live.h). lease.c says what they mean.
 */
#pragma once

#include "base/buf.h"
#include "ledger/lease.h"
#include "ledger/sqlite/handle.h"

struct owner {
	int64_t number, renewed_unix_ms;
	bool is_alive; /* its lock is held */
};

/* All rows of `owners` at one moment, sorted by number. */
struct owners {
	struct sqlite_ledger *ledger;
	struct buf rows; /* of struct owner */
	int64_t now_unix_ms;
};

struct owners owners_make(struct sqlite_ledger *ledger, int64_t now_unix_ms);
void owners_release(struct owners *owners);
/* Reads all rows, and asks the kernel who of them lives. In a transaction. */
enum err_kind owners_load(struct owners *owners, struct err *err);
/* May the lease of that owner be taken? 0 is nobody. */
bool owners_let_go(struct owners *owners, int64_t number);
enum err_kind owners_remove_dead(struct owners *owners, struct err *err);

/* We are here: the one row that renewing costs. */
enum err_kind owner_write(
    struct sqlite_ledger *ledger, int64_t now_unix_ms, struct err *err);
enum err_kind owner_delete(struct sqlite_ledger *ledger, int64_t number, struct err *err);
