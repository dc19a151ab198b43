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

/* --- refused, but not barely ------------------------------------------------------ */

/* %s: our own id. */
static const char *const hints[] = {
	"{\"ret\":\"1310\",\"data\":{\"submit_id\":\"%s\"}}",
	"{\"ret\":\"1015\",\"data\":{\"submit_id\":\"%s\"}}",
	"{\"ret\":\"1006\",\"data\":{\"submit_id\":\"%s\"}}",
	"{\"ret\":\"2038\",\"data\":{\"submit_id\":\"%s\"}}",
	"{\"ret\":\"1310\",\"data\":{\"submit_id\":\"of-another\"}}",
	"{\"ret\":\"1310\",\"data\":{\"history_record_id\":25666395318786}}",
	"{\"ret\":\"1310\",\"data\":{\"task\":{\"task_id\":\"25666395318786\"}}}",
	"{\"ret\":\"1310\",\"data\":{\"aigc_data\":{\"task\":{\"submit_id\":\"%s\"}}}}",
	"{\"ret\":\"1310\",\"data\":[{\"history_id\":\"25666395318786\"}]}",
	"{\"ret\":\"1310\",\"data\":{\"pre_gen_item_ids\":[\"1\"]}}",
	"{\"ret\":\"1310\",\"data\":{\"commerce_info\":{\"credit_count\":1}}}",
	"{\"ret\":\"1310\",\"data\":{\"x\":{\"credit_count\":1}}}",
	"{\"ret\":\"1310\",\"data\":\"{\\\"id\\\":\\\"%s\\\"}\"}",
	"{\"ret\":\"1310\",\"errmsg\":\"task %s is running\"}",
	"{\"ret\":\"1310\",\"submit_id\":\"%s\",\"data\":null}",
	"{\"ret\":\"1310\",\"data\":{\"a\":1,\"a\":2}}",
};

static void refuse_with_a_hint(
    struct scene *scene, struct raw_peer *peer, const char *request, unsigned number)
{
	const char *at = strstr(request, "\"submit_id\":\"");
	const size_t *which = scene->payload;
	char id[DQ_ID_MAX + 1] = "", body[400];

	(void)number;
	if (at)
		(void)snprintf(
		    id, sizeof(id), "%.*s", (int)strcspn(at + 13, "\""), at + 13);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	(void)snprintf(body, sizeof(body), hints[*which], id);
#pragma GCC diagnostic pop
	raw_answer(peer, 200, "Retry-After: 1\r\n", body);
}

/* Any name of a task, or a charge: it may have been accepted. */
static void a_refusal_that_names_a_task_is_settled_by_asking(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(hints) / sizeof(*hints); i++) {
		SCENE scene = { .on_submit = refuse_with_a_hint, .payload = &i };
		char id[DQ_ID_MAX + 1] = "";

		print_message("# %s\n", hints[i]);
		scene_open(&scene);
		assert_int_equal(submit(&scene, id), DQ_OK);
		assert_int_equal(atomic_load(&scene.submits), 1);
		assert_int_equal(atomic_load(&scene.queries), 1);
		assert_state(&scene, "succeeded");
	}
}

/* Two answers in each other's place: a "yes" for another task is no yes for this one. */
static void name_the_first(
    struct scene *scene, struct raw_peer *peer, const char *request, unsigned number)
{
	static const char start[] = "{\"ret\":\"0\",\"data\":{\"submit_id\":\"";
	const char *first = scene->payload;
	char body[200];

	(void)request;
	if (number == 0) {
		raw_answer(
		    peer, 200, "", "{\"ret\":\"0\",\"data\":{\"history_id\":\"77\"}}");
		return;
	}
	(void)snprintf(body, sizeof(body), "%s%s\"}}", start, first);
	raw_answer(peer, 200, "", body);
}

static void a_yes_that_names_another_of_our_tasks_is_none(void **state)
{
	char first[DQ_ID_MAX + 1] = "", second[DQ_ID_MAX + 1] = "";
	SCENE scene = { .on_submit = name_the_first, .payload = first };
	const char *ids[] = { first, second };

	(void)state;
	scene_open(&scene);
	assert_int_equal(submit(&scene, first), DQ_OK);
	assert_int_equal(submit(&scene, second), DQ_OK);
	assert_int_equal(atomic_load(&scene.submits), 2);
	assert_int_equal(atomic_load(&scene.queries), 1);
	assert_true(scene_told(&scene, "names another task"));
	for (size_t i = 0; i < 2; i++) {
		_cleanup_(task_freep) struct task *task = lab_task(scene.ledger, ids[i]);

		assert_null(task->alias_id);
	}
}

/* Nobody can tell: it stays unknown, and the id is there to ask for. */
static void what_nobody_knows_stays_unknown(void **state)
{
	SCENE scene = {
		.on_submit = hang_up, .on_query = dead_login, .on_credit = dead_login
	};
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
		cmocka_unit_test(a_refusal_that_names_a_task_is_settled_by_asking),
		cmocka_unit_test(a_yes_that_names_another_of_our_tasks_is_none),
		cmocka_unit_test(what_nobody_knows_stays_unknown),
	};

	return cmocka_run_group_tests_name("engine_unclear", tests, NULL, NULL);
}
