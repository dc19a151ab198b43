/*
 * credits.c - what an account has, what came and went; and what that says of tasks.
 */
#include "dreamq/credits.h"

#include <stdlib.h>

#include "base/cleanup.h"
#include "core/account/asking.h"
#include "core/common/given.h"
#include "core/stats/cost.h"

_Static_assert((int)DQ_CREDIT_ENDS_MAX == (int)BALANCE_ENDS_MAX, "all ends are told");

/* --- the tasks of the entries ----------------------------------------------------- */

/* What the ledger has of each of `n` things, by either of their names. */
struct tasks {
	struct task **of; /* n of them, NULL where there is none; owned */
	size_t n;
};

static void tasks_release(struct tasks *tasks)
{
	for (size_t i = 0; tasks->of && i < tasks->n; i++)
		task_free(tasks->of[i]);
	free(tasks->of);
}

static enum err_kind tasks_find(
    struct dq *dq, const struct cost *costs, struct tasks *tasks, struct err *err)
{
	tasks->of = calloc(tasks->n + 1, sizeof(struct task *));
	if (!tasks->of)
		return err_set(err, ERR_NOMEM, "out of memory");
	for (size_t i = 0; dq->ledger && i < tasks->n; i++) {
		const char *const ids[] = { costs[i].submit_id, costs[i].history_id };

		for (size_t j = 0; j < 2 && !tasks->of[i]; j++)
			if (ids[j] &&
			    ledger_find(
				dq->ledger, dq->profile, ids[j], &tasks->of[i], err))
				return err->kind;
	}
	return ERR_OK;
}

static bool is_news(const struct task *task, const struct cost *cost)
{
	return cost->is_charged &&
	    !(task->has_credits && task->credits_are_measured &&
		task->credits == cost->credits);
}

static enum err_kind write_down(struct dq *dq, const struct cost *costs,
    struct tasks *tasks, size_t *ret_n, struct err *err)
{
	struct task **seen = calloc(tasks->n + 1, sizeof(struct task *));
	enum err_kind kind = ERR_OK;
	size_t n = 0;

	if (!seen)
		return err_set(err, ERR_NOMEM, "out of memory");
	for (size_t i = 0; !kind && i < tasks->n; i++) {
		struct task *told;

		if (!tasks->of[i] || !is_news(tasks->of[i], &costs[i]))
			continue;
		told = task_new();
		if (!told) {
			kind = err_set(err, ERR_NOMEM, "out of memory");
			continue;
		}
		told->submit_id = tasks->of[i]->submit_id;
		told->has_credits = told->credits_are_measured = true;
		told->credits = costs[i].credits;
		seen[n++] = told;
	}
	if (!kind && n > 0)
		kind = ledger_observe(dq->ledger, dq->profile, seen, NULL, n,
		    session_server_unix_ms(dq), err);
	for (size_t i = 0; i < n; i++)
		task_free(seen[i]);
	free(seen);
	*ret_n = n;
	return kind;
}

/* --- telling ---------------------------------------------------------------------- */

static bool is_known(
    const struct credit_entry *entry, const struct cost *costs, const struct tasks *tasks)
{
	const size_t i = cost_index(costs, tasks->n, entry);

	return i < tasks->n && tasks->of[i];
}

static void tell(const struct dq_credits_wanted *wanted, const struct entries *entries,
    const struct cost *costs, const struct tasks *tasks)
{
	for (size_t i = 0; wanted->on_entry && i < entries->n; i++) {
		const struct credit_entry *entry = &entries->of[i];
		const struct dq_credit_entry told = {
			.at_unix_ms = entry->at_unix_ms,
			.amount = entry->amount,
			.title = entry->title,
			.submit_id = entry->submit_id,
			.history_id = entry->history_id,
			.is_known = is_known(entry, costs, tasks),
		};

		wanted->on_entry(wanted->payload, &told);
	}
}

static enum err_kind ask_history(struct dq *dq, const struct dq_credits_wanted *wanted,
    struct dq_credits *credits, struct err *err)
{
	_cleanup_(entries_release) struct entries entries = { 0 };
	_cleanup_(tasks_release) struct tasks tasks = { 0 };
	_cleanup_free_ struct cost *costs = NULL;

	if (asking_statement(dq, wanted->history, &entries, err))
		return err->kind;
	costs = calloc(entries.n + 1, sizeof(*costs));
	if (!costs)
		return err_set(err, ERR_NOMEM, "out of memory");
	tasks.n = cost_add_up(entries.of, entries.n, costs);
	if (tasks_find(dq, costs, &tasks, err))
		return err->kind;
	credits->entries = entries.n;
	credits->left_out = entries.left_out;
	credits->has_more = entries.has_more;
	tell(wanted, &entries, costs, &tasks);
	return write_down(dq, costs, &tasks, &credits->priced, err);
}

static void take_balance(
    const struct dq *dq, const struct service_credit *credit, struct dq_credits *credits)
{
	const struct balance *balance = &credit->balance;

	credits->asked_unix_ms = credit->server_unix_ms > 0 ? credit->server_unix_ms
							    : session_server_unix_ms(dq);
	credits->total = balance->total;
	credits->subscription = balance->of_sort[CREDIT_SUBSCRIPTION];
	credits->gift = balance->of_sort[CREDIT_GIFT];
	credits->purchase = balance->of_sort[CREDIT_PURCHASE];
	credits->n_ends = balance->n_ends;
	for (size_t i = 0; i < balance->n_ends; i++)
		credits->ends[i] = (struct dq_credit_end){ balance->ends[i].amount,
			balance->ends[i].at_unix };
}

enum dq_status dq_credits(struct dq *dq, const struct dq_credits_wanted *given,
    struct dq_credits *ret_credits, struct dq_error *ret_error)
{
	_cleanup_(session_verb_ends) struct dq *running = dq;
	struct service_credit credit = { .balance = balance_make() };
	struct dq_credits_wanted wanted;
	enum err_kind kind;
	struct err err;

	given_take(&wanted, sizeof(wanted), given);
	*ret_credits = (struct dq_credits){ .profile = dq->profile };
	session_verb_begins(dq, 0);
	kind = wanted.history > DQ_CREDIT_HISTORY_MAX
	    ? err_set(&err, ERR_USAGE,
		  "at most %d entries of the history can be shown, not %zu",
		  DQ_CREDIT_HISTORY_MAX, wanted.history)
	    : session_ledger_if_there(dq, &err);
	if (!kind)
		kind = asking_credit(dq, &credit, &err);
	take_balance(dq, &credit, ret_credits);
	if (!kind && wanted.history > 0)
		kind = ask_history(dq, &wanted, ret_credits, &err);
	return kind ? session_fail(&err, ret_error) : DQ_OK;
}
