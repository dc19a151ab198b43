#include "core/stats/count.h"

#include "base/cleanup.h"
#include "core/account/session.h"
#include "core/stats/past.h"

struct counting {
	struct dq *dq;
	struct stats_count *count;
};

static bool count_task(void *payload, const struct past_task *task)
{
	const struct counting *counting = payload;

	stats_count_add(counting->count, task);
	return !atomic_load(&counting->dq->is_interrupted);
}

static void free_dists(struct dists **dists)
{
	dists_free(*dists);
}

static enum err_kind collect(
    struct dq *dq, int64_t since_unix_ms, struct dq_stats **ret_stats, struct err *err)
{
	_cleanup_(stats_count_freep) struct stats_count *count = stats_count_new();
	_cleanup_(free_dists) struct dists *dists = dists_new();
	struct counting counting = { dq, count };
	struct dq_stats *stats;

	if (!count || !dists)
		return err_set(err, ERR_NOMEM, "out of memory");
	if (session_ledger_to_read(dq, err))
		return err->kind;
	if (dq->ledger &&
	    (ledger_past(
		 dq->ledger, dq->profile, since_unix_ms, 0, count_task, &counting, err) ||
		past_teach(dq->ledger, dq->profile, dists, err)))
		return err->kind;
	if (atomic_load(&dq->is_interrupted))
		return err_set(err, ERR_CANCELLED, "interrupted");
	stats = stats_count_take(count, dists);
	if (!stats)
		return err_set(err, ERR_NOMEM, "out of memory");
	*ret_stats = stats;
	return ERR_OK;
}

enum dq_status dq_stats(struct dq *dq, int64_t since_unix_ms, struct dq_stats **ret_stats,
    struct dq_error *ret_error)
{
	_cleanup_(session_verb_ends) struct dq *running = dq;
	struct err err;

	session_verb_begins(dq, 0);
	if (collect(dq, since_unix_ms, ret_stats, &err))
		return session_fail(&err, ret_error);
	if (!session_ledger_trouble(dq, &err))
		return DQ_OK;
	dq_stats_free(*ret_stats);
	return session_fail(&err, ret_error);
}
