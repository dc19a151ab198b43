#include "core/json/json_line.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "dreamq/dreamq.h"

void json_line_add(struct json_line *line, const char *key, cJSON *value)
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

void json_line_text(struct json_line *line, const char *key, const char *text)
{
	json_line_add(line, key, create_text(text));
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

char *json_line_take(struct json_line *line)
{
	char *text = line->failed ? NULL : cJSON_PrintUnformatted(line->object);

	cJSON_Delete(line->object);
	*line = (struct json_line){ .failed = true };
	return text ? text_escape_json(text) : NULL;
}
