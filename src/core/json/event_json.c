/*
 * event_json.c - the frozen JSON of events (docs/schema/): one object per
 * line; absent values are null, never missing; keys in a fixed order.
 */
#include "core/json/json_line.h"
#include "core/json/task_json.h"
#include "dreamq/json.h"

static struct json_line task_line(const struct dq_event *event)
{
	struct json_line line = json_line_make("task");

	for (size_t i = 0; dq_task_field_at(i); i++)
		task_json_add(&line, event->task, dq_task_field_at(i));
	return line;
}

static struct json_line state_line(const struct dq_event *event)
{
	const struct dq_task *task = event->task;
	struct json_line line = json_line_make("state");

	json_line_text(&line, "submit_id", task->submit_id);
	json_line_text(&line, "state", task->state);
	json_line_number(&line, "status", task->status, INT64_MIN);
	json_line_number(&line, "finished", task->finished, -1);
	json_line_number(&line, "total", task->total, -1);
	task_json_add(&line, task, "queue");
	json_line_time_ms(&line, "at", event->at_unix_ms);
	return line;
}

static struct json_line progress_line(const struct dq_event *event)
{
	struct json_line line = json_line_make("progress");

	json_line_text(&line, "submit_id", event->task->submit_id);
	json_line_number(&line, "index", event->asset->index, -1);
	json_line_number(&line, "bytes", event->bytes_done, -1);
	json_line_number(&line, "total", event->bytes_total, -1);
	json_line_number(&line, "bytes_per_second", event->bytes_per_second, 0);
	json_line_time_ms(&line, "at", event->at_unix_ms);
	return line;
}

static struct json_line stored_line(const struct dq_event *event)
{
	struct json_line line = json_line_make("stored");

	json_line_text(&line, "submit_id", event->task->submit_id);
	json_line_number(&line, "index", event->asset->index, -1);
	json_line_text(&line, "path", event->asset->path);
	json_line_number(&line, "bytes", event->asset->bytes, -1);
	json_line_text(&line, "sha256", event->asset->sha256);
	json_line_text(&line, "format", event->asset->format);
	json_line_time_ms(&line, "at", event->at_unix_ms);
	return line;
}

/* NULL: this type has no line. */
static struct json_line (*const makers[])(const struct dq_event *event) = {
	[DQ_EVENT_TASK] = task_line,
	[DQ_EVENT_STATE] = state_line,
	[DQ_EVENT_PROGRESS] = progress_line,
	[DQ_EVENT_STORED] = stored_line,
	[DQ_EVENT_TICK] = NULL,
};

char *dq_event_json(const struct dq_event *event)
{
	struct json_line line;

	if (!makers[event->type])
		return NULL;
	line = makers[event->type](event);
	return json_line_take(&line);
}
