/*
 * waiting.h - the schedule in a run: its clock, what it has learnt, its share of the
 * account's budget, and what is told of it (ETA, explanations).
 *
 * sched.h, plan.h and law.h know no clock and no ledger; here they meet. The clock of the
 * schedule is that of the service: ours, or `time_scale` times as fast (wire.h).
 */
#pragma once

#include "core/engine/engine.h"

enum {
	WAITING_TOLD_MS = 5000, /* waits for the budget that are worth a word, together */
	WAITING_TOTALS_MAX = 5000, /* ids whose ETA makes that of the run */
};

/* Law book, filled from the ledger, and schedule. */
enum err_kind waiting_begin(struct engine *engine, struct err *err);
void waiting_free(struct engine *engine);

int64_t waiting_now_ms(const struct engine *engine); /* on the schedule's clock */
/* When something may be due, on the steady clock; INT64_MAX: never. */
int64_t waiting_next_ms(const struct engine *engine);
/* From the schedule's clock to the steady one; a span of it. */
int64_t waiting_span_ms(const struct engine *engine, int64_t span_ms);

/* sched_request_failed(), with a Retry-After on our clock. */
unsigned waiting_failed(struct engine *engine, const struct err *why, size_t too_many);
/* One request is taken out of the account's budget. False: none is left, later. */
bool waiting_may_send(struct engine *engine);

/* A look showed a task that has not ended: its next look; its ETA goes into *task. */
void waiting_looked(struct engine *engine, struct item *item, struct task *task);
/* A note: when is its next look, and why? */
void waiting_explain(
    struct engine *engine, const struct item *item, const struct task *task);
/* The service has accepted it just now: its first look is due when the law says so. */
void waiting_accepted(struct engine *engine, struct item *item);
/* A look showed its end: no more looks; how long it took is learnt. */
void waiting_ended(struct engine *engine, struct item *item, const struct task *task);
/* Its record could not be read: the law goes on; or not be believed `misses` times in a
 * row: it goes on as for an absent one. */
void waiting_unread(struct engine *engine, struct item *item, unsigned misses);
/* The ETA of the run, from those of its ids, into dq->totals. */
void waiting_total(struct engine *engine);
