/*
 * api_web.c - submits as the web page makes them, aigc_draft/generate, and its way to
 * take one back, cancel_generate.
 */
#include <stdlib.h>
#include <string.h>

#include "jimeng/answer.h"
#include "jimeng/api.h"
#include "jimeng/api_submit.h"
#include "jimeng/sign.h"

enum { SIDE = 512, USUAL_COUNT = 4, OLDEST_MAJOR = 8 };

/* What the page sends beside the draft; without, it is a violation. */
static const char *const wanted[] = { "extend", "submit_id", "metrics_extra",
	"draft_content", "http_common_info" };

/* The first member of this name, however deep. */
static const json_t *find_deep(json_t *value, const char *name)
{
	const json_t *found = NULL;
	const char *key;
	json_t *child;
	size_t i;

	json_array_foreach(value, i, child)
	{
		if (!found)
			found = find_deep(child, name);
	}
	json_object_foreach(value, key, child)
	{
		if (!found)
			found = strcmp(key, name) == 0 ? child : find_deep(child, name);
	}
	return found;
}

static const json_t *find_either(json_t *value, const char *name, const char *other)
{
	const json_t *found = find_deep(value, name);

	return found ? found : find_deep(value, other);
}

/* How many images the draft gets: its number counts under `abilities` alone. */
static int image_count(json_t *abilities)
{
	const json_t *count = find_either(abilities, "gen_count", "generate_num");
	const json_int_t n = json_integer_value(count);

	return n >= 1 && n <= ITEMS_MAX ? (int)n : USUAL_COUNT;
}

/* The size that was asked, made small. */
static void read_size(json_t *abilities, struct new_task *want)
{
	const json_t *info = find_deep(abilities, "large_image_info");
	const json_int_t width = json_integer_value(json_object_get(info, "width"));
	const json_int_t height = json_integer_value(json_object_get(info, "height"));
	const json_int_t longer = width > height ? width : height;

	if (width < 1 || height < 1 || longer > 1 << 16)
		return;
	want->width = (unsigned)((width * SIDE + longer - 1) / longer);
	want->height = (unsigned)((height * SIDE + longer - 1) / longer);
}

/* What the draft asks for; false when it cannot be understood. Texts are borrowed. */
static bool read_draft(const json_t *draft, struct new_task *want)
{
	const json_t *component =
	    json_array_get(json_object_get(draft, "component_list"), 0);
	json_t *abilities = json_object_get(component, "abilities");
	const char *type = json_string_value(json_object_get(component, "type"));
	const char *model =
	    json_string_value(find_either(abilities, "model", "model_req_key"));

	if (!type || !json_is_object(abilities))
		return false;
	want->kind = strstr(type, "video") ? KIND_VIDEO : KIND_IMAGE;
	want->prompt = json_string_value(find_deep(abilities, "prompt"));
	want->model_key = model ? model : kind_row(want->kind)->model_key;
	want->width = kind_row(want->kind)->width;
	want->height = kind_row(want->kind)->height;
	if (want->kind == KIND_IMAGE) {
		read_size(abilities, want);
		want->items = image_count(abilities);
		want->price = want->items * kind_row(KIND_IMAGE)->price;
	}
	return want->prompt != NULL;
}

/* False, and answered, when the page would not have sent it so. */
static bool is_of_page(struct request *r)
{
	const char *appvr = request_header(r, "appvr");

	if (sign_of(r) == SIGN_NONE)
		request_violation(r, "web submit without a sign");
	else if (!appvr || strtol(appvr, NULL, 10) < OLDEST_MAJOR)
		request_violation(r, "web submit with a stale appvr");
	else
		return true;
	api_submit_error(r, 3018, NULL);
	return false;
}

/* Videos want the marks of a browser, which images do without. */
static bool is_of_browser(struct request *r, const struct new_task *want)
{
	if (want->kind != KIND_VIDEO ||
	    (*request_argument(r, "msToken") && *request_argument(r, "a_bogus")))
		return true;
	request_violation(r, "a video without msToken and a_bogus");
	api_submit_error(r, 4013, NULL);
	return false;
}

static void answer_record(
    const struct jimeng *jimeng, struct request *r, const struct task *task)
{
	const struct record_view view = api_view(jimeng, r);
	struct text data = { 0 };

	text_puts(&data, "{\"aigc_data\":");
	record_write(&view, task, &data);
	text_puts(&data,
	    ",\"fail_code\":\"\",\"fail_starling_key\":\"\","
	    "\"fail_starling_message\":\"\"}");
	api_data(r, &data);
}

static void submit_draft(
    const struct jimeng *jimeng, struct request *r, const json_t *draft)
{
	struct new_task want = { .created_ms = r->now_ms };
	const struct task *task = NULL;
	int refused;

	want.submit_id = json_string_value(json_object_get(r->json, "submit_id"));
	if (!want.submit_id || !submit_id_is_one(want.submit_id) ||
	    !read_draft(draft, &want)) {
		request_violation(r, "the draft cannot be understood");
		api_submit_error(r, 1000, NULL);
		return;
	}
	refused = prompt_wishes(want.prompt).ret;
	if (refused)
		api_submit_error(r, refused, NULL);
	else if (is_of_browser(r, &want) && submit_accept(jimeng, r, &want, &task))
		answer_record(jimeng, r, task);
}

void api_submit_web(const struct jimeng *jimeng, struct request *r)
{
	const char *content;
	json_t *draft;

	if (!api_login(jimeng, r, 1015) || !is_of_page(r))
		return;
	if (!json_is_object(r->json)) {
		request_violation(
		    r, r->body.len ? "the body is not a JSON object" : "empty body");
		api_submit_error(r, r->body.len ? 1000 : 2008, NULL);
		return;
	}
	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++)
		if (!json_object_get(r->json, wanted[i]))
			request_violation(r, "missing field %s", wanted[i]);
	content = json_string_value(json_object_get(r->json, "draft_content"));
	draft = json_loads(content ? content : "", 0, NULL);
	submit_draft(jimeng, r, draft);
	json_decref(draft);
}

void api_cancel(const struct jimeng *jimeng, struct request *r)
{
	const json_t *id = json_object_get(r->json, "history_id");
	const struct task *task = NULL;
	struct text data = { 0 };

	if (!api_login(jimeng, r, 1015))
		return;
	if (json_is_string(id))
		task = store_by_history_id(jimeng->store,
		    store_account(jimeng->store, r->session), json_string_value(id));
	if (!task || !store_cancel(jimeng->store, task, r->now_ms)) {
		request_violation(r,
		    task ? "cancelled what does not queue" : "cancelled an unknown task");
		api_error(r, r->body.len ? 1000 : 2008, NULL);
		return;
	}
	text_puts(&data, "{}");
	api_data(r, &data);
}
