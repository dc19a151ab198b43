/*
 * One video behind a queue: its place is known, the rate at which the queue drains
 * drifts. Rivals do not look at places; Munford and Shahani know the distribution of the
 * whole wait.
 */
#include <math.h>
#include <stdlib.h>

#include "bench.h"
#include "must.h"
#include "ours.h"
#include "rivals.h"

static const double fewer_limit = 13.0, mean_limit_s = 6.0, p95_limit_s = 15.0;
enum {
	TAUGHT = 30, /* videos that the distribution is known from */
	SHARE = 10, /* of the bench's tasks, one in so many lives under our policy */
};

struct queue {
	struct bench *bench;
	uint64_t random;
	struct drain drain; /* of the task that lives now */
	double *totals_s; /* of lives, for the rivals; in order */
};

/* Each task has a queue of its own, that begins with it. */
static struct life draw(void *payload, double created_s)
{
	struct queue *queue = payload;
	const double place = chance_between(&queue->random, PLACE_MIN, PLACE_MAX);
	struct life life;

	drain_restart(&queue->drain, (uint64_t)(chance(&queue->random) * 0x1p53));
	life = life_draw_queued(MEDIA_VIDEO, 0.0, place, &queue->drain, &queue->random);
	life_shift(&life, created_s);
	return life;
}

static int by_value(const void *a, const void *b)
{
	const double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

/* The distribution of the whole wait, as those who measured it would have it. */
static double share_longer(double age_s, const void *payload)
{
	const struct queue *queue = payload;
	size_t low = 0, high = queue->bench->tasks;

	while (low < high) {
		const size_t middle = (low + high) / 2;

		if (queue->totals_s[middle] > age_s)
			high = middle;
		else
			low = middle + 1;
	}
	return (double)(queue->bench->tasks - low) / (double)queue->bench->tasks;
}

static void row_of(struct queue *queue, const char *label, schedule_rule *next_s,
    const void *rule, double *ret_polls)
{
	struct schedule schedule = schedule_make(next_s, rule);
	struct tally tally =
	    schedule_tally(&schedule, queue->totals_s, queue->bench->tasks);

	report_row(label, &tally, 0.0);
	if (ret_polls)
		*ret_polls = tally_polls(&tally);
	tally_release(&tally);
	schedule_release(&schedule);
}

static double rows_of_rivals(struct queue *queue)
{
	const struct dist dist = dist_make(share_longer, queue);
	struct equal_steps steps = { .dist = &dist };
	double fixed_10 = 0.0, polls;

	for (size_t i = 0; i < RIVALS; i++) {
		row_of(queue, rivals[i].name, rival_next_s, &rivals[i], &polls);
		if (i == RIVAL_FIXED_10)
			fixed_10 = polls;
	}
	(void)equal_steps_at_delay(&dist, 5.0, &steps.share);
	row_of(queue, "Munford-Shahani, law of the whole wait", equal_steps_next_s,
	    &steps, NULL);
	return fixed_10;
}

/* What is known of the queue when a task enters it. */
enum drain_known {
	DRAIN_UNKNOWN, /* nothing */
	DRAIN_OF_OTHERS, /* how fast others have just moved in it */
	DRAIN_STALE, /* how fast another queue was, in which the last task stood */
};

/* The distribution of videos as so many of them taught it. */
static struct dist taught_dist(struct queue *queue)
{
	struct dists *dists = must(dists_new());
	const size_t lane = dists_lane(dists, MEDIA_VIDEO, NULL);
	struct dist dist;

	for (int i = 0; i < TAUGHT; i++)
		dists_ended(
		    dists, lane, spread_draw_s(&video_spread, &queue->random), true);
	dist = *dists_of(dists, lane);
	dists_free(dists);
	return dist;
}

/* The rate of the first minutes, as others that stood before us saw it. */
static void tell_drain(struct queue *queue, struct dists *dists)
{
	const double minute_s = 60.0;

	for (int i = 0; i < DISTS_RATES_MAX; i++)
		dists_drained(dists, dists_lane(dists, MEDIA_VIDEO, NULL),
		    drain_at(&queue->drain, minute_s), minute_s);
}

/* A number of tasks, each alone, with one schedule and what it knows. */
static void live_by(
    struct queue *queue, struct dists *dists, size_t n, bool is_told, struct tally *tally)
{
	struct ours ours = ours_make(&(struct sched_options){
	    .batch_max = 1, .seed = queue->random, .dists = dists });
	const struct policy policy = ours_policy(&ours);
	struct sim *sim = sim_new(&(struct sim_options){ .arrivals = SIM_GIVEN,
				      .is_told = true,
				      .batch_max = 1,
				      .tally_until_s = HUGE_VAL },
	    &policy);

	for (size_t i = 0; i < n; i++) {
		const double now_s = sim_now_s(sim);
		const struct life life = draw(queue, now_s);

		if (is_told)
			tell_drain(queue, dists);
		sim_add(sim, &life, now_s);
		sim_run_tasks(sim, i + 1);
	}
	tally_merge(tally, sim_tally(sim, MEDIA_UNKNOWN));
	sim_free(sim);
	ours_release(&ours);
}

static struct tally live(
    struct queue *queue, const struct dist *dist, enum drain_known known, size_t n)
{
	const size_t n_together = known == DRAIN_STALE ? n : 1;
	struct tally tally = { 0 };

	for (size_t i = 0; i < n; i += n_together) {
		struct dists *dists = must(dists_new());

		dists_set(dists, dists_lane(dists, MEDIA_VIDEO, NULL), dist);
		live_by(queue, dists, n_together, known == DRAIN_OF_OTHERS, &tally);
		dists_free(dists);
	}
	return tally;
}

static void judge(struct queue *queue, struct tally *tally, double fixed_10)
{
	struct report *report = &queue->bench->report;

	report_above(report, "times fewer polls than fixed 10 s",
	    fixed_10 / tally_polls(tally), fewer_limit);
	report_below(report, "mean delay, s", tally_delay_s(tally), mean_limit_s);
	report_below(
	    report, "p95 of the delay, s", tally_quantile_s(tally, 0.95), p95_limit_s);
}

static void rows_of_ours(struct queue *queue, double fixed_10)
{
	static const struct {
		const char *label;
		enum drain_known known;
		bool is_judged;
	} rows[] = {
		{ "ours, nothing known of this queue", DRAIN_UNKNOWN, true },
		{ "ours, others have stood in it", DRAIN_OF_OTHERS, true },
		{ "ours, misled by the rate of another queue", DRAIN_STALE, false },
	};
	const struct dist dist = taught_dist(queue);

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct tally tally =
		    live(queue, &dist, rows[i].known, queue->bench->tasks / SHARE);

		report_row(rows[i].label, &tally, 0.0);
		report_note("       p99 of the delay %.1f s, p99.9 %.1f s",
		    tally_quantile_s(&tally, 0.99), tally_quantile_s(&tally, 0.999));
		if (rows[i].is_judged)
			judge(queue, &tally, fixed_10);
		tally_release(&tally);
	}
}

void table_queue(struct bench *bench)
{
	struct queue queue = { .bench = bench,
		.random = bench->seed + 1000,
		.drain = drain_make(bench->seed),
		.totals_s = must(calloc(bench->tasks, sizeof(double))) };
	double mean_s = 0.0;

	for (size_t i = 0; i < bench->tasks; i++) {
		queue.totals_s[i] = draw(&queue, 0.0).end_s;
		mean_s += queue.totals_s[i] / (double)bench->tasks;
	}
	qsort(queue.totals_s, bench->tasks, sizeof(double), by_value);
	report_title(
	    "One video behind a queue: %.1f min from submission to result; the law "
	    "of videos as %d taught it",
	    mean_s / 60.0, TAUGHT);
	report_head();
	rows_of_ours(&queue, rows_of_rivals(&queue));
	drain_release(&queue.drain);
	free(queue.totals_s);
}
