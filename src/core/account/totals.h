/*
 * totals.h - how far the running verb is, for its events (struct dq_totals). Whoever does
 * something says so here; nobody else writes the numbers.
 */
#pragma once

#include "core/account/dq.h"

/* Sets all to zero, of so many tasks. */
void totals_begin(struct dq *dq, size_t tasks);

/* There are so many tasks in all; one more; one less. */
void totals_set_tasks(struct dq *dq, size_t tasks);
void totals_task_joined(struct dq *dq);
void totals_task_left(struct dq *dq);
/* A task has ended so; one that had goes on after all. */
void totals_task_ended(struct dq *dq, enum err_kind outcome);
void totals_task_resumed(struct dq *dq, enum err_kind outcome);

/* A page of the account's history showed so many tasks, of which so many were new. */
void totals_listed(struct dq *dq, size_t n, size_t n_new);

/* A request to the API leaves. */
void totals_request(struct dq *dq);

/* A file is wanted; its bytes begin to come; they have ended; it is stored. */
void totals_file_wanted(struct dq *dq);
void totals_fetch_began(struct dq *dq);
void totals_fetch_ended(struct dq *dq);
void totals_file_stored(struct dq *dq);
/* Bytes of files: announced, come, and thrown away again. */
void totals_bytes_expected(struct dq *dq, uint64_t bytes);
void totals_bytes_came(struct dq *dq, uint64_t bytes);
void totals_bytes_lost(struct dq *dq, uint64_t bytes);

/* Says when the last task will be done, in Unix times; 0 unknown. */
void totals_eta(
    struct dq *dq, int64_t low_unix_ms, int64_t unix_ms, int64_t high_unix_ms);
