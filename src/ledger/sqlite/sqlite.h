/*
 * sqlite.h - the ledger in a file of SQLite.
 */
#pragma once

#include "ledger/ops.h"

extern const struct ledger_ops ledger_sqlite;
