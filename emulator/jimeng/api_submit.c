/*
 * api_submit.c - image_generate and video_generate.
 */
#include <stdio.h>
#include <string.h>

#include "common/hash.h"
#include "jimeng/answer.h"
#include "jimeng/api.h"
#include "jimeng/api_submit.h"

enum { SIDE = 512 };

static const struct ratio_row {
	const char *name;
	unsigned width, height;
} ratio_rows[] = {
	{ "21:9", 672, 288 },
	{ "16:9", 640, 360 },
	{ "3:2", 576, 384 },
	{ "4:3", 576, 432 },
	{ "1:1", SIDE, SIDE },
	{ "3:4", 432, 576 },
	{ "2:3", 384, 576 },
	{ "9:16", 360, 640 },
};

static const char *const image_types[] = { "text2imageV2", "seedEdit40",
	"imageSuperResolution", "imageCutout", "text2imageByConfig", "editImageByConfig",
	NULL };
static const char *const video_types[] = { "image2videoV2", "startEnd2Video",
	"multiFrame2video", "text2VideoByConfig", "image2video",
	"firstFrameVideoByConfig", "startEndFrameVideoByConfig",
	"multiModal2VideoByConfig", NULL };

static const char *field(const struct request *r, const char *name)
{
	return json_string_value(json_object_get(r->json, name));
}

/* Fields that a complete request has; the service does without. */
static void check_fields(struct request *r, const char *const *types)
{
	static const char *const wanted[] = { "generate_type", "agent_scene", "prompt",
		"ratio", "model_key", "subject_id", "submit_id" };
	const char *type = field(r, "generate_type");

	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
		bool is_video_extra = types == video_types &&
		    (strcmp(wanted[i], "ratio") == 0 ||
			strcmp(wanted[i], "model_key") == 0);

		if (!is_video_extra && !field(r, wanted[i]))
			request_violation(r, "missing field %s", wanted[i]);
	}
	while (type && *types && strcmp(*types, type) != 0)
		types++;
	if (type && !*types)
		request_violation(r, "unknown generate_type %s", type);
}

bool submit_id_is_one(const char *id)
{
	const char *allowed =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-";
	size_t n = strlen(id);

	return n >= 1 && n <= STORE_ID_MAX && strspn(id, allowed) == n;
}

/* A made-up uuid for a request that brought no id. */
static void make_uuid(const struct jimeng *jimeng, const struct request *r, char out[40])
{
	uint64_t a = hash_str(jimeng->store->seed, r->logid);
	uint64_t b = hash_mix(a, 1);

	(void)snprintf(out, 40, "%08x-%04x-4%03x-a%03x-%012llx", (unsigned)(a >> 32),
	    (unsigned)(a >> 16) & 0xffff, (unsigned)a & 0xfff, (unsigned)(b >> 52),
	    (unsigned long long)(b & 0xffffffffffff));
}

/* Fill in what the body asks for; false when it cannot be understood. */
static bool read_want(
    const struct jimeng *jimeng, struct request *r, struct new_task *want, char uuid[40])
{
	const json_t *id = json_object_get(r->json, "submit_id");
	const char *ratio = field(r, "ratio");

	want->prompt = field(r, "prompt");
	want->model_key = field(r, "model_key");
	if (!want->model_key)
		want->model_key = kind_row(want->kind)->model_key;
	want->width = kind_row(want->kind)->width;
	want->height = kind_row(want->kind)->height;
	if (!want->prompt && want->kind == KIND_VIDEO)
		want->prompt = "";
	if (ratio && want->kind == KIND_IMAGE) {
		size_t i = 0, n = sizeof(ratio_rows) / sizeof(ratio_rows[0]);

		while (i < n && strcmp(ratio_rows[i].name, ratio) != 0)
			i++;
		if (i == n)
			return false;
		want->width = ratio_rows[i].width;
		want->height = ratio_rows[i].height;
	}
	if (!id) {
		make_uuid(jimeng, r, uuid);
		request_add_id(r, uuid);
	}
	want->submit_id = id ? json_string_value(id) : uuid;
	return want->prompt && want->submit_id && submit_id_is_one(want->submit_id);
}

bool submit_accept(const struct jimeng *jimeng, struct request *r,
    const struct new_task *want, const struct task **ret_task)
{
	struct account *account = store_account(jimeng->store, r->session);

	switch (store_accept(jimeng->store, jimeng->clock, account, want, ret_task)) {
	case ACCEPT_NO_CREDIT:
		api_submit_error(r, 1006, NULL);
		return false;
	case ACCEPT_TOO_MANY:
		api_submit_error(r, 1310, NULL);
		return false;
	case ACCEPT_AGAIN:
		request_violation(r, "duplicate submit of %s", want->submit_id);
		r->is_duplicate = true;
		break;
	case ACCEPT_NEW:
		break;
	}
	r->is_accepted = true;
	return true;
}

static void accept_task(
    const struct jimeng *jimeng, struct request *r, const struct new_task *want)
{
	const struct task *task = NULL;
	struct text out = { 0 };

	if (!submit_accept(jimeng, r, want, &task))
		return;
	text_printf(&out,
	    "{\"ret\":\"0\",\"errmsg\":\"success\",\"data\":{\"submit_id\":\"%s\"}}",
	    want->submit_id);
	reply_text(&r->reply, 200, JSON_TYPE, &out);
}

static void submit(const struct jimeng *jimeng, struct request *r, enum task_kind kind,
    const char *const *types)
{
	struct new_task want = { .kind = kind, .created_ms = r->now_ms };
	char uuid[40];
	int refused;

	if (!api_login(jimeng, r, 10002))
		return;
	if (!json_is_object(r->json)) {
		request_violation(
		    r, r->body.len ? "the body is not a JSON object" : "empty body");
		api_error(r, r->body.len ? 1000 : 2008, NULL);
		return;
	}
	check_fields(r, types);
	if (!read_want(jimeng, r, &want, uuid)) {
		request_violation(r, "the body cannot be understood");
		api_error(r, 1000, NULL);
		return;
	}
	refused = prompt_wishes(want.prompt).ret;
	if (refused)
		api_submit_error(r, refused, NULL);
	else
		accept_task(jimeng, r, &want);
}

void api_submit_image(const struct jimeng *jimeng, struct request *r)
{
	submit(jimeng, r, KIND_IMAGE, image_types);
}

void api_submit_video(const struct jimeng *jimeng, struct request *r)
{
	submit(jimeng, r, KIND_VIDEO, video_types);
}
