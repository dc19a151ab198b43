#include "models.h"

#include <math.h>
#include <stdlib.h>

#include "core/common/random.h"
#include "must.h"

const struct spread image_spread = { 19.0, 0.25 };
const struct spread video_spread = { 130.0, 0.5 };

static const double base_min = 500.0 / 60.0, base_max = 900.0 / 60.0;
static const double drift_sigma = 0.25, drift_tau_s = 900.0;
static const double step_s = 10.0;

double chance(uint64_t *random)
{
	return ((double)(random_next(random) >> 11) + 0.5) * 0x1p-53;
}

double chance_between(uint64_t *random, double low, double high)
{
	return low + (high - low) * chance(random);
}

/* Box and Muller. */
static double normal(uint64_t *random)
{
	const double radius = sqrt(-2.0 * log(chance(random)));

	return radius * cos(2.0 * M_PI * chance(random));
}

double spread_draw_s(const struct spread *spread, uint64_t *random)
{
	return spread->median_s * exp(spread->sigma * normal(random));
}

struct dist spread_dist(const struct spread *spread)
{
	return dist_mixture(
	    &(struct dist_part){ 1.0, spread->median_s, spread->sigma }, 1);
}

struct drain drain_make(uint64_t seed)
{
	struct drain drain = { 0 };

	drain_restart(&drain, seed);
	return drain;
}

void drain_restart(struct drain *drain, uint64_t seed)
{
	drain->n = 0;
	drain->random = seed;
	drain->base = chance_between(&drain->random, base_min, base_max);
	drain->log_drift = drift_sigma * normal(&drain->random);
}

static void drain_step(struct drain *drain)
{
	static double keep, fresh; /* of the drift, in one step */
	const double before = exp(drain->log_drift);

	if (keep == 0.0) {
		keep = exp(-step_s / drift_tau_s);
		fresh = drift_sigma * sqrt(1.0 - keep * keep);
	}
	drain->drained =
	    must_grow(drain->drained, drain->n, &drain->room, sizeof(*drain->drained));
	drain->log_drift = keep * drain->log_drift + fresh * normal(&drain->random);
	drain->drained[drain->n] = (drain->n ? drain->drained[drain->n - 1] : 0.0) +
	    step_s * drain->base * 0.5 * (before + exp(drain->log_drift));
	drain->n++;
}

static double drained_after(const struct drain *drain, size_t steps)
{
	return steps ? drain->drained[steps - 1] : 0.0;
}

double drain_at(struct drain *drain, double at_s)
{
	const size_t steps = (size_t)(at_s / step_s);
	const double part = at_s / step_s - (double)steps;

	while (drain->n <= steps)
		drain_step(drain);
	return (1.0 - part) * drained_after(drain, steps) +
	    part * drained_after(drain, steps + 1);
}

double drain_when_s(struct drain *drain, double places)
{
	size_t low = 0, high;
	double before;

	while (drained_after(drain, drain->n) < places)
		drain_step(drain);
	high = drain->n;
	while (low < high) {
		const size_t middle = (low + high) / 2;

		if (drained_after(drain, middle) >= places)
			high = middle;
		else
			low = middle + 1;
	}
	if (low == 0)
		return 0.0;
	before = drained_after(drain, low - 1);
	return step_s *
	    ((double)(low - 1) +
		(places - before) / (drained_after(drain, low) - before));
}

void drain_release(struct drain *drain)
{
	free(drain->drained);
	*drain = (struct drain){ 0 };
}

static double generation_s(enum media_kind kind, uint64_t *random)
{
	return spread_draw_s(kind == MEDIA_IMAGE ? &image_spread : &video_spread, random);
}

struct life life_draw(enum media_kind kind, double created_s, uint64_t *random)
{
	return (struct life){ .kind = kind,
		.created_s = created_s,
		.start_s = created_s,
		.end_s = created_s + generation_s(kind, random) };
}

struct life life_draw_queued(enum media_kind kind, double created_s, double place,
    struct drain *drain, uint64_t *random)
{
	struct life life = { .kind = kind,
		.created_s = created_s,
		.place = place,
		.drained = drain_at(drain, created_s),
		.drain = drain };

	life.start_s = drain_when_s(drain, life.drained + place);
	life.end_s = life.start_s + generation_s(kind, random);
	return life;
}

void life_shift(struct life *life, double by_s)
{
	life->created_s += by_s;
	life->start_s += by_s;
	life->end_s += by_s;
	life->drain_from_s += by_s;
}

double life_place(const struct life *life, double at_s)
{
	if (at_s >= life->start_s)
		return 0.0;
	if (!life->drain)
		return life->place * (life->start_s - at_s) /
		    (life->start_s - life->created_s);
	return fmax(0.0,
	    life->place + life->drained -
		drain_at(life->drain, at_s - life->drain_from_s));
}
