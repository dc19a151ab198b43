#include "cli/app/statpage.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/duration.h"
#include "base/text.h"
#include "cli/app/report.h"
#include "cli/output/plot.h"
#include "cli/output/words.h"
#include "cli/term/i18n.h"

enum {
	COLUMNS_DEFAULT = 80,
	LABEL_MIN = 8,
	LABEL_MAX = 40,
	LABEL_REST = 52, /* what a table needs beside its label */
	CELL_BYTES = 32,
	LINE_BYTES = 4096,
	ROWS_MAX = 20, /* of lanes, of failures: the largest */
	DAYS_MAX = 31, /* the newest */
	TIME_COLUMNS = 6, /* "12m05s" */
	BAR_CELLS = 10,
	DAY_COLUMNS = 76, /* what the days need with their bars */
};
#define BAND_SIGMAS 1.2816 /* four in five of a normal distribution */

struct page {
	struct app *app;
	const struct dq_stats *stats;
	size_t columns;
	bool has_blocks, has_memory, is_first;
};

/* --- words and numbers --- */

/* "1.4s" where a second says too little; "-" for -1. */
static const char *duration(int64_t ms, char into[CELL_BYTES])
{
	if (ms < 0)
		return "-";
	if (ms >= 1000 && ms < 9950)
		(void)snprintf(into, CELL_BYTES, "%.1fs", (double)ms / 1000);
	else
		(void)duration_text(ms < 1000 ? ms : ms + 500, into);
	return into;
}

static const char *number(uint64_t n, char into[CELL_BYTES])
{
	(void)snprintf(into, CELL_BYTES, "%llu", (unsigned long long)n);
	return into;
}

static const char *real(double value, char into[CELL_BYTES])
{
	(void)snprintf(into, CELL_BYTES, value < 99.95 ? "%.1f" : "%.0f", value);
	return into;
}

/* Writes a / b; "-" of nothing. */
static const char *ratio(double a, size_t b, char into[CELL_BYTES])
{
	return b > 0 ? real(a / (double)b, into) : "-";
}

static const char *percent(size_t part, size_t all, char into[CELL_BYTES])
{
	const double share = all > 0 ? 100.0 * (double)part / (double)all : 0;

	(void)snprintf(into, CELL_BYTES, share < 9.95 ? "%.1f %%" : "%.0f %%", share);
	return into;
}

/* Returns "image high_aes_v40", cut to what the terminal has room for; malloc'ed. */
static char *lane_label(const struct page *page, const struct dq_stats_lane *lane)
{
	_cleanup_(buf_release) struct buf label = buf_make(LINE_BYTES);
	const size_t room = page->columns > LABEL_REST + LABEL_MIN
	    ? page->columns - LABEL_REST
	    : LABEL_MIN;

	if (lane == page->stats->lanes)
		buf_addf(&label, "%s", _("all"));
	else
		buf_addf(&label, "%s", lane->kind ? lane->kind : _("unknown kind"));
	if (lane->model) {
		buf_addf(&label, " ");
		words_add_clean(&label, lane->model);
	}
	return text_fit(label.data, room < LABEL_MAX ? room : LABEL_MAX);
}

/* --- pieces of a page --- */

static void heading(struct page *page, const char *text)
{
	_cleanup_(buf_release) struct buf line = buf_make(LINE_BYTES);

	if (!page->is_first)
		app_out(page->app, "");
	page->is_first = false;
	buf_addf(&line, "%s%s%s", style_on(page->app->out_style, TONE_BOLD), text,
	    style_off(page->app->out_style, TONE_BOLD));
	app_out(page->app, line.data);
}

/* A table whose first column is a label and whose others are numbers, to their right. */
static struct table numbers_table(size_t n_columns)
{
	struct table table = table_make(n_columns);

	for (size_t i = 1; i < n_columns; i++)
		table.is_right[i] = true;
	return table;
}

static void add_row(struct page *page, struct table *table, const char *const *texts)
{
	struct cell row[TABLE_COLUMNS_MAX] = { 0 };

	for (size_t i = 0; i < table->n_columns; i++)
		row[i].text = texts[i];
	page->has_memory = table_add(table, row) && page->has_memory;
}

static void add_head(struct page *page, struct table *table, const char *const *texts)
{
	struct cell row[TABLE_COLUMNS_MAX] = { 0 };

	for (size_t i = 0; i < table->n_columns; i++)
		row[i] = (struct cell){ texts[i], TONE_DIM };
	page->has_memory = table_add(table, row) && page->has_memory;
}

static void print_rows(struct page *page, const struct table *table)
{
	for (size_t i = 0; i < table->n_rows; i++)
		report_print_row(page->app, table, table_row(table, i));
}

static void say_more(struct page *page, size_t n_hidden)
{
	_cleanup_(buf_release) struct buf line = buf_make(LINE_BYTES);

	if (n_hidden == 0)
		return;
	buf_addf(&line,
	    ngettext(
		"and %zu more: --json has it", "and %zu more: --json has them", n_hidden),
	    n_hidden);
	app_out(page->app, line.data);
}

/* Of one lane only, the sum says nothing new. */
static size_t first_lane(const struct dq_stats *stats)
{
	return stats->n_lanes == 2 ? 1 : 0;
}

/* --- how long it takes --- */

static void add_durations(
    struct page *page, struct table *table, const struct dq_stats_lane *lane)
{
	static const int shown[] = { 0, 2, 3, 4, 6 }; /* 5, 25, 50, 75, 95 % */
	_cleanup_free_ char *label = lane_label(page, lane);
	char cells[6][CELL_BYTES];
	const char *texts[7] = { label, number(lane->durations, cells[5]) };

	for (size_t i = 0; i < 5; i++)
		texts[2 + i] = duration(lane->quantiles_ms[shown[i]], cells[i]);
	add_row(page, table, texts);
}

static void add_expected(struct buf *line, const struct dq_stats_lane *lane, size_t gap)
{
	const double factor = exp(BAND_SIGMAS * lane->law_sigma);
	const double median_ms = (double)lane->law_median_ms;
	char low[CELL_BYTES], middle[CELL_BYTES], high[CELL_BYTES];

	if (lane->law_median_ms < 0 || median_ms * factor > 1e15)
		return;
	buf_addf(line, "%*s", (int)gap, "");
	buf_addf(line, _("   the next: %s (%s to %s)"),
	    duration_about(lane->law_median_ms, middle),
	    duration_about(llround(median_ms / factor), low),
	    duration_about(llround(median_ms * factor), high));
}

static size_t plot_cells(size_t columns)
{
	static const size_t sizes[] = { 4, 2 };

	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
		if (columns >= 54 + DQ_STATS_BARS * sizes[i] / 2)
			return DQ_STATS_BARS * sizes[i] / 2;
	return DQ_STATS_BARS / 3;
}

/* Prints "  11s ▁▃▅█▆▃▂▁ 31s   the next: ...". */
static void print_plot(struct page *page, const struct dq_stats_lane *lane)
{
	_cleanup_(buf_release) struct buf line = buf_make(LINE_BYTES);
	char cells[2][CELL_BYTES];
	const char *low = duration(lane->bars_low_ms, cells[0]);
	const char *high = duration(lane->bars_high_ms, cells[1]);
	const size_t len = strlen(high);

	buf_addf(&line, "  %*s ", TIME_COLUMNS, low);
	plot_add_heights(&line, lane->bars, DQ_STATS_BARS, plot_cells(page->columns),
	    page->has_blocks);
	buf_addf(&line, " %s", high);
	add_expected(&line, lane, len < TIME_COLUMNS ? TIME_COLUMNS - len : 0);
	app_out(page->app, line.data);
}

static void print_durations(struct page *page)
{
	const struct dq_stats *stats = page->stats;
	const char *const head[] = { "", _("n"), "5 %", "25 %", _("median"), "75 %",
		"95 %" };
	struct table table = numbers_table(sizeof(head) / sizeof(head[0]));
	size_t row = 1;

	add_head(page, &table, head);
	for (size_t i = first_lane(stats); i < stats->n_lanes && i <= ROWS_MAX; i++)
		if (stats->lanes[i].durations > 0)
			add_durations(page, &table, &stats->lanes[i]);
	if (table.n_rows > 1 && page->has_memory) {
		heading(page, _("How long a generation takes"));
		report_print_row(page->app, &table, table_row(&table, 0));
		for (size_t i = first_lane(stats); row < table.n_rows; i++) {
			if (stats->lanes[i].durations == 0)
				continue;
			report_print_row(page->app, &table, table_row(&table, row++));
			print_plot(page, &stats->lanes[i]);
		}
		say_more(page,
		    stats->n_lanes > ROWS_MAX + 1 ? stats->n_lanes - ROWS_MAX - 1 : 0);
	}
	table_release(&table);
}

/* --- what a result cost --- */

static void add_cost(
    struct page *page, struct table *table, const struct dq_stats_lane *lane)
{
	_cleanup_free_ char *label = lane_label(page, lane);
	char cells[6][CELL_BYTES];
	const char *const texts[] = {
		label,
		number(lane->succeeded, cells[0]),
		ratio((double)lane->looks, lane->succeeded, cells[1]),
		ratio(lane->requests, lane->succeeded, cells[2]),
		number(lane->detected, cells[3]),
		duration(lane->delay_mean_ms, cells[4]),
		duration(lane->delay_p95_ms, cells[5]),
	};

	add_row(page, table, texts);
}

static void print_costs(struct page *page)
{
	const struct dq_stats *stats = page->stats;
	const char *const head[] = { "", _("results"), _("polls"), _("requests"),
		_("awaited"), _("late"), "95 %" };
	struct table table = numbers_table(sizeof(head) / sizeof(head[0]));

	add_head(page, &table, head);
	for (size_t i = first_lane(stats); i < stats->n_lanes && i <= ROWS_MAX; i++)
		if (stats->lanes[i].looks > 0 || stats->lanes[i].detected > 0)
			add_cost(page, &table, &stats->lanes[i]);
	if (table.n_rows > 1 && page->has_memory) {
		heading(page, _("What a result cost, and how late its end was seen"));
		print_rows(page, &table);
	}
	table_release(&table);
}

/* --- what tasks cost in credits --- */

static void add_credits(
    struct page *page, struct table *table, const struct dq_stats_lane *lane)
{
	_cleanup_free_ char *label = lane_label(page, lane);
	char cells[5][CELL_BYTES];
	const char *const texts[] = {
		label,
		number((uint64_t)lane->credits, cells[0]),
		ratio((double)lane->credits, lane->priced, cells[1]),
		number(lane->measured, cells[2]),
		number(lane->priced - lane->measured, cells[3]),
		number(lane->tasks - lane->priced, cells[4]),
	};

	add_row(page, table, texts);
}

static void print_credits(struct page *page)
{
	const struct dq_stats *stats = page->stats;
	const char *const head[] = { "", _("credits"), _("a task"), _("measured"),
		_("reported"), _("unknown") };
	struct table table = numbers_table(sizeof(head) / sizeof(head[0]));

	add_head(page, &table, head);
	for (size_t i = first_lane(stats); i < stats->n_lanes && i <= ROWS_MAX; i++)
		if (stats->lanes[i].priced > 0)
			add_credits(page, &table, &stats->lanes[i]);
	if (table.n_rows > 1 && page->has_memory) {
		heading(
		    page, _("What tasks cost in credits, and how many that is known of"));
		print_rows(page, &table);
	}
	table_release(&table);
}

/* --- how tasks ended --- */

static void add_outcome(struct page *page, struct table *table, const char *outcome,
    const char *why, size_t tasks)
{
	const size_t all = page->stats->lanes[0].tasks;
	_cleanup_(buf_release) struct buf bar = buf_make(LINE_BYTES);
	char cells[2][CELL_BYTES];
	const char *texts[] = { outcome, why, number(tasks, cells[0]),
		percent(tasks, all, cells[1]), NULL };

	if (tasks == 0)
		return;
	plot_add_bar(&bar, tasks, all, BAR_CELLS, page->has_blocks);
	texts[4] = bar.data;
	add_row(page, table, texts);
}

static void add_failure(
    struct page *page, struct table *table, const struct dq_stats_failure *failure)
{
	const char *class = failure->fail_class ? failure->fail_class : "";
	const bool is_state = !strcmp(class, "cancelled") || !strcmp(class, "not_found");
	_cleanup_(buf_release) struct buf why = buf_make(LINE_BYTES);

	if (!is_state)
		buf_addf(&why, "%s", class);
	if (failure->fail_code) {
		buf_addf(&why, why.len > 0 ? " " : "");
		words_add_clean(&why, failure->fail_code);
	}
	add_outcome(page, table, words_state(is_state ? class : "failed"), why.data,
	    failure->tasks);
}

static void print_outcomes(struct page *page)
{
	const struct dq_stats *stats = page->stats;
	struct table table = table_make(5);

	table.is_right[2] = table.is_right[3] = true;
	add_outcome(
	    page, &table, words_state("succeeded"), "", stats->lanes[0].succeeded);
	for (size_t i = 0; i < stats->n_failures && i < ROWS_MAX; i++)
		add_failure(page, &table, &stats->failures[i]);
	add_outcome(page, &table, _("unfinished"), "", stats->lanes[0].unfinished);
	heading(page, _("How tasks ended"));
	print_rows(page, &table);
	say_more(page, stats->n_failures > ROWS_MAX ? stats->n_failures - ROWS_MAX : 0);
	table_release(&table);
}

/* --- by day --- */

static void add_day(
    struct page *page, struct table *table, const struct dq_stats_day *day, size_t most)
{
	_cleanup_(buf_release) struct buf bar = buf_make(LINE_BYTES);
	char cells[6][CELL_BYTES];
	const char *texts[] = {
		day->day,
		number(day->tasks, cells[0]),
		number(day->succeeded, cells[1]),
		number(day->failed, cells[2]),
		number(day->files, cells[3]),
		text_bytes(day->bytes, cells[4]),
		real(day->requests, cells[5]),
		NULL,
	};

	if (page->columns >= DAY_COLUMNS)
		plot_add_bar(&bar, day->tasks, most, BAR_CELLS, page->has_blocks);
	texts[7] = bar.data;
	add_row(page, table, texts);
}

static void print_days(struct page *page)
{
	const struct dq_stats *stats = page->stats;
	const size_t from = stats->n_days > DAYS_MAX ? stats->n_days - DAYS_MAX : 0;
	const char *const head[] = { "", _("tasks"), _("succeeded"), _("failed"),
		_("files"), _("bytes"), _("requests"), "" };
	struct table table = numbers_table(sizeof(head) / sizeof(head[0]));
	size_t most = 0;

	table.is_right[7] = false;
	add_head(page, &table, head);
	for (size_t i = from; i < stats->n_days; i++)
		most = stats->days[i].tasks > most ? stats->days[i].tasks : most;
	for (size_t i = from; i < stats->n_days; i++)
		add_day(page, &table, &stats->days[i], most);
	heading(page, _("By day"));
	print_rows(page, &table);
	say_more(page, from);
	table_release(&table);
}

void statpage_print(struct app *app, const struct dq_stats *stats)
{
	struct page page = {
		.app = app,
		.stats = stats,
		.columns = report_columns(app),
		.has_blocks = plot_has_blocks(),
		.has_memory = true,
		.is_first = true,
	};

	if (page.columns == 0)
		page.columns = COLUMNS_DEFAULT;
	print_durations(&page);
	print_costs(&page);
	print_credits(&page);
	print_outcomes(&page);
	print_days(&page);
	if (!page.has_memory)
		app_warn(app, _("out of memory: a line is missing"));
}
