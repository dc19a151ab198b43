/* get: files that never end, and files that only drip. */
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

#define COUNT(a) (sizeof(a) / sizeof(*(a)))
#define SCENE _cleanup_(scene_close) struct scene

enum {
	LARGE = 300 << 10,
	CUT = 150 << 10,
	WINDOW = 64 << 10,
	TRIES = 8,
	DRIPS = 200, /* of 5 bytes, twenty a second */
};

/* The service's clock: what a schedule waits for takes no time to speak of. */
static const char *const fast[] = { "time_scale=1000", NULL };

static void say_images(struct scene *scene, struct raw_peer *peer, int n)
{
	scene_say(scene, peer,
	    &(struct record){ .id = "task-1", .status = 50, .usable = n, .total = n });
}

static void one_image(
    struct scene *scene, struct raw_peer *peer, const char *request, unsigned number)
{
	(void)request;
	(void)number;
	say_images(scene, peer, 1);
}

static void two_images(
    struct scene *scene, struct raw_peer *peer, const char *request, unsigned number)
{
	(void)request;
	(void)number;
	say_images(scene, peer, 2);
}

/* --- no progress ------------------------------------------------------------------- */

/* 200 and the first CUT bytes, whatever was asked for. */
static void say_the_start(struct scene *scene, struct raw_peer *peer, const char *tag)
{
	raw_say(peer, "HTTP/1.1 200 Test\r\n%sContent-Length: %zu\r\n\r\n", tag,
	    scene->media.len);
	raw_say_bytes(peer, scene->media.bytes, CUT);
	raw_hang_up(peer);
}

static void ignores_range(
    struct scene *scene, struct raw_peer *peer, const char *request, unsigned number)
{
	(void)request;
	(void)number;
	say_the_start(scene, peer, "ETag: \"e1\"\r\n");
}

static void changes_its_tag(
    struct scene *scene, struct raw_peer *peer, const char *request, unsigned number)
{
	char tag[64];

	(void)request;
	(void)snprintf(tag, sizeof(tag), "ETag: \"e%u\"\r\n", number);
	say_the_start(scene, peer, tag);
}

static void tells_nothing(
    struct scene *scene, struct raw_peer *peer, const char *request, unsigned number)
{
	(void)request;
	(void)number;
	say_the_start(scene, peer, "");
}

/* Every other try is a dead link, the others bring the same start again. */
static void dies_and_is_cut(
    struct scene *scene, struct raw_peer *peer, const char *request, unsigned number)
{
	(void)request;
	if (number % 2)
		raw_answer(peer, 403, "", "denied");
	else
		say_the_start(scene, peer, "ETag: \"e1\"\r\n");
}

/* A 206 of nobody knows what, for ever: begun afresh, then without Range. */
static void answers_another_place(
    struct scene *scene, struct raw_peer *peer, const char *request, unsigned number)
{
	char range[128];

	(void)number;
	if (!*scene_header(request, "Range", range)) {
		say_the_start(scene, peer, "ETag: \"e1\"\r\n");
		return;
	}
	raw_say(peer,
	    "HTTP/1.1 206 Test\r\nETag: \"e1\"\r\nContent-Range: bytes 7-99/100\r\n"
	    "Content-Length: 93\r\n\r\n");
	raw_say_bytes(peer, scene->media.bytes, 93);
}

static void eight_tries_without_progress_end_a_file(void **state)
{
	static const struct {
		const char *label;
		scene_route *route;
	} row[] = {
		{ "Range is ignored, and cut", ignores_range },
		{ "another ETag each time, and cut", changes_its_tag },
		{ "nothing is told, and cut", tells_nothing },
		{ "cut, dead, cut, dead", dies_and_is_cut },
		{ "another place each time", answers_another_place },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(row); i++) {
		SCENE scene = { .on_query = one_image,
			.wire = fast,
			.on_file = row[i].route,
			.media = media_png(LARGE, 3) };

		print_message("# %s\n", row[i].label);
		scene_open(&scene);
		assert_int_equal(scene_get(&scene, "task-1"), DQ_NETWORK);
		assert_int_equal(atomic_load(&scene.files), TRIES);
		assert_int_equal(scene.told[DQ_EVENT_STORED], 0);
	}
}

/* --- what is proven is built upon --------------------------------------------------- */

static const char *tag_of(unsigned number, const char *first, const char *later)
{
	return number == 0 ? first : later;
}

struct told {
	const char *label, *first, *later; /* header lines */
	long from; /* where the second request begins */
	unsigned files;
};

static void cut_then_the_rest(
    struct scene *scene, struct raw_peer *peer, const char *request, unsigned number)
{
	const struct told *told = scene->payload;
	const char *tag = tag_of(number, told->first, told->later);
	char range[128];
	size_t from = 0;

	if (number == 0) {
		say_the_start(scene, peer, tag);
		return;
	}
	(void)sscanf(scene_header(request, "Range", range), "bytes=%zu-", &from);
	raw_say(peer,
	    "HTTP/1.1 206 Test\r\n%sContent-Range: bytes %zu-%zu/%zu\r\n"
	    "Content-Length: %zu\r\n\r\n",
	    tag, from, scene->media.len - 1, scene->media.len, scene->media.len - from);
	raw_say_bytes(peer, scene->media.bytes + from, scene->media.len - from);
}

/* 64 KiB are asked for again, no more; and nothing at all where a tag proves it. */
static void the_same_object_goes_on(void **state)
{
	static struct told row[] = {
		{ "the same tag", "ETag: \"e\"\r\n", "ETag: \"e\"\r\n", CUT, 2 },
		{ "no tag, never", "", "", CUT - WINDOW, 2 },
		{ "weak tags", "ETag: W/\"e\"\r\n", "ETag: W/\"f\"\r\n", CUT - WINDOW,
		    2 },
		{ "a time", "Last-Modified: now\r\n", "Last-Modified: now\r\n",
		    CUT - WINDOW, 2 },
		{ "a time, then none", "Last-Modified: now\r\n", "", CUT - WINDOW, 2 },
		{ "a tag appears", "", "ETag: \"e\"\r\n", CUT - WINDOW, 2 },
		{ "a tag vanishes", "ETag: \"e\"\r\n", "", CUT, 3 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(row); i++) {
		SCENE scene = { .on_query = one_image,
			.wire = fast,
			.on_file = cut_then_the_rest,
			.payload = &row[i],
			.media = media_png(LARGE, 3) };
		char range[64];

		print_message("# %s\n", row[i].label);
		scene_open(&scene);
		assert_int_equal(scene_get(&scene, "task-1"), DQ_OK);
		scene_assert_home(&scene, "task-1", 0);
		assert_int_equal(atomic_load(&scene.files), row[i].files);
		(void)snprintf(
		    range, sizeof(range), "Range: bytes=%ld-\r\n", row[i].from);
		assert_int_equal(scene_asked(&scene, range), 1);
		/* In a vanished tag's place the end is compared. */
		if (row[i].files == 3) {
			(void)snprintf(
			    range, sizeof(range), "Range: bytes=%d-\r\n", CUT - WINDOW);
			assert_int_equal(scene_asked(&scene, range), 1);
		}
	}
}

/* --- drips ------------------------------------------------------------------------- */

/* The verb has ended: who drips for nobody stops. */
static atomic_bool is_over;

static void drip(struct scene *scene, struct raw_peer *peer)
{
	size_t at = 0;

	raw_say(peer, "HTTP/1.1 200 Test\r\nETag: \"e1\"\r\nContent-Length: %zu\r\n\r\n",
	    scene->media.len);
	raw_say_bytes(peer, scene->media.bytes, CUT);
	for (at = CUT; !atomic_load(&is_over) && at < CUT + 5 * DRIPS; at += 5) {
		raw_say_bytes(peer, scene->media.bytes + at, 5);
		scene_pass_seen(scene, 50);
	}
	raw_say_bytes(peer, scene->media.bytes + at, scene->media.len - at);
}

static void always_drips(
    struct scene *scene, struct raw_peer *peer, const char *request, unsigned number)
{
	(void)request;
	(void)number;
	drip(scene, peer);
}

static void max_wait_cuts_a_drip(void **state)
{
	SCENE scene = { .on_query = one_image,
		.on_file = always_drips,
		.media = media_png(LARGE, 3) };
	const char *const id = "task-1";
	const struct dq_get get = { .size_bytes = sizeof(get),
		.wait = { .size_bytes = sizeof(get.wait), .max_wait_ms = 700 },
		.sink = scene.out };

	(void)state;
	scene_open(&scene);
	atomic_store(&is_over, false);
	assert_int_equal(dq_get(scene.dq, &id, 1, &get, &scene.err), DQ_RUNNING);
	atomic_store(&is_over, true);
	assert_int_equal(scene.told[DQ_EVENT_STORED], 0);
	assert_int_equal(scene_count_files(&scene), 1); /* the partial: nothing is lost */
}

static void first_drips(
    struct scene *scene, struct raw_peer *peer, const char *request, unsigned number)
{
	if (number == 0)
		drip(scene, peer);
	else
		scene_send_file(peer, request, &scene->media, "\"e1\"");
}

/* One place, and a file that drips in it: the other comes first, and then it. */
static void a_drip_gives_way(void **state)
{
	static const char *const wire[] = { "slow_seconds=1", "time_scale=1000", NULL };
	SCENE scene = { .on_query = two_images,
		.on_file = first_drips,
		.wire = wire,
		.media = media_png(LARGE, 3) };
	const char *const id = "task-1";
	const struct dq_get get = { .size_bytes = sizeof(get),
		.wait = { .size_bytes = sizeof(get.wait), .max_wait_ms = 60000 },
		.jobs = 1,
		.sink = scene.out };

	(void)state;
	scene_open(&scene);
	atomic_store(&is_over, false);
	assert_int_equal(dq_get(scene.dq, &id, 1, &get, &scene.err), DQ_OK);
	atomic_store(&is_over, true);
	assert_int_equal(scene.told[DQ_EVENT_STORED], 2);
	assert_int_equal(atomic_load(&scene.files), 3);
	assert_int_equal(scene_asked(&scene, "Range: bytes="), 1);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(eight_tries_without_progress_end_a_file),
		cmocka_unit_test(the_same_object_goes_on),
		cmocka_unit_test(max_wait_cuts_a_drip),
		cmocka_unit_test(a_drip_gives_way),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
