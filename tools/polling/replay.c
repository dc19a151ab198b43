#include "replay.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "must.h"
#include "ours.h"
#include "sim.h"

enum { LINE_LENGTH_MAX = 400, EXIT_INPUT = 2 };

struct lives {
	struct life *of;
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

/* A word and up to four numbers that are not negative. */
static bool read_fields(const char *line, enum media_kind *ret_kind, double *ret, int n)
{
	char word[16];
	int used = 0;

	if (sscanf(line, "%15s%n", word, &used) != 1) // NOLINT(cert-err34-c) a word
		return false;
	*ret_kind = media_kind_parse(word);
	if (*ret_kind != MEDIA_IMAGE && *ret_kind != MEDIA_VIDEO)
		return false;
	line += used;
	for (int i = 0; i < n; i++) {
		char *end;

		ret[i] = strtod(line, &end);
		if (end == line || !(ret[i] >= 0.0) || ret[i] > 1e9)
			return false;
		line = end;
	}
	return !line[strspn(line, " \t\r")];
}

static bool take_life(void *into, const char *line)
{
	enum { CREATED, PLACE, QUEUE, GENERATE, FIELDS };
	struct lives *lives = into;
	double fields[FIELDS];
	struct life life = { 0 };

	if (!read_fields(line, &life.kind, fields, FIELDS))
		return false;
	life.created_s = fields[CREATED];
	life.place = fields[PLACE];
	life.start_s = life.created_s + (life.place > 0.0 ? fields[QUEUE] : 0.0);
	life.end_s = life.start_s + fields[GENERATE];
	lives->of = must_grow(lives->of, lives->n, &lives->room, sizeof(*lives->of));
	lives->of[lives->n++] = life;
	return true;
}

static bool take_learnt(void *into, const char *line)
{
	struct lawbook *book = into;
	enum media_kind kind;
	double seconds;

	if (!read_fields(line, &kind, &seconds, 1))
		return false;
	lawbook_ended(book, lawbook_lane(book, kind, NULL), seconds, true);
	return true;
}

static int by_creation(const void *a, const void *b)
{
	const double x = ((const struct life *)a)->created_s;
	const double y = ((const struct life *)b)->created_s;

	return x < y ? -1 : x > y;
}

static void print_tally(struct tally *tally)
{
	printf("\"tasks\":%zu,\"looks_per_task\":%.4f,\"requests_per_task\":%.4f,"
	       "\"delay_mean_s\":%.4f,\"delay_p50_s\":%.4f,\"delay_p95_s\":%.4f,"
	       "\"delay_max_s\":%.4f",
	    tally->n, tally_looks(tally), tally_requests(tally), tally_delay_s(tally),
	    tally_quantile_s(tally, 0.5), tally_quantile_s(tally, 0.95),
	    tally_quantile_s(tally, 1.0));
}

static void print_json(struct sim *sim)
{
	printf("{\"looks\":%.0f,\"requests\":%.0f,", sim_looks(sim), sim_requests(sim));
	print_tally(sim_tally(sim, MEDIA_UNKNOWN));
	printf(",\"by_kind\":{\"image\":{");
	print_tally(sim_tally(sim, MEDIA_IMAGE));
	printf("},\"video\":{");
	print_tally(sim_tally(sim, MEDIA_VIDEO));
	printf("}}}\n");
}

static void run(const struct replay *replay, struct lawbook *book, struct lives *lives)
{
	struct ours ours = ours_make(&(struct sched_options){
	    .batch_max = replay->batch, .seed = replay->seed, .laws = book });
	const struct policy policy = ours_policy(&ours);
	struct sim *sim = sim_new(&(struct sim_options){ .arrivals = SIM_GIVEN,
				      .batch_max = replay->batch,
				      .budget = { replay->per_minute, BUDGET_BURST },
				      .tally_until_s = HUGE_VAL,
				      .seed = replay->seed },
	    &policy);

	if (lives->n > 0)
		qsort(lives->of, lives->n, sizeof(*lives->of), by_creation);
	for (size_t i = 0; i < lives->n; i++) {
		sim_run(sim, lives->of[i].created_s);
		sim_add(sim, &lives->of[i], lives->of[i].created_s);
	}
	sim_run_tasks(sim, lives->n);
	print_json(sim);
	sim_free(sim);
	ours_release(&ours);
}

int replay_print(const struct replay *replay)
{
	struct lawbook *book = must(lawbook_new());
	struct lives lives = { 0 };
	int status = read_lines(replay->path, take_life, &lives);

	if (!status && replay->learnt_path)
		status = read_lines(replay->learnt_path, take_learnt, book);
	if (!status)
		run(replay, book, &lives);
	free(lives.of);
	lawbook_free(book);
	return status;
}
