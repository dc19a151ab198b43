/*
 * stats_json.c - statistics as lines of JSON: docs/schema/stats_*.schema.json.
 */
#include <stdlib.h>

#include "base/cleanup.h"
#include "core/account/session.h"
#include "core/json/json_line.h"
#include "dreamq/stats.h"

static const char *const quantile_keys[DQ_STATS_QUANTILES] = { "p5", "p10", "p25", "p50",
	"p75", "p90", "p95" };

static void add_count(struct json_line *line, const char *key, size_t count)
{
	json_line_number(line, key, (int64_t)count, -1);
}

static void add_quantiles(struct json_line *line, const struct dq_stats_lane *lane)
{
	struct json_line part;

	if (lane->durations == 0) {
		json_line_text(line, "quantiles_ms", NULL);
		return;
	}
	part = json_line_make_part();
	for (size_t i = 0; i < DQ_STATS_QUANTILES; i++)
		json_line_number(&part, quantile_keys[i], lane->quantiles_ms[i], -1);
	json_line_part(line, "quantiles_ms", part);
}

static void add_bars(struct json_line *line, const struct dq_stats_lane *lane)
{
	struct json_line part;
	cJSON *counts;

	if (lane->durations == 0) {
		json_line_text(line, "bars", NULL);
		return;
	}
	part = json_line_make_part();
	counts = cJSON_CreateArray();
	for (size_t i = 0; counts && i < DQ_STATS_BARS; i++) {
		cJSON *count = cJSON_CreateNumber((double)lane->bars[i]);

		if (!cJSON_AddItemToArray(counts, count)) {
			cJSON_Delete(count);
			part.failed = true;
		}
	}
	json_line_number(&part, "low_ms", lane->bars_low_ms, -1);
	json_line_number(&part, "high_ms", lane->bars_high_ms, -1);
	json_line_add(&part, "counts", counts);
	json_line_part(line, "bars", part);
}

static void add_dist(struct json_line *line, const struct dq_stats_lane *lane)
{
	struct json_line part;

	if (lane->law_median_ms < 0) {
		json_line_text(line, "expected", NULL);
		return;
	}
	part = json_line_make_part();
	json_line_number(&part, "median_ms", lane->law_median_ms, -1);
	json_line_real(&part, "sigma", lane->law_sigma);
	json_line_part(line, "expected", part);
}

static void add_credits(struct json_line *line, const struct dq_stats_lane *lane)
{
	struct json_line part;

	if (lane->priced == 0) {
		json_line_text(line, "credits", NULL);
		return;
	}
	part = json_line_make_part();
	json_line_number(&part, "amount", lane->credits, -1);
	add_count(&part, "tasks", lane->priced);
	add_count(&part, "measured", lane->measured);
	json_line_part(line, "credits", part);
}

static char *lane_json(const struct dq_stats_lane *lane, bool is_all)
{
	struct json_line line = json_line_make("stats_lane");

	json_line_bool(&line, "all", is_all);
	json_line_text(&line, "kind", lane->kind);
	json_line_text(&line, "model", lane->model);
	add_count(&line, "tasks", lane->tasks);
	add_count(&line, "succeeded", lane->succeeded);
	add_count(&line, "failed", lane->failed);
	add_count(&line, "unfinished", lane->unfinished);
	add_count(&line, "durations", lane->durations);
	add_quantiles(&line, lane);
	add_bars(&line, lane);
	add_dist(&line, lane);
	add_count(&line, "detected", lane->detected);
	json_line_number(&line, "delay_mean_ms", lane->delay_mean_ms, -1);
	json_line_number(&line, "delay_p95_ms", lane->delay_p95_ms, -1);
	add_count(&line, "looks", lane->looks);
	json_line_real(&line, "requests", lane->requests);
	add_credits(&line, lane);
	return json_line_take(&line);
}

static char *failure_json(const struct dq_stats_failure *failure)
{
	struct json_line line = json_line_make("stats_failure");

	json_line_text(&line, "class", failure->fail_class);
	json_line_text(&line, "code", failure->fail_code);
	add_count(&line, "tasks", failure->tasks);
	return json_line_take(&line);
}

static char *day_json(const struct dq_stats_day *day)
{
	struct json_line line = json_line_make("stats_day");

	json_line_text(&line, "day", day->day);
	add_count(&line, "tasks", day->tasks);
	add_count(&line, "succeeded", day->succeeded);
	add_count(&line, "failed", day->failed);
	add_count(&line, "files", day->files);
	add_count(&line, "bytes", day->bytes);
	json_line_real(&line, "requests", day->requests);
	return json_line_take(&line);
}

/* Makes line i of all, malloc'ed; NULL: no memory. */
static char *line_json(const struct dq_stats *stats, size_t i)
{
	if (i < stats->n_lanes)
		return lane_json(&stats->lanes[i], i == 0);
	i -= stats->n_lanes;
	if (i < stats->n_failures)
		return failure_json(&stats->failures[i]);
	return day_json(&stats->days[i - stats->n_failures]);
}

enum dq_status dq_stats_json(const struct dq_stats *stats,
    void (*on_line)(void *payload, const char *line), void *payload,
    struct dq_error *ret_error)
{
	const size_t n = stats->n_lanes + stats->n_failures + stats->n_days;
	struct err err;

	for (size_t i = 0; i < n; i++) {
		_cleanup_free_ char *line = line_json(stats, i);

		if (!line) {
			err_set(&err, ERR_NOMEM, "out of memory");
			return session_fail(&err, ret_error);
		}
		on_line(payload, line);
	}
	return DQ_OK;
}
