/* What the library knows, as dreamq.h shows it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "core/common/view.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

static void a_new_task_knows_nothing(void **state)
{
	_cleanup_(task_freep) struct task *task = task_new();
	_cleanup_(view_release) struct view view = { 0 };

	(void)state;
	assert_non_null(task);
	task->submit_id = "s-1";
	assert_true(view_make(task, &view));
	assert_string_equal(view.task.submit_id, "s-1");
	assert_null(view.task.history_id);
	assert_null(view.task.kind);
	assert_string_equal(view.task.state, "unknown");
	assert_false(view.task.is_final);
	assert_true(view.task.status == INT64_MIN);
	assert_false(view.task.has_queue);
	assert_int_equal(view.task.queue_position, -1);
	assert_int_equal(view.task.queue_length, -1);
	assert_int_equal(view.task.eta_seconds, -1);
	assert_false(view.task.has_failed);
	assert_null(view.task.fail_class);
	assert_int_equal(view.task.n_assets, 0);
	assert_null(view.task.assets);
	assert_null(view.task.idempotency_key);
	assert_null(view.task.reroll_of);
	assert_int_equal(view.task.polls, -1);
}

static void a_submit_of_ours_is_known_by_its_key(void **state)
{
	_cleanup_(task_freep) struct task *task = task_new();
	_cleanup_(view_release) struct view view = { 0 };

	(void)state;
	assert_non_null(task);
	task->idempotency_key = "k";
	task->rerolls = "s-0";
	task->polls = 3;
	task->requests_micro = 250000;
	assert_true(view_make(task, &view));
	assert_string_equal(view.task.idempotency_key, "k");
	assert_string_equal(view.task.reroll_of, "s-0");
	assert_int_equal(view.task.polls, 3);
	assert_true(view.task.requests == 0.25);
}

static void every_state_and_class_has_its_word(void **state)
{
	(void)state;
	for (int i = 0; i < TASK_STATE_COUNT; i++) {
		_cleanup_(task_freep) struct task *task = task_new();
		_cleanup_(view_release) struct view view = { 0 };

		task->state = (enum task_state)i;
		assert_true(view_make(task, &view));
		assert_string_equal(view.task.state, task_state_name(task->state));
		assert_int_equal(view.task.is_final, task_state_is_final(task->state));
	}
	for (int i = FAIL_CONTENT; i <= FAIL_DELETED; i++) {
		_cleanup_(task_freep) struct task *task = task_new();
		_cleanup_(view_release) struct view view = { 0 };

		task->fail.class = (enum fail_class)i;
		assert_true(view_make(task, &view));
		assert_true(view.task.has_failed);
		assert_non_null(view.task.fail_class);
	}
}

static void the_eta_is_shown(void **state)
{
	_cleanup_(task_freep) struct task *task = task_new();
	_cleanup_(view_release) struct view view = { 0 };

	(void)state;
	assert_true(view_make(task, &view));
	assert_int_equal(view.task.eta_unix_ms, 0);
	view_release(&view);
	task->eta_low_unix_ms = 1;
	task->eta_unix_ms = 2;
	task->eta_high_unix_ms = 3;
	assert_true(view_make(task, &view));
	assert_int_equal(view.task.eta_low_unix_ms, 1);
	assert_int_equal(view.task.eta_unix_ms, 2);
	assert_int_equal(view.task.eta_high_unix_ms, 3);
}

/* A queue that is not there has no place, whatever is left in the fields. */
static void an_old_queue_is_not_shown(void **state)
{
	_cleanup_(task_freep) struct task *task = task_new();
	_cleanup_(view_release) struct view view = { 0 };

	(void)state;
	task->queue = (struct task_queue){ 5, 6, 7 };
	assert_true(view_make(task, &view));
	assert_int_equal(view.task.queue_position, -1);
	view_release(&view);
	task->has_queue = true;
	assert_true(view_make(task, &view));
	assert_int_equal(view.task.queue_position, 5);
	assert_int_equal(view.task.queue_length, 6);
	assert_int_equal(view.task.eta_seconds, 7);
}

static void assets_show_a_file_only_when_it_is_stored(void **state)
{
	static const struct {
		enum asset_state state;
		bool has_file, is_lost;
	} row[] = {
		{ ASSET_WANTED, false, false },
		{ ASSET_FETCHED, false, false },
		{ ASSET_STORED, true, false },
		{ ASSET_LOST, false, true },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(row); i++) {
		const struct asset asset = { .index = 3,
			.kind = MEDIA_VIDEO,
			.state = row[i].state,
			.url = "https://h/x",
			.expires_unix = 1700000000,
			.path = "/p",
			.stored_bytes = 9,
			.sha256 = "ab",
			.lost_reason = "gone",
			.duration_ms = 5042 };
		const struct dq_asset shown = view_asset(&asset);

		assert_int_equal(shown.index, 3);
		assert_string_equal(shown.kind, "video");
		assert_int_equal(shown.is_stored, row[i].has_file);
		assert_int_equal(shown.path != NULL, row[i].has_file);
		assert_int_equal(shown.sha256 != NULL, row[i].has_file);
		assert_int_equal(shown.bytes, row[i].has_file ? 9 : -1);
		assert_int_equal(shown.lost_reason != NULL, row[i].is_lost);
		assert_int_equal(shown.expires_unix, 1700000000);
	}
}

static void no_link_has_no_expiry(void **state)
{
	const struct asset asset = { .expires_unix = 1700000000 };

	(void)state;
	assert_int_equal(view_asset(&asset).expires_unix, 0);
	assert_null(view_asset(&asset).kind);
}

static void many_assets(void **state)
{
	enum { N = 300 };
	_cleanup_(task_freep) struct task *task = task_new();
	_cleanup_(view_release) struct view view = { 0 };
	struct asset assets[N];

	(void)state;
	for (int i = 0; i < N; i++)
		assets[i] = (struct asset){ .index = i, .kind = MEDIA_IMAGE };
	task->assets = assets;
	task->n_assets = N;
	assert_true(view_make(task, &view));
	assert_int_equal(view.task.n_assets, N);
	assert_ptr_equal(view.task.assets, view.assets);
	for (int i = 0; i < N; i++)
		assert_int_equal(view.task.assets[i].index, i);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_new_task_knows_nothing),
		cmocka_unit_test(a_submit_of_ours_is_known_by_its_key),
		cmocka_unit_test(every_state_and_class_has_its_word),
		cmocka_unit_test(the_eta_is_shown),
		cmocka_unit_test(an_old_queue_is_not_shown),
		cmocka_unit_test(assets_show_a_file_only_when_it_is_stored),
		cmocka_unit_test(no_link_has_no_expiry),
		cmocka_unit_test(many_assets),
	};

	return cmocka_run_group_tests_name("view", tests, NULL, NULL);
}
