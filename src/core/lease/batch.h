/*
 * batch.h - many ids, and whether their leases are ours, in one transaction. Of a long
 * list portions of LEASE_BATCH_MAX are asked for: others need not wait for long, and what
 * it takes is small.
 */
#pragma once

#include "core/account/session.h"
#include "ledger/lease.h"

enum { LEASE_BATCH_MAX = 10000 };

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
