/* Records that may be another task's: neither is believed until one alone agrees. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "scene.h"

#define SCENE _cleanup_(scene_close) struct scene

/* A record of one image; `from` in it, wherever it is, becomes `to`. */
static char *record_with(
    struct scene *scene, const char *id, const char *from, const char *to)
{
	_cleanup_free_ char *text = scene_record(
	    scene, &(struct record){ .id = id, .status = 50, .usable = 1, .total = 1 });
	char *result = strdup("");

	for (const char *at = text; result;) {
		const char *hit = strstr(at, from);
		char *longer = NULL;

		if (asprintf(&longer, "%s%.*s%s", result,
			(int)(hit ? hit - at : (long)strlen(at)), at, hit ? to : "") < 0)
			abort();
		free(result);
		result = longer;
		if (!hit)
			break;
		at = hit + strlen(from);
	}
	return result;
}

static bool asks_for_both(const char *request)
{
	return strstr(request, "task-1") && strstr(request, "task-2");
}

static void say_own(struct scene *scene, struct raw_peer *peer, const char *request)
{
	scene_say(scene, peer,
	    &(struct record){ .id = strstr(request, "task-1") ? "task-1" : "task-2",
		.status = 50,
		.usable = 1,
		.total = 1 });
}

/* Together both show the file of the first; alone each shows its own. */
static void show_one_file(
    struct scene *scene, struct raw_peer *peer, const char *request, unsigned number)
{
	_cleanup_free_ char *one = record_with(scene, "task-1", "no such", "");
	_cleanup_free_ char *two =
	    record_with(scene, "task-2", "tos/task-2", "tos/task-1");
	_cleanup_free_ char *both = NULL;

	(void)number;
	if (!asks_for_both(request)) {
		say_own(scene, peer, request);
		return;
	}
	if (asprintf(&both, "%s,%s", one, two) < 0)
		abort();
	scene_say_data(peer, both);
}

static void two_tasks_did_not_make_one_file(void **state)
{
	SCENE scene = { .on_query = show_one_file };

	(void)state;
	scene_open(&scene);
	assert_int_equal(scene_query(&scene, "task-1", "task-2", NULL), DQ_OK);
	assert_int_equal(atomic_load(&scene.queries), 3);
	assert_true(scene_told(&scene, "mixes up 'task-1' and 'task-2'"));
	assert_true(scene_told(&scene, "/f/task-2.0?v=0"));
}

/* `payload` is the id that stands in the record of task-1, under the key "task-1". */
static void carry_another_id(
    struct scene *scene, struct raw_peer *peer, const char *request, unsigned number)
{
	const char *const *id = scene->payload;
	_cleanup_free_ char *inner = NULL, *record = NULL;

	(void)number;
	if (!strstr(request, "task-1")) {
		say_own(scene, peer, request);
		return;
	}
	if (asprintf(&inner, "\"submit_id\":\"%s\"", *id) < 0)
		abort();
	record = record_with(scene, "task-1", "\"submit_id\":\"task-1\"", inner);
	scene_say_data(peer, record);
}

static void a_stranger_s_id_is_told_and_the_key_believed(void **state)
{
	const char *id = "who-is-that";
	SCENE scene = { .on_query = carry_another_id, .payload = &id };

	(void)state;
	scene_open(&scene);
	assert_int_equal(scene_query(&scene, "task-1", NULL, NULL), DQ_OK);
	assert_int_equal(atomic_load(&scene.queries), 1);
	assert_true(scene_told(&scene, "'who-is-that'"));
	assert_true(scene_told(&scene, "\"state\":\"succeeded\""));
}

static void the_id_of_a_task_in_the_ledger_is_no_stranger_s(void **state)
{
	const char *id = "task-2";
	SCENE scene = { .on_query = carry_another_id, .payload = &id };

	(void)state;
	scene_open(&scene);
	assert_int_equal(scene_get(&scene, "task-2"), DQ_OK);
	assert_int_equal(scene_query(&scene, "task-1", NULL, NULL), DQ_CONTRACT);
	assert_true(scene_told(&scene, "mixes up 'task-1' and 'task-2'"));
	assert_false(scene_told(&scene,
	    "\"submit_id\":\"task-1\",\"history_id\":null,"
	    "\"kind\":\"image\",\"state\":\"succeeded\""));
	assert_int_equal(scene_count_files(&scene), 1);
}

/* Together they are swapped; alone they carry no ids at all. */
static void carry_none_alone(
    struct scene *scene, struct raw_peer *peer, const char *request, unsigned number)
{
	_cleanup_free_ char *one = record_with(scene, "task-1", "submit_id\":\"task-1",
	    asks_for_both(request) ? "submit_id\":\"task-2" : "no_id\":\"");
	_cleanup_free_ char *two = record_with(scene, "task-2", "submit_id\":\"task-2",
	    asks_for_both(request) ? "submit_id\":\"task-1" : "no_id\":\"");
	_cleanup_free_ char *both = NULL;

	(void)number;
	if (!asks_for_both(request)) {
		scene_say_data(peer, strstr(request, "task-1") ? one : two);
		return;
	}
	if (asprintf(&both, "%s,%s", one, two) < 0)
		abort();
	scene_say_data(peer, both);
}

static void a_record_without_ids_contradicts_nobody(void **state)
{
	SCENE scene = { .on_query = carry_none_alone };

	(void)state;
	scene_open(&scene);
	assert_int_equal(scene_query(&scene, "task-1", "task-2", NULL), DQ_OK);
	assert_int_equal(atomic_load(&scene.queries), 3);
}

/* Also a run that waits ends with it, after so many polls, with nothing taken. */
static void what_never_agrees_ends(void **state)
{
	static const char *const fast[] = { "time_scale=1000", NULL };
	const char *id = "task-2";
	SCENE scene = { .on_query = carry_another_id, .payload = &id, .wire = fast };

	(void)state;
	scene_open(&scene);
	assert_int_equal(scene_get(&scene, "task-2"), DQ_OK);
	assert_int_equal(scene_get(&scene, "task-1"), DQ_CONTRACT);
	assert_int_equal(atomic_load(&scene.queries), 1 + 9);
	assert_int_equal(atomic_load(&scene.files), 1);
	assert_int_equal(scene_count_files(&scene), 1);
	assert_non_null(strstr(scene.err.message, "'task-2'"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(two_tasks_did_not_make_one_file),
		cmocka_unit_test(a_stranger_s_id_is_told_and_the_key_believed),
		cmocka_unit_test(the_id_of_a_task_in_the_ledger_is_no_stranger_s),
		cmocka_unit_test(a_record_without_ids_contradicts_nobody),
		cmocka_unit_test(what_never_agrees_ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
