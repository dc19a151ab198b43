#include "core/sched.h"

#include <assert.h>
#include <stdlib.h>

#include "core/heap.h"
#include "core/random.h"
#include "core/retry.h"

enum slot_where { SLOT_WAITING, SLOT_IN_FLIGHT, SLOT_DROPPED };

struct slot {
	int64_t due_ms;
	int64_t earliest_ms; /* may ride along from here on */
	int64_t looked_ms;
	enum slot_where where;
};

struct sched {
	struct heap heap; /* of the waiting keys, by due time */
	struct slot *slots;
	size_t n_slots, cap_slots;
	int64_t interval_ms;
	unsigned batch_max, batch_now, good_in_a_row;
	uint64_t random;
	int64_t paused_until_ms; /* our own backoff: a success ends it */
	int64_t told_until_ms; /* the server's word: nothing but time does */
	int64_t trouble_since_ms;
	unsigned failures;
};

static int64_t between(struct sched *sched, int64_t min_ms, int64_t max_ms)
{
	return min_ms +
	    (int64_t)(random_next(&sched->random) % (uint64_t)(max_ms - min_ms + 1));
}

struct sched *sched_new(int64_t interval_ms, unsigned batch_max, uint64_t seed)
{
	struct sched *sched = calloc(1, sizeof(*sched));

	if (!sched)
		return NULL;
	sched->interval_ms =
	    interval_ms < SCHED_INTERVAL_MAX_MS ? interval_ms : SCHED_INTERVAL_MAX_MS;
	sched->batch_max = sched->batch_now = batch_max;
	sched->random = seed;
	sched->trouble_since_ms = -1;
	return sched;
}

void sched_free(struct sched *sched)
{
	if (!sched)
		return;
	heap_release(&sched->heap);
	free(sched->slots);
	free(sched);
}

static enum err_kind make_room(struct sched *sched, size_t key, struct err *err)
{
	size_t cap = sched->cap_slots ? sched->cap_slots : 64;

	while (cap <= key)
		cap *= 2;
	if (cap > sched->cap_slots) {
		struct slot *grown = realloc(sched->slots, cap * sizeof(*grown));
		if (!grown)
			return err_set(err, ERR_NOMEM, "out of memory for the schedule");
		sched->slots = grown;
		sched->cap_slots = cap;
	}
	if (!heap_reserve(&sched->heap, sched->cap_slots))
		return err_set(err, ERR_NOMEM, "out of memory for the schedule");
	for (; sched->n_slots <= key; sched->n_slots++)
		sched->slots[sched->n_slots] = (struct slot){ .where = SLOT_DROPPED };
	return ERR_OK;
}

static void schedule(struct sched *sched, size_t key, int64_t due_ms, int64_t earliest_ms)
{
	struct slot *slot = &sched->slots[key];

	slot->due_ms = due_ms;
	slot->earliest_ms = earliest_ms;
	slot->where = SLOT_WAITING;
	heap_set(&sched->heap, key, due_ms);
}

enum err_kind sched_add(struct sched *sched, size_t key, int64_t due_ms, struct err *err)
{
	if (make_room(sched, key, err))
		return err->kind;
	assert(sched->slots[key].where == SLOT_DROPPED);
	sched->slots[key] = (struct slot){ .looked_ms = due_ms };
	schedule(sched, key, due_ms, due_ms);
	return ERR_OK;
}

static int64_t pause_end_ms(const struct sched *sched)
{
	return sched->paused_until_ms > sched->told_until_ms ? sched->paused_until_ms
							     : sched->told_until_ms;
}

size_t sched_take(struct sched *sched, int64_t now_ms, size_t *ret_keys)
{
	const struct heap_entry *first = heap_first(&sched->heap);
	size_t n = 0;

	if (!first || first->key > now_ms || pause_end_ms(sched) > now_ms)
		return 0;
	/* Due times come in order; the first that may not be looked at yet ends the ride.
	 */
	for (; first && n < sched->batch_now; first = heap_first(&sched->heap)) {
		struct slot *slot = &sched->slots[first->value];

		if (slot->earliest_ms > now_ms)
			break;
		ret_keys[n++] = first->value;
		slot->where = SLOT_IN_FLIGHT;
		slot->looked_ms = now_ms;
		heap_remove(&sched->heap, first->value);
	}
	return n;
}

int64_t sched_next_ms(const struct sched *sched)
{
	const struct heap_entry *first = heap_first(&sched->heap);

	if (!first)
		return INT64_MAX;
	return first->key > pause_end_ms(sched) ? first->key : pause_end_ms(sched);
}

static int64_t absent_interval(unsigned absences)
{
	int64_t interval_ms = SCHED_ABSENT_MIN_MS;

	for (unsigned i = 1; i < absences && interval_ms < SCHED_ABSENT_MAX_MS; i++)
		interval_ms *= 2;
	return interval_ms < SCHED_ABSENT_MAX_MS ? interval_ms : SCHED_ABSENT_MAX_MS;
}

/* The floor, and how far above it the next look may be. */
static void interval_range(const struct sched *sched, const struct sched_view *view,
    int64_t *ret_min_ms, int64_t *ret_max_ms)
{
	int64_t min_ms = SCHED_IMAGE_MIN_MS, max_ms = SCHED_IMAGE_MAX_MS;

	if (view->kind == MEDIA_VIDEO) {
		min_ms = SCHED_VIDEO_MIN_MS;
		max_ms = view->state == TASK_QUEUED ? SCHED_VIDEO_MAX_MS : 2 * min_ms;
	}
	if (sched->interval_ms > 0) {
		min_ms = sched->interval_ms;
		max_ms = min_ms + min_ms / 5;
	} else if (view->absences) {
		min_ms = absent_interval(view->absences);
		max_ms = min_ms + min_ms / 5;
	} else if (view->advice_ms > 0) {
		min_ms = view->advice_ms < SCHED_ADVICE_MAX_MS ? view->advice_ms
							       : SCHED_ADVICE_MAX_MS;
		max_ms = min_ms + min_ms / 5;
	}
	*ret_min_ms = min_ms;
	*ret_max_ms = max_ms;
}

void sched_looked(
    struct sched *sched, size_t key, const struct sched_view *view, int64_t now_ms)
{
	int64_t min_ms, max_ms;

	if (sched->slots[key].where == SLOT_DROPPED)
		return;
	interval_range(sched, view, &min_ms, &max_ms);
	sched->slots[key].looked_ms = now_ms;
	schedule(sched, key, now_ms + between(sched, min_ms, max_ms), now_ms + min_ms);
}

void sched_again(struct sched *sched, const size_t *keys, size_t n, int64_t now_ms)
{
	for (size_t i = 0; i < n; i++)
		if (sched->slots[keys[i]].where == SLOT_IN_FLIGHT)
			schedule(sched, keys[i], now_ms, now_ms);
}

void sched_hurry(struct sched *sched, size_t key, int64_t now_ms)
{
	const struct slot *slot = &sched->slots[key];
	int64_t due_ms = slot->looked_ms + SCHED_HURRY_MS;

	if (slot->where == SLOT_IN_FLIGHT)
		return;
	if (due_ms < now_ms)
		due_ms = now_ms;
	if (slot->where == SLOT_DROPPED || slot->due_ms > due_ms)
		schedule(sched, key, due_ms, due_ms);
}

void sched_drop(struct sched *sched, size_t key)
{
	if (key >= sched->n_slots)
		return;
	sched->slots[key].where = SLOT_DROPPED;
	heap_remove(&sched->heap, key);
}

void sched_request_ok(struct sched *sched, int64_t now_ms)
{
	sched->failures = 0;
	sched->trouble_since_ms = -1;
	if (sched->paused_until_ms > now_ms)
		sched->paused_until_ms = now_ms;
	if (sched->batch_now < sched->batch_max && ++sched->good_in_a_row >= 4) {
		sched->good_in_a_row = 0;
		sched->batch_now *= 2;
		if (sched->batch_now > sched->batch_max)
			sched->batch_now = sched->batch_max;
	}
}

static int64_t backoff_ms(struct sched *sched)
{
	int64_t ceiling_ms = SCHED_BACKOFF_BASE_MS;

	for (unsigned i = 0; i < sched->failures && ceiling_ms < SCHED_BACKOFF_CAP_MS;
	     i++)
		ceiling_ms *= 2;
	if (ceiling_ms > SCHED_BACKOFF_CAP_MS)
		ceiling_ms = SCHED_BACKOFF_CAP_MS;
	return between(sched, 1, ceiling_ms);
}

static void raise_to(int64_t *until_ms, int64_t at_least_ms)
{
	if (*until_ms < at_least_ms)
		*until_ms = at_least_ms;
}

unsigned sched_request_failed(
    struct sched *sched, const struct err *why, size_t too_many, int64_t now_ms)
{
	const size_t half = too_many > 1 ? too_many / 2 : 1;

	if (why->retry_after_ms)
		raise_to(
		    &sched->told_until_ms, now_ms + retry_obeyed_ms(why->retry_after_ms));
	else
		raise_to(&sched->paused_until_ms, now_ms + backoff_ms(sched));
	if (sched->trouble_since_ms < 0)
		sched->trouble_since_ms = now_ms;
	sched->good_in_a_row = 0;
	if (too_many && sched->batch_now > half)
		sched->batch_now = (unsigned)half;
	return ++sched->failures;
}

int64_t sched_trouble_since_ms(const struct sched *sched)
{
	return sched->trouble_since_ms;
}

unsigned sched_batch(const struct sched *sched)
{
	return sched->batch_now;
}
