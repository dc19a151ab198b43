#include "sim.h"

#include <math.h>
#include <stdlib.h>

#include "core/common/heap.h"
#include "must.h"

enum { KINDS = MEDIA_AUDIO + 1, FLIGHTS = 2 };

struct slot {
	struct life life;
	double polls, requests;
	int64_t queued_until_ms, generating_by_ms; /* as in struct past_task */
	bool is_used;
};

struct sim {
	struct sim_options options;
	struct policy policy;
	struct slot *slots;
	size_t n, room;
	size_t *unused; /* slots; as much room */
	size_t n_unused;
	struct heap ends; /* SIM_RUNNING: of generations */
	int64_t now_ms, arrival_ms, budget_until_ms;
	struct bucket bucket;
	uint64_t random;
	struct tally tallies[KINDS];
	size_t seen, unseen;
	double requests, polls;
	struct flight {
		size_t *keys; /* of one request, and what it showed */
		struct sched_view *views;
		size_t n; /* 0: none is under way */
		int64_t asked_ms, answer_ms;
	} flights[FLIGHTS];
};

static int64_t max(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

static int64_t to_ms(double seconds)
{
	return (int64_t)ceil(seconds * 1000.0);
}

static double to_s(int64_t ms)
{
	return (double)ms / 1000.0;
}

static void plan_arrival(struct sim *sim)
{
	sim->arrival_ms +=
	    to_ms(-log(chance(&sim->random)) / sim->options.arrivals_per_s);
}

struct sim *sim_new(const struct sim_options *options, const struct policy *policy)
{
	struct sim *sim = must(calloc(1, sizeof(*sim)));

	sim->options = *options;
	sim->policy = *policy;
	sim->random = options->seed;
	for (size_t i = 0; i < FLIGHTS; i++) {
		sim->flights[i].keys = must(calloc(options->batch_max, sizeof(size_t)));
		sim->flights[i].views =
		    must(calloc(options->batch_max, sizeof(struct sched_view)));
	}
	if (options->arrivals == SIM_OPEN)
		plan_arrival(sim);
	return sim;
}

void sim_free(struct sim *sim)
{
	if (!sim)
		return;
	for (size_t i = 0; i < KINDS; i++)
		tally_release(&sim->tallies[i]);
	heap_release(&sim->ends);
	for (size_t i = 0; i < FLIGHTS; i++) {
		free(sim->flights[i].keys);
		free(sim->flights[i].views);
	}
	free(sim->slots);
	free(sim->unused);
	free(sim);
}

struct sched_view sim_view(const struct life *life, int64_t now_ms)
{
	const double now_s = to_s(now_ms);
	const double place = life_place(life, now_s);

	return (struct sched_view){
		.state = now_s >= life->end_s ? TASK_SUCCEEDED
		    : now_s < life->start_s   ? TASK_QUEUED
					      : TASK_GENERATING,
		.kind = life->kind,
		.age_ms = (int64_t)((now_s - life->created_s) * 1000.0),
		.queue_position =
		    now_s < life->start_s ? (int64_t)fmax(1.0, ceil(place)) : -1,
		.queue_eta_ms = -1,
	};
}

static size_t slot_take(struct sim *sim)
{
	if (sim->n_unused > 0)
		return sim->unused[--sim->n_unused];
	if (sim->n == sim->room) {
		sim->room = sim->room ? 2 * sim->room : 64;
		sim->slots = must(realloc(sim->slots, sim->room * sizeof(*sim->slots)));
		sim->unused =
		    must(realloc(sim->unused, sim->room * sizeof(*sim->unused)));
	}
	return sim->n++;
}

static bool is_counted(const struct sim *sim, const struct life *life)
{
	return life->end_s >= sim->options.tally_from_s &&
	    life->end_s < sim->options.tally_until_s;
}

/* What the ledger would keep of a poll, for learning. */
static void keep_record(struct slot *slot, const struct sched_view *view, int64_t now_ms)
{
	if (view->state == TASK_QUEUED)
		slot->queued_until_ms = SIM_EPOCH_MS + now_ms;
	else if (slot->generating_by_ms == 0)
		slot->generating_by_ms = SIM_EPOCH_MS + now_ms;
}

void sim_add(struct sim *sim, const struct life *life, double now_s)
{
	const int64_t now_ms = to_ms(now_s);
	const size_t key = slot_take(sim);
	struct slot *slot = &sim->slots[key];
	struct sched_view told;

	if (now_ms > sim->now_ms)
		sim->now_ms = now_ms;
	*slot = (struct slot){ .life = *life, .is_used = true };
	if (sim->options.arrivals == SIM_RUNNING) {
		(void)must(heap_reserve(&sim->ends, sim->n) ? sim : NULL);
		heap_set(&sim->ends, key, to_ms(life->end_s));
	}
	if (is_counted(sim, life))
		sim->unseen++;
	if (sim->options.is_told) {
		told = sim_view(life, sim->now_ms);
		keep_record(slot, &told, sim->now_ms);
	}
	sim->policy.add(
	    sim->policy.self, key, sim->options.is_told ? &told : NULL, sim->now_ms);
}

static void add_drawn(struct sim *sim)
{
	const struct life life =
	    sim->options.draw(sim->options.payload, to_s(sim->now_ms));

	sim_add(sim, &life, to_s(sim->now_ms));
}

static void count(struct sim *sim, const struct slot *slot, int64_t asked_ms)
{
	const double late_s = fmax(0.0, to_s(asked_ms) - slot->life.end_s);

	if (!is_counted(sim, &slot->life))
		return;
	sim->unseen--;
	if (sim->options.is_seen_only && slot->polls < 2.0)
		return;
	tally_add(&sim->tallies[MEDIA_UNKNOWN], slot->polls, slot->requests, late_s);
	tally_add(&sim->tallies[slot->life.kind], slot->polls, slot->requests, late_s);
}

static void seen_ended(struct sim *sim, size_t key, int64_t asked_ms)
{
	struct slot *slot = &sim->slots[key];
	const struct past_task past = {
		.kind = slot->life.kind,
		.state = TASK_SUCCEEDED,
		.created_unix_ms = SIM_EPOCH_MS + to_ms(slot->life.created_s),
		.finished_unix_ms = SIM_EPOCH_MS + to_ms(slot->life.end_s),
		.queued_until_unix_ms = slot->queued_until_ms,
		.generating_by_unix_ms = slot->generating_by_ms,
	};

	count(sim, slot, asked_ms);
	sim->seen++;
	slot->is_used = false;
	sim->unused[sim->n_unused++] = key;
	sim->policy.ended(sim->policy.self, key, &past);
	if (sim->options.arrivals == SIM_CLOSED)
		add_drawn(sim);
}

static bool may_send(struct sim *sim)
{
	int64_t wait_ms;

	if (budget_take(
		&sim->options.budget, &sim->bucket, SIM_EPOCH_MS + sim->now_ms, &wait_ms))
		return true;
	sim->budget_until_ms = sim->now_ms + wait_ms;
	sim->policy.budget_until(sim->policy.self, sim->budget_until_ms);
	return false;
}

static void answer(struct sim *sim, struct flight *flight)
{
	const size_t n = flight->n;
	size_t n_ended = 0;

	flight->n = 0;
	sim->policy.polled(sim->policy.self, flight->keys, flight->views, n, sim->now_ms);
	for (size_t i = 0; i < n; i++)
		if (flight->views[i].state == TASK_SUCCEEDED)
			flight->keys[n_ended++] = flight->keys[i];
	for (size_t i = 0; i < n_ended; i++)
		seen_ended(sim, flight->keys[i], flight->asked_ms);
}

static void send(struct sim *sim)
{
	struct flight *flight = &sim->flights[sim->flights[0].n > 0];
	size_t n;

	if (!may_send(sim))
		return;
	n = sim->policy.take(sim->policy.self, sim->now_ms, flight->keys);
	if (n == 0)
		return;
	sim->requests += 1.0;
	sim->polls += (double)n;
	for (size_t i = 0; i < n; i++) {
		struct slot *slot = &sim->slots[flight->keys[i]];

		flight->views[i] = sim_view(&slot->life, sim->now_ms);
		slot->polls += 1.0;
		slot->requests += 1.0 / (double)n;
		keep_record(slot, &flight->views[i], sim->now_ms);
	}
	flight->n = n;
	flight->asked_ms = sim->now_ms;
	flight->answer_ms = sim->now_ms + to_ms(sim->options.lag_s * (double)n);
	if (flight->answer_ms == sim->now_ms)
		answer(sim, flight);
}

/* The next answer; NULL: none is under way. */
static struct flight *next_flight(struct sim *sim)
{
	struct flight *next = NULL;

	for (size_t i = 0; i < FLIGHTS; i++)
		if (sim->flights[i].n > 0 &&
		    (!next || sim->flights[i].answer_ms < next->answer_ms))
			next = &sim->flights[i];
	return next;
}

static int64_t next_look_ms(const struct sim *sim)
{
	for (size_t i = 0; i < FLIGHTS; i++)
		if (sim->flights[i].n == 0)
			return max(
			    sim->policy.next_ms(sim->policy.self), sim->budget_until_ms);
	return INT64_MAX;
}

static int64_t next_arrival_ms(const struct sim *sim)
{
	const struct heap_entry *first = heap_first(&sim->ends);

	if (sim->options.arrivals == SIM_OPEN)
		return sim->arrival_ms;
	return first ? first->key : INT64_MAX;
}

static void arrive(struct sim *sim)
{
	if (sim->options.arrivals == SIM_OPEN)
		plan_arrival(sim);
	else
		heap_remove(&sim->ends, heap_first(&sim->ends)->value);
	add_drawn(sim);
}

/* The next thing that happens, unless it is later than that. */
static bool step(struct sim *sim, int64_t until_ms)
{
	struct flight *flight = next_flight(sim);
	const int64_t answer_ms = flight ? flight->answer_ms : INT64_MAX;
	const int64_t arrival_ms = next_arrival_ms(sim);
	const int64_t look_ms = next_look_ms(sim);
	const bool is_arrival = arrival_ms <= look_ms && arrival_ms <= answer_ms;
	const bool is_answer = !is_arrival && answer_ms <= look_ms;
	const int64_t next_ms = is_arrival ? arrival_ms : is_answer ? answer_ms : look_ms;

	if (max(sim->now_ms, next_ms) > until_ms)
		return false;
	sim->now_ms = max(sim->now_ms, next_ms);
	if (is_arrival)
		arrive(sim);
	else if (is_answer)
		answer(sim, flight);
	else
		send(sim);
	return true;
}

void sim_run(struct sim *sim, double until_s)
{
	const int64_t until_ms = to_ms(until_s);

	while (step(sim, until_ms))
		;
	sim->now_ms = max(sim->now_ms, until_ms);
}

void sim_run_tasks(struct sim *sim, size_t n)
{
	while (sim->seen < n && step(sim, INT64_MAX - 1))
		;
}

struct tally *sim_tally(struct sim *sim, enum media_kind kind)
{
	return &sim->tallies[kind];
}

size_t sim_unseen(const struct sim *sim)
{
	return sim->unseen;
}

double sim_now_s(const struct sim *sim)
{
	return to_s(sim->now_ms);
}

double sim_requests(const struct sim *sim)
{
	return sim->requests;
}

double sim_polls(const struct sim *sim)
{
	return sim->polls;
}
