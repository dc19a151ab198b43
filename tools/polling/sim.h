/*
 * sim.h - a service full of tasks, and a policy that polls them on a virtual clock.
 *
 * Answers come at once, unless a lag is given. A policy sees of a task what a poll shows,
 * and nothing else. The account's budget (model/budget.h) is the same for every policy.
 *
 *	SIM_GIVEN	only the tasks of sim_add()
 *	SIM_CLOSED	a task that was seen to have ended is followed by a new one
 *	SIM_RUNNING	... one that has ended, whether that was seen or not
 *	SIM_OPEN	new ones come by chance (Poisson)
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/policy/sched.h"
#include "core/stats/past.h"
#include "model/budget.h"
#include "models.h"
#include "tally.h"

enum sim_arrivals { SIM_GIVEN, SIM_CLOSED, SIM_RUNNING, SIM_OPEN };

enum { SIM_EPOCH_MS = 1000000 /* the service's clock at 0 */ };

struct policy {
	void *self;
	/* A new task; of one that the submission told about, with what it told. */
	void (*add)(
	    void *self, size_t key, const struct sched_view *told, int64_t now_ms);
	int64_t (*next_ms)(void *self); /* when take can give something */
	size_t (*take)(void *self, int64_t now_ms, size_t *ret_keys);
	/* All of one request, before any of the next two functions. */
	void (*polled)(void *self, const size_t *keys, const struct sched_view *views,
	    size_t n, int64_t now_ms);
	void (*ended)(void *self, size_t key, const struct past_task *past);
	void (*budget_until)(void *self, int64_t until_ms);
};

struct sim_options {
	enum sim_arrivals arrivals;
	double arrivals_per_s; /* SIM_OPEN */
	/* The next new task. */
	struct life (*draw)(void *payload, double created_s);
	void *payload; /* borrowed */
	bool is_told; /* the submission shows the new task, as the first poll would */
	unsigned batch_max;
	struct budget budget; /* of zeroes: no limit */
	/* An answer takes so long for each id in it; two requests may be under way. It
	 * shows what was when it was asked for, and counts as seen then. */
	double lag_s;
	bool is_seen_only; /* count tasks that a poll saw running, as the ledger does */
	double tally_from_s, tally_until_s; /* count tasks that end between */
	uint64_t seed;
};

struct sim;

struct sim *sim_new(const struct sim_options *options, const struct policy *policy);
void sim_free(struct sim *sim);
/* A task, now or of the past (SIM_GIVEN: not before the last one). */
void sim_add(struct sim *sim, const struct life *life, double now_s);
/* Everything until then; 0 ≤ until_s. */
void sim_run(struct sim *sim, double until_s);
/* The same until so many tasks were seen to have ended. */
void sim_run_tasks(struct sim *sim, size_t n);

struct tally *sim_tally(struct sim *sim, enum media_kind kind); /* MEDIA_UNKNOWN: all */
size_t sim_unseen(const struct sim *sim); /* ended within the tally, not seen yet */
double sim_now_s(const struct sim *sim);
double sim_requests(const struct sim *sim); /* since the beginning */
double sim_polls(const struct sim *sim);

/* What a poll at `now` shows. */
struct sched_view sim_view(const struct life *life, int64_t now_ms);
