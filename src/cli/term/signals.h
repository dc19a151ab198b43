/*
 * signals.h - Ctrl-C and its kin. The first SIGINT, SIGTERM or SIGHUP makes
 * the running verb return DQ_INTERRUPTED; the second ends the program at
 * once, which loses nothing either. What was ignored from the start (nohup)
 * stays ignored.
 *
 * A verb that runs for ever is drained instead, by SIGTERM and SIGHUP (dq_drain): in
 * order, and by SIGHUP to begin anew, unless a terminal is there that has hung up.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct dq;

/* From the start: a closed pipe is an error of a write, and 0, 1, 2 are open. */
void signals_prepare(void);
/* `dq` must outlive the next call; NULL: back to the default actions. */
void signals_watch(struct dq *dq);

/* From now on the watched session is drained. */
void signals_drain(int64_t grace_ms);
/* Has one come since signals_watch()? For what waits outside of a verb. */
bool signals_was_told(void);
/* Was it SIGHUP that ended it? */
bool signals_wants_reload(void);
