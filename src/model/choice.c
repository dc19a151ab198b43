#include "model/choice.h"

#include <string.h>

#include "base/cleanup.h"
#include "base/json.h"

enum quality choice_quality(const struct choice *choice)
{
	return choice->wanted == QUALITY_ORIGINAL && !choice->has_originals
	    ? QUALITY_BEST_LISTED
	    : choice->wanted;
}

/* Of an object, or null. False: no memory. */
static bool add_text(cJSON *object, const char *key, const char *text)
{
	return text ? cJSON_AddStringToObject(object, key, text) != NULL
		    : cJSON_AddNullToObject(object, key) != NULL;
}

static bool add_number(cJSON *object, const char *key, int64_t value)
{
	return value > 0 ? cJSON_AddNumberToObject(object, key, (double)value) != NULL
			 : cJSON_AddNullToObject(object, key) != NULL;
}

static bool describe(cJSON *object, const struct variant *variant)
{
	const int64_t bytes =
	    variant->size_bytes > 0 ? variant->size_bytes : variant->about_bytes;

	return add_text(object, "definition", variant->definition) &&
	    add_number(object, "width", variant->width) &&
	    add_number(object, "height", variant->height) &&
	    add_number(object, "bitrate", variant->bitrate) &&
	    add_number(object, "size", bytes) && add_text(object, "logo", variant->logo);
}

static bool add_offered(cJSON *array, const struct variant *variant, bool is_chosen)
{
	cJSON *object = cJSON_CreateObject();

	if (!object || !cJSON_AddItemToArray(array, object)) {
		cJSON_Delete(object);
		return false;
	}
	return describe(object, variant) &&
	    cJSON_AddBoolToObject(object, "original", variant->is_original) &&
	    cJSON_AddBoolToObject(object, "chosen", is_chosen);
}

static bool add_all(cJSON *object, const struct choice *choice)
{
	cJSON *array = cJSON_AddArrayToObject(object, "variants");
	const struct variant *chosen = &choice->all[choice->chosen];
	size_t n = 0;

	if (!array)
		return false;
	for (size_t i = 0; i < choice->n; i++) {
		const struct variant *variant = &choice->all[i];

		if (n >= CHOICE_VARIANTS_MAX && variant != chosen)
			continue;
		n++;
		if (!add_offered(array, variant, variant == chosen))
			return false;
	}
	return true;
}

static bool fill(cJSON *object, const struct choice *choice)
{
	const struct variant *chosen = &choice->all[choice->chosen];

	return add_text(object, "quality", quality_names[choice_quality(choice)]) &&
	    add_text(object, "wanted", quality_names[choice->wanted]) &&
	    describe(object, chosen) && add_text(object, "object", chosen->object) &&
	    add_all(object, choice);
}

char *choice_text(const struct choice *choice)
{
	_cleanup_(json_deletep) cJSON *object = cJSON_CreateObject();

	return object && fill(object, choice) ? cJSON_PrintUnformatted(object) : NULL;
}

bool choice_read(const char *text, struct arena *arena, struct chosen *ret_chosen)
{
	_cleanup_(json_deletep) cJSON *json = NULL;
	const char *object;
	struct chosen chosen = { 0 };
	struct err ignored;

	if (!text || json_parse(text, strlen(text), &json, &ignored) ||
	    !quality_parse(json_get_string(json, "quality", NULL), &chosen.quality))
		return false;
	chosen.width = json_get_int(json, "width", 0, NULL);
	chosen.height = json_get_int(json, "height", 0, NULL);
	object = json_get_string(json, "object", NULL);
	chosen.object = arena_strdup(arena, object);
	*ret_chosen = chosen;
	return !object || chosen.object;
}
