#include "core/lease/batch.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"

void lease_batch_release(struct lease_batch *batch)
{
	free(batch->all);
	free(batch->leases);
}

void lease_batch_add(struct lease_batch *batch, const char *id, bool is_waiting)
{
	if (!ARRAY_RESERVE(batch->all, batch->room, batch->n + 1))
		batch->has_failed = true;
	if (batch->has_failed)
		return;
	(void)stpncpy(batch->all[batch->n].id, id, TASKID_MAX);
	batch->all[batch->n].id[TASKID_MAX] = '\0';
	batch->all[batch->n++].is_waiting = is_waiting;
}

enum err_kind lease_batch_take(
    const struct dq *dq, struct lease_batch *batch, struct err *err)
{
	if (batch->has_failed)
		return err_set(err, ERR_NOMEM, "out of memory for %zu ids", batch->n);
	if (batch->n == 0)
		return ERR_OK;
	batch->leases = calloc(batch->n, sizeof(*batch->leases));
	if (!batch->leases)
		return err_set(err, ERR_NOMEM, "out of memory for %zu ids", batch->n);
	for (size_t i = 0; i < batch->n; i++)
		batch->leases[i].id = batch->all[i].id;
	return ledger_lease(
	    dq->ledger, dq->profile, batch->leases, batch->n, dq->now.unix_ms, err);
}
