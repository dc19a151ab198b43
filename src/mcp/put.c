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
