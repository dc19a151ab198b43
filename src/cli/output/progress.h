/*
 * progress.h - what is going on, as lines for a terminal. Pure: it hears
 * events and draws text; time and size are passed in.
 *
 * When a task, or all of them, will be done stands at the end of a line, if there is
 * room.
 *
 * Memory is bounded whatever runs: at most PROGRESS_LINES tasks and downloads
 * have a line, the rest is only counted ("… and 12 more tasks"). A task that
 * found no place gets one when it is heard of again.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "dreamq/dreamq.h"

enum { PROGRESS_LINES = 128 };

struct progress;

struct progress *progress_new(int64_t now_ms); /* NULL: no memory */
void progress_free(struct progress *progress);

/* TASK, STATE, PROGRESS, STORED and TICK count; others are ignored. */
void progress_hear(struct progress *progress, const struct dq_event *event);

/* Adds the total alone, without a line's end, and with nothing that needs a terminal. */
void progress_total(const struct progress *progress, int64_t now_ms, struct buf *into);

/*
 * At most `rows` lines (2 or more) of less than `columns` each, every one
 * ended by `line_end`; the last is the total. Returns their number.
 */
unsigned progress_draw(const struct progress *progress, int64_t now_ms, unsigned columns,
    unsigned rows, const char *line_end, struct buf *into);
