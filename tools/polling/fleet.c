/*
 * Many tasks, few requests: who is polled? Ours against round robin, with the same
 * bucket for both.
 */
#include <math.h>
#include <stdio.h>

#include "bench.h"
#include "must.h"
#include "ours.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

static const double limit = 2.2;
static const double warm_s = 900.0, rest_s = 300.0;
static const double results = 5000.0, results_aside = 2000.0; /* to be counted, about */
static const double short_place_min = 500.0, short_place_max = 6000.0;
static const double busy = 0.95; /* of the budget: more results than this can't be seen */
enum { QUEUES = 8 };

struct mix {
	const char *name;
	double images, queued; /* shares; the rest are videos without a queue */
	bool is_judged;
};
/*
 * POLLING.md gives 60.7 -> 25.8 s and 44.0 -> 18.3 s without its mix. Round robin is as
 * late as that when 200 (1000) tasks are always unfinished, polled or not, and four in
 * ten are images: that is what is judged. Of seven in ten, 3.4 a second end, and there
 * are but 3.3 polls; without images round robin is 38 s late; when ended ones that nobody
 * has seen yet are among the 200, it is 30 to 37 s late.
 */
static const struct mix mixes[] = {
	{ "40 % images, 60 % videos", 0.4, 0.0, true },
	{ "70 % images, 30 % videos", 0.7, 0.0, false },
	{ "videos", 0.0, 0.0, false },
	{ "50 % images, 30 % videos, 20 % videos in a queue", 0.5, 0.2, false },
};
struct size {
	size_t tasks;
	unsigned per_minute, batch;
};
static const struct size sizes[] = { { 200, 20, 10 }, { 1000, 60, 20 } };
struct arrivals {
	enum sim_arrivals of;
	const char *name;
	bool is_judged;
};
static const struct arrivals arrivals[] = {
	{ SIM_RUNNING, "unfinished", true },
	{ SIM_CLOSED, "unfinished or undetected", false },
	{ SIM_OPEN, "unfinished on average, by chance", false },
};

struct fleet {
	struct bench *bench;
	const struct mix *mix;
	const struct size *size;
	const struct arrivals *arrivals;
	uint64_t random;
	struct drain drains[QUEUES];
};

static struct life draw(void *payload, double created_s)
{
	struct fleet *fleet = payload;
	const double which = chance(&fleet->random);
	double place;
	size_t queue;

	if (which < fleet->mix->images)
		return life_draw(MEDIA_IMAGE, created_s, &fleet->random);
	if (which >= fleet->mix->images + fleet->mix->queued)
		return life_draw(MEDIA_VIDEO, created_s, &fleet->random);
	place = chance_between(&fleet->random, short_place_min, short_place_max);
	queue = (size_t)(chance(&fleet->random) * QUEUES);
	return life_draw_queued(
	    MEDIA_VIDEO, created_s, place, &fleet->drains[queue], &fleet->random);
}

static double mean_life_s(struct fleet *fleet)
{
	enum { DRAWS = 20000 };
	double sum_s = 0.0;

	for (int i = 0; i < DRAWS; i++)
		sum_s += draw(fleet, 0.0).end_s;
	return sum_s / DRAWS;
}

/* The same lives for each policy: as the random words come in the order of arrivals. */
static struct fleet fleet_make(struct bench *bench, const struct mix *mix,
    const struct size *size, const struct arrivals *how)
{
	struct fleet fleet = { .bench = bench,
		.mix = mix,
		.size = size,
		.arrivals = how,
		.random = bench->seed + 2000 };

	for (size_t i = 0; i < QUEUES; i++)
		fleet.drains[i] = drain_make(bench->seed + 2100 + i);
	return fleet;
}

static void fleet_release(struct fleet *fleet)
{
	for (size_t i = 0; i < QUEUES; i++)
		drain_release(&fleet->drains[i]);
}

static struct tally live(
    struct fleet *fleet, const struct policy *policy, double life_s, size_t *ret_unseen)
{
	const double n = (double)fleet->size->tasks;
	const double end_s =
	    warm_s + (fleet->mix->is_judged ? results : results_aside) * life_s / n;
	struct sim *sim = sim_new(&(struct sim_options){ .arrivals = fleet->arrivals->of,
				      .arrivals_per_s = n / life_s,
				      .draw = draw,
				      .payload = fleet,
				      .is_told = true,
				      .batch_max = fleet->size->batch,
				      .budget = { fleet->size->per_minute, 1 },
				      .tally_from_s = warm_s,
				      .tally_until_s = end_s,
				      .seed = fleet->bench->seed },
	    policy);
	struct tally tally = { 0 };

	fleet->random = fleet->bench->seed + 2000;
	for (size_t i = 0; i < fleet->size->tasks; i++) {
		/* Not all in one moment. */
		const double at_s = 60.0 * (double)i / n;
		struct life life;

		sim_run(sim, at_s);
		life = draw(fleet, at_s);
		sim_add(sim, &life, at_s);
	}
	sim_run(sim, end_s + rest_s);
	tally_merge(&tally, sim_tally(sim, MEDIA_UNKNOWN));
	*ret_unseen = sim_unseen(sim);
	sim_free(sim);
	return tally;
}

static struct tally live_ours(struct fleet *fleet, double life_s, size_t *ret_unseen)
{
	struct dists *dists = must(dists_new());
	struct ours ours =
	    ours_make(&(struct sched_options){ .batch_max = fleet->size->batch,
		.seed = fleet->bench->seed,
		.dists = dists });
	const struct policy policy = ours_policy(&ours);
	const struct tally tally = live(fleet, &policy, life_s, ret_unseen);

	ours_release(&ours);
	dists_free(dists);
	return tally;
}

static struct tally live_robin(struct fleet *fleet, double life_s, size_t *ret_unseen)
{
	struct round_robin robin = { .batch_max = fleet->size->batch };
	const struct policy policy = round_robin_policy(&robin);
	const struct tally tally = live(fleet, &policy, life_s, ret_unseen);

	round_robin_release(&robin);
	return tally;
}

static void compare(struct fleet *fleet)
{
	const double life_s = mean_life_s(fleet);
	const double results_per_s = (double)fleet->size->tasks / life_s;
	const double polls_per_s =
	    fleet->size->per_minute * (double)fleet->size->batch / 60.0;
	struct tally robin, ours;
	size_t robin_unseen, ours_unseen;
	double ratio;
	char what[120];

	if (fleet->arrivals->of != SIM_CLOSED && results_per_s > busy * polls_per_s) {
		report_note("%-44s %.2f results a second, %.2f polls: nobody can do it",
		    fleet->arrivals->name, results_per_s, polls_per_s);
		return;
	}
	robin = live_robin(fleet, life_s, &robin_unseen);
	ours = live_ours(fleet, life_s, &ours_unseen);
	ratio = tally_delay_s(&robin) / tally_delay_s(&ours);
	(void)snprintf(what, sizeof(what), "round robin, %s", fleet->arrivals->name);
	report_row(what, &robin, 0.0);
	(void)snprintf(what, sizeof(what), "ours, %s", fleet->arrivals->name);
	report_row(what, &ours, 0.0);
	if (robin_unseen || ours_unseen)
		report_note(
		    "never seen: round robin %zu, ours %zu", robin_unseen, ours_unseen);
	(void)snprintf(what, sizeof(what), "%zu tasks: times sooner than round robin",
	    fleet->size->tasks);
	if (fleet->mix->is_judged && fleet->arrivals->is_judged)
		report_above(&fleet->bench->report, what, ratio, limit);
	else
		report_note("       %-62s %9.3f", what, ratio);
	tally_release(&robin);
	tally_release(&ours);
}

static void compare_all(
    struct bench *bench, const struct mix *mix, const struct size *size)
{
	report_title("%zu tasks, %u requests a minute of %u ids; %s", size->tasks,
	    size->per_minute, size->batch, mix->name);
	report_head();
	for (size_t how = 0; how < COUNT(arrivals); how++) {
		struct fleet fleet = fleet_make(bench, mix, size, &arrivals[how]);

		if (mix->is_judged || arrivals[how].of == SIM_CLOSED)
			compare(&fleet);
		fleet_release(&fleet);
	}
}

void table_fleet(struct bench *bench)
{
	for (size_t mix = 0; mix < COUNT(mixes); mix++)
		for (size_t size = 0; size < COUNT(sizes); size++)
			compare_all(bench, &mixes[mix], &sizes[size]);
}
