#include "service/jimeng/send/origin.h"

#include <string.h>

#include "base/cleanup.h"

enum {
	PROMPT_MAX = 64 << 10, /* bytes; what we would send */
	DRAFT_MAX = 64 << 10, /* grows with references; the captured one has 1 kB */
	PLACES_MAX = 8,
};

/* Where the parameters may be in an object that has them, by what they make. */
static const struct place {
	const char *prompt, *model, *ratio, *ratio_code, *seed;
} params_places[] = {
	{ "text2image_params.prompt", "text2image_params.model_config.model_req_key",
	    NULL, "text2image_params.image_ratio", "text2image_params.seed" },
	{ "text2video_params.video_gen_inputs.0.prompt",
	    "text2video_params.video_model_config.model_req_key",
	    "text2video_params.video_aspect_ratio", NULL, "text2video_params.seed" },
};
/* The same in a component of the draft. */
static const struct place draft_places[] = {
	{ "abilities.generate.core_param.prompt", "abilities.generate.core_param.model",
	    NULL, "abilities.generate.core_param.image_ratio",
	    "abilities.generate.core_param.seed" },
	{ "abilities.gen_video.text_to_video_params.video_gen_inputs.0.prompt",
	    "abilities.gen_video.text_to_video_params.model_req_key",
	    "abilities.gen_video.text_to_video_params.video_aspect_ratio", NULL,
	    "abilities.gen_video.text_to_video_params.seed" },
};

enum { PLACES = 2 };
_Static_assert(sizeof(params_places) / sizeof(*params_places) == PLACES, "two kinds");
_Static_assert(sizeof(draft_places) / sizeof(*draft_places) == PLACES, "two kinds");

/* image_ratio, as the site counts the shapes. */
static const char *const ratios[] = { NULL, "1:1", "3:4", "16:9", "4:3", "9:16", "2:3",
	"3:2", "21:9" };

/*
 * json_find() knows members only: at ".0." it is the first element of an array. The
 * fields here are a bonus, so a wrong type is not counted.
 */
static const cJSON *find(const cJSON *object, const char *path)
{
	const char *first = path ? strstr(path, ".0.") : NULL;
	char head[96];

	if (!path || !cJSON_IsObject(object))
		return NULL;
	if (!first || (size_t)(first - path) >= sizeof(head))
		return json_find(object, path);
	memcpy(head, path, (size_t)(first - path));
	head[first - path] = '\0';
	object = json_find(object, head);
	object = cJSON_IsArray(object) ? cJSON_GetArrayItem(object, 0) : NULL;
	return cJSON_IsObject(object) ? json_find(object, first + 3) : NULL;
}

/* As it came, with its line breaks: whoever shows it makes it fit for a terminal. */
static const char *keep_text(struct fields *fields, const cJSON *json, size_t max)
{
	const char *text = json && cJSON_IsString(json) ? json->valuestring : NULL;
	const char *copy;

	if (!text || !*text)
		return NULL;
	copy = arena_strndup(fields->arena, text, fields_cut(text, max));
	fields->no_memory = fields->no_memory || !copy;
	return copy;
}

static bool number_of(const cJSON *json, int64_t *ret_number)
{
	if (!json || !cJSON_IsNumber(json) || !(json->valuedouble >= 0) ||
	    json->valuedouble > (double)TASK_NUMBER_MAX)
		return false;
	*ret_number = (int64_t)json->valuedouble;
	return true;
}

static const char *ratio_of(const cJSON *json)
{
	int64_t code = 0;

	if (!number_of(json, &code) || code < 1 ||
	    code >= (int64_t)(sizeof(ratios) / sizeof(*ratios)))
		return NULL;
	return ratios[code];
}

static void read_place(struct fields *fields, const cJSON *object,
    const struct place *place, struct task *task)
{
	if (!task->prompt)
		task->prompt = keep_text(fields, find(object, place->prompt), PROMPT_MAX);
	if (!task->model)
		task->model =
		    keep_text(fields, find(object, place->model), FIELD_TEXT_MAX);
	if (!task->ratio)
		task->ratio =
		    keep_text(fields, find(object, place->ratio), FIELD_TEXT_MAX);
	if (!task->ratio)
		task->ratio = ratio_of(find(object, place->ratio_code));
	if (!task->has_seed)
		task->has_seed = number_of(find(object, place->seed), &task->seed);
}

static void read_places(struct fields *fields, const cJSON *object,
    const struct place places[PLACES], struct task *task)
{
	for (size_t i = 0; object && i < PLACES; i++)
		read_place(fields, object, &places[i], task);
}

static void read_draft(struct fields *fields, const cJSON *record, struct task *task)
{
	const cJSON *text = json_find(record, "draft_content");
	_cleanup_(json_deletep) cJSON *draft = NULL;
	const cJSON *component;
	struct err ignored;
	size_t len, n = 0;

	if (!cJSON_IsString(text) || (task->prompt && task->has_seed && task->ratio))
		return;
	len = strnlen(text->valuestring, DRAFT_MAX + 1);
	if (len > DRAFT_MAX || json_parse(text->valuestring, len, &draft, &ignored))
		return;
	cJSON_ArrayForEach(component, json_find(draft, "component_list")) {
		if (n++ == PLACES_MAX)
			return;
		read_places(fields, component, draft_places, task);
	}
}

/* Of a task with one item it is that one's; how several share it, nobody has told. */
static void read_credits(const cJSON *record, const cJSON *items, struct task *task)
{
	const cJSON *only =
	    cJSON_GetArraySize(items) == 1 ? cJSON_GetArrayItem(items, 0) : NULL;

	task->has_credits =
	    number_of(json_find(record, "commerce_info.credit_count"), &task->credits) ||
	    number_of(find(only, "extra.credits_consume"), &task->credits);
}

void origin_read(struct fields *fields, const cJSON *record, struct task *task)
{
	const cJSON *items = json_find(record, "item_list");
	const cJSON *item;
	size_t n = 0;

	items = cJSON_IsArray(items) ? items : NULL;
	cJSON_ArrayForEach(item, items) {
		if (n++ == PLACES_MAX)
			break;
		read_places(fields, find(item, "aigc_image_params"), params_places, task);
	}
	read_places(
	    fields, json_find(record, "task.aigc_image_params"), params_places, task);
	read_draft(fields, record, task);
	if (!task->prompt)
		task->prompt =
		    keep_text(fields, json_find(record, "history_group_key"), PROMPT_MAX);
	read_credits(record, items, task);
}
