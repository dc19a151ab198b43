/*
 * cancel.h - tasks that still queue are taken back. Errors and strings are those of
 * dreamq.h.
 */
#pragma once

#include "dreamq/dreamq.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What became of one; it lives until the callback returns. */
struct dq_cancelled {
	const char *submit_id;
	/*
	 * "cancelled": it is, now or from before. "running": it is being generated, too
	 * late. "ended": it has, otherwise. "queued": it still is; `text` says why.
	 * "unsent": it waits in the local queue. "unknown": the service does not know it.
	 * "unclear": it was asked for, and whether it was done could not be found out.
	 */
	const char *outcome;
	const char *state; /* one of dq_state_names() */
	const char *text; /* a sentence, in English; NULL: cancelled */
	const char *shown; /* the same for people */
};

/*
 * Ask the service to take these tasks back, and ask for them until it is known what came
 * of that: what the service does decides, whatever it has answered. Each is told once, in
 * the order given; to call it again does no harm. A TASK event tells what each poll
 * shows.
 *
 * DQ_OK: all are cancelled. DQ_RUNNING: one is running, or the service has agreed and
 * does not show it yet. DQ_FAILED: one has ended otherwise, was never sent, is not
 * known, or the service refuses.
 */
DQ_API enum dq_status dq_cancel(struct dq *dq, const char *const *ids, size_t n,
    void (*on_cancelled)(void *payload, const struct dq_cancelled *cancelled),
    void *payload, struct dq_error *err);
/*
 * Tell the same of each by what the ledger knows, and ask and change nothing: "queued"
 * would be taken back. DQ_OK, whatever was told.
 */
DQ_API enum dq_status dq_cancel_plan(struct dq *dq, const char *const *ids, size_t n,
    void (*on_cancelled)(void *payload, const struct dq_cancelled *cancelled),
    void *payload, struct dq_error *err);

#ifdef __cplusplus
}
#endif
