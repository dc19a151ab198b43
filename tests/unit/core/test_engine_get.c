/* get: every file home, whatever happens on its way. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <fcntl.h>

#include "base/cleanup.h"
#include "core/policy/retry.h"
#include "ledger_lab.h"
#include "scene.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))
#define SCENE _cleanup_(scene_close) struct scene
#define TEXT _cleanup_free_ char *

enum { LARGE = 300 << 10, CUT = 200 << 10 };

/* --- the plain way -------------------------------------------------------------- */

/* The service's clock: what a schedule waits for takes no time to speak of. */
static const char *const fast[] = { "time_scale=1000", NULL };

static void every_file_comes_home_once(void **state)
{
	SCENE scene = { .on_query = scene_four_images };

	(void)state;
	scene_open(&scene);
	assert_int_equal(scene_get(&scene, "task-1"), DQ_OK);
	for (int i = 0; i < 4; i++)
		scene_assert_home(&scene, "task-1", i);
	assert_int_equal(scene_count_files(&scene), 4);
	assert_int_equal(scene.told[DQ_EVENT_STORED], 4);
	assert_int_equal(scene.told[DQ_EVENT_TASK], 1);
	assert_int_equal(atomic_load(&scene.files), 4);
	assert_int_equal(scene_asked(&scene, "/f/task-1.0"), 1);
	assert_int_equal(scene_asked(&scene, "topsecret"), atomic_load(&scene.queries));

	scene_rerun(&scene);
	assert_int_equal(scene_get(&scene, "task-1"), DQ_OK);
	assert_int_equal(atomic_load(&scene.files), 4);
	assert_int_equal(scene_count_files(&scene), 4);
	assert_int_equal(scene.told[DQ_EVENT_STORED], 0);
	assert_true(scene_told(&scene, "\"stored\":true"));
}

static void grows(
    struct scene *scene, struct raw_peer *peer, const char *request, unsigned number)
{
	static const struct record steps[] = {
		{ .id = "task-1", .status = 20, .total = 2 },
		{ .id = "task-1", .status = 45, .usable = 1, .total = 2 },
		{ .id = "task-1", .status = 45, .usable = 1, .total = 2 },
		{ .id = "task-1", .status = 50, .usable = 2, .total = 2 },
	};

	(void)request;
	scene_say(scene, peer, &steps[number < 3 ? number : 3]);
}

static void what_is_there_is_fetched_early(void **state)
{
	SCENE scene = { .on_query = grows, .wire = fast };

	(void)state;
	scene_open(&scene);
	assert_int_equal(scene_get(&scene, "task-1"), DQ_OK);
	scene_assert_home(&scene, "task-1", 0);
	scene_assert_home(&scene, "task-1", 1);
	assert_int_equal(atomic_load(&scene.files), 2);
}

static void has_failed(
    struct scene *scene, struct raw_peer *peer, const char *request, unsigned number)
{
	(void)scene;
	(void)request;
	(void)number;
	scene_say_data(peer,
	    "\"task-1\":{\"submit_id\":\"task-1\",\"status\":30,\"fail_code\":\"2038\","
	    "\"finish_time\":1757778130,\"item_list\":[]}");
}

static void a_failed_task_has_no_files(void **state)
{
	SCENE scene = { .on_query = has_failed };

	(void)state;
	scene_open(&scene);
	assert_int_equal(scene_get(&scene, "task-1"), DQ_FAILED);
	assert_int_equal(scene_count_files(&scene), 0);
	assert_true(scene_told(&scene, "\"code\":\"2038\""));
}

static void one_id_twice(void **state)
{
	const struct dq_get get = { .size_bytes = sizeof(get), .sink = NULL };
	const char *const ids[] = { "task-1", "task-1" };
	SCENE scene = { .on_query = scene_four_images };
	struct dq_get mine = get;

	(void)state;
	scene_open(&scene);
	mine.sink = scene.out;
	mine.wait.interval_ms = 10;
	assert_int_equal(dq_get(scene.dq, ids, 2, &mine, &scene.err), DQ_OK);
	for (int i = 0; i < 4; i++)
		scene_assert_home(&scene, "task-1", i);
	assert_int_equal(scene_count_files(&scene), 4);
	assert_int_equal(scene.told[DQ_EVENT_STORED], 4);
}

static void bad_options(void **state)
{
	static const struct dq_get row[] = {
		{ .name_template = "{nonsense}" },
		{ .name_template = "../{id}" },
		{ .sink = "ftp://x/y" },
		{ .jobs = 65 },
	};
	SCENE scene = { .on_query = scene_four_images };
	const char *id = "task-1";

	(void)state;
	scene_open(&scene);
	for (size_t i = 0; i < COUNT(row); i++) {
		struct dq_get get = row[i];

		print_message("# %zu\n", i);
		get.size_bytes = sizeof(get);
		get.sink = get.sink ? get.sink : scene.out;
		assert_int_equal(dq_get(scene.dq, &id, 1, &get, &scene.err), DQ_USAGE);
	}
	assert_int_equal(atomic_load(&scene.queries), 0);
}

/* --- links that die --------------------------------------------------------------- */

/* Cut in the middle, then refuse the old link until a poll brought a new one. */
static void cut_then_dead(
    struct scene *scene, struct raw_peer *peer, const char *request, unsigned number)
{
	if (number == 0) {
		raw_say(peer,
		    "HTTP/1.1 200 Test\r\nETag: \"e1\"\r\nContent-Length: %zu\r\n\r\n",
		    scene->media.len);
		raw_say_bytes(peer, scene->media.bytes, CUT);
		raw_hang_up(peer);
	} else if (number == 1) {
		raw_answer(peer, 403, "byte-error-code: 00068\r\n", "denied");
	} else {
		scene_send_file(peer, request, &scene->media, "\"e1\"");
	}
}

static void one_large(
    struct scene *scene, struct raw_peer *peer, const char *request, unsigned number)
{
	(void)request;
	(void)number;
	scene_say(scene, peer,
	    &(struct record){ .id = "task-1", .status = 50, .usable = 1, .total = 1 });
}

/* The task has ended long ago; its link dies; a new look renews it; the bytes stay. */
static void a_dead_link_is_renewed_and_resumed(void **state)
{
	SCENE scene = { .on_query = one_large,
		.wire = fast,
		.on_file = cut_then_dead,
		.media = media_png(LARGE, 5) };
	char value[128];
	size_t last;

	(void)state;
	scene_open(&scene);
	assert_int_equal(scene_get(&scene, "task-1"), DQ_OK);
	scene_assert_home(&scene, "task-1", 0);
	assert_int_equal(atomic_load(&scene.queries), 2);
	assert_int_equal(atomic_load(&scene.files), 3);
	last = raw_requests(scene.server) - 1;
	assert_string_equal(
	    scene_header(raw_request(scene.server, last), "If-Range", value), "\"e1\"");
	assert_true(strncmp(scene_header(raw_request(scene.server, last), "Range", value),
			"bytes=", 6) == 0);
	assert_true(atoi(value + 6) > 0);
	assert_string_equal(
	    scene_header(raw_request(scene.server, last), "Cookie", value), "");
}

static void expired_at_first(
    struct scene *scene, struct raw_peer *peer, const char *request, unsigned number)
{
	(void)request;
	scene_say(scene, peer,
	    &(struct record){ .id = "task-1",
		.status = 50,
		.usable = 1,
		.total = 1,
		.life_s = number == 0 ? -10 : 3600 });
}

static void an_expired_link_is_not_even_tried(void **state)
{
	SCENE scene = { .on_query = expired_at_first, .wire = fast };

	(void)state;
	scene_open(&scene);
	assert_int_equal(scene_get(&scene, "task-1"), DQ_OK);
	scene_assert_home(&scene, "task-1", 0);
	assert_int_equal(atomic_load(&scene.queries), 2);
	assert_int_equal(atomic_load(&scene.files), 1);
}

static void always_dead(
    struct scene *scene, struct raw_peer *peer, const char *request, unsigned number)
{
	(void)scene;
	(void)request;
	(void)number;
	raw_answer(peer, 410, "", "gone");
}

static void a_link_that_stays_dead_is_given_up(void **state)
{
	SCENE scene = { .on_query = one_large, .on_file = always_dead, .wire = fast };
	_cleanup_(task_freep) struct task *task = NULL;

	(void)state;
	scene_open(&scene);
	assert_int_equal(scene_get(&scene, "task-1"), DQ_NETWORK);
	assert_int_equal(atomic_load(&scene.files), RETRY_RENEW_MAX + 1);
	assert_int_equal(scene_count_files(&scene), 0);
	task = lab_task(scene.ledger, "task-1");
	assert_int_equal(task->n_assets, 1);
	assert_non_null(task->assets[0].lost_reason);
}

/* --- resuming ------------------------------------------------------------------- */

struct resumption {
	const char *label;
	const char *etag; /* at the second request */
	bool ignores_range, has_changed;
};

static void cut_then_go_on(
    struct scene *scene, struct raw_peer *peer, const char *request, unsigned number)
{
	const struct resumption *how = scene->payload;
	struct media other = { NULL, 0 };

	if (number == 0) {
		raw_say(peer,
		    "HTTP/1.1 200 Test\r\nETag: \"e1\"\r\nContent-Length: %d\r\n\r\n",
		    LARGE);
		if (how->has_changed)
			other = media_png(LARGE, 99);
		raw_say_bytes(peer, other.bytes ? other.bytes : scene->media.bytes, CUT);
		media_release(&other);
		raw_hang_up(peer); /* a reset might take bytes along */
	} else {
		scene_send_file(peer, how->ignores_range ? "\r\n" : request,
		    &scene->media, how->etag);
	}
}

static void a_cut_file_is_resumed_if_it_is_the_same(void **state)
{
	static struct resumption row[] = {
		{ "the same", "\"e1\"", false, false },
		{ "another ETag", "\"e2\"", false, true },
		{ "no ETag any more", NULL, false, true },
		{ "Range ignored", "\"e1\"", true, false },
		{ "Range ignored, and changed", "\"e2\"", true, true },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(row); i++) {
		SCENE scene = { .on_query = one_large,
			.wire = fast,
			.on_file = cut_then_go_on,
			.media = media_png(LARGE, 5),
			.payload = &row[i] };

		print_message("# %s\n", row[i].label);
		scene_open(&scene);
		assert_int_equal(scene_get(&scene, "task-1"), DQ_OK);
		scene_assert_home(&scene, "task-1", 0);
		assert_int_equal(scene_asked(&scene, "If-Range: \"e1\""), 1);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_file_comes_home_once),
		cmocka_unit_test(what_is_there_is_fetched_early),
		cmocka_unit_test(a_failed_task_has_no_files),
		cmocka_unit_test(one_id_twice),
		cmocka_unit_test(bad_options),
		cmocka_unit_test(a_dead_link_is_renewed_and_resumed),
		cmocka_unit_test(an_expired_link_is_not_even_tried),
		cmocka_unit_test(a_link_that_stays_dead_is_given_up),
		cmocka_unit_test(a_cut_file_is_resumed_if_it_is_the_same),
	};

	return cmocka_run_group_tests_name("engine_get", tests, NULL, NULL);
}
