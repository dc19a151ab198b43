#include "core/policy/lawbook.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/cleanup.h"

enum { KINDS = MEDIA_AUDIO + 1 };
static const double rate_seconds_min = 5.0; /* a shorter way says too little of a rate */

/*
 * A fit costs more than all else of a look. Every look brings a forecast: so much of a
 * change is worth a fit. Of n samples and as many ends as this part of n, so little is
 * learnt that it can wait for the next.
 */
static const double forecast_step = 0.01;
static const size_t fit_part = 32;
static const double surprise_z = 2.0; /* but an end so far off is news */

/* By enum media_kind; of a kind that nobody knows something between. */
static const double medians_s[KINDS] = { 40.0, LAWBOOK_IMAGE_S, LAWBOOK_VIDEO_S,
	LAWBOOK_AUDIO_S };

struct lane {
	enum media_kind kind;
	char *model; /* NULL: of the kind */
	struct learnt learnt;
	double forecast_s, fit_forecast_s; /* now; of the last fit; 0: none */
	double *running_s;
	size_t n_running;
	struct law law;
	size_t unfit; /* ends since the fit */
	bool is_fit, is_given;
	double rates[LAWBOOK_RATES_MAX]; /* places a second; a ring */
	size_t n_rates;
};

struct lawbook {
	struct lane *lanes; /* the first KINDS are the kinds */
	size_t n, room;
};

static void begin_lane(struct lane *lane, enum media_kind kind)
{
	*lane = (struct lane){ .kind = kind };
	lane->learnt.prior_median_s = medians_s[kind];
}

struct lawbook *lawbook_new(void)
{
	struct lawbook *book = calloc(1, sizeof(*book));

	if (!book)
		return NULL;
	book->lanes = calloc(KINDS, sizeof(*book->lanes));
	if (!book->lanes) {
		free(book);
		return NULL;
	}
	book->n = book->room = KINDS;
	for (size_t i = 0; i < KINDS; i++)
		begin_lane(&book->lanes[i], (enum media_kind)i);
	return book;
}

void lawbook_free(struct lawbook *book)
{
	if (!book)
		return;
	for (size_t i = 0; i < book->n; i++) {
		free(book->lanes[i].model);
		free(book->lanes[i].running_s);
	}
	free(book->lanes);
	free(book);
}

static bool make_room(struct lawbook *book)
{
	return book->n < LAWBOOK_LANES_MAX &&
	    ARRAY_RESERVE(book->lanes, book->room, book->n + 1);
}

ANALYZER_LOSES_SIGHT
size_t lawbook_lane(struct lawbook *book, enum media_kind kind, const char *model)
{
	struct lane *lane;

	if (!model || !model[0])
		return kind;
	for (size_t i = KINDS; i < book->n; i++)
		if (book->lanes[i].kind == kind && !strcmp(book->lanes[i].model, model))
			return i;
	if (!make_room(book))
		return kind;
	lane = &book->lanes[book->n];
	begin_lane(lane, kind);
	lane->model = strdup(model);
	return lane->model ? book->n++ : kind;
}
ANALYZER_SEES_AGAIN

size_t lawbook_count(const struct lawbook *book)
{
	return book->n;
}

/* A model's prior is its kind's law, so they learn and forget together. */
static void forget_fits(struct lawbook *book, enum media_kind kind)
{
	for (size_t i = 0; i < book->n; i++)
		if (book->lanes[i].kind == kind)
			book->lanes[i].is_fit = false;
}

/* What is said of a model is its own; what is said of a kind is every model's. */
static void forget_fit(struct lawbook *book, struct lane *lane)
{
	if (lane->model)
		lane->is_fit = false;
	else
		forget_fits(book, lane->kind);
}

static void fit(struct lawbook *book, size_t index)
{
	struct lane *lane = &book->lanes[index];
	const struct learnt *kind;

	if (lane->is_fit || lane->is_given)
		return;
	lane->is_fit = true;
	lane->unfit = 0;
	lane->fit_forecast_s = lane->forecast_s;
	lane->learnt.prior_median_s = medians_s[lane->kind];
	if (lane->forecast_s > 0.0)
		lane->learnt.prior_median_s = LAWBOOK_FORECAST_SHARE * lane->forecast_s;
	if (lane->model) {
		fit(book, lane->kind);
		kind = &book->lanes[lane->kind].learnt;
		if (kind->n > 0 || !(lane->forecast_s > 0.0))
			lane->learnt.prior_median_s = kind->median_s;
	}
	lane->law = learn_fit(&lane->learnt, lane->running_s, lane->n_running);
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

void lawbook_ended(struct lawbook *book, size_t lane, double seconds, bool is_success)
{
	const size_t kind = book->lanes[lane].kind;

	if (!(seconds > 0.0))
		return;
	fit(book, lane); /* what is odd is measured on the law before it */
	if (lane != kind && learn(&book->lanes[lane], seconds, is_success))
		book->lanes[lane].is_fit = false;
	fit(book, kind);
	if (learn(&book->lanes[kind], seconds, is_success))
		forget_fits(book, book->lanes[kind].kind);
}

void lawbook_forecast(struct lawbook *book, size_t lane, double forecast_s)
{
	struct lane *of = &book->lanes[lane];

	if (!(forecast_s > 0.0) || of->learnt.n > 0)
		return;
	/* They differ from task to task: a slow mean of them. */
	of->forecast_s = of->forecast_s > 0.0
	    ? exp(0.8 * log(of->forecast_s) + 0.2 * log(forecast_s))
	    : forecast_s;
	if (fabs(of->forecast_s - of->fit_forecast_s) >
	    forecast_step * of->fit_forecast_s)
		forget_fit(book, of);
}

void lawbook_running(struct lawbook *book, size_t lane, const double *ages_s, size_t n)
{
	struct lane *of = &book->lanes[lane];
	const size_t n_kept = n < LEARN_RUNNING_MAX ? n : LEARN_RUNNING_MAX;

	if (!of->running_s && n_kept > 0)
		of->running_s = calloc(LEARN_RUNNING_MAX, sizeof(*of->running_s));
	of->n_running = of->running_s ? n_kept : 0;
	for (size_t i = 0; i < of->n_running; i++)
		of->running_s[i] = ages_s[i];
	forget_fit(book, of);
}

const struct law *lawbook_law(struct lawbook *book, size_t lane)
{
	fit(book, lane);
	return &book->lanes[lane].law;
}

const struct learnt *lawbook_learnt(struct lawbook *book, size_t lane)
{
	fit(book, lane);
	return &book->lanes[lane].learnt;
}

bool lawbook_is_young(struct lawbook *book, size_t lane)
{
	const struct learnt *learnt = lawbook_learnt(book, lane);

	if (book->lanes[lane].is_given)
		return false;
	return learnt->n < LAWBOOK_YOUNG || learnt->is_new_law;
}

void lawbook_set(struct lawbook *book, size_t lane, const struct law *law)
{
	book->lanes[lane].law = *law;
	book->lanes[lane].is_given = true;
}

void lawbook_drained(struct lawbook *book, size_t lane, double places, double seconds)
{
	struct lane *of = &book->lanes[lane];

	if (!(seconds >= rate_seconds_min))
		return;
	of->rates[of->n_rates++ % LAWBOOK_RATES_MAX] = fmax(0.0, places) / seconds;
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
	    lane->n_rates < LAWBOOK_RATES_MAX ? lane->n_rates : LAWBOOK_RATES_MAX;
	double sorted[LAWBOOK_RATES_MAX], at;

	if (n == 0)
		return 0.0;
	memcpy(sorted, lane->rates, n * sizeof(*sorted));
	qsort(sorted, n, sizeof(*sorted), by_value);
	at = part * (double)(n - 1);
	return (sorted[(size_t)floor(at)] + sorted[(size_t)ceil(at)]) / 2.0;
}

double lawbook_drain(const struct lawbook *book, size_t lane)
{
	return drain_quantile(&book->lanes[lane], 0.5);
}

double lawbook_drain_fast(const struct lawbook *book, size_t lane)
{
	return LAWBOOK_DRAIN_SPREAD * drain_quantile(&book->lanes[lane], 0.75);
}
