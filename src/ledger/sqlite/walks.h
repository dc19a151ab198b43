/*
 * walks.h - how far a walk through a listing is, for the files of the ledger.
 */
#pragma once

#include "ledger/sqlite/handle.h"

/* Inside a transaction of the caller. */
enum err_kind walk_write(struct sqlite_ledger *ledger, const char *account,
    const struct ledger_page *page, struct err *err);
