/*
 * batch.h - many ids, and whether their leases are ours: all of a run's are asked
 * for in one transaction.
 */
#pragma once

#include "core/account/session.h"

/* An id with what is known of it, while it gets its role. */
struct candidate {
	char id[TASKID_MAX + 1];
	bool is_waiting;
};

struct lease_batch {
	struct candidate *all;
	struct lease *leases; /* what lease_batch_take() got: one for each */
	size_t n, room;
	bool has_failed; /* no memory */
};

void lease_batch_release(struct lease_batch *batch);
void lease_batch_add(struct lease_batch *batch, const char *id, bool is_waiting);
/* Ask for them all; then batch->leases tells which we have. */
enum err_kind lease_batch_take(
    const struct dq *dq, struct lease_batch *batch, struct err *err);
