#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "model/task.h"

/* Row: from; column: to; '+' is legal; order as in TASK_STATES. What is not yet
 * asked for can't be denied. */
static const char *const moves[] = {
	/*            suqgpSFCN */
	[TASK_SUBMITTING] = "++++++++-",
	[TASK_UNKNOWN] = "-++++++++",
	[TASK_QUEUED] = "--+++++++",
	[TASK_GENERATING] = "--+++++++",
	[TASK_PARTIAL] = "----+++++",
	[TASK_SUCCEEDED] = "-----+---",
	[TASK_FAILED] = "----+++--",
	[TASK_CANCELLED] = "----++-+-",
	[TASK_NOT_FOUND] = "--+++++++",
};

static void states_move_by_the_table(void **state)
{
	(void)state;
	for (int from = 0; from < TASK_STATE_COUNT; from++) {
		for (int to = 0; to < TASK_STATE_COUNT; to++) {
			const bool is_legal = moves[from][to] == '+';

			print_message("# %s -> %s\n",
			    task_state_name((enum task_state)from),
			    task_state_name((enum task_state)to));
			assert_int_equal(task_state_may_become(
					     (enum task_state)from, (enum task_state)to),
			    is_legal);
		}
	}
}

/* But for files that can be had: they overrule any verdict. */
static void final_states_stay(void **state)
{
	(void)state;
	for (int from = 0; from < TASK_STATE_COUNT; from++) {
		if (!task_state_is_final((enum task_state)from) || from == TASK_NOT_FOUND)
			continue;
		for (int to = 0; to < TASK_STATE_COUNT; to++) {
			const bool has_files = to == TASK_SUCCEEDED || to == TASK_PARTIAL;

			assert_int_equal(task_state_may_become(
					     (enum task_state)from, (enum task_state)to),
			    from == to || (has_files && from != TASK_SUCCEEDED));
		}
	}
	assert_true(task_state_is_final(TASK_NOT_FOUND));
	assert_false(task_state_is_final(TASK_PARTIAL));
	assert_false(task_state_is_final(TASK_UNKNOWN));
}

static void names_go_both_ways(void **state)
{
	(void)state;
	for (int i = 0; i < TASK_STATE_COUNT; i++) {
		enum task_state back = TASK_SUBMITTING;

		assert_true(task_state_parse(task_state_name((enum task_state)i), &back));
		assert_int_equal(back, i);
	}
	for (int i = ASSET_WANTED; i <= ASSET_LOST; i++) {
		enum asset_state back = ASSET_WANTED;

		assert_true(
		    asset_state_parse(asset_state_name((enum asset_state)i), &back));
		assert_int_equal(back, i);
	}
	for (int i = MEDIA_IMAGE; i <= MEDIA_AUDIO; i++)
		assert_int_equal(
		    media_kind_parse(media_kind_name((enum media_kind)i)), i);
	for (int i = FAIL_CONTENT; i <= FAIL_DELETED; i++)
		assert_int_equal(
		    fail_class_parse(fail_class_name((enum fail_class)i)), i);
}

static void strange_names_are_refused(void **state)
{
	static const char *const strange[] = { "", "Succeeded", "succeeded ", "null",
		NULL };
	enum task_state task = TASK_PARTIAL;
	enum asset_state asset = ASSET_LOST;

	(void)state;
	for (size_t i = 0; i < sizeof(strange) / sizeof(*strange); i++) {
		assert_false(task_state_parse(strange[i], &task));
		assert_false(asset_state_parse(strange[i], &asset));
		assert_int_equal(media_kind_parse(strange[i]), MEDIA_UNKNOWN);
		assert_int_equal(fail_class_parse(strange[i]), FAIL_NONE);
	}
	assert_int_equal(task, TASK_PARTIAL);
	assert_int_equal(asset, ASSET_LOST);
	assert_null(media_kind_name(MEDIA_UNKNOWN));
	for (int i = MODE_NONE; i <= MODE_AGENT; i++)
		assert_int_equal(task_mode_parse(task_mode_name((enum task_mode)i)), i);
	assert_null(task_mode_name(MODE_NONE));
	assert_int_equal(task_mode_parse("hologram"), MODE_NONE);
	assert_null(fail_class_name(FAIL_NONE));
}

static void assets_move_by_the_table(void **state)
{
	static const char *const legal[] = {
		/* wfsl */
		[ASSET_WANTED] = "++-+",
		[ASSET_FETCHED] = "++++",
		[ASSET_STORED] = "+-+-",
		[ASSET_LOST] = "+--+",
	};

	(void)state;
	for (int from = ASSET_WANTED; from <= ASSET_LOST; from++)
		for (int to = ASSET_WANTED; to <= ASSET_LOST; to++)
			assert_int_equal(asset_state_may_become((enum asset_state)from,
					     (enum asset_state)to),
			    legal[from][to] == '+');
}

static void a_new_task_knows_nothing(void **state)
{
	_cleanup_(task_freep) struct task *task = task_new();

	(void)state;
	assert_non_null(task);
	assert_int_equal(task->state, TASK_UNKNOWN);
	assert_true(task->status == INT64_MIN);
	assert_int_equal(task->queue.position, -1);
	assert_int_equal(task->queue.eta_seconds, -1);
	assert_int_equal(task->forecast_generate_s, -1);
	assert_int_equal(task->fail.class, FAIL_NONE);
	assert_null(task->submit_id);
	assert_non_null(arena_strdup(&task->arena, "room"));
	task_free(NULL);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(states_move_by_the_table),
		cmocka_unit_test(final_states_stay),
		cmocka_unit_test(names_go_both_ways),
		cmocka_unit_test(strange_names_are_refused),
		cmocka_unit_test(assets_move_by_the_table),
		cmocka_unit_test(a_new_task_knows_nothing),
	};

	return cmocka_run_group_tests_name("task", tests, NULL, NULL);
}
