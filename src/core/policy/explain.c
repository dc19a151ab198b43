#include "core/policy/explain.h"

#include <time.h>

#include "base/duration.h"
#include "base/say.h"

static int64_t to_ms(double seconds)
{
	return seconds >= DIST_MAX_S ? (int64_t)DIST_MAX_S * 1000
				     : (int64_t)(seconds * 1000.0);
}

/* --- what is known of the task ------------------------------------------------------ */

static const char *plural_of(enum media_kind kind)
{
	switch (kind) {
	case MEDIA_IMAGE:
		return N_("images");
	case MEDIA_VIDEO:
		return N_("videos");
	case MEDIA_AUDIO:
		return N_("sounds");
	case MEDIA_UNKNOWN:
		break;
	}
	return N_("tasks");
}

/* "such videos take 2m10s (1m10s to 4m, 24 known)" */
static void add_dist(const struct explain *explain, struct buf *into)
{
	const struct plan_view *view = &explain->reason->view;
	const struct learnt *learnt = explain->learnt;
	char middle[24], low[24], high[24];

	if (!view->dist)
		return;
	say_add(into, "such %s take %s (%s to %s", plural_of(view->kind),
	    duration_about(to_ms(dist_quantile_s(view->dist, 0.0, 0.5)), middle),
	    duration_about(to_ms(dist_quantile_s(view->dist, 0.0, 0.1)), low),
	    duration_about(to_ms(dist_quantile_s(view->dist, 0.0, 0.9)), high));
	if (learnt && learnt->n > 0)
		say_add(into,
		    learnt->is_new_dist ? N_(", %zu known since the service has changed")
					: N_(", %zu known"),
		    learnt->n);
	else if (learnt)
		say_add(into, ", a guess: none known yet");
	buf_addf(into, "%s", say_text(N_(")")));
}

/* Says "generating for 52s". */
static void add_stage(const struct explain *explain, struct buf *into)
{
	const struct plan_view *view = &explain->reason->view;
	char text[24];

	if (view->state == TASK_QUEUED)
		say_add(into, "queued for %s without a place, taken as generating",
		    duration_text(view->queued_ms, text));
	else if (view->state != TASK_GENERATING)
		say_add(into, "%s, taken as generating", task_state_name(view->state));
	else if (view->age_ms >= 0)
		say_add(into, "generating for %s", duration_text(view->age_ms, text));
	else
		say_add(into, "generating");
}

/* Says "place 1240, 11 places/s, about 1m50s left". */
static void add_queue(const struct explain *explain, struct buf *into)
{
	const struct task *task = explain->task;
	const double drain = explain->reason->drain;
	char text[24];

	if (task->has_queue && task->queue.position >= 0)
		say_add(into, "place %lld, ", (long long)task->queue.position);
	else
		say_add(into, "queued, ");
	if (drain >= 10.0)
		say_add(into, "%.0f places/s, ", drain);
	else if (drain >= 0.1)
		say_add(into, "%.1f places/s, ", drain);
	else if (drain > 0.0)
		say_add(into, "%.1f places/min, ", drain * 60.0);
	say_add(into, "about %s left",
	    duration_about(explain->reason->view.queue_eta_ms, text));
}

/* --- the rules -------------------------------------------------------------------- */

static void tell_absent(const struct explain *explain, struct buf *into)
{
	const unsigned absences = explain->reason->view.absences;
	char text[24];

	say_add(into,
	    absences == 1 ? N_("the service does not know it (%u poll in a row); steps "
			       "double to %s")
			  : N_("the service does not know it (%u polls in a row); steps "
			       "double to %s"),
	    absences, duration_about(PLAN_ABSENT_MAX_MS, text));
}

static void tell_queue(const struct explain *explain, struct buf *into)
{
	add_queue(explain, into);
	say_add(into, ": half of that");
}

static void tell_queue_end(const struct explain *explain, struct buf *into)
{
	add_queue(explain, into);
	say_add(into, ", then the first poll of a generation; ");
	add_dist(explain, into);
}

static void tell_queue_blind(const struct explain *explain, struct buf *into)
{
	char text[24];

	say_add(into, "queued for %s without a place: steps grow with the wait",
	    duration_text(explain->reason->view.queued_ms, text));
}

static void tell_early(const struct explain *explain, struct buf *into)
{
	add_stage(explain, into);
	say_add(into, "; an early poll, for rejects; ");
	add_dist(explain, into);
}

static void tell_dist(const struct explain *explain, struct buf *into)
{
	add_stage(explain, into);
	say_add(into, "; ");
	add_dist(explain, into);
	say_add(into, "; a poll is worth %.*fs of delay",
	    explain->reason->plan.price_s < 0.095 ? 2 : 1, explain->reason->plan.price_s);
}

static void tell_partial(const struct explain *explain, struct buf *into)
{
	char text[24];

	say_add(into,
	    explain->task->total == 1
		? N_("%lld of %lld file is ready and the rest comes soon: the shortest "
		     "step, %s")
		: N_("%lld of %lld files are ready and the rest comes soon: the shortest "
		     "step, %s"),
	    (long long)explain->task->finished, (long long)explain->task->total,
	    duration_text(explain->reason->plan.floor_ms, text));
}

static void (*const rules[])(const struct explain *explain, struct buf *into) = {
	[PLAN_ABSENT] = tell_absent,
	[PLAN_QUEUE] = tell_queue,
	[PLAN_QUEUE_END] = tell_queue_end,
	[PLAN_QUEUE_BLIND] = tell_queue_blind,
	[PLAN_EARLY] = tell_early,
	[PLAN_DIST] = tell_dist,
	[PLAN_PARTIAL] = tell_partial,
};

/* --- the bounds ------------------------------------------------------------------- */

static int64_t floor_ms(const struct sched_reason *reason)
{
	return reason->plan.floor_ms;
}

static int64_t guard_ms(const struct sched_reason *reason)
{
	return reason->plan.rule == PLAN_QUEUE || reason->plan.rule == PLAN_QUEUE_BLIND
	    ? PLAN_QUEUED_MAX_MS
	    : PLAN_GENERATING_MAX_MS;
}

static int64_t links_ms(const struct sched_reason *reason)
{
	return reason->view.gap_max_ms;
}

/* With one %s, the milliseconds of `limit` in words; NULL: there is nothing to say. */
static const struct {
	const char *text;
	int64_t (*limit)(const struct sched_reason *reason);
} bounds[] = {
	[PLAN_FREE] = { NULL, NULL },
	[PLAN_FLOOR_USER] = { N_("; not under %s, your --interval"), floor_ms },
	[PLAN_FLOOR_ADVICE] = { N_("; the service asks for %s between polls"), floor_ms },
	[PLAN_FLOOR_KIND] = { N_("; not under %s, the floor of its kind"), floor_ms },
	[PLAN_FLOOR_ACCOUNT] = { N_("; not under %s, as the service said to slow down"),
	    floor_ms },
	[PLAN_GUARD] = { N_("; guard: never more than %s"), guard_ms },
	[PLAN_GUARD_LINKS] = { N_("; guard: never more than %s, or links might die "
				  "unseen"),
	    links_ms },
};

/* The format comes from the table above and from nowhere else. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
static void add_bound(const struct explain *explain, struct buf *into)
{
	const enum plan_bound bound = explain->reason->plan.bound;
	char text[24];

	if (bounds[bound].text)
		say_add(into, bounds[bound].text,
		    duration_text(bounds[bound].limit(explain->reason), text));
}
#pragma GCC diagnostic pop

/* --- the line --------------------------------------------------------------------- */

static void add_when(const struct explain *explain, struct buf *into)
{
	const int64_t wait_ms = explain->reason->due_ms - explain->now_ms;
	const time_t then = (time_t)((explain->now_unix_ms + wait_ms) / 1000);
	struct tm tm;
	char text[24], clock[24] = "";

	if (wait_ms <= 0) {
		say_add(into, "next poll now");
		return;
	}
	say_add(into, "next poll in %s", duration_text(wait_ms, text));
	if (localtime_r(&then, &tm) && strftime(clock, sizeof(clock), "%H:%M:%S", &tm))
		say_add(into, " (at %s)", clock);
}

static void add_eta(const struct explain *explain, struct buf *into)
{
	char middle[24], low[24], high[24];

	if (explain->eta.middle_ms < 0)
		return;
	say_add(into, "; done in about %s (%s to %s)",
	    duration_about(explain->eta.middle_ms, middle),
	    duration_about(explain->eta.low_ms, low),
	    duration_about(explain->eta.high_ms, high));
}

void explain_poll(const struct explain *explain, struct buf *into)
{
	say_add(into, "%s: ", explain->task->submit_id);
	add_when(explain, into);
	say_add(into, ": ");
	rules[explain->reason->plan.rule](explain, into);
	add_bound(explain, into);
	add_eta(explain, into);
}
