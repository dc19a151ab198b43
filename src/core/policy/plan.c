#include "core/policy/plan.h"

#include <math.h>

enum { WAIT_TRIES = 24 /* of a later first poll, when the floor is long */ };
static const double seen_rest =
    0.05; /* cost of a poll that finds the end, of one that does not */
static const double blind_share = 0.25; /* of the time waited in a queue without place */

static int64_t kind_floor_ms(enum media_kind kind)
{
	return kind == MEDIA_VIDEO ? PLAN_VIDEO_FLOOR_MS : PLAN_IMAGE_FLOOR_MS;
}

static int64_t at_most(int64_t value, int64_t limit)
{
	return value < limit ? value : limit;
}

static int64_t at_least(int64_t value, int64_t limit)
{
	return value > limit ? value : limit;
}

/* Returns the floor of an id, and whose word it is. */
static int64_t floor_of(const struct plan_view *view, enum plan_bound *ret_whose)
{
	int64_t floor_ms = kind_floor_ms(view->kind);

	*ret_whose = PLAN_FLOOR_KIND;
	if (view->user_floor_ms > 0) {
		floor_ms = at_most(view->user_floor_ms, PLAN_INTERVAL_MAX_MS);
		*ret_whose = PLAN_FLOOR_USER;
	} else if (view->advice_ms > 0) {
		floor_ms = at_most(view->advice_ms, PLAN_ADVICE_MAX_MS);
		*ret_whose = PLAN_FLOOR_ADVICE;
	}
	if (view->account_floor_ms > floor_ms) {
		floor_ms = at_most(view->account_floor_ms, PLAN_INTERVAL_MAX_MS);
		*ret_whose = PLAN_FLOOR_ACCOUNT;
	}
	return floor_ms;
}

/* --- the distribution --------------------------------------------------------------- */

static double price_of(const struct plan_view *view)
{
	int64_t floor_ms = kind_floor_ms(view->kind);
	double floor_s;

	if (view->user_floor_ms > 0)
		floor_ms = at_most(floor_ms, view->user_floor_ms);
	floor_s = (double)floor_ms / 1000.0;
	return PLAN_PRICE * floor_s * floor_s / dist_quantile_s(view->dist, 0.0, 0.5);
}

/* What is lost on average by a poll at `at_s` and two more, a floor apart. */
static double loss_s(
    const struct dist *dist, double from_s, double at_s, double floor_s, double price_s)
{
	const double alive = dist_survival(dist, from_s);
	double loss = dist_accrued_s(dist, from_s, at_s), last_s = at_s;

	if (alive <= 0.0)
		return loss;
	for (int i = 0; i < 2; i++) {
		loss += dist_survival(dist, last_s) / alive *
		    (price_s + dist_accrued_s(dist, last_s, last_s + floor_s));
		last_s += floor_s;
	}
	return loss + dist_survival(dist, last_s) / alive * (price_s + floor_s / 2.0);
}

/*
 * With a floor so long that most of the distribution lies within one step, a poll that
 * comes a little too soon costs a whole floor: the first poll is better a little later.
 */
static double wait_for_floor_s(
    const struct dist *dist, double from_s, double due_s, double floor_s, double price_s)
{
	double best_s = due_s, best = 0.0;

	if (dist_accrued_s(dist, due_s, due_s + floor_s) <= 2.0 * price_s)
		return due_s;
	best = loss_s(dist, from_s, due_s, floor_s, price_s);
	for (int i = 1; i <= WAIT_TRIES; i++) {
		const double at_s = due_s + floor_s * i * 1.5 / WAIT_TRIES;
		const double loss = loss_s(dist, from_s, at_s, floor_s, price_s);

		if (loss < best) {
			best = loss;
			best_s = at_s;
		}
	}
	return best_s;
}

static int64_t to_ms(double seconds)
{
	return (int64_t)(fmin(fmax(seconds, 0.0), DIST_MAX_S) * 1000.0);
}

static double to_s(int64_t ms)
{
	return (double)ms / 1000.0;
}

/* How long is it from `age_s` to the next poll, by the distribution alone? */
static int64_t dist_gap_ms(
    const struct plan_view *view, double age_s, double price_s, int64_t floor_ms)
{
	const double due_s = fmax(dist_due_s(view->dist, age_s, price_s),
	    view->is_first ? 0.0 : age_s + to_s(floor_ms));

	return to_ms(
	    wait_for_floor_s(view->dist, age_s, due_s, to_s(floor_ms), price_s) - age_s);
}

/* Draws from 0 <= . < span, with one word of randomness. */
static int64_t part_of(uint64_t random, int64_t span)
{
	return span <= 0 ? 0 : (int64_t)((double)span * (double)(random >> 11) * 0x1p-53);
}

static void by_dist(const struct plan_view *view, struct plan *plan)
{
	const int64_t age_ms = at_least(view->age_ms, 0);
	const int64_t early_ms = PLAN_EARLY_MIN_MS - age_ms +
	    part_of(view->random, PLAN_EARLY_MAX_MS - PLAN_EARLY_MIN_MS);

	plan->rule = PLAN_DIST;
	plan->price_s = price_of(view);
	plan->gap_ms = dist_gap_ms(view, to_s(age_ms), plan->price_s, plan->floor_ms);
	if (view->is_dist_young && age_ms < PLAN_EARLY_MIN_MS &&
	    early_ms < plan->gap_ms) {
		plan->rule = PLAN_EARLY;
		plan->gap_ms = early_ms;
	}
}

/* --- the other stages -------------------------------------------------------------- */

static void by_queue(const struct plan_view *view, struct plan *plan)
{
	const int64_t eta_ms = at_most(view->queue_soon_ms, view->queue_eta_ms);
	struct plan_view begun = *view;
	struct plan first = { .floor_ms = plan->floor_ms };

	begun.age_ms = 0;
	begun.is_first = true;
	by_dist(&begun, &first);
	plan->price_s = first.price_s;
	if (eta_ms > first.gap_ms) {
		plan->rule = PLAN_QUEUE;
		plan->gap_ms = (int64_t)(PLAN_QUEUE_SHARE * (double)eta_ms);
	} else {
		plan->rule = PLAN_QUEUE_END;
		plan->gap_ms = eta_ms + first.gap_ms;
	}
}

static void by_state(const struct plan_view *view, struct plan *plan)
{
	if (view->absences) {
		const unsigned doublings = view->absences < 8 ? view->absences - 1 : 7;

		plan->rule = PLAN_ABSENT;
		plan->gap_ms =
		    at_most((int64_t)PLAN_ABSENT_MIN_MS << doublings, PLAN_ABSENT_MAX_MS);
	} else if (view->state == TASK_PARTIAL) {
		plan->rule = PLAN_PARTIAL;
		plan->gap_ms = plan->floor_ms;
	} else if (view->state == TASK_QUEUED && view->queue_eta_ms >= 0) {
		by_queue(view, plan);
	} else if (view->state == TASK_QUEUED &&
	    dist_survival(view->dist, to_s(view->queued_ms)) < PLAN_IMPOSSIBLE) {
		plan->rule = PLAN_QUEUE_BLIND;
		plan->gap_ms = (int64_t)(blind_share * (double)view->queued_ms);
	} else {
		by_dist(view, plan);
	}
}

static bool is_in_queue(const struct plan *plan)
{
	return plan->rule == PLAN_QUEUE || plan->rule == PLAN_QUEUE_BLIND;
}

/* Due at its guard it may wait for company, and once more for its turn. */
static const int64_t gather_ms = 2 * (int64_t)PLAN_GATHER_MS;

int64_t plan_guard_ms(const struct plan *plan)
{
	return is_in_queue(plan) ? PLAN_QUEUED_MAX_MS : PLAN_GENERATING_MAX_MS;
}

static int64_t guard_of(
    const struct plan_view *view, const struct plan *plan, enum plan_bound *ret_whose)
{
	const int64_t guard_ms = plan_guard_ms(plan);

	*ret_whose = PLAN_GUARD;
	if (view->gap_max_ms <= 0 || view->gap_max_ms >= guard_ms)
		return guard_ms - gather_ms;
	*ret_whose = PLAN_GUARD_LINKS;
	return at_least(view->gap_max_ms - gather_ms, 0);
}

struct plan plan_next(const struct plan_view *view)
{
	struct plan plan = { .bound = PLAN_FREE };
	enum plan_bound floor_of_whom, guard_of_whom;
	uint64_t random = view->random * 0x9e3779b97f4a7c15U;
	int64_t guard_ms;

	plan.floor_ms = floor_of(view, &floor_of_whom);
	by_state(view, &plan);
	guard_ms = guard_of(view, &plan, &guard_of_whom);
	if (plan.gap_ms < plan.floor_ms) {
		plan.gap_ms = plan.floor_ms;
		plan.bound = floor_of_whom;
	}
	plan.gap_ms += part_of(random, (int64_t)(PLAN_JITTER * (double)plan.gap_ms));
	if (plan.gap_ms > guard_ms) {
		plan.gap_ms =
		    guard_ms - part_of(random, (int64_t)(PLAN_JITTER * (double)guard_ms));
		plan.bound = guard_of_whom;
	}
	/* Nothing is worth more than the floor, the guard neither. */
	if (plan.gap_ms < plan.floor_ms) {
		plan.gap_ms = plan.floor_ms +
		    part_of(random, (int64_t)(PLAN_JITTER * (double)plan.floor_ms));
		plan.bound = floor_of_whom;
	}
	return plan;
}

double plan_urgency(const struct plan_view *view, const struct plan *plan, int64_t gap_ms)
{
	const double share =
	    plan->gap_ms > 0 ? (double)gap_ms / (double)plan->gap_ms : 1.0;
	const double age_s = to_s(at_least(view->age_ms, 0));
	const double now_s = age_s + to_s(gap_ms);
	const double alive = dist_survival(view->dist, age_s);
	const double done =
	    alive > 0.0 ? 1.0 - dist_survival(view->dist, now_s) / alive : 1.0;

	if (plan->rule != PLAN_DIST && plan->rule != PLAN_EARLY)
		return share * share;
	/*
	 * A poll that finds the end is one that every task needs: what it costs is the
	 * chance that it finds nothing. A plan that its distribution alone did not make
	 * is due by its time, too.
	 */
	return fmax(dist_accrued_s(view->dist, age_s, now_s) / plan->price_s /
		(1.0 + seen_rest - done),
	    plan->rule == PLAN_EARLY || plan->bound != PLAN_FREE ? share * share : 0.0);
}

struct plan_eta plan_eta(const struct plan_view *view)
{
	const bool is_queued = view->state == TASK_QUEUED && view->queue_eta_ms >= 0;
	const double age_s = is_queued ? 0.0 : to_s(at_least(view->age_ms, 0));
	/* A drain rate drifts: POLLING.md has σ 0.25; 80 % of that either way. */
	const double wide = 1.38, queue_s = is_queued ? to_s(view->queue_eta_ms) : 0.0;

	if (task_state_is_final(view->state) || view->absences || !view->dist)
		return (struct plan_eta){ -1, -1, -1 };
	return (struct plan_eta){
		.low_ms = to_ms(
		    queue_s / wide + dist_quantile_s(view->dist, age_s, 0.1) - age_s),
		.middle_ms =
		    to_ms(queue_s + dist_quantile_s(view->dist, age_s, 0.5) - age_s),
		.high_ms = to_ms(
		    queue_s * wide + dist_quantile_s(view->dist, age_s, 0.9) - age_s),
	};
}
