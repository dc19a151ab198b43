/*
 * Very many ids at once: what they cost, and that it is the same as one after the other.
 * Costs are counted in bytes and in CPU time of this process, never by the clock.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "ledger_fixture.h"

enum { MANY = 4000, ID_ROOM = 40 };

struct many {
	char (*texts)[ID_ROOM];
	const char **ids;
	size_t n;
};

/* Ids whose places in an index are anywhere. */
static struct many many_make(size_t n, unsigned seed)
{
	struct many many = { calloc(n, ID_ROOM), calloc(n, sizeof(char *)), n };
	uint64_t word = seed;

	assert_true(many.texts && many.ids);
	for (size_t i = 0; i < n; i++) {
		word = word * 6364136223846793005U + 1442695040888963407U;
		(void)snprintf(many.texts[i], ID_ROOM, "%016llx-%u-%zu",
		    (unsigned long long)(word ^ (word >> 29)), seed, i);
		many.ids[i] = many.texts[i];
	}
	return many;
}

static void many_release(struct many *many)
{
	free(many->texts);
	free(many->ids);
}

/* Bytes that this process has written so far, to whatever; 0: the kernel won't say. */
static long long bytes_written(void)
{
	FILE *file = fopen("/proc/self/io", "re");
	long long n = 0;
	char line[128];

	while (file && fgets(line, sizeof(line), file))
		if (sscanf(line, "wchar: %lld", &n) == 1)
			break;
	if (file)
		(void)fclose(file);
	return n;
}

static void few_bytes_are_written_for_each(void **state)
{
	struct fixture *f = *state;
	struct many many = many_make(MANY, 1);
	const long long before = bytes_written();
	long long each;

	if (before == 0) {
		many_release(&many);
		skip();
	}
	ok(ledger_adopt(f->ledger, ME, many.ids, many.n, NOW, &f->err));
	each = (bytes_written() - before) / (long long)many.n;
	print_message("# %lld bytes for each of %zu ids\n", each, many.n);
	assert_in_range(each, 1, 3000);
	many_release(&many);
}

static double cpu_seconds(struct fixture *f, size_t n, unsigned seed)
{
	struct many many = many_make(n, seed);
	const clock_t begun = clock();

	ok(ledger_adopt(f->ledger, ME, many.ids, many.n, NOW, &f->err));
	many_release(&many);
	return (double)(clock() - begun) / CLOCKS_PER_SEC;
}

static void four_times_as_many_cost_four_times_as_much(void **state)
{
	struct fixture *f = *state;
	const double few = cpu_seconds(f, MANY, 2), all = cpu_seconds(f, 4 * MANY, 3);

	print_message("# %d: %.2f s, %d: %.2f s of CPU\n", MANY, few, 4 * MANY, all);
	assert_true(all < 8 * few + 0.1);
}

static bool next_is(void *payload, const struct open_task *task)
{
	struct many *many = payload;

	assert_string_equal(task->submit_id, *many->ids++);
	many->n--;
	return true;
}

enum { KNOWN = 300 };

/* Each twice; the first are known. */
static void adopt_twice(struct fixture *f, const struct many *many)
{
	const char **mixed = calloc(2 * many->n, sizeof(*mixed));

	assert_non_null(mixed);
	ok(ledger_adopt(f->ledger, ME, many->ids, KNOWN, NOW, &f->err));
	for (size_t i = 0; i < many->n; i++)
		mixed[2 * i] = mixed[2 * i + 1] = many->ids[i];
	ok(ledger_adopt(f->ledger, ME, mixed, 2 * many->n, NOW, &f->err));
	free(mixed);
}

/* Over the ends of lists. */
static void they_keep_their_order(void **state)
{
	struct fixture *f = *state;
	struct many many = many_make(9900, 4), expected = many;

	adopt_twice(f, &many);
	ok(ledger_open_tasks(f->ledger, ME, next_is, &expected, &f->err));
	assert_int_equal(expected.n, 0);
	many_release(&many);
}

static int by_text(const void *a, const void *b)
{
	const char *const *x = a, *const *y = b;

	return strcmp(*x, *y);
}

/* Over the ends of transactions, each of which has to do with pages of its own. */
static void very_many_come_in_the_order_of_their_index(void **state)
{
	struct fixture *f = *state;
	struct many many = many_make(20600, 5), expected = many;

	adopt_twice(f, &many);
	qsort(many.ids + KNOWN, many.n - KNOWN, sizeof(*many.ids), by_text);
	ok(ledger_open_tasks(f->ledger, ME, next_is, &expected, &f->err));
	assert_int_equal(expected.n, 0);
	many_release(&many);
}

static bool count_line(void *payload, const struct ledger_event *event)
{
	assert_string_equal(event->text, "unknown: asked for by its id");
	++*(int *)payload;
	return true;
}

/* By its other names, too, and each new one has its first event. */
static void what_is_known_gets_no_second_row(void **state)
{
	struct fixture *f = *state;
	const char *const ids[] = { "ours", "77", "new", "new", "also-new" };
	struct task *seen = look("ours", TASK_GENERATING);
	int n_lines = 0;
	struct many expected = { .ids = (const char *[]){ "ours", "new", "also-new" },
		.n = 3 };

	seen->history_id = "77";
	ok(ledger_observe(f->ledger, ME, &seen, NULL, 1, NOW, &f->err));
	task_free(seen);
	ok(ledger_adopt(f->ledger, ME, ids, COUNT(ids), NOW, &f->err));
	ok(ledger_open_tasks(f->ledger, ME, next_is, &expected, &f->err));
	assert_int_equal(expected.n, 0);
	ok(ledger_events(f->ledger, ME, "also-new", count_line, &n_lines, &f->err));
	ok(ledger_events(f->ledger, ME, "new", count_line, &n_lines, &f->err));
	assert_int_equal(n_lines, 2);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_make, fixture_free)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(few_bytes_are_written_for_each),
		TEST(four_times_as_many_cost_four_times_as_much),
		TEST(they_keep_their_order),
		TEST(very_many_come_in_the_order_of_their_index),
		TEST(what_is_known_gets_no_second_row),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
