/*
 * Submits as the service's agent takes them (PROTOCOL A2): the documented fields in the
 * documented order, then whatever the user adds.
 */
#include <stdio.h>

#include "base/cleanup.h"
#include "service/jimeng/send/asked.h"
#include "service/jimeng/send/body.h"
#include "service/jimeng/send/route.h"
#include "service/plain.h"

/*
 * A video made from pictures has another type than one from text (PROTOCOL
 * B11.1). When the user adds such a field and names no type, its type is taken.
 */
static const struct {
	const char *field, *generate_type;
} picture_types[] = {
	{ "media_resource_uri_list", "multiFrame2video" },
	{ "last_frame_resource_uri", "startEnd2Video" },
	{ "first_frame_resource_uri", "image2videoV2" },
};

static enum err_kind put_duration(struct body *body, int duration_s, struct err *err)
{
	char digits[16];

	if (!duration_s)
		return ERR_OK;
	(void)snprintf(digits, sizeof(digits), "%d", duration_s);
	return body_put_json(body, "duration", digits, err);
}

static enum err_kind put_documented(struct body *body, const struct wire *wire,
    const struct service_request *request, struct err *err)
{
	const bool is_video = request->kind == MEDIA_VIDEO;
	const char *type =
	    is_video ? wire->video_generate_type : wire->image_generate_type;
	const char *model = is_video ? wire->video_model : wire->image_model;

	if (body_put_text(body, "generate_type", type, err) ||
	    body_put_text(body, "agent_scene", wire->agent_scene, err) ||
	    body_put_text(body, "prompt", request->prompt, err) ||
	    body_put_text(body, "ratio", request->ratio ? request->ratio : "1:1", err) ||
	    put_duration(body, request->duration_s, err) ||
	    body_put_text(
		body, "model_key", request->model ? request->model : model, err) ||
	    body_put_text(body, "subject_id", wire->subject_id, err))
		return err->kind;
	return body_put_text(body, "submit_id", request->submit_id, err);
}

static enum err_kind fit_type(
    struct body *body, const struct service_request *request, struct err *err)
{
	if (request->kind != MEDIA_VIDEO ||
	    body->field[body_find(body, "generate_type")].is_users)
		return ERR_OK;
	for (size_t i = 0; i < sizeof(picture_types) / sizeof(*picture_types); i++)
		if (body_find(body, picture_types[i].field) < body->n)
			return body_put_text(
			    body, "generate_type", picture_types[i].generate_type, err);
	return ERR_OK;
}

static enum err_kind make_body(const struct wire *wire,
    const struct service_request *request, char **ret_body, struct err *err)
{
	_cleanup_(body_release) struct body body = { .n = 0 };

	if (!wire->has_submits)
		return err_set(err, ERR_USAGE,
		    "nobody knows how tasks are submitted by way of 'agent' in region "
		    "'%s'; --submit-via web submits pictures",
		    wire->cluster);
	if (body_check_request(request, err) ||
	    put_documented(&body, wire, request, err) ||
	    body_put_users(&body, request, err) || fit_type(&body, request, err))
		return err->kind;
	return body_print(&body, ret_body, err);
}

static enum err_kind rename_body(const char *body, const char *submit_id,
    int64_t made_unix_ms, char **ret_body, struct err *err)
{
	(void)made_unix_ms; /* it does not tell */
	return plain_rename(body, submit_id, ret_body, err);
}

static const char *address(const struct wire *wire)
{
	return wire->submit_base;
}

static enum err_kind begin(
    struct draft *draft, const struct wire *wire, enum media_kind kind, struct err *err)
{
	(void)err;
	buf_addf(&draft->url, "%s%s", address(wire),
	    kind == MEDIA_VIDEO ? wire->video_path : wire->image_path);
	draft_add_header(draft, "Content-Type", "application/json");
	draft->cookie_header = "cookie";
	return ERR_OK;
}

const struct route route_agent = {
	.name = "agent",
	.mark = "generate_type",
	.address = address,
	.body = make_body,
	.rename = rename_body,
	.asked = asked_of_agent,
	.begin = begin,
};
