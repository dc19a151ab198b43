/*
 * events.h - the way of events out of the library.
 */
#pragma once

#include "core/account/dq.h"

/* `event` needs its type only; time and totals are filled in. */
void session_emit(struct dq *dq, struct dq_event event);
/* Tells a note that warns; and one of another kind. */
void session_note(struct dq *dq, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
void session_tell(struct dq *dq, enum dq_note note, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* Tells the same about one task, in one printable line. */
void session_tell_task(
    struct dq *dq, enum dq_note note, const struct task *task, const char *line);
/* Tells a TASK of which files were wanted, and are still to be had: to others than the
 * front end it is none that is done. */
void session_emit_cut(struct dq *dq, const struct task *task);
void session_emit_task(struct dq *dq, enum dq_event_type type, const struct task *task);
