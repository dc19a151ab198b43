/*
 * asked.c - what a submit's body asks for, without what nobody pays for: its names, its
 * words, its shape, and which pictures it begins with (how many they are stays).
 */
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "service/jimeng/send/client.h"
#include "service/jimeng/send/mode.h"

enum { VALUES_MAX = 4096 };

static const struct {
	const char *name;
	bool is_counted; /* a list: its length stays */
} unpaid[] = {
	{ "submit_id", false },
	{ "subject_id", false },
	{ "prompt", false },
	{ "ratio", false },
	{ "seed", false },
	{ "first_frame_resource_uri", false },
	{ "last_frame_resource_uri", false },
	{ "resource_uri_list", true },
	{ "resource_id_list", true },
	{ "media_resource_uri_list", true },
	{ "prompt_list", true },
};

/* False: no memory. */
static bool leave_out_unpaid(cJSON *json)
{
	for (size_t i = 0; i < sizeof(unpaid) / sizeof(*unpaid); i++) {
		const cJSON *value =
		    cJSON_GetObjectItemCaseSensitive(json, unpaid[i].name);
		const int n = cJSON_IsArray(value) ? cJSON_GetArraySize(value) : 1;

		if (!value)
			continue;
		cJSON_DeleteItemFromObjectCaseSensitive(json, unpaid[i].name);
		if (unpaid[i].is_counted &&
		    !cJSON_AddNumberToObject(json, unpaid[i].name, n))
			return false;
	}
	return true;
}

enum err_kind api_asked(
    const char *body, struct service_asked *ret_asked, struct err *err)
{
	_cleanup_(json_deletep) cJSON *json = NULL;
	_cleanup_(service_asked_release) struct service_asked asked = { 0 };
	const char *model;

	if (json_parse_within(body, strlen(body), VALUES_MAX, &json, err) ||
	    !cJSON_IsObject(json))
		return err_set(
		    err, ERR_USAGE, "the body of the submit can't be understood");
	asked.mode = mode_of_request(json_get_string(json, "generate_type", NULL));
	model = json_get_string(json, "model_key", NULL);
	asked.model = model ? strdup(model) : NULL;
	if (leave_out_unpaid(json))
		asked.terms = cJSON_PrintUnformatted(json);
	if ((model && !asked.model) || !asked.terms)
		return err_set(err, ERR_NOMEM, "no memory for a submit");
	*ret_asked = asked;
	asked = (struct service_asked){ 0 };
	return ERR_OK;
}
