/*
 * report.h - the tables on the terminal, and the figures that must be reached.
 *
 *	report_title	begins a table
 *	report_row	one policy: polls, requests, delays, P·D, its ratio to the best
 *	report_below,	"ok" or "MISSED", a figure and its limit: the second fails the
 *	report_above	whole bench
 */
#pragma once

#include <stddef.h>

#include "tally.h"

struct report {
	size_t n_limits, n_missed;
};

void report_title(const char *format, ...) __attribute__((format(printf, 1, 2)));
void report_head(void); /* of the columns of report_row */
/* `best_s`: P·D of the optimum at the same mean delay; 0: none is known. */
void report_row(const char *label, struct tally *tally, double best_s);
/* The same for a policy that was computed and not simulated: no quantiles. */
void report_row_computed(const char *label, double polls, double delay_s, double best_s);
void report_note(const char *format, ...) __attribute__((format(printf, 1, 2)));

void report_below(struct report *report, const char *what, double figure, double limit);
void report_above(struct report *report, const char *what, double figure, double limit);
/* With its limit, for information: what depends on the machine fails no bench. */
void report_timing(const char *what, double figure, double limit);
