/*
 * list.c - the ledger's tasks: which of them, in which order.
 */
#include <string.h>

#include "base/cleanup.h"
#include "core/account/session.h"
#include "core/common/given.h"
#include "ledger/list.h"

static bool tell_task(void *payload, const struct task *task)
{
	struct dq *dq = payload;

	session_emit_task(dq, DQ_EVENT_TASK, task);
	return !atomic_load(&dq->is_interrupted);
}

static enum err_kind set_state(
    const char *state, struct ledger_filter *filter, struct err *err)
{
	filter->only_unfinished = strcmp(state, "unfinished") == 0;
	filter->has_state = !filter->only_unfinished;
	if (filter->has_state && !task_state_parse(state, &filter->state))
		return err_set(err, ERR_USAGE, "there is no state '%s'", state);
	return ERR_OK;
}

/* Without a sort the newest come first; with one the smallest do. */
static enum err_kind set_sort(
    const char *sort, struct ledger_filter *filter, struct err *err)
{
	filter->is_ascending = sort[0] != '-';
	if (!ledger_sort_parse(sort + !filter->is_ascending, &filter->sort))
		return err_set(err, ERR_USAGE, "tasks can't be sorted by '%.100s'", sort);
	return ERR_OK;
}

static enum err_kind make_filter(const struct dq *dq, const struct dq_filter *filter,
    struct task_search *search, struct ledger_filter *ret_filter, struct err *err)
{
	*ret_filter = (struct ledger_filter){
		.account = filter->all_accounts ? NULL : dq->profile,
		.since_unix_ms = filter->since_unix_ms,
		.limit = filter->limit,
		.search = filter->search ? search : NULL,
	};
	if ((filter->state && set_state(filter->state, ret_filter, err)) ||
	    (filter->sort && set_sort(filter->sort, ret_filter, err)) ||
	    (filter->search && search_make(filter->search, search, err)))
		return err->kind;
	return ERR_OK;
}

enum dq_status dq_list(
    struct dq *dq, const struct dq_filter *given, struct dq_error *ret_error)
{
	_cleanup_(session_verb_ends) struct dq *running = dq;
	_cleanup_(search_release) struct task_search search = { .text = buf_make(0) };
	struct dq_filter filter;
	struct ledger_filter wanted;
	struct err err;

	session_verb_begins(dq, 0);
	given_take(&filter, sizeof(filter), given);
	if (make_filter(dq, &filter, &search, &wanted, &err) ||
	    session_ledger_to_read(dq, &err) ||
	    (dq->ledger && ledger_list(dq->ledger, &wanted, tell_task, dq, &err)))
		return session_fail(&err, ret_error);
	if (!atomic_load(&dq->is_interrupted))
		return session_ledger_trouble(dq, &err) ? session_fail(&err, ret_error)
							: DQ_OK;
	err_set(&err, ERR_CANCELLED, "interrupted");
	return session_fail(&err, ret_error);
}
