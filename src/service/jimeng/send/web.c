/*
 * Submits as the web page makes them (PROTOCOL B11): pictures from a text, as a draft,
 * signed. What a user adds is something that the draft has a place for, or one of the
 * fields beside it; anything else would be lost, and is refused. Videos are not sent so:
 * the service asks for marks that only a browser makes.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/say.h"
#include "model/taskid.h"
#include "service/jimeng/send/asked.h"
#include "service/jimeng/send/body.h"
#include "service/jimeng/send/route.h"
#include "service/jimeng/send/sign.h"
#include "service/jimeng/send/web_draft.h"
#include "service/plain.h"

enum { DRAFT_BYTES_MAX = 1 << 20, TEXT_MAX = 64 << 10, COUNT_MAX = 4, NAMES_MAX = 300 };

/* The page's own, of the capture. */
static const char metrics_extra[] =
    "{\"templateId\":\"\",\"generateCount\":1,\"promptSource\":\"custom\","
    "\"templateSource\":\"\",\"lastRequestId\":\"\",\"originRequestId\":\"\"}";

/* --- what the user adds ------------------------------------------------------------ */

static bool is_whole(const cJSON *value, double low, double high)
{
	return cJSON_IsNumber(value) && value->valuedouble >= low &&
	    value->valuedouble <= high && floor(value->valuedouble) == value->valuedouble;
}

static bool is_count(const cJSON *value)
{
	return is_whole(value, 1, COUNT_MAX);
}

static bool is_seed(const cJSON *value)
{
	return is_whole(value, 0, UINT32_MAX);
}

static bool is_text(const cJSON *value)
{
	return cJSON_IsString(value) &&
	    strnlen(value->valuestring, TEXT_MAX + 1) <= TEXT_MAX;
}

static bool is_resolution(const cJSON *value)
{
	return cJSON_IsString(value) && web_size_find("1:1", value->valuestring);
}

static bool is_strength(const cJSON *value)
{
	return cJSON_IsNumber(value) && value->valuedouble >= 0 &&
	    value->valuedouble <= 1;
}

/* What the draft has a place for. */
enum { COUNT, NEGATIVE, RESOLUTION, STRENGTH, SEED, PLACES };
static const struct place {
	const char *key, *takes;
	bool (*is_good)(const cJSON *value);
} places[PLACES] = {
	[COUNT] = { "generate_num", N_("1 to 4"), is_count },
	[NEGATIVE] = { "negative_prompt", N_("a text of up to 65536 bytes"), is_text },
	[RESOLUTION] = { "resolution_type", N_("1k, 2k or 4k"), is_resolution },
	[STRENGTH] = { "sample_strength", N_("a number from 0 to 1"), is_strength },
	[SEED] = { "seed", N_("a whole number below 4294967296"), is_seed },
};

/* What was said for each, as a tree and as it was written; NULL: nothing. */
struct placed {
	cJSON *said[PLACES];
	const char *text[PLACES]; /* borrowed */
};

static void placed_release(struct placed *placed)
{
	for (size_t i = 0; i < PLACES; i++)
		cJSON_Delete(placed->said[i]);
}

static const char *text_said(
    const struct placed *placed, unsigned place, const char *otherwise)
{
	return placed->said[place] ? placed->said[place]->valuestring : otherwise;
}

/* Fields beside the draft, that stay the bytes they are; the draft itself, too. */
static const struct beside {
	const char *key;
	char opens; /* what its JSON begins with */
} besides[] = {
	{ "extend", '{' },
	{ "metrics_extra", '"' },
	{ "draft_content", '"' },
	{ "http_common_info", '{' },
};

enum { BESIDES = sizeof(besides) / sizeof(*besides) };

static enum err_kind refuse_key(const char *key, struct err *err)
{
	char known[NAMES_MAX] = "";

	for (size_t i = 0; i < PLACES + BESIDES; i++) {
		const size_t len = strlen(known);

		(void)snprintf(known + len, sizeof(known) - len, "%s%s", i ? ", " : "",
		    i < PLACES ? places[i].key : besides[i - PLACES].key);
	}
	return err_set(err, ERR_USAGE,
	    "a submit as the web page makes it has no place for '%s'; it has %s. "
	    "--submit-via agent sends any field",
	    key, known);
}

static enum err_kind take_placed(
    size_t place, const char *value, struct placed *placed, struct err *err)
{
	if (json_parse(value, strlen(value), &placed->said[place], err))
		return err->kind;
	placed->text[place] = value;
	if (places[place].is_good(placed->said[place]))
		return ERR_OK;
	return err_set(err, ERR_USAGE, "'%s' must be %s, not '%.40s'", places[place].key,
	    places[place].takes, value);
}

static enum err_kind take_beside(
    struct body *body, const char *key, const char *value, struct err *err)
{
	size_t i = 0;

	while (i < BESIDES && strcmp(besides[i].key, key) != 0)
		i++;
	if (i == BESIDES)
		return refuse_key(key, err);
	if (value[0] != besides[i].opens)
		return err_set(err, ERR_USAGE,
		    besides[i].opens == '{' ? N_("'%s' must be a JSON object")
					    : N_("'%s' must be a text"),
		    key);
	return body_put_json(body, key, value, err);
}

static enum err_kind take(
    const struct body *users, struct body *body, struct placed *placed, struct err *err)
{
	for (size_t i = 0; i < users->n; i++) {
		const char *key = users->field[i].key, *value = users->field[i].value;
		size_t k = 0;

		while (k < PLACES && strcmp(places[k].key, key) != 0)
			k++;
		if (k < PLACES ? take_placed(k, value, placed, err)
			       : take_beside(body, key, value, err))
			return err->kind;
	}
	return ERR_OK;
}

/* --- the body --------------------------------------------------------------------- */

static const char *model_of(
    const struct wire *wire, const struct service_request *request)
{
	return request->model ? request->model : wire->image_model;
}

static enum err_kind put_draft(struct body *body, const struct wire *wire,
    const struct service_request *request, const struct placed *placed, struct err *err)
{
	_cleanup_(buf_release) struct buf text = buf_make(DRAFT_BYTES_MAX);
	const char *strength = placed->text[STRENGTH];
	struct web_draft draft = {
		.model = model_of(wire, request),
		.prompt = request->prompt,
		.negative_prompt = text_said(placed, NEGATIVE, ""),
		.version = wire->da_version,
		.size = web_size_find(request->ratio ? request->ratio : "1:1",
		    text_said(placed, RESOLUTION, "2k")),
		.sample_strength = strength ? strength : "0.5",
		.made_unix_ms = request->made_unix_ms,
	};

	if (web_draft_name(&draft, request->submit_id, err))
		return err->kind;
	if (placed->said[SEED])
		draft.seed = (uint32_t)placed->said[SEED]->valuedouble;
	if (placed->said[COUNT])
		draft.count = (unsigned)placed->said[COUNT]->valuedouble;
	if (web_draft_write(&draft, &text, err))
		return err->kind;
	return body_put_text(body, "draft_content", text.data, err);
}

/* A draft of the user's own has its places filled. */
static enum err_kind check_alone(
    const struct service_request *request, const struct placed *placed, struct err *err)
{
	const char *other = request->ratio ? "--ratio" : NULL;

	for (size_t i = 0; i < PLACES && !other; i++)
		if (placed->said[i])
			other = places[i].key;
	if (!other)
		return ERR_OK;
	return err_set(err, ERR_USAGE,
	    "a 'draft_content' of your own says all of the picture; '%s' would be lost",
	    other);
}

static enum err_kind fill_draft(const struct body *users, struct body *body,
    const struct wire *wire, const struct service_request *request, struct err *err)
{
	_cleanup_(placed_release) struct placed placed = { 0 };

	if (take(users, body, &placed, err))
		return err->kind;
	if (body_find(users, "draft_content") < users->n)
		return check_alone(request, &placed, err);
	return put_draft(body, wire, request, &placed, err);
}

static enum err_kind put_extend(struct body *body, const char *model, struct err *err)
{
	_cleanup_(json_deletep) cJSON *json = cJSON_CreateObject();
	_cleanup_free_ char *text = NULL;

	if (json && cJSON_AddStringToObject(json, "root_model", model) &&
	    cJSON_AddNumberToObject(json, "workspace_id", 0))
		text = cJSON_PrintUnformatted(json);
	if (!text)
		return err_set(err, ERR_NOMEM, "no memory for a submit");
	return body_put_json(body, "extend", text, err);
}

static enum err_kind put_common(
    struct body *body, const struct wire *wire, struct err *err)
{
	_cleanup_(json_deletep) cJSON *json = cJSON_CreateObject();
	_cleanup_free_ char *text = NULL;

	if (json &&
	    cJSON_AddNumberToObject(json, "aid", (double)strtoul(wire->aid, NULL, 10)))
		text = cJSON_PrintUnformatted(json);
	if (!text)
		return err_set(err, ERR_NOMEM, "no memory for a submit");
	return body_put_json(body, "http_common_info", text, err);
}

/* Without another way at hand none is advised. */
static enum err_kind check_kind(
    const struct wire *wire, const struct service_request *request, struct err *err)
{
	if (request->kind != MEDIA_VIDEO)
		return ERR_OK;
	err_set(err, ERR_USAGE,
	    "a video is not submitted as the web page does: the service asks for marks "
	    "that only a browser makes");
	if (wire->has_submits)
		return err_more(err, "; --submit-via agent submits it");
	return err_more(
	    err, "; make it on the site of region '%s', dreamq brings it", wire->cluster);
}

static enum err_kind make_body(const struct wire *wire,
    const struct service_request *request, char **ret_body, struct err *err)
{
	_cleanup_(body_release) struct body body = { .n = 0 }, users = { .n = 0 };

	if (body_check_request(request, err) || check_kind(wire, request, err) ||
	    body_put_users(&users, request, err) ||
	    put_extend(&body, model_of(wire, request), err) ||
	    body_put_text(&body, "submit_id", request->submit_id, err) ||
	    body_put_text(&body, "metrics_extra", metrics_extra, err) ||
	    body_put_text(&body, "draft_content", "", err) ||
	    put_common(&body, wire, err) || fill_draft(&users, &body, wire, request, err))
		return err->kind;
	return body_print(&body, ret_body, err);
}

/* --- another task's, and where it goes ---------------------------------------------- */

static enum err_kind rename_body(const char *body, const char *submit_id,
    int64_t made_unix_ms, char **ret_body, struct err *err)
{
	_cleanup_(json_deletep) cJSON *json = NULL;
	_cleanup_free_ char *renamed = NULL;
	const char *old_id;

	if (json_parse(body, strlen(body), &json, err) ||
	    plain_rename(body, submit_id, &renamed, err))
		return err->kind;
	old_id = json_get_string(json, "submit_id", NULL);
	if (old_id && taskid_is_valid(old_id) && renamed &&
	    web_draft_rename(renamed, old_id, submit_id, made_unix_ms, err))
		return err->kind;
	*ret_body = TAKE_PTR(renamed);
	return ERR_OK;
}

static const char *address(const struct wire *wire)
{
	return wire->api_base;
}

static enum err_kind begin(
    struct draft *draft, const struct wire *wire, enum media_kind kind, struct err *err)
{
	static const struct draft_exception except[] = { { "pf", SIGN_PF },
		{ NULL, NULL } };

	(void)kind; /* make_body() has seen to it */
	draft_add_api_url(draft, wire, wire->web_submit_path);
	buf_addf(&draft->url, "&da_version=%s&web_version=%s&aigc_features=app_lip_sync",
	    wire->da_version, wire->web_version);
	draft_add_api_headers(draft, wire, except);
	draft->cookie_header = "Cookie";
	return draft_add_sign(draft, wire, wire->web_submit_path, err);
}

const struct route route_web = {
	.name = "web",
	.mark = "draft_content",
	.address = address,
	.body = make_body,
	.rename = rename_body,
	.asked = asked_of_page,
	.begin = begin,
};
