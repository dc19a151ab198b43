/*
 * stats.h - what the ledger knows about waiting: how long tasks take, how they end, what
 * polling cost. Durations are in ms, -1 unknown. Errors and strings are those of
 * dreamq.h.
 */
#pragma once

#include "dreamq/dreamq.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { DQ_STATS_QUANTILES = 7, DQ_STATS_BARS = 24 };

/* One kind of media and one model. */
struct dq_stats_lane {
	const char *kind; /* NULL unknown */
	const char *model; /* NULL: of tasks that named none */
	size_t tasks, succeeded, failed, unfinished;
	size_t durations; /* generations of known length */
	/* 5, 10, 25, 50, 75, 90, 95 % of them took at most so long. */
	int64_t quantiles_ms[DQ_STATS_QUANTILES];
	/* The same as bars: bar i counts those that lasted from low·r^i to low·r^(i+1),
	 * where the last bar ends at `high`. */
	int64_t bars_low_ms, bars_high_ms;
	size_t bars[DQ_STATS_BARS];
	int64_t law_median_ms; /* what is expected of the next one ... */
	double law_sigma; /* ... and the spread of its logarithm */
	size_t detected; /* ends that were waited for */
	int64_t delay_mean_ms, delay_p95_ms; /* from the end to the poll that saw it */
	uint64_t looks;
	double requests; /* each request shared by the ids in it */
	/* Tasks of known cost, those of them whose cost was measured, and what all of
	 * them cost together. What the others cost nobody knows. */
	size_t priced, measured;
	int64_t credits;
};

/* The tasks that we first heard of on one day, local time. */
struct dq_stats_day {
	char day[11]; /* "2026-11-23" */
	size_t tasks, succeeded, failed, files;
	uint64_t bytes;
	double requests;
};

struct dq_stats_failure {
	/* As in a task, NULL: none was given; or "cancelled", "not_found". */
	const char *fail_class, *fail_code;
	size_t tasks;
};

struct dq_stats {
	/* Most tasks first; the first is all together, its kind and model NULL. */
	const struct dq_stats_lane *lanes;
	size_t n_lanes;
	const struct dq_stats_day *days; /* oldest first */
	size_t n_days;
	const struct dq_stats_failure *failures; /* most tasks first */
	size_t n_failures;
};

/* Gather them of the profile's tasks that we first heard of since then (0: all). The
 * caller frees them. */
DQ_API enum dq_status dq_stats(struct dq *dq, int64_t since_unix_ms,
    struct dq_stats **ret_stats, struct dq_error *err);
DQ_API void dq_stats_free(struct dq_stats *stats); /* NULL is fine */
/* Tell them as lines of JSON (docs/schema/), without newline: lanes, failures, days. A
 * line is borrowed until on_line returns. DQ_STORAGE: no memory. */
DQ_API enum dq_status dq_stats_json(const struct dq_stats *stats,
    void (*on_line)(void *payload, const char *line), void *payload,
    struct dq_error *err);

#ifdef __cplusplus
}
#endif
