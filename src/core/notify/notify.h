/*
 * notify.h - who hears of events (dreamq/notify.h): commands, the desktop, and the
 * webhook (webhook.h), which is stepped and ended with them.
 *
 *   notice ──► waiting ──► running ──► ended, its failure told
 *                 │  until those of the same task before it have ended
 *
 * Loop's thread only. Whoever has one sets it as the session's listener, steps it, and
 * ends it: what waits then still gets its run, as long as nobody interrupts.
 */
#pragma once

#include "core/account/session.h"

enum {
	NOTIFY_AT_ONCE = 4,
	NOTIFY_LINE_MS = 60 * 1000, /* a command that takes longer is ended */
	NOTIFY_GRACE_MS = 2000, /* between SIGTERM and SIGKILL */
	NOTIFY_WAITING_MAX = 10000, /* more are dropped, and told of */
};

struct notify;

/* `dq` is borrowed until notify_free(), and has a net. *ret_notify NULL: none is wanted.
 */
enum err_kind notify_new(struct dq *dq, struct notify **ret_notify, struct err *err);
/* Begin what can begin; notice what has ended, or takes too long. */
void notify_step(struct notify *notify);
/* When notify_step() has to be called although nothing wakes the loop. */
int64_t notify_next_ms(const struct notify *notify);
/* Runs what waits to its end, unless it is too late on the steady clock, or the session
 * is interrupted. NULL is fine. */
void notify_end(struct notify *notify, int64_t until_ms);
/* What still runs is ended, with all that it has begun: by SIGKILL, NOTIFY_GRACE_MS after
 * SIGTERM. */
void notify_free(struct notify *notify);
