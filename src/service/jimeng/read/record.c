#include "service/jimeng/read/record.h"

#include <string.h>

#include "model/taskid.h"
#include "service/jimeng/read/assets.h"
#include "service/jimeng/read/fields.h"
#include "service/jimeng/send/mode.h"
#include "service/jimeng/send/origin.h"

enum {
	ASSUMED_LIFE_S = 3600, /* of a link that tells none */
	INTERVAL_MAX_S = 3600, /* of the service's polling advice */
	MESSAGE_MAX = 300,
};

const char *const record_id_paths[RECORD_IDS + 1] = {
	"submit_id",
	"history_record_id",
	"task.submit_id",
	"task.history_id",
	"task.task_id",
	NULL,
};

/* The number `generate_type` of PROTOCOL B3. */
static const struct {
	int64_t type;
	enum media_kind kind;
} generate_types[] = {
	{ 1, MEDIA_IMAGE },
	{ 2, MEDIA_IMAGE },
	{ 8, MEDIA_IMAGE },
	{ 12, MEDIA_IMAGE },
	{ 13, MEDIA_IMAGE },
	{ 35, MEDIA_IMAGE },
	{ 10, MEDIA_VIDEO },
	{ 44, MEDIA_AUDIO },
	{ 7, MEDIA_AUDIO },
};

static enum media_kind kind_of(int64_t generate_type)
{
	for (size_t i = 0; i < sizeof(generate_types) / sizeof(*generate_types); i++)
		if (generate_types[i].type == generate_type)
			return generate_types[i].kind;
	return MEDIA_UNKNOWN;
}

static int64_t larger(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

static int64_t length_of(const cJSON *array)
{
	return array ? cJSON_GetArraySize(array) : 0;
}

static const struct json_range any_number = { -RECORD_NUMBER_MAX, RECORD_NUMBER_MAX };
static const struct json_range counts = { 0, RECORD_NUMBER_MAX };

/* Reads a place or a number of seconds of the first path that holds a number; -1 none. */
static int64_t amount_at(const cJSON *json, const char *path, const char *other_path,
    int64_t most, unsigned *mistyped)
{
	const struct json_range range = { -1, most };
	const int64_t value = json_get_int_in(json, path, range, -1, mistyped);

	return value >= 0 ? value
			  : json_get_int_in(json, other_path, range, -1, mistyped);
}

/* Reads a reason, unless it is one of the words for "all is well". */
static const char *reason_at(
    struct fields *fields, const cJSON *json, const char *path, const char *none)
{
	const char *text = fields_message(fields, json, path, MESSAGE_MAX);

	return text && strcmp(text, none) != 0 ? text : NULL;
}

static const char *failed_word(struct fields *fields, const cJSON *failed_items)
{
	const cJSON *item;

	cJSON_ArrayForEach(item, failed_items) {
		const char *word = cJSON_IsObject(item)
		    ? reason_at(fields, item, "gen_result_data.result_msg", "Success")
		    : NULL;

		if (word)
			return word;
	}
	return NULL;
}

static void read_failure(struct fields *fields, const cJSON *json, struct facts *facts)
{
	facts->fail_code = fields_code(fields, json, "fail_code");
	if (facts->fail_code && !strcmp(facts->fail_code, "0"))
		facts->fail_code = NULL;
	facts->fail_key = fields_message(fields, json, "fail_starling_key", MESSAGE_MAX);
	facts->fail_message =
	    fields_message(fields, json, "fail_starling_message", MESSAGE_MAX);
	facts->fail_word = reason_at(fields, json, "fail_msg", "Success");
}

static void read_status(
    const cJSON *json, struct task *task, struct facts *facts, unsigned *mistyped)
{
	facts->task_status =
	    json_get_int_in(json, "task.status", any_number, STATUS_ABSENT, mistyped);
	facts->status =
	    json_get_int_in(json, "status", any_number, facts->task_status, mistyped);
	facts->queue_status = json_get_int_in(
	    json, "queue_info.queue_status", any_number, STATUS_ABSENT, mistyped);
	if (facts->queue_status == STATUS_ABSENT)
		facts->queue_status = json_get_int_in(json,
		    "task.queue_info.queue_status", any_number, STATUS_ABSENT, mistyped);
	task->status = facts->status;
}

static void read_ids(
    struct fields *fields, const cJSON *json, const char *key, struct task *task)
{
	static const char *const paths[] = { "history_record_id", "task.history_id",
		"task.task_id", NULL };
	const char *id = NULL;

	for (size_t i = 0; paths[i] && !id; i++) {
		id = fields_text(fields, json, paths[i], TASKID_MAX + 1);
		if (!taskid_is_valid(id))
			id = NULL;
	}
	if (!id && taskid_is_history(key))
		id = fields_keep(fields, key);
	task->history_id = id;
}

static void read_times(
    struct fields *fields, const cJSON *json, struct task *task, struct facts *facts)
{
	const int64_t outer_ms = fields_time_ms(fields, json, "finish_time");
	const int64_t inner_ms = fields_time_ms(fields, json, "task.finish_time");

	facts->has_finish_time = outer_ms > 0 || inner_ms > 0;
	task->finished_unix_ms = outer_ms ? outer_ms : inner_ms;
	task->created_unix_ms = fields_time_ms(fields, json, "created_time");
}

static void read_queue(const cJSON *json, struct task *task, unsigned *mistyped)
{
	const int64_t interval_s = amount_at(json,
	    "queue_info.polling_config.interval_seconds",
	    "task.queue_info.polling_config.interval_seconds", INTERVAL_MAX_S, mistyped);
	struct task_queue *queue = &task->queue;

	task->forecast_generate_s = amount_at(json, "forecast_generate_cost",
	    "forecast_cost_time.forecast_generate_cost", RECORD_SECONDS_MAX, mistyped);
	task->forecast_queue_s = amount_at(json, "forecast_queue_cost",
	    "forecast_cost_time.forecast_queue_cost", RECORD_SECONDS_MAX, mistyped);
	queue->position = amount_at(json, "queue_info.queue_idx",
	    "task.queue_info.queue_idx", RECORD_NUMBER_MAX, mistyped);
	queue->length = amount_at(json, "queue_info.queue_length",
	    "task.queue_info.queue_length", RECORD_NUMBER_MAX, mistyped);
	queue->eta_seconds = task->forecast_queue_s > 0 ? task->forecast_queue_s : -1;
	task->has_queue = queue->position >= 0 || queue->length >= 0;
	if (interval_s > 0)
		task->poll_interval_ms = 1000 * interval_s;
}

static void read_assets(struct fields *fields, const cJSON *json, int64_t server_unix_ms,
    struct task *task, struct facts *facts)
{
	const int64_t generate_type =
	    json_get_int_in(json, "generate_type", any_number, 0, fields->mistyped);
	const enum media_kind hint = kind_of(generate_type);
	const cJSON *failed = json_get_array(json, "failed_item_list", fields->mistyped);
	const cJSON *promised =
	    json_get_array(json, "pre_gen_item_ids", fields->mistyped);
	const struct asset_list list =
	    assets_read(fields, json_get_array(json, "item_list", fields->mistyped), hint,
		server_unix_ms > 0 ? server_unix_ms / 1000 + ASSUMED_LIFE_S : 0);

	task->assets = list.at;
	task->n_assets = list.n;
	task->kind = list.n ? list.at[0].kind : hint;
	task->mode = mode_of_record(json, generate_type);
	facts->usable = (int64_t)list.n;
	facts->failed = length_of(failed);
	facts->told = larger(length_of(promised),
	    json_get_int_in(json, "total_image_count", counts, 0, fields->mistyped));
	facts->total =
	    larger(facts->usable + facts->failed + (int64_t)list.left_out, facts->told);
	facts->item_word = failed_word(fields, failed);
	facts->bad_links = list.bad_links;
	facts->left_out = list.left_out;
	task->left_out = (int64_t)list.left_out;
	task->finished = facts->usable;
	task->total = facts->total;
}

enum err_kind record_read(const struct record *record, struct task *task,
    struct facts *ret_facts, unsigned *mistyped, struct err *err)
{
	struct fields fields = { .arena = &task->arena, .mistyped = mistyped };
	const cJSON *json = record->json;
	struct facts facts = { 0 };

	if (!cJSON_IsObject(json))
		return err_set(err, ERR_CONTRACT, "the record is not an object");
	read_ids(&fields, json, record->key, task);
	read_status(json, task, &facts, mistyped);
	read_times(&fields, json, task, &facts);
	read_failure(&fields, json, &facts);
	read_queue(json, task, mistyped);
	read_assets(&fields, json, record->server_unix_ms, task, &facts);
	task->model =
	    fields_text(&fields, json, "model_info.model_req_key", FIELD_TEXT_MAX);
	origin_read(&fields, json, task);
	if (fields.no_memory)
		return err_set(err, ERR_NOMEM, "no memory for a record");
	*ret_facts = facts;
	return ERR_OK;
}
