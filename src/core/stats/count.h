/*
 * count.h - counting tasks of the past into a struct dq_stats. Pure: the tasks come from
 * the caller, only the days depend on the local time.
 *
 *	struct stats_count *count = stats_count_new();
 *
 *	stats_count_add(count, &task);		(each, the newest first)
 *	stats = stats_count_take(count, dists);
 *	stats_count_free(count);
 *
 * Adding never needs a check: the first want of memory makes the end of it NULL.
 */
#pragma once

#include "core/policy/dists.h"
#include "dreamq/stats.h"
#include "ledger/past.h"

struct stats_count;

struct stats_count *stats_count_new(void); /* NULL: no memory */
void stats_count_free(struct stats_count *count);
void stats_count_freep(struct stats_count **count); /* for _cleanup_ */

void stats_count_add(struct stats_count *count, const struct past_task *task);
/* What has been counted, with what the distributions expect of each lane;
 * dq_stats_free(). NULL: no memory. Nothing can be added after. */
struct dq_stats *stats_count_take(struct stats_count *count, struct dists *dists);
