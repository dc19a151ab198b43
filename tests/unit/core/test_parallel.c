/* How many at once, on lines that are made up: each has limits, and files of one size. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "core/policy/parallel.h"

enum { MB = 1000 * 1000, STEP_MS = 250, CEILING = 16, TRANSFERS = 64, HOUR_S = 3600 };

/* Bytes a second, of the whole and of one transfer. */
struct line {
	double all, each;
	double file_bytes;
	unsigned jitter_percent; /* of the whole, up and down, by chance */
};

struct world {
	struct parallel parallel;
	struct parallel_seen seen;
	double left[TRANSFERS]; /* of each running transfer */
	int64_t began_ms[TRANSFERS];
	double came;
	uint64_t random;
};

static struct world world_make(unsigned ceiling)
{
	return (struct world){ .parallel = parallel_make(ceiling, 1000),
		.seen = { .now_ms = 1000, .others_wait = true },
		.random = 1 };
}

static double chance(struct world *w)
{
	w->random = w->random * 6364136223846793005u + 1442695040888963407u;
	return (double)(w->random >> 33) / (double)(1u << 30) - 1.0;
}

static void run_transfers(struct world *w, const struct line *line)
{
	const double whole = line->all *
	    (1.0 + chance(w) * line->jitter_percent / 100.0) * STEP_MS / 1000.0;
	const double share = whole / w->seen.running;
	const double own = line->each * STEP_MS / 1000.0;
	const double bytes = share < own ? share : own;

	for (unsigned i = 0; i < w->seen.running;) {
		w->came += bytes;
		w->left[i] -= bytes;
		if (w->left[i] > 0.0) {
			i++;
			continue;
		}
		w->seen.ended++;
		w->seen.took_ms += (uint64_t)(w->seen.now_ms - w->began_ms[i]);
		w->left[i] = w->left[--w->seen.running];
		w->began_ms[i] = w->began_ms[w->seen.running];
	}
}

static void run_for(struct world *w, const struct line *line, unsigned seconds)
{
	for (unsigned ms = 0; ms < seconds * 1000; ms += STEP_MS) {
		while (w->seen.running < w->parallel.allowed) {
			w->began_ms[w->seen.running] = w->seen.now_ms;
			w->left[w->seen.running++] = line->file_bytes;
		}
		run_transfers(w, line);
		w->seen.now_ms += STEP_MS;
		w->seen.came_bytes = (uint64_t)w->came;
		parallel_step(&w->parallel, &w->seen);
	}
}

static const struct {
	const char *label;
	struct line line;
	unsigned least, most; /* allowed, at the end of an hour */
	double best_mb; /* a second, with the ceiling */
} table[] = {
	{ "the line is the limit", { 10 * MB, 100 * MB, 300 * MB, 0 }, 2, 3, 10 },
	{ "each has its limit", { 1000 * MB, MB, 50 * MB, 0 }, 15, 16, 16 },
	{ "ten fill the line", { 10 * MB, MB, 50 * MB, 0 }, 10, 14, 10 },
	{ "files are short", { 10 * MB, 100 * MB, MB, 0 }, 16, 16, 10 },
	{ "the line is the limit, and it trembles", { 10 * MB, 100 * MB, 300 * MB, 30 },
	    2, 6, 10 },
	{ "each has its limit, and the line trembles", { 20 * MB, MB, 50 * MB, 20 }, 12,
	    16, 16 },
};

static void lines(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct world w = world_make(CEILING);

		print_message("# %s\n", table[i].label);
		run_for(&w, &table[i].line, HOUR_S);
		print_message("# %u at once, %.2f MB/s\n", w.parallel.allowed,
		    w.came / MB / HOUR_S);
		assert_in_range(w.parallel.allowed, table[i].least, table[i].most);
		/* What probing costs. */
		assert_true(w.came / MB / HOUR_S > 0.94 * table[i].best_mb);
	}
}

static void grows_with_the_line(void **state)
{
	const struct line narrow = { 4 * MB, MB, 50 * MB, 0 };
	const struct line wide = { 100 * MB, MB, 50 * MB, 0 };
	struct world w = world_make(CEILING);

	(void)state;
	run_for(&w, &narrow, HOUR_S);
	assert_in_range(w.parallel.allowed, 4, 6);
	run_for(&w, &wide, HOUR_S);
	assert_in_range(w.parallel.allowed, 12, CEILING);
}

static void short_files_get_all_at_once(void **state)
{
	const struct line line = { 10 * MB, 100 * MB, 300 * MB, 0 };
	const struct line of_short = { 10 * MB, 100 * MB, 0.1 * MB, 0 };
	struct world w = world_make(CEILING);

	(void)state;
	run_for(&w, &line, HOUR_S);
	assert_in_range(w.parallel.allowed, 2, 4);
	run_for(&w, &of_short, 180); /* with what is left of the long ones */
	assert_int_equal(w.parallel.allowed, CEILING);
}

/* Nothing can be learnt from a line that nobody fills. */
static void nothing_waits(void **state)
{
	struct parallel p = parallel_make(8, 0);

	(void)state;
	for (int64_t ms = 0; ms < 3600000; ms += STEP_MS) {
		const struct parallel_seen seen = {
			.now_ms = ms, .came_bytes = (uint64_t)ms * 1000, .running = 3
		};

		parallel_step(&p, &seen);
		assert_int_equal(p.allowed, 8);
	}
}

static void never_above_or_too_low(void **state)
{
	const struct line line = { 10 * MB, 100 * MB, 300 * MB, 50 };

	(void)state;
	for (unsigned ceiling = 1; ceiling <= TRANSFERS; ceiling++) {
		struct world w = world_make(ceiling);

		for (unsigned i = 0; i < 60; i++) {
			run_for(&w, &line, 60);
			assert_true(w.parallel.allowed <= ceiling);
			assert_true(w.parallel.allowed >=
			    (ceiling < PARALLEL_LEAST ? ceiling : PARALLEL_LEAST));
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines),
		cmocka_unit_test(grows_with_the_line),
		cmocka_unit_test(short_files_get_all_at_once),
		cmocka_unit_test(nothing_waits),
		cmocka_unit_test(never_above_or_too_low),
	};

	return cmocka_run_group_tests_name("parallel", tests, NULL, NULL);
}
