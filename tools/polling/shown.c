#include "shown.h"

#include <math.h>
#include <stdlib.h>

#include "core/common/random.h"
#include "must.h"

enum { SECOND_MS = 1000, PUSHES = 24 /* in the time of one queue */ };
static const double push_max = 0.08; /* of the place */

static void add(void *self, size_t key, const struct sched_view *told, int64_t now_ms)
{
	struct shown *shown = self;

	while (key >= shown->room)
		shown->tasks = must_grow(
		    shown->tasks, shown->room, &shown->room, sizeof(*shown->tasks));
	shown->tasks[key] = (struct shown_task){ .life = shown->next };
	shown->policy.add(shown->policy.self, key, told, now_ms);
}

static int64_t next_ms(void *self)
{
	struct shown *shown = self;

	return shown->policy.next_ms(shown->policy.self);
}

static size_t take(void *self, int64_t now_ms, size_t *ret_keys)
{
	struct shown *shown = self;

	return shown->policy.take(shown->policy.self, now_ms, ret_keys);
}

/* The same moment, the same push. */
static double push_of(const struct life *life, double now_s)
{
	const double share =
	    (now_s - life->created_s) / (life->start_s - life->created_s);
	uint64_t random =
	    (uint64_t)(life->end_s * 1000.0) * PUSHES + (uint64_t)(share * PUSHES);

	return push_max * chance(&random);
}

static void show_queue(const struct life *life, double now_s, struct sched_view *view)
{
	const double place = life_place(life, now_s) * (1.0 + push_of(life, now_s));

	view->queue_position = (int64_t)fmax(1.0, floor(place));
	view->queue_eta_ms = (int64_t)(life->start_s - now_s + 1.0) * SECOND_MS;
}

static struct sched_view show(
    const struct shown_life *of, const struct sched_view *view, int64_t now_ms)
{
	const struct life *life = &of->life;
	const double now_s = (double)now_ms / 1000.0;
	const int64_t service_ms = now_ms - now_ms % SECOND_MS;
	struct sched_view shown = *view;

	shown.age_ms = service_ms - (int64_t)(life->created_s * 1000.0);
	if (shown.age_ms < 0)
		shown.age_ms = -1;
	if (view->state == TASK_QUEUED)
		show_queue(life, now_s, &shown);
	else if (view->state == TASK_GENERATING && of->partial_s > 0.0 &&
	    now_s >= life->start_s + of->partial_s)
		shown.state = TASK_PARTIAL;
	return shown;
}

/* One by one, as the program does: each forecast counts for the next. */
static void polled(void *self, const size_t *keys, const struct sched_view *views,
    size_t n, int64_t now_ms)
{
	struct shown *shown = self;

	for (size_t i = 0; i < n; i++) {
		struct shown_task *task = &shown->tasks[keys[i]];
		const struct sched_view view = show(task->life, &views[i], now_ms);

		if (!task_state_is_final(view.state)) {
			task->was_running = true;
			dists_forecast(shown->dists,
			    dists_lane(shown->dists, view.kind, shown->model),
			    task->life->forecast_s);
		}
		shown->policy.polled(shown->policy.self, &keys[i], &view, 1, now_ms);
	}
}

static void ended(void *self, size_t key, const struct past_task *past)
{
	const struct shown *shown = self;
	struct past_task whole = *past;

	whole.finished_unix_ms -= whole.finished_unix_ms % SECOND_MS;
	if (shown->tasks[key].was_running)
		shown->policy.ended(shown->policy.self, key, &whole);
}

static void budget_until(void *self, int64_t until_ms)
{
	struct shown *shown = self;

	shown->policy.budget_until(shown->policy.self, until_ms);
}

struct policy shown_policy(struct shown *shown)
{
	return (struct policy){
		.self = shown,
		.add = add,
		.next_ms = next_ms,
		.take = take,
		.polled = polled,
		.ended = ended,
		.budget_until = budget_until,
	};
}

void shown_release(struct shown *shown)
{
	free(shown->tasks);
	*shown = (struct shown){ 0 };
}
