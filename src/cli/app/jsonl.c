#include "cli/app/jsonl.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/text.h"
#include "cli/term/i18n.h"

static cJSON *create_text(const char *text)
{
	static const char unknown[] = "\xef\xbf\xbd";
	const size_t len = text ? strlen(text) : 0;
	_cleanup_(buf_release) struct buf clean = buf_make(3 * len + 1);

	if (!text)
		return cJSON_CreateNull();
	for (size_t at = 0, n; at < len; at += n ? n : 1) {
		n = text_char_len(text + at, len - at);
		buf_add(&clean, n ? text + at : unknown, n ? n : sizeof(unknown) - 1);
	}
	return buf_failed(&clean) ? NULL : cJSON_CreateString(clean.data);
}

static bool add(cJSON *object, const char *key, cJSON *value)
{
	if (cJSON_AddItemToObject(object, key, value))
		return true;
	cJSON_Delete(value);
	return false;
}

bool jsonl_add_text(cJSON *object, const char *key, const char *text)
{
	return add(object, key, create_text(text));
}

/* Written by us: cJSON would round it to a double. */
void jsonl_add_number(cJSON *object, const char *key, int64_t value)
{
	char digits[24];

	(void)snprintf(digits, sizeof(digits), "%" PRId64, value);
	(void)add(object, key, value < 0 ? cJSON_CreateNull() : cJSON_CreateRaw(digits));
}

void jsonl_add_bool(cJSON *object, const char *key, bool value)
{
	(void)add(object, key, cJSON_CreateBool(value));
}

cJSON *jsonl_make(const char *event)
{
	cJSON *object = cJSON_CreateObject();

	jsonl_add_number(object, "schema_version", DQ_SCHEMA_VERSION);
	(void)jsonl_add_text(object, "event", event);
	return object;
}

void jsonl_print(struct app *app, const cJSON *object, int n_keys)
{
	_cleanup_free_ char *line = NULL;

	if (cJSON_GetArraySize(object) == n_keys)
		line = cJSON_PrintUnformatted(object);
	if (line)
		app_out(app, line);
	else
		app_warn(app, _("out of memory: a line is missing"));
}
