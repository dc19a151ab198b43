/*
 * webhook.h - the session's webhook: what is in the ledger for it is sent.
 *
 *   the ledger (ledger/deliveries.h) ──claimed──► posted ──answered──► settled
 *                                       │ while a receiver fails, one at a time, and
 *                                       │ none before its rest is over
 *
 * While one of these is there, what ends and what is stored through the session's ledger
 * handles is written down for it; what else its listener hears, and has no row, is
 * written down then. Nobody waits for it but the end of a verb (webhook_end()). Loop's
 * thread only.
 */
#pragma once

#include "core/account/session.h"
#include "core/notify/outcome.h"
#include "dreamq/webhook.h"

enum {
	WEBHOOK_AT_ONCE = 4,
	WEBHOOK_ANSWER_MS = 20 * 1000, /* a receiver that takes longer has failed */
	WEBHOOK_LOOK_MS = 30 * 1000, /* what a killed process has left is found then */
	WEBHOOK_END_MS = 10 * 1000, /* how long the end of a verb waits for answers */
	WEBHOOK_UNWRITTEN_MAX =
	    1000, /* with a full disk; more are dropped, and told of */
};

struct webhook;

/* `dq` is borrowed until webhook_free(), has a net, and its ledger is open.
 * *ret_webhook NULL: it has no webhook. */
enum err_kind webhook_new(struct dq *dq, struct webhook **ret_webhook, struct err *err);
/* An event, as a listener of the session hears it (notices.h). */
void webhook_hear(struct webhook *webhook, enum notice notice,
    const struct dq_event *event, const char *text);
/* Send what is due. */
void webhook_step(struct webhook *webhook);
/* When webhook_step() has to be called although nothing wakes the loop. */
int64_t webhook_next_ms(const struct webhook *webhook);
/*
 * Sends what is due now, each once, and waits for the answers: until then on the steady
 * clock, until the receiver has failed, or the session is interrupted. What is left is
 * told.
 */
void webhook_end(struct webhook *webhook, int64_t until_ms);
/* What came of it so far. */
struct dq_webhook_sent webhook_sent(const struct webhook *webhook);
/* Why the receiver failed last; ERR_OK: it did not. */
const struct err *webhook_trouble(const struct webhook *webhook);
/* What is under way is given back. NULL is fine. */
void webhook_free(struct webhook *webhook);
