#include "core/json/json_line.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/text.h"
#include "dreamq/dreamq.h"

void json_line_add(struct json_line *line, const char *key, cJSON *value)
{
	if (!value || !cJSON_AddItemToObject(line->object, key, value)) {
		cJSON_Delete(value);
		line->failed = true;
	}
}

void json_line_text(struct json_line *line, const char *key, const char *text)
{
	json_line_add(line, key, text ? cJSON_CreateString(text) : cJSON_CreateNull());
}

void json_line_bool(struct json_line *line, const char *key, bool value)
{
	json_line_add(line, key, cJSON_CreateBool(value));
}

/* Written by us: cJSON would round it to a double. */
void json_line_number(
    struct json_line *line, const char *key, int64_t value, int64_t absent)
{
	char digits[24];

	(void)snprintf(digits, sizeof(digits), "%" PRId64, value);
	json_line_add(
	    line, key, value == absent ? cJSON_CreateNull() : cJSON_CreateRaw(digits));
}

void json_line_time_ms(struct json_line *line, const char *key, int64_t unix_ms)
{
	char iso[CLOCK_ISO_MAX];

	json_line_text(line, key, unix_ms > 0 ? clock_iso(unix_ms, iso) : NULL);
}

/* A link may claim to live for ever. */
void json_line_time_s(struct json_line *line, const char *key, int64_t unix_s)
{
	int64_t unix_ms = 0;

	if (unix_s > 0 && __builtin_mul_overflow(unix_s, 1000, &unix_ms))
		unix_ms = INT64_MAX;
	json_line_time_ms(line, key, unix_ms);
}

void json_line_real(struct json_line *line, const char *key, double value)
{
	json_line_add(line, key, cJSON_CreateNumber(value));
}

struct json_line json_line_make_part(void)
{
	cJSON *object = cJSON_CreateObject();

	return (struct json_line){ .object = object, .failed = !object };
}

struct json_line json_line_make(const char *event)
{
	struct json_line line = json_line_make_part();

	if (line.failed)
		return line;
	json_line_number(&line, "schema_version", DQ_SCHEMA_VERSION, -1);
	json_line_text(&line, "event", event);
	return line;
}

void json_line_part(struct json_line *line, const char *key, struct json_line part)
{
	if (part.failed) {
		cJSON_Delete(part.object);
		line->failed = true;
		return;
	}
	json_line_add(line, key, part.object);
}

/* cJSON hands bytes on as they are: what is no UTF-8 is put right here, for all keys. */
char *json_line_take(struct json_line *line)
{
	char *text = line->failed ? NULL : cJSON_PrintUnformatted(line->object);

	cJSON_Delete(line->object);
	*line = (struct json_line){ .failed = true };
	return text ? text_escape_json(text) : NULL;
}
