/* query and wait, from the public door to the wire and back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <pthread.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "scene.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))
#define SCENE _cleanup_(scene_close) struct scene

static bool told(const struct scene *scene, const char *text)
{
	return strstr(scene->log, text) != NULL;
}

/* --- one look ------------------------------------------------------------------ */

static void four_images(
    struct scene *scene, struct raw_peer *peer, const char *request, unsigned number)
{
	(void)request;
	(void)number;
	scene_say(scene, peer,
	    &(struct record){ .id = "task-1", .status = 50, .usable = 4, .total = 4 });
}

static void a_success_shows_its_links(void **state)
{
	SCENE scene = { .on_query = four_images };

	(void)state;
	scene_open(&scene);
	assert_int_equal(scene_query(&scene, "task-1", NULL, NULL), DQ_OK);
	assert_int_equal(scene.told[DQ_EVENT_TASK], 1);
	assert_int_equal(scene.told[DQ_EVENT_STATE], 0);
	assert_true(told(&scene, "\"state\":\"succeeded\""));
	assert_true(told(&scene, "\"finished\":4,\"total\":4"));
	assert_true(told(&scene, "/f/task-1.3?v=0&x-expires="));
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
		assert_true(told(&scene, "\"state\":\"not_found\""));
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
	assert_true(told(&scene, "\"state\":\"unknown\""));
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
		SCENE scene = { .on_query = sick_at_first, .payload = &row[i] };
		const int64_t begin_ms = clock_mono_ms();

		print_message("# %zu\n", i);
		scene_open(&scene);
		assert_int_equal(scene_query(&scene, "task-1", NULL, NULL), DQ_OK);
		assert_int_equal(atomic_load(&scene.queries), 2);
		assert_true(told(&scene, "note: "));
		if (strstr(row[i].head, "Retry-After"))
			assert_true(clock_mono_ms() - begin_ms >= 1000);
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
	assert_true(told(&scene, "\"state\":\"unknown\""));
}

static void a_dead_login_is_not_tried_twice(void **state)
{
	SCENE scene = { .on_query = login_error };

	(void)state;
	scene_open(&scene);
	assert_int_equal(scene_wait(&scene, "task-1", 0), DQ_AUTH);
	assert_int_equal(atomic_load(&scene.queries), 1);
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
	assert_true(told(&scene,
	    "\"submit_id\":\"a\",\"history_id\":\"9000000001\","
	    "\"kind\":\"image\",\"state\":\"succeeded\""));
	assert_true(told(&scene, "\"state\":\"generating\""));
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
	assert_true(told(&scene, "\"state\":\"unknown\""));
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
	SCENE scene = { .on_query = four_images };

	(void)state;
	scene_open(&scene);
	assert_int_equal(scene_query(&scene, "task-1", "task-1", "task-1"), DQ_OK);
	assert_int_equal(scene.told[DQ_EVENT_TASK], 1);
}

/* --- many ----------------------------------------------------------------------- */

/* Every id of the request is generating. 413 when there are more than payload allows. */
static void all_generate(
    struct scene *scene, struct raw_peer *peer, const char *request, unsigned number)
{
	const unsigned *limit = scene->payload;
	const char *at = strstr(request, "_ids\":[\"");
	_cleanup_free_ char *data = calloc(1, 40000);
	size_t len = 0;
	unsigned n = 0;

	(void)number;
	for (at += 7; *at == '"'; n++) {
		char id[DQ_ID_MAX + 1];

		(void)sscanf(at + 1, "%64[^\"]", id);
		len += (size_t)sprintf(data + len,
		    "%s\"%s\":{\"submit_id\":\"%s\",\"status\":20,\"item_list\":[]}",
		    n ? "," : "", id, id);
		at += strlen(id) + 2;
		at += *at == ',';
	}
	if (limit && n > *limit)
		raw_answer(peer, 413, "", "too large");
	else
		scene_say_data(peer, data);
}

static enum dq_status query_many(struct scene *scene, size_t n)
{
	_cleanup_free_ char(*texts)[16] = calloc(n, sizeof(*texts));
	_cleanup_free_ const char **ids = calloc(n, sizeof(*ids));

	for (size_t i = 0; i < n; i++) {
		(void)sprintf(texts[i], "id-%zu", i);
		ids[i] = texts[i];
	}
	return dq_query(scene->dq, ids, n, &scene->err);
}

static void a_thousand_ids_are_twenty_requests(void **state)
{
	SCENE scene = { .on_query = all_generate };

	(void)state;
	scene_open(&scene);
	assert_int_equal(query_many(&scene, 1000), DQ_RUNNING);
	assert_int_equal(atomic_load(&scene.queries), 20);
	assert_int_equal(scene.told[DQ_EVENT_TASK], 1000);
}

static void too_large_a_batch_is_halved(void **state)
{
	unsigned limit = 3;
	SCENE scene = { .on_query = all_generate, .payload = &limit };

	(void)state;
	scene_open(&scene);
	assert_int_equal(query_many(&scene, 12), DQ_RUNNING);
	/* 12 and twice 6 are refused; then four times 3. */
	assert_int_equal(atomic_load(&scene.queries), 7);
	assert_int_equal(scene.told[DQ_EVENT_TASK], 12);
}

/* --- waiting -------------------------------------------------------------------- */

static void grows(
    struct scene *scene, struct raw_peer *peer, const char *request, unsigned number)
{
	static const struct record steps[] = {
		{ .id = "task-1", .status = 20, .total = 2 },
		{ .id = "task-1", .status = 42, .total = 2 },
		{ .id = "task-1", .status = 42, .total = 2 },
		{ .id = "task-1", .status = 45, .usable = 1, .total = 2 },
		{ .id = "task-1", .status = 50, .usable = 2, .total = 2 },
	};

	(void)request;
	scene_say(scene, peer, &steps[number < 4 ? number : 4]);
}

static void a_wait_tells_each_change_once(void **state)
{
	SCENE scene = { .on_query = grows };

	(void)state;
	scene_open(&scene);
	assert_int_equal(scene_wait(&scene, "task-1", 0), DQ_OK);
	assert_int_equal(atomic_load(&scene.queries), 5);
	assert_int_equal(scene.told[DQ_EVENT_STATE], 4);
	assert_int_equal(scene.told[DQ_EVENT_TASK], 1);
	assert_true(told(&scene, "\"state\":\"partial\",\"status\":45,\"finished\":1"));
}

/* Looks follow the law; with the service's clock a thousand times as fast as ours they
 * come every few milliseconds. */
static const char *const fast[] = { "time_scale=1000", NULL };

static void waiting_ends_when_it_is_told_to(void **state)
{
	SCENE scene = { .on_query = all_generate, .wire = fast };
	const int64_t begin_ms = clock_mono_ms();

	(void)state;
	scene_open(&scene);
	assert_int_equal(scene_wait(&scene, "task-1", 120), DQ_RUNNING);
	assert_in_range(clock_mono_ms() - begin_ms, 120, 3000);
	assert_true(atomic_load(&scene.queries) > 2);
	assert_true(told(&scene, "\"state\":\"generating\""));
}

/* "never" is the largest number there is, and must not run over. */
static void never_is_a_long_time(void **state)
{
	const struct dq_wait wait = { .size_bytes = sizeof(wait),
		.interval_ms = INT64_MAX,
		.max_wait_ms = INT64_MAX };
	SCENE scene = { .on_query = four_images };
	const char *id = "task-1";

	(void)state;
	scene_open(&scene);
	assert_int_equal(dq_wait(scene.dq, &id, 1, &wait, &scene.err), DQ_OK);
}

static void absence_is_not_believed_at_once(void **state)
{
	SCENE scene = { .on_query = knows_nothing, .wire = fast };

	(void)state;
	scene_open(&scene);
	assert_int_equal(scene_wait(&scene, "task-1", 150), DQ_RUNNING);
	assert_true(scene_asked(&scene, "history_ids") > 0);
	assert_true(scene_asked(&scene, "submit_ids") > 1);
	assert_false(told(&scene, "not_found"));
}

static void never_readable(
    struct scene *scene, struct raw_peer *peer, const char *request, unsigned number)
{
	(void)scene;
	(void)request;
	(void)number;
	scene_say_data(peer, "\"task-1\":[]");
}

static void three_broken_records_are_enough(void **state)
{
	SCENE scene = { .on_query = never_readable };

	(void)state;
	scene_open(&scene);
	assert_int_equal(scene_wait(&scene, "task-1", 0), DQ_CONTRACT);
	assert_int_equal(atomic_load(&scene.queries), 3);
}

static void second_of_two(
    struct scene *scene, struct raw_peer *peer, const char *request, unsigned number)
{
	const struct record slow = { .id = "slow", .status = 20 };
	const struct record quick = { .id = "quick",
		.status = number < 2 ? 20 : 50,
		.usable = number < 2 ? 0 : 1,
		.total = 1 };
	_cleanup_free_ char *first = scene_record(scene, &slow);
	_cleanup_free_ char *second = scene_record(scene, &quick);
	char data[4000];

	(void)request;
	(void)snprintf(data, sizeof(data), "%s,%s", first, second);
	scene_say_data(peer, data);
}

static void any_is_enough(void **state)
{
	const struct dq_wait wait = {
		.size_bytes = sizeof(wait), .interval_ms = 10, .any = true
	};
	const char *const ids[] = { "slow", "quick" };
	SCENE scene = { .on_query = second_of_two };

	(void)state;
	scene_open(&scene);
	assert_int_equal(dq_wait(scene.dq, ids, 2, &wait, &scene.err), DQ_OK);
	assert_int_equal(scene.told[DQ_EVENT_TASK], 1);
	assert_true(told(&scene, "\"submit_id\":\"quick\""));
}

static void *interrupt_soon(void *payload)
{
	struct scene *scene = payload;

	while (atomic_load(&scene->queries) == 0)
		(void)usleep(1000);
	dq_interrupt(scene->dq);
	return NULL;
}

static void another_thread_interrupts(void **state)
{
	const struct dq_wait wait = { .size_bytes = sizeof(wait),
		.interval_ms = 3600 * 1000 };
	SCENE scene = { .on_query = all_generate };
	const char *id = "task-1";
	pthread_t thread;
	int64_t begin_ms;

	(void)state;
	scene_open(&scene);
	begin_ms = clock_mono_ms();
	assert_int_equal(pthread_create(&thread, NULL, interrupt_soon, &scene), 0);
	assert_int_equal(dq_wait(scene.dq, &id, 1, &wait, &scene.err), DQ_INTERRUPTED);
	assert_int_equal(pthread_join(thread, NULL), 0);
	assert_true(clock_mono_ms() - begin_ms < 5000);
}

/* A signal that comes before the verb has begun is for this verb, and used up with it. */
static void an_early_interrupt_is_for_the_next_verb(void **state)
{
	SCENE scene = { .on_query = all_generate };

	(void)state;
	scene_open(&scene);
	assert_int_equal(query_many(&scene, 7), DQ_RUNNING);
	dq_interrupt(scene.dq);
	assert_int_equal(dq_list(scene.dq, NULL, &scene.err), DQ_INTERRUPTED);
	scene.told[DQ_EVENT_TASK] = 0;
	assert_int_equal(dq_list(scene.dq, NULL, &scene.err), DQ_OK);
	assert_int_equal(scene.told[DQ_EVENT_TASK], 7);
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
		cmocka_unit_test(a_broken_record_is_its_own_trouble),
		cmocka_unit_test(nobody_is_there),
		cmocka_unit_test(odd_ids_are_refused),
		cmocka_unit_test(one_id_twice),
		cmocka_unit_test(a_thousand_ids_are_twenty_requests),
		cmocka_unit_test(too_large_a_batch_is_halved),
		cmocka_unit_test(a_wait_tells_each_change_once),
		cmocka_unit_test(waiting_ends_when_it_is_told_to),
		cmocka_unit_test(never_is_a_long_time),
		cmocka_unit_test(absence_is_not_believed_at_once),
		cmocka_unit_test(three_broken_records_are_enough),
		cmocka_unit_test(any_is_enough),
		cmocka_unit_test(another_thread_interrupts),
		cmocka_unit_test(an_early_interrupt_is_for_the_next_verb),
	};

	return cmocka_run_group_tests_name("engine_look", tests, NULL, NULL);
}
