/*
 * What holds of every schedule, whatever the polls show: the floor of each id, its guard,
 * the account's budget, the size of a request; and that nothing is ever forgotten.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "core/common/random.h"
#include "core/policy/sched.h"
#include "model/budget.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

enum { KEYS = 90, BATCH = 7, SEEDS = 4, STEPS = 1600, EPOCH_MS = 1000000 };

struct key {
	bool is_waiting, is_in_flight, is_hurried;
	bool was_looked_at; /* successfully, with the view below */
	struct sched_view view;
	int64_t asked_ms; /* its last request left */
	int64_t polled_ms; /* its last good look arrived */
};

struct world {
	struct sched *sched;
	struct dists *dists;
	int64_t interval_ms;
	struct budget budget;
	struct bucket bucket;
	uint64_t random;
	int64_t now_ms;
	struct key keys[KEYS];
	int64_t *sent_ms; /* of each request */
	size_t n_sent;
};

static uint64_t roll(struct world *world, uint64_t sides)
{
	return random_next(&world->random) % sides;
}

static struct world make(uint64_t seed, int64_t interval_ms, struct budget budget)
{
	struct world world = { .dists = dists_new(),
		.interval_ms = interval_ms,
		.budget = budget,
		.random = seed,
		.sent_ms = calloc(STEPS, sizeof(int64_t)) };
	struct err err;

	assert_non_null(world.dists);
	assert_non_null(world.sent_ms);
	world.sched = sched_new(&(struct sched_options){ .interval_ms = interval_ms,
	    .batch_max = BATCH,
	    .seed = seed,
	    .dists = world.dists });
	assert_non_null(world.sched);
	for (size_t i = 0; i < KEYS; i++) {
		assert_int_equal(sched_add(world.sched, i, 0, &err), ERR_OK);
		world.keys[i].is_waiting = true;
	}
	return world;
}

static void world_release(struct world *world)
{
	sched_free(world->sched);
	dists_free(world->dists);
	free(world->sent_ms);
}

/* --- what the header of plan.h says of a poll that showed this --- */

static int64_t floor_ms(const struct world *world, const struct sched_view *view)
{
	if (world->interval_ms > 0)
		return world->interval_ms;
	if (view->advice_ms > 0)
		return view->advice_ms < PLAN_ADVICE_MAX_MS ? view->advice_ms
							    : PLAN_ADVICE_MAX_MS;
	return view->kind == MEDIA_VIDEO ? PLAN_VIDEO_FLOOR_MS : PLAN_IMAGE_FLOOR_MS;
}

static int64_t guard_ms(const struct world *world, const struct sched_view *view)
{
	const int64_t guard =
	    view->state == TASK_QUEUED ? PLAN_QUEUED_MAX_MS : PLAN_GENERATING_MAX_MS;
	const int64_t least = floor_ms(world, view);
	const int64_t floor =
	    least + (int64_t)(PLAN_JITTER * (double)least) + 2 * PLAN_GATHER_MS;

	/*
	 * Who has a floor above the guard is due at the floor, and may wait for company.
	 */
	return floor > guard ? floor : guard;
}

static struct sched_view draw_view(struct world *world)
{
	static const enum task_state states[] = { TASK_UNKNOWN, TASK_QUEUED, TASK_QUEUED,
		TASK_GENERATING, TASK_GENERATING, TASK_PARTIAL };
	static const int64_t advices_ms[] = { 0, 0, 0, 0, 1500, 15000, INT64_MAX, -5 };
	struct sched_view view = {
		.state = states[roll(world, COUNT(states))],
		.kind = (enum media_kind)roll(world, MEDIA_AUDIO + 1),
		.age_ms = (int64_t)roll(world, 5) * (int64_t)roll(world, 500000) - 1,
		.queue_position = -1,
		.queue_eta_ms = -1,
		.advice_ms = advices_ms[roll(world, COUNT(advices_ms))],
	};

	view.lane = dists_lane(world->dists, view.kind, roll(world, 2) ? "m" : NULL);
	if (view.state == TASK_UNKNOWN)
		view.absences = (unsigned)roll(world, 9);
	if (view.state == TASK_QUEUED && roll(world, 3))
		view.queue_position = (int64_t)roll(world, 50000);
	if (view.state == TASK_QUEUED && !roll(world, 3))
		view.queue_eta_ms = (int64_t)roll(world, 5000000);
	return view;
}

/* --- one request --- */

static void check_taken(struct world *world, const size_t *keys, size_t n)
{
	assert_true(n <= BATCH && n <= sched_batch(world->sched));
	for (size_t i = 0; i < n; i++) {
		struct key *key = &world->keys[keys[i]];
		const int64_t gap_ms = world->now_ms - key->polled_ms;

		assert_true(keys[i] < KEYS);
		assert_true(key->is_waiting);
		if (key->was_looked_at && !key->is_hurried)
			assert_true(gap_ms >= floor_ms(world, &key->view));
		if (key->was_looked_at && key->is_hurried)
			assert_true(world->now_ms - key->asked_ms >= SCHED_HURRY_MS);
		key->asked_ms = world->now_ms;
		key->is_waiting = false;
		key->is_in_flight = true;
	}
}

static void check_plan(struct world *world, size_t at)
{
	const struct key *key = &world->keys[at];
	struct sched_reason reason;

	assert_true(sched_reason(world->sched, at, &reason));
	assert_int_equal(reason.polled_ms, world->now_ms);
	assert_true(reason.due_ms - reason.polled_ms >= floor_ms(world, &key->view));
	assert_true(reason.due_ms - reason.polled_ms <= guard_ms(world, &key->view));
}

static void answer(struct world *world, const size_t *keys, size_t n, bool is_calm)
{
	sched_request_ok(world->sched, world->now_ms);
	for (size_t i = 0; i < n; i++) {
		struct key *key = &world->keys[keys[i]];

		key->view = draw_view(world);
		if (roll(world, 30) == 0)
			dists_ended(world->dists, key->view.lane,
			    1.0 + (double)roll(world, 300), roll(world, 20) != 0);
		sched_polled(world->sched, keys[i], &key->view, world->now_ms);
		if (!key->is_in_flight && !key->is_waiting) /* dropped meanwhile */
			continue;
		*key = (struct key){ .is_waiting = true,
			.was_looked_at = true,
			.view = key->view,
			.asked_ms = key->asked_ms,
			.polled_ms = world->now_ms };
		if (is_calm)
			check_plan(world, keys[i]);
	}
}

static void refuse(struct world *world, const size_t *keys, size_t n)
{
	static const struct err whys[] = { { .kind = ERR_NET },
		{ .kind = ERR_NET, .retry_after_ms = 4000 }, { .kind = ERR_BUSY } };

	(void)sched_request_failed(world->sched, &whys[roll(world, COUNT(whys))],
	    roll(world, 2) ? n : 0, world->now_ms);
	sched_again(world->sched, keys, n, world->now_ms);
	for (size_t i = 0; i < n; i++) {
		struct key *key = &world->keys[keys[i]];

		if (!key->is_in_flight)
			continue;
		/* It showed nothing: the poll before it is as old as it was. */
		key->is_in_flight = false;
		key->is_waiting = true;
		key->was_looked_at = false;
	}
}

/* The program's part: when something is due and the budget has a request, it goes. */
static size_t request(struct world *world, size_t *ret_keys)
{
	const int64_t next_ms = sched_next_ms(world->sched);
	int64_t wait_ms;
	size_t n;

	if (next_ms > world->now_ms) {
		/* Asked too early it gives nothing. */
		assert_int_equal(sched_take(world->sched, world->now_ms, ret_keys), 0);
		world->now_ms = next_ms;
	}
	if (!budget_take(
		&world->budget, &world->bucket, EPOCH_MS + world->now_ms, &wait_ms)) {
		sched_budget_until(world->sched, world->now_ms + wait_ms);
		assert_true(sched_next_ms(world->sched) >= world->now_ms + wait_ms);
		return 0;
	}
	n = sched_take(world->sched, world->now_ms, ret_keys);
	if (n == 0) { /* "slow down" has put off what was due */
		assert_true(sched_next_ms(world->sched) > world->now_ms);
		return 0;
	}
	world->sent_ms[world->n_sent++] = world->now_ms;
	check_taken(world, ret_keys, n);
	return n;
}

static void disturb(struct world *world)
{
	const size_t at = roll(world, KEYS);
	struct key *key = &world->keys[at];

	switch (roll(world, 6)) {
	case 0:
		sched_drop(world->sched, at);
		key->is_waiting = key->is_in_flight = false;
		break;
	case 1:
	case 2:
		sched_hurry(world->sched, at, world->now_ms);
		if (!key->is_in_flight) {
			key->is_waiting = true;
			key->is_hurried = true;
		}
		break;
	case 3:
		sched_link_life(world->sched, 600000 + (int64_t)roll(world, 600000));
		break;
	default:
		break;
	}
}

/* In a time t at most burst + rate·t: of every window that begins with a request. */
static void check_budget(const struct world *world)
{
	for (size_t i = 0; i < world->n_sent; i++)
		for (size_t k = i; k < world->n_sent && k < i + 300; k++) {
			const double minutes =
			    (double)(world->sent_ms[k] - world->sent_ms[i]) / 60000.0;

			assert_true((double)(k - i + 1) <= (double)world->budget.burst +
				(double)world->budget.per_minute * minutes + 1e-3);
		}
}

/* Half of them are dropped in one go; of the others each that waits is looked at. */
static void check_nothing_is_lost(struct world *world)
{
	bool is_missing[KEYS];
	size_t missing = 0;

	for (size_t i = roll(world, 2); i < KEYS; i += 2) {
		sched_drop(world->sched, i);
		world->keys[i].is_waiting = false;
	}
	for (size_t i = 0; i < KEYS; i++)
		missing += is_missing[i] = world->keys[i].is_waiting;
	world->n_sent = 0;
	while (missing > 0) {
		size_t keys[BATCH], n;

		assert_true(world->n_sent < STEPS);
		assert_true(sched_next_ms(world->sched) < INT64_MAX);
		n = request(world, keys);
		for (size_t i = 0; i < n; i++) {
			missing -= is_missing[keys[i]];
			is_missing[keys[i]] = false;
			sched_drop(world->sched, keys[i]);
		}
		if (n > 0)
			sched_request_ok(world->sched, world->now_ms);
	}
	for (size_t i = 0; i < KEYS; i++)
		assert_false(is_missing[i]);
}

/* --- the properties --- */

static void whatever_happens(void **state)
{
	static const int64_t intervals_ms[] = { 0, 0, 1000, 30000 };
	static const int64_t per_minute[] = { 3, 120, 10, 1000 };

	(void)state;
	for (uint64_t seed = 1; seed <= SEEDS; seed++) {
		struct world world = make(seed, intervals_ms[seed % COUNT(intervals_ms)],
		    (struct budget){ per_minute[seed % COUNT(per_minute)], 3 });

		while (world.n_sent < STEPS / 2) {
			size_t keys[BATCH], n = request(&world, keys);

			world.now_ms += (int64_t)roll(&world, 200);
			for (uint64_t left = roll(&world, 4); left > 0; left--)
				disturb(&world);
			if (n > 0 && roll(&world, 12) == 0)
				refuse(&world, keys, n);
			else if (n > 0)
				answer(&world, keys, n, false);
			if (roll(&world, 8) == 0)
				disturb(&world);
		}
		check_budget(&world);
		check_nothing_is_lost(&world);
		world_release(&world);
	}
}

/* With requests enough, the plan of each id keeps between its floor and its guard. */
static void between_floor_and_guard(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= SEEDS; seed++) {
		struct world world = make(seed, 0, (struct budget){ 0 });

		while (world.n_sent < STEPS) {
			size_t keys[BATCH], n = request(&world, keys);

			for (size_t i = 0; i < n; i++) {
				const struct key *key = &world.keys[keys[i]];

				if (key->was_looked_at)
					assert_true(world.now_ms - key->polled_ms <=
					    guard_ms(&world, &key->view));
			}
			answer(&world, keys, n, true);
		}
		world_release(&world);
	}
}

/* One that wants many polls; every fifth is stuck, and would have to wait for ever. */
static struct sched_view draw_greedy(struct world *world, size_t at)
{
	return (struct sched_view){
		.state = TASK_GENERATING,
		.kind = MEDIA_IMAGE,
		.lane = dists_lane(world->dists, MEDIA_IMAGE, NULL),
		.age_ms = at % 5 ? (int64_t)roll(world, 20000) : 400000000,
		.queue_position = -1,
		.queue_eta_ms = -1,
	};
}

/*
 * Far too few requests: all ids want a poll every few seconds, and the budget has one for
 * each in 43 s. Those over their guard go before all others, and there are at most KEYS
 * of them: so none waits longer for its turn than its guard and one round. Two are
 * allowed.
 */
static void nobody_starves(void **state)
{
	const struct budget budget = { .per_minute = 18, .burst = 1 };
	const int64_t round_ms = (int64_t)KEYS * 60000 / (budget.per_minute * BATCH);

	(void)state;
	for (uint64_t seed = 1; seed <= SEEDS; seed++) {
		struct world world = make(seed, 0, budget);

		while (world.n_sent < STEPS / 2) {
			size_t keys[BATCH], n = request(&world, keys);

			sched_request_ok(world.sched, world.now_ms);
			for (size_t i = 0; i < n; i++) {
				const struct sched_view view =
				    draw_greedy(&world, keys[i]);

				sched_polled(world.sched, keys[i], &view, world.now_ms);
				world.keys[keys[i]] = (struct key){ .is_waiting = true,
					.was_looked_at = true,
					.view = view,
					.polled_ms = world.now_ms };
			}
			for (size_t i = 0; i < KEYS && n > 0; i++)
				assert_true(world.now_ms - world.keys[i].polled_ms <=
				    PLAN_GENERATING_MAX_MS + 2 * round_ms);
		}
		check_budget(&world);
		world_release(&world);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(whatever_happens),
		cmocka_unit_test(between_floor_and_guard),
		cmocka_unit_test(nobody_starves),
	};

	return cmocka_run_group_tests_name("sched_properties", tests, NULL, NULL);
}
