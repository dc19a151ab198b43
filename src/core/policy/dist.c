#include "core/policy/dist.h"

#include <math.h>
#include <pthread.h>

enum { SOLVE_STEPS = 60 };
/* Below this a survival is nothing: logarithms stay finite. */
static const double log_nothing = -690.0;
/* Behind the grid nothing lasts for ever: integrals stay finite. */
static const double tail_hazard_min = 1e-9;
static const double age_max_s = 1e12;

/* What isn't a number is young. */
static double age_within(double age_s)
{
	return age_s > 0.0 ? fmin(age_s, age_max_s) : 0.0;
}

/*
 * The points of the grid, and their logarithms; there as soon as there is a distribution.
 *
 */
static double grid_s[DIST_POINTS], log_grid[DIST_POINTS];
static pthread_once_t grid_once = PTHREAD_ONCE_INIT;

static void make_grid(void)
{
	for (size_t i = 0; i < DIST_POINTS; i++) {
		grid_s[i] = DIST_MIN_S * pow(10.0, (double)i / DIST_PER_DECADE);
		log_grid[i] = log(grid_s[i]);
	}
}

/* Between two points of the grid the hazard is constant. */
struct cell {
	double begin_s, end_s;
	double log_survival; /* at its begin */
	double hazard;
};

/*
 * Cell 0 is what lies before the grid; cell i ends at point i; cell DIST_POINTS is what
 * lies behind, where the hazard stays what it was at last.
 */
static struct cell cell_at(const struct dist *dist, size_t i)
{
	const size_t end = i < DIST_POINTS ? i : DIST_POINTS - 1;
	struct cell cell = {
		.begin_s = end ? grid_s[end - 1] : 0.0,
		.end_s = grid_s[end],
		.log_survival = end ? dist->log_survival[end - 1] : 0.0,
	};

	cell.hazard =
	    (cell.log_survival - dist->log_survival[end]) / (cell.end_s - cell.begin_s);
	if (i < DIST_POINTS)
		return cell;
	return (struct cell){ .begin_s = cell.end_s,
		.end_s = HUGE_VAL,
		.log_survival = dist->log_survival[end],
		.hazard = fmax(cell.hazard, tail_hazard_min) };
}

/* Finds the cell in which an age lies. */
static size_t cell_of(double age_s)
{
	if (age_s < DIST_MIN_S)
		return 0;
	if (age_s >= DIST_MAX_S)
		return DIST_POINTS;
	return (size_t)(log10(age_s / DIST_MIN_S) * DIST_PER_DECADE) + 1;
}

/* Computes ∫ exp(-hazard u) du from 0 to span_s. */
static double decay_s(double hazard, double span_s)
{
	const double x = hazard * span_s;

	return x < 1e-6 ? span_s * (1.0 - x / 2.0) : -expm1(-x) / hazard;
}

static double log_survival_in(const struct cell *cell, double age_s)
{
	return cell->log_survival - cell->hazard * (age_s - cell->begin_s);
}

static struct dist dist_of(const double survivals[static DIST_POINTS])
{
	struct dist dist;
	double last = 0.0, rest_s = 0.0;
	struct cell cell;

	for (size_t i = 0; i < DIST_POINTS; i++) {
		double now = log(survivals[i]);

		if (!(now > log_nothing))
			now = log_nothing;
		dist.log_survival[i] = last = now < last ? now : last;
	}
	for (size_t i = DIST_POINTS; i > 0; i--) {
		cell = cell_at(&dist, i);
		rest_s += exp(cell.log_survival) *
		    decay_s(cell.hazard, cell.end_s - cell.begin_s);
		dist.rest_s[i - 1] = rest_s;
	}
	return dist;
}

struct dist dist_make(
    double (*survival)(double age_s, const void *payload), const void *payload)
{
	double survivals[DIST_POINTS];

	(void)pthread_once(&grid_once, make_grid);
	for (size_t i = 0; i < DIST_POINTS; i++)
		survivals[i] = survival(grid_s[i], payload);
	return dist_of(survivals);
}

struct dist dist_mixture(const struct dist_part *parts, size_t n)
{
	double survivals[DIST_POINTS] = { 0.0 };

	(void)pthread_once(&grid_once, make_grid);
	for (size_t k = 0; k < n; k++) {
		const double half = 0.5 * parts[k].weight;
		const double log_median = log(parts[k].median_s);
		const double per_x = 1.0 / (M_SQRT2 * parts[k].sigma);

		for (size_t i = 0; i < DIST_POINTS; i++)
			survivals[i] += half * erfc((log_grid[i] - log_median) * per_x);
	}
	return dist_of(survivals);
}

static double exponential_survival(double age_s, const void *payload)
{
	const double *mean_s = payload;

	return exp(-age_s / *mean_s);
}

struct dist dist_exponential(double mean_s)
{
	return dist_make(exponential_survival, &mean_s);
}

double dist_survival(const struct dist *dist, double age_s)
{
	const double at_s = age_within(age_s);
	const struct cell cell = cell_at(dist, cell_of(at_s));

	return exp(log_survival_in(&cell, at_s));
}

/* ∫ S from this age on, divided by S there: the mean time left. */
static double rest_after_s(
    const struct dist *dist, size_t i, const struct cell *cell, double age_s)
{
	const double here_s = decay_s(cell->hazard, cell->end_s - age_s);

	if (i == DIST_POINTS)
		return here_s;
	return here_s + dist->rest_s[i] * exp(-log_survival_in(cell, age_s));
}

/* Finds the first cell from `low` on at whose end the survival is no more than wanted. */
static size_t cell_of_survival(const struct dist *dist, size_t low, double log_wanted)
{
	size_t high = DIST_POINTS;

	while (low < high) {
		const size_t middle = (low + high) / 2;

		if (dist->log_survival[middle] <= log_wanted)
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}

double dist_quantile_s(const struct dist *dist, double age_s, double p)
{
	const double from_s = age_within(age_s);
	const size_t first = cell_of(from_s);
	struct cell cell = cell_at(dist, first);
	const double log_wanted = log_survival_in(&cell, from_s) + log1p(-p);

	cell = cell_at(dist, cell_of_survival(dist, first, log_wanted));
	if (cell.hazard <= 0.0)
		return fmax(from_s, cell.begin_s);
	return age_within(
	    fmax(from_s, cell.begin_s + (cell.log_survival - log_wanted) / cell.hazard));
}

/* A(from, until) with everything about `from` in hand. */
struct accrual {
	const struct dist *dist;
	size_t i; /* the cell of from */
	double from_s, log_from, rest_s;
};

static struct accrual accrual_from(const struct dist *dist, double from_s)
{
	const double at_s = age_within(from_s);
	const size_t i = cell_of(at_s);
	const struct cell cell = cell_at(dist, i);

	return (struct accrual){ .dist = dist,
		.i = i,
		.from_s = at_s,
		.log_from = log_survival_in(&cell, at_s),
		.rest_s = rest_after_s(dist, i, &cell, at_s) };
}

double dist_accrued_s(const struct dist *dist, double from_s, double until_s)
{
	const struct accrual from = accrual_from(dist, from_s);
	const double at_s = age_within(until_s);
	const size_t i = cell_of(at_s);
	const struct cell cell = cell_at(dist, i);
	double span_s, rest_s;

	if (at_s <= from.from_s)
		return 0.0;
	span_s = at_s - from.from_s;
	if (i == from.i)
		return fmax(0.0, span_s - decay_s(cell.hazard, span_s));
	rest_s = rest_after_s(dist, i, &cell, at_s) *
	    exp(log_survival_in(&cell, at_s) - from.log_from);
	return fmax(0.0, span_s - (from.rest_s - rest_s));
}

/* Computes A(from, end of cell i); cells from that of `from` on. */
static double accrued_by_end_s(const struct accrual *from, size_t i)
{
	const double rest_s = from->dist->rest_s[i] * exp(-from->log_from);

	return grid_s[i] - from->from_s - (from->rest_s - rest_s);
}

static size_t cell_of_price(const struct accrual *from, double price_s)
{
	size_t low = from->i, high = DIST_POINTS;

	while (low < high) {
		const size_t middle = (low + high) / 2;

		if (accrued_by_end_s(from, middle) >= price_s)
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}

double dist_due_s(const struct dist *dist, double from_s, double price_s)
{
	const struct accrual from = accrual_from(dist, from_s);
	const size_t i = cell_of_price(&from, price_s);
	const struct cell cell = cell_at(dist, i);
	const double begin_s = i == from.i ? from.from_s : cell.begin_s;
	const double alive = exp(log_survival_in(&cell, begin_s) - from.log_from);
	double missing_s, span_s;

	if (!(price_s > 0.0))
		return from.from_s;
	missing_s = price_s - (i == from.i ? 0.0 : accrued_by_end_s(&from, i - 1));
	span_s = fmin(cell.end_s - begin_s, missing_s + alive / cell.hazard);
	/* In a cell A is convex, so Newton's steps from the right never go too far. */
	for (int n = 0; n < SOLVE_STEPS; n++) {
		const double over_s =
		    span_s - alive * decay_s(cell.hazard, span_s) - missing_s;
		const double slope = 1.0 - alive * exp(-cell.hazard * span_s);
		const double step_s = over_s / slope;

		if (!(step_s > 1e-6 * span_s))
			break;
		span_s -= step_s;
	}
	return fmin(begin_s + fmax(span_s, 0.0), from.from_s + DIST_MAX_S);
}
