#include "dp.h"

#include <math.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "must.h"

enum { HALVINGS = 30 };

/* Of each point of the grid. */
struct grid {
	size_t n, floor; /* points; the smallest step */
	double *survival, *integral; /* S, ∫ S from 0 */
	double *worth; /* W */
	double *polls, *delay_s; /* the two parts of it */
};

enum { NUMBERS = 5 /* of a point */ };

static size_t grid_points(const struct dp *dp)
{
	return (size_t)(dp->end_s / dp->step_s) + 1;
}

/* `memory`: NUMBERS for each point, borrowed. */
static struct grid grid_make(const struct dp *dp, double *memory)
{
	struct grid grid = { .n = grid_points(dp),
		.floor = (size_t)lround(dp->floor_s / dp->step_s) };

	grid.floor = grid.floor ? grid.floor : 1;
	grid.survival = memory;
	grid.integral = memory + grid.n;
	grid.worth = memory + 2 * grid.n;
	grid.polls = memory + 3 * grid.n;
	grid.delay_s = memory + 4 * grid.n;
	for (size_t i = 0; i < grid.n; i++) {
		grid.survival[i] = dist_survival(dp->dist, dp->step_s * (double)i);
		if (i > 0)
			grid.integral[i] = grid.integral[i - 1] +
			    0.5 * dp->step_s * (grid.survival[i - 1] + grid.survival[i]);
	}
	return grid;
}

/* The best poll after one at point i. */
static void solve(struct grid *grid, size_t i, double step_s, double price_s)
{
	grid->worth[i] = HUGE_VAL;
	for (size_t j = i + grid->floor; j < grid->n; j++) {
		const double late_s = step_s * (double)(j - i) * grid->survival[i] -
		    (grid->integral[j] - grid->integral[i]);
		const double worth =
		    price_s * grid->survival[i] + late_s + grid->worth[j];

		if (worth < grid->worth[i]) {
			grid->worth[i] = worth;
			grid->polls[i] = grid->survival[i] + grid->polls[j];
			grid->delay_s[i] = late_s + grid->delay_s[j];
		}
		if (late_s > grid->worth[i])
			break; /* and later ones cost more */
	}
}

static struct cost optimum(struct grid *grid, double step_s, double price_s)
{
	for (size_t i = grid->n; i-- > 0;) {
		if (i + grid->floor < grid->n) {
			solve(grid, i, step_s, price_s);
			continue;
		}
		grid->polls[i] = grid->survival[i];
		grid->delay_s[i] = 0.0;
		grid->worth[i] = price_s * grid->survival[i];
	}
	return (struct cost){ grid->polls[0], grid->delay_s[0] };
}

struct cost dp_optimum(const struct dp *dp, double price_s)
{
	_cleanup_free_ double *memory =
	    must(calloc(NUMBERS * grid_points(dp), sizeof(*memory)));
	struct grid grid = grid_make(dp, memory);
	const struct cost cost = optimum(&grid, dp->step_s, price_s);

	return cost;
}

/* The delay falls in steps as the price does: between two of them mix the two. */
static struct cost between(const struct cost *a, const struct cost *b, double delay_s)
{
	const double width_s = b->delay_s - a->delay_s;
	const double share =
	    width_s > 0.0 ? fmin(1.0, fmax(0.0, (delay_s - a->delay_s) / width_s)) : 0.0;

	return (struct cost){ (1.0 - share) * a->polls + share * b->polls,
		(1.0 - share) * a->delay_s + share * b->delay_s };
}

struct cost dp_at_delay(const struct dp *dp, double delay_s)
{
	_cleanup_free_ double *memory =
	    must(calloc(NUMBERS * grid_points(dp), sizeof(*memory)));
	struct grid grid = grid_make(dp, memory);
	double low = 1e-3, high = 1e3;
	struct cost soon = optimum(&grid, dp->step_s, low);
	struct cost late = optimum(&grid, dp->step_s, high);

	for (int i = 0; i < HALVINGS && late.delay_s - soon.delay_s > 1e-3 * delay_s;
	     i++) {
		const double price_s = sqrt(low * high);
		const struct cost cost = optimum(&grid, dp->step_s, price_s);

		if (cost.delay_s > delay_s) {
			high = price_s;
			late = cost;
		} else {
			low = price_s;
			soon = cost;
		}
	}
	return between(&soon, &late, delay_s);
}
