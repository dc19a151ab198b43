/* One poll, from the public door to the wire and back. */
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

/* --- one poll ------------------------------------------------------------------ */

/* The service's clock: what a schedule waits for takes no time to speak of. */
static const char *const fast[] = { "time_scale=1000", NULL };

static void a_success_shows_its_links(void **state)
{
	SCENE scene = { .on_query = scene_four_images };

	(void)state;
	scene_open(&scene);
	assert_int_equal(scene_query(&scene, "task-1", NULL, NULL), DQ_OK);
	assert_int_equal(scene.told[DQ_EVENT_TASK], 1);
	assert_int_equal(scene.told[DQ_EVENT_STATE], 0);
	assert_true(scene_told(&scene, "\"state\":\"succeeded\""));
	assert_true(scene_told(&scene, "\"finished\":4,\"total\":4"));
	assert_true(scene_told(&scene, "/f/task-1.3?v=0&x-expires="));
	assert_int_equal(atomic_load(&scene.queries), 1);
	assert_int_equal(scene_asked(&scene, "{\"submit_ids\":[\"task-1\"]}"), 1);
	assert_int_equal(scene_asked(&scene, "\r\nCookie: sessionid=topsecret\r\n"), 1);
}

static void knows_nothing(
    struct scene *scene, struct raw_peer *peer, const char *request, unsigned number)
{
	const char *const *refused = scene->payload;

	(void)number;
	if (refused && *refused && strstr(request, *refused))
		raw_answer(
		    peer, 200, "", "{\"ret\":\"1000\",\"errmsg\":\"invalid parameter\"}");
	else
		scene_say(scene, peer, NULL);
}

static void an_unknown_id_is_turned_around(void **state)
{
	static const struct {
		const char *id,
		    *refused; /* a request with this is called wrong as a whole */
		const char *first, *second;
	} row[] = {
		{ "task-1", NULL, "{\"submit_ids\":[\"task-1\"]}",
		    "{\"history_ids\":[\"task-1\"]}" },
		{ "task-1", "history_ids", "{\"submit_ids\":[\"task-1\"]}",
		    "{\"history_ids\":[\"task-1\"]}" },
		{ "123456", NULL, "{\"history_ids\":[\"123456\"]}",
		    "{\"submit_ids\":[\"123456\"]}" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(row); i++) {
		const char *refused = row[i].refused;
		SCENE scene = { .on_query = knows_nothing, .payload = &refused };

		scene_open(&scene);
		assert_int_equal(scene_query(&scene, row[i].id, NULL, NULL), DQ_FAILED);
		assert_int_equal(atomic_load(&scene.queries), 2);
		assert_non_null(strstr(raw_request(scene.server, 0), row[i].first));
		assert_non_null(strstr(raw_request(scene.server, 1), row[i].second));
		assert_int_equal(scene.told[DQ_EVENT_TASK], 1);
		assert_true(scene_told(&scene, "\"state\":\"not_found\""));
		assert_non_null(strstr(scene.err.message, row[i].id));
	}
}

/* The refusal of a plain question is the contract's trouble, not the user's. */
static void calls_it_wrong(
    struct scene *scene, struct raw_peer *peer, const char *request, unsigned number)
{
	(void)scene;
	(void)request;
	(void)number;
	raw_answer(peer, 200, "", "{\"ret\":\"1000\",\"errmsg\":\"invalid parameter\"}");
}

static void a_plain_question_called_wrong_is_contract_trouble(void **state)
{
	SCENE scene = { .on_query = calls_it_wrong };

	(void)state;
	scene_open(&scene);
	assert_int_equal(scene_query(&scene, "task-1", NULL, NULL), DQ_CONTRACT);
	assert_true(scene_told(&scene, "\"state\":\"unknown\""));
}

/* Answers that say nothing about the task; then the service is well again. */
static void sick_at_first(
    struct scene *scene, struct raw_peer *peer, const char *request, unsigned number)
{
	const struct {
		int status;
		const char *head, *body;
	} *sick = scene->payload;

	(void)request;
	if (number == 0)
		raw_answer(peer, sick->status, sick->head, sick->body);
	else
		scene_say(scene, peer,
		    &(struct record){
			.id = "task-1", .status = 50, .usable = 1, .total = 1 });
}

static void passing_trouble_is_survived(void **state)
{
	static struct {
		int status;
		const char *head, *body;
	} row[] = {
		{ 500, "", "oops" },
		{ 502, "Content-Type: text/html\r\n", "<html>bad gateway</html>" },
		{ 200, "Content-Type: text/html\r\n",
		    "<!DOCTYPE html><html>later</html>" },
		{ 503, "Retry-After: 1\r\n", "" },
		{ 429, "Retry-After: 1\r\n", "" },
		{ 200, "", "" },
		{ 200, "", "{\"ret\":\"1002\",\"errmsg\":\"common error\"}" },
		{ 200, "", "{\"ret\":\"0\",\"data\":{" },
		{ 200, "", "{\"ret\":\"0\",\"ret\":\"0\",\"data\":{}}" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(row); i++) {
		SCENE scene = {
			.on_query = sick_at_first, .payload = &row[i], .wire = fast
		};

		print_message("# %zu\n", i);
		scene_open(&scene);
		assert_int_equal(scene_query(&scene, "task-1", NULL, NULL), DQ_OK);
		assert_int_equal(atomic_load(&scene.queries), 2);
		assert_true(scene_told(&scene, "note: "));
		assert_int_equal(atomic_load(&scene.credits),
		    row[i].body[0] == '\0' && row[i].status == 200);
	}
}

static void is_empty(
    struct scene *scene, struct raw_peer *peer, const char *request, unsigned number)
{
	(void)scene;
	(void)request;
	(void)number;
	raw_answer(peer, 200, "", "");
}

static void login_error(
    struct scene *scene, struct raw_peer *peer, const char *request, unsigned number)
{
	(void)scene;
	(void)request;
	(void)number;
	raw_answer(peer, 200, "", "{\"ret\":\"1015\",\"errmsg\":\"login error\"}");
}

static void an_empty_answer_asks_for_the_login(void **state)
{
	SCENE scene = { .on_query = is_empty, .on_credit = login_error };

	(void)state;
	scene_open(&scene);
	assert_int_equal(scene_query(&scene, "task-1", NULL, NULL), DQ_AUTH);
	assert_int_equal(atomic_load(&scene.queries), 1);
	assert_int_equal(atomic_load(&scene.credits), 1);
	assert_true(scene_told(&scene, "\"state\":\"unknown\""));
}

static void a_dead_login_is_not_tried_twice(void **state)
{
	SCENE scene = { .on_query = login_error, .on_credit = login_error };

	(void)state;
	scene_open(&scene);
	assert_int_equal(scene_wait(&scene, "task-1", 0), DQ_AUTH);
	assert_int_equal(atomic_load(&scene.queries), 1);
	assert_int_equal(atomic_load(&scene.credits), 1);
	assert_non_null(strstr(scene.err.message, "login is dead"));
	assert_non_null(strstr(scene.err.message, "another region"));
}

/* Refused though it lives: the read is tried again, and ends when it stays so. */
static void a_refusal_of_a_living_login_is_tried_again(void **state)
{
	SCENE scene = { .on_query = login_error, .wire = fast };

	(void)state;
	scene_open(&scene);
	assert_int_equal(scene_wait(&scene, "task-1", 0), DQ_AUTH);
	assert_true(atomic_load(&scene.queries) >= 3);
	assert_true(scene_told(&scene, "may pass"));
	assert_non_null(strstr(scene.err.message, "another region"));
}

/* A lag is no refusal: it is waited for, however often it comes. */
static void lags_ten_times(
    struct scene *scene, struct raw_peer *peer, const char *request, unsigned number)
{
	(void)request;
	if (number < 10)
		raw_answer(peer, 200, "", "{\"ret\":\"2008\",\"errmsg\":\"empty body\"}");
	else
		scene_say(scene, peer,
		    &(struct record){
			.id = "task-1", .status = 50, .usable = 1, .total = 1 });
}

static void a_service_that_lags_is_waited_for(void **state)
{
	SCENE scene = { .on_query = lags_ten_times, .wire = fast };

	(void)state;
	scene_open(&scene);
	assert_int_equal(scene_wait(&scene, "task-1", 0), DQ_OK);
	assert_int_equal(atomic_load(&scene.queries), 11);
	assert_true(scene_told(&scene, "can't tell yet"));
	assert_false(scene_told(&scene, "lacks a field"));
}

static void one_of_three_is_broken(
    struct scene *scene, struct raw_peer *peer, const char *request, unsigned number)
{
	const struct record a = { .id = "a", .status = 50, .usable = 1, .total = 1 };
	const struct record c = { .id = "c", .status = 20 };
	_cleanup_free_ char *first = scene_record(scene, &a);
	_cleanup_free_ char *third = scene_record(scene, &c);
	char data[4000];

	(void)request;
	(void)number;
	(void)snprintf(data, sizeof(data), "%s,\"b\":[1,2],%s", first, third);
	scene_say_data(peer, data);
}

static void a_broken_record_is_its_own_trouble(void **state)
{
	SCENE scene = { .on_query = one_of_three_is_broken };

	(void)state;
	scene_open(&scene);
	assert_int_equal(scene_query(&scene, "a", "b", "c"), DQ_CONTRACT);
	assert_non_null(strstr(scene.err.message, "'b'"));
	assert_int_equal(scene.told[DQ_EVENT_TASK], 3);
	assert_true(scene_told(&scene,
	    "\"submit_id\":\"a\",\"history_id\":\"9000000097\","
	    "\"kind\":\"image\",\"state\":\"succeeded\""));
	assert_true(scene_told(&scene, "\"state\":\"generating\""));
	assert_int_equal(atomic_load(&scene.queries), 1);
}

static void nobody_is_there(void **state)
{
	SCENE scene = { .on_query = NULL };

	(void)state;
	scene_open(&scene);
	raw_stop(scene.server);
	scene.server = NULL;
	assert_int_equal(scene_query(&scene, "task-1", NULL, NULL), DQ_NETWORK);
	assert_true(scene_told(&scene, "\"state\":\"unknown\""));
}

/* What is no id does not get as far as the ledger or a file's name. */
static void odd_ids_are_refused(void **state)
{
	static const char *const row[] = { "", "a b", "../../etc/passwd",
		"a\"],\"b\":[\"", "图" };
	SCENE scene = { .on_query = NULL };

	(void)state;
	scene_open(&scene);
	for (size_t i = 0; i < COUNT(row); i++) {
		assert_int_equal(scene_query(&scene, "fine", row[i], NULL), DQ_USAGE);
		assert_int_equal(scene_get(&scene, row[i]), DQ_USAGE);
	}
	assert_int_equal(dq_query(scene.dq, NULL, 0, &scene.err), DQ_USAGE);
	assert_int_equal(atomic_load(&scene.queries), 0);
}

static void one_id_twice(void **state)
{
	SCENE scene = { .on_query = scene_four_images };

	(void)state;
	scene_open(&scene);
	assert_int_equal(scene_query(&scene, "task-1", "task-1", "task-1"), DQ_OK);
	assert_int_equal(scene.told[DQ_EVENT_TASK], 1);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_success_shows_its_links),
		cmocka_unit_test(an_unknown_id_is_turned_around),
		cmocka_unit_test(a_plain_question_called_wrong_is_contract_trouble),
		cmocka_unit_test(passing_trouble_is_survived),
		cmocka_unit_test(an_empty_answer_asks_for_the_login),
		cmocka_unit_test(a_dead_login_is_not_tried_twice),
		cmocka_unit_test(a_refusal_of_a_living_login_is_tried_again),
		cmocka_unit_test(a_service_that_lags_is_waited_for),
		cmocka_unit_test(a_broken_record_is_its_own_trouble),
		cmocka_unit_test(nobody_is_there),
		cmocka_unit_test(odd_ids_are_refused),
		cmocka_unit_test(one_id_twice),
	};

	return cmocka_run_group_tests_name("engine_look", tests, NULL, NULL);
}
