/* get: what servers say of a file is not believed, but checked. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include <fcntl.h>

#include "base/cleanup.h"
#include "base/hash.h"
#include "scene.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))
#define SCENE _cleanup_(scene_close) struct scene

enum { LARGE = 600 << 10 };

/* The service's clock: what a schedule waits for takes no time to speak of. */
static const char *const fast[] = { "time_scale=1000", NULL };

/* --- servers that lie -------------------------------------------------------------- */

struct lie {
	const char *label;
	void (*first)(struct scene *scene, struct raw_peer *peer, const char *request);
	unsigned n_files; /* requests for the file, the good one included */
};

static void cut_off(struct scene *scene, struct raw_peer *peer, const char *request)
{
	(void)request;
	raw_say(peer, "HTTP/1.1 200 Test\r\nETag: \"e1\"\r\nContent-Length: %zu\r\n\r\n",
	    scene->media.len);
	raw_say_bytes(peer, scene->media.bytes, scene->media.len / 2);
	raw_reset(peer);
}

/* Without a length only the container tells that something is missing. */
static void cut_off_quietly(
    struct scene *scene, struct raw_peer *peer, const char *request)
{
	(void)request;
	raw_say(peer, "HTTP/1.1 200 Test\r\nConnection: close\r\n\r\n");
	raw_say_bytes(peer, scene->media.bytes, scene->media.len - 20);
	raw_reset(peer);
}

static void html(struct scene *scene, struct raw_peer *peer, const char *request)
{
	(void)scene;
	(void)request;
	raw_answer(peer, 200, "Content-Type: image/png\r\n",
	    "<!DOCTYPE html><html><body>please log in</body></html>");
}

static void json(struct scene *scene, struct raw_peer *peer, const char *request)
{
	(void)scene;
	(void)request;
	raw_answer(peer, 200, "", "{\"ret\":\"1015\",\"errmsg\":\"login error\"}");
}

static void nothing(struct scene *scene, struct raw_peer *peer, const char *request)
{
	(void)scene;
	(void)request;
	raw_answer(peer, 200, "", "");
}

static void busy(struct scene *scene, struct raw_peer *peer, const char *request)
{
	(void)scene;
	(void)request;
	raw_answer(peer, 503, "Retry-After: 1\r\n", "");
}

static void slow_down(struct scene *scene, struct raw_peer *peer, const char *request)
{
	(void)scene;
	(void)request;
	raw_answer(peer, 429, "", "");
}

static void unsatisfiable(struct scene *scene, struct raw_peer *peer, const char *request)
{
	(void)scene;
	(void)request;
	raw_answer(peer, 416, "Content-Range: bytes */77\r\n", "");
}

static void wrong_place(struct scene *scene, struct raw_peer *peer, const char *request)
{
	(void)request;
	raw_say(peer,
	    "HTTP/1.1 206 Test\r\nContent-Range: bytes 100-%zu/%zu\r\n"
	    "Content-Length: %zu\r\n\r\n",
	    scene->media.len - 1, scene->media.len, scene->media.len - 100);
	raw_say_bytes(peer, scene->media.bytes + 100, scene->media.len - 100);
}

static void lie_first(
    struct scene *scene, struct raw_peer *peer, const char *request, unsigned number)
{
	const struct lie *lie = scene->payload;

	if (number == 0)
		lie->first(scene, peer, request);
	else
		scene_send_file(peer, request, &scene->media, "\"e1\"");
}

static void a_lie_is_found_out_and_survived(void **state)
{
	static struct lie row[] = {
		{ "cut off", cut_off, 2 },
		{ "cut off quietly", cut_off_quietly, 2 },
		{ "HTML", html, 2 },
		{ "JSON", json, 2 },
		{ "nothing", nothing, 2 },
		{ "503", busy, 2 },
		{ "429", slow_down, 2 },
		{ "416", unsatisfiable, 2 },
		{ "206 from another place", wrong_place, 2 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(row); i++) {
		SCENE scene = { .on_query = scene_one_image,
			.on_file = lie_first,
			.payload = &row[i],
			.wire = fast };

		print_message("# %s\n", row[i].label);
		scene_open(&scene);
		assert_int_equal(scene_get(&scene, "task-1"), DQ_OK);
		scene_assert_home(&scene, "task-1", 0);
		assert_int_equal(scene_count_files(&scene), 1);
		assert_int_equal(atomic_load(&scene.files), row[i].n_files);
	}
}

static void always_html(
    struct scene *scene, struct raw_peer *peer, const char *request, unsigned number)
{
	(void)number;
	html(scene, peer, request);
}

static void a_server_that_only_lies_leaves_nothing(void **state)
{
	SCENE scene = {
		.on_query = scene_one_image, .on_file = always_html, .wire = fast
	};

	(void)state;
	scene_open(&scene);
	assert_int_equal(scene_get(&scene, "task-1"), DQ_CONTRACT);
	assert_int_equal(scene_count_files(&scene), 0);
	assert_int_equal(scene.told[DQ_EVENT_STORED], 0);
}

/* --- claims ------------------------------------------------------------------------ */

static void with_fields(
    struct scene *scene, struct raw_peer *peer, const char *request, unsigned number)
{
	(void)request;
	(void)number;
	scene_say(scene, peer,
	    &(struct record){ .id = "task-1",
		.status = 50,
		.usable = 1,
		.total = 1,
		.fields = scene->payload });
}

static void size_and_md5_are_checked(void **state)
{
	static const struct {
		const char *label;
		int64_t size;
		const char *md5;
		enum dq_status status;
	} row[] = {
		{ "right size", 2000, NULL, DQ_OK },
		{ "wrong size", 2001, NULL, DQ_CONTRACT },
		{ "wrong md5", 2000, "00000000000000000000000000000000", DQ_CONTRACT },
		{ "large, right size", LARGE, NULL, DQ_OK },
		{ "large, wrong md5", LARGE, "00000000000000000000000000000000",
		    DQ_CONTRACT },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(row); i++) {
		char fields[128], md5[64] = "";
		SCENE scene = { .on_query = with_fields,
			.wire = fast,
			.payload = fields,
			.media = media_png(row[i].size == LARGE ? LARGE : 2000, 1) };

		print_message("# %s\n", row[i].label);
		if (row[i].md5)
			(void)snprintf(md5, sizeof(md5), ",\"md5\":\"%s\"", row[i].md5);
		(void)snprintf(
		    fields, sizeof(fields), ",\"size\":%d%s", (int)row[i].size, md5);
		scene_open(&scene);
		assert_int_equal(scene_get(&scene, "task-1"), row[i].status);
		assert_int_equal(scene_count_files(&scene), row[i].status == DQ_OK);
		assert_int_equal(
		    atomic_load(&scene.files), row[i].status == DQ_OK ? 1 : 4);
	}
}

static void the_right_md5_in_capitals(void **state)
{
	struct media media = media_png(2000, 1);
	char md5[HASH_HEX_MAX], fields[128];
	SCENE scene = { .on_query = with_fields, .payload = fields };
	struct err err;

	(void)state;
	assert_int_equal(hash_text(HASH_MD5, media.bytes, media.len, md5, &err), ERR_OK);
	media_release(&media);
	for (char *c = md5; *c; c++)
		*c = (char)(*c >= 'a' ? *c - 32 : *c);
	(void)snprintf(fields, sizeof(fields), ",\"size\":2000,\"md5\":\"%s\"", md5);
	scene_open(&scene);
	assert_int_equal(scene_get(&scene, "task-1"), DQ_OK);
	scene_assert_home(&scene, "task-1", 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_lie_is_found_out_and_survived),
		cmocka_unit_test(a_server_that_only_lies_leaves_nothing),
		cmocka_unit_test(size_and_md5_are_checked),
		cmocka_unit_test(the_right_md5_in_capitals),
	};

	return cmocka_run_group_tests_name("engine_lies", tests, NULL, NULL);
}
