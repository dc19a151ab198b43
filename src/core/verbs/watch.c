/*
 * watch.c - the verb that never ends.
 */
#include "base/cleanup.h"
#include "base/hours.h"
#include "core/browse/browse.h"
#include "core/common/given.h"
#include "core/engine/engine.h"

/* Each try waits as long as the ledger does, and says so. Until --max-wait is over. */
static enum err_kind wait_for_ledger(struct dq *dq, struct err *err)
{
	enum err_kind kind;

	do {
		kind = session_ledger(dq, err);
	} while (kind == ERR_LOCKED && !session_is_to_end(dq) && !session_is_late(dq));
	return kind;
}

enum dq_status dq_watch(
    struct dq *dq, const struct dq_watch *given, struct dq_error *ret_error)
{
	_cleanup_(session_verb_ends) struct dq *running = dq;
	const struct browse_wanted all = { .kind = MEDIA_UNKNOWN };
	struct dq_watch watch;
	struct hours_list hours;
	struct run_spec spec = { .goal = GOAL_WATCH, .get = &watch.get, .wanted = &all };
	struct err err;

	given_take(&watch, sizeof(watch), given);
	spec.until_idle = watch.until_idle;
	spec.browse_every_ms = watch.sync_every_ms;
	if (watch.hours && hours_list_parse(watch.hours, &hours, &err))
		return session_fail(&err, ret_error);
	spec.hours = watch.hours ? &hours : NULL;
	session_set_max_wait(dq, watch.get.wait.max_wait_ms);
	if (wait_for_ledger(dq, &err) || session_net(dq, &err))
		return session_fail(&err, ret_error);
	if (session_service(dq, &err) && err.kind != ERR_AUTH)
		return session_fail(&err, ret_error);
	if (engine_run(dq, &spec, &err))
		return session_fail(&err, ret_error);
	return DQ_OK;
}

void dq_drain(struct dq *dq, int64_t grace_ms)
{
	struct net *net = atomic_load(&dq->wakes);

	atomic_store(&dq->drain_grace_ms, grace_ms < 0 ? 0 : grace_ms);
	if (net)
		net_wake(net);
}
