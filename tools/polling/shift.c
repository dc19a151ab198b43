/*
 * The service becomes slower or faster without notice. A set of distributions that knows
 * the old distribution well meets tasks of the new one, one after the other; what they
 * cost is compared with the fixed interval that is as late. And the control: where times
 * have no memory no policy is better than a fixed interval, and ours must not be worse.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "bench.h"
#include "must.h"
#include "ours.h"
#include "rivals.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

static const double shift_limit = 4.0 / 3.0, memoryless_limit = 1.01;
static const double factors[] = { 0.25, 0.5, 2.0, 4.0 };
static const double memoryless_mean_s = 150.0;
enum { OLD = 100, NEW = 60, FIRST = 3, HISTORIES = 50 };

/* What tasks cost, and how long they lasted. */
struct group {
	struct tally tally;
	double *lasted_s;
	size_t room;
};

static void group_add(struct group *group, double polls, double delay_s, double lasted_s)
{
	group->lasted_s = must_grow(
	    group->lasted_s, group->tally.n, &group->room, sizeof(*group->lasted_s));
	group->lasted_s[group->tally.n] = lasted_s;
	tally_add(&group->tally, polls, polls, delay_s);
}

static void group_release(struct group *group)
{
	tally_release(&group->tally);
	free(group->lasted_s);
}

typedef double draw_lasting_s(const void *dist, uint64_t *random);

static double draw_spread_s(const void *dist, uint64_t *random)
{
	return spread_draw_s(dist, random);
}

static double draw_memoryless_s(const void *mean_s, uint64_t *random)
{
	return -*(const double *)mean_s * log(chance(random));
}

/* What is lived under, and by what knowledge. */
struct living {
	enum media_kind kind;
	draw_lasting_s *draw_s;
	const void *dist;
	struct dists *dists;
	bool does_learn;
	uint64_t random;
};

/* One task after the other; the first FIRST of them are counted apart, too. */
static void live(
    struct living *living, size_t n, struct group *ret_all, struct group *ret_first)
{
	struct ours ours = ours_make(&(struct sched_options){
	    .batch_max = 1, .seed = living->random, .dists = living->dists });
	const struct policy policy = ours_policy(&ours);
	struct sim *sim = sim_new(&(struct sim_options){ .arrivals = SIM_GIVEN,
				      .is_told = true,
				      .batch_max = 1,
				      .tally_until_s = HUGE_VAL },
	    &policy);
	const struct tally *tally = sim_tally(sim, MEDIA_UNKNOWN);

	ours.does_learn = living->does_learn;
	for (size_t i = 0; i < n; i++) {
		const double now_s = sim_now_s(sim), polls = tally->polls;
		const double lasts_s = living->draw_s(living->dist, &living->random);

		sim_add(sim,
		    &(struct life){ .kind = living->kind,
			.created_s = now_s,
			.start_s = now_s,
			.end_s = now_s + lasts_s },
		    now_s);
		sim_run_tasks(sim, i + 1);
		group_add(ret_all, tally->polls - polls, tally->delays_s[i], lasts_s);
		if (i < FIRST)
			group_add(
			    ret_first, tally->polls - polls, tally->delays_s[i], lasts_s);
	}
	sim_free(sim);
	ours_release(&ours);
}

/* Looks over those of the fixed interval that is as late; at equal delay that is the
 * ratio of P·D, too. */
static double row(const char *label, struct group *group, double *ret_gap_s)
{
	const double delay_s = tally_delay_s(&group->tally);
	const double polls =
	    fixed_polls_at_delay(group->lasted_s, group->tally.n, delay_s, ret_gap_s);

	report_row(label, &group->tally, polls * delay_s);
	return tally_polls(&group->tally) / polls;
}

static void changed(
    struct bench *bench, enum media_kind kind, const struct spread *old, double factor)
{
	const struct spread new = { old->median_s * factor, old->sigma };
	struct group all = { 0 }, first = { 0 };
	struct living living = { .kind = kind,
		.draw_s = draw_spread_s,
		.dist = &new,
		.does_learn = true,
		.random = bench->seed + 3000 };
	double gap_s, ratio;
	char label[80];

	for (int history = 0; history < HISTORIES; history++) {
		size_t lane;

		living.dists = must(dists_new());
		lane = dists_lane(living.dists, kind, NULL);
		for (int i = 0; i < OLD; i++)
			dists_ended(
			    living.dists, lane, spread_draw_s(old, &living.random), true);
		live(&living, NEW, &all, &first);
		dists_free(living.dists);
	}
	(void)snprintf(label, sizeof(label), "%s ×%g, the first %d",
	    media_kind_name(kind), factor, FIRST);
	(void)row(label, &first, &gap_s);
	(void)snprintf(
	    label, sizeof(label), "%s ×%g, all %d", media_kind_name(kind), factor, NEW);
	ratio = row(label, &all, &gap_s);
	(void)snprintf(label, sizeof(label),
	    "%s ×%g: P·D over fixed %.1f s, which is as late", media_kind_name(kind),
	    factor, gap_s);
	report_below(&bench->report, label, ratio, shift_limit);
	group_release(&all);
	group_release(&first);
}

static double mean_of(const double *values, size_t n)
{
	double sum = 0.0;

	for (size_t i = 0; i < n; i++)
		sum += values[i];
	return sum / (double)n;
}

/*
 * A fixed interval needs (E[T] + D)/interval polls. With the E[T] of these very tasks in
 * it most of the chance in the comparison is gone.
 */
static void memoryless(struct bench *bench, double mean_s)
{
	const struct dist dist = dist_exponential(mean_s);
	struct group all = { 0 }, first = { 0 };
	struct living living = { .kind = MEDIA_VIDEO,
		.draw_s = draw_memoryless_s,
		.dist = &mean_s,
		.dists = must(dists_new()),
		.random = bench->seed + 4000 };
	double gap_s, price_s, delay_s, polls;
	struct cost rule, fixed;

	dists_set(living.dists, dists_lane(living.dists, MEDIA_VIDEO, NULL), &dist);
	live(&living, bench->tasks / 2, &all, &first);
	delay_s = tally_delay_s(&all.tally);
	(void)fixed_at_delay(&dist, delay_s, &gap_s);
	polls = (mean_of(all.lasted_s, all.tally.n) + delay_s) / gap_s;
	report_row("memoryless, whole policy", &all.tally, polls * delay_s);
	report_below(&bench->report, "memoryless, whole policy: P·D over fixed",
	    tally_polls(&all.tally) / polls, memoryless_limit);
	rule = bare_rule_at_delay(&dist, &dist, 0.0, mean_s / 20.0, &price_s);
	fixed = fixed_at_delay(&dist, mean_s / 20.0, &gap_s);
	report_below(&bench->report,
	    "memoryless, the rule without a floor: P·D over fixed",
	    rule.polls / fixed.polls, memoryless_limit);
	dists_free(living.dists);
	group_release(&all);
	group_release(&first);
}

void table_shift(struct bench *bench)
{
	report_title(
	    "The law changes without notice: %d tasks of the old one learnt, then "
	    "%d of the new one (%d histories); ×best is over a fixed interval",
	    OLD, NEW, HISTORIES);
	report_head();
	for (size_t i = 0; i < COUNT(factors); i++) {
		changed(bench, MEDIA_IMAGE, &image_spread, factors[i]);
		changed(bench, MEDIA_VIDEO, &video_spread, factors[i]);
	}
	report_title(
	    "Memoryless times, mean %g s: nothing is to be gained, and nothing must "
	    "be lost",
	    memoryless_mean_s);
	report_head();
	memoryless(bench, memoryless_mean_s);
}
