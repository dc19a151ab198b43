/*
 * follow.h - whose task is it? One process owns a task at a time; only the owner
 * asks for it again and again, and fetches its files (ledger.h has the leases).
 *
 * What another process owns is followed through the ledger: its news are told, and
 * it is taken over when its owner gives it back or is gone. A watch follows nobody: it
 * takes what is free, again and again, also what other processes add (search.h).
 *
 * A single poll (GOAL_QUERY) owns nothing: it is a reading.
 */
#pragma once

#include "core/engine/run.h"

/* Once a run, before its first step. A watch takes what is free with its first step. */
enum err_kind follow_begin(struct engine *engine, struct err *err);
void follow_end(struct engine *engine); /* gives back every lease */
void follow_step(struct engine *engine);
int64_t follow_next_ms(const struct engine *engine);
