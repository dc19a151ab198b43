#include "service/jimeng/read/fields.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/redact.h"
#include "base/text.h"

enum { MESSAGE_BYTES_MAX = 64 << 10 };

static const double millis_from = 1e11; /* larger times are milliseconds */
static const double exact_max = 9007199254740992.0; /* 2^53 */
static const double latest_ms = 4102444800000.0; /* 2100 */

static bool is_whole(const cJSON *json)
{
	return cJSON_IsNumber(json) && fabs(json->valuedouble) <= exact_max &&
	    (double)(int64_t)json->valuedouble == json->valuedouble;
}

const char *fields_keep(struct fields *fields, const char *text)
{
	const char *copy = arena_strdup(fields->arena, text);

	if (!copy)
		fields->no_memory = true;
	return copy;
}

size_t fields_cut(const char *text, size_t max)
{
	size_t len = strnlen(text, max);

	if (text[len])
		while (len && ((unsigned char)text[len] & 0xc0) == 0x80)
			len--;
	return len;
}

static const char *keep_printable(struct fields *fields, const char *text, size_t max)
{
	char *copy = arena_strndup(fields->arena, text, fields_cut(text, max));

	if (!copy)
		fields->no_memory = true;
	else
		text_make_printable(copy);
	return copy;
}

const char *fields_text(
    struct fields *fields, const cJSON *object, const char *path, size_t max)
{
	const char *text = json_get_string(object, path, fields->mistyped);

	return text && text[0] ? keep_printable(fields, text, max) : NULL;
}

const char *fields_message(
    struct fields *fields, const cJSON *object, const char *path, size_t max)
{
	const char *text = json_get_string(object, path, fields->mistyped);
	_cleanup_(buf_release) struct buf clean = buf_make(MESSAGE_BYTES_MAX);

	if (!text || !text[0])
		return NULL;
	if (strnlen(text, MESSAGE_BYTES_MAX / 8) < MESSAGE_BYTES_MAX / 8)
		redact_text(&clean, text);
	else
		buf_addf(&clean, "(a very long text)");
	if (!buf_failed(&clean))
		return keep_printable(fields, clean.data, max);
	fields->no_memory = true;
	return NULL;
}

const char *fields_code(struct fields *fields, const cJSON *object, const char *path)
{
	const cJSON *json = json_find(object, path);
	char digits[32];

	if (!is_whole(json))
		return fields_text(fields, object, path, 64);
	(void)snprintf(digits, sizeof(digits), "%" PRId64, (int64_t)json->valuedouble);
	return fields_keep(fields, digits);
}

int64_t fields_unix_ms(const cJSON *json)
{
	double value = -1;
	char *end;

	if (cJSON_IsNumber(json))
		value = json->valuedouble;
	if (cJSON_IsString(json)) {
		value = strtod(json->valuestring, &end);
		if (*end || end == json->valuestring)
			value = -1;
	}
	if (value < millis_from)
		value *= 1000;
	return value >= 0 && value <= latest_ms ? (int64_t)(value + 0.5) : -1;
}

int64_t fields_time_ms(struct fields *fields, const cJSON *object, const char *path)
{
	const cJSON *json = json_find(object, path);
	const int64_t ms = json ? fields_unix_ms(json) : 0;

	if (ms >= 0)
		return ms;
	(*fields->mistyped)++;
	return 0;
}

const char *fields_link(struct fields *fields, const cJSON *object, const char *path)
{
	const cJSON *json = json_find(object, path);

	if (cJSON_IsArray(json))
		json = cJSON_GetArrayItem(json, 0);
	if (cJSON_IsString(json))
		return json->valuestring[0] ? json->valuestring : NULL;
	if (json && !cJSON_IsNull(json))
		(*fields->mistyped)++;
	return NULL;
}
