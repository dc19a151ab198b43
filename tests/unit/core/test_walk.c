/*
 * test_walk.c - the way through a listing: nothing is passed over, whatever comes
 * meanwhile and wherever it is broken off; and paging that leads nowhere ends.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/browse/walk.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

enum { PAGE = 10, TASKS_MAX = 4000, STEP_MS = 60 * 1000 };
#define EPOCH INT64_C(1790000000000)

/* Tasks by the time they were made; what nobody can see yet is late. */
static struct made {
	bool is_there, is_late, has_row;
} made[TASKS_MAX];
static int n_made;
static unsigned long seed;

static unsigned random_below(unsigned n)
{
	seed = seed * 6364136223846793005UL + 1442695040888963407UL;
	return (unsigned)(seed >> 33) % n;
}

static int64_t made_ms(int i)
{
	return EPOCH + (int64_t)i * STEP_MS;
}

/* The page at this place, newest first; the place is a time. */
struct shown {
	struct walk_task tasks[PAGE];
	int which[PAGE];
	char next[32];
	struct walk_page page;
};

static void show(struct shown *shown, const char *place)
{
	const int64_t below_ms = place ? strtoll(place, NULL, 10) : INT64_MAX;
	size_t n = 0;
	int i;

	for (i = n_made - 1; i >= 0 && n < PAGE; i--) {
		char name[16];

		if (made_ms(i) >= below_ms || !made[i].is_there || made[i].is_late)
			continue;
		(void)snprintf(name, sizeof(name), "t%d", i);
		shown->which[n] = i;
		shown->tasks[n++] =
		    (struct walk_task){ walk_hash(name), made_ms(i), made[i].has_row };
	}
	(void)snprintf(
	    shown->next, sizeof(shown->next), "%lld", (long long)made_ms(i + 1));
	shown->page = (struct walk_page){ shown->tasks, n, shown->next, i >= 0,
		made_ms(n_made), false };
}

/* At most so many pages, then it is killed. Returns how many it took. */
static unsigned walk_some(struct ledger_walk *kept, unsigned most)
{
	struct walk walk;
	unsigned n = 0;
	struct err err;

	walk_begin(&walk, kept);
	for (; walk.stage != WALK_OVER && n < most; n++) {
		struct shown shown;

		show(&shown, walk_place(&walk));
		assert_int_equal(walk_turn(&walk, &shown.page, &err), ERR_OK);
		for (size_t i = 0; i < shown.page.n; i++)
			made[shown.which[i]].has_row = true;
		*kept = walk.at; /* with the rows, in one transaction */
	}
	walk_release(&walk);
	return n;
}

static void make(int n)
{
	for (; n > 0; n--)
		made[n_made++] = (struct made){ .is_there = true };
}

static void expect_all(void)
{
	for (int i = 0; i < n_made; i++)
		if (made[i].is_there && !made[i].is_late && !made[i].has_row)
			fail_msg("task %d of %d was passed over", i, n_made);
}

static int clear(void **state)
{
	(void)state;
	memset(made, 0, sizeof(made));
	n_made = 0;
	seed = 1;
	return 0;
}

/* --- ways ------------------------------------------------------------------------ */

static void the_first_goes_down_to_the_oldest(void **state)
{
	struct ledger_walk kept = { 0 };

	(void)state;
	make(95);
	assert_int_equal(walk_some(&kept, 1000), 10);
	expect_all();
	assert_true(kept.is_complete);
	assert_int_equal(kept.mark_unix_ms, made_ms(95));
}

static void the_next_asks_for_what_is_new(void **state)
{
	struct ledger_walk kept = { 0 };

	(void)state;
	make(3000);
	(void)walk_some(&kept, 1000);
	/* 50 that are known, ten a page. */
	assert_int_equal(walk_some(&kept, 1000), WALK_RELOOK_TASKS / PAGE);
	make(1);
	(void)walk_some(&kept, 1000);
	expect_all();
	make(77);
	assert_int_equal(walk_some(&kept, 1000), 8 + WALK_RELOOK_TASKS / PAGE);
	expect_all();
}

static void a_day_of_quiet_is_enough(void **state)
{
	struct ledger_walk kept = { 0 };

	(void)state;
	make(200);
	n_made += 2000; /* minutes in which nothing was made */
	(void)walk_some(&kept, 1000);
	assert_int_equal(walk_some(&kept, 1000), 1);
}

/* They are listed where they belong by their time, below what is known. */
static void what_is_late_is_found(void **state)
{
	struct ledger_walk kept = { 0 };

	(void)state;
	make(500);
	for (int i = 470; i < 490; i += 3)
		made[i].is_late = true;
	(void)walk_some(&kept, 1000);
	make(5);
	for (int i = 470; i < 490; i += 3)
		made[i].is_late = false;
	(void)walk_some(&kept, 1000);
	expect_all();
}

/* Tasks of our own have rows before any walk has met them. */
static void what_was_known_otherwise_is_no_mark(void **state)
{
	struct ledger_walk kept = { 0 };

	(void)state;
	make(300);
	(void)walk_some(&kept, 1000);
	make(40); /* on the web page */
	make(100); /* ours */
	for (int i = n_made - 100; i < n_made; i++)
		made[i].has_row = true;
	(void)walk_some(&kept, 1000);
	expect_all();
}

static void wherever_it_is_killed(void **state)
{
	(void)state;
	for (unsigned round = 0; round < 300; round++) {
		struct ledger_walk kept = { 0 };

		(void)clear(NULL);
		seed = round + 1;
		make((int)random_below(300));
		for (unsigned run = 0; run < 12; run++) {
			(void)walk_some(&kept, random_below(9));
			make((int)random_below(30));
			/* Some of the newest are ours. */
			for (int i = n_made - 1; i >= 0 && i > n_made - 12; i--)
				if (random_below(3) == 0)
					made[i].has_row = true;
		}
		(void)walk_some(&kept, 1000);
		expect_all();
	}
}

/* Of the last page something was left: the next run begins there. */
static void what_was_left_stays_before_it(void **state)
{
	struct ledger_walk kept = { 0 };
	struct shown shown;
	struct walk walk;
	struct err err;

	(void)state;
	make(30);
	walk_begin(&walk, &kept);
	show(&shown, walk_place(&walk));
	shown.page.is_last_wanted = true;
	assert_int_equal(walk_turn(&walk, &shown.page, &err), ERR_OK);
	assert_int_equal(walk.stage, WALK_OVER);
	assert_int_equal(walk.at.mark_unix_ms, 0);
	walk_release(&walk);
	(void)walk_some(&kept, 1000);
	expect_all();
}

/* --- no paging ------------------------------------------------------------------- */

struct step {
	const char *next; /* "": it is the last; NULL: not told */
	const char *ids; /* one letter each */
};

static enum err_kind take(struct walk *walk, const struct step *step, struct err *err)
{
	struct walk_task tasks[8];
	struct walk_page page = { .tasks = tasks,
		.next = step->next,
		.has_more = !step->next || step->next[0],
		.server_unix_ms = EPOCH };

	for (; step->ids && step->ids[page.n]; page.n++)
		tasks[page.n] =
		    (struct walk_task){ .hash = (unsigned char)step->ids[page.n] };
	return walk_turn(walk, &page, err);
}

static void what_leads_nowhere_ends(void **state)
{
	static const struct {
		struct step steps[6];
		const char *says; /* of the last; NULL: it is fine */
	} rows[] = {
		{ { { "30", "ab" }, { "20", "cd" }, { "20", "ef" } }, "in a circle" },
		{ { { "30", "ab" }, { "20", "cd" }, { "30", "ef" } }, "in a circle" },
		{ { { "30", "ab" }, { "20", "cd" }, { "25", "ef" } }, "backwards" },
		{ { { "\"30\"", "ab" }, { "\"20\"", "cd" }, { "\"25\"", "ef" } },
		    "backwards" },
		{ { { "1790000000000", "ab" }, { "1790000000001", "cd" } }, "backwards" },
		{ { { NULL, "ab" } }, "does not say where" },
		{ { { "30", "ab" }, { "29", "ab" }, { "28", "ab" }, { "27", "ab" } },
		    "the same page" },
		{ { { "30", "ab" }, { "29", "" }, { "28", "" }, { "27", "" } },
		    "empty pages" },
		{ { { "\"x\"", "ab" }, { "\"y\"", "ab" }, { "\"z\"", "ab" },
		      { "\"w\"", "ab" } },
		    "the same page" },
		/* It comes again, and goes on. */
		{ { { "30", "ab" }, { "29", "ab" }, { "28", "ab" }, { "27", "abc" },
		      { "26", "abc" }, { "", "d" } },
		    NULL },
		{ { { "30", "ab" }, { "29", "" }, { "28", "cd" }, { "27", "" },
		      { "26", "" }, { "", "" } },
		    NULL },
		{ { { "20", "ab" }, { "40", "cd" }, { "60", "e" }, { "", "" } }, NULL },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct ledger_walk nothing = { 0 };
		struct err err = { .kind = ERR_OK };
		struct walk walk;
		size_t k = 0;

		walk_begin(&walk, &nothing);
		while (walk.stage != WALK_OVER && !take(&walk, &rows[i].steps[k], &err))
			k++;
		print_message("# row %zu: %zu pages, %s\n", i, k, err.msg);
		assert_int_equal(walk.stage, WALK_OVER);
		assert_int_equal(err.kind, rows[i].says ? ERR_CONTRACT : ERR_OK);
		if (rows[i].says)
			assert_non_null(strstr(err.msg, rows[i].says));
		/* Where it broke, the next run tries again. */
		assert_int_equal(walk.at.is_complete, !rows[i].says);
		walk_release(&walk);
	}
}

/* A place that leads to itself, also in the run that was killed there. */
static void a_place_that_leads_to_itself(void **state)
{
	const struct ledger_walk kept = { .mark_unix_ms = EPOCH, .deep = "30" };
	const struct step step = { "30", "ab" };
	struct ledger_walk at = kept;
	struct walk walk;
	struct err err;

	(void)state;
	at.is_complete = false;
	walk_begin(&walk, &at);
	assert_int_equal(walk.stage, WALK_TOP);
	walk.stage = WALK_DEEP;
	assert_int_equal(take(&walk, &step, &err), ERR_CONTRACT);
	walk_release(&walk);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(the_first_goes_down_to_the_oldest, clear),
		cmocka_unit_test_setup(the_next_asks_for_what_is_new, clear),
		cmocka_unit_test_setup(a_day_of_quiet_is_enough, clear),
		cmocka_unit_test_setup(what_is_late_is_found, clear),
		cmocka_unit_test_setup(what_was_known_otherwise_is_no_mark, clear),
		cmocka_unit_test_setup(wherever_it_is_killed, clear),
		cmocka_unit_test_setup(what_was_left_stays_before_it, clear),
		cmocka_unit_test(what_leads_nowhere_ends),
		cmocka_unit_test(a_place_that_leads_to_itself),
	};

	return cmocka_run_group_tests_name("walk", tests, NULL, NULL);
}
