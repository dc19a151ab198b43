#include "core/json/task_json.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/text.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

enum { TAG_BYTES_MAX = 200 }; /* more than a tag may have */

enum type { TEXT, NUMBER, REAL, BOOL, TIME_MS, TIME_S, PLACE, OTHER };

/* A member of a struct; what is not as simple as that has a function. */
struct field {
	const char *name;
	enum type type;
	size_t offset;
	int64_t absent; /* NUMBER */
	void (*add)(struct json_line *line, const struct dq_task *task); /* OTHER */
};

static void add_member(struct json_line *line, const struct field *field, const void *is)
{
	const void *at = (const char *)is + field->offset;

	switch (field->type) {
	case TEXT:
		json_line_text(line, field->name, *(const char *const *)at);
		break;
	case NUMBER:
		json_line_number(line, field->name, *(const int64_t *)at, field->absent);
		break;
	case PLACE:
		json_line_number(line, field->name, *(const int *)at, -1);
		break;
	case REAL:
		json_line_real(line, field->name, *(const double *)at);
		break;
	case BOOL:
		json_line_bool(line, field->name, *(const bool *)at);
		break;
	case TIME_MS:
		json_line_time_ms(line, field->name, *(const int64_t *)at);
		break;
	case TIME_S:
		json_line_time_s(line, field->name, *(const int64_t *)at);
		break;
	case OTHER:
		break;
	}
}

/* --- of a file ------------------------------------------------------------------- */

#define FILE_FIELD(name, type, member, absent)                              \
	{                                                                   \
		name, type, offsetof(struct dq_asset, member), absent, NULL \
	}
static const struct field file_fields[] = {
	FILE_FIELD("index", PLACE, index, -1),
	FILE_FIELD("kind", TEXT, kind, 0),
	FILE_FIELD("uri", TEXT, uri, 0),
	FILE_FIELD("url", TEXT, url, 0),
	FILE_FIELD("expires_at", TIME_S, expires_unix, 0),
	FILE_FIELD("width", NUMBER, width, 0),
	FILE_FIELD("height", NUMBER, height, 0),
	FILE_FIELD("format", TEXT, format, 0),
	FILE_FIELD("duration_ms", NUMBER, duration_ms, -1),
	FILE_FIELD("path", TEXT, path, 0),
	FILE_FIELD("bytes", NUMBER, bytes, -1),
	FILE_FIELD("sha256", TEXT, sha256, 0),
	FILE_FIELD("stored", BOOL, is_stored, 0),
	FILE_FIELD("lost", TEXT, lost_reason, 0),
};

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

static struct json_line asset_part(const struct dq_task *task, size_t i)
{
	struct json_line part = json_line_make_part();

	for (size_t k = 0; k < COUNT(file_fields); k++)
		add_member(&part, &file_fields[k], &task->assets[i]);
	add_choice(&part, task->choices ? task->choices[i] : NULL);
	return part;
}

/* --- of a task ------------------------------------------------------------------- */

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

static void add_assets(struct json_line *line, const struct dq_task *task)
{
	cJSON *array = cJSON_CreateArray();

	for (size_t i = 0; array && i < task->n_assets; i++) {
		struct json_line part = asset_part(task, i);

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

/* What it cost to wait for: not counted with the polls, it is not known. */
static void add_requests(struct json_line *line, const struct dq_task *task)
{
	if (task->polls < 0)
		json_line_text(line, "requests", NULL);
	else
		json_line_real(line, "requests", task->requests);
}

static void add_tags(struct json_line *line, const struct dq_task *task)
{
	cJSON *array = cJSON_CreateArray();
	const char *at = task->tags ? task->tags : "";

	while (array && *at) {
		char tag[TAG_BYTES_MAX];
		const size_t len = strcspn(at, " ");

		(void)snprintf(tag, sizeof(tag), "%.*s", (int)len, at);
		if (!cJSON_AddItemToArray(array, cJSON_CreateString(tag)))
			line->failed = true;
		at += len + (at[len] ? 1 : 0);
	}
	json_line_add(line, "tags", array);
}

static void add_rating(struct json_line *line, const struct dq_task *task)
{
	json_line_number(line, "rating", task->rating, 0);
}

#define FIELD(name, type, member, absent)                                  \
	{                                                                  \
		name, type, offsetof(struct dq_task, member), absent, NULL \
	}
#define PART(name, add)                \
	{                              \
		name, OTHER, 0, 0, add \
	}
/* In the order of the line; new ones go to the end. A poll is a look here. */
static const struct field fields[] = {
	FIELD("submit_id", TEXT, submit_id, 0),
	FIELD("history_id", TEXT, history_id, 0),
	FIELD("kind", TEXT, kind, 0),
	FIELD("state", TEXT, state, 0),
	FIELD("status", NUMBER, status, INT64_MIN),
	FIELD("finished", NUMBER, finished, -1),
	FIELD("total", NUMBER, total, -1),
	PART("queue", add_queue),
	PART("fail", add_fail),
	FIELD("created_at", TIME_MS, created_unix_ms, 0),
	FIELD("finished_at", TIME_MS, finished_unix_ms, 0),
	PART("assets", add_assets),
	FIELD("profile", TEXT, account, 0),
	FIELD("prompt", TEXT, prompt, 0),
	FIELD("model", TEXT, model, 0),
	FIELD("ratio", TEXT, ratio, 0),
	FIELD("seed", NUMBER, seed, -1),
	FIELD("first_seen_at", TIME_MS, first_seen_unix_ms, 0),
	PART("credits", add_credits),
	FIELD("idempotency_key", TEXT, idempotency_key, 0),
	FIELD("reroll_of", TEXT, reroll_of, 0),
	FIELD("looks", NUMBER, polls, -1),
	PART("requests", add_requests),
	FIELD("mode", TEXT, mode, 0),
	PART("tags", add_tags),
	FIELD("note", TEXT, note, 0),
	PART("rating", add_rating),
};

static const struct field *find(const struct field *all, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (!strcmp(all[i].name, name))
			return &all[i];
	return NULL;
}

static void add_field(
    struct json_line *line, const struct field *field, const struct dq_task *task)
{
	if (field->add)
		field->add(line, task);
	else
		add_member(line, field, task);
}

void task_json_add(struct json_line *line, const struct dq_task *task, const char *name)
{
	const struct field *field = find(fields, COUNT(fields), name);

	assert(field);
	add_field(line, field, task);
}

/* --- what front ends ask --------------------------------------------------------- */

const char *dq_task_field_at(size_t i)
{
	return i < COUNT(fields) ? fields[i].name : NULL;
}

const char *dq_asset_field_at(size_t i)
{
	return i < COUNT(file_fields) ? file_fields[i].name : NULL;
}

char *dq_task_json(const struct dq_task *task, const char *const *wanted)
{
	struct json_line line = json_line_make_part();

	for (; *wanted; wanted++) {
		const struct field *field = find(fields, COUNT(fields), *wanted);

		if (field && !line.failed)
			add_field(&line, field, task);
	}
	return json_line_take(&line);
}

/* A text without its quotes, "" for what is absent; a part as JSON. */
static char *take_value(struct json_line *line)
{
	const cJSON *value = line->failed ? NULL : line->object->child;
	char *text = NULL;

	if (value && cJSON_IsNull(value))
		text = strdup("");
	else if (value && cJSON_IsString(value))
		text = strdup(value->valuestring);
	else if (value)
		text = cJSON_PrintUnformatted(value);
	cJSON_Delete(line->object);
	return text;
}

char *dq_task_text(const struct dq_task *task, const char *name)
{
	struct json_line line = json_line_make_part();
	const struct field *field = find(fields, COUNT(fields), name);

	if (field && field->add == add_tags)
		json_line_text(&line, name, task->tags);
	else if (field && !line.failed)
		add_field(&line, field, task);
	return take_value(&line);
}

char *dq_asset_text(const struct dq_asset *asset, const char *name)
{
	struct json_line line = json_line_make_part();
	const struct field *field = find(file_fields, COUNT(file_fields), name);

	if (field && !line.failed)
		add_member(&line, field, asset);
	return take_value(&line);
}
