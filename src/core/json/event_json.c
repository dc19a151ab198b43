/*
 * event_json.c - the frozen JSON of events (docs/schema/): one object per
 * line; absent values are null, never missing; keys in a fixed order.
 */
#include <string.h>

#include "base/json.h"
#include "core/json/json_line.h"
#include "dreamq/dreamq.h"

static void add_queue(struct json_line *line, const struct dq_task *task)
{
	struct json_line queue;

	if (!task->has_queue) {
		json_line_text(line, "queue", NULL);
		return;
	}
	queue = json_line_make_part();
	json_line_number(&queue, "position", task->queue_position, -1);
	json_line_number(&queue, "length", task->queue_length, -1);
	json_line_number(&queue, "eta_seconds", task->eta_seconds, -1);
	json_line_part(line, "queue", queue);
}

static void add_fail(struct json_line *line, const struct dq_task *task)
{
	struct json_line fail;

	if (!task->has_failed) {
		json_line_text(line, "fail", NULL);
		return;
	}
	fail = json_line_make_part();
	json_line_text(&fail, "code", task->fail_code);
	json_line_text(&fail, "message", task->fail_message);
	json_line_text(&fail, "class", task->fail_class);
	json_line_bool(&fail, "retryable", task->is_retryable);
	json_line_part(line, "fail", fail);
}

static struct json_line asset_part(const struct dq_asset *asset)
{
	struct json_line part = json_line_make_part();

	json_line_number(&part, "index", asset->index, -1);
	json_line_text(&part, "kind", asset->kind);
	json_line_text(&part, "uri", asset->uri);
	json_line_text(&part, "url", asset->url);
	json_line_time_s(&part, "expires_at", asset->expires_unix);
	json_line_number(&part, "width", asset->width, 0);
	json_line_number(&part, "height", asset->height, 0);
	json_line_text(&part, "format", asset->format);
	json_line_number(&part, "duration_ms", asset->duration_ms, -1);
	json_line_text(&part, "path", asset->path);
	json_line_number(&part, "bytes", asset->bytes, -1);
	json_line_text(&part, "sha256", asset->sha256);
	json_line_bool(&part, "stored", asset->is_stored);
	json_line_text(&part, "lost", asset->lost_reason);
	return part;
}

/* It may come from a ledger that somebody has written into. */
static void add_choice(struct json_line *part, const char *choice)
{
	cJSON *json = NULL;
	struct err ignored;

	if (!choice || json_parse(choice, strlen(choice), &json, &ignored))
		json_line_text(part, "choice", NULL);
	else
		json_line_add(part, "choice", json);
}

static void add_assets(struct json_line *line, const struct dq_task *task)
{
	cJSON *array = cJSON_CreateArray();

	for (size_t i = 0; array && i < task->n_assets; i++) {
		struct json_line part = asset_part(&task->assets[i]);

		add_choice(&part, task->choices ? task->choices[i] : NULL);
		if (part.failed || !cJSON_AddItemToArray(array, part.object)) {
			cJSON_Delete(part.object);
			line->failed = true;
		}
	}
	json_line_add(line, "assets", array);
}

static void add_credits(struct json_line *line, const struct dq_task *task)
{
	struct json_line credits;

	if (task->credits < 0 || !task->credits_source) {
		json_line_text(line, "credits", NULL);
		return;
	}
	credits = json_line_make_part();
	json_line_number(&credits, "amount", task->credits, -1);
	json_line_text(&credits, "source", task->credits_source);
	json_line_part(line, "credits", credits);
}

/* What it cost to wait for; a poll is a look here, as in the statistics. */
static void add_counts(struct json_line *line, const struct dq_task *task)
{
	json_line_number(line, "looks", task->polls, -1);
	if (task->polls < 0)
		json_line_text(line, "requests", NULL);
	else
		json_line_real(line, "requests", task->requests);
}

/* What was made, and for whom: grown at the end, where new keys go. */
static void add_origin(struct json_line *line, const struct dq_task *task)
{
	json_line_text(line, "profile", task->account);
	json_line_text(line, "prompt", task->prompt);
	json_line_text(line, "model", task->model);
	json_line_text(line, "ratio", task->ratio);
	json_line_number(line, "seed", task->seed, -1);
	json_line_time_ms(line, "first_seen_at", task->first_seen_unix_ms);
	add_credits(line, task);
	json_line_text(line, "idempotency_key", task->idempotency_key);
	json_line_text(line, "reroll_of", task->reroll_of);
	add_counts(line, task);
	json_line_text(line, "mode", task->mode);
}

static struct json_line task_line(const struct dq_event *event)
{
	const struct dq_task *task = event->task;
	struct json_line line = json_line_make("task");

	json_line_text(&line, "submit_id", task->submit_id);
	json_line_text(&line, "history_id", task->history_id);
	json_line_text(&line, "kind", task->kind);
	json_line_text(&line, "state", task->state);
	json_line_number(&line, "status", task->status, INT64_MIN);
	json_line_number(&line, "finished", task->finished, -1);
	json_line_number(&line, "total", task->total, -1);
	add_queue(&line, task);
	add_fail(&line, task);
	json_line_time_ms(&line, "created_at", task->created_unix_ms);
	json_line_time_ms(&line, "finished_at", task->finished_unix_ms);
	add_assets(&line, task);
	add_origin(&line, task);
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
	add_queue(&line, task);
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
