/*
 * suite_follow.c - what every ledger promises about ids, looks, files and leases.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "suite.h"

enum { DAY_MS = 24 * 60 * 60 * 1000 };

/* --- ids and looks --------------------------------------------------------------- */

static void an_id_is_adopted_once(void **state)
{
	struct suite *s = *state;
	const char *const ids[] = { "t1", "t2" }, *const bad[] = { "t3", "no id" };

	ok(ledger_adopt(s->a, ME, ids, 2, NOW, &s->err));
	ok(ledger_adopt(s->b, ME, ids, 2, NOW, &s->err));
	assert_string_equal(say_events(s, "t2"), "state|unknown: asked for by its id\n");
	assert_int_equal(ledger_adopt(s->a, ME, bad, 2, NOW, &s->err), ERR_USAGE);
	assert_string_equal(state_of(s, "t3"), "none");
}

static void a_stray_is_forgotten_after_a_day(void **state)
{
	struct suite *s = *state;
	const char *other = "t2";

	adopt(s, "t1");
	see(s, "t1", TASK_NOT_FOUND, NULL);
	ok(ledger_adopt(s->a, ME, &other, 1, NOW + DAY_MS, &s->err));
	assert_string_equal(state_of(s, "t1"), "not_found");
	other = "t3";
	ok(ledger_adopt(s->a, ME, &other, 1, NOW + DAY_MS + 2, &s->err));
	assert_string_equal(state_of(s, "t1"), "none");
}

/* Whether it was given back alone, or with all others, nobody has it. */
static void a_stray_is_forgotten_when_nobody_has_it(void **state)
{
	struct suite *s = *state;
	const char *other = "t2";

	adopt(s, "t1");
	assert_true(token_at(s, s->a, "t1", NOW) > 0);
	see(s, "t1", TASK_NOT_FOUND, NULL);
	ok(ledger_adopt(s->b, ME, &other, 1, NOW + DAY_MS + 2, &s->err));
	assert_string_equal(state_of(s, "t1"), "not_found");
	ledger_lease_release_all(s->a);
	other = "t3";
	ok(ledger_adopt(s->b, ME, &other, 1, NOW + DAY_MS + 2, &s->err));
	assert_string_equal(state_of(s, "t1"), "none");
}

static void a_look_is_completed(void **state)
{
	struct suite *s = *state;
	const struct intent intent = intent_of("t1");
	struct task *seen = look_with("77", TASK_SUCCEEDED, "u0");

	wait_one(s, &intent);
	assert_true(begins(s, s->a, "t1"));
	answer(s, s->a, "t1", TASK_QUEUED);
	ok(ledger_observe(s->b, ME, &seen, NULL, 1, NOW, &s->err));
	assert_string_equal(seen->submit_id, "77");
	assert_string_equal(seen->prompt, "a cat");
	assert_int_equal(seen->assets[0].state, ASSET_WANTED);
	assert_non_null(seen->assets[0].url);
	task_free(seen);
	/* What is not shown any more is there, without a link. */
	seen = look_with("t1", TASK_SUCCEEDED, "u1");
	ok(ledger_observe(s->a, ME, &seen, NULL, 1, NOW, &s->err));
	assert_int_equal(seen->n_assets, 1);
	assert_string_equal(seen->assets[0].uri, "u1");
	task_free(seen);
}

static void an_illegal_move_is_noted_once(void **state)
{
	struct suite *s = *state;
	const char *note;

	see(s, "t1", TASK_SUCCEEDED, "u0");
	see(s, "t1", TASK_QUEUED, NULL);
	see(s, "t1", TASK_QUEUED, NULL);
	assert_string_equal(state_of(s, "t1"), "succeeded");
	note = strstr(say_events(s, "t1"), "note|a poll showed 'queued'; it stays");
	assert_non_null(note);
	assert_null(strstr(note + 1, "note|"));
}

static void news_is_what_others_wrote(void **state)
{
	struct suite *s = *state;

	assert_true(ledger_has_changed(s->b));
	assert_false(ledger_has_changed(s->b));
	see(s, "t1", TASK_QUEUED, NULL);
	assert_true(ledger_has_changed(s->b));
	/* Nothing new is shown, and nothing is written. */
	see(s, "t1", TASK_QUEUED, NULL);
	assert_false(ledger_has_changed(s->b));
	(void)ledger_has_changed(s->a);
	see(s, "t1", TASK_GENERATING, NULL);
	assert_false(ledger_has_changed(s->a));
}

/* --- files ----------------------------------------------------------------------- */

static enum asset_state file_of(struct suite *s, const char *path)
{
	struct task *task = find(s, "t1");
	const enum asset_state state = task->assets[0].state;

	if (path)
		assert_string_equal(task->assets[0].path, path);
	else
		assert_null(task->assets[0].path);
	task_free(task);
	return state;
}

static void fetch(struct suite *s, const char *path)
{
	const struct asset bytes = bytes_of(0, "u0", path);

	ok(ledger_asset_fetched(s->a, ME, "t1", &bytes, &s->err));
}

/* Which variant lies there; NULL: nothing is known of it. */
static void expect_choice(struct suite *s, const char *choice)
{
	struct task *task = find(s, "t1");

	if (choice)
		assert_string_equal(task->assets[0].choice, choice);
	else
		assert_null(task->assets[0].choice);
	task_free(task);
}

static void fetch_variant(struct suite *s, const char *path, const char *choice)
{
	struct asset bytes = bytes_of(0, "u0", path);

	bytes.choice = choice;
	ok(ledger_asset_fetched(s->a, ME, "t1", &bytes, &s->err));
}

static void a_choice_goes_with_its_file(void **state)
{
	struct suite *s = *state;
	char too_long[20000];

	see(s, "t1", TASK_SUCCEEDED, "u0");
	expect_choice(s, NULL);
	fetch_variant(s, "/sample", "{\"quality\":\"best-listed\"}");
	expect_choice(s, "{\"quality\":\"best-listed\"}");
	ok(ledger_asset_stored(s->b, ME, "t1", 0, NOW, &s->err));
	expect_choice(s, "{\"quality\":\"best-listed\"}");
	/* A better one is on its way: the old one is what we have. */
	fetch_variant(s, "/original", "{\"quality\":\"original\"}");
	expect_choice(s, "{\"quality\":\"best-listed\"}");
	see(s, "t1", TASK_SUCCEEDED, "u0");
	ok(ledger_asset_stored(s->a, ME, "t1", 0, NOW, &s->err));
	expect_choice(s, "{\"quality\":\"original\"}");
	ok(ledger_asset_wanted(s->a, ME, "t1", 0, &s->err));
	expect_choice(s, NULL);
	memset(too_long, 'x', sizeof(too_long) - 1);
	too_long[sizeof(too_long) - 1] = '\0';
	fetch_variant(s, "/sample", too_long);
	expect_choice(s, NULL);
	assert_int_equal(file_of(s, "/sample"), ASSET_FETCHED);
}

static bool count_place(void *payload, const struct ledger_place *place)
{
	size_t *n = payload;

	assert_string_equal(place->path, *n ? "/second" : "/first");
	(*n)++;
	return true;
}

static void a_file_comes_home(void **state)
{
	struct suite *s = *state;
	size_t n = 0;

	see(s, "t1", TASK_SUCCEEDED, "u0");
	assert_int_equal(file_of(s, NULL), ASSET_WANTED);
	fetch(s, "/first");
	assert_int_equal(file_of(s, "/first"), ASSET_FETCHED);
	ok(ledger_asset_stored(s->b, ME, "t1", 0, NOW, &s->err));
	ok(ledger_asset_stored(s->a, ME, "t1", 0, NOW, &s->err));
	assert_int_equal(file_of(s, "/first"), ASSET_STORED);
	/* A copy is on its way: the old one is what we have. */
	fetch(s, "/second");
	assert_int_equal(file_of(s, "/first"), ASSET_STORED);
	ok(ledger_asset_lost(s->a, ME, "t1", 0, "no", &s->err));
	ok(ledger_asset_stored(s->a, ME, "t1", 0, NOW, &s->err));
	assert_int_equal(file_of(s, "/second"), ASSET_STORED);
	ok(ledger_asset_wanted(s->a, ME, "t1", 0, &s->err));
	assert_int_equal(file_of(s, NULL), ASSET_WANTED);
	ok(ledger_asset_lost(s->a, ME, "t1", 0, "gone", &s->err));
	assert_int_equal(file_of(s, NULL), ASSET_LOST);
	ok(ledger_places(s->b, ME, "t1", count_place, &n, &s->err));
	assert_int_equal(n, 2);
}

static struct ledger_entry move_of(
    const char *id, const struct asset *asset, enum asset_state to)
{
	return (struct ledger_entry){ .kind = ENTRY_MOVE,
		.move = { .submit_id = id, .asset = asset, .to = to } };
}

static void each_move_has_its_own_fault(void **state)
{
	struct suite *s = *state;
	const struct asset good = bytes_of(0, "u0", "/f"), anew = bytes_of(0, "u9", "/g"),
			   none = bytes_of(7, NULL, "/h"), empty = bytes_of(0, "u0", "");
	struct ledger_entry entries[] = {
		move_of("t1", &good, ASSET_STORED),
		move_of("t1", &anew, ASSET_FETCHED),
		move_of("t1", &none, ASSET_FETCHED),
		move_of("t9", &good, ASSET_FETCHED),
		move_of("t1", &empty, ASSET_FETCHED),
		move_of("t1", &good, ASSET_FETCHED),
	};
	const enum err_kind wanted[] = { ERR_LEDGER, ERR_LEDGER, ERR_NOT_FOUND,
		ERR_NOT_FOUND, ERR_USAGE, ERR_OK };

	see(s, "t1", TASK_SUCCEEDED, "u0");
	ok(ledger_commit(s->a, ME, entries, COUNT(entries), NOW, &s->err));
	for (size_t i = 0; i < COUNT(entries); i++)
		assert_int_equal(entries[i].why.kind, wanted[i]);
	assert_int_equal(file_of(s, "/f"), ASSET_FETCHED);
}

static bool count_unsynced(void *payload, const struct ledger_event *event)
{
	size_t *n = payload;

	*n += strstr(event->text, "stored: ") && strstr(event->text, "--no-sync");
	return true;
}

/* It is stored as any other; only its event says that nobody waited for the disk. */
static void what_was_not_synced_is_known(void **state)
{
	struct suite *s = *state;
	const struct asset file = bytes_of(0, "u0", "/f");
	struct ledger_entry entries[] = { move_of("t1", &file, ASSET_FETCHED),
		move_of("t1", &file, ASSET_STORED) };
	size_t n = 0;

	see(s, "t1", TASK_SUCCEEDED, "u0");
	ok(ledger_commit(s->a, ME, entries, COUNT(entries), NOW, &s->err));
	ok(ledger_events(s->a, ME, "t1", count_unsynced, &n, &s->err));
	assert_int_equal(n, 0);
	entries[1].move.is_unsynced = true;
	ok(ledger_commit(s->a, ME, entries, COUNT(entries), NOW, &s->err));
	ok(ledger_events(s->a, ME, "t1", count_unsynced, &n, &s->err));
	assert_int_equal(n, 1);
	assert_int_equal(file_of(s, "/f"), ASSET_STORED);
}

/* --- leases ---------------------------------------------------------------------- */

static void a_task_has_one_owner(void **state)
{
	struct suite *s = *state;
	const char *id = "t1";
	int64_t first;

	assert_int_equal(token_at(s, s->a, "t1", NOW), 0);
	adopt(s, "t1");
	first = token_at(s, s->a, "t1", NOW);
	assert_true(first > 0);
	assert_int_equal(token_at(s, s->a, "t1", NOW), first);
	assert_int_equal(token_at(s, s->b, "t1", NOW + LEDGER_LEASE_MS), 0);
	ok(ledger_lease_renew(s->a, NOW + LEDGER_LEASE_MS, &s->err));
	assert_int_equal(token_at(s, s->b, "t1", NOW + 2 * LEDGER_LEASE_MS), 0);
	ok(ledger_lease_release(s->a, ME, &id, 1, &s->err));
	assert_true(token_at(s, s->b, "t1", NOW) > first);
	/* Its own look is written, and a late one is not. */
	assert_int_equal(token_at(s, s->a, "t1", NOW), 0);
}

static void all_are_given_back_at_once(void **state)
{
	struct suite *s = *state;
	int64_t first, second;

	ledger_lease_release_all(s->a);
	adopt(s, "t1");
	adopt(s, "t2");
	first = token_at(s, s->a, "t1", NOW);
	second = token_at(s, s->b, "t2", NOW);
	assert_true(token_at(s, s->a, "t2", NOW) == 0);
	ledger_lease_release_all(s->a);
	ok(ledger_lease_renew(s->a, NOW + 1, &s->err));
	assert_int_equal(token_at(s, s->b, "t2", NOW), second);
	/* Whoever has given back and takes another has not taken back the first. */
	adopt(s, "t3");
	assert_true(token_at(s, s->a, "t3", NOW) > first);
	assert_true(token_at(s, s->b, "t1", NOW) > first);
	assert_int_equal(token_at(s, s->a, "t1", NOW), 0);
}

static void the_stopped_and_the_dead_own_nothing(void **state)
{
	struct suite *s = *state;
	int64_t first, second;

	adopt(s, "t1");
	first = token_at(s, s->a, "t1", NOW);
	second = token_at(s, s->b, "t1", NOW + LEDGER_LEASE_MS + 1);
	assert_true(second > first);
	world_kill(s->b);
	s->b = NULL;
	assert_true(token_at(s, s->a, "t1", NOW + LEDGER_LEASE_MS + 1) > second);
	ok(ledger_open(s->url, &s->b, &s->err));
}

static void a_late_look_is_not_written(void **state)
{
	struct suite *s = *state;
	struct task *seen = look("t1", TASK_FAILED);
	int64_t ours;

	adopt(s, "t1");
	ours = token_at(s, s->a, "t1", NOW);
	assert_true(token_at(s, s->b, "t1", NOW + LEDGER_LEASE_MS + 1) > ours);
	ok(ledger_observe(s->a, ME, &seen, &ours, 1, NOW, &s->err));
	assert_int_equal(ours, 0);
	assert_int_equal(seen->state, TASK_UNKNOWN);
	task_free(seen);
	assert_string_equal(state_of(s, "t1"), "unknown");
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, suite_begin, suite_end)
	const struct CMUnitTest tests[] = {
		T(an_id_is_adopted_once),
		T(a_stray_is_forgotten_after_a_day),
		T(a_stray_is_forgotten_when_nobody_has_it),
		T(a_look_is_completed),
		T(an_illegal_move_is_noted_once),
		T(news_is_what_others_wrote),
		T(a_file_comes_home),
		T(a_choice_goes_with_its_file),
		T(each_move_has_its_own_fault),
		T(what_was_not_synced_is_known),
		T(a_task_has_one_owner),
		T(all_are_given_back_at_once),
		T(the_stopped_and_the_dead_own_nothing),
		T(a_late_look_is_not_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
