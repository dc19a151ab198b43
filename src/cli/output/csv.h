/*
 * csv.h - tasks as comma-separated values (RFC 4180): a row per file, one for a
 * task without files. Links are left out: they are dead when the table is read.
 */
#pragma once

#include "base/buf.h"
#include "dreamq/dreamq.h"

enum { CSV_TASK_MAX = 64 * 1024 * 1024 }; /* bytes of a task's rows */

/* The names of the columns, with the line's end. */
void csv_add_header(struct buf *into);
/* Texts as they are; for a terminal, which a stranger's text could take over, without
 * control characters. */
void csv_add_task(struct buf *into, const struct dq_task *task, bool is_for_terminal);
