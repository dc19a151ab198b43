#include "mcp/params.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "dreamq/dreamq.h"
#include "mcp/put.h"

enum { WHY = 200 };

/* --- the schema -------------------------------------------------------------------- */

static const char *json_type(enum param_type type)
{
	switch (type) {
	case PARAM_IDS:
		return "array";
	case PARAM_INTEGER:
		return "integer";
	case PARAM_ID:
	case PARAM_TEXT:
	case PARAM_CHOICE:
		break;
	}
	return "string";
}

static cJSON *id_schema(void)
{
	struct put schema = put_make();

	put_text(&schema, "type", "string");
	put_text(&schema, "pattern", PARAM_ID_PATTERN);
	return put_take(&schema);
}

static void put_choices(struct put *schema, const struct param *param)
{
	cJSON *list = put_array(schema, "enum");

	for (const char *const *at = param->choices(); list && *at; at++)
		schema->failed |= !cJSON_AddItemToArray(list, cJSON_CreateString(*at));
}

static cJSON *param_schema(const struct param *param)
{
	struct put schema = put_make();

	put_text(&schema, "type", json_type(param->type));
	switch (param->type) {
	case PARAM_IDS:
		put_item(&schema, "items", id_schema());
		put_number(&schema, "minItems", 1);
		put_number(&schema, "maxItems", PARAM_IDS_MAX);
		break;
	case PARAM_ID:
		put_text(&schema, "pattern", PARAM_ID_PATTERN);
		break;
	case PARAM_TEXT:
		put_number(&schema, "minLength", param->min);
		put_number(&schema, "maxLength", param->max);
		break;
	case PARAM_INTEGER:
		put_number(&schema, "minimum", param->min);
		put_number(&schema, "maximum", param->max);
		if (param->otherwise >= param->min)
			put_number(&schema, "default", param->otherwise);
		break;
	case PARAM_CHOICE:
		put_choices(&schema, param);
		break;
	}
	put_text(&schema, "description", param->description);
	return put_take(&schema);
}

cJSON *params_schema(const struct param *params)
{
	struct put_schema all = put_schema_make();
	struct put schema;

	for (const struct param *param = params; param->name; param++)
		put_schema_member(
		    &all, param->name, param->is_required, param_schema(param));
	schema = put_into(put_schema_take(&all));
	put_bool(&schema, "additionalProperties", false);
	return put_take(&schema);
}

/* --- the check --------------------------------------------------------------------- */

bool params_is_id(const char *text, size_t len)
{
	static const char allowed[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-";

	return len > 0 && len <= DQ_ID_MAX && strspn(text, allowed) >= len;
}

static bool is_id(const cJSON *item)
{
	return cJSON_IsString(item) &&
	    params_is_id(item->valuestring, strlen(item->valuestring));
}

static bool are_ids(const cJSON *list)
{
	const int n = cJSON_GetArraySize(list);
	const cJSON *item;

	cJSON_ArrayForEach(item, list)
		if (!is_id(item))
			return false;
	return cJSON_IsArray(list) && n >= 1 && n <= PARAM_IDS_MAX;
}

static bool is_text(const struct param *param, const cJSON *item)
{
	const char *text = cJSON_IsString(item) ? item->valuestring : NULL;
	int64_t chars = 0;

	for (const char *at = text; at && *at; at++)
		chars += ((unsigned char)*at & 0xc0) != 0x80;
	return text && chars >= param->min && chars <= param->max;
}

static bool is_integer(const struct param *param, const cJSON *item)
{
	return cJSON_IsNumber(item) && floor(item->valuedouble) == item->valuedouble &&
	    item->valuedouble >= (double)param->min &&
	    item->valuedouble <= (double)param->max;
}

static bool is_choice(const struct param *param, const cJSON *item)
{
	for (const char *const *at = param->choices(); cJSON_IsString(item) && *at; at++)
		if (!strcmp(*at, item->valuestring))
			return true;
	return false;
}

static bool check_one(const struct param *param, const cJSON *item, char *ret_why)
{
	bool holds = true;

	switch (param->type) {
	case PARAM_IDS:
		holds = are_ids(item);
		(void)snprintf(ret_why, WHY,
		    "'%s' must be a list of 1 to %d submit ids (letters, digits, '_' and "
		    "'-', at most %d)",
		    param->name, PARAM_IDS_MAX, DQ_ID_MAX);
		break;
	case PARAM_ID:
		holds = is_id(item);
		(void)snprintf(ret_why, WHY,
		    "'%s' must be a submit id (letters, digits, '_' and '-', at most %d)",
		    param->name, DQ_ID_MAX);
		break;
	case PARAM_TEXT:
		holds = is_text(param, item);
		(void)snprintf(ret_why, WHY, "'%s' must be a text of %d to %d characters",
		    param->name, (int)param->min, (int)param->max);
		break;
	case PARAM_INTEGER:
		holds = is_integer(param, item);
		(void)snprintf(ret_why, WHY, "'%s' must be a whole number from %d to %d",
		    param->name, (int)param->min, (int)param->max);
		break;
	case PARAM_CHOICE:
		holds = is_choice(param, item);
		(void)snprintf(ret_why, WHY, "'%s' must be one of the words of its enum",
		    param->name);
		break;
	}
	return holds;
}

static const struct param *find(const struct param *params, const char *name)
{
	for (; params->name; params++)
		if (!strcmp(params->name, name))
			return params;
	return NULL;
}

bool params_check(const struct param *params, const cJSON *arguments, char ret_why[200])
{
	const cJSON *item;

	cJSON_ArrayForEach(item, arguments) {
		char name[64];

		(void)snprintf(name, sizeof(name), "%.40s", item->string);
		text_make_printable(name);
		(void)snprintf(ret_why, WHY, "there is no argument '%s'", name);
		if (!find(params, item->string))
			return false;
	}
	for (; params->name; params++) {
		item = cJSON_GetObjectItemCaseSensitive(arguments, params->name);
		(void)snprintf(ret_why, WHY, "the argument '%s' is needed", params->name);
		if (item ? !check_one(params, item, ret_why) : params->is_required)
			return false;
	}
	return true;
}

const char *params_text(const cJSON *arguments, const char *name)
{
	const cJSON *item = cJSON_GetObjectItemCaseSensitive(arguments, name);

	return item ? item->valuestring : NULL;
}

int64_t params_integer(
    const struct param *params, const cJSON *arguments, const char *name)
{
	const cJSON *item = cJSON_GetObjectItemCaseSensitive(arguments, name);
	const struct param *param = find(params, name);

	assert(param);
	return item ? (int64_t)item->valuedouble : param->otherwise;
}

static bool is_among(const char *const *ids, size_t n, const char *id)
{
	for (size_t i = 0; i < n; i++)
		if (!strcmp(ids[i], id))
			return true;
	return false;
}

size_t params_ids(const cJSON *arguments, const char *ret_ids[PARAM_IDS_MAX])
{
	const cJSON *list = cJSON_GetObjectItemCaseSensitive(arguments, "ids"), *item;
	size_t n = 0;

	cJSON_ArrayForEach(item, list)
		if (n < PARAM_IDS_MAX && !is_among(ret_ids, n, item->valuestring))
			ret_ids[n++] = item->valuestring;
	return n;
}
