/*
 * own.h - whose task is it? One process owns a task at a time; only the owner
 * asks for it again and again, and fetches its files (ledger.h has the leases).
 *
 * What another process owns is followed through the ledger: its news are told, and
 * it is taken over when its owner gives it back or is gone. A watch follows nobody: it
 * takes what is free, again and again, also what other processes add.
 *
 * A single look (GOAL_QUERY) owns nothing: it is a reading.
 */
#pragma once

#include "core/engine/engine.h"

enum {
	OWN_STEP_MS = 1000, /* between two glances at what others did; longer when they
			       take long */
	OWN_DEAD_MS = 5000, /* a dead owner changes nothing in the ledger: look anyway */
};

/* Once a run, before its first step. A watch takes what is free with its first step. */
enum err_kind own_begin(struct engine *engine, struct err *err);
/* The ids of the wish become items, in the role that each has. Of own_begin(). */
enum err_kind own_take_ids(struct engine *engine, struct err *err);
void own_free(struct engine *engine); /* gives back every lease */

void own_step(struct engine *engine, int64_t now_ms);
int64_t own_next_ms(const struct engine *engine);
/* Glance at the ledger with the next step, whatever the clock says. */
void own_hurry(struct engine *engine);

/* Give it back, with the next step. */
void own_release(struct engine *engine, struct item *item);
/* It is not ours any more: another owns it now, or it was forgotten. */
void own_lost(struct engine *engine, struct item *item);
/* An item gets its role by what the lease says. */
enum err_kind own_place(struct engine *engine, struct item *item,
    const struct lease *lease, bool is_waiting, struct err *err);
