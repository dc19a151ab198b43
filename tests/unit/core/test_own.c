/*
 * Who owns a task, as wait and get live with it: others take it, send it, forget it, die.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/lease/leases.h"
#include "ledger_lab.h"
#include "play.h"

static void assert_state(const struct scene *scene, const char *state)
{
	lab_assert_state(scene->ledger, "t", state);
}

/* A task that runs, or is not known, until all is well. */
static void running(
    struct scene *scene, struct raw_peer *peer, const char *request, unsigned number)
{
	const struct record record = { .id = "t", .status = 20, .total = 1 };

	(void)request;
	(void)number;
	if (!play_say_if_well(scene, peer))
		scene_say(scene, peer, &record);
}

static void unknown(
    struct scene *scene, struct raw_peer *peer, const char *request, unsigned number)
{
	(void)request;
	(void)number;
	if (!play_say_if_well(scene, peer))
		scene_say(scene, peer, NULL);
}

/* --- unsent ---------------------------------------------------------------------- */

static void a_query_leaves_what_waits_alone(void **state)
{
	PLAY play = { .act = NULL };
	SCENE scene = { .on_query = NULL };

	(void)state;
	play_open(&scene, &play);
	play_intend(&play, "t");
	assert_int_equal(scene_query(&scene, "t", NULL, NULL), DQ_RUNNING);
	assert_int_equal(atomic_load(&scene.queries), 0);
	assert_int_equal(atomic_load(&scene.submits), 0);
	assert_state(&scene, "submitting");
}

/* The other process has begun to send it; its lock lives, its lease is free. */
static void begin_elsewhere(struct play *play)
{
	enum media_kind kind;
	_cleanup_free_ char *body = NULL;
	struct err err;

	play_intend(play, "t");
	assert_int_equal(
	    ledger_send_begin(play->other, "default", "t", &kind, &body, &err), ERR_OK);
	assert_non_null(body);
}

static bool is_unknown(const struct scene *scene)
{
	_cleanup_(task_freep) struct task *now = lab_task(scene->ledger, "t");

	return now && now->state == TASK_UNKNOWN;
}

/* The dead are looked for each few seconds: they pass at once. */
static bool die_while_sending(struct scene *scene, struct play *play)
{
	if (play->step == 0 && play->tick > 3 && !is_unknown(scene)) {
		ledger_close(play->other);
		play->other = NULL;
		scene_pass(scene, LEASES_DEAD_MS + 1000);
		play->step = 1;
	}
	if (play->step == 1 && is_unknown(scene)) {
		play->step = 2;
		dq_interrupt(scene->dq);
	}
	return true;
}

/* It is nobody's any more: unknown, so that its absence can be believed one day. */
static void what_a_dead_one_was_sending_becomes_unknown(void **state)
{
	PLAY play = { .act = die_while_sending };
	SCENE scene = { .on_query = unknown };

	(void)state;
	play_open(&scene, &play);
	begin_elsewhere(&play);
	assert_int_equal(scene_wait(&scene, "t", 0), DQ_INTERRUPTED);
	assert_int_equal(play.step, 2);
	assert_state(&scene, "unknown");
	assert_int_equal(atomic_load(&scene.submits), 0);
}

static bool refused_for_now(struct scene *scene, struct play *play)
{
	const struct answered answered = {
		.account = "default", .submit_id = "t", .state = TASK_SUBMITTING
	};
	struct err err;

	if (play->step == 0 && play->tick > 3) {
		if (ledger_submitted(play->other, &answered, &err))
			abort();
		play->step = 1;
	}
	if (atomic_load(&scene->submits) > 0)
		atomic_store(&play_is_well, true);
	return true;
}

static void what_its_sender_was_refused_is_ours_to_send(void **state)
{
	static const char *const fast[] = { "time_scale=100", NULL };
	PLAY play = { .act = refused_for_now };
	SCENE scene = { .on_query = unknown, .wire = fast };

	(void)state;
	play_open(&scene, &play);
	begin_elsewhere(&play);
	assert_int_equal(scene_wait(&scene, "t", 0), DQ_OK);
	assert_int_equal(atomic_load(&scene.submits), 1);
	assert_state(&scene, "succeeded");
}

/* --- followed -------------------------------------------------------------------- */

static bool forget_it(struct scene *scene, struct play *play)
{
	(void)scene;
	if (play->step == 0 && play->tick > 3) {
		play_forget(play, "t");
		play->step = 1;
	}
	return true;
}

static void what_is_forgotten_is_not_waited_for(void **state)
{
	(void)state;
	for (int is_followed = 0; is_followed <= 1; is_followed++) {
		PLAY play = { .act = forget_it };
		SCENE scene = { .on_query = running };

		print_message("# followed: %d\n", is_followed);
		play_open(&scene, &play);
		play_adopt(&play, "t");
		if (is_followed)
			assert_true(play_take(&play, "t", 0) > 0);
		assert_int_equal(scene_wait(&scene, "t", 0), DQ_FAILED);
		assert_non_null(strstr(scene.err.message, "forgotten"));
		assert_null(lab_task(scene.ledger, "t"));
	}
}

/* Another's look: it is done, and its file is not fetched yet. */
static void has_succeeded(const struct scene *scene)
{
	_cleanup_(task_freep) struct task *seen = task_new();
	struct asset file = { .kind = MEDIA_IMAGE,
		.uri = "tos/t",
		.duration_ms = -1,
		.size_bytes = -1,
		.stored_bytes = -1 };

	assert_non_null(seen);
	seen->submit_id = "t";
	seen->state = TASK_SUCCEEDED;
	seen->finished = seen->total = 1;
	seen->assets = &file;
	seen->n_assets = 1;
	lab_observe(scene->ledger, seen);
}

/* Its owner is not done with its files, which does not matter to who only waits. */
static void what_has_ended_is_told_at_once(void **state)
{
	PLAY play = { .act = NULL };
	SCENE scene = { .on_query = NULL };

	(void)state;
	play_open(&scene, &play);
	play_adopt(&play, "t");
	has_succeeded(&scene);
	assert_true(play_take(&play, "t", 0) > 0);
	assert_int_equal(scene_wait(&scene, "t", 0), DQ_OK);
	assert_int_equal(atomic_load(&scene.queries), 0);
}

/* --- files ----------------------------------------------------------------------- */

enum { A_TICK_MS = 200 };
static atomic_bool is_taken; /* by another process */

static void lose_it_with_the_link(
    struct scene *scene, struct raw_peer *peer, const char *request, unsigned number)
{
	(void)number;
	if (atomic_load(&play_is_well)) {
		scene_send_file(peer, request, &scene->media, "\"e\"");
		return;
	}
	while (!atomic_load(&is_taken))
		scene_pass_seen(scene, A_TICK_MS);
	scene_pass_seen(scene, 2 * LEASES_CHECK_MS); /* we have noticed by now */
	raw_answer(peer, 404, "", "gone");
}

static void one_file(
    struct scene *scene, struct raw_peer *peer, const char *request, unsigned number)
{
	const struct record record = { .id = "t", .status = 50, .usable = 1, .total = 1 };

	(void)request;
	(void)number;
	scene_say(scene, peer, &record);
}

static bool take_and_give(struct scene *scene, struct play *play)
{
	if (play->step == 0 && atomic_load(&scene->files) > 0) {
		play->token = play_take(play, "t", 60000);
		scene_pass(scene, 60000);
		atomic_store(&is_taken, true);
		play->from = play->tick;
		play->step = 1;
	}
	if (play->step == 1 && play->tick > play->from + 15) {
		atomic_store(&play_is_well, true);
		play_give(play, "t");
		play->step = 2;
	}
	return true;
}

/* The lease goes while a link dies: another may fetch it now, and we when he leaves. */
static void a_link_that_dies_with_the_lease_is_left_to_the_owner(void **state)
{
	const char *id = "t";
	PLAY play = { .act = take_and_give };
	SCENE scene = { .on_query = one_file, .on_file = lose_it_with_the_link };
	struct dq_get wish = { .size_bytes = sizeof(wish),
		.wait = { .size_bytes = sizeof(wish.wait), .interval_ms = 50 } };

	(void)state;
	atomic_store(&is_taken, false);
	play_open(&scene, &play);
	wish.sink = scene.out;
	assert_int_equal(dq_get(scene.dq, &id, 1, &wish, &scene.err), DQ_OK);
	assert_true(play.token > 0);
	assert_int_equal(play.step, 2);
	assert_true(scene_has_file(&scene, "t", 0, &scene.media));
}

static void many_files(
    struct scene *scene, struct raw_peer *peer, const char *request, unsigned number)
{
	const struct record record = {
		.id = "t", .status = 50, .usable = 40, .total = 40
	};

	(void)request;
	(void)number;
	play_set_full(true);
	scene_say(scene, peer, &record);
}

/* The waiting time ends on a full disk: not one more minute for each eight files. */
static void time_ends_on_a_full_disk(void **state)
{
	const char *id = "t";
	PLAY play = { .act = NULL };
	SCENE scene = { .on_query = many_files };
	struct dq_get wish = { .size_bytes = sizeof(wish),
		.wait = { .size_bytes = sizeof(wish.wait), .max_wait_ms = 1000 },
		.jobs = 2 };

	(void)state;
	play_open(&scene, &play);
	play_into_box(&scene);
	wish.sink = scene.out;
	assert_int_equal(dq_get(scene.dq, &id, 1, &wish, &scene.err), DQ_STORAGE);
	assert_false(play.was_late);
}

static void by_both_names(
    struct scene *scene, struct raw_peer *peer, const char *request, unsigned number)
{
	const struct record record = { .id = "t", .status = 50, .usable = 1, .total = 1 };
	_cleanup_free_ char *one = scene_record(scene, &record);
	_cleanup_free_ char *both = NULL;

	(void)request;
	(void)number;
	if (asprintf(&both, "%s,\"9000000116\"%s", one, one + strlen("\"t\"")) < 0)
		abort();
	scene_say_data(peer, both);
}

/* The service's own name for a task that is asked for by ours, too. */
static void a_task_by_both_of_its_names_is_one(void **state)
{
	const char *const ids[] = { "t", "9000000116" };
	PLAY play = { .act = NULL };
	SCENE scene = { .on_query = by_both_names };
	struct dq_get wish = { .size_bytes = sizeof(wish),
		.wait = { .size_bytes = sizeof(wish.wait), .interval_ms = 50 } };

	(void)state;
	play_open(&scene, &play);
	assert_int_equal(scene_query(&scene, "t", NULL, NULL), DQ_OK);
	wish.sink = scene.out;
	assert_int_equal(dq_get(scene.dq, ids, 2, &wish, &scene.err), DQ_OK);
	assert_int_equal(atomic_load(&scene.files), 1);
	assert_int_equal(scene.told[DQ_EVENT_TASK], 2); /* the query's, too */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_query_leaves_what_waits_alone),
		cmocka_unit_test(what_a_dead_one_was_sending_becomes_unknown),
		cmocka_unit_test(what_its_sender_was_refused_is_ours_to_send),
		cmocka_unit_test(what_is_forgotten_is_not_waited_for),
		cmocka_unit_test(what_has_ended_is_told_at_once),
		cmocka_unit_test(a_link_that_dies_with_the_lease_is_left_to_the_owner),
		cmocka_unit_test(time_ends_on_a_full_disk),
		cmocka_unit_test(a_task_by_both_of_its_names_is_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
