#include "core/verbs/measure.h"

#include <string.h>

#include "base/cleanup.h"
#include "core/account/asking.h"

struct others {
	const char *submit_id; /* not this one */
	size_t n;
};

static bool count_other(void *payload, const struct open_task *task)
{
	struct others *others = payload;

	/* One that has only files to be fetched is over for the balance. */
	if ((!task_state_is_final(task->state) ||
		(task->is_doubtful && task->state == TASK_FAILED)) &&
	    strcmp(task->submit_id, others->submit_id) != 0)
		others->n++;
	return true;
}

/* Other tasks may be charged, or given back, just now; then a note has been made. */
static bool has_others(struct dq *dq, const char *submit_id)
{
	struct others others = { submit_id, 0 };
	struct err err;

	if (ledger_open_tasks(dq->ledger, dq->profile, count_other, &others, &err)) {
		session_note(dq, "what task '%s' costs is not measured: %s", submit_id,
		    err_shown(&err));
		return true;
	}
	if (others.n > 0)
		session_tell(dq, DQ_NOTE_COST,
		    "what task '%s' costs is not measured: the account has other "
		    "unfinished "
		    "tasks (%zu), which may change its balance, too",
		    submit_id, others.n);
	return others.n > 0;
}

/* False: a note says why not. */
static bool read_balance(
    struct dq *dq, const char *submit_id, struct service_credit *ret_credit)
{
	struct err err;

	if (!asking_credit(dq, ret_credit, &err))
		return true;
	session_note(
	    dq, "what task '%s' costs is not measured: %s", submit_id, err_shown(&err));
	return false;
}

void measure_begin(struct dq *dq, const char *submit_id, struct measure *ret_measure)
{
	struct service_credit credit;

	*ret_measure = (struct measure){ .submit_id = NULL };
	if (has_others(dq, submit_id) || !read_balance(dq, submit_id, &credit))
		return;
	*ret_measure =
	    (struct measure){ .submit_id = submit_id, .before = credit.balance };
}

/* Was it accepted? Its submit is over then, and it is not known to have failed. */
static bool was_accepted(struct dq *dq, const char *submit_id)
{
	_cleanup_(task_freep) struct task *task = NULL;
	struct err ignored;

	return !ledger_find(dq->ledger, dq->profile, submit_id, &task, &ignored) &&
	    task &&
	    (task->state == TASK_QUEUED || task->state == TASK_GENERATING ||
		task->state == TASK_PARTIAL || task->state == TASK_SUCCEEDED);
}

static void write_down(struct dq *dq, const char *submit_id, int64_t credits)
{
	_cleanup_(task_freep) struct task *task = task_new();
	struct err err;

	if (!task)
		return;
	task->submit_id = submit_id;
	task->has_credits = task->credits_are_measured = true;
	task->credits = credits;
	if (ledger_observe(dq->ledger, dq->profile, &task, NULL, 1,
		session_server_unix_ms(dq), &err))
		session_note(dq, "what task '%s' costs is not written down: %s",
		    submit_id, err_shown(&err));
	else
		session_tell(dq, DQ_NOTE_COST,
		    "task '%s' costs %lld, by the balance before and after", submit_id,
		    (long long)credits);
}

void measure_end(struct dq *dq, const struct measure *measure)
{
	const char *id = measure->submit_id;
	struct service_credit after;
	int64_t credits;

	if (!id || !was_accepted(dq, id) || has_others(dq, id) ||
	    !read_balance(dq, id, &after))
		return;
	credits = balance_fell(&measure->before, &after.balance,
	    after.server_unix_ms > 0 ? after.server_unix_ms / 1000
				     : session_server_unix_ms(dq) / 1000);
	if (credits >= 0)
		write_down(dq, id, credits);
	else
		session_tell(dq, DQ_NOTE_COST,
		    "what task '%s' costs is not measured: something else has changed "
		    "the balance, too",
		    id);
}
