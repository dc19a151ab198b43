/*
 * test_sink_verbs.c - whole verbs into a sink that is no folder: core, the ledger and the
 * front of dreamq.h are as they are, only the table of kinds is another.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "dreamq/verify.h"
#include "ledger_lab.h"
#include "scene.h"
#include "sink_memory.h"

const struct sink_kind *const sink_kinds[] = { &sink_memory, &sink_folder, NULL };

enum { FILES = 4 };

static void open_scene(struct scene *scene)
{
	scene->on_query = scene_four_images;
	scene->media = media_png(4096, 3);
	scene_open(scene);
	(void)strcpy(scene->out, "memory://box");
}

static void end_scene(struct scene *scene)
{
	memory_set_full(false);
	scene_close(scene);
	memory_clear();
}

static void assert_files(const struct scene *scene, const char *place)
{
	for (int i = 0; i < FILES; i++) {
		char location[64];
		const unsigned char *bytes;
		size_t len = 0;

		(void)snprintf(location, sizeof(location), "%s/task-1_%d.png", place, i);
		bytes = memory_bytes(location, &len);
		assert_non_null(bytes);
		assert_int_equal(len, scene->media.len);
		assert_memory_equal(bytes, scene->media.bytes, len);
	}
}

/* What is stored has its location in the ledger. */
static void assert_noted(const struct scene *scene, const char *place)
{
	_cleanup_(task_freep) struct task *task = lab_task(scene->ledger, "task-1");

	assert_int_equal(task->n_assets, FILES);
	for (int i = 0; i < FILES; i++) {
		const struct asset *asset = task_asset(task, i);
		char location[64];

		(void)snprintf(location, sizeof(location), "%s/task-1_%d.png", place, i);
		assert_int_equal(asset->state, ASSET_STORED);
		assert_string_equal(asset->path, location);
	}
}

static enum dq_status get_with_extras(struct scene *scene)
{
	const char *const ids[] = { "task-1" };
	const struct dq_get get = { .size_bytes = sizeof(get),
		.wait = { .size_bytes = sizeof(get.wait),
		    .interval_ms = 10,
		    .max_wait_ms = 30000 },
		.sink = "memory://box",
		.sidecar = true,
		.exec = "false" };

	return dq_get(scene->dq, ids, 1, &get, &scene->err);
}

static void get_stores_into_it(void **state)
{
	_cleanup_(end_scene) struct scene scene = { 0 };
	unsigned fetched;

	(void)state;
	open_scene(&scene);
	assert_int_equal(scene_get(&scene, "task-1"), DQ_OK);
	assert_files(&scene, "memory://box");
	assert_int_equal(memory_count(), FILES);
	assert_noted(&scene, "memory://box");
	fetched = scene.files;
	scene_rerun(&scene);
	assert_int_equal(scene_get(&scene, "task-1"), DQ_OK); /* home already */
	assert_int_equal(scene.files, fetched);
}

/* Of another kind, and of another place of the same kind: both are copies. */
static void what_is_elsewhere_is_copied(void **state)
{
	_cleanup_(end_scene) struct scene scene = { 0 };
	char folder[sizeof(scene.out)];
	unsigned fetched;

	(void)state;
	scene.on_query = scene_four_images;
	scene.media = media_png(4096, 3);
	scene_open(&scene);
	(void)strcpy(folder, scene.out);
	assert_int_equal(scene_get(&scene, "task-1"), DQ_OK);
	fetched = scene.files;
	(void)strcpy(scene.out, "memory://box");
	scene_rerun(&scene);
	assert_int_equal(scene_get(&scene, "task-1"), DQ_OK);
	assert_files(&scene, "memory://box");
	(void)strcpy(scene.out, "memory://other/below");
	scene_rerun(&scene);
	assert_int_equal(scene_get(&scene, "task-1"), DQ_OK);
	assert_files(&scene, "memory://other/below");
	assert_noted(&scene, "memory://other/below");
	(void)strcpy(scene.out, folder);
	for (int i = 0; i < FILES; i++)
		assert_true(scene_has_file(&scene, "task-1", i, &scene.media));
	assert_int_equal(scene.files, fetched);
}

static void sidecars_lie_beside_and_commands_have_no_path(void **state)
{
	_cleanup_(end_scene) struct scene scene = { 0 };
	const unsigned char *text;
	size_t len = 0;

	(void)state;
	open_scene(&scene);
	assert_int_equal(get_with_extras(&scene), DQ_USAGE);
	assert_true(scene_told(&scene, "no --exec for 'memory://box/task-1_0.png'"));
	assert_files(&scene, "memory://box");
	assert_int_equal(memory_count(), 2 * FILES);
	text = memory_bytes("memory://box/task-1_3.png.json", &len);
	assert_non_null(text);
	assert_non_null(strstr((const char *)text, "\"memory://box/task-1_3.png\""));
}

static void damage(const char *location)
{
	size_t len = 0;
	unsigned char *bytes = memory_bytes(location, &len);

	assert_non_null(bytes);
	bytes[len / 2] ^= 1;
}

static enum dq_status verify(
    struct scene *scene, bool repair, struct dq_verified *ret_counts)
{
	const char *const folders[] = { "memory://box", NULL };
	const struct dq_verify wish = { .size_bytes = sizeof(wish),
		.folders = folders,
		.repair = repair,
		.get = { .size_bytes = sizeof(wish.get), .wait.max_wait_ms = 20000 } };

	return dq_verify(scene->dq, &wish, ret_counts, &scene->err);
}

static void verify_finds_and_repairs_what_is_there(void **state)
{
	_cleanup_(end_scene) struct scene scene = { 0 };
	struct dq_verified counts;

	(void)state;
	open_scene(&scene);
	assert_int_equal(scene_get(&scene, "task-1"), DQ_OK);
	assert_int_equal(verify(&scene, false, &counts), DQ_OK);
	assert_int_equal(counts.files, FILES);
	damage("memory://box/task-1_1.png");
	memory_put("memory://box/stray.png", "not ours", 8);
	assert_int_not_equal(verify(&scene, false, &counts), DQ_OK);
	assert_int_equal(counts.altered, 1);
	assert_int_equal(counts.unknown, 1);
	assert_int_equal(verify(&scene, true, &counts), DQ_OK);
	assert_int_equal(counts.repaired, 1);
	assert_files(&scene, "memory://box");
	/* four, the stray, and what was put aside */
	assert_int_equal(memory_count(), FILES + 2);
	assert_int_equal(verify(&scene, false, &counts), DQ_OK);
	assert_int_equal(counts.altered, 0);
}

static void make_room(struct scene *scene, const struct dq_event *event)
{
	(void)scene;
	if (event->type == DQ_EVENT_NOTE && strstr(event->text, "the box is full"))
		memory_set_full(false);
}

static void room_is_waited_for(void **state)
{
	_cleanup_(end_scene) struct scene scene = { .on_event = make_room };

	(void)state;
	open_scene(&scene);
	memory_set_full(true);
	assert_int_equal(scene_get(&scene, "task-1"), DQ_OK);
	assert_true(scene_told(&scene, "the box is full"));
	assert_files(&scene, "memory://box");
	assert_int_equal(memory_count(), FILES);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(get_stores_into_it),
		cmocka_unit_test(what_is_elsewhere_is_copied),
		cmocka_unit_test(sidecars_lie_beside_and_commands_have_no_path),
		cmocka_unit_test(verify_finds_and_repairs_what_is_there),
		cmocka_unit_test(room_is_waited_for),
	};

	return cmocka_run_group_tests_name("sink verbs", tests, NULL, NULL);
}
