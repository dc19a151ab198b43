#include "core/policy/slot.h"

#include <math.h>

static const double own_seconds_min = 5.0; /* a shorter way says too little of a rate */
static const double slack_share = 0.15; /* of an ETA: it may be wrong by so much */

struct slot slot_make(void)
{
	return (struct slot){
		.polled_ms = SLOT_NEVER,
		.start_ms = SLOT_NEVER,
		.queued_since_ms = SLOT_NEVER,
		.after_ms = SLOT_NEVER,
		.by_ms = SLOT_NEVER,
		.queue_position = -1,
		.queue_eta_ms = -1,
		.queue_soon_ms = -1,
		.state = TASK_UNKNOWN,
	};
}

static int64_t within(int64_t value, int64_t low, int64_t high)
{
	return value < low ? low : value > high ? high : value;
}

/* Created so long ago, by the service's word, or else by what a submit told; an
 * impossible age was mostly a queue. */
static int64_t start_by_age(const struct slot *slot, const struct sched_view *view,
    struct dists *dists, int64_t now_ms)
{
	const int64_t known_ms =
	    slot->start_ms == SLOT_NEVER ? 0 : now_ms - slot->start_ms;
	const int64_t age_ms = view->age_ms >= 0 ? view->age_ms : known_ms;

	if (dist_survival(dists_of(dists, view->lane), (double)age_ms / 1000.0) <
	    PLAN_IMPOSSIBLE)
		return now_ms;
	return now_ms - age_ms;
}

/* Estimates by a rate of the lane, else by what the service says of it. */
static int64_t queue_eta_ms(const struct sched_view *view, double drain)
{
	const double eta_max_ms = 1e12;

	if (view->queue_position < 0 || drain <= 0.0)
		return view->queue_eta_ms;
	return (int64_t)fmin((double)view->queue_position / drain * 1000.0, eta_max_ms);
}

/* Places a second since the last poll, 0 when it did not move up, or too little time. */
static double own_rate(
    const struct slot *slot, const struct sched_view *view, int64_t now_ms)
{
	double seconds, places;

	if (slot->queue_position < 0 || view->queue_position < 0)
		return 0.0; /* the first poll has none before it */
	seconds = (double)(now_ms - slot->polled_ms) / 1000.0;
	places = (double)(slot->queue_position - view->queue_position);
	return seconds >= own_seconds_min && places > 0.0 ? places / seconds : 0.0;
}

/* Its own rate tells of its own queue, that of the lane of the last minutes. */
static void expect_begin(struct slot *slot, const struct sched_view *view,
    const struct dists *dists, double own, int64_t now_ms)
{
	const double lane = dists_drain(dists, view->lane);
	const double rate = own > 0.0 ? own : lane;
	const double fast = DISTS_DRAIN_SPREAD * rate;
	const double lane_fast = dists_drain_fast(dists, view->lane);

	slot->queue_eta_ms = queue_eta_ms(view, rate);
	slot->queue_soon_ms = queue_eta_ms(view, fmax(fast, (fast + lane_fast) / 2.0));
	slot->expected_ms = now_ms + (slot->queue_eta_ms > 0 ? slot->queue_eta_ms : 0);
	slot->slack_ms = SLOT_SLACK_MIN_MS +
	    (int64_t)(slack_share * (double)(slot->expected_ms - now_ms));
}

static void saw_queue(
    struct slot *slot, const struct sched_view *view, struct dists *dists, int64_t now_ms)
{
	const double own = own_rate(slot, view, now_ms);

	if (slot->queue_position >= 0 && view->queue_position >= 0)
		dists_drained(dists, view->lane,
		    (double)(slot->queue_position - view->queue_position),
		    (double)(now_ms - slot->polled_ms) / 1000.0);
	if (slot->queued_since_ms == SLOT_NEVER)
		slot->queued_since_ms = now_ms - (view->age_ms > 0 ? view->age_ms : 0);
	if (view->queue_position >= 0 || view->queue_eta_ms >= 0)
		slot->after_ms = now_ms;
	expect_begin(slot, view, dists, own, now_ms);
	/*
	 * Without a place it may be past the queue already: the distribution runs from
	 * creation.
	 */
	slot->start_ms =
	    slot->after_ms == SLOT_NEVER ? slot->queued_since_ms : SLOT_NEVER;
}

static void saw_begun(
    struct slot *slot, const struct sched_view *view, struct dists *dists, int64_t now_ms)
{
	if (slot->by_ms == SLOT_NEVER) {
		slot->by_ms = now_ms;
		slot->start_ms = slot->after_ms == SLOT_NEVER
		    ? start_by_age(slot, view, dists, now_ms)
		    : within(slot->expected_ms, slot->after_ms, now_ms);
	}
	slot->queue_eta_ms = -1;
}

void slot_saw(
    struct slot *slot, const struct sched_view *view, struct dists *dists, int64_t now_ms)
{
	if (view->state == TASK_QUEUED)
		saw_queue(slot, view, dists, now_ms);
	else if (view->state == TASK_GENERATING || view->state == TASK_PARTIAL)
		saw_begun(slot, view, dists, now_ms);
	else if (slot->start_ms == SLOT_NEVER)
		slot->start_ms = now_ms - (view->age_ms > 0 ? view->age_ms : 0);
	slot->queue_position = view->state == TASK_QUEUED ? view->queue_position : -1;
	slot->polled_ms = now_ms;
	slot->state = view->state;
	slot->kind = view->kind;
	slot->lane = view->lane;
	slot->advice_ms = view->advice_ms;
	slot->absences = view->absences;
}
