/* watch and what it owns, through clocks that jump and owners that change. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <unistd.h>

#include "base/cleanup.h"
#include "ledger_lab.h"
#include "watch_scene.h"

static void broken(
    struct scene *scene, struct raw_peer *peer, const char *request, unsigned number)
{
	(void)request;
	(void)number;
	if (!play_say_if_well(scene, peer))
		scene_say_data(peer, "\"t\":7");
}

/* --- what rests ------------------------------------------------------------------ */

/* For good: with the service's own code. */
static void has_failed(const struct scene *scene)
{
	_cleanup_(task_freep) struct task *seen = task_new();

	assert_non_null(seen);
	seen->submit_id = "t";
	seen->state = TASK_FAILED;
	seen->fail = (struct task_fail){ .class = FAIL_CONTENT, .code = "2038" };
	lab_observe(scene->ledger, seen);
}

static bool end_it_elsewhere(struct scene *scene, struct play *play)
{
	if (play->step == 0 && atomic_load(&scene->queries) >= 3) {
		has_failed(scene);
		play->step = 1;
	}
	return true;
}

/* It rests for a minute, and meanwhile somebody else brings it to its end. */
static void what_rests_may_end_elsewhere(void **state)
{
	PLAY play = { .act = end_it_elsewhere };
	SCENE scene = { .on_query = broken, .wire = fast };

	(void)state;
	play_open(&scene, &play);
	play_adopt(&play, "t");
	assert_int_equal(watch(&scene, true), DQ_OK);
	assert_int_equal(play.step, 1);
	assert_int_equal(atomic_load(&scene.queries), 3);
}

static bool sleep_while_it_rests(struct scene *scene, struct play *play)
{
	if (play->step == 0 && atomic_load(&scene->queries) >= 3 && play->from == 0)
		play->from = play->tick;
	if (play->step == 0 && play->from && play->tick > play->from + 2) {
		atomic_store(&play_is_well, true);
		scene_pass(scene, 61000);
		play->step = 1;
	}
	return true;
}

static void what_has_rested_begins_anew(void **state)
{
	PLAY play = { .act = sleep_while_it_rests };
	SCENE scene = { .on_query = broken };

	(void)state;
	play_open(&scene, &play);
	play_adopt(&play, "t");
	assert_int_equal(watch(&scene, true), DQ_OK);
	assert_true(scene_has_file(&scene, "t", 0, &scene.media));
	assert_non_null(strstr(scene.log, "\"event\":\"task\""));
}

/* --- leases that are lost -------------------------------------------------------- */

/* We sleep for a minute; another process takes it, and gives it back. */
static bool lose_and_regain(struct scene *scene, struct play *play)
{
	const unsigned queries = atomic_load(&scene->queries);

	switch (play->step) {
	case 0:
		if (queries < 2)
			return true;
		scene_pass(scene, 60000);
		play->token = play_take(play, "t", 0);
		break;
	case 1:
		if (play->tick < play->from + 8)
			return true;
		play->mark = queries;
		break;
	case 2:
		if (play->tick < play->from + 5)
			return true;
		if (queries > play->mark)
			play->was_late = true; /* it is not ours to ask */
		play_give(play, "t");
		break;
	default:
		return queries == play->mark;
	}
	play->step++;
	play->from = play->tick;
	return true;
}

static void what_another_took_is_taken_back(void **state)
{
	PLAY play = { .act = lose_and_regain };
	SCENE scene = { .on_query = running };

	(void)state;
	play_open(&scene, &play);
	play_adopt(&play, "t");
	assert_int_equal(watch(&scene, false), DQ_OK);
	assert_true(play.token > 0);
	assert_false(play.was_late);
}

/* --- forgotten ------------------------------------------------------------------- */

static bool forget_it(struct scene *scene, struct play *play)
{
	if (play->step == 0 && atomic_load(&scene->queries) >= 2) {
		play_forget(play, "t");
		play->step = 1;
	}
	return true;
}

static void what_is_forgotten_is_let_go(void **state)
{
	PLAY play = { .act = forget_it };
	SCENE scene = { .on_query = running };

	(void)state;
	play_open(&scene, &play);
	play_adopt(&play, "t");
	assert_int_equal(watch(&scene, true), DQ_OK);
	assert_int_equal(play.step, 1);
}

static void forget_then_accept(
    struct scene *scene, struct raw_peer *peer, const char *request, unsigned number)
{
	(void)request;
	(void)number;
	lab_forget(scene->ledger, "t");
	raw_answer(peer, 200, "", "{\"ret\":\"0\",\"data\":{\"submit_id\":\"t\"}}");
}

static void what_is_forgotten_while_it_is_sent_stops_nothing(void **state)
{
	PLAY play = { .act = NULL };
	SCENE scene = { .on_submit = forget_then_accept };

	(void)state;
	play_open(&scene, &play);
	play_intend(&play, "t");
	assert_int_equal(watch(&scene, true), DQ_OK);
	assert_int_equal(atomic_load(&scene.submits), 1);
}

static void forget_then_deny(
    struct scene *scene, struct raw_peer *peer, const char *request, unsigned number)
{
	(void)request;
	if (number == 0)
		lab_forget(scene->ledger, "t");
	raw_answer(peer, 404, "", "gone");
}

static void what_is_forgotten_while_it_is_fetched_stops_nothing(void **state)
{
	PLAY play = { .act = NULL };
	SCENE scene = { .on_file = forget_then_deny, .wire = fast };

	(void)state;
	play_open(&scene, &play);
	play_adopt(&play, "t");
	assert_int_equal(watch(&scene, true), DQ_OK);
}

/* --- the end --------------------------------------------------------------------- */

/* Waits of the loop that began while nothing at all happened. */
static atomic_uint spun;

/* A second later by the clocks, and after a moment that only a loop that spins can see.
 */
static void accept_late(
    struct scene *scene, struct raw_peer *peer, const char *request, unsigned number)
{
	unsigned waits;

	(void)request;
	(void)number;
	for (int i = 0; i < 5; i++)
		scene_pass_seen(scene, 200);
	waits = atomic_load(&scene->waits);
	(void)usleep(20 * 1000);
	atomic_store(&spun, atomic_load(&scene->waits) - waits);
	raw_answer(peer, 200, "", "{\"ret\":\"0\",\"data\":{\"submit_id\":\"t\"}}");
}

static bool drain_once_sent(struct scene *scene, struct play *play)
{
	if (play->step == 0 && atomic_load(&scene->submits) > 0) {
		play->step = 1;
		return false;
	}
	return true;
}

/* The grace is over, and a submit that has left is still waited for. */
static void draining_does_not_spin(void **state)
{
	PLAY play = { .act = drain_once_sent };
	SCENE scene = { .on_submit = accept_late };

	(void)state;
	play_open(&scene, &play);
	play_intend(&play, "t");
	assert_int_equal(watch(&scene, false), DQ_OK);
	lab_assert_state(scene.ledger, "t", "queued");
	assert_int_equal(play.step, 1);
	assert_in_range(atomic_load(&spun), 0, 3);
}

static void never_answer(
    struct scene *scene, struct raw_peer *peer, const char *request, unsigned number)
{
	(void)request, (void)number;
	scene_pass(scene, 11 * 1000);
	raw_stall(peer);
}

static void the_end_of_the_time_leaves_a_submit_unclear(void **state)
{
	const struct dq_watch wish = { .size_bytes = sizeof(wish),
		.get = { .size_bytes = sizeof(wish.get),
		    .wait = {
			.size_bytes = sizeof(wish.get.wait), .max_wait_ms = 10000 } } };
	PLAY play = { 0 };
	SCENE scene = { .on_submit = never_answer };

	(void)state;
	play_open(&scene, &play);
	play_intend(&play, "t");
	assert_int_equal(dq_watch(scene.dq, &wish, &scene.err), DQ_OK);
	assert_int_equal(atomic_load(&scene.submits), 1);
	lab_assert_state(scene.ledger, "t", "unknown");
}

/* --- the account ----------------------------------------------------------------- */

static bool sleep_an_hour(struct scene *scene, struct play *play)
{
	if (play->step == 0 && play->tick > 3) {
		play->mark = atomic_load(&scene->queries);
		scene_pass(scene, 3601 * 1000);
		play->step = 1;
	}
	return true;
}

/* Whoever wrote it had a wrong clock: it is obeyed, but not for ever. */
static void a_pause_of_ten_years_is_over_in_an_hour(void **state)
{
	struct account_pause pause = { .kind = ERR_ACCOUNT, .text = "risk" };
	PLAY play = { .act = sleep_an_hour };
	SCENE scene = { .on_query = NULL };
	struct err err;

	(void)state;
	play_open(&scene, &play);
	play_adopt(&play, "t");
	pause.until_unix_ms = scene_now().unix_ms + INT64_C(315360000000);
	assert_int_equal(ledger_pause(play.other, "default", &pause, &err), ERR_OK);
	assert_int_equal(watch(&scene, true), DQ_OK);
	assert_int_equal(play.step, 1);
	assert_int_equal(play.mark, 0);
	assert_int_equal(scene.notes[DQ_NOTE_PAUSE], 1);
	assert_true(scene_has_file(&scene, "t", 0, &scene.media));
}

static void fails_once(
    struct scene *scene, struct raw_peer *peer, const char *request, unsigned number)
{
	const struct record record = { .id = "t", .status = 50, .usable = 1, .total = 1 };

	(void)request;
	if (number == 0)
		raw_answer(peer, 503, "", "down");
	else
		scene_say(scene, peer, &record);
}

/* A front end can tell a request that is tried again from one that works again. */
static void a_failure_and_its_end_are_told_by_kind(void **state)
{
	PLAY play = { 0 };
	SCENE scene = { .on_query = fails_once };

	(void)state;
	play_open(&scene, &play);
	play_adopt(&play, "t");
	assert_int_equal(watch(&scene, true), DQ_OK);
	assert_int_equal(scene.notes[DQ_NOTE_RETRY], 1);
	assert_int_equal(scene.notes[DQ_NOTE_RESUME], 1);
	assert_int_equal(scene.notes[DQ_NOTE_WARNING], 0);
	assert_true(scene_has_file(&scene, "t", 0, &scene.media));
}

/* --- a damaged ledger -------------------------------------------------------------- */

static bool double_it(struct scene *scene, struct play *play)
{
	if (play->step == 0) {
		play_adopt(play, "t");
		lab_double(scene->ledger, "t");
		play->step = 1;
	} else if (play->step == 1 && atomic_load(&scene->queries) >= 1) {
		atomic_store(&play_is_well, true);
		play->step = 2;
	}
	return true;
}

/*
 * What a search finds twice is followed once. The damage is told when the file is to be
 * noted, on a handle that is new: nobody writes into such a ledger.
 */
static void a_row_that_is_there_twice_crashes_nothing(void **state)
{
	PLAY play = { .act = double_it };
	SCENE scene = { .on_query = running, .wire = fast };
	const struct dq_watch wish = { .size_bytes = sizeof(wish),
		.get = { .size_bytes = sizeof(wish.get),
		    .wait = { .size_bytes = sizeof(wish.get.wait), .interval_ms = 50 },
		    .sink = scene.out } };

	(void)state;
	play_open(&scene, &play);
	assert_int_equal(dq_watch(scene.dq, &wish, &scene.err), DQ_STORAGE);
	assert_int_equal(play.step, 2);
	assert_int_equal(scene.told[DQ_EVENT_TASK], 1);
	assert_non_null(strstr(scene.log, "is damaged, and left as it is"));
	assert_int_equal(scene.told[DQ_EVENT_STORED], 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_rests_may_end_elsewhere),
		cmocka_unit_test(what_has_rested_begins_anew),
		cmocka_unit_test(what_another_took_is_taken_back),
		cmocka_unit_test(what_is_forgotten_is_let_go),
		cmocka_unit_test(what_is_forgotten_while_it_is_sent_stops_nothing),
		cmocka_unit_test(what_is_forgotten_while_it_is_fetched_stops_nothing),
		cmocka_unit_test(draining_does_not_spin),
		cmocka_unit_test(the_end_of_the_time_leaves_a_submit_unclear),
		cmocka_unit_test(a_pause_of_ten_years_is_over_in_an_hour),
		cmocka_unit_test(a_failure_and_its_end_are_told_by_kind),
		cmocka_unit_test(a_row_that_is_there_twice_crashes_nothing),
	};

	return cmocka_run_group_tests_name("watch", tests, NULL, NULL);
}
