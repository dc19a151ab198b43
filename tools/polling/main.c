/*
 * bench-polling - when to poll next, measured on a virtual clock. Prints tables, and
 * below each the figures that must be reached; exit status 1 when one is missed.
 *
 *	bench-polling [--only TABLE] [--tasks N] [--seed N]
 *	bench-polling --replay FILE [--learnt FILE] [--rate N] [--batch N] [--seed N]
 *		[--start SECONDS] [--lag SECONDS] [--emulated]
 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench.h"
#include "model/budget.h"
#include "replay.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

enum { TASKS = 100000, BATCH = 50, EXIT_MISSED = 1, EXIT_USAGE = 2 };

/* The crowd is first: its memory is the peak of the process. */
static const struct {
	const char *name;
	void (*print)(struct bench *bench);
} tables[] = {
	{ "crowd", table_crowd },
	{ "single", table_single },
	{ "queue", table_queue },
	{ "fleet", table_fleet },
	{ "shift", table_shift },
};

enum option_letter {
	ONLY = 'o',
	TASKS_OF,
	SEED,
	REPLAY,
	LEARNT,
	RATE,
	BATCH_OF,
	START,
	LAG,
	EMULATED
};
static const struct option options[] = {
	{ "only", required_argument, NULL, ONLY },
	{ "tasks", required_argument, NULL, TASKS_OF },
	{ "seed", required_argument, NULL, SEED },
	{ "replay", required_argument, NULL, REPLAY },
	{ "learnt", required_argument, NULL, LEARNT },
	{ "rate", required_argument, NULL, RATE },
	{ "batch", required_argument, NULL, BATCH_OF },
	{ "start", required_argument, NULL, START },
	{ "lag", required_argument, NULL, LAG },
	{ "emulated", no_argument, NULL, EMULATED },
	{ 0 },
};

struct wanted {
	const char *only;
	struct bench bench;
	struct replay replay;
};

static int usage(const char *what)
{
	(void)fprintf(stderr,
	    "bench-polling: %s\n"
	    "usage: bench-polling [--only TABLE] [--tasks N] [--seed N]\n"
	    "       bench-polling --replay FILE [--learnt FILE] [--rate N] [--batch N] "
	    "[--seed N]\n"
	    "       [--start SECONDS] [--lag SECONDS] [--emulated]\n"
	    "tables:",
	    what);
	for (size_t i = 0; i < COUNT(tables); i++)
		(void)fprintf(stderr, " %s", tables[i].name);
	(void)fputc('\n', stderr);
	return EXIT_USAGE;
}

static bool parse_count(const char *text, unsigned long max, unsigned long *ret_count)
{
	char *end;

	errno = 0;
	*ret_count = strtoul(text, &end, 10);
	return end != text && !*end && !errno && text[0] != '-' && *ret_count <= max;
}

static bool parse_seconds(const char *text, double *ret_seconds)
{
	char *end;

	*ret_seconds = strtod(text, &end);
	return end != text && !*end && *ret_seconds >= 0.0 && *ret_seconds <= 1e9;
}

static bool parse_option(struct wanted *wanted, int letter, const char *text)
{
	unsigned long count = 0;
	bool is_well = true;

	switch (letter) {
	case ONLY:
		wanted->only = text;
		break;
	case REPLAY:
		wanted->replay.path = text;
		break;
	case LEARNT:
		wanted->replay.learnt_path = text;
		break;
	case TASKS_OF:
		is_well = parse_count(text, 100000000, &count) && count >= 1000;
		wanted->bench.tasks = count;
		break;
	case SEED:
		is_well = parse_count(text, UINT64_MAX, &count);
		wanted->bench.seed = wanted->replay.seed = count;
		break;
	case RATE:
		is_well = parse_count(text, BUDGET_PER_MINUTE_MAX, &count);
		wanted->replay.per_minute = (unsigned)count;
		break;
	case BATCH_OF:
		is_well = parse_count(text, 10000, &count) && count >= 1;
		wanted->replay.batch = (unsigned)count;
		break;
	case START:
		is_well = parse_seconds(text, &wanted->replay.start_s);
		break;
	case LAG:
		is_well = parse_seconds(text, &wanted->replay.lag_s);
		break;
	case EMULATED:
		wanted->replay.is_emulated = true;
		break;
	default:
		is_well = false;
		break;
	}
	return is_well;
}

static int print_tables(struct wanted *wanted)
{
	const struct report *report = &wanted->bench.report;
	bool is_known = false;

	for (size_t i = 0; i < COUNT(tables); i++) {
		if (wanted->only && strcmp(wanted->only, tables[i].name) != 0)
			continue;
		is_known = true;
		tables[i].print(&wanted->bench);
		(void)fflush(stdout);
	}
	if (!is_known)
		return usage("no such table");
	printf("\n%zu limits, %zu missed\n", report->n_limits, report->n_missed);
	return report->n_missed ? EXIT_MISSED : 0;
}

int main(int argc, char **argv)
{
	struct wanted wanted = {
		.bench = { .tasks = TASKS, .seed = 1 },
		.replay = { .batch = BATCH, .seed = 1 },
	};
	int letter, status;

	while ((letter = getopt_long(argc, argv, "", options, NULL)) != -1)
		if (!parse_option(&wanted, letter, optarg))
			return usage("an option that does not exist, or a value that it "
				     "can't have");
	if (optind < argc)
		return usage("there are no arguments");
	status =
	    wanted.replay.path ? replay_print(&wanted.replay) : print_tables(&wanted);
	if (fflush(stdout)) {
		perror("bench-polling: standard output");
		return EXIT_MISSED;
	}
	return status;
}
