/*
 * suite_read.c - what every ledger promises about accounts, sums and lists.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "suite.h"

static void the_later_pause_wins(void **state)
{
	struct suite *s = *state;
	const struct account_pause long_one = { ERR_BUSY, NOW + 900, "long" },
				   short_one = { ERR_ACCOUNT, NOW + 500, "short" },
				   none = { .kind = ERR_OK };
	struct account_pause is;

	ok(ledger_pause(s->a, ME, &long_one, &s->err));
	ok(ledger_pause(s->b, ME, &short_one, &s->err));
	ok(ledger_pause_of(s->b, ME, NOW, &is, &s->err));
	assert_int_equal(is.kind, ERR_BUSY);
	assert_string_equal(is.text, "long");
	ok(ledger_pause_of(s->b, "other", NOW, &is, &s->err));
	assert_int_equal(is.kind, ERR_OK);
	ok(ledger_pause_of(s->b, ME, NOW + 900, &is, &s->err));
	assert_int_equal(is.kind, ERR_OK);
	ok(ledger_pause(s->b, ME, &none, &s->err));
	ok(ledger_pause_of(s->a, ME, NOW, &is, &s->err));
	assert_int_equal(is.kind, ERR_OK);
}

static void a_budget_is_of_all(void **state)
{
	struct suite *s = *state;
	const struct budget budget = { .per_minute = 60, .burst = 2 }, none = { 0 };
	int64_t wait_ms = 9;

	ok(ledger_budget_take(s->a, ME, &none, NOW, &wait_ms, &s->err));
	assert_int_equal(wait_ms, 0);
	ok(ledger_budget_take(s->a, ME, &budget, NOW, &wait_ms, &s->err));
	ok(ledger_budget_take(s->b, ME, &budget, NOW, &wait_ms, &s->err));
	assert_int_equal(wait_ms, 0);
	ok(ledger_budget_take(s->a, ME, &budget, NOW, &wait_ms, &s->err));
	assert_int_equal(wait_ms, 1000);
	ok(ledger_budget_take(s->b, ME, &budget, NOW + 1000, &wait_ms, &s->err));
	assert_int_equal(wait_ms, 0);
}

/* --- walks ---------------------------------------------------------------------- */

static struct ledger_walk walk_of(
    struct suite *s, const char *account, const char *listing)
{
	struct ledger_walk walk;

	memset(&walk, 0xff, sizeof(walk));
	ok(ledger_walk(s->b, account, listing, &walk, &s->err));
	return walk;
}

static void a_page_and_its_walk_are_one(void **state)
{
	struct suite *s = *state;
	struct task *seen[] = { look_with("t1", TASK_SUCCEEDED, "u"),
		look("77", TASK_QUEUED) };
	struct ledger_walk walk = { .mark_unix_ms = NOW, .deep = "c1" };
	struct ledger_page page = { "assets", &walk, seen, COUNT(seen) };
	struct ledger_walk is = walk_of(s, ME, "assets");

	assert_int_equal(is.mark_unix_ms, 0);
	assert_string_equal(is.deep, "");
	assert_false(is.is_complete);
	adopt(s, "t1");
	ok(ledger_turn_page(s->a, ME, &page, NOW, &s->err));
	/* Completed, as an observation is. */
	assert_int_equal(seen[0]->n_assets, 1);
	assert_int_equal(seen[0]->assets[0].state, ASSET_WANTED);
	assert_string_equal(state_of(s, "t1"), "succeeded");
	assert_string_equal(state_of(s, "77"), "queued");
	is = walk_of(s, ME, "assets");
	assert_int_equal(is.mark_unix_ms, NOW);
	assert_string_equal(is.deep, "c1");
	assert_string_equal(walk_of(s, "other", "assets").deep, "");
	assert_string_equal(walk_of(s, ME, "history").deep, "");
	for (size_t i = 0; i < COUNT(seen); i++)
		task_free(seen[i]);
}

static void a_walk_goes_on_without_tasks(void **state)
{
	struct suite *s = *state;
	const struct ledger_walk first = { .mark_unix_ms = NOW, .deep = "c1" },
				 second = { .mark_unix_ms = NOW,
					 .began_unix_ms = NOW + 9,
					 .top = "c9",
					 .is_complete = true };
	const struct ledger_page pages[] = { { "assets", &first, NULL, 0 },
		{ "assets", &second, NULL, 0 } };
	struct ledger_walk is;

	for (size_t i = 0; i < COUNT(pages); i++)
		ok(ledger_turn_page(s->a, ME, &pages[i], NOW, &s->err));
	is = walk_of(s, ME, "assets");
	assert_int_equal(is.began_unix_ms, NOW + 9);
	assert_string_equal(is.top, "c9");
	assert_string_equal(is.deep, "");
	assert_true(is.is_complete);
}

static void a_page_that_is_refused_leaves_the_walk(void **state)
{
	struct suite *s = *state;
	struct task *seen[] = { look("t1", TASK_QUEUED), look("no id", TASK_QUEUED) };
	const struct ledger_walk walk = { .mark_unix_ms = NOW, .deep = "c1" };
	struct ledger_page page = { "assets", &walk, seen, COUNT(seen) };

	assert_int_equal(ledger_turn_page(s->a, ME, &page, NOW, &s->err), ERR_USAGE);
	assert_string_equal(state_of(s, "t1"), "none");
	assert_int_equal(walk_of(s, ME, "assets").mark_unix_ms, 0);
	page = (struct ledger_page){ "", &walk, NULL, 0 };
	assert_int_equal(ledger_turn_page(s->a, ME, &page, NOW, &s->err), ERR_USAGE);
	for (size_t i = 0; i < COUNT(seen); i++)
		task_free(seen[i]);
}

static bool keep_past(void *payload, const struct past_task *task)
{
	struct past_task *into = payload;

	*into = *task;
	into->submit_id = into->model = into->fail_code = NULL;
	return true;
}

static void looks_are_added_up(void **state)
{
	struct suite *s = *state;
	const struct poll_counters first = { "t1", 1, 500, NOW + 5, NOW + 30, NOW + 40 },
				   second = { "t1", 2, 250, NOW + 9, NOW + 20, 0 },
				   unknown = { .submit_id = "t9", .polls = 1 };
	const struct poll_counters both[] = { second, unknown };
	struct task *task = NULL;
	struct past_task is = { .polls = -1 };

	adopt(s, "t1");
	see(s, "t1", TASK_QUEUED, "u0");
	ok(ledger_count_polls(s->a, ME, &first, 1, &s->err));
	ok(ledger_count_polls(s->b, ME, both, 2, &s->err));
	ok(ledger_find(s->b, ME, "t1", &task, &s->err));
	assert_int_equal(task->polls, 3);
	assert_int_equal(task->requests_micro, 750);
	task_free(task);
	ok(ledger_past(s->b, ME, 0, 0, keep_past, &is, &s->err));
	assert_int_equal(is.polls, 3);
	assert_int_equal(is.requests_micro, 750);
	assert_int_equal(is.queued_until_unix_ms, NOW + 9);
	assert_int_equal(is.generating_by_unix_ms, NOW + 20);
	assert_int_equal(is.detected_unix_ms, NOW + 40);
}

/* By each of their names, and in the order they are asked for. */
static void many_are_found_at_once(void **state)
{
	struct suite *s = *state;
	const char *const ids[] = { "t2", "nobody", "t1", "t2" };
	struct task *tasks[COUNT(ids)] = { NULL };

	adopt(s, "t1");
	adopt(s, "t2");
	see(s, "t2", TASK_QUEUED, "u0");
	ok(ledger_find_all(s->b, ME, ids, 0, tasks, &s->err));
	ok(ledger_find_all(s->b, ME, ids, COUNT(ids), tasks, &s->err));
	assert_string_equal(tasks[0]->submit_id, "t2");
	assert_int_equal(tasks[0]->n_assets, 1);
	assert_null(tasks[1]);
	assert_string_equal(tasks[2]->submit_id, "t1");
	assert_int_equal(tasks[2]->n_assets, 0);
	assert_int_equal(tasks[3]->n_assets, 1);
	for (size_t i = 0; i < COUNT(tasks); i++)
		task_free(tasks[i]);
}

/* As ledger_find() has them, of any tasks, in one answer. */
static void assets_are_found_together(void **state)
{
	struct suite *s = *state;
	const struct asset bytes = bytes_of(0, "u0", "/p/0");
	struct asset_known known[] = { { .submit_id = "t2" }, { .submit_id = "t1" },
		{ .submit_id = "t1", .index = 1 }, { .submit_id = "t9" } };
	struct arena arena = arena_make(1 << 20);

	adopt(s, "t1");
	adopt(s, "t2");
	see(s, "t1", TASK_SUCCEEDED, "u0");
	see(s, "t2", TASK_SUCCEEDED, "u1");
	ok(ledger_asset_progress(s->a, ME, "t2", 0, "\"tag\"", &s->err));
	ok(ledger_asset_fetched(s->a, ME, "t1", &bytes, &s->err));
	ok(ledger_find_assets(s->b, ME, known, 4, &arena, &s->err));
	assert_true(known[0].is_known);
	assert_int_equal(known[0].asset.state, ASSET_WANTED);
	assert_string_equal(known[0].asset.etag, "\"tag\"");
	assert_null(known[0].asset.path);
	assert_true(known[1].is_known);
	assert_int_equal(known[1].asset.state, ASSET_FETCHED);
	assert_string_equal(known[1].asset.uri, "u0");
	assert_string_equal(known[1].asset.path, "/p/0");
	assert_string_equal(known[1].asset.sha256, SHA);
	assert_int_equal(known[1].asset.stored_bytes, 123);
	assert_false(known[2].is_known);
	assert_false(known[3].is_known);
	arena_release(&arena);
}

/* --- lists ----------------------------------------------------------------------- */

struct ids {
	char text[200];
	size_t left; /* then enough */
};

static bool add_id(struct ids *ids, const char *id)
{
	const size_t len = strlen(ids->text);

	(void)snprintf(ids->text + len, sizeof(ids->text) - len, "%s ", id);
	return --ids->left > 0;
}

static bool add_task(void *payload, const struct task *task)
{
	return add_id(payload, task->submit_id);
}

static bool add_past(void *payload, const struct past_task *task)
{
	return add_id(payload, task->submit_id);
}

static bool add_open(void *payload, const struct open_task *task)
{
	char text[100];

	(void)snprintf(text, sizeof(text), "%s%s%s%s", task->submit_id,
	    task->is_waiting ? "*" : "", task->has_owner ? "!" : "",
	    task->is_doubtful ? "?" : "");
	return add_id(payload, text);
}

static void make_some(struct suite *s)
{
	const char *const ids[] = { "aa", "ab", "b" };

	for (size_t i = 0; i < COUNT(ids); i++)
		ok(ledger_adopt(s->a, ME, &ids[i], 1, NOW + (int64_t)i, &s->err));
	see(s, "aa", TASK_SUCCEEDED, "u0");
	see(s, "ab", TASK_CANCELLED, NULL);
	see(s, "c", TASK_NOT_FOUND, NULL);
	ok(ledger_adopt(s->a, "other", ids, 1, NOW, &s->err));
}

static const struct {
	struct ledger_filter filter;
	size_t most;
	const char *ids;
} lists[] = {
	{ { .account = ME }, 99, "b ab aa " },
	{ { .account = ME }, 2, "b ab " },
	{ { .account = ME, .limit = 1 }, 99, "b " },
	{ { .account = ME, .only_unfinished = true }, 99, "b aa " },
	{ { .account = ME, .has_state = true, .state = TASK_NOT_FOUND }, 99, "c " },
	{ { .account = ME, .has_state = true, .state = TASK_CANCELLED }, 99, "ab " },
	{ { .account = ME, .since_unix_ms = NOW + 2 }, 99, "b " },
	{ { .limit = 2 }, 99, "aa b " },
	{ { .account = "nobody" }, 99, "" },
};

static void a_list_has_the_newest_first(void **state)
{
	struct suite *s = *state;

	make_some(s);
	for (size_t i = 0; i < COUNT(lists); i++) {
		struct ids ids = { "", lists[i].most };

		ok(ledger_list(s->b, &lists[i].filter, add_task, &ids, &s->err));
		assert_string_equal(ids.text, lists[i].ids);
	}
}

static void past_open_and_prefix(void **state)
{
	struct suite *s = *state;
	struct ids past = { "", 99 }, open = { "", 99 };
	struct ledger_found found;

	make_some(s);
	ok(ledger_past(s->b, ME, NOW + 1, 1, add_past, &past, &s->err));
	ok(ledger_past(s->b, ME, 0, 0, add_past, &past, &s->err));
	assert_string_equal(past.text, "b b ab aa ");
	assert_true(token_at(s, s->a, "b", NOW) > 0);
	ok(ledger_open_tasks(s->b, ME, add_open, &open, &s->err));
	assert_string_equal(open.text, "aa b! c? ");
	ok(ledger_prefix(s->b, ME, "a", &found, &s->err));
	assert_int_equal(found.n, 2);
	assert_string_equal(found.ids[1], "ab");
	ok(ledger_prefix(s->b, ME, "x", &found, &s->err));
	assert_int_equal(found.n, 0);
}

static void a_doubtful_end_is_open_until_it_is_believed(void **state)
{
	struct suite *s = *state;
	struct task *seen = look("t1", TASK_FAILED);
	struct ids before = { "", 99 }, after = { "", 99 };

	seen->fail.class = FAIL_CONTRACT;
	ok(ledger_observe(s->a, ME, &seen, NULL, 1, NOW, &s->err));
	task_free(seen);
	ok(ledger_open_tasks(s->b, ME, add_open, &before, &s->err));
	assert_string_equal(before.text, "t1? ");
	ok(ledger_believe(s->b, ME, "t1", &s->err));
	ok(ledger_open_tasks(s->a, ME, add_open, &after, &s->err));
	assert_string_equal(after.text, "");
}

static void what_is_forgotten_is_gone(void **state)
{
	struct suite *s = *state;

	make_some(s);
	ok(ledger_forget(s->b, ME, "aa", &s->err));
	assert_int_equal(ledger_forget(s->a, ME, "aa", &s->err), ERR_NOT_FOUND);
	assert_string_equal(state_of(s, "aa"), "none");
	assert_string_equal(say_events(s, "aa"), "");
}

static bool count_event(void *payload, const struct ledger_event *event)
{
	size_t *n = payload;

	if (*n == 0)
		assert_string_equal(event->text, "unknown: asked for by its id");
	(*n)++;
	return true;
}

static void the_first_event_and_the_newest_stay(void **state)
{
	struct suite *s = *state;
	size_t n = 0;

	adopt(s, "t1");
	for (int i = 0; i < 150; i++) {
		see(s, "t1", TASK_QUEUED, NULL);
		see(s, "t1", TASK_UNKNOWN, NULL);
		see(s, "t1", TASK_GENERATING, NULL);
	}
	ok(ledger_events(s->b, ME, "t1", count_event, &n, &s->err));
	assert_true(n <= 250);
}

static void a_ledger_that_must_be_there(void **state)
{
	struct suite *s = *state;
	const struct ledger_options options = { .must_exist = true };
	struct ledger *ledger = NULL;
	char url[200];

	adopt(s, "t1");
	(void)snprintf(url, sizeof(url), "%s-none", s->url);
	assert_int_equal(
	    ledger_open_with(url, &options, &ledger, &s->err), ERR_NOT_FOUND);
	ok(ledger_open_with(s->url, &options, &ledger, &s->err));
	assert_null(ledger_doubt(ledger));
	assert_true(ledger_has_room(ledger, 1));
	ledger_close(s->b);
	s->b = ledger;
	assert_string_equal(state_of(s, "t1"), "unknown");
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, suite_begin, suite_end)
	const struct CMUnitTest tests[] = {
		T(the_later_pause_wins),
		T(a_budget_is_of_all),
		T(a_page_and_its_walk_are_one),
		T(a_walk_goes_on_without_tasks),
		T(a_page_that_is_refused_leaves_the_walk),
		T(looks_are_added_up),
		T(many_are_found_at_once),
		T(assets_are_found_together),
		T(a_list_has_the_newest_first),
		T(past_open_and_prefix),
		T(a_doubtful_end_is_open_until_it_is_believed),
		T(what_is_forgotten_is_gone),
		T(the_first_event_and_the_newest_stay),
		T(a_ledger_that_must_be_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
