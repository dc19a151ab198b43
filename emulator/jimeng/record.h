/*
 * record.h - a task as get_history_by_ids shows it: about 36 kB of JSON for four
 * finished images, every field of the captured record and then some.
 */
#pragma once

#include <stdint.h>

#include "common/text.h"
#include "jimeng/jimeng.h"

struct record_maker;

enum { VID_MAX = 32, URI_MAX = 64 };

/* What a record depends on besides its task. */
struct record_view {
	const struct jimeng *jimeng;
	int64_t now_ms;
	uint64_t noise; /* differs from answer to answer */
	const char *logid;

	/* set by faults */
	int interval_s; /* overrides polling_config; -1 does not */
	int items; /* so many at most are shown, and counted as finished; -1: all */
	int total; /* overrides the promises; -1 does not */
	int status; /* overrides both status fields; 0 does not */
	const char *link; /* replaces every asset link; NULL does not */

	bool has_originals; /* links lead to originals, and video_model has them */
};

struct record_maker *record_maker_new(void);
void record_maker_free(struct record_maker *maker);

/* Append the record, a JSON object. */
void record_write(
    const struct record_view *view, const struct task *task, struct text *out);

/* Append one of its items alone, a JSON object. */
void record_write_item(const struct record_view *view, const struct task *task,
    unsigned item, struct text *out);
/* An image, or a video in one quality, as it stands in an item. */
void record_write_image(const struct record_view *view, const struct task *task,
    unsigned item, struct text *out);
void record_write_film(const struct record_view *view, const struct task *task,
    enum variant variant, struct text *out);

/* What an item, its image and its video are called. */
uint64_t record_item_id(const struct task *task, unsigned item);
void record_uri(const struct task *task, unsigned item, char ret[URI_MAX]);
void record_vid(const struct task *task, unsigned item, char ret[VID_MAX]);

/* Append `queue_info` and the forecast of a task, as get_history_queue_info shows it. */
void record_write_queue(
    const struct record_view *view, const struct task *task, struct text *out);
