/*
 * deliveries.h - rows of deliveries, for those who write what is to be told. Inside a
 * transaction of the caller; nothing happens when nobody wants to be told of it.
 */
#pragma once

#include "ledger/sqlite/handle.h"

/* It was not over (row_is_over()) so far: is it now? */
enum err_kind delivery_of_end(
    struct sqlite_ledger *ledger, int64_t task, int64_t now_unix_ms, struct err *err);
/* File `index` of it is stored. */
enum err_kind delivery_of_file(struct sqlite_ledger *ledger, int64_t task, int index,
    int64_t now_unix_ms, struct err *err);
