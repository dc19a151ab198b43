/*
 * signals.h - Ctrl-C and its kin. The first SIGINT, SIGTERM or SIGHUP makes
 * the running verb return DQ_INTERRUPTED; the second ends the program at
 * once, which loses nothing either. What was ignored from the start (nohup)
 * stays ignored.
 */
#pragma once

struct dq;

/* From the start: a closed pipe is an error of a write, and 0, 1, 2 are open. */
void signals_prepare(void);
/* `dq` must outlive the next call; NULL: back to the default actions. */
void signals_watch(struct dq *dq);
