#include "core/lease/leases.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "core/account/session.h"
#include "ledger/lease.h"

enum {
	RELEASED_MAX = 4096, /* ids that wait to be given back */
	/* Times as long as a check took: 100 000 ids are a third of a second. */
	CHECK_REST = 9,
};

struct leases {
	struct dq *dq;
	int64_t check_ms; /* the next; 0: at once */
	int64_t sure_ms; /* the next one that does not believe that nothing has changed */
	int64_t renew_ms;
	int64_t renewed_unix_ms;
	int64_t flush_ms; /* INT64_MAX: nothing is to be given back */
	char (*released)[TASKID_MAX + 1]; /* to be given back */
	size_t n_released, released_room;
	bool is_ending;
};

enum err_kind leases_new(struct dq *dq, struct leases **ret_leases, struct err *err)
{
	struct leases *leases = calloc(1, sizeof(*leases));

	if (!leases)
		return err_set(err, ERR_NOMEM, "out of memory");
	leases->dq = dq;
	leases->check_ms = dq->now.mono_ms + LEASES_CHECK_MS;
	leases->renew_ms = dq->now.mono_ms + LEDGER_RENEW_MS;
	leases->renewed_unix_ms = dq->now.unix_ms;
	leases->flush_ms = INT64_MAX;
	*ret_leases = leases;
	return ERR_OK;
}

void leases_free(struct leases *leases)
{
	if (!leases)
		return;
	ledger_lease_release_all(leases->dq->ledger);
	free(leases->released);
	free(leases);
}

/* --- giving back ----------------------------------------------------------------- */

bool leases_flush_is_due(const struct leases *leases)
{
	return leases->dq->now.mono_ms >= leases->flush_ms;
}

void leases_flush(struct leases *leases)
{
	struct dq *dq = leases->dq;
	_cleanup_free_ const char **ids = NULL;
	struct err err;

	if (leases->n_released == 0)
		return;
	ids = calloc(leases->n_released, sizeof(*ids));
	for (size_t i = 0; ids && i < leases->n_released; i++)
		ids[i] = leases->released[i];
	/* What can't be given back now is found free when we are gone. */
	if (ids)
		(void)ledger_lease_release(
		    dq->ledger, dq->profile, ids, leases->n_released, &err);
	leases->n_released = 0;
	leases->flush_ms = INT64_MAX;
}

ANALYZER_LOSES_SIGHT
void leases_release(struct leases *leases, const char *id)
{
	if (leases->is_ending)
		return;
	if (leases->n_released == RELEASED_MAX)
		leases_flush(leases);
	if (!ARRAY_RESERVE(
		leases->released, leases->released_room, leases->n_released + 1))
		return; /* the end of the run gives it back, too */
	if (leases->n_released == 0)
		leases->flush_ms = leases->dq->now.mono_ms + LEASES_FLUSH_MS;
	(void)stpcpy(leases->released[leases->n_released++], id);
}

ANALYZER_SEES_AGAIN

void leases_end(struct leases *leases)
{
	leases->is_ending = true;
}

/* --- renewing -------------------------------------------------------------------- */

bool leases_were_away(const struct leases *leases)
{
	const int64_t gap_ms = leases->dq->now.unix_ms - leases->renewed_unix_ms;

	return gap_ms > LEDGER_LEASE_MS - LEDGER_RENEW_MS || gap_ms < 0;
}

bool leases_renew_is_due(const struct leases *leases)
{
	return leases->dq->now.mono_ms >= leases->renew_ms;
}

void leases_plan_renew(struct leases *leases)
{
	leases->renew_ms = leases->dq->now.mono_ms + LEDGER_RENEW_MS;
}

enum err_kind leases_renew(struct leases *leases, struct err *err)
{
	const struct dq *dq = leases->dq;

	if (ledger_lease_renew(dq->ledger, dq->now.unix_ms, err))
		return err->kind;
	leases->renewed_unix_ms = dq->now.unix_ms;
	return ERR_OK;
}

/* --- checking -------------------------------------------------------------------- */

bool leases_check_is_due(const struct leases *leases)
{
	return leases->dq->now.mono_ms >= leases->check_ms;
}

bool leases_check(struct leases *leases)
{
	const int64_t now_ms = leases->dq->now.mono_ms;
	const bool has_changed = ledger_has_changed(leases->dq->ledger);

	leases->check_ms = now_ms + LEASES_CHECK_MS;
	if (!has_changed && now_ms < leases->sure_ms)
		return false;
	leases->sure_ms = now_ms + LEASES_DEAD_MS;
	return true;
}

void leases_checked(struct leases *leases, int64_t took_ms)
{
	const int64_t now_ms = leases->dq->now.mono_ms;
	int64_t rest_ms = CHECK_REST * took_ms;

	if (rest_ms > LEASES_DEAD_MS)
		rest_ms = LEASES_DEAD_MS;
	if (leases->check_ms > 0 && leases->check_ms < now_ms + rest_ms)
		leases->check_ms = now_ms + rest_ms; /* 0: leases_hurry() */
}

void leases_hurry(struct leases *leases)
{
	leases->check_ms = 0;
	leases->sure_ms = 0;
}

int64_t leases_next_ms(const struct leases *leases)
{
	const int64_t next_ms =
	    leases->check_ms < leases->renew_ms ? leases->check_ms : leases->renew_ms;

	return next_ms < leases->flush_ms ? next_ms : leases->flush_ms;
}
