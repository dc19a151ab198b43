/*
 * doctor.h - what stands between this machine and a result: a check after the other, each
 * with a verdict, a sentence, and what to do. Nothing is submitted and nothing is changed
 * but what one poll writes down. Strings are those of dreamq.h.
 *
 * It works with everything broken: without HOME, with a ledger that no verb opens,
 * without a network. What can't be found out in time is such a sentence, too.
 */
#pragma once

#include "dreamq/dreamq.h"

#ifdef __cplusplus
extern "C" {
#endif

struct dq_check {
	const char *name; /* "clock", "dns", "tls" ...; never freed */
	const char *verdict; /* "ok", "warn", "bad", "skipped"; never freed */
	/* What was found, a sentence, and what to do, "" where nothing is: in English,
	 * and as people read it. */
	const char *message, *shown, *todo, *todo_shown;
	int64_t took_ms;
};

struct dq_doctor {
	size_t size_bytes;
	const char *folder; /* where files shall go; NULL: the current one */
	int64_t max_wait_ms; /* for each check; 0: 5000 */
	void (*on_check)(void *payload, const struct dq_check *check);
	void *payload;
};

/*
 * Make every check with these options, as a verb would have them, and tell each as it is
 * made. DQ_FAILED: one is "bad". A check that is late is told as such, and left to itself
 * on a thread of its own: it may still end later, and touches nothing of the caller's.
 */
DQ_API enum dq_status dq_doctor(const struct dq_options *options,
    const struct dq_doctor *doctor, struct dq_error *err);

#ifdef __cplusplus
}
#endif
