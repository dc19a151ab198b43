#include "service/jimeng/send/mode.h"

#include <string.h>

#include "base/cleanup.h"

enum {
	TEXT_MAX = 64 << 10, /* bytes of a text that holds JSON */
	COMPONENTS_MAX = 8,
	FINAL_PROCESS_TYPE = 15, /* of a component that makes a draft in full */
};

struct word {
	const char *word;
	enum task_mode mode;
};
#define COUNT(a) (sizeof(a) / sizeof(*(a)))

/* `generate_type` of a body. */
static const struct word requests[] = {
	{ "imageSuperResolution", MODE_SUPER_RESOLUTION },
	{ "seedEdit40", MODE_EDIT },
	{ "editImageByConfig", MODE_EDIT },
	{ "multiFrame2video", MODE_MULTI_FRAME },
};
/* `generate_type` of a draft's component. */
static const struct word components[] = {
	{ "super_resolution", MODE_SUPER_RESOLUTION },
	{ "normal_hd", MODE_SUPER_RESOLUTION },
	{ "pro_hd", MODE_SUPER_RESOLUTION },
};
/* `functionMode` of metrics_extra. */
static const struct word functions[] = { { "multi_frame", MODE_MULTI_FRAME } };

/* `generate_type` of a record. */
static const struct {
	int64_t number;
	enum task_mode mode;
} records[] = {
	{ 2, MODE_SUPER_RESOLUTION },
	{ 12, MODE_EDIT },
	{ 13, MODE_SUPER_RESOLUTION },
	{ 35, MODE_SUPER_RESOLUTION },
};

/* A draft is read only when one of these is in it: most tell nothing of a mode. */
static const char *const hints[] = { "is_draft_mode", "generate_from_draft",
	"process_type\":15", "super_resolution", "normal_hd", "pro_hd", NULL };
static const char *const function_hints[] = { "multi_frame", NULL };

static enum task_mode find_word(const struct word *words, size_t n, const char *text)
{
	for (size_t i = 0; text && i < n; i++)
		if (!strcmp(words[i].word, text))
			return words[i].mode;
	return MODE_NONE;
}

/* The tree of a text that has one of the hints; NULL: it has none, or can't be read. */
static cJSON *tree_of(const cJSON *record, const char *name, const char *const *hinted)
{
	const cJSON *text = json_find(record, name);
	struct err ignored;
	cJSON *tree = NULL;
	size_t len;

	if (!cJSON_IsString(text))
		return NULL;
	while (*hinted && !strstr(text->valuestring, *hinted))
		hinted++;
	len = strnlen(text->valuestring, TEXT_MAX + 1);
	if (!*hinted || len > TEXT_MAX ||
	    json_parse(text->valuestring, len, &tree, &ignored))
		return NULL;
	return tree;
}

static enum task_mode mode_of_component(const cJSON *component)
{
	const cJSON *inputs = json_get_array(
	    component, "abilities.gen_video.text_to_video_params.video_gen_inputs", NULL);
	const cJSON *input = cJSON_GetArrayItem(inputs, 0);

	if (cJSON_IsTrue(json_find(input, "is_draft_mode")))
		return MODE_DRAFT;
	if (cJSON_IsTrue(json_find(input, "v2v_opt.generate_from_draft.enable")) ||
	    (input &&
		json_get_int(component, "process_type", 0, NULL) == FINAL_PROCESS_TYPE))
		return MODE_FINAL;
	return find_word(components, COUNT(components),
	    json_get_string(component, "generate_type", NULL));
}

/* The last component that tells one: what is done to a picture is put behind it. */
static enum task_mode mode_of_draft(const cJSON *record)
{
	_cleanup_(json_deletep) cJSON *draft = tree_of(record, "draft_content", hints);
	enum task_mode mode = MODE_NONE;
	const cJSON *component;
	size_t n = 0;

	cJSON_ArrayForEach(component, json_get_array(draft, "component_list", NULL)) {
		const enum task_mode one =
		    cJSON_IsObject(component) ? mode_of_component(component) : MODE_NONE;

		if (n++ == COMPONENTS_MAX)
			break;
		mode = one != MODE_NONE ? one : mode;
	}
	return mode;
}

static enum task_mode mode_of_function(const cJSON *record)
{
	_cleanup_(json_deletep) cJSON *metrics =
	    tree_of(record, "metrics_extra", function_hints);

	return find_word(
	    functions, COUNT(functions), json_get_string(metrics, "functionMode", NULL));
}

static bool is_agents(const cJSON *record)
{
	const char *id = json_get_string(record, "agent_history_id", NULL);

	return id && *id && strcmp(id, "0") != 0;
}

enum task_mode mode_of_record(const cJSON *record, int64_t generate_type)
{
	enum task_mode mode = mode_of_draft(record);

	if (mode == MODE_NONE)
		mode = mode_of_function(record);
	for (size_t i = 0; mode == MODE_NONE && i < COUNT(records); i++)
		if (records[i].number == generate_type)
			mode = records[i].mode;
	return mode == MODE_NONE && is_agents(record) ? MODE_AGENT : mode;
}

enum task_mode mode_of_request(const char *generate_type)
{
	return find_word(requests, COUNT(requests), generate_type);
}
