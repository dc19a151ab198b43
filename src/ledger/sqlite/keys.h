/*
 * keys.h - whose task an idempotency key names.
 */
#pragma once

#include "ledger/ledger.h"
#include "ledger/sqlite/handle.h"

/*
 * Decides within a transaction. *known is filled when a task from before is what was
 * asked for; a repeat of that task, or of the same content, takes its key over;
 * ERR_USAGE: the key is another request's.
 */
enum err_kind key_settle(struct sqlite_ledger *ledger, const struct intent *intent,
    struct intended *known, struct err *err);
