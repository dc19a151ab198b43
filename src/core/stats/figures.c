#include "core/stats/figures.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"

void figures_add(struct figures *figures, int64_t value)
{
	if (figures->failed ||
	    !ARRAY_RESERVE(figures->of, figures->room, figures->n + 1)) {
		figures->failed = true;
		return;
	}
	figures->of[figures->n++] = value > 0 ? value : 0;
}

static int compare(const void *a, const void *b)
{
	const int64_t left = *(const int64_t *)a, right = *(const int64_t *)b;

	return left < right ? -1 : left > right;
}

void figures_sort(struct figures *figures)
{
	if (figures->n > 1)
		qsort(figures->of, figures->n, sizeof(*figures->of), compare);
}

void figures_release(struct figures *figures)
{
	free(figures->of);
	*figures = (struct figures){ 0 };
}

int64_t figures_mean(const struct figures *figures)
{
	double sum = 0;

	for (size_t i = 0; i < figures->n; i++)
		sum += (double)figures->of[i];
	return figures->n > 0 ? llround(sum / (double)figures->n) : -1;
}

int64_t figures_quantile(const struct figures *figures, double p)
{
	double place, low, high;
	size_t below;

	if (figures->n == 0)
		return -1;
	place = p * (double)(figures->n - 1);
	below = (size_t)place;
	low = (double)figures->of[below];
	if (below + 1 >= figures->n)
		return figures->of[below];
	high = (double)figures->of[below + 1];
	return llround(low + (place - (double)below) * (high - low));
}

static void find_ends(const struct figures *figures, int64_t *ret_low, int64_t *ret_high)
{
	double low = fmax((double)figures->of[0], 1.0);
	double high = fmax((double)figures->of[figures->n - 1], 1.0);
	const double middle = sqrt(low * high);

	if (high < FIGURES_SPREAD_MIN * low) {
		low = middle / sqrt(FIGURES_SPREAD_MIN);
		high = middle * sqrt(FIGURES_SPREAD_MIN);
	}
	*ret_low = llround(fmax(low, 1.0));
	*ret_high = llround(high);
	if (*ret_high <= *ret_low)
		*ret_high = *ret_low + 1;
}

void figures_bars(const struct figures *figures, size_t n_bars, size_t *ret_bars,
    int64_t *ret_low, int64_t *ret_high)
{
	double width;

	memset(ret_bars, 0, n_bars * sizeof(*ret_bars));
	*ret_low = *ret_high = -1;
	if (figures->n == 0)
		return;
	find_ends(figures, ret_low, ret_high);
	width = log((double)*ret_high / (double)*ret_low) / (double)n_bars;
	for (size_t i = 0; i < figures->n; i++) {
		const double value = fmax((double)figures->of[i], (double)*ret_low);
		const size_t bar = (size_t)(log(value / (double)*ret_low) / width);

		ret_bars[bar < n_bars ? bar : n_bars - 1]++;
	}
}
