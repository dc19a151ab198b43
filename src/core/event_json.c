/*
 * event_json.c - the frozen JSON of events (docs/schema/): one object per
 * line; absent values are null, never missing; keys in a fixed order.
 */
#include <cjson/cJSON.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/text.h"
#include "dreamq/dreamq.h"

/*
 * cJSON's add functions return NULL when memory is short, and then the line
 * would lack a key: `failed` remembers, and the caller gives no line at all.
 */
struct line {
	cJSON *object;
	bool failed;
};

static void add(struct line *line, const char *key, cJSON *value)
{
	if (!value || !cJSON_AddItemToObject(line->object, key, value)) {
		cJSON_Delete(value);
		line->failed = true;
	}
}

/* A path may be any bytes, JSON may not: what is no UTF-8 becomes U+FFFD, byte by byte.
 */
static cJSON *create_repaired(const char *text)
{
	static const char unknown[] = "\xef\xbf\xbd";
	const size_t len = strlen(text);
	_cleanup_free_ char *repaired = malloc(len * 3 + 1);
	char *into = repaired;

	if (!repaired)
		return NULL;
	for (size_t at = 0, n; at < len; at += n ? n : 1) {
		n = text_char_len(text + at, len - at);
		into = mempcpy(into, n ? text + at : unknown, n ? n : 3);
	}
	*into = '\0';
	return cJSON_CreateString(repaired);
}

static cJSON *create_text(const char *text)
{
	if (!text)
		return cJSON_CreateNull();
	return text_is_utf8(text, strlen(text)) ? cJSON_CreateString(text)
						: create_repaired(text);
}

static void add_text(struct line *line, const char *key, const char *text)
{
	add(line, key, create_text(text));
}

static void add_bool(struct line *line, const char *key, bool value)
{
	add(line, key, cJSON_CreateBool(value));
}

/* `absent` becomes null. Written by us: cJSON would round it to a double. */
static void add_number(struct line *line, const char *key, int64_t value, int64_t absent)
{
	char digits[24];

	(void)snprintf(digits, sizeof(digits), "%" PRId64, value);
	add(line, key, value == absent ? cJSON_CreateNull() : cJSON_CreateRaw(digits));
}

static void add_time(struct line *line, const char *key, int64_t unix_ms)
{
	char iso[CLOCK_ISO_MAX];

	add_text(line, key, unix_ms > 0 ? clock_iso(unix_ms, iso) : NULL);
}

/* A link may claim to live for ever. */
static int64_t in_ms(int64_t seconds)
{
	if (seconds <= 0)
		return 0;
	return seconds > INT64_MAX / 1000 ? INT64_MAX : seconds * 1000;
}

static struct line line_make(const char *event)
{
	struct line line = { .object = cJSON_CreateObject() };

	if (!line.object) {
		line.failed = true;
		return line;
	}
	add_number(&line, "schema_version", DQ_SCHEMA_VERSION, -1);
	add_text(&line, "event", event);
	return line;
}

static struct line part_make(void)
{
	cJSON *object = cJSON_CreateObject();

	return (struct line){ .object = object, .failed = !object };
}

static void add_part(struct line *line, const char *key, struct line part)
{
	if (part.failed) {
		cJSON_Delete(part.object);
		line->failed = true;
		return;
	}
	add(line, key, part.object);
}

static void add_queue(struct line *line, const struct dq_task *task)
{
	struct line queue;

	if (!task->has_queue) {
		add_text(line, "queue", NULL);
		return;
	}
	queue = part_make();
	add_number(&queue, "position", task->queue_position, -1);
	add_number(&queue, "length", task->queue_length, -1);
	add_number(&queue, "eta_seconds", task->eta_seconds, -1);
	add_part(line, "queue", queue);
}

static void add_fail(struct line *line, const struct dq_task *task)
{
	struct line fail;

	if (!task->has_failed) {
		add_text(line, "fail", NULL);
		return;
	}
	fail = part_make();
	add_text(&fail, "code", task->fail_code);
	add_text(&fail, "message", task->fail_message);
	add_text(&fail, "class", task->fail_class);
	add_bool(&fail, "retryable", task->is_retryable);
	add_part(line, "fail", fail);
}

static struct line asset_part(const struct dq_asset *asset)
{
	struct line part = part_make();

	add_number(&part, "index", asset->index, -1);
	add_text(&part, "kind", asset->kind);
	add_text(&part, "uri", asset->uri);
	add_text(&part, "url", asset->url);
	add_time(&part, "expires_at", in_ms(asset->expires_unix));
	add_number(&part, "width", asset->width, 0);
	add_number(&part, "height", asset->height, 0);
	add_text(&part, "format", asset->format);
	add_number(&part, "duration_ms", asset->duration_ms, -1);
	add_text(&part, "path", asset->path);
	add_number(&part, "bytes", asset->bytes, -1);
	add_text(&part, "sha256", asset->sha256);
	add_bool(&part, "stored", asset->is_stored);
	return part;
}

static void add_assets(struct line *line, const struct dq_task *task)
{
	cJSON *array = cJSON_CreateArray();

	for (size_t i = 0; array && i < task->n_assets; i++) {
		struct line part = asset_part(&task->assets[i]);

		if (part.failed || !cJSON_AddItemToArray(array, part.object)) {
			cJSON_Delete(part.object);
			line->failed = true;
		}
	}
	add(line, "assets", array);
}

static struct line task_line(const struct dq_event *event)
{
	const struct dq_task *task = event->task;
	struct line line = line_make("task");

	add_text(&line, "submit_id", task->submit_id);
	add_text(&line, "history_id", task->history_id);
	add_text(&line, "kind", task->kind);
	add_text(&line, "state", task->state);
	add_number(&line, "status", task->status, INT64_MIN);
	add_number(&line, "finished", task->finished, -1);
	add_number(&line, "total", task->total, -1);
	add_queue(&line, task);
	add_fail(&line, task);
	add_time(&line, "created_at", task->created_unix_ms);
	add_time(&line, "finished_at", task->finished_unix_ms);
	add_assets(&line, task);
	return line;
}

static struct line state_line(const struct dq_event *event)
{
	const struct dq_task *task = event->task;
	struct line line = line_make("state");

	add_text(&line, "submit_id", task->submit_id);
	add_text(&line, "state", task->state);
	add_number(&line, "status", task->status, INT64_MIN);
	add_number(&line, "finished", task->finished, -1);
	add_number(&line, "total", task->total, -1);
	add_queue(&line, task);
	add_time(&line, "at", event->at_unix_ms);
	return line;
}

static struct line progress_line(const struct dq_event *event)
{
	struct line line = line_make("progress");

	add_text(&line, "submit_id", event->task->submit_id);
	add_number(&line, "index", event->asset->index, -1);
	add_number(&line, "bytes", event->bytes_done, -1);
	add_number(&line, "total", event->bytes_total, -1);
	add_number(&line, "bytes_per_second", event->bytes_per_second, 0);
	add_time(&line, "at", event->at_unix_ms);
	return line;
}

static struct line stored_line(const struct dq_event *event)
{
	struct line line = line_make("stored");

	add_text(&line, "submit_id", event->task->submit_id);
	add_number(&line, "index", event->asset->index, -1);
	add_text(&line, "path", event->asset->path);
	add_number(&line, "bytes", event->asset->bytes, -1);
	add_text(&line, "sha256", event->asset->sha256);
	add_text(&line, "format", event->asset->format);
	add_time(&line, "at", event->at_unix_ms);
	return line;
}

/* NULL: this type has no line. */
static struct line (*const makers[])(const struct dq_event *event) = {
	[DQ_EVENT_TASK] = task_line,
	[DQ_EVENT_STATE] = state_line,
	[DQ_EVENT_PROGRESS] = progress_line,
	[DQ_EVENT_STORED] = stored_line,
	[DQ_EVENT_TICK] = NULL,
};

char *dq_event_json(const struct dq_event *event)
{
	struct line line;
	char *text;

	if (!makers[event->type])
		return NULL;
	line = makers[event->type](event);
	text = line.failed ? NULL : cJSON_PrintUnformatted(line.object);
	cJSON_Delete(line.object);
	return text;
}
