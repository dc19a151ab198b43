#include "core/lease/batch.h"

#include <stdlib.h>
#include <string.h>

void lease_batch_release(struct lease_batch *batch)
{
	free(batch->all);
	free(batch->leases);
}

void lease_batch_add(struct lease_batch *batch, const char *id, bool is_waiting)
{
	if (batch->n == batch->room) {
		const size_t room = batch->room ? 2 * batch->room : 64;
		struct candidate *all = realloc(batch->all, room * sizeof(*all));

		if (all)
			batch->all = all;
		batch->has_failed |= !all;
		if (batch->has_failed)
			return;
		batch->room = room;
	}
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
