/* get: what is seen of a task while its files are under way. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "ledger_lab.h"
#include "scene.h"

#define SCENE _cleanup_(scene_close) struct scene

enum { LOOK_EACH_MS = 10, NEW_FROM = 5 /* looks */ };

/* The first file is slow; meanwhile its record can't be read any more. */
static void then_unreadable(
    struct scene *scene, struct raw_peer *peer, const char *request, unsigned number)
{
	const struct record broken = {
		.id = "broken", .status = 45, .usable = 1, .total = 2
	};
	const struct record other = { .id = "other",
		.status = atomic_load(&scene->queries) < 30 ? 20 : 50,
		.usable = atomic_load(&scene->queries) < 30 ? 0 : 1,
		.total = 1 };
	_cleanup_free_ char *first =
	    number == 0 ? scene_record(scene, &broken) : strdup("\"broken\":7");
	_cleanup_free_ char *second = scene_record(scene, &other);
	char data[4000];

	(void)request;
	(void)snprintf(data, sizeof(data), "%s,%s", first, second);
	scene_say_data(peer, data);
}

static void after_ten_looks(
    struct scene *scene, struct raw_peer *peer, const char *request, unsigned number)
{
	(void)number;
	for (int i = 0; i < 200 && atomic_load(&scene->queries) < 10; i++)
		scene_pass_seen(scene, LOOK_EACH_MS);
	scene_send_file(peer, request, &scene->media, "\"e1\"");
}

static void a_download_outlives_its_unreadable_record(void **state)
{
	const char *const ids[] = { "broken", "other" };
	SCENE scene = { .on_query = then_unreadable, .on_file = after_ten_looks };
	const struct dq_get get = { .size_bytes = sizeof(get),
		.wait = { .interval_ms = LOOK_EACH_MS, .max_wait_ms = 20000 },
		.sink = scene.out };

	(void)state;
	scene_open(&scene);
	assert_int_equal(dq_get(scene.dq, ids, 2, &get, &scene.err), DQ_CONTRACT);
	assert_true(scene_has_file(&scene, "broken", 0, &scene.media));
	assert_true(scene_has_file(&scene, "other", 0, &scene.media));
	assert_int_equal(scene.told[DQ_EVENT_TASK], 2);
}

/* At 45 one object is shown, at 50 another one under the same place. */
static void made_anew(
    struct scene *scene, struct raw_peer *peer, const char *request, unsigned number)
{
	(void)request;
	scene_say(scene, peer,
	    &(struct record){ .id = "task-1",
		.status = number < NEW_FROM ? 45 : 50,
		.usable = 1,
		.total = 1 + (number < NEW_FROM),
		.version = number < NEW_FROM ? 0 : 1 });
}

/* The old object comes late: the look that shows the new one has been seen by then. */
static void each_version_has_its_bytes(
    struct scene *scene, struct raw_peer *peer, const char *request, unsigned number)
{
	struct media old = media_png(3000, 9);

	(void)number;
	while (strstr(request, "?v=0") && atomic_load(&scene->queries) <= NEW_FROM)
		scene_pass_seen(scene, LOOK_EACH_MS);
	if (strstr(request, "?v=0"))
		scene_pass_seen(scene, LOOK_EACH_MS);
	scene_send_file(
	    peer, request, strstr(request, "?v=0") ? &old : &scene->media, "\"e1\"");
	media_release(&old);
}

static void an_object_made_anew_does_not_get_the_old_bytes(void **state)
{
	SCENE scene = { .on_query = made_anew, .on_file = each_version_has_its_bytes };
	_cleanup_(task_freep) struct task *task = NULL;

	(void)state;
	scene_open(&scene);
	assert_int_equal(scene_get(&scene, "task-1"), DQ_OK);
	task = lab_task(scene.ledger, "task-1");
	assert_string_equal(task_asset(task, 0)->uri, "tos/task-1-0-v1");
	assert_true(scene_has_file(&scene, "task-1", 0, &scene.media));
	assert_int_equal(scene_count_files(&scene), 1);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_download_outlives_its_unreadable_record),
		cmocka_unit_test(an_object_made_anew_does_not_get_the_old_bytes),
	};

	return cmocka_run_group_tests_name("engine_meanwhile", tests, NULL, NULL);
}
