/*
 * error_line.h - a failure as a line of JSON on standard output:
 *
 *	{"schema_version":1,"event":"error","code":3,"kind":"auth","message":"...","do":"..."}
 *
 * `code` is the exit status that it leads to (a worse one may follow), `do` a sentence.
 */
#pragma once

#include <stdbool.h>

/* Is this exit status a failure that has such a line? Not 0, 4 and a closed pipe. */
bool error_line_is_for(int status);
/* What is said when nobody has said more; NULL for an unknown status. */
const char *error_line_sentence(int status);
/* What to do about it, of whatever kind; NULL for an unknown status. */
const char *error_line_todo(int status);
/* What to do; NULL: its kind's own. malloc'ed, without newline; NULL: no memory. */
char *error_line_make(int status, const char *message, const char *todo);
