#include "report.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>

enum { LABEL = 44, CLAIM = 64 /* columns */ };

/* printf counts bytes; a line of a table has as many characters as columns. */
static void print_label(const char *label, int columns)
{
	printf("  %s", label);
	for (; *label; label++)
		columns -= (*label & 0xc0) != 0x80;
	printf("%*s", columns > 0 ? columns : 0, "");
}

void report_title(const char *format, ...)
{
	va_list args;

	putchar('\n');
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	putchar('\n');
}

void report_head(void)
{
	print_label("", LABEL);
	printf(" %8s %8s %9s %8s %8s %8s  P·D s  ×best\n", "tasks", "polls", "requests",
	    "mean s", "p95 s", "max s");
}

static void print_ratio(double cost_s, double best_s)
{
	if (best_s > 0.0)
		printf("  %5.3f\n", cost_s / best_s);
	else
		putchar('\n');
}

void report_row(const char *label, struct tally *tally, double best_s)
{
	print_label(label, LABEL);
	printf(" %8zu %8.2f %9.2f %8.2f %8.2f %8.1f %6.1f", tally->n, tally_polls(tally),
	    tally_requests(tally), tally_delay_s(tally), tally_quantile_s(tally, 0.95),
	    tally_quantile_s(tally, 1.0), tally_cost_s(tally));
	print_ratio(tally_cost_s(tally), best_s);
}

void report_row_computed(const char *label, double polls, double delay_s, double best_s)
{
	print_label(label, LABEL);
	printf(" %8s %8.2f %9.2f %8.2f %8s %8s %6.1f", "exact", polls, polls, delay_s, "",
	    "", polls * delay_s);
	print_ratio(polls * delay_s, best_s);
}

void report_note(const char *format, ...)
{
	va_list args;

	printf("  ");
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	putchar('\n');
}

static void judge(struct report *report, bool is_met, const char *what, double figure,
    const char *relation, double limit)
{
	report->n_limits++;
	report->n_missed += !is_met;
	printf("  %-6s", is_met ? "ok" : "MISSED");
	print_label(what, CLAIM);
	printf(" %9.3f  %s %.4g\n", figure, relation, limit);
}

void report_below(struct report *report, const char *what, double figure, double limit)
{
	judge(report, figure <= limit, what, figure, "at most", limit);
}

void report_above(struct report *report, const char *what, double figure, double limit)
{
	judge(report, figure >= limit, what, figure, "at least", limit);
}

void report_timing(const char *what, double figure, double limit)
{
	printf("  %-6s", figure <= limit ? "(ok)" : "(over)");
	print_label(what, CLAIM);
	printf(" %9.3f  at most %.4g; of this machine\n", figure, limit);
}
