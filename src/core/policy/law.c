#include "core/policy/law.h"

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

/* The points of the grid, and their logarithms; there as soon as there is a law. */
static double grid_s[LAW_POINTS], log_grid[LAW_POINTS];
static pthread_once_t grid_once = PTHREAD_ONCE_INIT;

static void make_grid(void)
{
	for (size_t i = 0; i < LAW_POINTS; i++) {
		grid_s[i] = LAW_MIN_S * pow(10.0, (double)i / LAW_PER_DECADE);
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
 * Cell 0 is what lies before the grid; cell i ends at point i; cell LAW_POINTS is what
 * lies behind, where the hazard stays what it was at last.
 */
static struct cell cell_at(const struct law *law, size_t i)
{
	const size_t end = i < LAW_POINTS ? i : LAW_POINTS - 1;
	struct cell cell = {
		.begin_s = end ? grid_s[end - 1] : 0.0,
		.end_s = grid_s[end],
		.log_survival = end ? law->log_survival[end - 1] : 0.0,
	};

	cell.hazard =
	    (cell.log_survival - law->log_survival[end]) / (cell.end_s - cell.begin_s);
	if (i < LAW_POINTS)
		return cell;
	return (struct cell){ .begin_s = cell.end_s,
		.end_s = HUGE_VAL,
		.log_survival = law->log_survival[end],
		.hazard = fmax(cell.hazard, tail_hazard_min) };
}

/* The cell in which an age lies. */
static size_t cell_of(double age_s)
{
	if (age_s < LAW_MIN_S)
		return 0;
	if (age_s >= LAW_MAX_S)
		return LAW_POINTS;
	return (size_t)(log10(age_s / LAW_MIN_S) * LAW_PER_DECADE) + 1;
}

/* ∫ of exp(-hazard u) from 0 to span_s. */
static double decay_s(double hazard, double span_s)
{
	const double x = hazard * span_s;

	return x < 1e-6 ? span_s * (1.0 - x / 2.0) : -expm1(-x) / hazard;
}

static double log_survival_in(const struct cell *cell, double age_s)
{
	return cell->log_survival - cell->hazard * (age_s - cell->begin_s);
}

static struct law law_of(const double survivals[static LAW_POINTS])
{
	struct law law;
	double last = 0.0, rest_s = 0.0;
	struct cell cell;

	for (size_t i = 0; i < LAW_POINTS; i++) {
		double now = log(survivals[i]);

		if (!(now > log_nothing))
			now = log_nothing;
		law.log_survival[i] = last = now < last ? now : last;
	}
	for (size_t i = LAW_POINTS; i > 0; i--) {
		cell = cell_at(&law, i);
		rest_s += exp(cell.log_survival) *
		    decay_s(cell.hazard, cell.end_s - cell.begin_s);
		law.rest_s[i - 1] = rest_s;
	}
	return law;
}

struct law law_make(
    double (*survival)(double age_s, const void *payload), const void *payload)
{
	double survivals[LAW_POINTS];

	(void)pthread_once(&grid_once, make_grid);
	for (size_t i = 0; i < LAW_POINTS; i++)
		survivals[i] = survival(grid_s[i], payload);
	return law_of(survivals);
}

struct law law_mixture(const struct law_part *parts, size_t n)
{
	double survivals[LAW_POINTS] = { 0.0 };

	(void)pthread_once(&grid_once, make_grid);
	for (size_t k = 0; k < n; k++) {
		const double half = 0.5 * parts[k].weight;
		const double log_median = log(parts[k].median_s);
		const double per_x = 1.0 / (M_SQRT2 * parts[k].sigma);

		for (size_t i = 0; i < LAW_POINTS; i++)
			survivals[i] += half * erfc((log_grid[i] - log_median) * per_x);
	}
	return law_of(survivals);
}

static double exponential_survival(double age_s, const void *payload)
{
	const double *mean_s = payload;

	return exp(-age_s / *mean_s);
}

struct law law_exponential(double mean_s)
{
	return law_make(exponential_survival, &mean_s);
}

double law_survival(const struct law *law, double age_s)
{
	const double at_s = age_within(age_s);
	const struct cell cell = cell_at(law, cell_of(at_s));

	return exp(log_survival_in(&cell, at_s));
}

/* ∫ S from this age on, divided by S there: the mean time left. */
static double rest_after_s(
    const struct law *law, size_t i, const struct cell *cell, double age_s)
{
	const double here_s = decay_s(cell->hazard, cell->end_s - age_s);

	if (i == LAW_POINTS)
		return here_s;
	return here_s + law->rest_s[i] * exp(-log_survival_in(cell, age_s));
}

/* The first cell from `low` on at whose end the survival is no more than wanted. */
static size_t cell_of_survival(const struct law *law, size_t low, double log_wanted)
{
	size_t high = LAW_POINTS;

	while (low < high) {
		const size_t middle = (low + high) / 2;

		if (law->log_survival[middle] <= log_wanted)
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}

double law_quantile_s(const struct law *law, double age_s, double p)
{
	const double from_s = age_within(age_s);
	const size_t first = cell_of(from_s);
	struct cell cell = cell_at(law, first);
	const double log_wanted = log_survival_in(&cell, from_s) + log1p(-p);

	cell = cell_at(law, cell_of_survival(law, first, log_wanted));
	if (cell.hazard <= 0.0)
		return fmax(from_s, cell.begin_s);
	return age_within(
	    fmax(from_s, cell.begin_s + (cell.log_survival - log_wanted) / cell.hazard));
}

/* A(from, until) with everything about `from` in hand. */
struct accrual {
	const struct law *law;
	size_t i; /* the cell of from */
	double from_s, log_from, rest_s;
};

static struct accrual accrual_from(const struct law *law, double from_s)
{
	const double at_s = age_within(from_s);
	const size_t i = cell_of(at_s);
	const struct cell cell = cell_at(law, i);

	return (struct accrual){ .law = law,
		.i = i,
		.from_s = at_s,
		.log_from = log_survival_in(&cell, at_s),
		.rest_s = rest_after_s(law, i, &cell, at_s) };
}

double law_accrued_s(const struct law *law, double from_s, double until_s)
{
	const struct accrual from = accrual_from(law, from_s);
	const double at_s = age_within(until_s);
	const size_t i = cell_of(at_s);
	const struct cell cell = cell_at(law, i);
	double span_s, rest_s;

	if (at_s <= from.from_s)
		return 0.0;
	span_s = at_s - from.from_s;
	if (i == from.i)
		return fmax(0.0, span_s - decay_s(cell.hazard, span_s));
	rest_s = rest_after_s(law, i, &cell, at_s) *
	    exp(log_survival_in(&cell, at_s) - from.log_from);
	return fmax(0.0, span_s - (from.rest_s - rest_s));
}

/* A(from, end of cell i); cells from that of `from` on. */
static double accrued_by_end_s(const struct accrual *from, size_t i)
{
	const double rest_s = from->law->rest_s[i] * exp(-from->log_from);

	return grid_s[i] - from->from_s - (from->rest_s - rest_s);
}

static size_t cell_of_price(const struct accrual *from, double price_s)
{
	size_t low = from->i, high = LAW_POINTS;

	while (low < high) {
		const size_t middle = (low + high) / 2;

		if (accrued_by_end_s(from, middle) >= price_s)
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}

double law_due_s(const struct law *law, double from_s, double price_s)
{
	const struct accrual from = accrual_from(law, from_s);
	const size_t i = cell_of_price(&from, price_s);
	const struct cell cell = cell_at(law, i);
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
	return fmin(begin_s + fmax(span_s, 0.0), from.from_s + LAW_MAX_S);
}
