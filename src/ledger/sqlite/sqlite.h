/*
 * sqlite.h - the ledger in a file of SQLite.
 */
#pragma once

#include "ledger/ops.h"

/* Nobody asks SQLite how much memory it has: it need not count, under a lock. */
void sqlite_own_process(void);

extern const struct ledger_ops ledger_sqlite;
