#include "tally.h"

#include <math.h>
#include <stdlib.h>

#include "must.h"

void tally_add(struct tally *tally, double polls, double requests, double delay_s)
{
	tally->delays_s =
	    must_grow(tally->delays_s, tally->n, &tally->room, sizeof(*tally->delays_s));
	tally->delays_s[tally->n++] = delay_s;
	tally->polls += polls;
	tally->requests += requests;
	tally->delay_s += delay_s;
}

void tally_merge(struct tally *into, const struct tally *from)
{
	for (size_t i = 0; i < from->n; i++)
		tally_add(into, 0.0, 0.0, from->delays_s[i]);
	into->polls += from->polls;
	into->requests += from->requests;
}

static double mean(const struct tally *tally, double sum)
{
	return tally->n ? sum / (double)tally->n : 0.0;
}

double tally_polls(const struct tally *tally)
{
	return mean(tally, tally->polls);
}

double tally_requests(const struct tally *tally)
{
	return mean(tally, tally->requests);
}

double tally_delay_s(const struct tally *tally)
{
	return mean(tally, tally->delay_s);
}

double tally_cost_s(const struct tally *tally)
{
	return tally_polls(tally) * tally_delay_s(tally);
}

static int by_value(const void *a, const void *b)
{
	const double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

double tally_quantile_s(struct tally *tally, double p)
{
	if (tally->n == 0)
		return 0.0;
	qsort(tally->delays_s, tally->n, sizeof(*tally->delays_s), by_value);
	return tally->delays_s[(size_t)ceil(p * (double)(tally->n - 1))];
}

void tally_release(struct tally *tally)
{
	free(tally->delays_s);
	*tally = (struct tally){ 0 };
}
