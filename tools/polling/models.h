/*
 * models.h - lives of tasks, drawn by chance: the model of the service that the bench
 * has in place of the service. All times in seconds.
 *
 * A generation lasts log-normally: an image 19 s (median; σ 0.25), a video 130 s (σ
 * 0.5). Before it a task may stand in a queue, at a place between 5 000 and 60 000. The
 * queue drains by a base of 500 to 900 places a minute, times a drift: the exponential
 * of an Ornstein-Uhlenbeck process (σ 0.25, τ 15 min), stepped exactly every 10 s. From
 * submission to result that is 49 minutes on average.
 *
 * The same seed gives the same lives.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "core/policy/dist.h"
#include "model/task.h"

struct spread {
	double median_s, sigma;
};
extern const struct spread image_spread, video_spread;
enum { PLACE_MIN = 5000, PLACE_MAX = 60000 };

double chance(uint64_t *random); /* uniform, 0 < x < 1 */
double chance_between(uint64_t *random, double low, double high);
double spread_draw_s(const struct spread *spread, uint64_t *random);
struct dist spread_dist(const struct spread *spread);

/* How far a queue has moved since its beginning; made as far as it is asked for. */
struct drain {
	double *drained; /* places, after each step */
	size_t n, room;
	double base; /* places a second */
	double log_drift;
	uint64_t random;
};
struct drain drain_make(uint64_t seed);
void drain_restart(
    struct drain *drain, uint64_t seed); /* another one; keeps the memory */
double drain_at(struct drain *drain, double at_s); /* places */
double drain_when_s(struct drain *drain, double places);
void drain_release(struct drain *drain);

struct life {
	enum media_kind kind;
	double created_s, start_s, end_s; /* of the task, of its generation */
	double place; /* when it was created; 0: no queue */
	struct drain *drain; /* borrowed; NULL: the place falls evenly to 0 */
	double drain_from_s; /* when that began */
	double drained; /* places, until the task was created */
};

/* Without a queue. */
struct life life_draw(enum media_kind kind, double created_s, uint64_t *random);
/* In a queue that all its tasks share, which began at 0. */
struct life life_draw_queued(enum media_kind kind, double created_s, double place,
    struct drain *drain, uint64_t *random);
void life_shift(struct life *life, double by_s); /* with its queue: later */
double life_place(const struct life *life, double at_s); /* 0: past the queue */
