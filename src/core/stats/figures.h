/*
 * figures.h - what can be said of many numbers: their mean, their quantiles, how they
 * spread over a logarithmic scale. Pure arithmetic.
 *
 *	struct figures figures = { 0 };
 *
 *	figures_add(&figures, 1500);
 *	figures_sort(&figures);
 *	median = figures_quantile(&figures, 0.5);
 *
 * Adding never needs a check: the first want of memory makes it `failed`. figures_sort()
 * comes before quantiles and bars.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct figures {
	int64_t *of; /* none below 0 */
	size_t n, room;
	bool failed;
};

void figures_add(struct figures *figures, int64_t value);
void figures_sort(struct figures *figures);
void figures_release(struct figures *figures);

/* Both are -1 of no numbers. A quantile between two of them is interpolated (type 7 of
 * Hyndman and Fan 1996, as R, NumPy and spreadsheets have it); 0 <= p <= 1. */
int64_t figures_mean(const struct figures *figures);
int64_t figures_quantile(const struct figures *figures, double p);

#define FIGURES_SPREAD_MIN \
	2.0 /* high / low: numbers that are nearly the same look like it */
/*
 * How many lie between low·r^i and low·r^(i+1), for i below n_bars, low·r^n_bars = high.
 * From the smallest to the largest number, or further when these are near each other. Of
 * no numbers: all 0, low and high -1.
 */
void figures_bars(const struct figures *figures, size_t n_bars, size_t *ret_bars,
    int64_t *ret_low, int64_t *ret_high);
