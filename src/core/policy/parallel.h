/*
 * parallel.h - how many files are fetched at once? As many as the line gains from.
 *
 * More transfers bring more bytes as long as each has a limit of its own (a server's, a
 * distance's). Where the line itself is the limit, they only share it: every file takes
 * longer, more links die under way, and more lies half-done when the run is killed. So,
 * while files take long, fewer are tried now and then: if as much comes, it stays with
 * fewer. Files that are there soon are fetched with all that is allowed, since waiting
 * for answers is most of their time, and shares cost them nothing.
 *
 *	        ┌──────────── files are short: the ceiling ────────────┐
 *	        ▼                                                      │
 *	     STEADY ──long, and it is time──► PROBING (less, or more) ─┤
 *	        ▲                                                      │
 *	        └── it did not pay: back, the other way after a pause ─┘
 *
 *	less pays	when at least 95 % of the best rate of this descent comes
 *	more pays	when at least 10 % more comes than before
 *
 * A probe that pays is followed by another in the same direction. Pauses double from one
 * minute to eight. Only periods count that are full from end to end: as many transfers
 * as are allowed, and files that wait. Never below two, so that a file that stands still
 * does not stop all. This is hill climbing, and finds a top, not the top.
 *
 * Pure: time and counts are the caller's.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum {
	PARALLEL_LEAST = 2,
	PARALLEL_PERIOD_MS = 8000, /* what is compared is counted over so long */
	PARALLEL_LONG_MS = 20000, /* files that take longer are worth a probe */
};

/* What the caller sees at a step; counts are of the whole run. */
struct parallel_seen {
	int64_t now_ms; /* steady */
	uint64_t came_bytes;
	uint64_t ended, took_ms; /* transfers, whatever their end; their times added up */
	unsigned running;
	bool others_wait; /* one could be begun, if it were allowed */
};

struct parallel {
	unsigned ceiling, allowed;
	/* The period. */
	struct parallel_seen since;
	/* The climb. */
	int direction; /* of the probe under way, or of the next: -1 less, 1 more */
	bool is_probing;
	unsigned before; /* allowed before the probe */
	double best_rate; /* to be compared with: bytes a second */
	int64_t next_probe_ms, pause_ms;
};

/* Begins with all that is allowed. */
struct parallel parallel_make(unsigned ceiling, int64_t now_ms);

/* Takes note of what is seen; p->allowed is what holds from now on. */
void parallel_step(struct parallel *p, const struct parallel_seen *seen);
