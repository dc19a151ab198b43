#include "core/account/totals.h"

void totals_begin(struct dq *dq, size_t tasks)
{
	dq->totals = (struct dq_totals){ .tasks = tasks };
}

/* --- tasks ------------------------------------------------------------------------ */

void totals_set_tasks(struct dq *dq, size_t tasks)
{
	dq->totals.tasks = tasks;
}

void totals_task_joined(struct dq *dq)
{
	dq->totals.tasks++;
}

void totals_task_left(struct dq *dq)
{
	dq->totals.tasks--;
}

/* A task that still runs when the verb ends has not failed. */
static bool is_failure(enum err_kind outcome)
{
	return outcome != ERR_OK && outcome != ERR_RUNNING;
}

void totals_task_ended(struct dq *dq, enum err_kind outcome)
{
	dq->totals.tasks_ended++;
	dq->totals.tasks_failed += is_failure(outcome);
}

void totals_task_resumed(struct dq *dq, enum err_kind outcome)
{
	dq->totals.tasks_ended--;
	dq->totals.tasks_failed -= is_failure(outcome);
}

void totals_listed(struct dq *dq, size_t n, size_t n_new)
{
	dq->totals.listed += n;
	dq->totals.adopted += n_new;
}

void totals_request(struct dq *dq)
{
	dq->totals.requests++;
}

/* --- files ------------------------------------------------------------------------ */

void totals_file_wanted(struct dq *dq)
{
	dq->totals.files++;
}

void totals_fetch_began(struct dq *dq)
{
	dq->totals.files_active++;
}

void totals_fetch_ended(struct dq *dq)
{
	dq->totals.files_active--;
}

void totals_file_stored(struct dq *dq)
{
	dq->totals.files_stored++;
}

void totals_bytes_expected(struct dq *dq, uint64_t bytes)
{
	dq->totals.bytes_expected += bytes;
}

void totals_bytes_came(struct dq *dq, uint64_t bytes)
{
	dq->totals.bytes_done += bytes;
}

/* Some of them may have come in an earlier run, which this one has not counted. */
void totals_bytes_lost(struct dq *dq, uint64_t bytes)
{
	dq->totals.bytes_done -=
	    bytes < dq->totals.bytes_done ? bytes : dq->totals.bytes_done;
}

/* --- time ------------------------------------------------------------------------- */

void totals_eta(struct dq *dq, int64_t low_unix_ms, int64_t unix_ms, int64_t high_unix_ms)
{
	dq->totals.eta_low_unix_ms = low_unix_ms;
	dq->totals.eta_unix_ms = unix_ms;
	dq->totals.eta_high_unix_ms = high_unix_ms;
}
