/*
 * verbs.c - the public verbs over many ids, and the ledger's books.
 */
#include <string.h>

#include "base/cleanup.h"
#include "base/say.h"
#include "core/account/session.h"
#include "core/common/given.h"
#include "core/engine/engine.h"

static const struct err no_ids = { .kind = ERR_USAGE,
	.msg = N_("no task ids were given") };

static enum dq_status run(struct dq *dq, enum goal goal, const char *const *ids, size_t n,
    const struct dq_get *get, struct dq_error *ret_error)
{
	_cleanup_(session_verb_ends) struct dq *running = dq;
	const struct run_spec spec = { .goal = goal, .ids = ids, .n = n, .get = get };
	struct err err;

	if (n == 0)
		return session_fail(&no_ids, ret_error);
	session_set_max_wait(dq, get ? get->wait.max_wait_ms : 0);
	if (session_ledger(dq, &err) || session_service(dq, &err) ||
	    engine_run(dq, &spec, &err))
		return session_fail(&err, ret_error);
	return DQ_OK;
}

enum dq_status dq_query(
    struct dq *dq, const char *const *ids, size_t n, struct dq_error *ret_error)
{
	return run(dq, GOAL_QUERY, ids, n, NULL, ret_error);
}

enum dq_status dq_wait(struct dq *dq, const char *const *ids, size_t n,
    const struct dq_wait *wait, struct dq_error *ret_error)
{
	struct dq_get get = { .size_bytes = sizeof(get) };

	given_take(&get.wait, sizeof(get.wait), wait);
	return run(dq, GOAL_WAIT, ids, n, &get, ret_error);
}

enum dq_status dq_get(struct dq *dq, const char *const *ids, size_t n,
    const struct dq_get *given, struct dq_error *ret_error)
{
	struct dq_get get;

	given_take(&get, sizeof(get), given);
	return run(dq, GOAL_GET, ids, n, &get, ret_error);
}

static enum err_kind find(
    struct dq *dq, const char *id, struct task **ret_task, struct err *err)
{
	if (session_ledger_to_read(dq, err) ||
	    (dq->ledger && ledger_find(dq->ledger, dq->profile, id, ret_task, err)))
		return err->kind;
	if (!*ret_task && session_ledger_trouble(dq, err))
		return err->kind;
	if (!*ret_task) {
		err_set(err, ERR_NOT_FOUND, "the ledger of profile '%s' has no task '%s'",
		    dq->profile, id);
		return ERR_NOT_FOUND;
	}
	return ERR_OK;
}

enum dq_status dq_show(struct dq *dq, const char *id, struct dq_error *ret_error)
{
	_cleanup_(task_freep) struct task *task = NULL;
	struct err err;

	session_verb_begins(dq, 1);
	if (find(dq, id, &task, &err) || !task)
		return session_fail(&err, ret_error);
	session_emit_task(dq, DQ_EVENT_TASK, task);
	return DQ_OK;
}

struct listener {
	void (*on_line)(
	    void *payload, int64_t at_unix_ms, const char *what, const char *text);
	void *payload;
};

static bool tell_line(void *payload, const struct ledger_event *event)
{
	const struct listener *listener = payload;

	listener->on_line(listener->payload, event->at_unix_ms, event->what, event->text);
	return true;
}

enum dq_status dq_events(struct dq *dq, const char *id,
    void (*on_line)(
	void *payload, int64_t at_unix_ms, const char *what, const char *text),
    void *payload, struct dq_error *ret_error)
{
	_cleanup_(task_freep) struct task *task = NULL;
	struct listener listener = { on_line, payload };
	struct err err;

	if (find(dq, id, &task, &err) || !task ||
	    ledger_events(
		dq->ledger, dq->profile, task->submit_id, tell_line, &listener, &err))
		return session_fail(&err, ret_error);
	return DQ_OK;
}

static enum err_kind forget_file(
    struct dq *dq, const char *id, int index, struct err *err)
{
	_cleanup_(task_freep) struct task *task = NULL;

	if (dq->ledger && ledger_find(dq->ledger, dq->profile, id, &task, err))
		return err->kind;
	if (!task)
		return err_set(
		    err, ERR_NOT_FOUND, "the ledger does not know task '%s'", id);
	if (ledger_asset_wanted(dq->ledger, dq->profile, task->submit_id, index, err))
		return err->kind;
	return ledger_asset_lost(
	    dq->ledger, dq->profile, task->submit_id, index, LOST_FORGOTTEN, err);
}

enum dq_status dq_forget_file(
    struct dq *dq, const char *id, int index, struct dq_error *ret_error)
{
	struct err err;

	if (session_ledger_to_read(dq, &err) || forget_file(dq, id, index, &err))
		return session_fail(&err, ret_error);
	return DQ_OK;
}

enum dq_status dq_forget(struct dq *dq, const char *id, struct dq_error *ret_error)
{
	struct err err;

	_cleanup_(task_freep) struct task *task = NULL;

	if (find(dq, id, &task, &err) || !task ||
	    ledger_forget(dq->ledger, dq->profile, id, &err))
		return session_fail(&err, ret_error);
	return DQ_OK;
}
