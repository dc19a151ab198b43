#include "core/law.h"

#include <math.h>

enum { SOLVE_STEPS = 40 };
/* Below this a survival is nothing: logarithms stay finite. */
static const double log_nothing = -690.0;

static double grid_s(size_t i)
{
	return LAW_MIN_S * pow(10.0, (double)i / LAW_PER_DECADE);
}

/* Between two points of the grid the hazard is constant. */
struct cell {
	double begin_s, end_s;
	double log_survival; /* at its begin */
	double hazard;
};

static struct cell cell_at(const struct law *law, size_t i)
{
	/* Cell 0 is what lies before the grid; cell i ends at point i. */
	struct cell cell = {
		.begin_s = i ? grid_s(i - 1) : 0.0,
		.end_s = grid_s(i),
		.log_survival = i ? law->log_survival[i - 1] : 0.0,
	};

	cell.hazard =
	    (cell.log_survival - law->log_survival[i]) / (cell.end_s - cell.begin_s);
	return cell;
}

/* The cell in which an age lies; the last one for everything behind the grid. */
static size_t cell_of(double age_s)
{
	double at;

	if (age_s < LAW_MIN_S)
		return 0;
	at = log10(age_s / LAW_MIN_S) * LAW_PER_DECADE;
	return at >= LAW_POINTS - 1 ? LAW_POINTS - 1 : (size_t)at + 1;
}

/* ∫ of exp(-hazard u) from 0 to span_s. */
static double decay_s(double hazard, double span_s)
{
	return hazard * span_s < 1e-9 ? span_s : -expm1(-hazard * span_s) / hazard;
}

static double log_survival_in(const struct cell *cell, double age_s)
{
	return cell->log_survival - cell->hazard * (age_s - cell->begin_s);
}

struct law law_make(
    double (*survival)(double age_s, const void *payload), const void *payload)
{
	struct law law;
	double last = 0.0, rest_s = 0.0;

	for (size_t i = 0; i < LAW_POINTS; i++) {
		double now = log(survival(grid_s(i), payload));

		if (!(now > log_nothing))
			now = log_nothing;
		law.log_survival[i] = last = now < last ? now : last;
	}
	for (size_t i = LAW_POINTS; i-- > 0;) {
		law.rest_s[i] = rest_s;
		if (i > 0) {
			const struct cell cell = cell_at(&law, i);

			rest_s += exp(cell.log_survival) *
			    decay_s(cell.hazard, cell.end_s - cell.begin_s);
		}
	}
	return law;
}

struct mixture {
	const struct law_part *parts;
	size_t n;
};

static double mixture_survival(double age_s, const void *payload)
{
	const struct mixture *mixture = payload;
	double survival = 0.0;

	for (size_t i = 0; i < mixture->n; i++) {
		const struct law_part *part = &mixture->parts[i];
		const double x = log(age_s / part->median_s) / part->sigma;

		survival += part->weight * 0.5 * erfc(x / M_SQRT2);
	}
	return survival;
}

struct law law_mixture(const struct law_part *parts, size_t n)
{
	const struct mixture mixture = { parts, n };

	return law_make(mixture_survival, &mixture);
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
	const struct cell cell = cell_at(law, cell_of(age_s));

	return age_s <= 0.0 ? 1.0 : exp(log_survival_in(&cell, age_s));
}

double law_hazard(const struct law *law, double age_s)
{
	return cell_at(law, cell_of(age_s)).hazard;
}

/* ∫ S from this age on, divided by S there. */
static double rest_after_s(
    const struct law *law, size_t i, const struct cell *cell, double age_s)
{
	const double log_here = log_survival_in(cell, age_s);

	if (age_s > cell->end_s) /* behind the grid */
		return 0.0;
	return decay_s(cell->hazard, cell->end_s - age_s) +
	    law->rest_s[i] * exp(-log_here);
}

double law_mean_s(const struct law *law)
{
	const struct cell cell = cell_at(law, 0);

	return rest_after_s(law, 0, &cell, 0.0);
}

double law_quantile_s(const struct law *law, double age_s, double p)
{
	const double from_s = age_s > 0.0 ? age_s : 0.0;
	const struct cell first = cell_at(law, cell_of(from_s));
	const double wanted = log_survival_in(&first, from_s) + log1p(-p);
	size_t low = cell_of(from_s), high = LAW_POINTS - 1;
	struct cell cell;

	while (low < high) {
		const size_t middle = (low + high) / 2;

		if (law->log_survival[middle] <= wanted)
			high = middle;
		else
			low = middle + 1;
	}
	cell = cell_at(law, low);
	if (cell.hazard <= 0.0 || law->log_survival[low] > wanted)
		return cell.end_s > from_s ? cell.end_s : from_s;
	return cell.begin_s + (cell.log_survival - wanted) / cell.hazard;
}

/* A(from, until) with everything about `from` in hand. */
struct accrual {
	const struct law *law;
	double from_s, log_from, rest_s;
};

static struct accrual accrual_from(const struct law *law, double from_s)
{
	const double at_s = from_s > 0.0 ? from_s : 0.0;
	const size_t i = cell_of(at_s);
	const struct cell cell = cell_at(law, i);

	return (struct accrual){ .law = law,
		.from_s = at_s,
		.log_from = log_survival_in(&cell, at_s),
		.rest_s = rest_after_s(law, i, &cell, at_s) };
}

static double accrued_in(const struct accrual *from, size_t i, double until_s)
{
	const struct cell cell = cell_at(from->law, i);
	const double rest_s = rest_after_s(from->law, i, &cell, until_s) *
	    exp(log_survival_in(&cell, until_s) - from->log_from);

	return until_s - from->from_s - (from->rest_s - rest_s);
}

double law_accrued_s(const struct law *law, double from_s, double until_s)
{
	const struct accrual from = accrual_from(law, from_s);

	if (until_s <= from.from_s)
		return 0.0;
	return fmax(0.0, accrued_in(&from, cell_of(until_s), until_s));
}

double law_due_s(const struct law *law, double from_s, double price_s)
{
	const struct accrual from = accrual_from(law, from_s);
	size_t low = cell_of(from.from_s), high = LAW_POINTS - 1;
	double begin_s, end_s;

	while (low < high) {
		const size_t middle = (low + high) / 2;

		if (accrued_in(&from, middle, grid_s(middle)) >= price_s)
			high = middle;
		else
			low = middle + 1;
	}
	begin_s = fmax(from.from_s, low ? grid_s(low - 1) : 0.0);
	end_s = fmax(begin_s, grid_s(low));
	for (int i = 0; i < SOLVE_STEPS && end_s - begin_s > 1e-4; i++) {
		const double middle_s = (begin_s + end_s) / 2.0;

		if (accrued_in(&from, low, middle_s) >= price_s)
			end_s = middle_s;
		else
			begin_s = middle_s;
	}
	return end_s;
}
