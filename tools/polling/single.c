/*
 * One task without a queue: how near is the rule to the optimum when the distribution is
 * known, how near is the whole policy, and what do few samples cost?
 */
#include <math.h>
#include <stdint.h>

#include "bench.h"
#include "dp.h"
#include "must.h"
#include "ours.h"
#include "rivals.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

static const double rule_limit = 1.05, learnt_limit = 1.12;
static const double prices_s[] = { 0.1, 0.3, 0.6, 1.0, 2.0, 4.0, 8.0 };
static const size_t samples[] = { 0, 1, 3, 10, 30 };
enum {
	JUDGED_SAMPLES = 10,
	HISTORIES = 1000, /* of samples; where nothing is judged ... */
	HISTORIES_ASIDE = 200,
	LIVES = 10, /* by each of them */
};

struct medium {
	const char *name;
	enum media_kind kind;
	const struct spread *spread;
	double floor_s;
	double step_s, end_s; /* grid of the dynamic program */
	double fewer; /* times fewer polls than a fixed interval */
};
static const struct medium media[] = {
	{ "image", MEDIA_IMAGE, &image_spread, PLAN_IMAGE_FLOOR_MS / 1000.0, 0.05, 75.0,
	    1.5 },
	{ "video", MEDIA_VIDEO, &video_spread, PLAN_VIDEO_FLOOR_MS / 1000.0, 0.5, 1200.0,
	    1.35 },
};

/* What one medium's table works on. */
struct single {
	struct bench *bench;
	const struct medium *medium;
	struct dist truth;
	uint64_t random;
	double *ends_s; /* of bench->tasks lives, for the schedules */
};

static struct dp dp_of(const struct single *single, double floor_s)
{
	return (struct dp){ .dist = &single->truth,
		.floor_s = floor_s,
		.step_s = single->medium->step_s,
		.end_s = single->medium->end_s };
}

/* P·D of the best policy with this floor and this mean delay. */
static double best_s(const struct single *single, double floor_s, double delay_s)
{
	const struct dp dp = dp_of(single, floor_s);
	const struct cost cost = dp_at_delay(&dp, delay_s);

	return cost.polls * cost.delay_s;
}

/* --- the rule by itself --- */

static void bare_rule(struct single *single)
{
	double worst = 0.0;

	report_title("%s, law known, no floor: the rule \"poll when the accrued delay "
		     "reaches the price\" and the optimum",
	    single->medium->name);
	report_note("%8s %9s %9s %9s %9s %9s %12s %12s", "price s", "mean s", "optimum",
	    "the rule", "equal p.", "fixed", "rule/best", "fixed/rule");
	for (size_t i = 0; i < COUNT(prices_s); i++) {
		const struct dp dp = dp_of(single, 0.0);
		const struct cost best = dp_optimum(&dp, prices_s[i]);
		double price_s, share, gap_s;
		const struct cost rule = bare_rule_at_delay(
		    &single->truth, &single->truth, 0.0, best.delay_s, &price_s);
		const struct cost equal =
		    equal_steps_at_delay(&single->truth, best.delay_s, &share);
		const struct cost fixed =
		    fixed_at_delay(&single->truth, best.delay_s, &gap_s);
		const double ratio =
		    rule.polls * rule.delay_s / (best.polls * best.delay_s);

		report_note("%8.1f %9.3f %9.3f %9.3f %9.3f %9.3f %12.4f %12.3f",
		    prices_s[i], best.delay_s, best.polls, rule.polls, equal.polls,
		    fixed.polls, ratio, fixed.polls / rule.polls);
		worst = ratio > worst ? ratio : worst;
	}
	report_below(&single->bench->report,
	    "law known, rule: largest P·D over the optimum", worst, rule_limit);
}

/* --- the whole policy --- */

static struct life draw(void *payload, double created_s)
{
	struct single *single = payload;

	return life_draw(single->medium->kind, created_s, &single->random);
}

/* Lives one after the other, with what the dists knows and no more. */
static void live_by(struct single *single, struct dists *dists, size_t n, uint64_t seed,
    struct tally *tally)
{
	struct ours ours = ours_make(
	    &(struct sched_options){ .batch_max = 1, .seed = seed, .dists = dists });
	const struct policy policy = ours_policy(&ours);
	struct sim *sim = sim_new(&(struct sim_options){ .arrivals = SIM_CLOSED,
				      .draw = draw,
				      .payload = single,
				      .is_told = true,
				      .batch_max = 1,
				      .tally_until_s = HUGE_VAL },
	    &policy);
	const struct life first = draw(single, 0.0);

	ours.does_learn = false;
	sim_add(sim, &first, 0.0);
	sim_run_tasks(sim, n);
	tally_merge(tally, sim_tally(sim, MEDIA_UNKNOWN));
	sim_free(sim);
	ours_release(&ours);
}

static struct tally known_dist(struct single *single)
{
	struct dists *dists = must(dists_new());
	struct tally tally = { 0 };

	dists_set(dists, dists_lane(dists, single->medium->kind, NULL), &single->truth);
	live_by(single, dists, single->bench->tasks, single->bench->seed, &tally);
	dists_free(dists);
	return tally;
}

static struct tally learnt_dist(
    struct single *single, size_t n_samples, uint64_t histories)
{
	struct tally tally = { 0 };

	for (uint64_t history = 0; history < histories; history++) {
		struct dists *dists = must(dists_new());
		const size_t lane = dists_lane(dists, single->medium->kind, NULL);

		for (size_t i = 0; i < n_samples; i++)
			dists_ended(dists, lane,
			    spread_draw_s(single->medium->spread, &single->random), true);
		live_by(single, dists, LIVES, single->bench->seed + history, &tally);
		dists_free(dists);
	}
	return tally;
}

static void rows_of_rivals(struct single *single, double delay_s)
{
	double share, gap_s;
	const struct dp dp = dp_of(single, single->medium->floor_s);
	const struct cost best = dp_at_delay(&dp, delay_s);
	const struct cost fixed = fixed_at_delay(&single->truth, delay_s, &gap_s);
	const struct cost equal = equal_steps_at_delay(&single->truth, delay_s, &share);
	char label[80];

	for (size_t i = 0; i < RIVALS; i++) {
		struct schedule schedule = schedule_make(rival_next_s, &rivals[i]);
		struct tally tally =
		    schedule_tally(&schedule, single->ends_s, single->bench->tasks);

		report_row(
		    rivals[i].name, &tally, best_s(single, 0.0, tally_delay_s(&tally)));
		tally_release(&tally);
		schedule_release(&schedule);
	}
	(void)snprintf(label, sizeof(label), "fixed %.2f s, as late as we", gap_s);
	report_row_computed(label, fixed.polls, fixed.delay_s, best.polls * best.delay_s);
	(void)snprintf(
	    label, sizeof(label), "Munford-Shahani %.3f, as late as we", share);
	report_row_computed(label, equal.polls, equal.delay_s, best.polls * best.delay_s);
	report_row_computed("optimum, our floor, as late as we", best.polls, best.delay_s,
	    best.polls * best.delay_s);
}

static double fewer_than_fixed(const struct single *single, const struct tally *tally)
{
	double gap_s;
	const struct cost fixed =
	    fixed_at_delay(&single->truth, tally_delay_s(tally), &gap_s);

	return fixed.polls / tally_polls(tally);
}

static double judge_known(struct single *single)
{
	struct tally tally = known_dist(single);
	const double delay_s = tally_delay_s(&tally);
	const double best = best_s(single, single->medium->floor_s, delay_s);

	report_row("ours, law known", &tally, best);
	report_below(&single->bench->report,
	    "law known, whole policy: P·D over the optimum with its floor",
	    tally_cost_s(&tally) / best, rule_limit);
	report_above(&single->bench->report,
	    "law known: times fewer polls than a fixed interval as late",
	    fewer_than_fixed(single, &tally), single->medium->fewer);
	tally_release(&tally);
	return delay_s;
}

static void judge_learnt(struct single *single, size_t n_samples)
{
	const bool is_judged = n_samples == JUDGED_SAMPLES;
	const uint64_t histories = is_judged ? HISTORIES : HISTORIES_ASIDE;
	struct tally tally = learnt_dist(single, n_samples, histories);
	const double best =
	    best_s(single, single->medium->floor_s, tally_delay_s(&tally));
	char label[80];

	(void)snprintf(label, sizeof(label), "ours, %zu samples (%zu histories)",
	    n_samples, (size_t)histories);
	report_row(label, &tally, best);
	if (is_judged) {
		report_below(&single->bench->report,
		    "10 samples: P·D over the optimum of the known law",
		    tally_cost_s(&tally) / best, learnt_limit);
		report_note(
		    "       (%.2f times fewer polls than a fixed interval as late)",
		    fewer_than_fixed(single, &tally));
	}
	tally_release(&tally);
}

static void medium_tables(struct bench *bench, const struct medium *medium)
{
	struct single single = { .bench = bench,
		.medium = medium,
		.truth = spread_dist(medium->spread),
		.random = bench->seed + medium->kind,
		.ends_s = must(calloc(bench->tasks, sizeof(double))) };
	double delay_s;

	for (size_t i = 0; i < bench->tasks; i++)
		single.ends_s[i] = spread_draw_s(medium->spread, &single.random);
	bare_rule(&single);
	report_title("%s, whole policy: floor %g s, jitter, guards, early poll",
	    medium->name, medium->floor_s);
	report_head();
	delay_s = judge_known(&single);
	for (size_t i = 0; i < COUNT(samples); i++)
		judge_learnt(&single, samples[i]);
	rows_of_rivals(&single, delay_s);
	free(single.ends_s);
}

void table_single(struct bench *bench)
{
	for (size_t i = 0; i < COUNT(media); i++)
		medium_tables(bench, &media[i]);
}
