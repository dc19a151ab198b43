/*
 * replay.h - given lives through the whole policy, to compare the bench with the real
 * program: one line of JSON.
 *
 * Lines of the file, blanks between the fields, "#" begins a comment:
 *
 *	KIND CREATED_S PLACE QUEUE_S GENERATE_S [PARTIAL_S FORECAST_S]
 *
 * KIND is image or video; CREATED_S counts from the start of the run; a task stands
 * QUEUE_S in a queue in which its place falls evenly from PLACE to 0 (both 0: none), and
 * is then generated for GENERATE_S; after PARTIAL_S of that it shows items (0: never).
 * FORECAST_S is what the service says of GENERATE_S. These two only count with
 * is_emulated. Lines of the file of what was learnt before: KIND SECONDS.
 *
 * The task is polled as soon as it was created, as the program does; that poll counts.
 * The watch begins at start_s: then it polls what was created before. Polls and
 * requests are those of the whole run; the tallies are of the tasks that end after that,
 * and with is_emulated were seen running.
 * The budget's burst is the program's, too.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct replay {
	const char *path, *learnt_path; /* the second may be NULL */
	unsigned per_minute; /* requests; 0: no limit */
	unsigned batch;
	uint64_t seed;
	double start_s;
	double lag_s; /* of an answer, for each id in it: sim.h */
	bool is_emulated; /* polls show what those of dreamq-emulator do: shown.h */
};

int replay_print(const struct replay *replay); /* an exit status */
