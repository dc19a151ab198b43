/*
 * bench-parts - how fast the parts are that every task goes through, each alone. Prints
 * rows and judges nothing; tools/bench_parts prints the heads of the tables and what is
 * wanted.
 *
 *	bench-parts decode FILE...    answers of the service, read, judged, copied out
 *	bench-parts ledger PATH N     a new ledger at PATH, of N tasks
 *	bench-parts heard PATH N      the same, just heard of, ids in order
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "dreamq/dreamq.h"
#include "parts.h"

static double seconds_of(clockid_t clock)
{
	struct timespec at;

	if (clock_gettime(clock, &at))
		return 0;
	return (double)at.tv_sec + (double)at.tv_nsec / 1e9;
}

struct spent spent_now(void)
{
	return (struct spent){ seconds_of(CLOCK_MONOTONIC),
		seconds_of(CLOCK_PROCESS_CPUTIME_ID) };
}

struct spent spent_since(struct spent from)
{
	const struct spent now = spent_now();

	return (struct spent){ now.wall_s - from.wall_s, now.cpu_s - from.cpu_s };
}

double peak_mib(void)
{
	struct rusage usage;

	return getrusage(RUSAGE_SELF, &usage) ? 0 : (double)usage.ru_maxrss / 1024;
}

void ok_or_die(enum err_kind kind, const struct err *err)
{
	if (!kind)
		return;
	(void)fprintf(stderr, "bench-parts: %s\n", err->msg);
	exit(EXIT_FAILURE);
}

int main(int argc, char **argv)
{
	dq_own_process(); /* as the program does */
	if (argc > 2 && !strcmp(argv[1], "decode"))
		return table_decode(argc - 2, argv + 2);
	if (argc == 4 && !strcmp(argv[1], "ledger"))
		return table_ledger(argv[2], strtoul(argv[3], NULL, 10));
	if (argc == 4 && !strcmp(argv[1], "heard"))
		return table_heard(argv[2], strtoul(argv[3], NULL, 10));
	(void)fputs(
	    "usage: bench-parts decode FILE... | ledger PATH N | heard PATH N\n", stderr);
	return 2;
}
