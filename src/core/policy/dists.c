#include "core/policy/dists.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/cleanup.h"

enum { KINDS = MEDIA_AUDIO + 1 };
static const double rate_seconds_min = 5.0; /* a shorter way says too little of a rate */

/*
 * A fit costs more than all else of a poll. Every poll brings a forecast: so much of a
 * change is worth a fit. Of n samples and as many ends as this part of n, so little is
 * learnt that it can wait for the next.
 */
static const double forecast_step = 0.01;
static const size_t fit_part = 32;
static const double surprise_z = 2.0; /* but an end so far off is news */

/* By enum media_kind; of a kind that nobody knows something between. */
static const double medians_s[KINDS] = { 40.0, DISTS_IMAGE_S, DISTS_VIDEO_S,
	DISTS_AUDIO_S };

struct lane {
	enum media_kind kind;
	char *model; /* NULL: of the kind */
	struct learnt learnt;
	double forecast_s, fit_forecast_s; /* now; of the last fit; 0: none */
	double *running_s;
	size_t n_running;
	struct dist dist;
	size_t unfit; /* ends since the fit */
	bool is_fit, is_given;
	double rates[DISTS_RATES_MAX]; /* places a second; a ring */
	size_t n_rates;
};

struct dists {
	struct lane *lanes; /* the first KINDS are the kinds */
	size_t n, room;
};

static void begin_lane(struct lane *lane, enum media_kind kind)
{
	*lane = (struct lane){ .kind = kind };
	lane->learnt.prior_median_s = medians_s[kind];
}

struct dists *dists_new(void)
{
	struct dists *dists = calloc(1, sizeof(*dists));

	if (!dists)
		return NULL;
	dists->lanes = calloc(KINDS, sizeof(*dists->lanes));
	if (!dists->lanes) {
		free(dists);
		return NULL;
	}
	dists->n = dists->room = KINDS;
	for (size_t i = 0; i < KINDS; i++)
		begin_lane(&dists->lanes[i], (enum media_kind)i);
	return dists;
}

void dists_free(struct dists *dists)
{
	if (!dists)
		return;
	for (size_t i = 0; i < dists->n; i++) {
		free(dists->lanes[i].model);
		free(dists->lanes[i].running_s);
	}
	free(dists->lanes);
	free(dists);
}

static bool make_room(struct dists *dists)
{
	return dists->n < DISTS_LANES_MAX &&
	    ARRAY_RESERVE(dists->lanes, dists->room, dists->n + 1);
}

ANALYZER_LOSES_SIGHT
size_t dists_lane(struct dists *dists, enum media_kind kind, const char *model)
{
	struct lane *lane;

	if (!model || !model[0])
		return kind;
	for (size_t i = KINDS; i < dists->n; i++)
		if (dists->lanes[i].kind == kind && !strcmp(dists->lanes[i].model, model))
			return i;
	if (!make_room(dists))
		return kind;
	lane = &dists->lanes[dists->n];
	begin_lane(lane, kind);
	lane->model = strdup(model);
	return lane->model ? dists->n++ : kind;
}
ANALYZER_SEES_AGAIN

size_t dists_count(const struct dists *dists)
{
	return dists->n;
}

/* A model's prior is its kind's distribution, so they learn and forget together. */
static void forget_fits(struct dists *dists, enum media_kind kind)
{
	for (size_t i = 0; i < dists->n; i++)
		if (dists->lanes[i].kind == kind)
			dists->lanes[i].is_fit = false;
}

/* What is said of a model is its own; what is said of a kind is every model's. */
static void forget_fit(struct dists *dists, struct lane *lane)
{
	if (lane->model)
		lane->is_fit = false;
	else
		forget_fits(dists, lane->kind);
}

static void fit(struct dists *dists, size_t index)
{
	struct lane *lane = &dists->lanes[index];
	const struct learnt *kind;

	if (lane->is_fit || lane->is_given)
		return;
	lane->is_fit = true;
	lane->unfit = 0;
	lane->fit_forecast_s = lane->forecast_s;
	lane->learnt.prior_median_s = medians_s[lane->kind];
	if (lane->forecast_s > 0.0)
		lane->learnt.prior_median_s = DISTS_FORECAST_SHARE * lane->forecast_s;
	if (lane->model) {
		fit(dists, lane->kind);
		kind = &dists->lanes[lane->kind].learnt;
		if (kind->n > 0 || !(lane->forecast_s > 0.0))
			lane->learnt.prior_median_s = kind->median_s;
	}
	lane->dist = learn_fit(&lane->learnt, lane->running_s, lane->n_running);
}

/* True: a fit is worth it. */
static bool learn(struct lane *lane, double seconds, bool is_success)
{
	const double sigma = lane->learnt.sigma;
	const double off = log(seconds / lane->learnt.median_s);

	learn_ended(&lane->learnt, seconds, is_success);
	return ++lane->unfit > lane->learnt.n / fit_part ||
	    !(fabs(off) < surprise_z * sigma);
}

void dists_ended(struct dists *dists, size_t lane, double seconds, bool is_success)
{
	const size_t kind = dists->lanes[lane].kind;

	if (!(seconds > 0.0))
		return;
	fit(dists, lane); /* what is odd is measured on the distribution before it */
	if (lane != kind && learn(&dists->lanes[lane], seconds, is_success))
		dists->lanes[lane].is_fit = false;
	fit(dists, kind);
	if (learn(&dists->lanes[kind], seconds, is_success))
		forget_fits(dists, dists->lanes[kind].kind);
}

void dists_forecast(struct dists *dists, size_t lane, double forecast_s)
{
	struct lane *of = &dists->lanes[lane];

	if (!(forecast_s > 0.0) || of->learnt.n > 0)
		return;
	/* They differ from task to task: a slow mean of them. */
	of->forecast_s = of->forecast_s > 0.0
	    ? exp(0.8 * log(of->forecast_s) + 0.2 * log(forecast_s))
	    : forecast_s;
	if (fabs(of->forecast_s - of->fit_forecast_s) >
	    forecast_step * of->fit_forecast_s)
		forget_fit(dists, of);
}

void dists_running(struct dists *dists, size_t lane, const double *ages_s, size_t n)
{
	struct lane *of = &dists->lanes[lane];
	const size_t n_kept = n < LEARN_RUNNING_MAX ? n : LEARN_RUNNING_MAX;

	if (!of->running_s && n_kept > 0)
		of->running_s = calloc(LEARN_RUNNING_MAX, sizeof(*of->running_s));
	of->n_running = of->running_s ? n_kept : 0;
	for (size_t i = 0; i < of->n_running; i++)
		of->running_s[i] = ages_s[i];
	forget_fit(dists, of);
}

const struct dist *dists_of(struct dists *dists, size_t lane)
{
	fit(dists, lane);
	return &dists->lanes[lane].dist;
}

const struct learnt *dists_learnt(struct dists *dists, size_t lane)
{
	fit(dists, lane);
	return &dists->lanes[lane].learnt;
}

bool dists_is_young(struct dists *dists, size_t lane)
{
	const struct learnt *learnt = dists_learnt(dists, lane);

	if (dists->lanes[lane].is_given)
		return false;
	return learnt->n < DISTS_YOUNG || learnt->is_new_dist;
}

void dists_set(struct dists *dists, size_t lane, const struct dist *dist)
{
	dists->lanes[lane].dist = *dist;
	dists->lanes[lane].is_given = true;
}

void dists_drained(struct dists *dists, size_t lane, double places, double seconds)
{
	struct lane *of = &dists->lanes[lane];

	if (!(seconds >= rate_seconds_min))
		return;
	of->rates[of->n_rates++ % DISTS_RATES_MAX] = fmax(0.0, places) / seconds;
}

static int by_value(const void *a, const void *b)
{
	const double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

/* The rate below which so large a part of the newest lies; between two, their mean. */
static double drain_quantile(const struct lane *lane, double part)
{
	const size_t n =
	    lane->n_rates < DISTS_RATES_MAX ? lane->n_rates : DISTS_RATES_MAX;
	double sorted[DISTS_RATES_MAX], at;

	if (n == 0)
		return 0.0;
	memcpy(sorted, lane->rates, n * sizeof(*sorted));
	qsort(sorted, n, sizeof(*sorted), by_value);
	at = part * (double)(n - 1);
	return (sorted[(size_t)floor(at)] + sorted[(size_t)ceil(at)]) / 2.0;
}

double dists_drain(const struct dists *dists, size_t lane)
{
	return drain_quantile(&dists->lanes[lane], 0.5);
}

double dists_drain_fast(const struct dists *dists, size_t lane)
{
	return DISTS_DRAIN_SPREAD * drain_quantile(&dists->lanes[lane], 0.75);
}
