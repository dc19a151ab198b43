#include "service/jimeng/read/started.h"

#include <string.h>
#include <strings.h>

#include "base/cleanup.h"
#include "service/jimeng/read/limits.h"

enum { LONG_ID = 16 /* of which no other text has the bytes by chance */ };

/* Ids of other things than tasks. */
static const char *const other_ids[] = { "logid", "log_id", "uid", "user_id", "sec_uid",
	"aid", "app_id", "web_id", "device_id", "workspace_id", "subject_id",
	"request_id", "trace_id", NULL };

/* What is there once there is a task, or once it was paid. */
static const char *const hints[] = { "aigc_data", "task", "item_list", "queue_info",
	"commerce_info", "credit_count", "history_list", "history_records", NULL };

static bool is_among(const char *key, const char *const *names)
{
	for (size_t i = 0; names[i]; i++)
		if (!strcasecmp(key, names[i]))
			return true;
	return false;
}

static bool ends_in(const char *key, const char *tail)
{
	const size_t len = strlen(key), tail_len = strlen(tail);

	return len >= tail_len && !strcasecmp(key + len - tail_len, tail);
}

static bool is_hint(const char *key)
{
	if (is_among(key, hints))
		return true;
	return (ends_in(key, "id") || ends_in(key, "ids")) && !is_among(key, other_ids);
}

/* Null, false, 0, "", "0", {} and [] say that there is none. */
static bool says_something(const cJSON *value)
{
	if (cJSON_IsString(value))
		return value->valuestring[0] && strcmp(value->valuestring, "0") != 0;
	if (cJSON_IsNumber(value))
		return value->valuedouble != 0;
	return cJSON_IsTrue(value) || value->child != NULL;
}

static bool names(const char *text, const char *submit_id)
{
	if (!submit_id || !submit_id[0])
		return false;
	return !strcmp(text, submit_id) ||
	    (strlen(submit_id) >= LONG_ID && strstr(text, submit_id));
}

static bool is_hinted_by(const cJSON *node, const char *submit_id)
{
	if (node->string && is_hint(node->string) && says_something(node))
		return true;
	if (node->string && names(node->string, submit_id))
		return true;
	return cJSON_IsString(node) && names(node->valuestring, submit_id);
}

bool started_is_hinted(struct json_slice answer, const char *submit_id)
{
	_cleanup_(json_deletep) cJSON *json = NULL;
	const cJSON *around[JSON_DEPTH_MAX], *at;
	struct err ignored;
	size_t depth = 0;

	if (json_parse_within(
		answer.bytes, answer.len, ANSWER_VALUES_MAX, &json, &ignored))
		return true;
	for (at = json;;) {
		if (is_hinted_by(at, submit_id))
			return true;
		if (at->child && depth < JSON_DEPTH_MAX) {
			around[depth++] = at;
			at = at->child;
			continue;
		}
		while (depth > 0 && !at->next)
			at = around[--depth];
		if (depth == 0)
			return false;
		at = at->next;
	}
}
