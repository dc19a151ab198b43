#include "cli/output/their_json.h"

#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/json.h"
#include "base/text.h"

enum { TEXT_MAX = 64 << 20, INDENT = 2 };

const char *their_status(const struct dq_task *task)
{
	static const struct {
		const char *ours, *theirs;
	} words[] = {
		{ "succeeded", "success" },
		{ "failed", "fail" },
		{ "cancelled", "fail" },
		{ "not_found", "fail" },
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (!strcmp(words[i].ours, task->state))
			return words[i].theirs;
	return "querying";
}

/* --- parts ------------------------------------------------------------------- */

/* An object, or what failed for want of memory: then it is NULL, and stays so. */
static void add(cJSON **object, const char *key, cJSON *value)
{
	if (*object && value && cJSON_AddItemToObject(*object, key, value))
		return;
	cJSON_Delete(value);
	cJSON_Delete(*object);
	*object = NULL;
}

static void add_text(cJSON **object, const char *key, const char *text)
{
	add(object, key, cJSON_CreateString(text ? text : ""));
}

/* What is not known is left out. */
static void add_known(cJSON **object, const char *key, int64_t value, int64_t unknown)
{
	if (value != unknown)
		add(object, key, cJSON_CreateNumber((double)value));
}

static bool is_kind(const struct dq_asset *asset, const char *kind)
{
	return !strcmp(asset->kind ? asset->kind : "image", kind);
}

/* A file that is here needs no link, which is a secret. */
static cJSON *file_of(const struct dq_asset *asset, bool has_places)
{
	const bool is_image = is_kind(asset, "image");
	cJSON *file = cJSON_CreateObject();

	if (has_places && !asset->is_stored && asset->url)
		add_text(&file,
		    is_image			  ? "image_url"
			: is_kind(asset, "audio") ? "audio_url"
						  : "video_url",
		    asset->url);
	if (has_places && asset->is_stored && asset->path)
		add_text(&file, "path", asset->path);
	add_known(&file, "width", asset->width, 0);
	add_known(&file, "height", asset->height, 0);
	if (is_image)
		return file;
	if (asset->format)
		add_text(&file, "format", asset->format);
	if (asset->duration_ms >= 0)
		add(&file, "duration",
		    cJSON_CreateNumber((double)asset->duration_ms / 1000.0));
	return file;
}

static cJSON *files_of(const struct dq_task *task, const char *kind, bool has_places)
{
	cJSON *list = cJSON_CreateArray();

	for (size_t i = 0; list && i < task->n_assets; i++) {
		const struct dq_asset *asset = &task->assets[i];
		cJSON *file = is_kind(asset, kind) ? file_of(asset, has_places) : NULL;

		if (!is_kind(asset, kind) || (file && cJSON_AddItemToArray(list, file)))
			continue;
		cJSON_Delete(file);
		cJSON_Delete(list);
		return NULL;
	}
	return list;
}

/* They know no audio: that list is there when it has something. */
static void add_files(cJSON **object, const struct dq_task *task, bool has_places)
{
	cJSON *files = cJSON_CreateObject();
	cJSON *audios = files_of(task, "audio", has_places);

	add(&files, "images", files_of(task, "image", has_places));
	add(&files, "videos", files_of(task, "video", has_places));
	if (cJSON_GetArraySize(audios) > 0)
		add(&files, "audios", audios);
	else
		cJSON_Delete(audios);
	add(object, "result_json", files);
}

static const char *reason_of(const struct dq_task *task)
{
	if (!strcmp(task->state, "not_found"))
		return "no history found";
	if (strcmp(their_status(task), "fail") != 0)
		return "";
	if (task->fail_message && *task->fail_message)
		return task->fail_message;
	if (task->fail_code && *task->fail_code)
		return task->fail_code;
	return strcmp(task->state, "cancelled") ? "generation failed" : "cancelled";
}

static void add_queue(cJSON **object, const struct dq_task *task)
{
	const bool has_ended = !strcmp(task->state, "succeeded");
	const bool is_at_it =
	    !strcmp(task->state, "generating") || !strcmp(task->state, "partial");
	cJSON *queue;

	if (!has_ended && !is_at_it && !task->has_queue)
		return;
	queue = cJSON_CreateObject();
	add(&queue, "queue_idx",
	    cJSON_CreateNumber(task->has_queue && task->queue_position > 0
		    ? (double)task->queue_position
		    : 0));
	add_text(&queue, "queue_status",
	    has_ended	   ? "Finish"
		: is_at_it ? "Generating"
			   : "Queueing");
	if (task->has_queue)
		add_known(&queue, "queue_length", task->queue_length, -1);
	add(object, "queue_info", queue);
}

/* --- as text ----------------------------------------------------------------- */

static void add_line(struct buf *into, unsigned depth)
{
	buf_addf(into, "\n%*s", (int)(depth * INDENT), "");
}

/* Writes it as Go does, with an indent of two blanks. */
/* NOLINTNEXTLINE(misc-no-recursion): as deep as what was made above */
static void print(const cJSON *value, unsigned depth, struct buf *into)
{
	const bool is_object = cJSON_IsObject(value);
	const cJSON *member;
	bool is_first = true;

	if (!is_object && !cJSON_IsArray(value)) {
		_cleanup_free_ char *text = cJSON_PrintUnformatted(value);

		into->failed = into->failed || !text;
		buf_addf(into, "%s", text ? text : "");
		return;
	}
	buf_addf(into, is_object ? "{" : "[");
	cJSON_ArrayForEach(member, value) {
		buf_addf(into, is_first ? "" : ",");
		is_first = false;
		add_line(into, depth + 1);
		if (is_object)
			buf_addf(into, "\"%s\": ", member->string);
		print(member, depth + 1, into);
	}
	if (!is_first)
		add_line(into, depth);
	buf_addf(into, is_object ? "}" : "]");
}

static char *print_at(const cJSON *object, unsigned depth)
{
	_cleanup_(buf_release) struct buf text = buf_make(TEXT_MAX);
	char *taken;

	if (!object)
		return NULL;
	buf_addf(&text, "%*s", (int)(depth * INDENT), "");
	print(object, depth, &text);
	taken = buf_take(&text);
	return taken ? text_escape_json(taken) : NULL;
}

char *their_result_json(const struct dq_task *task)
{
	_cleanup_(json_deletep) cJSON *object = cJSON_CreateObject();

	add_text(&object, "submit_id", task->submit_id);
	if (task->prompt)
		add_text(&object, "prompt", task->prompt);
	add_text(&object, "gen_status", their_status(task));
	if (*reason_of(task))
		add_text(&object, "fail_reason", reason_of(task));
	if (!strcmp(task->state, "succeeded"))
		add_files(&object, task, true);
	if (task->credits > 0)
		add_known(&object, "credit_count", task->credits, -1);
	add_queue(&object, task);
	return print_at(object, 0);
}

/* By what it makes, and how, as far as the ledger knows that. */
static const char *type_of(const struct dq_task *task)
{
	static const struct {
		const char *mode, *type;
	} types[] = {
		{ "edit", "image2image" },
		{ "super_resolution", "image_upscale" },
		{ "multi_frame", "multiframe2video" },
	};

	for (size_t i = 0; task->mode && i < sizeof(types) / sizeof(types[0]); i++)
		if (!strcmp(types[i].mode, task->mode))
			return types[i].type;
	if (!task->kind)
		return "";
	if (!strcmp(task->kind, "image"))
		return "text2image";
	return strcmp(task->kind, "video") ? task->kind : "text2video";
}

char *their_entry_json(const struct dq_task *task)
{
	_cleanup_(json_deletep) cJSON *object = cJSON_CreateObject();

	add_text(&object, "submit_id", task->submit_id);
	if (task->prompt)
		add_text(&object, "prompt", task->prompt);
	add_text(&object, "gen_task_type", type_of(task));
	add_text(&object, "gen_status", their_status(task));
	add_text(&object, "fail_reason", reason_of(task));
	if (!strcmp(task->state, "succeeded"))
		add_files(&object, task, false);
	if (task->credits >= 0) {
		cJSON *commerce = cJSON_CreateObject();

		add_known(&commerce, "credit_count", task->credits, -1);
		add(&object, "commerce_info", commerce);
	}
	return print_at(object, 1);
}
