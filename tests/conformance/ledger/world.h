/*
 * world.h - a kind of ledger, as the suite needs it.
 */
#pragma once

#include "ledger/ledger.h"

/* A new name, of no ledger yet; "url" is good until world_end(). */
const char *world_begin(void);
/* What lies there goes. Every handle is closed. */
void world_end(void);
/* As a process that is killed: what it has leased and sends stays so. */
void world_kill(struct ledger *ledger);
