/* verify: what is told of the disk, and what a repair makes of it. */
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
#include "dreamq/verify.h"
#include "ledger_lab.h"
#include "scene.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))
#define SCENE _cleanup_(scene_close) struct scene
#define TEXT _cleanup_free_ char *

/* What was told: "what name repaired|open: text" each. */
struct findings {
	char lines[16][400];
	size_t n;
};

static void on_finding(void *payload, const struct dq_finding *finding)
{
	struct findings *findings = payload;
	const char *name = finding->path ? strrchr(finding->path, '/') + 1 : "-";

	assert_true(findings->n < COUNT(findings->lines));
	(void)snprintf(findings->lines[findings->n++], sizeof(findings->lines[0]),
	    "%s %s %s: %s", finding->what, name,
	    finding->is_repaired ? "repaired" : "open", finding->text);
}

static bool told(const struct findings *findings, const char *start)
{
	for (size_t i = 0; i < findings->n; i++)
		if (!strncmp(findings->lines[i], start, strlen(start)))
			return true;
	return false;
}

/* `deep`: a folder to look into besides; NULL none. */
static enum dq_status verify(struct scene *scene, bool repair, const char *deep,
    struct findings *findings, struct dq_verified *counts)
{
	const char *const folders[] = { deep, NULL };
	const struct dq_verify wish = { .size_bytes = sizeof(wish),
		.folders = folders,
		.repair = repair,
		.get = { .size_bytes = sizeof(wish.get), .wait.max_wait_ms = 20000 },
		.on_finding = on_finding,
		.payload = findings };

	*findings = (struct findings){ .n = 0 };
	return dq_verify(scene->dq, &wish, counts, &scene->err);
}

static char is_forgotten[] = "the service does not know it any more";

static void two_images(
    struct scene *scene, struct raw_peer *peer, const char *request, unsigned number)
{
	(void)request;
	(void)number;
	if (scene->payload == is_forgotten)
		scene_say(scene, peer, NULL);
	else
		scene_say(scene, peer,
		    &(struct record){
			.id = "task-1", .status = 50, .usable = 2, .total = 2 });
}

/* task-1_0.png and task-1_1.png are home. */
static void stored(struct scene *scene)
{
	scene->on_query = two_images;
	scene_open(scene);
	assert_int_equal(scene_get(scene, "task-1"), DQ_OK);
	atomic_store(&scene->files, 0);
}

static void path_of(char into[160], const struct scene *scene, const char *name)
{
	(void)snprintf(into, 160, "%s/%s", scene->out, name);
}

static void spoil(const struct scene *scene, const char *name)
{
	char path[160];
	FILE *file;

	path_of(path, scene, name);
	file = fopen(path, "r+e");
	assert_non_null(file);
	assert_int_equal(fseek(file, 50, SEEK_SET), 0);
	assert_int_equal(fwrite("spoilt", 1, 6, file), 6);
	assert_int_equal(fclose(file), 0);
}

static void put(const struct scene *scene, const char *name)
{
	char path[160];
	FILE *file;

	path_of(path, scene, name);
	file = fopen(path, "we");
	assert_non_null(file);
	assert_int_equal(fwrite("bytes", 1, 5, file), 5);
	assert_int_equal(fclose(file), 0);
}

static bool exists(const struct scene *scene, const char *name)
{
	char path[160];

	path_of(path, scene, name);
	return access(path, F_OK) == 0;
}

static void take_away(const struct scene *scene, const char *name)
{
	char path[160];

	path_of(path, scene, name);
	assert_int_equal(unlink(path), 0);
}

static void assert_state(const struct scene *scene, int index, const char *expected)
{
	lab_assert_asset(scene->ledger, "task-1", index, expected);
}

static void what_is_right_is_not_told(void **state)
{
	SCENE scene = { 0 };
	struct findings findings;
	struct dq_verified counts;

	(void)state;
	stored(&scene);
	assert_int_equal(verify(&scene, false, NULL, &findings, &counts), DQ_OK);
	assert_int_equal(findings.n, 0);
	assert_int_equal(counts.files, 2);
	assert_int_equal(counts.bytes, 2 * scene.media.len);
	assert_int_equal(verify(&scene, true, scene.out, &findings, &counts), DQ_OK);
	assert_int_equal(findings.n, 0);
	assert_int_equal(atomic_load(&scene.files), 0);
}

static void what_is_wrong_is_told_and_left_alone(void **state)
{
	SCENE scene = { 0 };
	struct findings findings;
	struct dq_verified counts;
	unsigned queries;

	(void)state;
	stored(&scene);
	queries = atomic_load(&scene.queries);
	take_away(&scene, "task-1_0.png");
	spoil(&scene, "task-1_1.png");
	put(&scene, "foreign.txt");
	put(&scene, ".dreamq-task-1.0.part");
	put(&scene, ".dreamq-task-9.0.part");
	assert_int_equal(verify(&scene, false, NULL, &findings, &counts), DQ_STORAGE);
	assert_true(told(&findings, "missing task-1_0.png open: there is no such"));
	assert_true(told(&findings, "altered task-1_1.png open: its bytes are not"));
	assert_true(told(&findings, "unknown foreign.txt open:"));
	assert_true(told(&findings, "leftover .dreamq-task-9.0.part open:"));
	assert_int_equal(findings.n, 4); /* the other partial is about to be needed */
	assert_int_equal(counts.missing + counts.altered, 2);
	assert_int_equal(scene_count_files(&scene), 4);
	assert_int_equal(atomic_load(&scene.queries), queries);
	assert_state(&scene, 0, "stored");
	assert_state(&scene, 1, "stored");
}

static void a_repair_brings_it_back(void **state)
{
	SCENE scene = { 0 };
	struct findings findings;
	struct dq_verified counts;

	(void)state;
	stored(&scene);
	take_away(&scene, "task-1_0.png");
	spoil(&scene, "task-1_1.png");
	put(&scene, ".dreamq-task-9.0.part");
	assert_int_equal(verify(&scene, true, NULL, &findings, &counts), DQ_OK);
	assert_true(told(&findings, "missing task-1_0.png repaired: there is"));
	assert_true(told(&findings, "altered task-1_1.png repaired: its bytes"));
	assert_true(told(&findings, "leftover .dreamq-task-9.0.part repaired"));
	assert_int_equal(counts.repaired, 3);
	assert_true(scene_has_file(&scene, "task-1", 0, &scene.media));
	assert_true(scene_has_file(&scene, "task-1", 1, &scene.media));
	assert_true(exists(&scene, "task-1_1.png.altered"));
	assert_false(exists(&scene, ".dreamq-task-9.0.part"));
	assert_int_equal(verify(&scene, false, NULL, &findings, &counts), DQ_OK);
	assert_true(told(&findings, "unknown task-1_1.png.altered open"));
	assert_int_equal(findings.n, 1);
}

static void what_was_moved_is_put_back(void **state)
{
	SCENE scene = { 0 };
	struct findings findings;
	struct dq_verified counts;
	char from[160], to[160];

	(void)state;
	scene.media = media_png(5000, 7);
	stored(&scene);
	path_of(from, &scene, "task-1_0.png");
	path_of(to, &scene, "renamed.png");
	assert_int_equal(rename(from, to), 0);
	assert_int_equal(verify(&scene, true, NULL, &findings, &counts), DQ_OK);
	assert_true(told(&findings,
	    "missing task-1_0.png repaired: there is no such "
	    "file; put back from"));
	assert_int_equal(atomic_load(&scene.files), 0);
	assert_true(scene_has_file(&scene, "task-1", 0, &scene.media));
	assert_true(exists(&scene, "renamed.png"));
}

static void what_cannot_be_had_is_lost_once(void **state)
{
	SCENE scene = { 0 };
	struct findings findings;
	struct dq_verified counts;

	(void)state;
	stored(&scene);
	take_away(&scene, "task-1_0.png");
	scene.payload = is_forgotten;
	assert_int_equal(verify(&scene, true, NULL, &findings, &counts), DQ_FAILED);
	assert_true(told(&findings,
	    "missing task-1_0.png open: there is no such file; it can't be had"));
	assert_state(&scene, 0, "lost");
	assert_state(&scene, 1, "stored");
	assert_int_equal(verify(&scene, false, NULL, &findings, &counts), DQ_OK);
	assert_int_equal(findings.n, 0);
}

static void without_a_cookie_nothing_is_touched(void **state)
{
	SCENE scene = { 0 };
	struct findings findings;
	struct dq_verified counts;

	(void)state;
	stored(&scene);
	spoil(&scene, "task-1_1.png");
	assert_int_equal(unlink(scene.cookie), 0);
	scene_rerun(&scene);
	assert_int_equal(verify(&scene, true, NULL, &findings, &counts), DQ_AUTH);
	assert_true(told(&findings,
	    "altered task-1_1.png open: its bytes are not those "
	    "that were stored; not repaired: "));
	assert_true(exists(&scene, "task-1_1.png"));
	assert_false(exists(&scene, "task-1_1.png.altered"));
	assert_state(&scene, 1, "stored");
}

/* Killed after "wanted", before the new intent: the place is in the task's events. */
static void a_killed_repair_is_gone_on_with(void **state)
{
	SCENE scene = { 0 };
	struct findings findings;
	struct dq_verified counts;

	(void)state;
	stored(&scene);
	take_away(&scene, "task-1_0.png");
	lab_die_repairing(scene.ledger, "task-1", 0);
	assert_state(&scene, 0, "wanted");
	assert_int_equal(verify(&scene, false, NULL, &findings, &counts), DQ_OK);
	assert_true(told(&findings, "unfinished - open:"));
	assert_int_equal(counts.unfinished, 1);
	assert_int_equal(verify(&scene, true, NULL, &findings, &counts), DQ_OK);
	assert_true(told(&findings,
	    "unfinished task-1_0.png repaired: it is not fetched "
	    "yet; fetched"));
	assert_true(scene_has_file(&scene, "task-1", 0, &scene.media));
	assert_state(&scene, 0, "stored");
}

/* A session on the same ledger and the same folder. */
static void be_another_profile(struct scene *scene)
{
	const struct dq_options options = { .size_bytes = sizeof(options),
		.cookie_file = scene->cookie,
		.ledger = scene->ledger,
		.profile = "other" };

	dq_close(scene->dq);
	assert_int_equal(dq_open(&options, &scene->dq, &scene->err), DQ_OK);
}

static void files_of_other_profiles_are_known(void **state)
{
	SCENE scene = { 0 };
	struct findings findings;
	struct dq_verified counts;

	(void)state;
	stored(&scene);
	be_another_profile(&scene);
	take_away(&scene, "task-1_0.png");
	assert_int_equal(verify(&scene, false, scene.out, &findings, &counts), DQ_OK);
	assert_int_equal(findings.n, 0);
	assert_int_equal(counts.files, 0);
}

static void interrupt(struct scene *scene, const struct dq_event *event)
{
	if (event->type == DQ_EVENT_TICK)
		dq_interrupt(scene->dq);
}

static void an_interrupt_ends_it(void **state)
{
	SCENE scene = { 0 };
	struct findings findings;
	struct dq_verified counts;

	(void)state;
	stored(&scene);
	take_away(&scene, "task-1_0.png");
	scene.on_event = interrupt;
	assert_int_equal(verify(&scene, true, NULL, &findings, &counts), DQ_INTERRUPTED);
	scene.on_event = NULL;
	assert_int_equal(verify(&scene, true, NULL, &findings, &counts), DQ_OK);
	assert_int_equal(counts.repaired, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_right_is_not_told),
		cmocka_unit_test(what_is_wrong_is_told_and_left_alone),
		cmocka_unit_test(a_repair_brings_it_back),
		cmocka_unit_test(what_was_moved_is_put_back),
		cmocka_unit_test(what_cannot_be_had_is_lost_once),
		cmocka_unit_test(without_a_cookie_nothing_is_touched),
		cmocka_unit_test(a_killed_repair_is_gone_on_with),
		cmocka_unit_test(files_of_other_profiles_are_known),
		cmocka_unit_test(an_interrupt_ends_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
