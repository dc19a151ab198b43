/*
 * resolve.c - which known task is meant: by its id, or by how that begins.
 */
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "core/account/session.h"
#include "model/task.h"
#include "model/taskid.h"

static enum err_kind find(
    struct dq *dq, const char *id, char ret_id[TASKID_MAX + 1], struct err *err)
{
	_cleanup_(task_freep) struct task *task = NULL;
	struct ledger_found found;

	(void)snprintf(ret_id, TASKID_MAX + 1, "%s", id);
	if (strlen(id) < DQ_PREFIX_MIN || strlen(id) >= TASKID_MAX)
		return ERR_OK;
	/* Whoever only asks makes no ledger; the verb itself says that it misses one. */
	if (session_ledger_if_there(dq, err) ||
	    (dq->ledger && ledger_find(dq->ledger, dq->profile, id, &task, err)))
		return err->kind;
	if (task || !dq->ledger)
		return ERR_OK;
	if (ledger_prefix(dq->ledger, dq->profile, id, &found, err))
		return err->kind;
	if (found.n > 1)
		return err_set(err, ERR_USAGE,
		    "'%s' is the beginning of '%s', '%s'%s: write more of it", id,
		    found.ids[0], found.ids[1], found.n > 2 ? " and others" : "");
	if (found.n == 1)
		(void)snprintf(ret_id, TASKID_MAX + 1, "%s", found.ids[0]);
	return ERR_OK;
}

enum dq_status dq_resolve(
    struct dq *dq, const char *id, char ret_id[DQ_ID_MAX + 1], struct dq_error *ret_error)
{
	char resolved[TASKID_MAX + 1];
	struct err err;

	if (find(dq, id, resolved, &err))
		return session_fail(&err, ret_error);
	memcpy(ret_id, resolved, sizeof(resolved));
	return DQ_OK;
}
