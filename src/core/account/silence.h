/*
 * silence.h - who waits in silence says so: after SILENCE_MS without a word one line
 * tells what is waited for, and until when. One mechanism for everybody who waits: for an
 * answer, for a task that is not there yet, for another program's lock.
 */
#pragma once

#include "core/account/session.h"

enum { SILENCE_MS = 2000 };

struct silence {
	const char *id; /* of the task that it is about; NULL: of none */
	int64_t since_ms, until_ms; /* steady clock; until INT64_MAX: nobody knows */
	const char *what; /* "no answer from 'h'"; borrowed */
};

/*
 * Something is waited for. Told as a note, once for each `since_ms`, and only when
 * SILENCE_MS have passed since then and since the last word (a note, a task's state, a
 * file). True: it was told now.
 */
bool silence_tell(struct dq *dq, const struct silence *silence);
