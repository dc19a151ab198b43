/*
 * Every allocation of the pure parts fails once, each in a run of its own:
 * the answer is "no memory", nothing is lost or leaked, and what was there stays.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <cjson/cJSON.h>

#include "base/cleanup.h"
#include "core/common/heap.h"
#include "core/common/view.h"
#include "core/common/workers.h"
#include "core/offers/pick.h"
#include "core/policy/sched.h"
#include "core/stats/count.h"
#include "dreamq/ids.h"
#include "nomem.h"

/* cJSON is a library of its own: --wrap does not reach into it, its hooks do. */
static int hook_json(void **state)
{
	cJSON_Hooks hooks = { .malloc_fn = nomem_malloc, .free_fn = free };

	(void)state;
	cJSON_InitHooks(&hooks);
	return 0;
}

static int unhook_json(void **state)
{
	(void)state;
	cJSON_InitHooks(NULL);
	return 0;
}

enum { RUNS_MAX = 100000 };

/* True: it went well, so nothing is left to fail. Its asserts are about the rest. */
typedef bool run_once(void);

static void each_allocation_fails(run_once *scenario)
{
	for (unsigned n = 1; n < RUNS_MAX; n++) {
		bool went_well;

		nomem_fail(n);
		went_well = scenario();
		if (nomem_left() > 0) {
			nomem_fail(0);
			assert_true(went_well);
			assert_true(n > 1);
			return;
		}
		assert_false(went_well);
	}
	assert_true(false);
}

static bool grow_a_heap(void)
{
	_cleanup_(heap_release) struct heap heap = { 0 };

	for (size_t i = 0; i < 300; i++) {
		if (!heap_reserve(&heap, i + 1)) {
			assert_int_equal(heap.len, i);
			assert_true(heap_reserve(&heap, i + 1));
			heap_set(&heap, i, -(int64_t)i);
			assert_int_equal(heap_first(&heap)->value, i);
			return false;
		}
		heap_set(&heap, i, -(int64_t)i);
	}
	return true;
}

static void heap(void **state)
{
	(void)state;
	each_allocation_fails(grow_a_heap);
}

static void sched_freep(struct sched **sched)
{
	sched_free(*sched);
}

static void dists_freep(struct dists **dists)
{
	dists_free(*dists);
}

/* The key that could not be added can be added later, and none is missing then. */
static bool fill_a_schedule(void)
{
	_cleanup_(dists_freep) struct dists *dists = dists_new();
	_cleanup_(sched_freep) struct sched *sched = NULL;
	size_t keys[400];
	bool went_well = true;

	if (!dists)
		return false;
	sched = sched_new(&(struct sched_options){ .batch_max = 400, .dists = dists });
	if (!sched)
		return false;
	for (size_t i = 0; i < 300; i++) {
		struct err err = { .kind = ERR_OK };

		if (sched_add(sched, i, 0, &err)) {
			assert_int_equal(err.kind, ERR_NOMEM);
			assert_int_equal(sched_add(sched, i, 0, &err), ERR_OK);
			went_well = false;
		}
	}
	assert_int_equal(sched_take(sched, 0, keys), 300);
	return went_well;
}

static void schedule(void **state)
{
	(void)state;
	each_allocation_fails(fill_a_schedule);
}

static void ids_freep(struct dq_ids **ids)
{
	dq_ids_free(*ids);
}

/* What was read before stays, and reading again completes it. */
static bool read_ids(const char *text, size_t n_good)
{
	_cleanup_(ids_freep) struct dq_ids *ids = NULL;
	struct dq_error err = { .status = DQ_OK };

	if (dq_ids_new(&ids, &err)) {
		assert_int_equal(err.status, DQ_STORAGE);
		return false;
	}
	if (!dq_ids_add_text(ids, text, strlen(text), "f", NULL, NULL, &err)) {
		assert_int_equal(dq_ids_count(ids), n_good);
		return true;
	}
	assert_int_equal(err.status, DQ_STORAGE);
	assert_true(dq_ids_count(ids) < n_good);
	assert_int_equal(
	    dq_ids_add_text(ids, text, strlen(text), "f", NULL, NULL, &err), DQ_OK);
	assert_int_equal(dq_ids_count(ids), n_good);
	return false;
}

static bool read_lines(void)
{
	char text[2000] = "";

	for (unsigned i = 0; i < 150; i++)
		(void)sprintf(text + strlen(text), "id-%u\n", i % 140);
	strcat(text, "no id\n");
	strcat(text, "last\n");
	return read_ids(text, 141);
}

static bool read_array(void)
{
	return read_ids("[\"a\",\"b\",null,\"c d\",\"e\"]", 3);
}

static bool add_one(void)
{
	_cleanup_(ids_freep) struct dq_ids *ids = NULL;
	struct dq_error err = { .status = DQ_OK };

	if (dq_ids_new(&ids, &err))
		return false;
	if (!dq_ids_add(ids, "a", "argument 1", &err))
		return true;
	assert_int_equal(err.status, DQ_STORAGE);
	assert_int_equal(dq_ids_count(ids), 0);
	return false;
}

static void ids(void **state)
{
	(void)state;
	each_allocation_fails(read_lines);
	each_allocation_fails(read_array);
	each_allocation_fails(add_one);
}

static bool write_line(enum dq_event_type type)
{
	static const struct dq_asset assets[2] = {
		{ .url = "https://h/x", .path = "/\xff", .format = "png" },
		{ .expires_unix = 1 },
	};
	static const struct dq_task task = { .submit_id = "s-1",
		.state = "failed",
		.has_queue = true,
		.has_failed = true,
		.fail_message = "图",
		.assets = assets,
		.n_assets = 2 };
	const struct dq_event event = {
		.type = type, .task = &task, .asset = assets, .at_unix_ms = 5
	};
	_cleanup_free_ char *line = dq_event_json(&event);

	return line != NULL;
}

static bool write_task(void)
{
	return write_line(DQ_EVENT_TASK);
}

static bool write_state(void)
{
	return write_line(DQ_EVENT_STATE);
}

static bool write_progress(void)
{
	return write_line(DQ_EVENT_PROGRESS);
}

static bool write_stored(void)
{
	return write_line(DQ_EVENT_STORED);
}

/* A line that lacks a key is worse than none. */
static void lines(void **state)
{
	(void)state;
	each_allocation_fails(write_task);
	each_allocation_fails(write_state);
	each_allocation_fails(write_progress);
	each_allocation_fails(write_stored);
}

static bool make_a_view(void)
{
	struct asset assets[3] = { { .index = 0 }, { .index = 1 }, { .index = 2 } };
	const struct task task = { .assets = assets, .n_assets = 3 };
	_cleanup_(view_release) struct view view = { 0 };

	if (view_make(&task, &view))
		return true;
	assert_null(view.assets);
	assert_int_equal(view.task.n_assets, 0);
	return false;
}

static void view(void **state)
{
	(void)state;
	each_allocation_fails(make_a_view);
}

/* It stays what it was, or it is the one that was picked: nothing between. */
static bool pick_a_variant(void)
{
	static const struct variant all[] = {
		{ .width = 2, .height = 2, .object = "a", .url = "https://a" },
		{ .width = 4, .height = 4, .object = "b", .url = "https://b" },
	};
	struct asset asset = { .kind = MEDIA_VIDEO,
		.url = "https://a",
		.size_bytes = -1,
		.offer = { "7", all, 2 },
		.wish = WISH_FETCH };
	const unsigned held = nomem_left();
	_cleanup_(task_freep) struct task *task = NULL;
	bool is_picked;

	nomem_fail(0);
	task = task_new();
	assert_non_null(task);
	nomem_fail(held);
	is_picked = pick_variant(task, &asset, NULL, QUALITY_ORIGINAL);
	assert_string_equal(asset.url, is_picked ? "https://b" : "https://a");
	assert_int_equal(asset.picked != NULL, is_picked);
	return is_picked;
}

static void variants(void **state)
{
	(void)state;
	each_allocation_fails(pick_a_variant);
}

/*
 * Without memory such a set answers for the kind, which is no failure: fill it
 * before.
 */
static struct dists *make_dists(void)
{
	const unsigned held = nomem_left();
	struct dists *dists;

	nomem_fail(0);
	dists = dists_new();
	assert_non_null(dists);
	(void)dists_learnt(dists, dists_lane(dists, MEDIA_IMAGE, "m"));
	nomem_fail(held);
	return dists;
}

static void count_tasks(struct stats_count *count, int n)
{
	for (int i = 0; i < n; i++) {
		char model[] = "m", code[] = "2038";

		stats_count_add(count,
		    &(struct past_task){ .model = model,
			.kind = MEDIA_IMAGE,
			.state = i % 2 ? TASK_SUCCEEDED : TASK_FAILED,
			.fail_class = FAIL_CONTENT,
			.fail_code = code,
			.first_seen_unix_ms = 100000000LL * i,
			.created_unix_ms = 1000,
			.finished_unix_ms = 200000000000LL + i,
			.detected_unix_ms = 200000001000LL });
	}
}

static void ignore_line(void *payload, const char *line)
{
	assert_null(payload);
	assert_non_null(line);
}

/* NULL: no memory. */
static struct dq_stats *count_so_many(int n)
{
	_cleanup_(dists_freep) struct dists *dists = make_dists();
	_cleanup_(stats_count_freep) struct stats_count *count = stats_count_new();

	if (!count)
		return NULL;
	count_tasks(count, n);
	return stats_count_take(count, dists);
}

static bool count_many(void)
{
	struct dq_stats *stats = count_so_many(200);

	if (!stats)
		return false;
	assert_int_equal(stats->lanes[1].tasks, 200);
	assert_int_equal(stats->n_days, 200);
	dq_stats_free(stats);
	return true;
}

static bool write_statistics(void)
{
	struct dq_error error = { .status = DQ_OK };
	struct dq_stats *stats = count_so_many(2);
	bool went_well;

	if (!stats)
		return false;
	went_well = dq_stats_json(stats, ignore_line, NULL, &error) == DQ_OK;
	assert_int_equal(error.status, went_well ? DQ_OK : DQ_STORAGE);
	dq_stats_free(stats);
	return went_well;
}

static void statistics(void **state)
{
	(void)state;
	each_allocation_fails(count_many);
	each_allocation_fails(write_statistics);
}

static void wake(void *payload)
{
	(void)payload;
}

static void worker_threads(void **state)
{
	struct workers *workers = NULL;
	struct err err = { .kind = ERR_OK };

	(void)state;
	nomem_fail(1);
	assert_int_equal(workers_new(2, wake, NULL, &workers, &err), ERR_NOMEM);
	nomem_fail(0);
	assert_int_equal(err.kind, ERR_NOMEM);
	assert_null(workers);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(heap),
		cmocka_unit_test(schedule),
		cmocka_unit_test(ids),
		cmocka_unit_test(lines),
		cmocka_unit_test(view),
		cmocka_unit_test(variants),
		cmocka_unit_test(statistics),
		cmocka_unit_test(worker_threads),
	};

	return cmocka_run_group_tests_name("core_nomem", tests, hook_json, unhook_json);
}
