/* watch and what it owns, through clocks that jump, owners that change, and no room. */
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
#include "base/clock.h"
#include "core/engine.h"
#include "ledger/ledger.h"
#include "scene.h"

#define SCENE _cleanup_(scene_close) struct scene

/* --- what the linker puts between the modules ----------------------------------------
 */

static atomic_llong jump_ms; /* both clocks: the machine slept for so long */
static atomic_uint steps; /* of the loop */
static atomic_bool is_well; /* the service, from now on: see say_if_well() */
static atomic_bool is_full; /* the ledger's disk, for what the tests below write */

int64_t __real_clock_unix_ms(void);
int64_t __real_clock_mono_ms(void);
int64_t __wrap_clock_unix_ms(void);
int64_t __wrap_clock_mono_ms(void);
enum err_kind __real_net_step(struct net *net, int timeout_ms, struct err *err);
enum err_kind __wrap_net_step(struct net *net, int timeout_ms, struct err *err);
enum err_kind __real_ledger_lease(struct ledger *ledger, const char *account,
    struct lease *leases, size_t n, int64_t now_unix_ms, struct err *err);
enum err_kind __wrap_ledger_lease(struct ledger *ledger, const char *account,
    struct lease *leases, size_t n, int64_t now_unix_ms, struct err *err);
enum err_kind __real_ledger_lease_renew(
    struct ledger *ledger, int64_t now_unix_ms, struct err *err);
enum err_kind __wrap_ledger_lease_renew(
    struct ledger *ledger, int64_t now_unix_ms, struct err *err);
enum err_kind __real_ledger_asset_lost(struct ledger *ledger, const char *account,
    const char *submit_id, int index, const char *reason, struct err *err);
enum err_kind __wrap_ledger_asset_lost(struct ledger *ledger, const char *account,
    const char *submit_id, int index, const char *reason, struct err *err);

int64_t __wrap_clock_unix_ms(void)
{
	return __real_clock_unix_ms() + atomic_load(&jump_ms);
}

int64_t __wrap_clock_mono_ms(void)
{
	return __real_clock_mono_ms() + atomic_load(&jump_ms);
}

enum err_kind __wrap_net_step(struct net *net, int timeout_ms, struct err *err)
{
	atomic_fetch_add(&steps, 1);
	return __real_net_step(net, timeout_ms, err);
}

static enum err_kind no_room(struct err *err)
{
	return err_set(err, ERR_NOSPACE, "no room for a test");
}

enum err_kind __wrap_ledger_lease(struct ledger *ledger, const char *account,
    struct lease *leases, size_t n, int64_t now_unix_ms, struct err *err)
{
	return atomic_load(&is_full)
	    ? no_room(err)
	    : __real_ledger_lease(ledger, account, leases, n, now_unix_ms, err);
}

enum err_kind __wrap_ledger_lease_renew(
    struct ledger *ledger, int64_t now_unix_ms, struct err *err)
{
	return atomic_load(&is_full)
	    ? no_room(err)
	    : __real_ledger_lease_renew(ledger, now_unix_ms, err);
}

enum err_kind __wrap_ledger_asset_lost(struct ledger *ledger, const char *account,
    const char *submit_id, int index, const char *reason, struct err *err)
{
	return atomic_load(&is_full)
	    ? no_room(err)
	    : __real_ledger_asset_lost(ledger, account, submit_id, index, reason, err);
}

/* --- watching -------------------------------------------------------------------------
 */

enum { TICKS_MAX = 75 /* of 200 ms: then the test has failed */ };

/* A play: act() is called with each tick, and says when it is over. */
struct play {
	bool (*act)(struct scene *scene, struct play *play); /* false: drain */
	struct ledger *other; /* the handle of another process */
	unsigned tick, step, from, mark;
	int64_t token;
	bool was_late;
};

static void on_tick(struct scene *scene, const struct dq_event *event)
{
	struct play *play = scene->payload;

	if (event->type != DQ_EVENT_TICK)
		return;
	if (++play->tick > TICKS_MAX) {
		play->was_late = true;
		dq_interrupt(scene->dq);
	} else if (play->act && !play->act(scene, play)) {
		dq_drain(scene->dq, 0);
	}
}

static void open_play(struct scene *scene, struct play *play)
{
	struct err err;

	atomic_store(&jump_ms, 0);
	atomic_store(&is_full, false);
	atomic_store(&is_well, false);
	scene->payload = play;
	scene->on_event = on_tick;
	scene_open(scene);
	assert_int_equal(ledger_open(scene->ledger, &play->other, &err), ERR_OK);
}

static void close_play(struct play *play)
{
	atomic_store(&is_full, false);
	ledger_close(play->other);
}
#define PLAY _cleanup_(close_play) struct play

/* Known to the ledger, unfinished, and nobody's. */
static void adopt(struct play *play, const char *id)
{
	struct err err;

	assert_int_equal(
	    ledger_adopt(play->other, "default", &id, 1, clock_unix_ms(), &err), ERR_OK);
}

static int64_t take(struct play *play, const char *id, int64_t ahead_ms)
{
	struct lease lease = { .id = id };
	struct err err;

	if (__real_ledger_lease(
		play->other, "default", &lease, 1, clock_unix_ms() + ahead_ms, &err))
		abort();
	return lease.token;
}

static void give(struct play *play, const char *id)
{
	struct err err;

	if (ledger_lease_release(play->other, "default", &id, 1, &err))
		abort();
}

static void forget(struct play *play, const char *id)
{
	struct err err;

	if (ledger_forget(play->other, "default", id, &err))
		abort();
}

static enum dq_status watch(struct scene *scene, bool until_idle)
{
	const struct dq_watch wish = { .size_bytes = sizeof(wish),
		.get = { .size_bytes = sizeof(wish.get),
		    .wait = { .size_bytes = sizeof(wish.get.wait), .interval_ms = 50 },
		    .sink = scene->out },
		.until_idle = until_idle };
	const enum dq_status status = dq_watch(scene->dq, &wish, &scene->err);

	if (status != DQ_OK)
		print_message("# %d: %s\n%s", status, scene->err.message, scene->log);
	return status;
}

/* A connection keeps its routes: so they ask themselves how things are. */
static bool say_if_well(struct scene *scene, struct raw_peer *peer)
{
	const struct record record = { .id = "t", .status = 50, .usable = 1, .total = 1 };

	if (!atomic_load(&is_well))
		return false;
	scene_say(scene, peer, &record);
	return true;
}

static void running(
    struct scene *scene, struct raw_peer *peer, const char *request, unsigned number)
{
	const struct record record = { .id = "t", .status = 20, .total = 1 };

	(void)request;
	(void)number;
	if (say_if_well(scene, peer))
		return;
	scene_say(scene, peer, &record);
}

static void broken(
    struct scene *scene, struct raw_peer *peer, const char *request, unsigned number)
{
	(void)request;
	(void)number;
	if (!say_if_well(scene, peer))
		scene_say_data(peer, "\"t\":7");
}

/* --- what rests -----------------------------------------------------------------------
 */

static bool end_it_elsewhere(struct scene *scene, struct play *play)
{
	if (play->step == 0 && atomic_load(&scene->queries) >= 3) {
		scene_sql(scene, "UPDATE tasks SET state = 'failed', is_open = 0");
		play->step = 1;
	}
	return true;
}

/* It rests for a minute, and meanwhile somebody else brings it to its end. */
static void what_rests_may_end_elsewhere(void **state)
{
	PLAY play = { .act = end_it_elsewhere };
	SCENE scene = { .on_query = broken };

	(void)state;
	open_play(&scene, &play);
	adopt(&play, "t");
	assert_int_equal(watch(&scene, true), DQ_OK);
	assert_int_equal(play.step, 1);
	assert_int_equal(atomic_load(&scene.queries), 3);
}

static bool sleep_while_it_rests(struct scene *scene, struct play *play)
{
	if (play->step == 0 && atomic_load(&scene->queries) >= 3 && play->from == 0)
		play->from = play->tick;
	if (play->step == 0 && play->from && play->tick > play->from + 2) {
		atomic_store(&is_well, true);
		atomic_store(&jump_ms, 61000);
		play->step = 1;
	}
	return true;
}

static void what_has_rested_begins_anew(void **state)
{
	PLAY play = { .act = sleep_while_it_rests };
	SCENE scene = { .on_query = broken };

	(void)state;
	open_play(&scene, &play);
	adopt(&play, "t");
	assert_int_equal(watch(&scene, true), DQ_OK);
	assert_true(scene_has_file(&scene, "t", 0, &scene.media));
	assert_non_null(strstr(scene.log, "\"event\":\"task\""));
}

/* --- leases that are lost --------------------------------------------------------------
 */

/* We sleep for a minute; another process takes it, and gives it back. */
static bool lose_and_regain(struct scene *scene, struct play *play)
{
	const unsigned queries = atomic_load(&scene->queries);

	switch (play->step) {
	case 0:
		if (queries < 2)
			return true;
		atomic_store(&jump_ms, 60000);
		play->token = take(play, "t", 0);
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
		give(play, "t");
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
	open_play(&scene, &play);
	adopt(&play, "t");
	assert_int_equal(watch(&scene, false), DQ_OK);
	assert_true(play.token > 0);
	assert_false(play.was_late);
}

/* --- forgotten
 * -------------------------------------------------------------------------- */

static bool forget_it(struct scene *scene, struct play *play)
{
	if (play->step == 0 && atomic_load(&scene->queries) >= 2) {
		forget(play, "t");
		play->step = 1;
	}
	return true;
}

static void what_is_forgotten_is_let_go(void **state)
{
	PLAY play = { .act = forget_it };
	SCENE scene = { .on_query = running };

	(void)state;
	open_play(&scene, &play);
	adopt(&play, "t");
	assert_int_equal(watch(&scene, true), DQ_OK);
	assert_int_equal(play.step, 1);
}

static void forget_then_accept(
    struct scene *scene, struct raw_peer *peer, const char *request, unsigned number)
{
	(void)request;
	(void)number;
	scene_sql(scene, "DELETE FROM tasks");
	raw_answer(peer, 200, "", "{\"ret\":\"0\",\"data\":{\"submit_id\":\"t\"}}");
}

static void intend(struct play *play, const char *id)
{
	char body[100];
	const struct intent intent = { .account = "default",
		.submit_id = id,
		.kind = MEDIA_IMAGE,
		.prompt = "x",
		.body = body,
		.request_hash = "h",
		.wish_hash = "w",
		.now_unix_ms = clock_unix_ms() };
	struct intended intended;
	struct err err;

	(void)snprintf(body, sizeof(body), "{\"submit_id\":\"%s\"}", id);
	assert_int_equal(ledger_intend(play->other, &intent, 1, &intended, &err), ERR_OK);
}

static void what_is_forgotten_while_it_is_sent_stops_nothing(void **state)
{
	PLAY play = { .act = NULL };
	SCENE scene = { .on_submit = forget_then_accept };

	(void)state;
	open_play(&scene, &play);
	intend(&play, "t");
	assert_int_equal(watch(&scene, true), DQ_OK);
	assert_int_equal(atomic_load(&scene.submits), 1);
}

static void forget_then_deny(
    struct scene *scene, struct raw_peer *peer, const char *request, unsigned number)
{
	(void)request;
	if (number == 0)
		scene_sql(scene, "DELETE FROM assets; DELETE FROM tasks");
	if (number == 0)
		scene_sql(scene, "DELETE FROM tasks");
	raw_answer(peer, 404, "", "gone");
}

static void what_is_forgotten_while_it_is_fetched_stops_nothing(void **state)
{
	PLAY play = { .act = NULL };
	SCENE scene = { .on_file = forget_then_deny };

	(void)state;
	open_play(&scene, &play);
	adopt(&play, "t");
	assert_int_equal(watch(&scene, true), DQ_OK);
}

/* --- the end
 * ----------------------------------------------------------------------------- */

static void accept_late(
    struct scene *scene, struct raw_peer *peer, const char *request, unsigned number)
{
	(void)scene;
	(void)request;
	(void)number;
	(void)usleep(1500 * 1000);
	raw_answer(peer, 200, "", "{\"ret\":\"0\",\"data\":{\"submit_id\":\"t\"}}");
}

static bool drain_once_sent(struct scene *scene, struct play *play)
{
	if (play->step == 0 && atomic_load(&scene->submits) > 0) {
		play->step = 1;
		atomic_store(&steps, 0);
		return false;
	}
	return true;
}

/* The grace is over, and a submit that has left is still waited for. */
static void draining_does_not_spin(void **state)
{
	PLAY play = { .act = drain_once_sent };
	SCENE scene = { .on_submit = accept_late };
	_cleanup_free_ char *now = NULL;

	(void)state;
	open_play(&scene, &play);
	intend(&play, "t");
	assert_int_equal(watch(&scene, false), DQ_OK);
	now = scene_sql_text(&scene, "SELECT state FROM tasks");
	assert_string_equal(now, "queued");
	print_message("# %u steps\n", atomic_load(&steps));
	assert_true(atomic_load(&steps) < 200);
}

static void the_end_of_the_time_cuts_no_submit_short(void **state)
{
	const struct dq_watch wish = { .size_bytes = sizeof(wish),
		.get = { .size_bytes = sizeof(wish.get),
		    .wait = {
			.size_bytes = sizeof(wish.get.wait), .max_wait_ms = 700 } } };
	PLAY play = { .act = NULL };
	SCENE scene = { .on_submit = accept_late };
	_cleanup_free_ char *now = NULL;

	(void)state;
	open_play(&scene, &play);
	intend(&play, "t");
	assert_int_equal(dq_watch(scene.dq, &wish, &scene.err), DQ_OK);
	now = scene_sql_text(&scene, "SELECT state FROM tasks");
	assert_string_equal(now, "queued");
}

/* --- the disk
 * ------------------------------------------------------------------------------ */

static void remove_the_folder(
    struct scene *scene, struct raw_peer *peer, const char *request, unsigned number)
{
	char command[200];

	(void)request;
	(void)snprintf(command, sizeof(command), "rm -rf %s", scene->out);
	if (number == 0 && system(command) != 0)
		abort();
	atomic_store(&steps, 0);
	scene_send_file(peer, request, &scene->media, "\"e\"");
}

static bool add_another(struct scene *scene, struct play *play)
{
	if (play->step == 0 && atomic_load(&scene->files) > 0) {
		play->from = play->tick;
		play->step = 1;
	}
	if (play->step == 1 && play->tick > play->from + 5) {
		adopt(play, "u");
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
	open_play(&scene, &play);
	adopt(&play, "t");
	assert_int_equal(watch(&scene, false), DQ_OK);
	assert_int_equal(play.step, 3);
	print_message("# %u steps\n", atomic_load(&steps));
	assert_true(atomic_load(&steps) < 500);
}

static bool no_room_for_a_while(struct scene *scene, struct play *play)
{
	if (play->step == 0 && atomic_load(&scene->queries) >= 1) {
		atomic_store(&is_full, true);
		atomic_fetch_add(&jump_ms, 11000); /* it renews */
		play->step = 1;
		play->from = play->tick;
	}
	if (play->step == 1 && play->tick > play->from + 2) {
		atomic_fetch_add(&jump_ms, 31000);
		play->token = take(play, "t", 0);
		atomic_store(&is_full, false);
		atomic_fetch_add(&jump_ms, 11000);
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
	open_play(&scene, &play);
	adopt(&play, "t");
	assert_int_equal(watch(&scene, false), DQ_OK);
	assert_int_equal(play.step, 4);
	assert_true(play.token > 0);
	assert_false(play.was_late);
}

static bool sleep_on_a_full_disk(struct scene *scene, struct play *play)
{
	if (play->step == 0 && atomic_load(&scene->queries) >= 1) {
		atomic_store(&is_full, true);
		atomic_fetch_add(&jump_ms, 60000);
		play->step = 1;
		play->from = play->tick;
	}
	if (play->step == 1 && play->tick > play->from + 5) {
		atomic_store(&is_well, true);
		atomic_store(&is_full, false);
		play->step = 2;
	}
	return true;
}

static void waking_up_on_a_full_disk_ends_nothing(void **state)
{
	PLAY play = { .act = sleep_on_a_full_disk };
	SCENE scene = { .on_query = running };

	(void)state;
	open_play(&scene, &play);
	adopt(&play, "t");
	assert_int_equal(watch(&scene, true), DQ_OK);
	assert_true(scene_has_file(&scene, "t", 0, &scene.media));
}

static void deny_for_good(
    struct scene *scene, struct raw_peer *peer, const char *request, unsigned number)
{
	atomic_store(&is_full, number == 5);
	if (atomic_load(&is_well))
		scene_send_file(peer, request, &scene->media, "\"e\"");
	else
		raw_answer(peer, 404, "", "gone");
}

static bool room_again(struct scene *scene, struct play *play)
{
	if (play->step == 0 && atomic_load(&scene->files) >= 6)
		play->from++;
	if (play->step == 0 && play->from == 5) {
		atomic_store(&is_full, false);
		atomic_store(&is_well, true);
		atomic_fetch_add(&jump_ms, 61000);
		play->step = 1;
	}
	return true;
}

/* That a file is lost is a fact like others: it waits for room. */
static void a_loss_that_found_no_room_ends_nothing(void **state)
{
	PLAY play = { .act = room_again };
	SCENE scene = { .on_file = deny_for_good };

	(void)state;
	open_play(&scene, &play);
	adopt(&play, "t");
	assert_int_equal(watch(&scene, true), DQ_OK);
	assert_true(scene_has_file(&scene, "t", 0, &scene.media));
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
		cmocka_unit_test(the_end_of_the_time_cuts_no_submit_short),
		cmocka_unit_test(a_lost_folder_does_not_end_the_looks),
		cmocka_unit_test(what_could_not_be_renewed_may_be_lost),
		cmocka_unit_test(waking_up_on_a_full_disk_ends_nothing),
		cmocka_unit_test(a_loss_that_found_no_room_ends_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
