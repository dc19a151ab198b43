/*
 * verdict.h - the table of PROTOCOL A3: which state do these facts mean?
 *
 * Pure. Content is judged before codes; the first rule that matches decides:
 *
 *   files and (status 50 or 10), or every file and a finish time   succeeded
 *   a failure without code and time, not yet for 3 polls over 60 s   generating
 *   30 everywhere, queue ended, no reason given                     cancelled
 *   a failure's status, code, key or message                        failed
 *   files; files and failures make the total, 5 polls long: one that
 *   was told, or for 10 minutes                                      succeeded
 *   files                                                            partial
 *   queue_status 1, or status 10 or 0                                queued
 *   50 with no file, after 3 polls of grace                          failed
 *   everything else, unknown numbers too                             generating
 *
 * Two readings that the table leaves open. "status" in the first rule is the
 * record's; a 50 inside `task` counts too, unless the record's own status is a
 * failure's. And while files are there and no finish time is, a fail code or text alone
 * does not end a task that has a running status: other files may follow.
 *
 * Files come one by one, and some records tell no total until they end: what is there
 * is all there is only when nothing has come for long. And a record that is done may be
 * ahead of its files, of some as of all: such a success is one, and for GRACE_POLLS a
 * hasty one, which is polled again.
 *
 * An id that is absent is an end only after ABSENCE_POLLS over ABSENCE_MS, and after
 * SHOWN_ABSENCE_POLLS over SHOWN_ABSENCE_MS when the service has accepted or shown it
 * before. All times are on the clock of the service (core/poll/poll.h).
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "model/task.h"
#include "service/jimeng/read/record.h"

enum {
	GRACE_POLLS = 3,
	SETTLED_POLLS = 5,
	UNTOLD_MS = 10 * 60 * 1000,
	ABSENCE_POLLS = 3,
	ABSENCE_MS = 120 * 1000,
	SHOWN_ABSENCE_POLLS = 10,
	SHOWN_ABSENCE_MS = 10 * 60 * 1000,
	BARE_POLLS = 3,
	BARE_MS = 60 * 1000,
};

/* What we remember about an id between polls; zero it at first. */
struct poll_memory {
	unsigned polls;
	unsigned empty_successes; /* status 50 without a usable asset, in a row */
	unsigned settled_partials; /* usable + failed = total, in a row */
	unsigned absences; /* the id was unknown, in a row */
	unsigned bare_failures; /* without code and time, in a row */
	unsigned short_successes; /* with less than was told, and no failures, in a row */
	bool was_shown; /* the service has accepted it or shown it, now or before */
	bool asked_as_submit, asked_as_history; /* during these absences */
	int64_t settled_usable; /* usable assets at the last poll */
	int64_t first_settled_ms; /* when the first of them was */
	int64_t first_absence_ms; /* when the first of them was */
	int64_t first_bare_ms;
	int64_t last_ms; /* the last poll that showed it */
};

struct verdict {
	enum task_state state;
	bool is_empty_success; /* failed because "done" came with nothing */
	bool is_unproven; /* it says failed, which is not believed yet */
	bool is_hasty; /* it has ended, and some of the files told of are nowhere yet */
	bool may_have_ended; /* that, or done with nothing to show: it may not run on */
};

/* Counts this poll in `memory`, then decides. */
struct verdict verdict_of(
    const struct facts *facts, int64_t now_ms, struct poll_memory *memory);

/* The id was not in the answer. TASK_UNKNOWN until memory is sure: TASK_NOT_FOUND. */
enum task_state verdict_absent(int64_t now_ms, struct poll_memory *memory);
/* From the first absence on, it takes so long until one is believed. */
int64_t verdict_absence_ms(bool was_shown);

/* Numbers that the protocol names; any other one deserves a warning. */
bool verdict_knows_status(int64_t status);
