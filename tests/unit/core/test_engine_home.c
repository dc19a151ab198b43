/* get: what lies in the folder already, and what earlier runs left behind. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "ledger_lab.h"
#include "scene.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))
#define SCENE _cleanup_(scene_close) struct scene
#define TEXT _cleanup_free_ char *

static void assert_state(const struct scene *scene, const char *expected)
{
	lab_assert_asset(scene->ledger, "task-1", 0, expected);
}

static void path_in(char into[160], const struct scene *scene, const char *name)
{
	(void)snprintf(into, 160, "%s/%s", scene->out, name);
}

static void put_file(
    const struct scene *scene, const char *name, const struct media *media)
{
	char path[160];
	FILE *file;

	path_in(path, scene, name);
	(void)mkdir(scene->out, 0755);
	file = fopen(path, "we");
	assert_non_null(file);
	assert_int_equal(fwrite(media->bytes, 1, media->len, file), media->len);
	assert_int_equal(fclose(file), 0);
}

static bool has_bytes(
    const struct scene *scene, const char *name, const struct media *media)
{
	_cleanup_free_ char *bytes = malloc(media->len + 1);
	char path[160];
	FILE *file;
	size_t n;

	path_in(path, scene, name);
	file = fopen(path, "re");
	if (!file)
		return false;
	n = fread(bytes, 1, media->len + 1, file);
	(void)fclose(file);
	return n == media->len && memcmp(bytes, media->bytes, n) == 0;
}

static void another_file_keeps_its_name(void **state)
{
	struct media other = media_png(2000, 77);
	SCENE scene = { .on_query = scene_one_image };

	(void)state;
	scene_open(&scene);
	put_file(&scene, "task-1_0.png", &other);
	assert_int_equal(scene_get(&scene, "task-1"), DQ_OK);
	assert_true(has_bytes(&scene, "task-1_0.png", &other));
	assert_true(has_bytes(&scene, "task-1_0-2.png", &scene.media));
	assert_true(scene_told(&scene, "task-1_0-2.png"));
	assert_int_equal(scene_count_files(&scene), 2);
	media_release(&other);
}

static void the_same_bytes_are_adopted(void **state)
{
	SCENE scene = { .on_query = scene_one_image };

	(void)state;
	scene_open(&scene);
	put_file(&scene, "task-1_0.png", &scene.media);
	assert_int_equal(scene_get(&scene, "task-1"), DQ_OK);
	assert_int_equal(scene_count_files(&scene), 1);
	assert_true(has_bytes(&scene, "task-1_0.png", &scene.media));
	assert_state(&scene, "stored");
}

static void a_deleted_file_is_fetched_again(void **state)
{
	SCENE scene = { .on_query = scene_one_image };
	char path[160];

	(void)state;
	scene_open(&scene);
	path_in(path, &scene, "task-1_0.png");
	assert_int_equal(scene_get(&scene, "task-1"), DQ_OK);
	assert_int_equal(unlink(path), 0);
	scene_rerun(&scene);
	assert_int_equal(scene_get(&scene, "task-1"), DQ_OK);
	assert_true(has_bytes(&scene, "task-1_0.png", &scene.media));
	assert_int_equal(atomic_load(&scene.files), 2);
	assert_int_equal(scene.told[DQ_EVENT_STORED], 1);
}

static void a_cut_file_is_fetched_again_beside_it(void **state)
{
	SCENE scene = { .on_query = scene_one_image };
	char path[160];

	(void)state;
	scene_open(&scene);
	path_in(path, &scene, "task-1_0.png");
	assert_int_equal(scene_get(&scene, "task-1"), DQ_OK);
	assert_int_equal(truncate(path, 100), 0);
	scene_rerun(&scene);
	assert_int_equal(scene_get(&scene, "task-1"), DQ_OK);
	assert_true(has_bytes(&scene, "task-1_0-2.png", &scene.media));
	assert_int_equal(scene_count_files(&scene), 2);
}

static void another_folder_gets_a_copy(void **state)
{
	SCENE scene = { .on_query = scene_one_image };
	char first[96];

	(void)state;
	scene_open(&scene);
	assert_int_equal(scene_get(&scene, "task-1"), DQ_OK);
	scene_rerun(&scene);
	strcpy(first, scene.out);
	(void)sprintf(scene.out, "%s/second", scene.folder);
	assert_int_equal(scene_get(&scene, "task-1"), DQ_OK);
	assert_int_equal(atomic_load(&scene.files), 1);
	assert_int_equal(scene_count_files(&scene), 1);
	assert_true(has_bytes(&scene, "task-1_0.png", &scene.media));
	assert_true(scene_told(&scene, "/second/task-1_0.png"));
	strcpy(scene.out, first);
	assert_true(has_bytes(&scene, "task-1_0.png", &scene.media));
}

/* Our old file has the right size and other bytes: the real ones are fetched anew. */
static void a_spoilt_original_is_not_copied(void **state)
{
	struct media other = media_png(2000, 77);
	SCENE scene = { .on_query = scene_one_image };

	(void)state;
	scene_open(&scene);
	assert_int_equal(scene_get(&scene, "task-1"), DQ_OK);
	put_file(&scene, "task-1_0.png", &other);
	media_release(&other);
	scene_rerun(&scene);
	(void)sprintf(scene.out, "%s/second", scene.folder);
	assert_int_equal(scene_get(&scene, "task-1"), DQ_OK);
	assert_int_equal(atomic_load(&scene.files), 2);
	assert_true(has_bytes(&scene, "task-1_0.png", &scene.media));
	assert_int_equal(scene_count_files(&scene), 1);
}

/* As if killed between the intent and the fact, before or after the rename. */
static void die_storing(const struct scene *scene)
{
	lab_die_storing(scene->ledger, "task-1", 0);
}

static enum dq_status get_with(struct scene *scene, const char *exec, bool sidecar)
{
	const char *id = "task-1";
	const struct dq_get get = { .size_bytes = sizeof(get),
		.wait = { .interval_ms = 10, .max_wait_ms = 20000 },
		.sink = scene->out,
		.sidecar = sidecar,
		.exec = exec };

	return dq_get(scene->dq, &id, 1, &get, &scene->err);
}

static void killed_after_the_rename(void **state)
{
	SCENE scene = { .on_query = scene_one_image };

	(void)state;
	scene_open(&scene);
	assert_int_equal(scene_get(&scene, "task-1"), DQ_OK);
	die_storing(&scene);
	assert_state(&scene, "fetched");
	scene_rerun(&scene);
	assert_int_equal(scene_get(&scene, "task-1"), DQ_OK);
	assert_state(&scene, "stored");
	assert_int_equal(atomic_load(&scene.files), 1);
	assert_int_equal(scene_count_files(&scene), 1);
	assert_int_equal(scene.told[DQ_EVENT_STORED], 1);
	assert_true(scene_told(&scene, "\"stored\":true"));
}

/* Before that, its sidecar had not been written either: now it comes first. */
static void killed_before_the_sidecar(void **state)
{
	SCENE scene = { .on_query = scene_one_image };
	char path[160];

	(void)state;
	scene_open(&scene);
	assert_int_equal(scene_get(&scene, "task-1"), DQ_OK);
	die_storing(&scene);
	scene_rerun(&scene);
	assert_int_equal(
	    get_with(&scene, "grep -q '\"stored\":true' \"$DREAMQ_PATH.json\"", true),
	    DQ_OK);
	assert_state(&scene, "stored");
	path_in(path, &scene, "task-1_0.png.json");
	assert_int_equal(access(path, R_OK), 0);
	assert_int_equal(scene.told[DQ_EVENT_STORED], 1);
}

/* No file is fetched then: the end of the task alone makes it. */
static void what_was_here_before_gets_its_sidecar(void **state)
{
	SCENE scene = { .on_query = scene_one_image };
	char path[160];

	(void)state;
	scene_open(&scene);
	assert_int_equal(scene_get(&scene, "task-1"), DQ_OK);
	scene_rerun(&scene);
	assert_int_equal(get_with(&scene, NULL, true), DQ_OK);
	path_in(path, &scene, "task-1_0.png.json");
	assert_int_equal(access(path, R_OK), 0);
	assert_int_equal(atomic_load(&scene.files), 1);
}

static void killed_before_the_rename(void **state)
{
	SCENE scene = { .on_query = scene_one_image };
	char from[160], to[160];

	(void)state;
	scene_open(&scene);
	assert_int_equal(scene_get(&scene, "task-1"), DQ_OK);
	die_storing(&scene);
	path_in(from, &scene, "task-1_0.png");
	path_in(to, &scene, ".dreamq-task-1.0.part");
	assert_int_equal(rename(from, to), 0);
	scene_rerun(&scene);
	assert_int_equal(scene_get(&scene, "task-1"), DQ_OK);
	assert_state(&scene, "stored");
	assert_int_equal(atomic_load(&scene.files), 1);
	assert_int_equal(scene_count_files(&scene), 1);
	assert_true(has_bytes(&scene, "task-1_0.png", &scene.media));
}

/* The intended name has somebody else's file now. */
static void killed_and_overtaken(void **state)
{
	struct media other = media_png(2000, 77);
	SCENE scene = { .on_query = scene_one_image };

	(void)state;
	scene_open(&scene);
	assert_int_equal(scene_get(&scene, "task-1"), DQ_OK);
	die_storing(&scene);
	put_file(&scene, "task-1_0.png", &other);
	scene_rerun(&scene);
	assert_int_equal(scene_get(&scene, "task-1"), DQ_OK);
	assert_true(has_bytes(&scene, "task-1_0.png", &other));
	assert_true(has_bytes(&scene, "task-1_0-2.png", &scene.media));
	media_release(&other);
}

static void a_lost_file_can_be_found(void **state)
{
	SCENE scene = { .on_query = scene_one_image };
	char path[160];

	(void)state;
	scene_open(&scene);
	assert_int_equal(scene_get(&scene, "task-1"), DQ_OK);
	lab_lose(scene.ledger, "task-1", 0);
	assert_state(&scene, "lost");
	path_in(path, &scene, "task-1_0.png");
	assert_int_equal(unlink(path), 0);
	scene_rerun(&scene);
	assert_int_equal(scene_get(&scene, "task-1"), DQ_OK);
	assert_state(&scene, "stored");
}

/* --- what goes beside a file ------------------------------------------------------ */

/* Also when this process was itself started by such a command. */
static void a_command_sees_its_file(void **state)
{
	SCENE scene = { .on_query = scene_one_image };
	char line[400] = "", expected[400], path[160];
	FILE *file;

	(void)state;
	scene_open(&scene);
	assert_int_equal(setenv("DREAMQ_PATH", "/of/another/run", 1), 0);
	assert_int_equal(setenv("DREAMQ_ID", "another", 1), 0);
	assert_int_equal(
	    get_with(&scene,
		"echo \"$DREAMQ_ID $DREAMQ_INDEX $DREAMQ_KIND ${#DREAMQ_SHA256}\" "
		"> \"$DREAMQ_PATH.txt\"; env | grep -c ^DREAMQ_PATH= >> "
		"\"$DREAMQ_PATH.txt\"",
		false),
	    DQ_OK);
	assert_int_equal(unsetenv("DREAMQ_PATH"), 0);
	assert_int_equal(unsetenv("DREAMQ_ID"), 0);
	path_in(path, &scene, "task-1_0.png.txt");
	file = fopen(path, "re");
	assert_non_null(file);
	assert_true(fread(line, 1, sizeof(line) - 1, file) > 0);
	assert_int_equal(fclose(file), 0);
	(void)snprintf(expected, sizeof(expected), "task-1 0 image 64\n1\n");
	assert_string_equal(line, expected);
}

static void a_command_that_fails_is_told(void **state)
{
	SCENE scene = { .on_query = scene_one_image };

	(void)state;
	scene_open(&scene);
	assert_int_equal(get_with(&scene, "exit 7", false), DQ_STORAGE);
	assert_true(scene_told(&scene, "--exec 'exit 7' ended with status 7"));
	scene_rerun(&scene);
	(void)sprintf(scene.out, "%s/second", scene.folder);
	assert_int_equal(get_with(&scene, "kill -9 $$", false), DQ_STORAGE);
	assert_true(scene_told(&scene, "killed by signal 9"));
}

static void a_sidecar_has_no_link(void **state)
{
	SCENE scene = { .on_query = scene_one_image };
	char text[4000] = "", path[160];
	FILE *file;

	(void)state;
	scene_open(&scene);
	assert_int_equal(get_with(&scene, NULL, true), DQ_OK);
	path_in(path, &scene, "task-1_0.png.json");
	file = fopen(path, "re");
	assert_non_null(file);
	assert_true(fread(text, 1, sizeof(text) - 1, file) > 0);
	assert_int_equal(fclose(file), 0);
	assert_non_null(strstr(text, "\"submit_id\":\"task-1\""));
	assert_non_null(strstr(text, "\"stored\":true"));
	assert_null(strstr(text, "x-expires"));
	assert_null(strstr(text, "topsecret"));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(another_file_keeps_its_name),
		cmocka_unit_test(the_same_bytes_are_adopted),
		cmocka_unit_test(a_deleted_file_is_fetched_again),
		cmocka_unit_test(a_cut_file_is_fetched_again_beside_it),
		cmocka_unit_test(another_folder_gets_a_copy),
		cmocka_unit_test(a_spoilt_original_is_not_copied),
		cmocka_unit_test(killed_after_the_rename),
		cmocka_unit_test(killed_before_the_rename),
		cmocka_unit_test(killed_before_the_sidecar),
		cmocka_unit_test(what_was_here_before_gets_its_sidecar),
		cmocka_unit_test(killed_and_overtaken),
		cmocka_unit_test(a_lost_file_can_be_found),
		cmocka_unit_test(a_command_sees_its_file),
		cmocka_unit_test(a_command_that_fails_is_told),
		cmocka_unit_test(a_sidecar_has_no_link),
	};

	return cmocka_run_group_tests_name("engine_home", tests, NULL, NULL);
}
