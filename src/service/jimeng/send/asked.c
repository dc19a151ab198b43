#include "service/jimeng/send/asked.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "service/jimeng/send/client.h"
#include "service/jimeng/send/mode.h"
#include "service/jimeng/send/route.h"

enum { VALUES_MAX = 4096 };

/* --- by the way of the agent ------------------------------------------------------- */

/* What nobody pays for. */
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

/* --- by the way of the agent ------------------------------------------------------- */

static enum err_kind no_memory(struct err *err)
{
	return err_set(err, ERR_NOMEM, "no memory for a submit");
}

static enum err_kind not_understood(struct err *err)
{
	return err_set(err, ERR_USAGE, "the body of the submit can't be understood");
}

enum err_kind asked_of_agent(cJSON *body, struct service_asked *asked, struct err *err)
{
	const char *model = json_get_string(body, "model_key", NULL);

	asked->mode = mode_of_request(json_get_string(body, "generate_type", NULL));
	asked->model = model ? strdup(model) : NULL;
	if (leave_out_unpaid(body))
		asked->terms = cJSON_PrintUnformatted(body);
	return asked->terms && (asked->model || !model) ? ERR_OK : no_memory(err);
}

/* --- by the way of the page -------------------------------------------------------- */

/* What of a draft's component decides its price. */
static const char *const paid[] = {
	"generate_type",
	"abilities.generate.core_param.model",
	"abilities.generate.core_param.large_image_info.resolution_type",
	"abilities.gen_option.gen_count",
};

/* False: no memory. */
static bool add_component(cJSON *terms, const cJSON *component)
{
	for (size_t i = 0; i < sizeof(paid) / sizeof(*paid); i++) {
		const cJSON *value = json_find(component, paid[i]);
		cJSON *copy = value ? cJSON_Duplicate(value, true) : cJSON_CreateNull();

		if (copy && cJSON_AddItemToArray(terms, copy))
			continue;
		cJSON_Delete(copy);
		return false;
	}
	return true;
}

enum err_kind asked_of_page(cJSON *body, struct service_asked *asked, struct err *err)
{
	const char *text = json_get_string(body, "draft_content", NULL);
	const char *model = json_get_string(body, "extend.root_model", NULL);
	_cleanup_(json_deletep) cJSON *draft = NULL;
	_cleanup_(json_deletep) cJSON *terms = cJSON_CreateArray();
	const cJSON *component;
	struct err why = { .kind = ERR_OK };

	if (!text || json_parse_within(text, strlen(text), VALUES_MAX, &draft, &why))
		return why.kind == ERR_NOMEM ? no_memory(err) : not_understood(err);
	cJSON_ArrayForEach(component, json_get_array(draft, "component_list", NULL))
		if (!terms || !add_component(terms, component))
			return no_memory(err);
	if (cJSON_GetArraySize(terms) == 0)
		return not_understood(err);
	asked->model = model ? strdup(model) : NULL;
	asked->terms = cJSON_PrintUnformatted(terms);
	return asked->terms && (asked->model || !model) ? ERR_OK : no_memory(err);
}

/* --- by any ------------------------------------------------------------------------ */

enum err_kind api_asked(
    const char *body, struct service_asked *ret_asked, struct err *err)
{
	_cleanup_(json_deletep) cJSON *json = NULL;
	_cleanup_(service_asked_release) struct service_asked asked = { 0 };

	if (json_parse_within(body, strlen(body), VALUES_MAX, &json, err) ||
	    !cJSON_IsObject(json))
		return not_understood(err);
	if (route_of(json)->asked(json, &asked, err))
		return err->kind;
	*ret_asked = asked;
	asked = (struct service_asked){ 0 };
	return ERR_OK;
}
