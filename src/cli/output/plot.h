/*
 * plot.h - numbers as a picture of one line: block characters where the terminal has
 * them, plain ones elsewhere. Pure.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

/* Does the locale have the blocks? After i18n_start(). */
bool plot_has_blocks(void);

/*
 * Adds n_bars numbers as heights, over n_cells columns: bars that share a column are
 * added up, columns that share a bar repeat it. The highest is full, 0 is a blank, and
 * the smallest of all is still seen.
 */
void plot_add_heights(
    struct buf *into, const size_t *bars, size_t n_bars, size_t n_cells, bool has_blocks);
/* Adds a bar along the line, n_cells long for `max`; what is not 0 is seen. */
void plot_add_bar(
    struct buf *into, uint64_t value, uint64_t max, size_t n_cells, bool has_blocks);
