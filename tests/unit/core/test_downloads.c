/*
 * test_downloads.c - the downloads of a run as a part (downloads.h), without an engine:
 * it is given tasks, stepped, and asked.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "core/account/session.h"
#include "core/download/downloads.h"
#include "scene.h"
#include "store/sink.h"

#define SCENE _cleanup_(scene_close) struct scene

enum { KEY = 7, STEPS_MAX = 3000 };

/* The rename of a file waits on its worker until the test lets it go. */
static atomic_bool is_at_rename, may_rename;

enum err_kind __real_partial_commit(struct partial *partial, const char *path,
    const struct sealed *sealed, bool *ret_taken, struct err *err);
enum err_kind __wrap_partial_commit(struct partial *partial, const char *path,
    const struct sealed *sealed, bool *ret_taken, struct err *err);
enum err_kind __wrap_partial_commit(struct partial *partial, const char *path,
    const struct sealed *sealed, bool *ret_taken, struct err *err)
{
	atomic_store(&is_at_rename, true);
	while (!atomic_load(&may_rename))
		(void)nanosleep(&(struct timespec){ .tv_nsec = 1000000 }, NULL);
	return __real_partial_commit(partial, path, sealed, ret_taken, err);
}

/* What a look shows: one picture. The ledger completes it. */
static struct task *seen(struct scene *scene)
{
	struct task *task = task_new();
	struct dq *dq = scene->dq;
	int64_t tokens[] = { 0 };
	struct err err;

	assert_non_null(task);
	task->submit_id = arena_strdup(&task->arena, "task-1");
	task->state = TASK_SUCCEEDED;
	task->kind = MEDIA_IMAGE;
	task->n_assets = 1;
	task->assets = arena_alloc(&task->arena, sizeof(*task->assets));
	assert_non_null(task->assets);
	task->assets[0] = (struct asset){
		.kind = MEDIA_IMAGE,
		.state = ASSET_WANTED,
		.uri = "tos/one",
		.url =
		    arena_strdup(&task->arena, raw_url(scene->server, "/f/task-1.0?v=0")),
		.duration_ms = -1,
		.size_bytes = -1,
		.stored_bytes = -1,
	};
	assert_int_equal(ledger_observe(dq->ledger, dq->profile, &task, tokens, 1,
			     clock_unix_ms(), &err),
	    ERR_OK);
	return task;
}

static struct downloads *open_part(struct scene *scene, const struct dq_get *get)
{
	const struct downloads_setup setup = { .dq = scene->dq, .get = get, .seed = 1 };
	struct downloads *downloads;
	struct err err;

	assert_int_equal(session_ledger(scene->dq, &err), ERR_OK);
	assert_int_equal(session_net(scene->dq, &err), ERR_OK);
	assert_int_equal(downloads_new(&setup, &downloads, &err), ERR_OK);
	return downloads;
}

static void step(struct scene *scene, struct downloads *downloads)
{
	struct err err;

	scene->dq->now = moment_read();
	downloads_step(downloads, true);
	assert_int_equal(net_step(scene->dq->net, 10, &err), ERR_OK);
	downloads_collect(downloads);
}

/*
 * A look that was read before the file was noted, and is given while it gets its name:
 * the task knows all the same where the file is.
 */
static void a_look_in_between_loses_nothing(void **state)
{
	SCENE scene = { .media = media_png(4096, 3) };
	const struct dq_get get = { .sink = scene.out };
	struct downloads_told told = { .key = 0 };
	struct downloads *downloads;
	struct task *stale;
	const struct asset *asset;

	(void)state;
	scene_open(&scene);
	downloads = open_part(&scene, &get);
	downloads_give(downloads, KEY, "task-1", seen(&scene));
	stale = seen(&scene);
	for (int i = 0; i < STEPS_MAX && !atomic_load(&is_at_rename); i++)
		step(&scene, downloads);
	assert_true(atomic_load(&is_at_rename));
	assert_null(stale->assets[0].path);
	downloads_give(downloads, KEY, "task-1", stale);
	atomic_store(&may_rename, true);
	for (int i = 0; i < STEPS_MAX && downloads_open(downloads, KEY) > 0; i++)
		step(&scene, downloads);
	assert_int_equal(downloads_open(downloads, KEY), 0);
	assert_null(downloads_trouble(downloads, KEY));
	asset = &downloads_task(downloads, KEY)->assets[0];
	assert_int_equal(asset->state, ASSET_STORED);
	assert_non_null(asset->path);
	assert_non_null(asset->sha256);
	assert_int_equal(asset->stored_bytes, 4096);
	assert_true(downloads_told(downloads, &told));
	assert_int_equal(told.what, DOWNLOADS_TASK_MOVED);
	assert_int_equal(told.key, KEY);
	assert_false(downloads_told(downloads, &told));
	scene_assert_home(&scene, "task-1", 0);
	downloads_free(downloads);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_look_in_between_loses_nothing),
	};

	return cmocka_run_group_tests_name("downloads", tests, NULL, NULL);
}
