/*
 * memory.h - a ledger of structs, which lives as long as the process: the second back
 * end, for tests. "memory:NAME" is the same ledger for every handle, until
 * memory_forget_all().
 *
 * A handle is an owner from its first lease or request on, and dead when it was closed,
 * or when memory_abandon() says that its process was killed.
 */
#pragma once

#include "ledger/ops.h"
#include "ledger/rules/limits.h"

extern const struct ledger_ops ledger_memory;

/* Without a word, as a process that is killed: what it has leased and sends stays so. */
void memory_abandon(struct ledger *ledger);
/* Every handle is closed. */
void memory_forget_all(void);
