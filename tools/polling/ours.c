#include "ours.h"

#include <stdlib.h>
#include <time.h>

#include "must.h"

struct ours ours_make(const struct sched_options *options)
{
	return (struct ours){
		.sched = must(sched_new(options)),
		.dists = options->dists,
		.does_learn = true,
	};
}

void ours_release(struct ours *ours)
{
	sched_free(ours->sched);
	*ours = (struct ours){ 0 };
}

static double cpu_s(const struct ours *ours)
{
	struct timespec now;

	if (!ours->is_timed)
		return 0.0;
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static struct sched_view with_lane(struct ours *ours, const struct sched_view *view)
{
	struct sched_view full = *view;

	full.lane = dists_lane(ours->dists, view->kind, ours->model);
	return full;
}

static void add(void *self, size_t key, const struct sched_view *told, int64_t now_ms)
{
	struct ours *ours = self;
	struct err err;
	struct sched_view view;

	(void)must(sched_add(ours->sched, key, now_ms, &err) ? NULL : self);
	if (!told)
		return;
	view = with_lane(ours, told);
	sched_polled(ours->sched, key, &view, now_ms);
}

static int64_t next_ms(void *self)
{
	const struct ours *ours = self;

	return sched_next_ms(ours->sched);
}

static size_t take(void *self, int64_t now_ms, size_t *ret_keys)
{
	struct ours *ours = self;
	const double begin_s = cpu_s(ours);
	const size_t n = sched_take(ours->sched, now_ms, ret_keys);

	ours->cpu_s += cpu_s(ours) - begin_s;
	return n;
}

static void polled(void *self, const size_t *keys, const struct sched_view *views,
    size_t n, int64_t now_ms)
{
	struct ours *ours = self;
	const double begin_s = cpu_s(ours);

	sched_request_ok(ours->sched, now_ms);
	for (size_t i = 0; i < n; i++) {
		const struct sched_view view = with_lane(ours, &views[i]);

		if (task_state_is_final(view.state))
			sched_drop(ours->sched, keys[i]);
		else
			sched_polled(ours->sched, keys[i], &view, now_ms);
	}
	ours->cpu_s += cpu_s(ours) - begin_s;
}

static void near_begin(const struct ours *ours, size_t key, struct past_task *past)
{
	int64_t after_ms, by_ms;

	sched_start(
	    ours->sched, key, past->finished_unix_ms - SIM_EPOCH_MS, &after_ms, &by_ms);
	if (after_ms < 0)
		return;
	past->queued_until_unix_ms = SIM_EPOCH_MS + after_ms;
	past->generating_by_unix_ms = SIM_EPOCH_MS + by_ms;
}

static void ended(void *self, size_t key, const struct past_task *past)
{
	struct ours *ours = self;
	struct past_task near = *past;
	double seconds;

	/* As the program does: its schedule knows the begin better than the polls. */
	near_begin(ours, key, &near);
	if (ours->does_learn && past_seconds(&near, &seconds))
		dists_ended(ours->dists, dists_lane(ours->dists, past->kind, ours->model),
		    seconds, past->state == TASK_SUCCEEDED);
}

static void budget_until(void *self, int64_t until_ms)
{
	const struct ours *ours = self;

	sched_budget_until(ours->sched, until_ms);
}

struct policy ours_policy(struct ours *ours)
{
	return (struct policy){
		.self = ours,
		.add = add,
		.next_ms = next_ms,
		.take = take,
		.polled = polled,
		.ended = ended,
		.budget_until = budget_until,
	};
}

/* --- round robin --- */

static void append(struct round_robin *robin, size_t key)
{
	if (robin->n == robin->room) {
		const size_t room = robin->room ? 2 * robin->room : 64;
		size_t *keys = must(calloc(room, sizeof(*keys)));

		for (size_t i = 0; i < robin->n; i++)
			keys[i] = robin->keys[(robin->first + i) % robin->room];
		free(robin->keys);
		robin->keys = keys;
		robin->room = room;
		robin->first = 0;
	}
	robin->keys[(robin->first + robin->n++) % robin->room] = key;
}

static void robin_add(
    void *self, size_t key, const struct sched_view *told, int64_t now_ms)
{
	(void)told;
	(void)now_ms;
	append(self, key);
}

static int64_t robin_next_ms(void *self)
{
	const struct round_robin *robin = self;

	return robin->n ? 0 : INT64_MAX;
}

static size_t robin_take(void *self, int64_t now_ms, size_t *ret_keys)
{
	struct round_robin *robin = self;
	size_t n = 0;

	(void)now_ms;
	for (; n < robin->batch_max && robin->n > 0; robin->n--) {
		ret_keys[n++] = robin->keys[robin->first];
		robin->first = (robin->first + 1) % robin->room;
	}
	return n;
}

static void robin_polled(void *self, const size_t *keys, const struct sched_view *views,
    size_t n, int64_t now_ms)
{
	(void)now_ms;
	for (size_t i = 0; i < n; i++)
		if (!task_state_is_final(views[i].state))
			append(self, keys[i]);
}

static void robin_ended(void *self, size_t key, const struct past_task *past)
{
	(void)self;
	(void)key;
	(void)past;
}

static void robin_budget_until(void *self, int64_t until_ms)
{
	(void)self;
	(void)until_ms;
}

void round_robin_release(struct round_robin *robin)
{
	free(robin->keys);
	*robin = (struct round_robin){ 0 };
}

struct policy round_robin_policy(struct round_robin *robin)
{
	return (struct policy){
		.self = robin,
		.add = robin_add,
		.next_ms = robin_next_ms,
		.take = robin_take,
		.polled = robin_polled,
		.ended = robin_ended,
		.budget_until = robin_budget_until,
	};
}
