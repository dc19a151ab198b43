/*
 * error_line.h - the words of a failure's line of JSON on standard output
 * (dq_error_json): what is said when nobody has said more, and what to do. In English, as
 * all of --json: what people read instead is on standard error.
 */
#pragma once

#include <stdbool.h>

/* Is this exit status a failure that has such a line? Not 0, 4 and a closed pipe. */
bool error_line_is_for(int status);
/* Returns what is said when nobody has said more; NULL for an unknown status. */
const char *error_line_sentence(int status);
/* Returns what to do about it, of whatever kind; NULL for an unknown status. */
const char *error_line_todo(int status);
