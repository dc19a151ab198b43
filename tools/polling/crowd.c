/*
 * 100 000 ids behind the queue, one schedule, requests of up to 50 ids: how many requests
 * a second, how much memory, how much of the processor?
 *
 * The crowd is in its steady state from the beginning: each task was created at a moment
 * of the past, evenly spread, and still runs. When one is seen to have ended the next
 * begins.
 */
#include <math.h>
#include <sys/resource.h>

#include "bench.h"
#include "must.h"
#include "ours.h"

static const double requests_limit = 15.0, memory_limit_mib = 100.0;
static const double look_limit_us = 5.0;
static const double begin_s = 4.0 * 3600.0; /* longer than any life */
static const double warm_s = 1500.0, measure_s = 600.0, rest_s = 120.0;
enum { IDS = 100000, BATCH = 50, QUEUES = 64 };

struct crowd {
	uint64_t random;
	struct drain drains[QUEUES];
};

static struct life draw(void *payload, double created_s)
{
	struct crowd *crowd = payload;
	const double place = chance_between(&crowd->random, PLACE_MIN, PLACE_MAX);
	const size_t queue = (size_t)(chance(&crowd->random) * QUEUES);

	return life_draw_queued(
	    MEDIA_VIDEO, created_s, place, &crowd->drains[queue], &crowd->random);
}

static struct life draw_running(struct crowd *crowd)
{
	struct life life;

	do
		life = draw(crowd, chance_between(&crowd->random, 0.0, begin_s));
	while (life.end_s <= begin_s);
	return life;
}

static double peak_mib(void)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	return (double)usage.ru_maxrss / 1024.0;
}

static void judge(struct bench *bench, struct sim *sim, const struct ours *ours,
    double requests, double polls)
{
	report_head();
	report_row("ours, requests of up to 50 ids", sim_tally(sim, MEDIA_UNKNOWN), 0.0);
	report_note("%.1f polls a second, %.1f ids in a request; one id each 30 s: 3333 "
		    "requests a second",
	    polls / measure_s, polls / requests);
	report_below(
	    &bench->report, "requests a second", requests / measure_s, requests_limit);
	report_below(&bench->report,
	    "memory of the process at its peak, the model's lives included, MiB",
	    peak_mib(), memory_limit_mib);
	report_timing("processor time of the schedule, a poll, µs",
	    ours->cpu_s / polls * 1e6, look_limit_us);
}

void table_crowd(struct bench *bench)
{
	struct crowd crowd = { .random = bench->seed + 5000 };
	struct dists *dists = must(dists_new());
	struct ours ours = ours_make(&(struct sched_options){
	    .batch_max = BATCH, .seed = bench->seed, .dists = dists });
	const struct policy policy = ours_policy(&ours);
	struct sim *sim = sim_new(&(struct sim_options){ .arrivals = SIM_CLOSED,
				      .draw = draw,
				      .payload = &crowd,
				      .is_told = true,
				      .batch_max = BATCH,
				      .tally_from_s = begin_s + warm_s,
				      .tally_until_s = begin_s + warm_s + measure_s },
	    &policy);
	double requests, polls;

	report_title("%d ids behind the queue, %.0f minutes after %.0f to settle", IDS,
	    measure_s / 60.0, warm_s / 60.0);
	for (size_t i = 0; i < QUEUES; i++)
		crowd.drains[i] = drain_make(bench->seed + 5100 + i);
	for (int i = 0; i < IDS; i++) {
		const struct life life = draw_running(&crowd);

		sim_add(sim, &life, begin_s);
	}
	sim_run(sim, begin_s + warm_s);
	requests = sim_requests(sim);
	polls = sim_polls(sim);
	ours.is_timed = true;
	sim_run(sim, begin_s + warm_s + measure_s);
	requests = sim_requests(sim) - requests;
	polls = sim_polls(sim) - polls;
	ours.is_timed = false;
	sim_run(sim, begin_s + warm_s + measure_s + rest_s);
	judge(bench, sim, &ours, requests, polls);
	for (size_t i = 0; i < QUEUES; i++)
		drain_release(&crowd.drains[i]);
	sim_free(sim);
	ours_release(&ours);
	dists_free(dists);
}
