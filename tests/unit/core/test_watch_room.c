/* watch without room on the disk, without a folder, and with a ledger that is locked. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "core/account/session.h"
#include "core/policy/retry.h"
#include "ledger_lab.h"
#include "watch_scene.h"

/* --- the disk -------------------------------------------------------------------- */

static void remove_the_folder(
    struct scene *scene, struct raw_peer *peer, const char *request, unsigned number)
{
	char command[200];

	(void)request;
	(void)snprintf(command, sizeof(command), "rm -rf %s", scene->out);
	if (number == 0 && system(command) != 0)
		abort();
	atomic_store(&scene->waits, 0);
	scene_send_file(peer, request, &scene->media, "\"e\"");
}

static bool add_another(struct scene *scene, struct play *play)
{
	if (play->step == 0 && atomic_load(&scene->files) > 0) {
		play->from = play->tick;
		play->step = 1;
	}
	if (play->step == 1 && play->tick > play->from + 5) {
		play_adopt(play, "u");
		play->mark = atomic_load(&scene->queries);
		play->step = 2;
	}
	if (play->step == 2 && atomic_load(&scene->queries) > play->mark) {
		play->step = 3;
		return false;
	}
	return true;
}

/* The folder is gone: nothing can be stored, and the watch lives on without haste. */
static void a_lost_folder_does_not_end_the_looks(void **state)
{
	PLAY play = { .act = add_another };
	SCENE scene = { .on_file = remove_the_folder };

	(void)state;
	play_open(&scene, &play);
	play_adopt(&play, "t");
	assert_int_equal(watch(&scene, false), DQ_OK);
	assert_int_equal(play.step, 3);
	print_message("# %u steps\n", atomic_load(&scene.waits));
	assert_true(atomic_load(&scene.waits) < 500);
}

static bool no_room_for_a_while(struct scene *scene, struct play *play)
{
	if (play->step == 0 && atomic_load(&scene->queries) >= 1) {
		play_set_full(true);
		scene_pass(scene, 11000); /* it renews */
		play->step = 1;
		play->from = play->tick;
	}
	if (play->step == 1 && play->tick > play->from + 2) {
		scene_pass(scene, 31000);
		play->token = play_take(play, "t", 0);
		play_set_full(false);
		scene_pass(scene, 11000);
		play->from = play->tick;
		play->step = 2;
	}
	if (play->step == 2 && play->tick > play->from + 10) {
		play->mark = atomic_load(&scene->queries);
		play->from = play->tick;
		play->step = 3;
	}
	if (play->step == 3 && play->tick > play->from + 5) {
		play->was_late = atomic_load(&scene->queries) > play->mark;
		play->step = 4;
		return false;
	}
	return true;
}

/* Our lease could not be renewed, and another took it: it is not ours any more. */
static void what_could_not_be_renewed_may_be_lost(void **state)
{
	PLAY play = { .act = no_room_for_a_while };
	SCENE scene = { .on_query = running };

	(void)state;
	play_open(&scene, &play);
	play_adopt(&play, "t");
	assert_int_equal(watch(&scene, false), DQ_OK);
	assert_int_equal(play.step, 4);
	assert_true(play.token > 0);
	assert_false(play.was_late);
}

static bool sleep_on_a_full_disk(struct scene *scene, struct play *play)
{
	if (play->step == 0 && atomic_load(&scene->queries) >= 1) {
		play_set_full(true);
		scene_pass(scene, 60000);
		play->step = 1;
		play->from = play->tick;
	}
	if (play->step == 1 && play->tick > play->from + 5) {
		atomic_store(&play_is_well, true);
		play_set_full(false);
		play->step = 2;
	}
	return true;
}

static void waking_up_on_a_full_disk_ends_nothing(void **state)
{
	PLAY play = { .act = sleep_on_a_full_disk };
	SCENE scene = { .on_query = running };

	(void)state;
	play_open(&scene, &play);
	play_into_box(&scene);
	play_adopt(&play, "t");
	assert_int_equal(watch(&scene, true), DQ_OK);
	assert_true(play_has_boxed(&scene));
}

static void deny_for_good(
    struct scene *scene, struct raw_peer *peer, const char *request, unsigned number)
{
	play_set_full(number == RETRY_RENEW_MAX);
	if (atomic_load(&play_is_well))
		scene_send_file(peer, request, &scene->media, "\"e\"");
	else
		raw_answer(peer, 404, "", "gone");
}

static bool room_again(struct scene *scene, struct play *play)
{
	if (play->step == 0 && atomic_load(&scene->files) > RETRY_RENEW_MAX)
		play->from++;
	if (play->step == 0 && play->from == 5) {
		play_set_full(false);
		atomic_store(&play_is_well, true);
		scene_pass(scene, 61000);
		play->step = 1;
	}
	return true;
}

/* That a file is lost is a fact like others: it waits for room. */
static void a_loss_that_found_no_room_ends_nothing(void **state)
{
	PLAY play = { .act = room_again };
	SCENE scene = { .on_file = deny_for_good, .wire = fast };

	(void)state;
	play_open(&scene, &play);
	play_into_box(&scene);
	play_adopt(&play, "t");
	assert_int_equal(watch(&scene, true), DQ_OK);
	assert_true(play_has_boxed(&scene));
}

/* Another program holds the ledger's lock for longer than the ledger waits. */
static struct lab_lock *locker;

static void lock_it(struct scene *scene)
{
	locker = lab_lock(scene->ledger);
	lab_wait_for_locks(scene->dq->ledger, 20);
}

static bool locked_for_a_while(struct scene *scene, struct play *play)
{
	if (play->step == 0 && atomic_load(&scene->queries) >= 1) {
		lock_it(scene);
		play->from = play->tick;
		play->step = 1;
	}
	/* Its answers can't be written, its leases not be renewed. */
	if (play->step == 1 && play->tick > play->from + 4) {
		atomic_store(&play_is_well, true);
		play->step = 2;
	}
	if (play->step == 2 && play->tick > play->from + 8) {
		lab_unlock(locker);
		play->step = 3;
	}
	return true;
}

static void a_locked_ledger_is_waited_for(void **state)
{
	PLAY play = { .act = locked_for_a_while };
	SCENE scene = { .on_query = running, .media = media_png(5000, 1) };

	(void)state;
	play_open(&scene, &play);
	play_adopt(&play, "t");
	assert_int_equal(watch(&scene, true), DQ_OK);
	assert_int_equal(play.step, 3);
	assert_true(scene_has_file(&scene, "t", 0, &scene.media));
	assert_non_null(strstr(scene.log, "kept busy by another program"));
}

static bool drain_while_locked(struct scene *scene, struct play *play)
{
	if (play->step == 0 && atomic_load(&scene->queries) >= 1) {
		lock_it(scene);
		lab_wait_for_locks(scene->dq->ledger, 3600 * 1000);
		dq_drain(scene->dq, 0);
		play->step = 1;
	}
	return true;
}

/* An hour would be the test's failure. */
static void an_end_does_not_wait_for_a_lock(void **state)
{
	PLAY play = { .act = drain_while_locked };
	SCENE scene = { .on_query = running, .last_wait_ms = 20 };

	(void)state;
	play_open(&scene, &play);
	play_adopt(&play, "t");
	(void)watch(&scene, false);
	assert_int_equal(play.step, 1);
	lab_unlock(locker);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_lost_folder_does_not_end_the_looks),
		cmocka_unit_test(what_could_not_be_renewed_may_be_lost),
		cmocka_unit_test(waking_up_on_a_full_disk_ends_nothing),
		cmocka_unit_test(a_loss_that_found_no_room_ends_nothing),
		cmocka_unit_test(a_locked_ledger_is_waited_for),
		cmocka_unit_test(an_end_does_not_wait_for_a_lock),
	};

	return cmocka_run_group_tests_name("watch_room", tests, NULL, NULL);
}
