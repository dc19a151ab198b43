/* What came goes to the disk behind its transfer: in order, in bounds, and all of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "downloads_bench.h"

#define PARTIAL PLACE "/.partial:task-1.0"

const struct sink_kind *const sink_kinds[] = { &sink_memory, NULL };

enum {
	LARGE = 6 << 20,
	LITTLE = 200 << 10,
	BLOCK_MAX = 64 << 10, /* of a whole file, is written with its sums */
	AHEAD_MAX =
	    3 << 19, /* of one file: what waits, what leaves, and what curl reads */
};

static void serve_large(struct bench *bench)
{
	media_release(&bench->media);
	bench->media = media_png(LARGE, 5);
}

static uint64_t came(const struct bench *bench)
{
	return bench->dq->totals.bytes_done;
}

/* Until so much has come, and a worker has begun to write it. */
static void step_until_came(struct bench *bench, uint64_t bytes)
{
	for (int i = 0; came(bench) < bytes; i++) {
		assert_true(i < STEPS_MAX);
		step(bench);
	}
}

static size_t partial_len(void)
{
	size_t len = 0;

	return memory_bytes(PARTIAL, &len) ? len : 0;
}

static void a_disk_that_is_behind_makes_the_peer_wait(void **state)
{
	struct bench *bench = *state;
	uint64_t before = 0;

	serve_large(bench);
	memory_hold_writes(true);
	give(bench, NEVER_S);
	step_until_came(bench, 1 << 20);
	for (int quiet = 0; quiet < 20; quiet = came(bench) == before ? quiet + 1 : 0) {
		before = came(bench);
		assert_true(before <= AHEAD_MAX);
		step(bench);
	}
	assert_true(memory_is_holding());
	memory_hold_writes(false);
	settle(bench);
	assert_is_home(bench);
	assert_int_equal(requests(bench), 1);
}

/* Too little to be worth a visit to the disk, and not lost for that. */
static void a_little_waits_in_memory(void **state)
{
	struct bench *bench = *state;

	atomic_store(&bench->stalls, true);
	give(bench, NEVER_S);
	step_until_came(bench, LEN / 2);
	assert_int_equal(partial_len(), 0);
	close_part(bench);
	assert_int_equal(partial_len(), LEN / 2);
	assert_memory_equal(
	    memory_bytes(PARTIAL, &(size_t){ 0 }), bench->media.bytes, LEN / 2);
	open_part(bench);
}

/* The run ends while the workers are behind: nothing that came is thrown away. */
static void the_end_of_a_run_writes_what_came(void **state)
{
	struct bench *bench = *state;
	size_t len = 0;

	serve_large(bench);
	atomic_store(&bench->stalls, true);
	give(bench, NEVER_S);
	step_until_came(bench, LARGE / 2);
	close_part(bench);
	assert_memory_equal(memory_bytes(PARTIAL, &len), bench->media.bytes, LARGE / 2);
	assert_int_equal(len, LARGE / 2);
	open_part(bench);
}

/* The transfer is ended, and of its bytes only those count that are there. */
static void a_full_disk_is_told_while_more_comes(void **state)
{
	struct bench *bench = *state;

	serve_large(bench);
	memory_set_full(true);
	give(bench, NEVER_S);
	for (int i = 0; !is_told(bench, DOWNLOADS_NO_ROOM); i++) {
		assert_true(i < STEPS_MAX);
		step_if(bench, i < 100);
	}
	assert_true(is_open(bench));
	assert_int_equal(partial_len(), 0);
	assert_int_equal(came(bench), 0);
	memory_set_full(false);
	settle(bench);
	assert_is_home(bench);
	assert_int_equal(came(bench), LARGE);
}

/* How much of it another run builds upon. */
static int64_t noted_bytes(struct bench *bench)
{
	struct dq *dq = bench->dq;
	struct task *task = NULL;
	int64_t bytes;

	ok(ledger_find(dq->ledger, dq->profile, "task-1", &task, &bench->moments.err));
	assert_non_null(task);
	bytes = task->assets[0].synced_bytes;
	task_free(task);
	return bytes;
}

/* Much of an object was here, and little came of the next before it was cut off. */
static void what_came_of_another_object_is_kept(void **state)
{
	struct bench *bench = *state;

	serve_large(bench);
	atomic_store(&bench->stalls, true);
	give(bench, NEVER_S);
	step_until_came(bench, LARGE / 2);
	close_part(bench);
	assert_int_equal(noted_bytes(bench), LARGE / 2);
	atomic_store(&bench->stalls, false);
	atomic_store(&bench->cut, LITTLE);
	open_part(bench);
	give(bench, NEVER_S);
	settle(bench);
	assert_true(is_open(bench));
	assert_int_equal(noted_bytes(bench), LITTLE);
	atomic_store(&bench->cut, 0);
	pass_the_rest(bench);
	assert_is_home(bench);
}

/* Its last bytes are not written yet when it is found out. */
static void a_whole_file_may_have_no_room_in_its_last_checkpoint(void **state)
{
	struct bench *bench = *state;

	serve_large(bench);
	memory_hold_syncs(true);
	give(bench, NEVER_S);
	step_until_came(bench, LARGE);
	for (int i = 0; partial_len() + BLOCK_MAX < LARGE; i++) {
		assert_true(i < STEPS_MAX);
		step(bench);
	}
	assert_true(memory_is_holding());
	memory_set_full(true);
	memory_hold_syncs(false);
	for (int i = 0; !is_told(bench, DOWNLOADS_NO_ROOM); i++) {
		assert_true(i < STEPS_MAX);
		step_if(bench, false);
	}
	memory_set_full(false);
	settle(bench);
	assert_is_home(bench);
}

/* It has come, and a worker is about to write what was left to its sums. */
static void step_to_the_last_write(struct bench *bench)
{
	memory_hold_writes(true);
	give(bench, NEVER_S);
	for (int i = 0; !memory_is_holding(); i++) {
		assert_true(i < STEPS_MAX);
		step(bench);
	}
}

/* The run ends when the worker is done, and nobody has heard of it. */
static void the_last_bytes_are_written_once(void **state)
{
	struct bench *bench = *state;
	size_t len;

	step_to_the_last_write(bench);
	memory_hold_writes(false);
	close_part(bench);
	len = partial_len();
	open_part(bench);
	assert_int_equal(len, LEN);
}

static void nothing_is_written_behind_a_half(void **state)
{
	struct bench *bench = *state;
	size_t len;

	step_to_the_last_write(bench);
	memory_set_full(true);
	memory_hold_writes(false);
	while (memory_is_holding())
		;
	memory_set_full(false);
	close_part(bench);
	len = partial_len();
	open_part(bench);
	assert_int_equal(len, LEN / 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_disk_that_is_behind_makes_the_peer_wait),
		TEST(a_little_waits_in_memory),
		TEST(the_end_of_a_run_writes_what_came),
		TEST(a_full_disk_is_told_while_more_comes),
		TEST(what_came_of_another_object_is_kept),
		TEST(a_whole_file_may_have_no_room_in_its_last_checkpoint),
		TEST(the_last_bytes_are_written_once),
		TEST(nothing_is_written_behind_a_half),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
