#include "cli/output/plot.h"

#include <langinfo.h>
#include <string.h>

enum { LEVELS = 8 };

static const char *const heights[2][LEVELS + 1] = {
	{ " ", ".", ":", "-", "=", "+", "*", "%", "#" },
	{ " ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█" },
};
static const char *const widths[2][LEVELS + 1] = {
	{ "", "-", "-", "-", "-", "=", "=", "=", "=" },
	{ "", "▏", "▎", "▍", "▌", "▋", "▊", "▉", "█" },
};

bool plot_has_blocks(void)
{
	return !strcmp(nl_langinfo(CODESET), "UTF-8");
}

/* Returns what column `cell` shows. */
static size_t count_at(const size_t *bars, size_t n_bars, size_t cell, size_t n_cells)
{
	const size_t from = cell * n_bars / n_cells;
	size_t until = (cell + 1) * n_bars / n_cells;
	size_t sum = 0;

	if (until <= from)
		until = from + 1;
	for (size_t i = from; i < until; i++)
		sum += bars[i];
	return sum;
}

/* From 0 to `full`, rounded up: only nothing is 0. */
static size_t scale(uint64_t value, uint64_t max, size_t full)
{
	double share;
	size_t level;

	if (value == 0 || max == 0)
		return 0;
	share = (double)value / (double)max * (double)full;
	level = (size_t)share;
	if ((double)level < share)
		level++;
	return level < full ? level : full;
}

void plot_add_heights(
    struct buf *into, const size_t *bars, size_t n_bars, size_t n_cells, bool has_blocks)
{
	size_t max = 0;

	for (size_t i = 0; i < n_cells; i++) {
		const size_t count = count_at(bars, n_bars, i, n_cells);

		max = count > max ? count : max;
	}
	for (size_t i = 0; i < n_cells; i++) {
		const size_t count = count_at(bars, n_bars, i, n_cells);

		buf_addf(into, "%s", heights[has_blocks][scale(count, max, LEVELS)]);
	}
}

void plot_add_bar(
    struct buf *into, uint64_t value, uint64_t max, size_t n_cells, bool has_blocks)
{
	const size_t eighths = scale(value, max, n_cells * LEVELS);

	for (size_t i = 0; i < eighths / LEVELS; i++)
		buf_addf(into, "%s", widths[has_blocks][LEVELS]);
	buf_addf(into, "%s", widths[has_blocks][eighths % LEVELS]);
}
