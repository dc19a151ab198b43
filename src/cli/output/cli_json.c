#include "cli/output/cli_json.h"

#include <stdlib.h>

#include <cjson/cJSON.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "base/text.h"

static void add(cJSON *object, const char *key, cJSON *value)
{
	if (!value || !cJSON_AddItemToObject(object, key, value))
		cJSON_Delete(value);
}

static void add_text(cJSON *object, const char *key, const char *text)
{
	add(object, key, text ? cJSON_CreateString(text) : cJSON_CreateNull());
}

static void add_line(cJSON *object, unsigned line)
{
	add(object, "line", line ? cJSON_CreateNumber(line) : cJSON_CreateNull());
}

static cJSON *make(const char *event)
{
	cJSON *object = cJSON_CreateObject();

	add(object, "schema_version", cJSON_CreateNumber(1));
	add_text(object, "event", event);
	return object;
}

static char *print(const cJSON *object)
{
	char *text = cJSON_PrintUnformatted(object);

	return text ? text_escape_json(text) : NULL;
}

char *setting_json(const struct setting *setting)
{
	_cleanup_(json_deletep) cJSON *object = make("setting");

	add_text(object, "key", setting->key);
	add_text(object, "value", setting->value);
	add_text(object, "origin", setting->origin);
	add_text(object, "file", setting->file);
	add_line(object, setting->line);
	add_text(object, "name", setting->name);
	return print(object);
}

char *mistake_json(const char *file, unsigned line, const char *text)
{
	_cleanup_(json_deletep) cJSON *object = make("mistake");

	add_text(object, "file", file);
	add_line(object, line);
	add_text(object, "text", text);
	return print(object);
}

char *client_json(const struct client_line *client)
{
	_cleanup_(json_deletep) cJSON *object = make("client");

	add_text(object, "name", client->name);
	add_text(object, "title", client->title);
	add_text(object, "path", client->path);
	add_text(object, "state", client->state);
	add(object, "written", cJSON_CreateBool(client->is_written));
	add_text(object, "backup", client->backup);
	return print(object);
}
