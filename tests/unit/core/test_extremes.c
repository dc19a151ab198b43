/*
 * Numbers that no service means, all the way through a run: the next poll comes when it
 * may, the ETA is a time, and no sum runs over (the sanitizers see to that).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "scene.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))
#define SCENE _cleanup_(scene_close) struct scene

/*
 * Of the service: the longest gap in a queue with its jitter; as far as an ETA reaches.
 */
enum { GAP_MAX_S = 31 * 60, LOOKS_MAX = 4 };
static const int64_t eta_max_ms = INT64_C(3) * 366 * 24 * 3600 * 1000;

static const char *const fast[] = { "time_scale=1000", NULL };

static const char *const numbers[] = { "9223372036854775807", "-9223372036854775808",
	"9223372036854775808", "18446744073709551615", "1e308", "-1e308", "1e999", "1e18",
	"2147483648", "-1", "0", "\"9223372036854775807\"" };

/* Each @ becomes the number. */
static const char *const fields[] = {
	"\"status\":20,\"queue_info\":{\"queue_status\":1,\"queue_idx\":@,"
	"\"queue_length\":9}",
	"\"status\":20,\"queue_info\":{\"queue_status\":1,\"queue_idx\":7,"
	"\"queue_length\":@}",
	"\"status\":20,\"queue_info\":{\"queue_status\":1,\"queue_idx\":@,"
	"\"queue_length\":@},\"forecast_queue_cost\":@",
	"\"status\":20,\"queue_info\":{\"queue_status\":1},\"forecast_queue_cost\":@",
	"\"status\":20,\"forecast_generate_cost\":@",
	"\"status\":20,\"forecast_cost_time\":{\"forecast_generate_cost\":@,"
	"\"forecast_queue_cost\":@},\"queue_info\":{\"queue_idx\":@}",
	"\"status\":20,\"queue_info\":{\"queue_status\":@,\"queue_idx\":1,"
	"\"polling_config\":{\"interval_seconds\":@}}",
	"\"status\":20,\"created_time\":@",
	"\"status\":20,\"created_time\":@,\"finish_time\":0,\"total_image_count\":@",
	"\"status\":45,\"created_time\":1757778120,\"total_image_count\":@",
};

/* What a run is answered, and what it told. */
struct run {
	char id[32];
	const char *polls[LOOKS_MAX]; /* the fields of each; the last one stays */
	unsigned n_looks, n_notes;
	bool is_wrong;
};

static void answer(
    struct scene *scene, struct raw_peer *peer, const char *request, unsigned number)
{
	struct run *run = scene->payload;
	char data[1000];

	(void)request;
	(void)number;
	(void)snprintf(data, sizeof(data),
	    "\"%s\":{\"submit_id\":\"%s\",\"generate_type\":1,\"item_list\":[],%s}",
	    run->id, run->id, run->polls[run->n_looks]);
	if (run->n_looks + 1 < LOOKS_MAX && run->polls[run->n_looks + 1])
		run->n_looks++;
	scene_say_data(peer, data);
}

/*
 * Seconds of the service until the next poll, as far as they are left when that is told;
 * -1: no poll is.
 */
static int64_t gap_s(const char *note)
{
	const char *at = strstr(note, "next poll ");
	char unit[3] = "";
	long a = 0, b = 0;

	if (!at)
		return -1;
	if (!strncmp(at, "next poll now", strlen("next poll now")))
		return 0;
	if (sscanf(at, "next poll in %ld%2[a-z]%ld", &a, unit, &b) < 2)
		return -1;
	if (!strcmp(unit, "ms"))
		return 0;
	if (unit[0] == 's')
		return a;
	return unit[0] == 'm' ? a * 60 + b
	    : unit[0] == 'h'  ? a * 3600 + b * 60
			      : INT64_MAX;
}

static bool is_eta(int64_t unix_ms)
{
	return unix_ms == 0 ||
	    (unix_ms > scene_now().unix_ms - 3600000 &&
		unix_ms < scene_now().unix_ms + eta_max_ms);
}

static void check(struct scene *scene, const struct dq_event *event)
{
	struct run *run = scene->payload;
	const struct dq_task *task = event->task;
	int64_t gap;

	if (event->type == DQ_EVENT_STATE)
		run->is_wrong |= !is_eta(task->eta_low_unix_ms) ||
		    !is_eta(task->eta_unix_ms) || !is_eta(task->eta_high_unix_ms) ||
		    task->eta_low_unix_ms > task->eta_unix_ms ||
		    task->eta_unix_ms > task->eta_high_unix_ms;
	if (event->type != DQ_EVENT_NOTE || !task)
		return;
	gap = gap_s(event->text);
	run->is_wrong |= gap < 0 || gap > GAP_MAX_S;
	if (run->is_wrong)
		print_message("# %s\n", event->text);
	run->n_notes++;
	if (run->n_notes == LOOKS_MAX || !run->polls[run->n_notes])
		dq_interrupt(scene->dq);
}

static void assert_sane(struct scene *scene, const struct run *run)
{
	const struct dq_wait wait = { .size_bytes = sizeof(wait), .max_wait_ms = 60000 };
	const char *id = run->id;

	scene->payload = (void *)(uintptr_t)run;
	assert_int_equal(dq_wait(scene->dq, &id, 1, &wait, &scene->err), DQ_INTERRUPTED);
	assert_false(run->is_wrong);
}

static char *with_number(const char *form, const char *number)
{
	_cleanup_(buf_release) struct buf text = buf_make(1000);

	for (; *form; form++)
		if (*form == '@')
			buf_addf(&text, "%s", number);
		else
			buf_add(&text, form, 1);
	assert_false(buf_failed(&text));
	return buf_take(&text);
}

static void any_number_gives_a_next_look(void **state)
{
	SCENE scene = {
		.on_query = answer, .on_event = check, .wire = fast, .explain = true
	};
	struct run none = { .polls = { "\"status\":20" } };

	(void)state;
	scene.payload = &none;
	scene_open(&scene);
	for (size_t i = 0; i < COUNT(fields); i++)
		for (size_t k = 0; k < COUNT(numbers); k++) {
			_cleanup_free_ char *look = with_number(fields[i], numbers[k]);
			struct run run = { 0 };

			(void)snprintf(run.id, sizeof(run.id), "t-%zu-%zu", i, k);
			run.polls[0] = look;
			print_message("# %s\n", look);
			assert_sane(&scene, &run);
		}
}

/* From one end of the numbers to the other: no drain rate, no change of place breaks. */
static void a_place_may_jump(void **state)
{
	static const struct run jumps[] = {
		{ .id = "down",
		    .polls = { "\"status\":20,\"queue_info\":{\"queue_status\":1,"
			       "\"queue_idx\":9223372036854775807,\"queue_length\":"
			       "1e308}",
			"\"status\":20,\"queue_info\":{\"queue_status\":1,\"queue_idx\":"
			"0,"
			"\"queue_length\":0},\"forecast_queue_cost\":1e308",
			"\"status\":20,\"forecast_generate_cost\":"
			"9223372036854775807" } },
		{ .id = "up",
		    .polls = { "\"status\":20,\"queue_info\":{\"queue_status\":1,\"queue_"
			       "idx\":1,"
			       "\"queue_length\":1},\"forecast_queue_cost\":1",
			"\"status\":20,\"queue_info\":{\"queue_status\":1,"
			"\"queue_idx\":1e308,\"queue_length\":1e308},"
			"\"forecast_queue_cost\":9223372036854775807" } },
	};
	SCENE scene = {
		.on_query = answer, .on_event = check, .wire = fast, .explain = true
	};

	(void)state;
	for (size_t i = 0; i < COUNT(jumps); i++) {
		struct run run = jumps[i];

		scene.payload = &run;
		if (i == 0)
			scene_open(&scene);
		assert_sane(&scene, &run);
		assert_true(run.n_notes >= 2);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(any_number_gives_a_next_look),
		cmocka_unit_test(a_place_may_jump),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
