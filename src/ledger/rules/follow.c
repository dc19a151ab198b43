/*
 * follow.c - what is followed of a poll and of an answer, and what stays as it was.
 */
#include <stdio.h>
#include <string.h>

#include "ledger/rules/limits.h"
#include "ledger/rules/merge.h"
#include "model/taskid.h"

void merge_refusal(const struct merge *merge, const struct task *known,
    const struct task *seen, char into[MERGE_REFUSAL_MAX])
{
	into[0] = '\0';
	if (merge->is_move_illegal)
		(void)snprintf(into, MERGE_REFUSAL_MAX,
		    "a poll showed '%s'; it stays '%s'", task_state_name(seen->state),
		    task_state_name(known->state));
	else if (merge->has_too_many)
		(void)snprintf(into, MERGE_REFUSAL_MAX,
		    "a poll showed more than %d assets; the others are left out",
		    LEDGER_ASSETS_MAX);
}

void merge_complete(struct task *seen, const struct task *after)
{
	const struct task observed = *seen;

	*seen = *after;
	seen->arena = observed.arena;
	seen->submit_id = observed.submit_id;
	seen->poll_interval_ms = observed.poll_interval_ms;
	seen->forecast_generate_s = observed.forecast_generate_s;
	seen->forecast_queue_s = observed.forecast_queue_s;
	seen->warning = observed.warning;
	seen->left_out = observed.left_out;
	seen->is_missed = observed.is_missed;
	seen->is_hasty = observed.is_hasty;
}

bool merge_is_refuted(const struct task *known, const struct task *seen)
{
	return task_end_is_doubtful(known) && !seen->may_have_ended &&
	    (seen->state == TASK_QUEUED || seen->state == TASK_GENERATING);
}

static void take_ids(struct task *task, const char *history_id, const char *alias_id)
{
	if (taskid_is_valid(history_id))
		task->history_id = history_id;
	if (taskid_is_valid(alias_id) && strcmp(alias_id, task->submit_id) != 0)
		task->alias_id = alias_id;
}

void merge_answer(struct task *task, enum task_state state, const struct task_fail *fail,
    const char *history_id, const char *alias_id)
{
	const bool is_ours_to_say =
	    task->state == TASK_SUBMITTING || task->state == TASK_UNKNOWN;

	take_ids(task, history_id, alias_id);
	if (!is_ours_to_say || !task_state_may_become(task->state, state))
		return;
	task->state = state;
	if (task->state == TASK_FAILED)
		task->fail = *fail;
}

void merge_credits(struct task *task, int64_t credits, bool are_measured)
{
	if (credits < 0 || credits > TASK_NUMBER_MAX)
		return;
	if (task->has_credits && task->credits_are_measured && !are_measured)
		return;
	task->has_credits = true;
	task->credits = credits;
	task->credits_are_measured = are_measured;
}
