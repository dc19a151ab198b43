#include "base/array.h"
#include "core/policy/sched.h"

#include <stdlib.h>

#include "core/common/random.h"
#include "core/policy/sched_impl.h"
#include "core/policy/slot.h"

enum {
	RIDE_TRIES =
	    2 /* of the batch size: so many of the next are asked to ride along */
};
static const double ride_share = 0.5; /* urgency from which an id rides along */
static const double hurried = 2.0, beyond_guard = 1e6; /* urgencies */

struct sched *sched_new(const struct sched_options *options)
{
	struct sched *sched = calloc(1, sizeof(*sched));

	if (!sched)
		return NULL;
	sched->ready = calloc(SCHED_READY_MAX, sizeof(*sched->ready));
	if (!sched->ready) {
		free(sched);
		return NULL;
	}
	sched->dists = options->dists;
	sched->interval_ms = options->interval_ms < PLAN_INTERVAL_MAX_MS
	    ? options->interval_ms
	    : PLAN_INTERVAL_MAX_MS;
	sched->batch_max = sched->batch_now = options->batch_max;
	sched->random = options->seed;
	sched->trouble_since_ms = -1;
	return sched;
}

void sched_free(struct sched *sched)
{
	if (!sched)
		return;
	heap_release(&sched->heap);
	free(sched->turns);
	free(sched->slots);
	free(sched->ready);
	free(sched);
}

/* --- where a key is ----------------------------------------------------------------- */

enum err_kind sched_reserve(struct sched *sched, size_t n, struct err *err)
{
	size_t room = sched->room, same = sched->room;

	if (!ARRAY_RESERVE(sched->turns, room, n) ||
	    !ARRAY_RESERVE(sched->slots, same, n) || !heap_reserve(&sched->heap, room))
		return err_set(err, ERR_NOMEM, "out of memory for the schedule");
	sched->room = room;
	return ERR_OK;
}

/* Out of heap and ready list, wherever it is. */
static void take_out(struct sched *sched, size_t key)
{
	struct turn *turn = &sched->turns[key];

	if (turn->where == TURN_WAITING)
		heap_remove(&sched->heap, key);
	if (turn->where == TURN_READY) {
		const struct ranked last = sched->ready[--sched->n_ready];

		sched->ready[turn->ready_at] = last;
		sched->turns[last.key].ready_at = turn->ready_at;
	}
	turn->where = TURN_IN_FLIGHT;
}

static void schedule(struct sched *sched, size_t key, int64_t due_ms, int64_t earliest_ms)
{
	struct turn *turn = &sched->turns[key];

	take_out(sched, key);
	turn->due_ms = due_ms;
	turn->earliest_ms = earliest_ms;
	turn->where = TURN_WAITING;
	heap_set(&sched->heap, key, due_ms);
}

enum err_kind sched_add(struct sched *sched, size_t key, int64_t due_ms, struct err *err)
{
	if (sched_reserve(sched, key + 1, err))
		return err->kind;
	if (sched->turns[key].where != TURN_DROPPED)
		return ERR_OK; /* it has its poll already */
	sched->turns[key] = (struct turn){ .asked_ms = due_ms };
	schedule(sched, key, due_ms, due_ms);
	return ERR_OK;
}

void sched_drop(struct sched *sched, size_t key)
{
	if (key >= sched->room)
		return;
	take_out(sched, key);
	sched->turns[key].where = TURN_DROPPED;
}

/* --- a request ---------------------------------------------------------------------- */

static struct plan_view view_of(
    const struct sched *sched, const struct slot *slot, int64_t now_ms)
{
	return (struct plan_view){
		.state = slot->state,
		.kind = slot->kind,
		.dist = dists_of(sched->dists, slot->lane),
		.is_dist_young = dists_is_young(sched->dists, slot->lane),
		.age_ms =
		    slot->start_ms == SLOT_NEVER ? 0 : slot->polled_ms - slot->start_ms,
		.queue_eta_ms = slot->queue_eta_ms,
		.queue_soon_ms = slot->queue_soon_ms,
		.queued_ms = slot->queued_since_ms == SLOT_NEVER
		    ? 0
		    : slot->polled_ms - slot->queued_since_ms,
		.absences = slot->absences,
		.user_floor_ms = sched->interval_ms,
		.advice_ms = slot->advice_ms,
		.account_floor_ms = sched_slow_floor_ms(sched, now_ms),
		.gap_max_ms = sched->gap_max_ms,
	};
}

static double urgency_of(const struct sched *sched, size_t key, int64_t now_ms)
{
	const struct turn *turn = &sched->turns[key];
	const struct slot *slot = &sched->slots[key];
	struct plan_view view;
	int64_t gap_ms;

	if (turn->is_hurried)
		return hurried;
	if (!turn->was_polled)
		return 1.0 + (double)(now_ms - turn->due_ms) / PLAN_IMAGE_FLOOR_MS;
	gap_ms = now_ms - slot->polled_ms;
	if (gap_ms > plan_guard_ms(&slot->plan) && now_ms >= turn->due_ms)
		return beyond_guard + (double)gap_ms;
	view = view_of(sched, slot, now_ms);
	return plan_urgency(&view, &slot->plan, gap_ms);
}

/* What is due leaves the heap; the account may have got a higher floor meanwhile. */
static void gather_due(struct sched *sched, int64_t now_ms)
{
	const int64_t slow_ms = sched_slow_floor_ms(sched, now_ms);
	const struct heap_entry *first = heap_first(&sched->heap);

	for (; first && first->key <= now_ms && sched->n_ready < SCHED_READY_MAX;
	     first = heap_first(&sched->heap)) {
		const size_t key = first->value;
		struct turn *turn = &sched->turns[key];
		const int64_t earliest_ms =
		    turn->was_polled ? sched->slots[key].polled_ms + slow_ms : now_ms;

		if (slow_ms > 0 && !turn->is_hurried && earliest_ms > now_ms) {
			schedule(sched, key, earliest_ms, earliest_ms);
			continue;
		}
		heap_remove(&sched->heap, key);
		turn->where = TURN_READY;
		turn->ready_at = (unsigned)sched->n_ready;
		sched->ready[sched->n_ready++].key = key;
	}
}

static int by_urgency(const void *a, const void *b)
{
	const struct ranked *x = a, *y = b;

	if (x->urgency != y->urgency)
		return x->urgency > y->urgency ? -1 : 1;
	return x->key < y->key ? -1 : x->key > y->key;
}

/* Puts the most urgent first, when more is due than the request takes. */
static void rank_ready(struct sched *sched, int64_t now_ms)
{
	if (sched->n_ready <= sched->batch_now)
		return;
	for (size_t i = 0; i < sched->n_ready; i++)
		sched->ready[i].urgency = urgency_of(sched, sched->ready[i].key, now_ms);
	qsort(sched->ready, sched->n_ready, sizeof(*sched->ready), by_urgency);
	for (size_t i = 0; i < sched->n_ready; i++)
		sched->turns[sched->ready[i].key].ready_at = (unsigned)i;
}

static void put_in_flight(struct sched *sched, size_t key, int64_t now_ms)
{
	struct turn *turn = &sched->turns[key];

	turn->where = TURN_IN_FLIGHT;
	turn->asked_ms = now_ms;
}

static size_t take_ready(struct sched *sched, int64_t now_ms, size_t *ret_keys)
{
	const size_t n =
	    sched->n_ready < sched->batch_now ? sched->n_ready : sched->batch_now;

	rank_ready(sched, now_ms);
	for (size_t i = 0; i < n; i++) {
		ret_keys[i] = sched->ready[i].key;
		put_in_flight(sched, ret_keys[i], now_ms);
	}
	for (size_t i = n; i < sched->n_ready; i++) {
		sched->ready[i - n] = sched->ready[i];
		sched->turns[sched->ready[i - n].key].ready_at = (unsigned)(i - n);
	}
	sched->n_ready -= n;
	return n;
}

/* The request goes anyway: what will be due soon takes its empty seats. */
static size_t take_riders(struct sched *sched, int64_t now_ms, size_t n, size_t *ret_keys)
{
	const struct heap_entry *first = heap_first(&sched->heap);
	size_t n_asked = 0, n_stay = 0, tries = (size_t)RIDE_TRIES * sched->batch_now;

	/* The ready list has room behind its end: those that stay wait there. */
	while (first && n < sched->batch_now && n_asked++ < tries &&
	    sched->n_ready + n_stay < SCHED_READY_MAX) {
		const size_t key = first->value;
		heap_remove(&sched->heap, key);
		if (sched->turns[key].earliest_ms <= now_ms &&
		    urgency_of(sched, key, now_ms) >= ride_share) {
			put_in_flight(sched, key, now_ms);
			ret_keys[n++] = key;
		} else {
			sched->ready[sched->n_ready + n_stay++].key = key;
		}
		first = heap_first(&sched->heap);
	}
	for (size_t i = 0; i < n_stay; i++) {
		const size_t key = sched->ready[sched->n_ready + i].key;

		heap_set(&sched->heap, key, sched->turns[key].due_ms);
	}
	return n;
}

/* Long overdue, and nobody asked for long: the machine slept. Not everybody at once. */
static bool has_slept(struct sched *sched, int64_t now_ms)
{
	const struct heap_entry *first = heap_first(&sched->heap);
	const int64_t since_ms = sched_later(first ? first->key : now_ms,
	    sched_later(sched_pause_end_ms(sched), sched->taken_ms));

	if (!first || sched->taken_ms == 0 || now_ms - since_ms < SCHED_AWAY_MS)
		return false;
	sched->awake_ms = now_ms + sched_between(sched, 0, SCHED_AWAKE_MS);
	return sched->awake_ms > now_ms;
}

/* Ages at their last poll, s, of tasks of this lane that generate: SLOT_AGES_MAX of the
 * first SLOT_AGES_POLLED_MAX keys at most. */
static size_t running_ages(
    const struct sched *sched, size_t lane, double ret_ages_s[SLOT_AGES_MAX])
{
	size_t n_ages = 0;

	for (size_t i = 0; i < sched->room && i < SLOT_AGES_POLLED_MAX; i++) {
		const struct slot *slot = &sched->slots[i];

		if (sched->turns[i].where == TURN_DROPPED ||
		    !sched->turns[i].was_polled || slot->lane != lane ||
		    slot->state != TASK_GENERATING || slot->start_ms == SLOT_NEVER)
			continue;
		if (n_ages == SLOT_AGES_MAX)
			break;
		ret_ages_s[n_ages++] =
		    (double)(slot->polled_ms - slot->start_ms) / 1000.0;
	}
	return n_ages;
}

/*
 * Tasks that run tell something about the distribution, too: it is longer than their
 * ages.
 */
static void tell_running(struct sched *sched, int64_t now_ms)
{
	const size_t n_lanes = dists_count(sched->dists);
	double ages_s[SLOT_AGES_MAX];

	if (now_ms < sched->running_ms)
		return;
	sched->running_ms = now_ms + SCHED_RUNNING_MS;
	for (size_t lane = 0; lane < n_lanes; lane++) {
		const size_t n = running_ages(sched, lane, ages_s);

		if (n > 0)
			dists_running(sched->dists, lane, ages_s, n);
	}
}

/*
 * With more ids than a request takes, there is company soon: a request that leaves half
 * full is one more in the end. 0: nothing to wait for.
 */
static int64_t gather_until_ms(const struct sched *sched, int64_t now_ms)
{
	return sched->n_ready < sched->batch_now && sched->heap.len >= sched->batch_now
	    ? now_ms + PLAN_GATHER_MS
	    : 0;
}

size_t sched_take(struct sched *sched, int64_t now_ms, size_t *ret_keys)
{
	const bool is_new = sched->n_ready == 0;
	size_t n;

	if (sched_pause_end_ms(sched) > now_ms || has_slept(sched, now_ms))
		return 0;
	gather_due(sched, now_ms);
	if (is_new)
		sched->gather_until_ms = gather_until_ms(sched, now_ms);
	if (sched->n_ready == 0 || now_ms < sched->gather_until_ms)
		return 0;
	sched->taken_ms = now_ms;
	tell_running(sched, now_ms);
	n = take_ready(sched, now_ms, ret_keys);
	sched->gather_until_ms = gather_until_ms(sched, now_ms); /* of those that stay */
	return take_riders(sched, now_ms, n, ret_keys);
}

int64_t sched_next_ms(const struct sched *sched)
{
	const struct heap_entry *first = heap_first(&sched->heap);

	if (sched->n_ready > 0)
		return sched_later(sched->gather_until_ms, sched_pause_end_ms(sched));
	return first ? sched_later(first->key, sched_pause_end_ms(sched)) : INT64_MAX;
}

/* --- what it brought ---------------------------------------------------------------- */

void sched_polled(
    struct sched *sched, size_t key, const struct sched_view *view, int64_t now_ms)
{
	struct turn *turn = &sched->turns[key];
	struct slot *slot = &sched->slots[key];
	struct plan_view now;

	if (turn->where == TURN_DROPPED)
		return;
	if (!turn->was_polled)
		*slot = slot_make();
	turn->was_polled = true;
	slot_saw(slot, view, sched->dists, now_ms);
	now = view_of(sched, slot, now_ms);
	now.random = random_next(&sched->random);
	slot->plan = plan_next(&now);
	turn->is_hurried = false;
	schedule(sched, key, now_ms + slot->plan.gap_ms, now_ms + slot->plan.floor_ms);
}

void sched_again(struct sched *sched, const size_t *keys, size_t n, int64_t now_ms)
{
	for (size_t i = 0; i < n; i++)
		if (sched->turns[keys[i]].where == TURN_IN_FLIGHT)
			schedule(sched, keys[i], now_ms, now_ms);
}

void sched_hurry(struct sched *sched, size_t key, int64_t now_ms)
{
	struct turn *turn = &sched->turns[key];
	const int64_t due_ms = sched_later(turn->asked_ms + SCHED_HURRY_MS, now_ms);

	if (turn->where == TURN_IN_FLIGHT)
		return;
	turn->is_hurried = true;
	if (turn->where == TURN_DROPPED || turn->due_ms > due_ms)
		schedule(sched, key, due_ms, due_ms);
}

/* --- why, and when ------------------------------------------------------------------ */

bool sched_reason(struct sched *sched, size_t key, struct sched_reason *ret_reason)
{
	const struct slot *slot;

	if (key >= sched->room || sched->turns[key].where == TURN_DROPPED ||
	    !sched->turns[key].was_polled)
		return false;
	slot = &sched->slots[key];
	*ret_reason = (struct sched_reason){
		.plan = slot->plan,
		.view = view_of(sched, slot, slot->polled_ms),
		.polled_ms = slot->polled_ms,
		.due_ms = sched->turns[key].due_ms,
		.lane = slot->lane,
		.drain = dists_drain(sched->dists, slot->lane),
	};
	return true;
}

struct plan_eta sched_eta(struct sched *sched, size_t key, int64_t now_ms)
{
	struct sched_reason reason;
	int64_t since_ms;

	if (!sched_reason(sched, key, &reason))
		return (struct plan_eta){ -1, -1, -1 };
	since_ms = now_ms - reason.polled_ms;
	reason.view.age_ms += since_ms;
	if (reason.view.queue_eta_ms >= 0)
		reason.view.queue_eta_ms =
		    sched_later(0, reason.view.queue_eta_ms - since_ms);
	return plan_eta(&reason.view);
}

void sched_start(const struct sched *sched, size_t key, int64_t now_ms,
    int64_t *ret_after_ms, int64_t *ret_by_ms)
{
	const struct slot *slot = &sched->slots[key];
	const int64_t by_ms = slot->by_ms == SLOT_NEVER ? now_ms : slot->by_ms;

	*ret_after_ms = *ret_by_ms = -1;
	if (!sched->turns[key].was_polled || slot->after_ms == SLOT_NEVER)
		return;
	*ret_after_ms = sched_later(slot->after_ms, slot->expected_ms - slot->slack_ms);
	if (*ret_after_ms > by_ms)
		*ret_after_ms = by_ms;
	*ret_by_ms = sched_later(*ret_after_ms, slot->expected_ms + slot->slack_ms);
	if (*ret_by_ms > by_ms)
		*ret_by_ms = by_ms;
}
