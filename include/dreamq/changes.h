/*
 * changes.h - for a front end that lives long, and clients that come back: what others
 * have done to the ledger meanwhile, and what somebody will ask for later.
 *
 * Errors and strings are those of dreamq.h. Nothing of it uses the network.
 */
#pragma once

#include "dreamq/dreamq.h"

#ifdef __cplusplus
extern "C" {
#endif

struct dq_changes {
	/* Another session, or process, has written into the ledger since this session
	 * asked last; the first time it is true. */
	bool is_any;
	/* One of these is another whenever a task, of any profile, came or was forgotten.
	 */
	int64_t tasks, newest;
};
/*
 * Look what others have done. When nobody has done anything it costs microseconds. A
 * ledger that is not there has no task, and does not change.
 */
DQ_API enum dq_status dq_changes(
    struct dq *dq, struct dq_changes *ret_changes, struct dq_error *err);

/* --- errands ---------------------------------------------------------------------- */

enum { DQ_ERRAND_ID_LEN = 32 }; /* hexadecimal digits: 128 random bits */

/* What somebody has asked for and will come back for. */
struct dq_errand {
	const char *id;
	const char *what, *arguments; /* as dq_errand_begin() was given them */
	const char *state; /* "working", "done", "failed", "cancelled" */
	const char *outcome; /* done, failed: as it was given; else NULL */
	int64_t made_unix_ms, changed_unix_ms;
	int64_t expires_unix_ms; /* from then on nobody knows it */
};
/*
 * Write one down, which is working, and give it a name. It is durable when this returns:
 * every session of the profile on this ledger finds it, for `ttl_ms`, unless a thousand
 * younger ones have come. Nothing works on it by itself.
 */
DQ_API enum dq_status dq_errand_begin(struct dq *dq, const char *what,
    const char *arguments, int64_t ttl_ms, char ret_id[DQ_ERRAND_ID_LEN + 1],
    struct dq_error *err);
/*
 * Say how it ended: "done" or "failed" with an outcome, "cancelled" without. The first
 * end counts; of an errand that nobody knows nothing changes.
 */
DQ_API enum dq_status dq_errand_end(struct dq *dq, const char *id, const char *state,
    const char *outcome, struct dq_error *err);
/* Tell what became of it. DQ_FAILED: there is none, or its time is over. */
DQ_API enum dq_status dq_errand_show(struct dq *dq, const char *id,
    void (*on_errand)(void *payload, const struct dq_errand *errand), void *payload,
    struct dq_error *err);

#ifdef __cplusplus
}
#endif
