#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "ledger_fixture.h"

/* The rows of these tests: id, account, state, assets, when. */
static const struct {
	const char *id, *account;
	enum task_state as;
	int n_assets, n_stored;
	int64_t at_ms;
	bool is_unfinished;
} rows[] = {
	{ "a", ME, TASK_UNKNOWN, 0, 0, NOW, true },
	{ "b", ME, TASK_QUEUED, 0, 0, NOW + 1, true },
	{ "c", ME, TASK_PARTIAL, 2, 2, NOW + 2, true },
	{ "d", ME, TASK_SUCCEEDED, 2, 2, NOW + 3, false },
	{ "e", ME, TASK_SUCCEEDED, 2, 1, NOW + 4, true },
	{ "f", ME, TASK_SUCCEEDED, 0, 0, NOW + 5, true },
	{ "g", ME, TASK_FAILED, 1, 0, NOW + 6, false },
	{ "h", "other", TASK_CANCELLED, 0, 0, NOW + 7, false },
	{ "i", "other", TASK_NOT_FOUND, 0, 0, NOW + 8, false },
	{ "j", "other", TASK_GENERATING, 0, 0, NOW + 9, true },
};

static int fill(void **state)
{
	static const char *const uris[] = { "u0", "u1" };
	struct fixture *f;

	fixture_make(state);
	f = *state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct task *seen = look(rows[i].id, rows[i].as);

		for (int k = 0; k < rows[i].n_assets; k++)
			(void)show(seen, uris[k]);
		if (rows[i].as == TASK_NOT_FOUND)
			seen->history_id = "1234567"; /* it was known once */
		ok(ledger_adopt(
		    f->ledger, rows[i].account, &rows[i].id, 1, rows[i].at_ms, &f->err));
		ok(ledger_observe(
		    f->ledger, rows[i].account, &seen, NULL, 1, rows[i].at_ms, &f->err));
		for (int k = 0; k < rows[i].n_stored; k++)
			store(f, rows[i].id, k, uris[k], "/x");
		task_free(seen);
	}
	return 0;
}

struct listed {
	char ids[64];
	size_t n, stop_after;
	bool passes_over_crowd;
	struct fixture *forget_as_they_come;
};

static bool on_task(void *payload, const struct task *task)
{
	struct listed *listed = payload;
	struct fixture *f = listed->forget_as_they_come;

	assert_non_null(task->account);
	if (listed->passes_over_crowd && task->submit_id[0] == 'm')
		return true;
	if (listed->n < sizeof(listed->ids) - 1)
		listed->ids[listed->n] = task->submit_id[0];
	listed->n++;
	if (f)
		ok(ledger_forget(f->ledger, task->account, task->submit_id, &f->err));
	return listed->n != listed->stop_after;
}

static const struct {
	const char *what;
	struct ledger_filter filter;
	const char *ids;
} filters[] = {
	{ "all, the newest first", { 0 }, "jihgfedcba" },
	{ "one account", { .account = "other" }, "jih" },
	{ "nobody's", { .account = "nobody" }, "" },
	{ "unfinished", { .only_unfinished = true }, "jfecba" },
	{ "unfinished of one", { .account = ME, .only_unfinished = true }, "fecba" },
	{ "a state", { .has_state = true, .state = TASK_SUCCEEDED }, "fed" },
	{ "unfinished with a state",
	    { .only_unfinished = true, .has_state = true, .state = TASK_SUCCEEDED },
	    "fe" },
	{ "the state 0", { .has_state = true, .state = TASK_SUBMITTING }, "" },
	{ "since", { .since_unix_ms = NOW + 8 }, "ji" },
	{ "all of it",
	    { .account = "other",
		.has_state = true,
		.state = TASK_GENERATING,
		.only_unfinished = true,
		.since_unix_ms = NOW + 9,
		.limit = 5 },
	    "j" },
	{ "limit", { .limit = 3 }, "jih" },
	{ "limit 1", { .limit = 1 }, "j" },
	{ "limit beyond", { .limit = 11 }, "jihgfedcba" },
	{ "the oldest first", { .is_ascending = true }, "abcdefghij" },
	{ "the oldest of one account", { .account = "other", .is_ascending = true },
	    "hij" },
	{ "the oldest since", { .since_unix_ms = NOW + 8, .is_ascending = true }, "ij" },
	{ "by id", { .sort = LEDGER_SORT_ID }, "jihgfedcba" },
	{ "by id, unfinished",
	    { .sort = LEDGER_SORT_ID, .only_unfinished = true, .is_ascending = true },
	    "abcefj" },
};

static void filters_select(void **state)
{
	struct fixture *f = *state;

	for (size_t i = 0; i < COUNT(filters); i++) {
		struct listed listed = { 0 };

		ok(ledger_list(f->ledger, &filters[i].filter, on_task, &listed, &f->err));
		if (strcmp(listed.ids, filters[i].ids) != 0)
			fail_msg("%s: '%s'", filters[i].what, listed.ids);
	}
}

/* Few are sorted, many are gone through: what is listed is the same. */
static void filters_select_from_a_crowd(void **state)
{
	enum { CROWD = 2100 };
	struct fixture *f = *state;
	const char **ids = calloc(CROWD, sizeof(*ids));
	char names[CROWD][8];

	assert_non_null(ids);
	for (int i = 0; i < CROWD; i++) {
		(void)snprintf(names[i], sizeof(names[i]), "m%d", i);
		ids[i] = names[i];
	}
	ok(ledger_adopt(f->ledger, ME, ids, CROWD, NOW + 8, &f->err));
	free(ids);
	for (size_t i = 0; i < COUNT(filters); i++) {
		struct listed listed = { .passes_over_crowd = true };
		struct ledger_filter filter = filters[i].filter;

		if (filter.limit > 0 && !filter.has_state)
			continue;
		ok(ledger_list(f->ledger, &filter, on_task, &listed, &f->err));
		if (strcmp(listed.ids, filters[i].ids) != 0)
			fail_msg("%s: '%s'", filters[i].what, listed.ids);
	}
}

/* An id that was typed, and that the service has never shown, is kept apart. */
static void a_stray_is_kept_apart(void **state)
{
	struct fixture *f = *state;
	const struct ledger_filter all = { 0 };
	const struct ledger_filter strays = { .has_state = true,
		.state = TASK_NOT_FOUND };
	const char *const ids[] = { "stray", "new" };
	struct task *seen = look("stray", TASK_NOT_FOUND);
	struct listed listed = { 0 }, apart = { 0 };

	ok(ledger_adopt(f->ledger, ME, ids, 1, NOW, &f->err));
	ok(ledger_observe(f->ledger, ME, &seen, NULL, 1, NOW, &f->err));
	task_free(seen);
	ok(ledger_list(f->ledger, &all, on_task, &listed, &f->err));
	assert_string_equal(listed.ids, "jihgfedcba");
	ok(ledger_list(f->ledger, &strays, on_task, &apart, &f->err));
	assert_string_equal(apart.ids, "si");
	/* Forgotten a day later, when another is asked for; what was known stays. */
	poke(f->path, "UPDATE tasks SET is_open = 0, updated_unix_ms = 1");
	ok(ledger_adopt(f->ledger, ME, ids + 1, 1, NOW, &f->err));
	assert_int_equal(
	    peek(f, "SELECT count(*) FROM tasks WHERE submit_id = 'stray'"), 0);
	assert_int_equal(peek(f, "SELECT count(*) FROM tasks"), 11);
}

static void the_callee_may_stop(void **state)
{
	struct fixture *f = *state;
	const struct ledger_filter all = { 0 };
	struct listed listed = { .stop_after = 2 };

	ok(ledger_list(f->ledger, &all, on_task, &listed, &f->err));
	assert_string_equal(listed.ids, "ji");
}

static void the_callee_may_use_the_ledger(void **state)
{
	struct fixture *f = *state;
	const struct ledger_filter all = { 0 };
	struct listed listed = { .forget_as_they_come = f };

	ok(ledger_list(f->ledger, &all, on_task, &listed, &f->err));
	assert_string_equal(listed.ids, "jihgfedcba");
	assert_int_equal(peek(f, "SELECT count(*) FROM tasks"), 0);
}

/* Its ids are read first: who was forgotten before its page came is passed over. */
static bool forget_the_last(void *payload, const struct task *task)
{
	struct listed *listed = payload;
	struct fixture *f = listed->forget_as_they_come;

	listed->n++;
	if (listed->n == 1)
		ok(ledger_forget(f->ledger, ME, "m000", &f->err));
	return task != NULL;
}

static void a_sorted_list_passes_over_who_is_gone(void **state)
{
	enum { CROWD = 205 };
	struct fixture *f = *state;
	const struct ledger_filter by_id = { .sort = LEDGER_SORT_ID };
	struct listed listed = { .forget_as_they_come = f };

	for (int i = 0; i < CROWD; i++) {
		char name[8];
		const char *id = name;

		(void)snprintf(name, sizeof(name), "m%03d", i);
		ok(ledger_adopt(f->ledger, ME, &id, 1, NOW, &f->err));
	}
	ok(ledger_list(f->ledger, &by_id, forget_the_last, &listed, &f->err));
	assert_int_equal(listed.n, CROWD + 10 - 1);
}

/* Every way an asset or a state changes keeps is_open true to the rows. */
static void unfinished_follows_the_rows(void **state)
{
	struct fixture *f = *state;
	static const char is_open[] = "SELECT is_open FROM tasks WHERE submit_id = 'd'";
	struct task *seen;

	assert_int_equal(peek(f, is_open), 0);
	ok(ledger_asset_wanted(f->ledger, ME, "d", 0, &f->err));
	assert_int_equal(peek(f, is_open), 1);
	ok(ledger_asset_lost(f->ledger, ME, "d", 0, "the link is dead", &f->err));
	assert_int_equal(peek(f, is_open), 1); /* so it says now */
	ok(ledger_believe(f->ledger, ME, "d", &f->err));
	assert_int_equal(peek(f, is_open), 0);
	seen = look("d", TASK_SUCCEEDED);
	(void)show(seen, "u9");
	seen->assets[0].index = 9;
	observe(f, seen);
	task_free(seen);
	assert_int_equal(peek(f, is_open), 1);
	store(f, "d", 9, "u9", "/9");
	assert_int_equal(peek(f, is_open), 1); /* the other may come, too */
	/* A withdrawn intent that was carried out after all. */
	ok(ledger_asset_wanted(f->ledger, ME, "d", 9, &f->err));
	seen = look("i", TASK_GENERATING);
	ok(ledger_observe(f->ledger, "other", &seen, NULL, 1, NOW, &f->err));
	task_free(seen);
	assert_int_equal(peek(f, "SELECT is_open FROM tasks WHERE submit_id = 'i'"), 1);
}

enum { MANY = 1234 };

/* More than some pages, each once, in order, whatever arrives meanwhile. */
static bool on_many(void *payload, const struct task *task)
{
	struct listed *listed = payload;
	char expected[16];
	const char *fresh = "zz-new";

	(void)snprintf(expected, sizeof(expected), "m%04zu", MANY - 1 - listed->n);
	assert_string_equal(task->submit_id, expected);
	if (listed->n == 100) {
		struct fixture *f = listed->forget_as_they_come;

		ok(ledger_adopt(f->ledger, ME, &fresh, 1, NOW, &f->err));
		ok(ledger_forget(f->ledger, ME, task->submit_id, &f->err));
	}
	listed->n++;
	return true;
}

static void pages_join(void **state)
{
	struct fixture *f = *state;
	static char names[MANY][8];
	static const char *ids[MANY];
	const struct ledger_filter mine = { .account = ME };
	struct listed listed = { .forget_as_they_come = f };

	for (size_t i = 0; i < MANY; i++) {
		(void)snprintf(names[i], sizeof(names[i]), "m%04zu", i);
		ids[i] = names[i];
	}
	ok(ledger_adopt(f->ledger, ME, ids, MANY, NOW, &f->err));
	ok(ledger_list(f->ledger, &mine, on_many, &listed, &f->err));
	assert_int_equal(listed.n, MANY);
}

int main(void)
{
#define T(name, make) cmocka_unit_test_setup_teardown(name, make, fixture_free)
	static const struct CMUnitTest tests[] = {
		T(filters_select, fill),
		T(filters_select_from_a_crowd, fill),
		T(a_stray_is_kept_apart, fill),
		T(the_callee_may_stop, fill),
		T(the_callee_may_use_the_ledger, fill),
		T(a_sorted_list_passes_over_who_is_gone, fill),
		T(unfinished_follows_the_rows, fill),
		T(pages_join, fixture_make),
	};

	return cmocka_run_group_tests_name("ledger_list", tests, NULL, NULL);
}
