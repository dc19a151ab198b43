/* submit: one request, whatever happens to it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <limits.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "model/taskid.h"
#include "submit_scene.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))
#define SCENE _cleanup_(scene_close) struct scene
#define TEXT _cleanup_free_ char *

static void an_accepted_task_is_queued(void **state)
{
	SCENE scene = { .on_submit = NULL };
	char id[DQ_ID_MAX + 1] = "?", expected[128];

	(void)state;
	scene_open(&scene);
	assert_int_equal(submit(&scene, id), DQ_OK);
	assert_int_equal(strlen(id), 36);
	assert_true(taskid_is_valid(id));
	assert_int_equal(id[14], '4');
	assert_int_equal(atomic_load(&scene.submits), 1);
	assert_int_equal(atomic_load(&scene.queries), 0);
	(void)snprintf(expected, sizeof(expected), "\"submit_id\":\"%s\"", id);
	assert_int_equal(scene_asked(&scene, expected), 1);
	assert_true(scene_told(&scene, expected));
	assert_true(scene_told(&scene, "\"state\":\"submitting\""));
	assert_true(scene_told(&scene, "\"state\":\"queued\""));
	assert_state(&scene, "queued");
	assert_int_equal(scene_get(&scene, id), DQ_OK);
	assert_true(scene_has_file(&scene, id, 0, &scene.media));
}

static void two_ids_are_never_the_same(void **state)
{
	SCENE scene = { .on_submit = NULL };
	char a[DQ_ID_MAX + 1], b[DQ_ID_MAX + 1];

	(void)state;
	scene_open(&scene);
	assert_int_equal(submit(&scene, a), DQ_OK);
	assert_int_equal(submit(&scene, b), DQ_OK);
	assert_string_not_equal(a, b);
	assert_int_equal(atomic_load(&scene.submits), 2);
}

/* --- refused ------------------------------------------------------------------- */

struct refusal {
	const char *label;
	int http;
	const char *body;
	enum dq_status status;
	const char *class, *code;
};

static void refuse(
    struct scene *scene, struct raw_peer *peer, const char *request, unsigned number)
{
	const struct refusal *refusal = scene->payload;

	(void)request;
	(void)number;
	raw_answer(peer, refusal->http, "", refusal->body);
}

static void a_refusal_is_final(void **state)
{
	static struct refusal row[] = {
		{ "content", 200, "{\"ret\":\"2038\",\"errmsg\":\"InputTextRisk\"}",
		    DQ_FAILED, "content", "2038" },
		{ "wrong", 200, "{\"ret\":\"1000\",\"errmsg\":\"invalid parameter\"}",
		    DQ_USAGE, "caller", "1000" },
		{ "wrong, and a status", 400, "{\"ret\":1001,\"errmsg\":\"no\"}",
		    DQ_USAGE, "caller", "1001" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(row); i++) {
		SCENE scene = { .on_submit = refuse, .payload = &row[i] };
		char id[DQ_ID_MAX + 1] = "";
		_cleanup_(task_freep) struct task *task = NULL;

		print_message("# %s\n", row[i].label);
		scene_open(&scene);
		assert_int_equal(submit(&scene, id), row[i].status);
		assert_int_equal(strlen(id), 36);
		assert_non_null(strstr(scene.err.message, id));
		assert_int_equal(atomic_load(&scene.submits), 1);
		assert_int_equal(atomic_load(&scene.queries), 0);
		assert_state(&scene, "failed");
		task = lab_task(scene.ledger, id);
		assert_string_equal(fail_class_name(task->fail.class), row[i].class);
		assert_string_equal(task->fail.code, row[i].code);
	}
}

/* Trouble with the account never touches its tasks: it waits, and goes out later. */
static void trouble_with_the_account_keeps_it_waiting(void **state)
{
	static struct refusal row[] = {
		{ "login", 200, "{\"ret\":\"10002\",\"errmsg\":\"login fail\"}", DQ_AUTH,
		    NULL, NULL },
		{ "no credit", 200, "{\"ret\":\"1006\",\"errmsg\":\"积分不足\"}",
		    DQ_ACCOUNT, NULL, NULL },
		{ "risk control", 200, "{\"ret\":\"-6\",\"errmsg\":\"shark not pass\"}",
		    DQ_ACCOUNT, NULL, NULL },
		{ "to be confirmed", 200,
		    "{\"ret\":\"4010\",\"errmsg\":"
		    "\"AigcComplianceConfirmationRequired\"}",
		    DQ_ACCOUNT, NULL, NULL },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(row); i++) {
		SCENE scene = { .on_submit = refuse, .payload = &row[i] };
		char id[DQ_ID_MAX + 1] = "";

		print_message("# %s\n", row[i].label);
		scene_open(&scene);
		assert_int_equal(submit(&scene, id), row[i].status);
		assert_int_equal(atomic_load(&scene.submits), 1);
		assert_int_equal(atomic_load(&scene.queries), 0);
		assert_state(&scene, "submitting");
		scene.on_submit = NULL;
		scene_rerun(&scene);
		assert_int_equal(scene_get(&scene, id), DQ_OK);
		assert_int_equal(atomic_load(&scene.submits), 2);
		assert_true(scene_has_file(&scene, id, 0, &scene.media));
		assert_state(&scene, "succeeded");
	}
}

static void nobody_is_there(void **state)
{
	SCENE scene = { .on_submit = NULL };
	char id[DQ_ID_MAX + 1] = "";

	(void)state;
	scene_open(&scene);
	raw_stop(scene.server);
	scene.server = NULL;
	assert_int_equal(submit(&scene, id), DQ_NETWORK);
	assert_int_equal(strlen(id), 36);
	assert_state(&scene, "submitting");
}

/* --- too many ------------------------------------------------------------------- */

static void accept_it(struct raw_peer *peer, const char *request)
{
	const char *at = strstr(request, "\"submit_id\":\"");
	char data[200];

	(void)snprintf(data, sizeof(data), "\"submit_id\":\"%.*s\"",
	    at ? (int)strcspn(at + 13, "\"") : 0, at ? at + 13 : "");
	scene_say_data(peer, data);
}

/* Refused as often as the payload says. */
static void too_many_at_first(
    struct scene *scene, struct raw_peer *peer, const char *request, unsigned number)
{
	const unsigned *refusals = scene->payload;

	if (number >= *refusals)
		accept_it(peer, request);
	else
		raw_answer(peer, 200, "Retry-After: 1\r\n",
		    "{\"ret\":\"1310\",\"errmsg\":\"ExceedConcurrencyLimit\"}");
}

static void too_many_running_waits_for_room(void **state)
{
	unsigned refusals = 2;
	SCENE scene = { .on_submit = too_many_at_first, .payload = &refusals };
	char id[DQ_ID_MAX + 1] = "";

	(void)state;
	scene_open(&scene);
	assert_int_equal(submit(&scene, id), DQ_OK);
	assert_int_equal(atomic_load(&scene.submits), 3);
	assert_true(scene_told(&scene, "note: too many tasks are running; 1 waits"));
	assert_state(&scene, "queued");
}

static enum dq_status submit_for(
    struct scene *scene, const struct dq_submit *wishes, size_t n, int64_t max_wait_ms)
{
	const struct dq_batch batch = { .size_bytes = sizeof(batch),
		.submits = wishes,
		.n = n,
		.max_wait_ms = max_wait_ms };

	return dq_submit_all(scene->dq, &batch, &scene->err);
}

static void waiting_for_room_ends_in_time(void **state)
{
	static const struct dq_submit wish = { .prompt = "x" };
	unsigned refusals = UINT_MAX;
	SCENE scene = { .on_submit = too_many_at_first, .payload = &refusals };

	(void)state;
	scene_open(&scene);
	assert_int_equal(submit_for(&scene, &wish, 1, 300), DQ_RUNNING);
	assert_int_equal(atomic_load(&scene.submits), 1);
	assert_state(&scene, "submitting");
	assert_true(scene_told(&scene, "\"event\":\"task\""));
	assert_true(scene.notes[DQ_NOTE_WAIT] >= 1);
}

static void interrupt_on_note(struct scene *scene, const struct dq_event *event)
{
	if (event->type == DQ_EVENT_NOTE)
		dq_interrupt(scene->dq);
}

static void an_interrupt_leaves_it_in_the_queue(void **state)
{
	unsigned refusals = 1;
	SCENE scene = { .on_submit = too_many_at_first,
		.payload = &refusals,
		.on_event = interrupt_on_note };
	char id[DQ_ID_MAX + 1] = "";

	(void)state;
	scene_open(&scene);
	assert_int_equal(submit(&scene, id), DQ_INTERRUPTED);
	assert_int_equal(atomic_load(&scene.submits), 1);
	assert_state(&scene, "submitting");
	scene.on_event = NULL;
	assert_int_equal(scene_get(&scene, id), DQ_OK);
	assert_int_equal(atomic_load(&scene.submits), 2);
}

/* --- wishes ----------------------------------------------------------------------- */

static void an_id_is_used_once(void **state)
{
	const struct dq_submit wish = {
		.size_bytes = sizeof(wish), .prompt = "x", .submit_id = "mine-1"
	};
	SCENE scene = { .on_submit = NULL };
	char id[DQ_ID_MAX + 1] = "";

	(void)state;
	scene_open(&scene);
	assert_int_equal(dq_submit(scene.dq, &wish, id, &scene.err), DQ_OK);
	assert_string_equal(id, "mine-1");
	assert_int_equal(dq_submit(scene.dq, &wish, id, &scene.err), DQ_USAGE);
	assert_string_equal(id, "");
	scene_rerun(&scene);
	assert_int_equal(dq_submit(scene.dq, &wish, id, &scene.err), DQ_USAGE);
	assert_non_null(strstr(scene.err.message, "mine-1"));
	assert_int_equal(atomic_load(&scene.submits), 1);
}

static void bad_wishes_record_nothing(void **state)
{
	static const char *const bad_set[] = { "novalue", NULL };
	static const struct dq_submit row[] = {
		{ .prompt = NULL },
		{ .prompt = "x", .submit_id = "" },
		{ .prompt = "x", .submit_id = "a b" },
		{ .prompt = "x", .submit_id = "../../x" },
		{ .prompt = "x", .kind = "poem" },
		{ .prompt = "x", .kind = "audio" },
		{ .prompt = "x", .ratio = "5:4" },
		{ .prompt = "x", .extra_json = "[1]" },
		{ .prompt = "x", .extra_json = "{" },
		{ .prompt = "x", .sets = bad_set },
		{ .prompt = "x\xff" },
	};
	SCENE scene = { .on_submit = NULL };

	(void)state;
	scene_open(&scene);
	for (size_t i = 0; i < COUNT(row); i++) {
		char id[DQ_ID_MAX + 1] = "?";

		print_message("# %zu\n", i);
		assert_int_equal(dq_submit(scene.dq, &row[i], id, &scene.err), DQ_USAGE);
		assert_string_equal(id, "");
	}
	assert_int_equal(atomic_load(&scene.submits), 0);
	assert_int_equal(dq_list(scene.dq, NULL, &scene.err), DQ_OK);
	assert_int_equal(lab_count(scene.ledger, NULL), 0);
}

static void without_a_cookie_nothing_is_recorded(void **state)
{
	SCENE scene = { .on_submit = NULL };
	char id[DQ_ID_MAX + 1] = "?";

	(void)state;
	scene_open(&scene);
	assert_int_equal(unlink(scene.cookie), 0);
	assert_int_equal(submit(&scene, id), DQ_AUTH);
	assert_string_equal(id, "");
	assert_int_equal(atomic_load(&scene.submits), 0);
}

/* A process that died while it was sending: what it began is settled by asking. */
static void a_dead_submit_is_asked_for(void **state)
{
	SCENE scene = { .on_submit = NULL };

	(void)state;
	scene_open(&scene);
	lab_die_sending(scene.ledger, "dead");
	assert_state(&scene, "submitting");
	assert_int_equal(scene_get(&scene, "dead"), DQ_OK);
	assert_int_equal(atomic_load(&scene.submits), 0);
	assert_true(atomic_load(&scene.queries) >= 1);
	assert_state(&scene, "succeeded");
}

/* Also for who only looks into the books. */
static void a_dead_submit_is_listed_as_unknown(void **state)
{
	SCENE scene = { .on_submit = NULL };

	(void)state;
	scene_open(&scene);
	lab_die_sending(scene.ledger, "dead");
	assert_state(&scene, "submitting");
	assert_int_equal(dq_list(scene.dq, NULL, &scene.err), DQ_OK);
	assert_true(scene_told(&scene, "\"state\":\"unknown\""));
}

static void names_it_itself(
    struct scene *scene, struct raw_peer *peer, const char *request, unsigned number)
{
	(void)scene;
	(void)request;
	(void)number;
	raw_answer(peer, 200, "",
	    "{\"ret\":\"0\",\"data\":{\"submit_id\":\"theirs\","
	    "\"history_id\":\"7549\"}}");
}

static void knows_its_own_name(
    struct scene *scene, struct raw_peer *peer, const char *request, unsigned number)
{
	const struct record record = {
		.id = "7549", .status = 50, .usable = 1, .total = 1
	};
	const bool is_known = strstr(request, "\"history_ids\":[\"7549\"]") != NULL;

	(void)number;
	scene_say(scene, peer, is_known ? &record : NULL);
}

/* A service that does not keep our id is asked by the history id it gave. */
static void a_renamed_task_is_found_by_its_history_id(void **state)
{
	SCENE scene = { .on_submit = names_it_itself, .on_query = knows_its_own_name };
	char id[DQ_ID_MAX + 1] = "";

	(void)state;
	scene_open(&scene);
	assert_int_equal(submit(&scene, id), DQ_OK);
	assert_int_equal(scene_query(&scene, id, NULL, NULL), DQ_OK);
	assert_int_equal(atomic_load(&scene.queries), 2);
	scene_rerun(&scene);
	assert_int_equal(scene_query(&scene, id, NULL, NULL), DQ_OK);
	assert_int_equal(atomic_load(&scene.submits), 1);
	assert_state(&scene, "succeeded");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_accepted_task_is_queued),
		cmocka_unit_test(two_ids_are_never_the_same),
		cmocka_unit_test(a_refusal_is_final),
		cmocka_unit_test(trouble_with_the_account_keeps_it_waiting),
		cmocka_unit_test(nobody_is_there),
		cmocka_unit_test(too_many_running_waits_for_room),
		cmocka_unit_test(waiting_for_room_ends_in_time),
		cmocka_unit_test(an_interrupt_leaves_it_in_the_queue),
		cmocka_unit_test(an_id_is_used_once),
		cmocka_unit_test(bad_wishes_record_nothing),
		cmocka_unit_test(without_a_cookie_nothing_is_recorded),
		cmocka_unit_test(a_renamed_task_is_found_by_its_history_id),
		cmocka_unit_test(a_dead_submit_is_asked_for),
		cmocka_unit_test(a_dead_submit_is_listed_as_unknown),
	};

	return cmocka_run_group_tests_name("engine_submit", tests, NULL, NULL);
}
