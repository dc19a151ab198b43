#include "core/stats/count.h"

#include <math.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/arena.h"
#include "base/array.h"
#include "base/cleanup.h"
#include "core/stats/figures.h"
#include "core/stats/past.h"

static const double quantiles[DQ_STATS_QUANTILES] = { 0.05, 0.10, 0.25, 0.50, 0.75, 0.90,
	0.95 };

struct lane {
	struct dq_stats_lane public;
	enum media_kind kind;
	struct figures durations_ms, delays_ms;
	int64_t requests_micro;
	struct lane *next;
};
struct failure {
	struct dq_stats_failure public;
	struct failure *next;
};
struct day {
	struct dq_stats_day public;
	int64_t requests_micro;
};

struct stats_count {
	struct arena arena; /* lanes, failures, texts; then all of the result */
	struct lane all;
	struct lane *lanes; /* a list; `lane_tree` finds them */
	struct failure *failures; /* the same */
	struct day *days; /* by malloc */
	void *lane_tree, *failure_tree;
	size_t n_lanes, n_failures, n_days, days_room;
	bool failed;
};

struct held {
	struct dq_stats stats; /* first: that is what the caller has */
	struct arena arena; /* owns it all, itself too */
};

/* --- begin and end --- */

struct stats_count *stats_count_new(void)
{
	struct stats_count *count = calloc(1, sizeof(*count));

	if (count)
		count->arena = arena_make(SIZE_MAX);
	return count;
}

static void keep_node(void *node)
{
	(void)node; /* it lives in the arena */
}

/* Frees all but the arena. */
static void drop(struct stats_count *count)
{
	tdestroy(count->lane_tree, keep_node);
	tdestroy(count->failure_tree, keep_node);
	for (struct lane *lane = count->lanes; lane; lane = lane->next) {
		figures_release(&lane->durations_ms);
		figures_release(&lane->delays_ms);
	}
	figures_release(&count->all.durations_ms);
	figures_release(&count->all.delays_ms);
	free(count->days);
}

void stats_count_free(struct stats_count *count)
{
	if (!count)
		return;
	drop(count);
	arena_release(&count->arena);
	free(count);
}

void stats_count_freep(struct stats_count **count)
{
	stats_count_free(*count);
}

/* --- counting --- */

/* NULL goes first. */
static int compare_texts(const char *a, const char *b)
{
	if (!a || !b)
		return (a != NULL) - (b != NULL);
	return strcmp(a, b);
}

static int compare_lanes(const void *left, const void *right)
{
	const struct lane *a = left, *b = right;

	return a->kind != b->kind ? (int)a->kind - (int)b->kind
				  : compare_texts(a->public.model, b->public.model);
}

static int compare_failures(const void *left, const void *right)
{
	const struct dq_stats_failure *a = &((const struct failure *)left)->public;
	const struct dq_stats_failure *b = &((const struct failure *)right)->public;
	const int order = compare_texts(a->fail_class, b->fail_class);

	return order ? order : compare_texts(a->fail_code, b->fail_code);
}

/*
 * Finds the node that equals *key in the tree; else a copy of *key, to be completed.
 * *ret_is_new says which. NULL: no memory.
 */
static void *find_or_add(struct stats_count *count, void **tree, const void *key,
    size_t size_bytes, int (*compare)(const void *, const void *))
{
	void *const *known = tfind(key, tree, compare);
	void *copy;

	if (known)
		return *known;
	copy = arena_alloc(&count->arena, size_bytes);
	if (!copy)
		return NULL;
	memcpy(copy, key, size_bytes);
	return tsearch(copy, tree, compare) ? copy : NULL;
}

static struct lane *lane_of(struct stats_count *count, const struct past_task *task)
{
	struct lane key = { .kind = task->kind, .public = { .model = task->model } };
	struct lane *lane =
	    find_or_add(count, &count->lane_tree, &key, sizeof(key), compare_lanes);

	if (!lane || lane->public.tasks > 0)
		return lane;
	/* The text was the caller's; an equal one keeps the order of the tree. */
	lane->public.model = arena_strdup(&count->arena, task->model);
	lane->public.kind = media_kind_name(task->kind);
	lane->next = count->lanes;
	count->lanes = lane;
	count->n_lanes++;
	return task->model && !lane->public.model ? NULL : lane;
}

static void count_lane(struct lane *lane, const struct past_task *task)
{
	struct dq_stats_lane *public = &lane->public;
	double seconds;

	public->tasks++;
	public->succeeded += task->state == TASK_SUCCEEDED ? 1 : 0;
	public->failed += task->state == TASK_FAILED ? 1 : 0;
	public->unfinished += task_state_is_final(task->state) ? 0 : 1;
	public->looks += task->polls > 0 ? (uint64_t)task->polls : 0;
	lane->requests_micro += task->requests_micro;
	if (task->has_credits &&
	    !__builtin_add_overflow(public->credits, task->credits, &public->credits)) {
		public->priced++;
		public->measured += task->credits_are_measured ? 1 : 0;
	}
	if (task->state == TASK_SUCCEEDED && past_seconds(task, &seconds))
		figures_add(&lane->durations_ms, llround(seconds * 1000));
	/* One that had ended before we heard of it was not waited for. */
	if (task->detected_unix_ms > 0 && task->finished_unix_ms > 0 &&
	    task_state_is_final(task->state) &&
	    task->first_seen_unix_ms < task->finished_unix_ms)
		figures_add(
		    &lane->delays_ms, task->detected_unix_ms - task->finished_unix_ms);
}

/* Counts a task that ended otherwise than it should. */
static void count_failure(struct stats_count *count, const struct past_task *task)
{
	const bool has_code = task->fail_code && *task->fail_code;
	const struct failure key = { .public = {
					 .fail_class = task->state == TASK_FAILED
					     ? fail_class_name(task->fail_class)
					     : task_state_name(task->state),
					 .fail_code = has_code ? task->fail_code : NULL,
				     } };
	struct failure *failure =
	    find_or_add(count, &count->failure_tree, &key, sizeof(key), compare_failures);

	if (failure && failure->public.tasks == 0) {
		failure->public.fail_code =
		    arena_strdup(&count->arena, key.public.fail_code);
		failure->next = count->failures;
		count->failures = failure;
		count->n_failures++;
	}
	if (!failure || (has_code && !failure->public.fail_code))
		count->failed = true;
	else
		failure->public.tasks++;
}

/* Tasks come by time, so it nearly always is the last one. */
static struct day *day_of(struct stats_count *count, int64_t unix_ms)
{
	const time_t at = (time_t)(unix_ms / 1000);
	struct day fresh = { 0 };
	struct tm tm;

	if (!localtime_r(&at, &tm) ||
	    strftime(fresh.public.day, sizeof(fresh.public.day), "%Y-%m-%d", &tm) == 0)
		memcpy(fresh.public.day, "0000-00-00", sizeof(fresh.public.day));
	for (size_t i = count->n_days; i-- > 0;)
		if (!strcmp(count->days[i].public.day, fresh.public.day))
			return &count->days[i];
	if (!ARRAY_RESERVE(count->days, count->days_room, count->n_days + 1))
		return NULL;
	count->days[count->n_days] = fresh;
	return &count->days[count->n_days++];
}

static void count_day(struct day *day, const struct past_task *task)
{
	day->public.tasks++;
	day->public.succeeded += task->state == TASK_SUCCEEDED ? 1 : 0;
	day->public.failed += task->state == TASK_FAILED ? 1 : 0;
	day->public.files += task->files_stored > 0 ? (size_t)task->files_stored : 0;
	day->public.bytes += task->bytes_stored > 0 ? (uint64_t)task->bytes_stored : 0;
	day->requests_micro += task->requests_micro;
}

void stats_count_add(struct stats_count *count, const struct past_task *task)
{
	struct lane *lane;
	struct day *day;

	if (count->failed) /* then a tree may hold a text that was the caller's */
		return;
	lane = lane_of(count, task);
	day = day_of(count, task->first_seen_unix_ms);
	if (!lane || !day) {
		count->failed = true;
		return;
	}
	count_lane(&count->all, task);
	count_lane(lane, task);
	count_day(day, task);
	if (task_state_is_final(task->state) && task->state != TASK_SUCCEEDED)
		count_failure(count, task);
}

/* --- what came of it --- */

static void take_figures(struct lane *lane)
{
	struct dq_stats_lane *public = &lane->public;

	figures_sort(&lane->durations_ms);
	figures_sort(&lane->delays_ms);
	public->durations = lane->durations_ms.n;
	for (size_t i = 0; i < DQ_STATS_QUANTILES; i++) {
		const double p = quantiles[i];

		public->quantiles_ms[i] = figures_quantile(&lane->durations_ms, p);
	}
	figures_bars(&lane->durations_ms, DQ_STATS_BARS, public->bars,
	    &public->bars_low_ms, &public->bars_high_ms);
	public->detected = lane->delays_ms.n;
	public->delay_mean_ms = figures_mean(&lane->delays_ms);
	public->delay_p95_ms = figures_quantile(&lane->delays_ms, 0.95);
	public->requests = (double)lane->requests_micro / 1e6;
}

static void take_dist(struct lane *lane, struct dists *dists)
{
	const struct learnt *learnt;

	lane->public.law_median_ms = -1;
	if (lane->kind == MEDIA_UNKNOWN)
		return;
	learnt = dists_learnt(dists, dists_lane(dists, lane->kind, lane->public.model));
	lane->public.law_median_ms = llround(learnt->median_s * 1000);
	lane->public.law_sigma = learnt->sigma;
}

static int by_tasks(size_t a, size_t b)
{
	return a > b ? -1 : a < b;
}

static int order_lanes(const void *left, const void *right)
{
	const struct dq_stats_lane *a = left, *b = right;
	int order = by_tasks(a->tasks, b->tasks);

	order = order ? order : compare_texts(a->kind, b->kind);
	return order ? order : compare_texts(a->model, b->model);
}

static int order_failures(const void *left, const void *right)
{
	const struct dq_stats_failure *a = left, *b = right;
	int order = by_tasks(a->tasks, b->tasks);

	order = order ? order : compare_texts(a->fail_class, b->fail_class);
	return order ? order : compare_texts(a->fail_code, b->fail_code);
}

static int order_days(const void *left, const void *right)
{
	return strcmp(((const struct dq_stats_day *)left)->day,
	    ((const struct dq_stats_day *)right)->day);
}

static bool take_lanes(
    struct stats_count *count, struct dists *dists, struct dq_stats *stats)
{
	struct dq_stats_lane *lanes =
	    arena_alloc(&count->arena, (1 + count->n_lanes) * sizeof(*lanes));
	size_t n = 1;

	if (!lanes || count->all.durations_ms.failed || count->all.delays_ms.failed)
		return false;
	take_figures(&count->all);
	count->all.public.law_median_ms = -1;
	lanes[0] = count->all.public;
	for (struct lane *lane = count->lanes; lane; lane = lane->next) {
		if (lane->durations_ms.failed || lane->delays_ms.failed)
			return false;
		take_figures(lane);
		take_dist(lane, dists);
		lanes[n++] = lane->public;
	}
	qsort(lanes + 1, n - 1, sizeof(*lanes), order_lanes);
	stats->lanes = lanes;
	stats->n_lanes = n;
	return true;
}

static bool take_failures(struct stats_count *count, struct dq_stats *stats)
{
	struct dq_stats_failure *failures =
	    arena_alloc(&count->arena, (1 + count->n_failures) * sizeof(*failures));
	size_t n = 0;

	if (!failures)
		return false;
	for (const struct failure *one = count->failures; one; one = one->next)
		failures[n++] = one->public;
	qsort(failures, n, sizeof(*failures), order_failures);
	stats->failures = failures;
	stats->n_failures = n;
	return true;
}

static bool take_days(struct stats_count *count, struct dq_stats *stats)
{
	struct dq_stats_day *days =
	    arena_alloc(&count->arena, (1 + count->n_days) * sizeof(*days));

	if (!days)
		return false;
	for (size_t i = 0; i < count->n_days; i++) {
		days[i] = count->days[i].public;
		days[i].requests = (double)count->days[i].requests_micro / 1e6;
	}
	qsort(days, count->n_days, sizeof(*days), order_days);
	stats->days = days;
	stats->n_days = count->n_days;
	return true;
}

struct dq_stats *stats_count_take(struct stats_count *count, struct dists *dists)
{
	struct held *held = arena_alloc(&count->arena, sizeof(*held));

	if (count->failed || !held || !take_lanes(count, dists, &held->stats) ||
	    !take_failures(count, &held->stats) || !take_days(count, &held->stats))
		return NULL;
	drop(count);
	held->arena = count->arena;
	*count = (struct stats_count){ .failed = true };
	return &held->stats;
}

void dq_stats_free(struct dq_stats *stats)
{
	struct arena arena;

	if (!stats)
		return;
	arena = ((struct held *)(void *)stats)->arena;
	arena_release(&arena);
}
