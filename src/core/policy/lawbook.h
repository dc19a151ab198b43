/*
 * lawbook.h - what one account has taught us, by lane: a lane is a kind of media and a
 * model. How long generations take, and how fast the queue drains. Pure: filled by its
 * callers, no clock, no I/O.
 *
 * A model that nobody named, or of which nothing is known yet, has its kind's lane as
 * prior; that one has the shipped prior (PROTOCOL B10), or 0.6 of what the service
 * forecasts.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/policy/law.h"
#include "core/policy/learn.h"
#include "model/task.h"

#define LAWBOOK_DRAIN_SPREAD 1.2 /* a rate may rise so much till the next look */
#define LAWBOOK_FORECAST_SHARE 0.6 /* of forecast_generate_cost */
enum {
	LAWBOOK_IMAGE_S = 19, /* shipped medians */
	LAWBOOK_VIDEO_S = 130,
	LAWBOOK_AUDIO_S = 60,
	LAWBOOK_RATES_MAX = 9, /* the newest observed drain rates */
	LAWBOOK_YOUNG = 3, /* ends that make a law old enough to be believed */
	LAWBOOK_LANES_MAX = 256, /* further models share their kind's lane */
};

struct lawbook;

struct lawbook *lawbook_new(void); /* NULL: no memory */
void lawbook_free(struct lawbook *book);

/* The lane of a kind and a model (NULL: none named). Lanes are small numbers; one of a
 * model for which there is no memory is its kind's. */
size_t lawbook_lane(struct lawbook *book, enum media_kind kind, const char *model);
size_t lawbook_count(const struct lawbook *book);

/* A generation ended after so many seconds. */
void lawbook_ended(struct lawbook *book, size_t lane, double seconds, bool is_success);
/* forecast_generate_cost of a record, s. It counts while the lane has no sample. */
void lawbook_forecast(struct lawbook *book, size_t lane, double forecast_s);
/* Ages of the tasks of this lane that still run: taken into the next fit. */
void lawbook_running(struct lawbook *book, size_t lane, const double *ages_s, size_t n);

/* Valid until the next lawbook_lane(), _ended(), _forecast() or _running() of any lane.
 * Fitted when first asked for. */
const struct law *lawbook_law(struct lawbook *book, size_t lane);
const struct learnt *lawbook_learnt(struct lawbook *book, size_t lane);
/* Little learnt yet, or the service has changed lately. */
bool lawbook_is_young(struct lawbook *book, size_t lane);
/* In place of what is learnt, for ever: for a law that is known (bench, tests). */
void lawbook_set(struct lawbook *book, size_t lane, const struct law *law);

/* Somebody of this lane moved up by so many places in so many seconds. */
void lawbook_drained(struct lawbook *book, size_t lane, double places, double seconds);
/* Median of the newest rates, places a second; 0: nothing seen yet. */
double lawbook_drain(const struct lawbook *book, size_t lane);
/* How fast it may drain: their upper quartile, LAWBOOK_DRAIN_SPREAD times. Who comes too
 * soon loses a look, who comes too late loses minutes. */
double lawbook_drain_fast(const struct lawbook *book, size_t lane);
