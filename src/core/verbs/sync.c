/*
 * sync.c - the verb that brings home what an account has.
 */
#include "dreamq/sync.h"

#include "base/cleanup.h"
#include "core/browse/browse.h"
#include "core/common/given.h"
#include "core/engine/engine.h"

static enum err_kind read_wanted(
    const struct dq_sync *sync, struct browse_wanted *ret_wanted, struct err *err)
{
	*ret_wanted = (struct browse_wanted){
		.since_unix_ms = sync->since_unix_ms,
		.limit = sync->limit,
		.anew = sync->full,
		.only_tells = sync->dry_run,
	};
	if (!sync->kind)
		return ERR_OK;
	ret_wanted->kind = media_kind_parse(sync->kind);
	if (ret_wanted->kind == MEDIA_UNKNOWN)
		return err_set(err, ERR_USAGE, "there is no kind '%.40s'", sync->kind);
	return ERR_OK;
}

static void count(const struct dq *dq, struct dq_synced *synced)
{
	const struct dq_totals *totals = &dq->totals;

	if (synced)
		*synced = (struct dq_synced){
			.listed = totals->listed,
			.adopted = totals->adopted,
			.files = totals->files_stored,
			.bytes = totals->bytes_done,
			.requests = totals->requests,
		};
}

enum dq_status dq_sync(struct dq *dq, const struct dq_sync *given,
    struct dq_synced *ret_synced, struct dq_error *ret_error)
{
	_cleanup_(session_verb_ends) struct dq *running = dq;
	struct dq_sync sync;
	struct browse_wanted wanted;
	struct run_spec spec = { .wanted = &wanted, .get = &sync.get };
	struct err err;
	enum err_kind kind;

	given_take(&sync, sizeof(sync), given);
	spec.goal = sync.dry_run ? GOAL_LIST_NEW : GOAL_SYNC;
	session_set_max_wait(dq, sync.get.wait.max_wait_ms);
	session_verb_begins(dq, 0); /* so that there is something to count */
	kind = read_wanted(&sync, &wanted, &err);
	if (!kind)
		kind = session_ledger(dq, &err);
	if (!kind)
		kind = session_service(dq, &err);
	if (!kind)
		kind = engine_run(dq, &spec, &err);
	count(dq, ret_synced);
	return kind ? session_fail(&err, ret_error) : DQ_OK;
}
