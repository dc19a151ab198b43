/*
 * leases.h - many ids, and whether their leases are ours: all of a run's are asked
 * for in one transaction.
 */
#pragma once

#include "core/engine/engine.h"

/* An id with what is known of it, while it gets its role. */
struct candidate {
	char id[TASKID_MAX + 1];
	bool is_waiting;
};

struct leases {
	struct candidate *all;
	struct lease *leases; /* what leases_take() got: one for each */
	size_t n, room;
	bool has_failed; /* no memory */
};

void leases_release(struct leases *c);
void leases_add(struct leases *c, const char *id, bool is_waiting);
/* Ask for them all; then c->leases tells which we have. */
enum err_kind leases_take(struct engine *engine, struct leases *c, struct err *err);
