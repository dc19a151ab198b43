/* Schedule, budget, counters and what is told of them, in real runs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <inttypes.h>

#include "base/cleanup.h"
#include "ledger/past.h"
#include "scene.h"

#define SCENE _cleanup_(scene_close) struct scene

/* --- a service with a fast clock ------------------------------------------------- */

enum { SCALE = 100 };
static const char *const fast[] = { "time_scale=100", NULL };

struct service {
	int64_t begin_mono_ms, begin_unix; /* the same moment, on our clock and its own */
	atomic_bool may_end;
	struct dq_totals totals; /* of the last tick that had an ETA */
	unsigned explained, running_told, ended_told;
	bool is_wrong; /* an event that breaks its promise */
};

static struct service service_make(void)
{
	return (struct service){ .begin_mono_ms = scene_now().mono_ms,
		.begin_unix = scene_now().unix_ms / 1000 };
}

static int64_t service_now(const struct service *service)
{
	return service->begin_unix +
	    (scene_now().mono_ms - service->begin_mono_ms) * SCALE / 1000;
}

static void say_task(struct scene *scene, struct raw_peer *peer, int status,
    const char *queue, bool is_done)
{
	const struct service *service = scene->payload;
	const int64_t now = service_now(service);
	_cleanup_free_ char *body = NULL;

	if (asprintf(&body,
		"{\"ret\":\"0\",\"errmsg\":\"success\",\"systime\":\"%" PRId64
		"\",\"data\":{\"t\":{\"submit_id\":\"t\",\"status\":%d,"
		"\"created_time\":%" PRId64 ",\"finish_time\":%" PRId64
		",\"generate_type\":1,\"total_image_count\":1%s,\"item_list\":[%s]}}}",
		now, status, service->begin_unix, is_done ? now : 0, queue,
		is_done ? "{\"common_attr\":{\"id\":\"1\"},\"image\":{\"format\":\"png\","
			  "\"large_images\":[{\"image_uri\":\"u\",\"image_url\":"
			  "\"http://127.0.0.1:9/f\",\"width\":8,\"height\":8,"
			  "\"format\":\"png\"}]}}"
			: "") < 0)
		abort();
	raw_answer(peer, 200, "Content-Type: application/json\r\n", body);
}

/* Twice in the queue, then generating until the test has seen enough. */
static void queues_first(
    struct scene *scene, struct raw_peer *peer, const char *request, unsigned number)
{
	struct service *service = scene->payload;
	char queue[80] = "";

	(void)request;
	if (number < 2)
		(void)snprintf(queue, sizeof(queue),
		    ",\"queue_info\":{\"queue_idx\":%u,\"queue_status\":1,"
		    "\"queue_length\":99}",
		    60 - 30 * number);
	if (number < 4 || !atomic_load(&service->may_end))
		say_task(scene, peer, 20, queue, false);
	else
		say_task(scene, peer, 50, "", true);
}

static bool is_band(int64_t low, int64_t middle, int64_t high)
{
	return low > 0 && low <= middle && middle <= high &&
	    middle >= scene_now().unix_ms - 60000;
}

static void check_events(struct scene *scene, const struct dq_event *event)
{
	struct service *service = scene->payload;
	const struct dq_task *task = event->task;
	const struct dq_totals *totals = event->totals;

	if (event->type == DQ_EVENT_NOTE && task) {
		service->explained++;
		service->is_wrong |=
		    strcmp(task->submit_id, "t") != 0 || event->note != DQ_NOTE_WHY;
	}
	if (event->type == DQ_EVENT_STATE && !task->is_final) {
		service->running_told++;
		service->is_wrong |= !is_band(
		    task->eta_low_unix_ms, task->eta_unix_ms, task->eta_high_unix_ms);
	}
	if (task && task->is_final) {
		service->ended_told++;
		service->is_wrong |=
		    task->eta_low_unix_ms || task->eta_unix_ms || task->eta_high_unix_ms;
	}
	if (event->type == DQ_EVENT_TICK && totals->eta_unix_ms > 0) {
		service->totals = *totals;
		atomic_store(&service->may_end, true);
	}
}

/* --- what the ledger keeps ------------------------------------------------------- */

struct found {
	const char *id;
	struct past_task task;
	unsigned n;
};

static bool on_past(void *payload, const struct past_task *task)
{
	struct found *found = payload;

	if (strcmp(task->submit_id, found->id) == 0) {
		found->task = *task;
		found->n++;
	}
	return true;
}

static struct past_task past_of(const struct scene *scene, const char *id)
{
	struct found found = { .id = id };
	struct ledger *ledger = NULL;
	struct err err;

	assert_int_equal(ledger_open(scene->ledger, &ledger, &err), ERR_OK);
	assert_int_equal(
	    ledger_past(ledger, "default", 0, 0, on_past, &found, &err), ERR_OK);
	ledger_close(ledger);
	assert_int_equal(found.n, 1);
	return found.task;
}

static enum dq_status wait_for(struct scene *scene, const char *id)
{
	const struct dq_wait wait = { .size_bytes = sizeof(wait), .max_wait_ms = 60000 };

	return dq_wait(scene->dq, &id, 1, &wait, &scene->err);
}

/* What was to be told has been told: enough of this run. */
static void stop_at_note(struct scene *scene, const struct dq_event *event)
{
	if (event->type == DQ_EVENT_NOTE)
		dq_interrupt(scene->dq);
}

/* From the queue to the end: what is told on the way, and what is kept of it. */
static void from_the_queue_to_the_end(void **state)
{
	struct service service;
	SCENE scene = { .on_query = queues_first,
		.on_event = check_events,
		.wire = fast,
		.explain = true,
		.payload = &service };
	struct past_task past;
	unsigned polls;

	(void)state;
	scene_open(&scene);
	service = service_make();
	assert_int_equal(wait_for(&scene, "t"), DQ_OK);
	polls = atomic_load(&scene.queries);
	assert_true(polls >= 5);

	assert_false(service.is_wrong);
	assert_true(service.running_told >= 3); /* two places, then no place */
	assert_true(service.ended_told >= 1);
	assert_int_equal(service.explained, polls - 1); /* after the last no more */
	assert_non_null(strstr(scene.log, "note: t: next poll in "));
	assert_true(is_band(service.totals.eta_low_unix_ms, service.totals.eta_unix_ms,
	    service.totals.eta_high_unix_ms));

	past = past_of(&scene, "t");
	assert_int_equal(past.state, TASK_SUCCEEDED);
	assert_int_equal(past.polls, polls);
	assert_int_equal(past.requests_micro, polls * 1000000);
	assert_true(past.queued_until_unix_ms > past.created_unix_ms);
	assert_true(past.generating_by_unix_ms >= past.queued_until_unix_ms);
	assert_true(past.generating_by_unix_ms <= past.detected_unix_ms);
	assert_true(past.detected_unix_ms >= past.finished_unix_ms);
}

/* Two in one request have half of it each; one that must be asked for again, alone, has
 * that request, too. Nobody waited for their ends. */
static void two_share_a_request(void **state)
{
	SCENE scene = { .on_query = NULL }; /* answers for the first id of a request */
	struct past_task a, b;

	(void)state;
	scene_open(&scene);
	assert_int_equal(scene_query(&scene, "a", "b", NULL), DQ_OK);
	assert_int_equal(atomic_load(&scene.queries), 2);
	a = past_of(&scene, "a");
	b = past_of(&scene, "b");
	assert_int_equal(a.polls, 1);
	assert_int_equal(a.requests_micro, 500000);
	assert_int_equal(b.polls, 2);
	assert_int_equal(b.requests_micro, 1500000);
	assert_int_equal(a.detected_unix_ms, 0);
	assert_int_equal(b.detected_unix_ms, 0);
}

/* --- budget ---------------------------------------------------------------------- */

/* Others have used the account up; when its next request may leave is known. */
static int64_t use_up(const struct scene *scene, int64_t per_minute, int64_t scale)
{
	const struct budget budget = { per_minute, BUDGET_BURST };
	struct ledger *ledger = NULL;
	int64_t wait_ms = 0;
	struct err err;

	assert_int_equal(ledger_open(scene->ledger, &ledger, &err), ERR_OK);
	for (int i = 0; i < 2 * BUDGET_BURST && wait_ms == 0; i++)
		assert_int_equal(ledger_budget_take(ledger, "default", &budget,
				     scene_now().unix_ms * scale, &wait_ms, &err),
		    ERR_OK);
	ledger_close(ledger);
	assert_true(wait_ms > 0);
	return scene_now().mono_ms + wait_ms / scale;
}

static void a_used_up_budget_is_waited_for(void **state)
{
	SCENE scene = { .requests_per_minute = 120 };
	int64_t free_ms;

	(void)state;
	scene_open(&scene);
	free_ms = use_up(&scene, 120, 1);
	assert_int_equal(scene_query(&scene, "task-1", NULL, NULL), DQ_OK);
	assert_in_range(scene_now().mono_ms, free_ms, free_ms + 1000);
	assert_int_equal(atomic_load(&scene.queries), 1);
	assert_null(strstr(scene.log, "requests a minute")); /* not worth a word */
}

static void a_long_wait_for_the_budget_is_told(void **state)
{
	SCENE scene = { .on_event = stop_at_note, .requests_per_minute = 1 };

	(void)state;
	scene_open(&scene);
	(void)use_up(&scene, 1, 1);
	assert_int_equal(wait_for(&scene, "task-1"), DQ_INTERRUPTED);
	assert_int_equal(atomic_load(&scene.queries), 0);
	assert_non_null(strstr(scene.log,
	    "note: the account has used up its requests a minute (1); going on at that "
	    "pace"));
	/* Nothing is lost; without a limit it goes at once. */
	scene.requests_per_minute = -1;
	scene.on_event = NULL;
	scene_rerun(&scene);
	assert_int_equal(wait_for(&scene, "task-1"), DQ_OK);
	assert_int_equal(atomic_load(&scene.queries), 1);
}

/* Three seconds each, of the service's clock; but there are five. */
static void many_short_waits_are_told_once(void **state)
{
	static const char *const wire[] = { "time_scale=10", "batch_max=1", NULL };
	static const char *const ids[] = { "a", "b", "c", "d", "e" };
	SCENE scene = { .wire = wire, .requests_per_minute = 20 };
	const char *note;

	(void)state;
	scene_open(&scene);
	(void)use_up(&scene, 20, 10);
	assert_int_equal(
	    dq_query(scene.dq, ids, sizeof(ids) / sizeof(*ids), &scene.err), DQ_OK);
	assert_int_equal(atomic_load(&scene.queries), sizeof(ids) / sizeof(*ids));
	note = strstr(scene.log, "used up its requests a minute (20)");
	assert_non_null(note);
	assert_null(strstr(note + 1, "used up its"));
}

/* --- what an earlier run has learnt ---------------------------------------------- */

enum { TAUGHT = 20, TAUGHT_S = 50 };

/* "old-..." took about TAUGHT_S; any other has just begun. */
static void old_and_new(
    struct scene *scene, struct raw_peer *peer, const char *request, unsigned number)
{
	const int64_t now = scene_now().unix_ms / 1000;
	_cleanup_free_ char *data = calloc(1, 40000);
	size_t len = 0;

	(void)scene;
	(void)number;
	if (strstr(request, "old-") == NULL) {
		(void)sprintf(data,
		    "\"t\":{\"submit_id\":\"t\",\"status\":20,\"created_time\":%" PRId64
		    ",\"finish_time\":0,\"generate_type\":1,\"total_image_count\":1,"
		    "\"item_list\":[]}",
		    now);
		scene_say_data(peer, data);
		return;
	}
	for (int i = 0; i < TAUGHT; i++)
		len += (size_t)sprintf(data + len,
		    "%s\"old-%d\":{\"submit_id\":\"old-%d\",\"status\":50,"
		    "\"created_time\":%" PRId64 ",\"finish_time\":%" PRId64
		    ",\"generate_type\":1,\"total_image_count\":1,\"item_list\":["
		    "{\"common_attr\":{\"id\":\"1\"},\"image\":{\"format\":\"png\","
		    "\"large_images\":[{\"image_uri\":\"u-%d\",\"image_url\":"
		    "\"http://127.0.0.1:9/f\",\"width\":8,\"height\":8,"
		    "\"format\":\"png\"}]}}]}",
		    i ? "," : "", i, i, now - 1000, now - 1000 + TAUGHT_S + i % 5 - 2, i);
	scene_say_data(peer, data);
}

/* Seconds to the second poll of a task that has just begun, as a run explains it. */
static int first_gap_s(struct scene *scene)
{
	const char *note;
	int gap_s = -1;

	assert_int_equal(wait_for(scene, "t"), DQ_INTERRUPTED);
	note = strstr(scene->log, "t: next poll in ");
	assert_non_null(note);
	assert_int_equal(sscanf(note, "t: next poll in %ds", &gap_s), 1);
	return gap_s;
}

static void what_a_run_learnt_the_next_one_uses(void **state)
{
	SCENE scene = {
		.on_query = old_and_new, .on_event = stop_at_note, .explain = true
	};
	char names[TAUGHT][16];
	const char *ids[TAUGHT];

	(void)state;
	scene_open(&scene);
	assert_in_range(first_gap_s(&scene), 3, 14);
	assert_non_null(strstr(scene.log, "none known yet"));
	for (int i = 0; i < TAUGHT; i++) {
		(void)sprintf(names[i], "old-%d", i);
		ids[i] = names[i];
	}
	assert_int_equal(dq_query(scene.dq, ids, TAUGHT, &scene.err), DQ_OK);
	scene_rerun(&scene);
	assert_in_range(first_gap_s(&scene), 20, 55);
	assert_non_null(strstr(scene.log, ", 20 known"));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(from_the_queue_to_the_end),
		cmocka_unit_test(two_share_a_request),
		cmocka_unit_test(a_used_up_budget_is_waited_for),
		cmocka_unit_test(a_long_wait_for_the_budget_is_told),
		cmocka_unit_test(many_short_waits_are_told_once),
		cmocka_unit_test(what_a_run_learnt_the_next_one_uses),
	};

	return cmocka_run_group_tests_name("waiting", tests, NULL, NULL);
}
