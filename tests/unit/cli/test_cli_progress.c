/*
 * What moves on a terminal: rates, lines, and what a log is told once.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "cli/output/progress.h"
#include "cli/term/rate.h"
#include "cli/term/seen.h"

enum { TEXT_MAX = 64 * 1024, T0 = 1000000 };

/* --- rate --- */

static void a_steady_rate_is_found(void **state)
{
	struct rate rate = { 0 };

	(void)state;
	assert_int_equal(rate_per_second(&rate, T0), 0);
	for (int i = 0; i <= 200; i++) /* 100 bytes each 100 ms, for 20 s */
		rate_add(&rate, T0 + i * 100, (uint64_t)i * 100);
	assert_in_range(rate_per_second(&rate, T0 + 20000), 950, 1050);
	/* Nothing came for 5 s more: the mean falls. */
	assert_true(rate_per_second(&rate, T0 + 25000) < 600);
}

static void an_old_rate_is_forgotten(void **state)
{
	struct rate rate = { 0 };
	uint64_t bytes = 0;

	(void)state;
	for (int i = 0; i < 100; i++, bytes += 100000)
		rate_add(&rate, T0 + i * 250, bytes);
	for (int i = 100; i < 140; i++, bytes += 100)
		rate_add(&rate, T0 + i * 250, bytes);
	assert_in_range(rate_per_second(&rate, T0 + 139 * 250), 300, 500);
}

static void odd_samples_do_no_harm(void **state)
{
	struct rate rate = { 0 };

	(void)state;
	rate_add(&rate, T0, 1000);
	rate_add(&rate, T0 + 1000, 2000);
	assert_int_equal(rate_per_second(&rate, T0 + 1000), 1000);
	rate_add(&rate, T0 - 50000, 3000); /* the clock was set back */
	assert_int_equal(rate_per_second(&rate, T0), 0);
	rate_add(&rate, T0 - 49000, 10); /* begun again from the start */
	assert_int_equal(rate_per_second(&rate, T0), 0);
	for (int i = 0; i < 1000; i++) /* all at one moment */
		rate_add(&rate, T0, 10 + (uint64_t)i);
	assert_true(rate_per_second(&rate, T0) < 1000);
	rate_add(&rate, T0 + 1000000, UINT64_MAX);
	assert_int_equal(rate_eta_s(0, 5), -1);
	assert_int_equal(rate_eta_s(10, 95), 10);
	assert_int_equal(rate_eta_s(10, 0), 0);
}

/* --- progress --- */

static void hear(struct progress *progress, enum dq_event_type type,
    const struct dq_task *task, const struct dq_asset *asset, int64_t bytes)
{
	const struct dq_totals totals = { .tasks = 5,
		.tasks_ended = 1,
		.files = 8,
		.files_stored = 2,
		.files_active = 1,
		.bytes_done = (uint64_t)bytes };
	const struct dq_event event = { .type = type,
		.at_unix_ms = T0 + bytes,
		.task = task,
		.asset = asset,
		.bytes_done = bytes,
		.bytes_total = 4000,
		.totals = &totals };

	progress_hear(progress, &event);
}

static const struct dq_asset asset = { .index = 2, .kind = "image" };

static unsigned draw(
    const struct progress *progress, unsigned columns, unsigned rows, struct buf *into)
{
	unsigned n = progress_draw(progress, T0 + 90000, columns, rows, "\n", into);
	unsigned ends = 0;
	const char *line = into->data;

	for (const char *end; (end = strchr(line, '\n')); line = end + 1, ends++) {
		char copy[4096];

		(void)snprintf(copy, sizeof(copy), "%.*s", (int)(end - line), line);
		assert_true(text_width(copy) < columns || columns < 3);
		assert_true(text_is_utf8(copy, strlen(copy)));
	}
	assert_string_equal(line, "");
	assert_int_equal(n, ends);
	assert_true(n <= rows);
	return n;
}

static void lines_of_tasks_and_downloads(void **state)
{
	struct dq_task queued = { .submit_id = "task-one",
		.state = "queued",
		.has_queue = true,
		.queue_position = 12,
		.queue_length = 340,
		.eta_seconds = 95 };
	struct dq_task making = { .submit_id = "task-two",
		.state = "generating",
		.finished = 1,
		.total = 4,
		.queue_position = -1 };
	struct progress *progress = progress_new(T0);
	struct buf text = buf_make(TEXT_MAX);

	(void)state;
	hear(progress, DQ_EVENT_STATE, &queued, NULL, 0);
	hear(progress, DQ_EVENT_STATE, &making, NULL, 0);
	hear(progress, DQ_EVENT_PROGRESS, &making, &asset, 0);
	hear(progress, DQ_EVENT_PROGRESS, &making, &asset, 1000);
	assert_int_equal(draw(progress, 100, 20, &text), 5);
	assert_non_null(strstr(text.data, "place 12 of 340, about 1m35s"));
	assert_non_null(strstr(text.data, "1 of 4"));
	assert_non_null(strstr(text.data, "task-two_2"));
	assert_non_null(strstr(text.data, " 25%"));
	assert_non_null(strstr(text.data, "[=====>"));
	assert_non_null(strstr(text.data, "... and 2 more tasks"));
	assert_non_null(strstr(text.data, "1 of 5 tasks, 2 of 8 files"));
	/* The download stands above the tasks. */
	assert_true(strstr(text.data, "task-two_2") < strstr(text.data, "task-one"));
	buf_release(&text);
	progress_free(progress);
}

/* draw() is at T0 + 90 s: the task has 40 s, the run 3 minutes. */
static struct progress *progress_with_ends(void)
{
	static const struct dq_totals totals = { .tasks = 2,
		.eta_low_unix_ms = T0 + 210000,
		.eta_unix_ms = T0 + 270000,
		.eta_high_unix_ms = T0 + 450000 };
	static const struct dq_task task = { .submit_id = "task-one",
		.state = "generating",
		.total = 4,
		.eta_low_unix_ms = T0 + 110000,
		.eta_unix_ms = T0 + 130000,
		.eta_high_unix_ms = T0 + 160000 };
	const struct dq_event event = {
		.type = DQ_EVENT_STATE, .at_unix_ms = T0, .task = &task, .totals = &totals
	};
	struct progress *progress = progress_new(T0);

	progress_hear(progress, &event);
	return progress;
}

/* Band, then the end itself, then neither: what does not fit is never cut in two. */
static void the_end_gives_way_first(void **state)
{
	static const struct {
		const char *task, *total;
		unsigned columns;
	} row[] = {
		{ "0 of 4  1m30s  about 40s left (20s to 1m10s)\n",
		    "0 of 2 tasks, 1m30s, done in about 3m (2m to 6m)\n", 100 },
		{ "0 of 4  1m30s  about 40s left (20s to 1m10s)\n",
		    "0 of 2 tasks, 1m30s, done in about 3m (2m to 6m)\n", 76 },
		{ "0 of 4  1m30s  about 40s left\n",
		    "0 of 2 tasks, 1m30s, done in about 3m (2m to 6m)\n", 75 },
		{ "0 of 4  1m30s  about 40s left\n",
		    "0 of 2 tasks, 1m30s, done in about 3m (2m to 6m)\n", 61 },
		{ "0 of 4  1m30s\n", "0 of 2 tasks, 1m30s, done in about 3m (2m to 6m)\n",
		    60 },
		{ "0 of 4  1m30s\n", "0 of 2 tasks, 1m30s, done in about 3m (2m to 6m)\n",
		    49 },
		{ "0 of 4  1m30s\n", "0 of 2 tasks, 1m30s, done in about 3m\n", 48 },
		{ "", "0 of 2 tasks, 1m30s, done in about 3m\n", 38 },
		{ "", "0 of 2 tasks, 1m30s\n", 37 },
	};
	struct progress *progress = progress_with_ends();

	(void)state;
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		struct buf text = buf_make(TEXT_MAX);

		print_message("# %u columns\n", row[i].columns);
		(void)draw(progress, row[i].columns, 20, &text);
		assert_non_null(strstr(text.data, row[i].task));
		assert_non_null(strstr(text.data, row[i].total));
		buf_release(&text);
	}
	progress_free(progress);
}

/*
 * Speed and end of a download are there down to 40 columns; a row begins with the prompt.
 */
static void a_download_keeps_its_end(void **state)
{
	static const struct dq_task task = {
		.submit_id = "5cf3790f-5adb-42d6-adad-ba06071b18be",
		.state = "succeeded",
		.prompt = "一只可爱的小猫坐在阳光下\nand more",
		.seed = -1,
	};

	(void)state;
	for (unsigned columns = 40; columns <= 140; columns += 5) {
		struct progress *progress = progress_new(T0);
		struct buf text = buf_make(TEXT_MAX);

		for (int i = 0; i < 20; i++) {
			struct dq_event event = { .type = DQ_EVENT_PROGRESS,
				.task = &task,
				.asset = &asset,
				.at_unix_ms = T0 + 70000 + i * 1000,
				.bytes_done = 1000000 * (i + 1),
				.bytes_total = 40000000 };

			progress_hear(progress, &event);
		}
		(void)draw(progress, columns, 20, &text);
		assert_non_null(strstr(text.data, " left"));
		assert_int_equal(strncmp(text.data, "一只可", 9), 0);
		assert_non_null(strstr(text.data, "50%"));
		buf_release(&text);
		progress_free(progress);
	}
}

static void what_has_ended_goes(void **state)
{
	struct dq_task task = { .submit_id = "abc", .state = "generating" };
	struct dq_task ended = {
		.submit_id = "abc", .state = "succeeded", .is_final = true
	};
	struct progress *progress = progress_new(T0);
	struct buf text = buf_make(TEXT_MAX);

	(void)state;
	hear(progress, DQ_EVENT_STATE, &task, NULL, 0);
	hear(progress, DQ_EVENT_PROGRESS, &task, &asset, 10);
	hear(progress, DQ_EVENT_STATE, &ended, NULL, 10);
	hear(progress, DQ_EVENT_STORED, &ended, &asset, 20);
	(void)draw(progress, 100, 20, &text);
	assert_null(strstr(text.data, "abc"));
	hear(progress, DQ_EVENT_PROGRESS, &ended, &asset, 30);
	hear(progress, DQ_EVENT_TASK, &ended, NULL, 40);
	buf_release(&text);
	(void)draw(progress, 100, 20, &text);
	assert_null(strstr(text.data, "abc"));
	buf_release(&text);
	progress_free(progress);
}

/* Far more than fit, in every size of terminal; Chinese and odd ids, too. */
static void every_size_of_terminal(void **state)
{
	struct progress *progress = progress_new(T0);

	(void)state;
	for (int i = 0; i < 1000; i++) {
		char id[DQ_ID_MAX + 1];
		struct dq_task task = { .submit_id = id,
			.state = i % 3 ? "a state with a very long name" : "queued",
			.has_queue = true,
			.queue_position = INT64_MAX,
			.queue_length = INT64_MAX,
			.eta_seconds = INT64_MAX };

		(void)snprintf(id, sizeof(id), "%s-%d", i % 2 ? "中文" : "x", i);
		hear(progress, DQ_EVENT_STATE, &task, NULL, 0);
		if (i % 5 == 0)
			hear(progress, DQ_EVENT_PROGRESS, &task, &asset, INT64_MAX / 2);
	}
	for (unsigned columns = 1; columns < 200; columns += 7) {
		for (unsigned rows = 2; rows < 60; rows += 5) {
			struct buf text = buf_make(TEXT_MAX);

			assert_in_range(
			    draw(progress, columns, rows, &text), rows - 1, rows);
			buf_release(&text);
		}
	}
	progress_free(progress);
}

static void nothing_yet(void **state)
{
	struct progress *progress = progress_new(T0);
	struct buf text = buf_make(TEXT_MAX);

	(void)state;
	assert_int_equal(draw(progress, 80, 24, &text), 1);
	assert_non_null(strstr(text.data, "0 of 0 tasks"));
	buf_release(&text);
	progress_free(progress);
	progress_free(NULL);
}

/* --- seen --- */

static void a_state_is_news_once(void **state)
{
	struct seen seen = seen_make(1000);

	(void)state;
	for (int round = 0; round < 2; round++) {
		for (int i = 0; i < 1000; i++) {
			char id[32];

			(void)snprintf(id, sizeof(id), "task-%d", i);
			assert_int_equal(seen_is_new(&seen, id, "queued"), round == 0);
		}
	}
	assert_true(seen_is_new(&seen, "task-7", "generating"));
	assert_false(seen_is_new(&seen, "task-7", "generating"));
	assert_true(seen_is_new(&seen, "task-7", "queued"));
	seen_release(&seen);
	assert_true(seen_is_new(&seen, "task-7", "queued"));
	assert_true(seen_is_new(&seen, "task-7", "queued"));
}

static void more_than_expected_still_works(void **state)
{
	struct seen seen = seen_make(1);

	(void)state;
	for (int i = 0; i < 500; i++) {
		char id[32];

		(void)snprintf(id, sizeof(id), "task-%d", i);
		assert_true(seen_is_new(&seen, id, "queued"));
	}
	seen_release(&seen);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_steady_rate_is_found),
		cmocka_unit_test(an_old_rate_is_forgotten),
		cmocka_unit_test(odd_samples_do_no_harm),
		cmocka_unit_test(lines_of_tasks_and_downloads),
		cmocka_unit_test(the_end_gives_way_first),
		cmocka_unit_test(a_download_keeps_its_end),
		cmocka_unit_test(what_has_ended_goes),
		cmocka_unit_test(every_size_of_terminal),
		cmocka_unit_test(nothing_yet),
		cmocka_unit_test(a_state_is_news_once),
		cmocka_unit_test(more_than_expected_still_works),
	};

	return cmocka_run_group_tests_name("cli_progress", tests, NULL, NULL);
}
