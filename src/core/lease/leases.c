#include "core/lease/leases.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"

void leases_release(struct leases *c)
{
	free(c->all);
	free(c->leases);
}

void leases_add(struct leases *c, const char *id, bool is_waiting)
{
	if (c->n == c->room) {
		const size_t room = c->room ? 2 * c->room : 64;
		struct candidate *all = realloc(c->all, room * sizeof(*all));

		if (all)
			c->all = all;
		c->has_failed |= !all;
		if (c->has_failed)
			return;
		c->room = room;
	}
	(void)stpncpy(c->all[c->n].id, id, TASKID_MAX);
	c->all[c->n].id[TASKID_MAX] = '\0';
	c->all[c->n++].is_waiting = is_waiting;
}

enum err_kind leases_take(struct engine *engine, struct leases *c, struct err *err)
{
	const struct dq *dq = engine->dq;

	if (c->has_failed)
		return err_set(err, ERR_NOMEM, "out of memory for %zu ids", c->n);
	if (c->n == 0)
		return ERR_OK;
	c->leases = calloc(c->n, sizeof(*c->leases));
	if (!c->leases)
		return err_set(err, ERR_NOMEM, "out of memory for %zu ids", c->n);
	for (size_t i = 0; i < c->n; i++)
		c->leases[i].id = c->all[i].id;
	return ledger_lease(
	    dq->ledger, dq->profile, c->leases, c->n, clock_unix_ms(), err);
}
