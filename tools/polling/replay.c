#include "replay.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "must.h"
#include "ours.h"
#include "shown.h"
#include "sim.h"

enum { LINE_LENGTH_MAX = 400, EXIT_INPUT = 2 };

struct lives {
	struct shown_life *of;
	size_t n, room;
};

/* One line of a file; false: it says nothing that could be meant. */
typedef bool take_line(void *into, const char *line);

static int read_lines(const char *path, take_line *take, void *into)
{
	FILE *file = fopen(path, "re");
	char line[LINE_LENGTH_MAX];
	int number = 0;
	bool is_well = true;

	if (!file) {
		perror(path);
		return EXIT_INPUT;
	}
	while (is_well && fgets(line, sizeof(line), file)) {
		number++;
		line[strcspn(line, "#\n")] = '\0';
		if (line[strspn(line, " \t")])
			is_well = take(into, line);
	}
	is_well = is_well && !ferror(file);
	(void)fclose(file);
	if (!is_well)
		(void)fprintf(
		    stderr, "bench-polling: %s: line %d can't be read\n", path, number);
	return is_well ? 0 : EXIT_INPUT;
}

/* A word and so many numbers that are not negative; behind the first n they may be
 * absent. */
static bool read_fields(
    const char *line, enum media_kind *ret_kind, double *ret, int n, int n_max)
{
	char word[16];
	int used = 0;

	if (sscanf(line, "%15s%n", word, &used) != 1) // NOLINT(cert-err34-c) a word
		return false;
	*ret_kind = media_kind_parse(word);
	if (*ret_kind != MEDIA_IMAGE && *ret_kind != MEDIA_VIDEO)
		return false;
	line += used;
	for (int i = 0; i < n_max; i++) {
		char *end;

		if (i >= n && !line[strspn(line, " \t\r")])
			break;
		ret[i] = strtod(line, &end);
		if (end == line || !(ret[i] >= 0.0) || ret[i] > 1e9)
			return false;
		line = end;
	}
	return !line[strspn(line, " \t\r")];
}

static bool take_life(void *into, const char *line)
{
	enum {
		CREATED,
		PLACE,
		QUEUE,
		GENERATE,
		FIELDS,
		PARTIAL = FIELDS,
		FORECAST,
		MORE
	};
	struct lives *lives = into;
	double fields[MORE] = { 0 };
	struct life life = { 0 };

	if (!read_fields(line, &life.kind, fields, FIELDS, MORE))
		return false;
	life.created_s = fields[CREATED];
	life.place = fields[PLACE];
	life.start_s = life.created_s + (life.place > 0.0 ? fields[QUEUE] : 0.0);
	life.end_s = life.start_s + fields[GENERATE];
	lives->of = must_grow(lives->of, lives->n, &lives->room, sizeof(*lives->of));
	lives->of[lives->n++] = (struct shown_life){
		.life = life, .partial_s = fields[PARTIAL], .forecast_s = fields[FORECAST]
	};
	return true;
}

static bool take_learnt(void *into, const char *line)
{
	struct dists *dists = into;
	enum media_kind kind;
	double seconds;

	if (!read_fields(line, &kind, &seconds, 1, 1))
		return false;
	dists_ended(dists, dists_lane(dists, kind, NULL), seconds, true);
	return true;
}

static int by_creation(const void *a, const void *b)
{
	const double x = ((const struct shown_life *)a)->life.created_s;
	const double y = ((const struct shown_life *)b)->life.created_s;

	return x < y ? -1 : x > y;
}

static void print_tally(struct tally *tally)
{
	printf("\"tasks\":%zu,\"polls_per_task\":%.4f,\"requests_per_task\":%.4f,"
	       "\"delay_mean_s\":%.4f,\"delay_p50_s\":%.4f,\"delay_p95_s\":%.4f,"
	       "\"delay_max_s\":%.4f",
	    tally->n, tally_polls(tally), tally_requests(tally), tally_delay_s(tally),
	    tally_quantile_s(tally, 0.5), tally_quantile_s(tally, 0.95),
	    tally_quantile_s(tally, 1.0));
}

static void print_json(struct sim *sim)
{
	printf("{\"polls\":%.0f,\"requests\":%.0f,", sim_polls(sim), sim_requests(sim));
	print_tally(sim_tally(sim, MEDIA_UNKNOWN));
	printf(",\"by_kind\":{\"image\":{");
	print_tally(sim_tally(sim, MEDIA_IMAGE));
	printf("},\"video\":{");
	print_tally(sim_tally(sim, MEDIA_VIDEO));
	printf("}}}\n");
}

/* All of them; those of before the watch when that begins. */
static void add_all(const struct replay *replay, struct sim *sim, struct shown *shown,
    struct lives *lives)
{
	if (lives->n > 0)
		qsort(lives->of, lives->n, sizeof(*lives->of), by_creation);
	for (size_t i = 0; i < lives->n; i++) {
		const struct life *life = &lives->of[i].life;
		const double at_s = fmax(life->created_s, replay->start_s);

		sim_run(sim, at_s);
		shown->next = &lives->of[i];
		sim_add(sim, life, at_s);
	}
}

static void run(const struct replay *replay, struct dists *dists, struct lives *lives)
{
	struct ours ours = ours_make(&(struct sched_options){
	    .batch_max = replay->batch, .seed = replay->seed, .dists = dists });
	struct shown shown = { .policy = ours_policy(&ours), .dists = dists };
	const struct policy policy =
	    replay->is_emulated ? shown_policy(&shown) : shown.policy;
	struct sim *sim = sim_new(&(struct sim_options){ .arrivals = SIM_GIVEN,
				      .batch_max = replay->batch,
				      .budget = { replay->per_minute, BUDGET_BURST },
				      .lag_s = replay->lag_s,
				      .is_seen_only = replay->is_emulated,
				      .tally_from_s = replay->start_s,
				      .tally_until_s = HUGE_VAL,
				      .seed = replay->seed },
	    &policy);

	if (replay->is_emulated)
		ours.model = shown.model = "emulated";
	add_all(replay, sim, &shown, lives);
	sim_run_tasks(sim, lives->n);
	print_json(sim);
	sim_free(sim);
	shown_release(&shown);
	ours_release(&ours);
}

int replay_print(const struct replay *replay)
{
	struct dists *dists = must(dists_new());
	struct lives lives = { 0 };
	int status = read_lines(replay->path, take_life, &lives);

	if (!status && replay->learnt_path)
		status = read_lines(replay->learnt_path, take_learnt, dists);
	if (!status)
		run(replay, dists, &lives);
	free(lives.of);
	dists_free(dists);
	return status;
}
