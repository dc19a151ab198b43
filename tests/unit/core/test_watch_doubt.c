/* Ends that a later look may refute, and a wall clock that somebody sets meanwhile. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "ledger_lab.h"
#include "watch_scene.h"

enum { DAY_MS = 24 * 60 * 60 * 1000 };

/* Without code and without time: a failure that may be none. */
static void seems_failed(
    struct scene *scene, struct raw_peer *peer, const char *request, unsigned number)
{
	const struct record record = { .id = "t", .status = 30, .total = 1 };

	(void)request;
	(void)number;
	if (!play_say_if_well(scene, peer))
		scene_say(scene, peer, &record);
}

static bool is_home(const struct scene *scene)
{
	return scene_has_file(scene, "t", 0, &scene->media);
}

/* --- nobody has looked for long ----------------------------------------------------- */

static bool end_when_home(struct scene *scene, struct play *play)
{
	(void)play;
	return !is_home(scene);
}

/* The machine slept, or there was no watch: the three hours are over, and nobody looked.
 */
static void an_old_end_is_looked_at_once_more(void **state)
{
	PLAY play = { .act = end_when_home };
	SCENE scene = { .on_query = seems_failed, .wire = fast };
	_cleanup_(task_freep) struct task *seen = task_new();

	(void)state;
	play_open(&scene, &play);
	play_adopt(&play, "t");
	assert_non_null(seen);
	seen->submit_id = "t";
	seen->state = TASK_FAILED;
	seen->fail.class = FAIL_SERVICE;
	lab_observe(scene.ledger, seen);
	scene_pass(&scene, DAY_MS);
	atomic_store(&play_is_well, true);
	assert_int_equal(watch(&scene, false), DQ_OK);
	assert_false(play.was_late);
	assert_true(is_home(&scene));
}

/* --- the clock is set --------------------------------------------------------------- */

static int64_t set_by_ms;

static bool set_the_clock(struct scene *scene, struct play *play)
{
	if (play->step == 0 && scene->told[DQ_EVENT_TASK] > 0) {
		scene_set_wall(set_by_ms);
		play->step++;
		play->from = play->tick;
	} else if (play->step == 1 && play->tick > play->from + 10) {
		atomic_store(&play_is_well, true);
		play->step++;
	}
	return !is_home(scene);
}

static void no_clock_ends_the_looks(void **state)
{
	static const int64_t jumps_ms[] = { 0, DAY_MS, -DAY_MS,
		-INT64_C(20000) * DAY_MS };

	(void)state;
	for (size_t i = 0; i < sizeof(jumps_ms) / sizeof(*jumps_ms); i++) {
		PLAY play = { .act = set_the_clock };
		SCENE scene = { .on_query = seems_failed, .wire = fast };

		set_by_ms = jumps_ms[i];
		play_open(&scene, &play);
		play_adopt(&play, "t");
		assert_int_equal(watch(&scene, false), DQ_OK);
		assert_false(play.was_late);
		assert_true(is_home(&scene));
	}
}

/* --- and yet they end -------------------------------------------------------------- */

/* Three hours of the service are 10.8 s here. */
static bool count_late_looks(struct scene *scene, struct play *play)
{
	if (play->step == 0 && scene->told[DQ_EVENT_TASK] > 0) {
		scene_set_wall(set_by_ms);
		play->step++;
		play->from = play->tick;
	}
	if (play->step == 1 && play->tick == play->from + 56)
		play->mark = atomic_load(&scene->queries);
	return play->step == 0 || play->tick < play->from + 62;
}

static void the_looks_end_after_three_hours(void **state)
{
	static const int64_t jumps_ms[] = { 0, -DAY_MS };

	(void)state;
	for (size_t i = 0; i < sizeof(jumps_ms) / sizeof(*jumps_ms); i++) {
		PLAY play = { .act = count_late_looks };
		SCENE scene = { .on_query = seems_failed, .wire = fast };

		set_by_ms = jumps_ms[i];
		play_open(&scene, &play);
		play_adopt(&play, "t");
		assert_int_equal(watch(&scene, false), DQ_OK);
		assert_false(play.was_late);
		assert_true(play.mark >= 5);
		assert_int_equal(atomic_load(&scene.queries), play.mark);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_old_end_is_looked_at_once_more),
		cmocka_unit_test(no_clock_ends_the_looks),
		cmocka_unit_test(the_looks_end_after_three_hours),
	};

	return cmocka_run_group_tests_name("watch_doubt", tests, NULL, NULL);
}
