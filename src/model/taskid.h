/*
 * taskid.h - what may name a task.
 */
#pragma once

#include <stdbool.h>

enum { TASKID_MAX = 64 };

/* Is it made of 1-64 of [A-Za-z0-9_-]? */
bool taskid_is_valid(const char *id);
/* Only digits: may be a history_record_id and is asked for in `history_ids`. */
bool taskid_is_history(const char *id);
