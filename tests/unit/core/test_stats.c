/* Tasks counted into lanes, days and failures, and the lines of JSON about them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "core/stats/count.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

/* --- counting --- */

enum { DAY_S = 86400 };

/* 2026-11-23T12:00:00Z, and so many seconds later */
static int64_t at(int64_t seconds)
{
	return (INT64_C(1795435200) + seconds) * 1000;
}

static const struct past_task image = {
	.submit_id = "i",
	.model = "m1",
	.kind = MEDIA_IMAGE,
	.state = TASK_SUCCEEDED,
};

struct given {
	int64_t first_seen_s, created_s, finished_s, detected_s; /* 0: unknown */
	enum media_kind kind;
	enum task_state state;
	enum fail_class class;
	const char *model, *code;
	int64_t looks, files;
};

static struct past_task task_of(const struct given *given)
{
	return (struct past_task){
		.submit_id = "x",
		.model = given->model,
		.kind = given->kind,
		.state = given->state,
		.fail_class = given->class,
		.fail_code = given->code,
		.first_seen_unix_ms = at(given->first_seen_s),
		.created_unix_ms = given->created_s ? at(given->created_s) : 0,
		.finished_unix_ms = given->finished_s ? at(given->finished_s) : 0,
		.detected_unix_ms = given->detected_s ? at(given->detected_s) : 0,
		.polls = given->looks,
		.requests_micro = given->looks * 250000,
		.files_stored = given->files,
		.bytes_stored = given->files * 1000,
	};
}

/* The newest first, as the ledger gives them. */
static const struct given many[] = {
	{ 900, 901, 0, 0, MEDIA_IMAGE, TASK_GENERATING, FAIL_NONE, "m1", NULL, 3, 0 },
	{ 800, 801, 821, 823, MEDIA_IMAGE, TASK_SUCCEEDED, FAIL_NONE, "m1", "", 4, 4 },
	{ 700, 701, 711, 717, MEDIA_IMAGE, TASK_SUCCEEDED, FAIL_NONE, "m1", NULL, 5, 4 },
	/* had ended long before we heard of it */
	{ 600, 301, 341, 601, MEDIA_IMAGE, TASK_SUCCEEDED, FAIL_NONE, "m1", NULL, 1, 2 },
	{ 500, 501, 601, 605, MEDIA_VIDEO, TASK_SUCCEEDED, FAIL_NONE, NULL, NULL, 9, 1 },
	{ 400, 401, 405, 410, MEDIA_VIDEO, TASK_FAILED, FAIL_CONTENT, NULL, "2038", 2,
	    0 },
	{ -DAY_S, -DAY_S + 1, -DAY_S + 4, 0, MEDIA_IMAGE, TASK_FAILED, FAIL_CONTENT, "m2",
	    "2038", 2, 0 },
	{ -DAY_S, 0, 0, 0, MEDIA_UNKNOWN, TASK_FAILED, FAIL_NONE, NULL, "", 0, 0 },
	{ -DAY_S, 0, 0, 0, MEDIA_UNKNOWN, TASK_NOT_FOUND, FAIL_NONE, NULL, NULL, 6, 0 },
	{ -2 * DAY_S, 0, 0, 0, MEDIA_IMAGE, TASK_CANCELLED, FAIL_NONE, "m1", NULL, 1, 0 },
};

static struct dq_stats *count_all(const struct given *given, size_t n)
{
	struct stats_count *count = stats_count_new();
	struct dists *dists = dists_new();
	struct dq_stats *stats;

	assert_non_null(count);
	assert_non_null(dists);
	for (size_t i = 0; i < n; i++) {
		struct past_task task = task_of(&given[i]);
		/* Borrowed for the call only. */
		char *model = task.model ? strdup(task.model) : NULL;
		char *code = task.fail_code ? strdup(task.fail_code) : NULL;

		task.model = model;
		task.fail_code = code;
		stats_count_add(count, &task);
		free(model);
		free(code);
	}
	stats = stats_count_take(count, dists);
	assert_non_null(stats);
	stats_count_free(count);
	dists_free(dists);
	return stats;
}

static void check_lane(const struct dq_stats_lane *lane, const char *kind,
    const char *model, const size_t counts[6], int64_t looks)
{
	const size_t found[] = { lane->tasks, lane->succeeded, lane->failed,
		lane->unfinished, lane->durations, lane->detected };

	assert_int_equal(lane->kind != NULL, kind != NULL);
	if (kind)
		assert_string_equal(lane->kind, kind);
	assert_int_equal(lane->model != NULL, model != NULL);
	if (model)
		assert_string_equal(lane->model, model);
	assert_memory_equal(found, counts, sizeof(found));
	assert_int_equal(lane->looks, looks);
	assert_float_equal(lane->requests, (double)looks / 4, 1e-9);
}

static void lanes_are_counted_apart(void **state)
{
	struct dq_stats *stats = count_all(many, COUNT(many));

	(void)state;
	assert_int_equal(stats->n_lanes, 5);
	check_lane(&stats->lanes[0], NULL, NULL, (size_t[]){ 10, 4, 3, 1, 4, 4 }, 33);
	check_lane(&stats->lanes[1], "image", "m1", (size_t[]){ 5, 3, 0, 1, 3, 2 }, 14);
	check_lane(&stats->lanes[2], NULL, NULL, (size_t[]){ 2, 0, 1, 0, 0, 0 }, 6);
	check_lane(&stats->lanes[3], "video", NULL, (size_t[]){ 2, 1, 1, 0, 1, 2 }, 11);
	check_lane(&stats->lanes[4], "image", "m2", (size_t[]){ 1, 0, 1, 0, 0, 0 }, 2);
	dq_stats_free(stats);
}

static void costs_of_a_lane(void **state)
{
	static const struct {
		bool has_credits, are_measured;
		int64_t credits;
	} costs[] = { { true, false, 8 }, { true, true, 3 }, { false, false, 0 },
		{ true, true, 0 } };
	struct stats_count *count = stats_count_new();
	struct dists *dists = dists_new();
	struct dq_stats *stats;

	(void)state;
	for (size_t i = 0; i < COUNT(costs); i++) {
		struct past_task task = task_of(&many[1]);

		task.has_credits = costs[i].has_credits;
		task.credits_are_measured = costs[i].are_measured;
		task.credits = costs[i].credits;
		stats_count_add(count, &task);
	}
	stats = stats_count_take(count, dists);
	assert_non_null(stats);
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(stats->lanes[i].tasks, 4);
		assert_int_equal(stats->lanes[i].priced, 3);
		assert_int_equal(stats->lanes[i].measured, 2);
		assert_int_equal(stats->lanes[i].credits, 11);
	}
	dq_stats_free(stats);
	stats_count_free(count);
	dists_free(dists);
}

static void times_of_a_lane(void **state)
{
	struct dq_stats *stats = count_all(many, COUNT(many));
	const struct dq_stats_lane *images = &stats->lanes[1],
				   *nothing = &stats->lanes[2];

	(void)state;
	/* 20, 10, 40 s; a delay is told by the two that were waited for */
	assert_int_equal(images->quantiles_ms[3], 20000);
	assert_int_equal(images->quantiles_ms[2], 15000);
	assert_int_equal(images->bars_low_ms, 10000);
	assert_int_equal(images->bars_high_ms, 40000);
	assert_int_equal(images->bars[0] + images->bars[12] + images->bars[23], 3);
	assert_int_equal(images->delay_mean_ms, 4000);
	assert_int_equal(images->delay_p95_ms, 5800);
	/* The distributions are new: what is expected is what was shipped. */
	assert_int_equal(images->law_median_ms, 1000 * DISTS_IMAGE_S);
	assert_true(images->law_sigma > 0);
	assert_int_equal(nothing->quantiles_ms[3], -1);
	assert_int_equal(nothing->bars_low_ms, -1);
	assert_int_equal(nothing->delay_mean_ms, -1);
	assert_int_equal(nothing->law_median_ms, -1);
	dq_stats_free(stats);
}

static void failures_by_class_and_code(void **state)
{
	static const struct dq_stats_failure wanted[] = {
		{ "content", "2038", 2 },
		{ NULL, NULL, 1 },
		{ "cancelled", NULL, 1 },
		{ "not_found", NULL, 1 },
	};
	struct dq_stats *stats = count_all(many, COUNT(many));

	(void)state;
	assert_int_equal(stats->n_failures, COUNT(wanted));
	for (size_t i = 0; i < COUNT(wanted); i++) {
		const struct dq_stats_failure *found = &stats->failures[i];

		assert_int_equal(found->tasks, wanted[i].tasks);
		assert_int_equal(!found->fail_class, !wanted[i].fail_class);
		if (found->fail_class)
			assert_string_equal(found->fail_class, wanted[i].fail_class);
		assert_int_equal(!found->fail_code, !wanted[i].fail_code);
		if (found->fail_code)
			assert_string_equal(found->fail_code, wanted[i].fail_code);
	}
	dq_stats_free(stats);
}

static void days_are_local(void **state)
{
	static const struct {
		const char *zone, *newest;
	} row[] = { { "UTC0", "2026-11-23" }, { "AAA-13", "2026-11-24" },
		{ "BBB+13", "2026-11-22" } };

	(void)state;
	for (size_t i = 0; i < COUNT(row); i++) {
		struct dq_stats *stats;

		setenv("TZ", row[i].zone, 1);
		tzset();
		stats = count_all(many, COUNT(many));
		assert_int_equal(stats->n_days, 3);
		assert_string_equal(stats->days[2].day, row[i].newest);
		assert_true(strcmp(stats->days[0].day, stats->days[1].day) < 0);
		assert_int_equal(stats->days[2].tasks, 6);
		assert_int_equal(stats->days[2].succeeded, 4);
		assert_int_equal(stats->days[2].failed, 1);
		assert_int_equal(stats->days[2].files, 11);
		assert_int_equal(stats->days[2].bytes, 11000);
		assert_float_equal(stats->days[2].requests, 6.0, 1e-9);
		assert_int_equal(stats->days[1].tasks, 3);
		dq_stats_free(stats);
	}
	setenv("TZ", "UTC0", 1);
	tzset();
}

/* A service that calls every model by another name makes as many lanes. */
static void many_models(void **state)
{
	struct stats_count *count = stats_count_new();
	struct dists *dists = dists_new();
	struct dq_stats *stats;

	(void)state;
	assert_non_null(count);
	for (int i = 0; i < 20000; i++) {
		struct past_task task = image;
		char model[16];

		(void)snprintf(model, sizeof(model), "m%d", i % 10000);
		task.model = model;
		task.first_seen_unix_ms = at(-i);
		stats_count_add(count, &task);
	}
	stats = stats_count_take(count, dists);
	assert_non_null(stats);
	assert_int_equal(stats->n_lanes, 10001);
	assert_int_equal(stats->lanes[0].tasks, 20000);
	assert_int_equal(stats->lanes[10000].tasks, 2);
	dq_stats_free(stats);
	stats_count_free(count);
	dists_free(dists);
}

/* --- JSON --- */

struct lines {
	char text[16384];
	size_t n;
};

static void keep_line(void *payload, const char *line)
{
	struct lines *lines = payload;
	const size_t len = strlen(lines->text);
	_cleanup_(json_deletep) cJSON *tree = NULL;
	struct err err;

	assert_int_equal(json_parse(line, strlen(line), &tree, &err), ERR_OK);
	(void)snprintf(lines->text + len, sizeof(lines->text) - len, "%s\n", line);
	lines->n++;
}

static void golden(void **state)
{
	static const struct dq_stats_lane lanes[] = {
		{ .tasks = 2,
		    .succeeded = 1,
		    .failed = 1,
		    .durations = 1,
		    .quantiles_ms = { 5, 10, 25, 50, 75, 90, 95 },
		    .bars_low_ms = 1,
		    .bars_high_ms = 2,
		    .bars = { 1 },
		    .law_median_ms = -1,
		    .detected = 1,
		    .delay_mean_ms = 0,
		    .delay_p95_ms = 7,
		    .looks = 3,
		    .requests = 1.25,
		    .priced = 2,
		    .measured = 1,
		    .credits = 12 },
		{ .kind = "image",
		    .model = "m\xff\"",
		    .unfinished = 1,
		    .law_median_ms = 19000,
		    .law_sigma = 0.5,
		    .delay_mean_ms = -1,
		    .delay_p95_ms = -1 },
	};
	static const struct dq_stats_failure failures[] = { { "content", "2038", 1 },
		{ NULL, NULL, 3 } };
	static const struct dq_stats_day days[] = { { "2026-11-23", 2, 1, 1, 4,
	    UINT64_C(9007199254740993), 0.5 } };
	static const struct dq_stats stats = { lanes, 2, days, 1, failures, 2 };
	static const char wanted[] =
	    "{\"schema_version\":1,\"event\":\"stats_lane\",\"all\":true,\"kind\":null,"
	    "\"model\":null,\"tasks\":2,\"succeeded\":1,\"failed\":1,\"unfinished\":0,"
	    "\"durations\":1,\"quantiles_ms\":{\"p5\":5,\"p10\":10,\"p25\":25,\"p50\":50,"
	    "\"p75\":75,\"p90\":90,\"p95\":95},\"bars\":{\"low_ms\":1,\"high_ms\":2,"
	    "\"counts\":[1,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0]},"
	    "\"expected\":null,\"detected\":1,\"delay_mean_ms\":0,\"delay_p95_ms\":7,"
	    "\"looks\":3,\"requests\":1.25,\"credits\":"
	    "{\"amount\":12,\"tasks\":2,\"measured\":1}}\n"
	    "{\"schema_version\":1,\"event\":\"stats_lane\",\"all\":false,"
	    "\"kind\":\"image\",\"model\":\"m\xef\xbf\xbd\\\"\",\"tasks\":0,"
	    "\"succeeded\":0,\"failed\":0,\"unfinished\":1,\"durations\":0,"
	    "\"quantiles_ms\":null,\"bars\":null,\"expected\":{\"median_ms\":19000,"
	    "\"sigma\":0.5},\"detected\":0,\"delay_mean_ms\":null,"
	    "\"delay_p95_ms\":null,\"looks\":0,\"requests\":0,\"credits\":null}\n"
	    "{\"schema_version\":1,\"event\":\"stats_failure\",\"class\":\"content\","
	    "\"code\":\"2038\",\"tasks\":1}\n"
	    "{\"schema_version\":1,\"event\":\"stats_failure\",\"class\":null,"
	    "\"code\":null,\"tasks\":3}\n"
	    "{\"schema_version\":1,\"event\":\"stats_day\",\"day\":\"2026-11-23\","
	    "\"tasks\":2,\"succeeded\":1,\"failed\":1,\"files\":4,"
	    "\"bytes\":9007199254740993,\"requests\":0.5}\n";
	struct lines lines = { 0 };
	struct dq_error error;

	(void)state;
	assert_int_equal(dq_stats_json(&stats, keep_line, &lines, &error), DQ_OK);
	assert_int_equal(lines.n, 5);
	assert_string_equal(lines.text, wanted);
}

static void nothing_is_a_lane_of_nothing(void **state)
{
	struct dq_stats *stats = count_all(many, 0);
	struct lines lines = { 0 };
	struct dq_error error;

	(void)state;
	assert_int_equal(stats->n_lanes, 1);
	assert_int_equal(stats->lanes[0].tasks, 0);
	assert_int_equal(stats->n_days + stats->n_failures, 0);
	assert_int_equal(dq_stats_json(stats, keep_line, &lines, &error), DQ_OK);
	assert_int_equal(lines.n, 1);
	dq_stats_free(stats);
	dq_stats_free(NULL);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(lanes_are_counted_apart),
		cmocka_unit_test(costs_of_a_lane),
		cmocka_unit_test(times_of_a_lane),
		cmocka_unit_test(failures_by_class_and_code),
		cmocka_unit_test(days_are_local),
		cmocka_unit_test(many_models),
		cmocka_unit_test(golden),
		cmocka_unit_test(nothing_is_a_lane_of_nothing),
	};

	setenv("TZ", "UTC0", 1);
	tzset();
	return cmocka_run_group_tests_name("stats", tests, NULL, NULL);
}
