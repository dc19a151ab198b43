/*
 * webhook.h - events are told to a URL, signed, at least once.
 *
 * The convention is that of Standard Webhooks (standardwebhooks.com): a POST whose body
 * is the event's line of JSON (docs/schema/), without links and secrets, and the headers
 * webhook-id (the same for each try: who has seen it has had the event),
 * webhook-timestamp and webhook-signature ("v1," and the HMAC-SHA256 of
 * "id.timestamp.body" as base64; one for each secret).
 *
 * What is to be told is in the ledger before it is sent: a file that is stored and a task
 * that ends in the transaction that says so, the rest as soon as it is heard. A kill
 * loses nothing of it, and whoever runs next with the same URL sends it. A receiver that
 * fails is tried again after 5 seconds, then less and less often, for three days; an
 * answer 410 says that it wants no more of it.
 *
 * Errors and strings are those of dreamq.h.
 */
#pragma once

#include "dreamq/dreamq.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Is given as dq_notify.webhook (notify.h). */
struct dq_webhook {
	size_t size_bytes; /* sizeof(struct dq_webhook) */
	const char *url; /* https, or http to this machine; no user:password@ */
	const char *events; /* words by commas; NULL: "failed,done,login,disk" */
	/*
	 * The secrets, 1 to 4, one a line: base64 of 24 to 64 bytes, which may have
	 * "whsec_" before it. Of a file that others can't read; or the text itself.
	 */
	const char *secret_file, *secret;
};

/* A delivery; strings are valid for the call only. */
struct dq_delivery {
	const char *id; /* webhook-id */
	const char *hook; /* of which URL: dq_webhook_name() */
	const char *profile;
	const char *submit_id; /* NULL: of no task */
	const char *event; /* "stored", "done", "failed", "login", "disk" */
	int index; /* of the file; -1: none */
	const char *state; /* "waiting", "sent", "dead", "dropped" */
	int64_t tries;
	int64_t made_unix_ms, changed_unix_ms;
	int64_t due_unix_ms; /* of the next try; 0: none */
	const char *why; /* the last failed; NULL: none did */
};
typedef void dq_on_delivery(void *payload, const struct dq_delivery *delivery);

/* Returns the name of the session's webhook, as deliveries have it; NULL: it has none. */
DQ_API const char *dq_webhook_name(const struct dq *dq);

/* All deliveries, or those in one state, the oldest first. DQ_USAGE: no such state. */
DQ_API enum dq_status dq_webhook_list(struct dq *dq, const char *state,
    dq_on_delivery *on_delivery, void *payload, struct dq_error *err);

struct dq_webhook_sent {
	size_t sent, failed, dropped; /* failed: tried, and waiting again */
	size_t left; /* waiting for this webhook, failed ones too */
};
/*
 * Send what waits for the session's webhook, and what is dead, now; `ids` NULL: all of
 * it, else those. A receiver that fails is given a rest: what was not tried then is left.
 * DQ_USAGE: the session has no webhook. DQ_NETWORK: something is left.
 */
DQ_API enum dq_status dq_webhook_send(struct dq *dq, const char *const *ids, size_t n,
    struct dq_webhook_sent *ret_sent, struct dq_error *err);

/*
 * What waits, or is dead, is not sent any more: those of these ids; NULL: all, of every
 * webhook. With `is_dry_run` it is only counted.
 */
DQ_API enum dq_status dq_webhook_drop(struct dq *dq, const char *const *ids, size_t n,
    bool is_dry_run, size_t *ret_n, struct dq_error *err);

/*
 * Send one event of its own ("alert", "test") to the session's webhook, now and once. It
 * is in no ledger. DQ_NETWORK: it was not taken, and why.
 */
DQ_API enum dq_status dq_webhook_test(struct dq *dq, struct dq_error *err);

#ifdef __cplusplus
}
#endif
