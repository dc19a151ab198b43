/*
 * One video behind a queue: its place is known, the rate at which the queue drains
 * drifts. Rivals do not look at places; Munford and Shahani know the law of the whole
 * wait.
 */
#include <math.h>
#include <stdlib.h>

#include "bench.h"
#include "must.h"
#include "ours.h"
#include "rivals.h"

static const double fewer_limit = 13.0, mean_limit_s = 6.0, p95_limit_s = 15.0;
enum { TAUGHT = 30 /* videos that a lawbook knows which knows some */ };

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

/* The law of the whole wait, as those who measured it would have it. */
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
    const void *rule, double *ret_looks)
{
	struct schedule schedule = schedule_make(next_s, rule);
	struct tally tally =
	    schedule_tally(&schedule, queue->totals_s, queue->bench->tasks);

	report_row(label, &tally, 0.0);
	if (ret_looks)
		*ret_looks = tally_looks(&tally);
	tally_release(&tally);
	schedule_release(&schedule);
}

static double rows_of_rivals(struct queue *queue)
{
	const struct law law = law_make(share_longer, queue);
	struct equal_steps steps = { .law = &law };
	double fixed_10 = 0.0, looks;

	for (size_t i = 0; i < RIVALS; i++) {
		row_of(queue, rivals[i].name, rival_next_s, &rivals[i], &looks);
		if (i == RIVAL_FIXED_10)
			fixed_10 = looks;
	}
	(void)equal_steps_at_delay(&law, 5.0, &steps.share);
	row_of(queue, "Munford-Shahani, law of the whole wait", equal_steps_next_s,
	    &steps, NULL);
	return fixed_10;
}

static struct lawbook *book_of(struct queue *queue, bool is_taught)
{
	struct lawbook *book = must(lawbook_new());
	const size_t lane = lawbook_lane(book, MEDIA_VIDEO, NULL);

	for (size_t i = 0; is_taught && i < TAUGHT; i++) {
		const double rate = chance_between(&queue->random, 500.0, 900.0) / 60.0;

		lawbook_ended(
		    book, lane, spread_draw_s(&video_spread, &queue->random), true);
		lawbook_drained(book, lane, 60.0 * rate, 60.0);
	}
	return book;
}

/* Tasks one after the other; nothing is carried over to the next, unless `does_learn`. */
static struct tally live(struct queue *queue, bool is_taught, bool does_learn)
{
	struct lawbook *book = book_of(queue, is_taught);
	struct ours ours = ours_make(&(struct sched_options){
	    .batch_max = 1, .seed = queue->bench->seed, .laws = book });
	const struct policy policy = ours_policy(&ours);
	struct sim *sim = sim_new(&(struct sim_options){ .arrivals = SIM_CLOSED,
				      .draw = draw,
				      .payload = queue,
				      .is_told = true,
				      .batch_max = 1,
				      .tally_until_s = HUGE_VAL },
	    &policy);
	struct life first = draw(queue, 0.0);
	struct tally tally = { 0 };

	ours.does_learn = does_learn;
	sim_add(sim, &first, 0.0);
	sim_run_tasks(sim, queue->bench->tasks / 4);
	tally_merge(&tally, sim_tally(sim, MEDIA_UNKNOWN));
	sim_free(sim);
	ours_release(&ours);
	lawbook_free(book);
	return tally;
}

static void judge(struct queue *queue, struct tally *tally, double fixed_10)
{
	struct report *report = &queue->bench->report;

	report_above(report, "times fewer looks than fixed 10 s",
	    fixed_10 / tally_looks(tally), fewer_limit);
	report_below(report, "mean delay, s", tally_delay_s(tally), mean_limit_s);
	report_below(
	    report, "p95 of the delay, s", tally_quantile_s(tally, 0.95), p95_limit_s);
}

void table_queue(struct bench *bench)
{
	struct queue queue = { .bench = bench,
		.random = bench->seed + 1000,
		.drain = drain_make(bench->seed),
		.totals_s = must(calloc(bench->tasks, sizeof(double))) };
	struct tally tally;
	double mean_s = 0.0, fixed_10;

	for (size_t i = 0; i < bench->tasks; i++) {
		queue.totals_s[i] = draw(&queue, 0.0).end_s;
		mean_s += queue.totals_s[i] / (double)bench->tasks;
	}
	qsort(queue.totals_s, bench->tasks, sizeof(double), by_value);
	report_title("One video behind a queue: %.1f min from submission to result",
	    mean_s / 60.0);
	report_head();
	fixed_10 = rows_of_rivals(&queue);
	tally = live(&queue, false, false);
	report_row("ours, video law unknown (shipped prior)", &tally, 0.0);
	tally_release(&tally);
	tally = live(&queue, true, false);
	report_row("ours, 30 videos learnt", &tally, 0.0);
	judge(&queue, &tally, fixed_10);
	tally_release(&tally);
	tally = live(&queue, false, true);
	report_row("ours, learning as it goes", &tally, 0.0);
	tally_release(&tally);
	drain_release(&queue.drain);
	free(queue.totals_s);
}
