#include "mcp/put.h"

#include <stdlib.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "mcp/visible.h"

struct put put_make(void)
{
	return put_into(cJSON_CreateObject());
}

cJSON *put_take(struct put *put)
{
	cJSON *object = put->object;

	if (put->failed) {
		cJSON_Delete(object);
		object = NULL;
	}
	*put = (struct put){ .failed = true };
	return object;
}

void put_item(struct put *put, const char *name, cJSON *item)
{
	if (!item || put->failed || !cJSON_AddItemToObject(put->object, name, item)) {
		cJSON_Delete(item);
		put->failed = true;
	}
}

void put_text(struct put *put, const char *name, const char *text)
{
	if (text)
		put_item(put, name, cJSON_CreateString(text));
}

void put_strange(struct put *put, const char *name, const char *text, size_t max_chars)
{
	_cleanup_free_ char *shown = text ? visible(text, max_chars) : NULL;

	if (text)
		put_item(put, name, shown ? cJSON_CreateString(shown) : NULL);
}

void put_number(struct put *put, const char *name, int64_t number)
{
	if (number >= 0)
		put_item(put, name, cJSON_CreateNumber((double)number));
}

void put_bool(struct put *put, const char *name, bool is)
{
	put_item(put, name, cJSON_CreateBool(is));
}

void put_time(struct put *put, const char *name, int64_t unix_ms)
{
	char iso[CLOCK_ISO_MAX];

	if (unix_ms > 0)
		put_text(put, name, clock_iso(unix_ms, iso));
}

cJSON *put_array(struct put *put, const char *name)
{
	cJSON *array = cJSON_CreateArray();

	put_item(put, name, array);
	return put->failed ? NULL : array;
}

struct put_schema put_schema_make(void)
{
	return (struct put_schema){ put_make(), cJSON_CreateArray() };
}

void put_schema_member(
    struct put_schema *schema, const char *name, bool is_required, cJSON *of_member)
{
	put_item(&schema->properties, name, of_member);
	if (is_required)
		schema->properties.failed |=
		    !cJSON_AddItemToArray(schema->required, cJSON_CreateString(name));
}

cJSON *put_schema_take(struct put_schema *schema)
{
	struct put whole = put_make();

	put_text(&whole, "type", "object");
	put_item(&whole, "properties", put_take(&schema->properties));
	if (cJSON_GetArraySize(schema->required) > 0)
		put_item(&whole, "required", schema->required);
	else
		cJSON_Delete(schema->required);
	schema->required = NULL;
	return put_take(&whole);
}
