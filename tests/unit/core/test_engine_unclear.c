/* submit: nobody knows whether the request arrived; it is asked for, not sent again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "submit_scene.h"

#define SCENE _cleanup_(scene_close) struct scene

/* --- nobody knows ----------------------------------------------------------------- */

static void hang_up(
    struct scene *scene, struct raw_peer *peer, const char *request, unsigned number)
{
	(void)scene;
	(void)request;
	(void)number;
	raw_reset(peer);
}

static void unclear(
    struct scene *scene, struct raw_peer *peer, const char *request, unsigned number)
{
	static const struct {
		int status;
		const char *body;
	} answers[] = {
		{ 502, "<html>bad gateway</html>" },
		{ 500, "" },
		{ 200, "" },
		{ 200, "<html>please wait</html>" },
		{ 200, "{\"ret\":\"0\",\"data\":" },
		{ 429, "" },
		{ 200, "[]" },
		{ 200, "{\"ret\":\"4711\",\"errmsg\":\"who knows\"}" },
		{ 200, "{\"ret\":\"0\",\"data\":{}}" },
		{ 401, "" },
		{ 302, "" },
	};
	const size_t *which = scene->payload;

	(void)request;
	(void)number;
	raw_answer(peer, answers[*which].status, "", answers[*which].body);
}

static void a_lost_answer_is_settled_by_asking(void **state)
{
	SCENE scene = { .on_submit = hang_up };
	char id[DQ_ID_MAX + 1] = "";

	(void)state;
	scene_open(&scene);
	assert_int_equal(submit(&scene, id), DQ_OK);
	assert_int_equal(atomic_load(&scene.submits), 1);
	assert_int_equal(atomic_load(&scene.queries), 1);
	assert_true(scene_told(&scene, "note: "));
	assert_state(&scene, "succeeded");
	assert_true(scene_told(&scene, "\"state\":\"succeeded\""));
}

static void an_unclear_answer_is_settled_by_asking(void **state)
{
	(void)state;
	for (size_t i = 0; i < 11; i++) {
		SCENE scene = { .on_submit = unclear, .payload = &i };
		char id[DQ_ID_MAX + 1] = "";

		print_message("# %zu\n", i);
		scene_open(&scene);
		assert_int_equal(submit(&scene, id), DQ_OK);
		assert_int_equal(atomic_load(&scene.submits), 1);
		assert_int_equal(atomic_load(&scene.queries), 1);
	}
}

static void knows_it_later(
    struct scene *scene, struct raw_peer *peer, const char *request, unsigned number)
{
	const char *id = strstr(request, "_ids\":[\"");
	char data[400];

	if (number == 0) {
		scene_say(scene, peer, NULL);
		return;
	}
	(void)snprintf(data, sizeof(data),
	    "\"%.36s\":{\"submit_id\":\"%.36s\",\"status\":20,\"item_list\":[]}", id + 8,
	    id + 8);
	scene_say_data(peer, data);
}

/* Unknown at first: it is asked for again, and never sent again. */
static void absence_does_not_send_it_again(void **state)
{
	static const char *const fast[] = { "time_scale=100", NULL };
	SCENE scene = { .on_submit = hang_up, .on_query = knows_it_later, .wire = fast };
	char id[DQ_ID_MAX + 1] = "";

	(void)state;
	scene_open(&scene);
	assert_int_equal(submit(&scene, id), DQ_OK);
	assert_int_equal(atomic_load(&scene.submits), 1);
	assert_true(atomic_load(&scene.queries) >= 2);
	assert_state(&scene, "generating");
}

static void dead_login(
    struct scene *scene, struct raw_peer *peer, const char *request, unsigned number)
{
	(void)scene;
	(void)request;
	(void)number;
	raw_answer(peer, 200, "", "{\"ret\":\"1015\",\"errmsg\":\"login error\"}");
}

/* Nobody can tell: it stays unknown, and the id is there to ask for. */
static void what_nobody_knows_stays_unknown(void **state)
{
	SCENE scene = { .on_submit = hang_up, .on_query = dead_login };
	char id[DQ_ID_MAX + 1] = "";

	(void)state;
	scene_open(&scene);
	assert_int_equal(submit(&scene, id), DQ_AUTH);
	assert_int_equal(atomic_load(&scene.submits), 1);
	assert_state(&scene, "unknown");
	scene.on_query = NULL;
	scene_rerun(&scene);
	assert_int_equal(scene_get(&scene, id), DQ_OK);
	assert_int_equal(atomic_load(&scene.submits), 1);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_lost_answer_is_settled_by_asking),
		cmocka_unit_test(an_unclear_answer_is_settled_by_asking),
		cmocka_unit_test(absence_does_not_send_it_again),
		cmocka_unit_test(what_nobody_knows_stays_unknown),
	};

	return cmocka_run_group_tests_name("engine_unclear", tests, NULL, NULL);
}
