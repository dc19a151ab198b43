/* What becomes of files: rests and tries, links, room, ends; at moments of the test's
 * own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/policy/parallel.h"
#include "downloads_bench.h"

const struct sink_kind *const sink_kinds[] = { &sink_memory, NULL };

/* --- tries ----------------------------------------------------------------------- */

static void each_try_rests_longer_and_eight_are_enough(void **state)
{
	struct bench *bench = *state;
	int64_t ceiling_ms = 500;

	atomic_store(&bench->status, 500);
	give(bench, NEVER_S);
	settle(bench);
	for (unsigned n = 1; n < RETRY_TRIES_MAX; n++) {
		assert_int_equal(requests(bench), n);
		assert_true(is_open(bench));
		assert_in_range(wait_ms(bench), 1, ceiling_ms);
		ceiling_ms = 2 * ceiling_ms < 30000 ? 2 * ceiling_ms : 30000;
		pass_the_rest(bench);
	}
	assert_int_equal(requests(bench), RETRY_TRIES_MAX);
	assert_given_up(bench, ERR_NET);
	assert_non_null(strstr(downloads_trouble(bench->downloads, KEY)->msg, "8 tries"));
}

static void slow_down_is_obeyed(void **state)
{
	struct bench *bench = *state;

	atomic_store(&bench->head, "Retry-After: 20\r\n");
	atomic_store(&bench->status, 429);
	give(bench, NEVER_S);
	settle(bench);
	assert_int_equal(wait_ms(bench), 20000);
	atomic_store(&bench->status, 200);
	pass_the_rest(bench);
	assert_is_home(bench);
}

/* Another one has the partial: it is tried each two seconds at last. */
static void what_is_busy_elsewhere_is_waited_for(void **state)
{
	static const int64_t rests_ms[] = { 250, 500, 1000, 2000, 2000 };
	struct bench *bench = *state;
	struct err *err = &bench->moments.err;
	struct partial *partial;
	struct sink *sink;
	uint64_t size;

	ok(sink_open(PLACE, &sink, err));
	ok(partial_begin(sink, "task-1.0", &partial, &size, err));
	give(bench, NEVER_S);
	settle(bench);
	for (size_t i = 0; i < sizeof(rests_ms) / sizeof(*rests_ms); i++) {
		assert_int_equal(wait_ms(bench), rests_ms[i]);
		pass_the_rest(bench);
		assert_int_equal(requests(bench), 0);
	}
	partial_close(partial);
	sink_free(sink);
	pass_the_rest(bench);
	assert_is_home(bench);
}

/* --- links ----------------------------------------------------------------------- */

static void a_dead_link_is_renewed_so_often(void **state)
{
	struct bench *bench = *state;
	int64_t rested_ms = 0;

	atomic_store(&bench->status, 403);
	for (unsigned n = 1; n <= RETRY_RENEW_MAX; n++) {
		give(bench, NEVER_S);
		settle(bench);
		assert_int_equal(requests(bench), n);
		assert_int_equal(is_told(bench, DOWNLOADS_LINK_WANTED), n == 1);
		if (n > 1) {
			rested_ms += wait_ms(bench);
			pass_the_rest(bench);
			assert_true(is_told(bench, DOWNLOADS_LINK_WANTED));
			assert_int_equal(requests(bench), n);
		}
		assert_int_equal(downloads_next_ms(bench->downloads), INT64_MAX);
	}
	assert_in_range(rested_ms, 44000, 88000); /* a CDN may be off for half a minute */
	give(bench, NEVER_S);
	settle(bench);
	assert_given_up(bench, ERR_GONE);
}

static void a_new_link_brings_it_home(void **state)
{
	struct bench *bench = *state;

	atomic_store(&bench->status, 403);
	give(bench, NEVER_S);
	settle(bench);
	assert_true(is_told(bench, DOWNLOADS_LINK_WANTED));
	atomic_store(&bench->status, 200);
	give(bench, NEVER_S);
	settle(bench);
	assert_is_home(bench);
	assert_true(is_told(bench, DOWNLOADS_TASK_MOVED));
}

/* By the moment's clock. */
static void a_link_that_dies_soon_is_not_tried(void **state)
{
	struct bench *bench = *state;

	give(bench, MOMENTS_UNIX_MS / 1000 + MARGIN_S - 1);
	settle(bench);
	settle(bench);
	assert_int_equal(requests(bench), 0);
	assert_true(is_told(bench, DOWNLOADS_LINK_WANTED));
}

static void one_that_lives_a_little_longer_is(void **state)
{
	struct bench *bench = *state;

	give(bench, MOMENTS_UNIX_MS / 1000 + MARGIN_S);
	settle(bench);
	assert_is_home(bench);
}

static void without_links_it_is_given_up(void **state)
{
	struct bench *bench = *state;
	struct err why;

	err_set(&why, ERR_AUTH, "nobody asks any more");
	atomic_store(&bench->status, 403);
	give(bench, NEVER_S);
	settle(bench);
	assert_true(is_open(bench));
	downloads_no_links(bench->downloads, KEY, &why);
	settle(bench);
	assert_given_up(bench, ERR_AUTH);
}

/* The same when it is known before the link dies. */
static void the_last_link_may_die(void **state)
{
	struct bench *bench = *state;
	struct err why;

	err_set(&why, ERR_AUTH, "nobody asks any more");
	atomic_store(&bench->status, 500);
	give(bench, NEVER_S);
	settle(bench);
	downloads_no_links(bench->downloads, KEY, &why);
	assert_true(is_open(bench));
	atomic_store(&bench->status, 403);
	pass_the_rest(bench);
	assert_int_equal(requests(bench), 2);
	assert_given_up(bench, ERR_AUTH);
}

/* --- room, and ends -------------------------------------------------------------- */

static void it_waits_for_room(void **state)
{
	struct bench *bench = *state;

	memory_set_full(true);
	give(bench, NEVER_S);
	settle(bench);
	assert_true(is_told(bench, DOWNLOADS_NO_ROOM));
	assert_true(is_open(bench));
	memory_set_full(false);
	settle(bench);
	assert_is_home(bench);
}

/* Half of it is here, and no more comes. */
static void stop_in_the_middle(struct bench *bench, bool is_late)
{
	atomic_store(&bench->stalls, true);
	give(bench, NEVER_S);
	for (int i = 0; bench->dq->totals.bytes_done < LEN / 2; i++) {
		assert_true(i < STEPS_MAX);
		step(bench);
	}
	assert_int_equal(downloads_active(bench->downloads), 1);
	if (is_late)
		downloads_time_is_up(bench->downloads);
	downloads_stop(bench->downloads);
	for (int i = 0; downloads_active(bench->downloads) > 0; i++) {
		assert_true(i < STEPS_MAX);
		step_if(bench, false);
	}
	assert_int_equal(memory_count(), 1);
}

/* The run is ending: what has come stays for the next one. */
static void what_is_stopped_is_kept(void **state)
{
	struct bench *bench = *state;
	size_t len = 0;

	stop_in_the_middle(bench, false);
	assert_true(is_open(bench));
	assert_null(memory_bytes(HOME, &len));
	close_part(bench);
	open_part(bench);
	atomic_store(&bench->stalls, false);
	give(bench, NEVER_S);
	settle(bench);
	assert_int_equal(requests(bench), 2);
	assert_is_home(bench);
}

static void what_is_stopped_late_is_given_up(void **state)
{
	struct bench *bench = *state;

	stop_in_the_middle(bench, true);
	assert_given_up(bench, ERR_RUNNING);
}

static void when_the_time_is_up_nothing_waits(void **state)
{
	struct bench *bench = *state;

	atomic_store(&bench->status, 500);
	give(bench, NEVER_S);
	settle(bench);
	assert_true(is_open(bench));
	downloads_time_is_up(bench->downloads);
	pass_the_rest(bench);
	assert_int_equal(requests(bench), 1);
	assert_given_up(bench, ERR_RUNNING);
}

static void what_is_let_go_is_left_to_its_owner(void **state)
{
	struct bench *bench = *state;

	atomic_store(&bench->status, 500);
	give(bench, NEVER_S);
	settle(bench);
	downloads_let_go(bench->downloads, KEY);
	settle(bench);
	assert_false(is_open(bench));
	assert_null(downloads_trouble(bench->downloads, KEY));
	assert_int_equal(downloads_next_ms(bench->downloads), INT64_MAX);
}

/* Links that could only wait need not be asked for. */
static void who_has_a_thousand_waiting_has_enough(void **state)
{
	enum { FILES = 1000 };
	struct bench *bench = *state;
	struct task *task = seen(bench, NEVER_S, 1);
	const struct asset first = task->assets[0];

	task->n_assets = FILES;
	task->assets = arena_alloc(&task->arena, FILES * sizeof(*task->assets));
	assert_non_null(task->assets);
	for (int i = 0; i < FILES; i++) {
		task->assets[i] = first;
		task->assets[i].index = i;
	}
	assert_false(downloads_have_enough(bench->downloads));
	downloads_give(bench->downloads, KEY, "task-1", task);
	assert_true(downloads_have_enough(bench->downloads));
	step(bench);
	assert_false(downloads_have_enough(bench->downloads));
	downloads_stop(bench->downloads);
	settle(bench);
}

/*
 * A poll that was read before the file was noted, and is given while it gets its name:
 * the task knows all the same where the file is.
 */
static void a_look_in_between_loses_nothing(void **state)
{
	struct bench *bench = *state;
	struct task *stale;
	const struct asset *asset;

	memory_hold(true);
	give(bench, NEVER_S);
	stale = seen(bench, NEVER_S, 1);
	for (int i = 0; !memory_is_holding(); i++) {
		assert_true(i < STEPS_MAX);
		step(bench);
	}
	assert_null(stale->assets[0].path);
	downloads_give(bench->downloads, KEY, "task-1", stale);
	memory_hold(false);
	settle(bench);
	assert_is_home(bench);
	asset = &downloads_task(bench->downloads, KEY)->assets[0];
	assert_int_equal(asset->state, ASSET_STORED);
	assert_string_equal(asset->path, HOME);
	assert_non_null(asset->sha256);
	assert_int_equal(asset->stored_bytes, LEN);
	assert_true(is_told(bench, DOWNLOADS_TASK_MOVED));
}

/* --- how many at once -------------------------------------------------------------- */

static void step_until_requests(struct bench *bench, unsigned n)
{
	for (int i = 0; requests(bench) < n; i++) {
		assert_true(i < STEPS_MAX);
		step(bench);
	}
	for (int i = 0; i < 20; i++)
		step(bench);
	assert_int_equal(requests(bench), n);
}

/* Eight that bring nothing bring no less with fewer: six of the rest come after them. */
static void fewer_are_fetched_where_more_bring_nothing(void **state)
{
	struct bench *bench = *state;

	atomic_store(&bench->stalls, true);
	downloads_give(bench->downloads, KEY, "task-1", seen(bench, NEVER_S, 16));
	step_until_requests(bench, 8);
	moments_pass(&bench->moments, PARALLEL_PERIOD_MS);
	step(bench);
	moments_pass(&bench->moments, PARALLEL_PERIOD_MS);
	step_until_requests(bench, 8);
	downloads_stop(bench->downloads);
	step_until_requests(bench, 8 + 6);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(each_try_rests_longer_and_eight_are_enough),
		TEST(slow_down_is_obeyed),
		TEST(what_is_busy_elsewhere_is_waited_for),
		TEST(a_dead_link_is_renewed_so_often),
		TEST(a_new_link_brings_it_home),
		TEST(a_link_that_dies_soon_is_not_tried),
		TEST(one_that_lives_a_little_longer_is),
		TEST(without_links_it_is_given_up),
		TEST(the_last_link_may_die),
		TEST(it_waits_for_room),
		TEST(what_is_stopped_is_kept),
		TEST(what_is_stopped_late_is_given_up),
		TEST(when_the_time_is_up_nothing_waits),
		TEST(what_is_let_go_is_left_to_its_owner),
		TEST(who_has_a_thousand_waiting_has_enough),
		TEST(a_look_in_between_loses_nothing),
		TEST(fewer_are_fetched_where_more_bring_nothing),
	};

	return cmocka_run_group_tests_name("downloads", tests, NULL, NULL);
}
