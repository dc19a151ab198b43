/*
 * permits.h - who has said that a task may be submitted.
 */
#pragma once

#include "ledger/ledger.h"
#include "ledger/sqlite/handle.h"

/*
 * Takes intent->permit (not NULL) for its new task, within a transaction. ERR_USAGE: its
 * word was taken before, or there were as many without a word in these 24 hours.
 */
enum err_kind permit_take(
    struct sqlite_ledger *ledger, const struct intent *intent, struct err *err);
