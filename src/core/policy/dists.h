/*
 * dists.h - what one account has taught us, by lane: a lane is a kind of media and a
 * model. The distributions of how long generations take, and how fast the queue drains.
 * Pure: filled by its callers, no clock, no I/O.
 *
 * A model that nobody named, or of which nothing is known yet, has its kind's lane as
 * prior; that one has the shipped prior (PROTOCOL B10), or 0.6 of what the service
 * forecasts.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/policy/dist.h"
#include "core/policy/learn.h"
#include "model/task.h"

#define DISTS_DRAIN_SPREAD 1.2 /* a rate may rise so much till the next poll */
#define DISTS_FORECAST_SHARE 0.6 /* of forecast_generate_cost */
enum {
	DISTS_IMAGE_S = 19, /* shipped medians */
	DISTS_VIDEO_S = 130,
	DISTS_AUDIO_S = 60,
	DISTS_RATES_MAX = 9, /* the newest observed drain rates */
	DISTS_YOUNG = 3, /* ends that make a distribution old enough to be believed */
	DISTS_LANES_MAX = 256, /* further models share their kind's lane */
};

struct dists;

struct dists *dists_new(void); /* NULL: no memory */
void dists_free(struct dists *dists);

/*
 * Finds the lane of a kind and a model (NULL: none named). Lanes are small numbers; one
 * of a model for which there is no memory is its kind's.
 */
size_t dists_lane(struct dists *dists, enum media_kind kind, const char *model);
size_t dists_count(const struct dists *dists);

/* A generation ended after so many seconds. */
void dists_ended(struct dists *dists, size_t lane, double seconds, bool is_success);
/* forecast_generate_cost of a record, s. It counts while the lane has no sample. */
void dists_forecast(struct dists *dists, size_t lane, double forecast_s);
/* Ages of the tasks of this lane that still run: taken into the next fit. */
void dists_running(struct dists *dists, size_t lane, const double *ages_s, size_t n);

/*
 * Returns one that is valid until the next dists_lane(), _ended(), _forecast() or
 * _running() of any lane. Fitted when first asked for.
 */
const struct dist *dists_of(struct dists *dists, size_t lane);
const struct learnt *dists_learnt(struct dists *dists, size_t lane);
/* Little learnt yet, or the service has changed lately. */
bool dists_is_young(struct dists *dists, size_t lane);
/*
 * Sets it in place of what is learnt, for ever: for a distribution that is known (bench,
 * tests).
 *
 */
void dists_set(struct dists *dists, size_t lane, const struct dist *dist);

/* Somebody of this lane moved up by so many places in so many seconds. */
void dists_drained(struct dists *dists, size_t lane, double places, double seconds);
/* Returns the median of the newest rates, places a second; 0: nothing seen yet. */
double dists_drain(const struct dists *dists, size_t lane);
/*
 * Says how fast it may drain: their upper quartile, DISTS_DRAIN_SPREAD times. Who comes
 * too soon loses a poll, who comes too late loses minutes.
 */
double dists_drain_fast(const struct dists *dists, size_t lane);
