#include "service/jimeng/send/body.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/json.h"
#include "base/text.h"
#include "model/taskid.h"

enum { PROMPT_MAX = 64 << 10, DURATION_MAX_S = 3600 };

void body_release(struct body *body)
{
	for (size_t i = 0; i < body->n; i++) {
		free(body->field[i].key);
		free(body->field[i].value);
	}
}

size_t body_find(const struct body *body, const char *key)
{
	size_t i = 0;

	while (i < body->n && strcmp(body->field[i].key, key) != 0)
		i++;
	return i;
}

/* A new last field without a value. */
static enum err_kind add_field(struct body *body, const char *key, struct err *err)
{
	if (body->n == BODY_FIELDS_MAX)
		return err_set(err, ERR_USAGE, "a submit can't have more than %d fields",
		    BODY_FIELDS_MAX);
	body->field[body->n].key = strdup(key);
	if (!body->field[body->n].key)
		return err_set(err, ERR_NOMEM, "no memory for a submit");
	body->field[body->n++].value = NULL;
	return ERR_OK;
}

/* Set a field, in its place when it is there; `value` is JSON text. */
static enum err_kind put(struct body *body, const char *key, const char *value,
    size_t len, bool is_users, struct err *err)
{
	const size_t i = body_find(body, key);
	char *copy;

	if (i == body->n && add_field(body, key, err))
		return err->kind;
	copy = strndup(value, len);
	if (!copy)
		return err_set(err, ERR_NOMEM, "no memory for a submit");
	free(body->field[i].value);
	body->field[i].value = copy;
	body->field[i].is_users = is_users;
	return ERR_OK;
}

/* Does the same with a plain text, which is quoted first. */
static enum err_kind quote_text(
    struct body *body, const char *key, const char *text, bool is_users, struct err *err)
{
	_cleanup_(json_deletep) cJSON *json = cJSON_CreateString(text);
	_cleanup_free_ char *quoted = json ? cJSON_PrintUnformatted(json) : NULL;

	if (!quoted)
		return err_set(err, ERR_NOMEM, "no memory for a submit");
	return put(body, key, quoted, strlen(quoted), is_users, err);
}

enum err_kind body_put_text(
    struct body *body, const char *key, const char *text, struct err *err)
{
	return quote_text(body, key, text, false, err);
}

enum err_kind body_put_json(
    struct body *body, const char *key, const char *json, struct err *err)
{
	return put(body, key, json, strlen(json), false, err);
}

static enum err_kind check_key(const char *key, struct err *err)
{
	static const char allowed[] = "0123456789-_abcdefghijklmnopqrstuvwxyz"
				      "ABCDEFGHIJKLMNOPQRSTUVWXYZ";

	if (!strcmp(key, "submit_id"))
		return err_set(err, ERR_USAGE,
		    "submit_id can't be set as a field: the ledger chooses it");
	if (!key[0] || strlen(key) > 64 || key[strspn(key, allowed)])
		return err_set(err, ERR_USAGE,
		    "'%.80s' can't be the name of a field: letters, digits, '-' and '_' "
		    "only",
		    key);
	return ERR_OK;
}

/* "key=value": the value is JSON when it reads as JSON, else a text. */
static enum err_kind put_set(struct body *body, const char *set, struct err *err)
{
	const char *equals = strchr(set, '=');
	_cleanup_free_ char *key = equals ? strndup(set, (size_t)(equals - set)) : NULL;
	struct err ignored;

	if (!equals)
		return err_set(err, ERR_USAGE, "'%.80s' is not key=value", set);
	if (!key)
		return err_set(err, ERR_NOMEM, "no memory for a submit");
	if (check_key(key, err))
		return err->kind;
	if (!text_is_utf8(equals + 1, strlen(equals + 1)))
		return err_set(err, ERR_USAGE, "the value of '%s' is not UTF-8", key);
	if (json_scan(equals + 1, strlen(equals + 1), &ignored) == ERR_OK)
		return put(body, key, equals + 1, strlen(equals + 1), true, err);
	return quote_text(body, key, equals + 1, true, err);
}

/* Reading what the user wrote: the mistake is the user's, not the service's. */
static enum err_kind users_fault(struct err *err)
{
	if (err->kind == ERR_CONTRACT)
		err->kind = ERR_USAGE;
	return err_note(err, "the JSON body");
}

static enum err_kind put_extra(struct body *body, const char *extra, struct err *err)
{
	const size_t skip = strspn(extra, " \t\r\n");
	struct json_slice all = { extra + skip, strlen(extra + skip) };
	_cleanup_free_ struct json_member *members = NULL;
	_cleanup_(json_deletep) cJSON *json = NULL;
	size_t n;

	while (all.len && strchr(" \t\r\n", all.bytes[all.len - 1]))
		all.len--;
	/* A tree, only to have everything in it checked. */
	if (json_parse(all.bytes, all.len, &json, err))
		return users_fault(err);
	if (!cJSON_IsObject(json))
		return err_set(err, ERR_USAGE, "the JSON body is not an object");
	if (json_members(all, BODY_FIELDS_MAX, &members, &n, err))
		return users_fault(err);
	for (size_t i = 0; i < n; i++) {
		_cleanup_free_ char *key = json_unescape(members[i].key);

		if (!key)
			return err_set(err, ERR_NOMEM, "no memory for a submit");
		if (check_key(key, err) ||
		    put(body, key, members[i].value.bytes, members[i].value.len, true,
			err))
			return err->kind;
	}
	return ERR_OK;
}

enum err_kind body_put_users(
    struct body *body, const struct service_request *request, struct err *err)
{
	if (request->extra_json && put_extra(body, request->extra_json, err))
		return err->kind;
	for (const char *const *set = request->sets; set && *set; set++)
		if (put_set(body, *set, err))
			return err->kind;
	return ERR_OK;
}

static size_t printed_size(const struct body *body)
{
	size_t size = 2;

	for (size_t i = 0; i < body->n; i++)
		size += strlen(body->field[i].key) + strlen(body->field[i].value) + 4;
	return size;
}

enum err_kind body_print(const struct body *body, char **ret_text, struct err *err)
{
	_cleanup_(buf_release) struct buf text = buf_make(BODY_BYTES_MAX);
	char *taken;

	if (printed_size(body) > BODY_BYTES_MAX)
		return err_set(
		    err, ERR_USAGE, "the submit is longer than %d bytes", BODY_BYTES_MAX);
	/* Keys need no escaping: check_key(). */
	for (size_t i = 0; i < body->n; i++)
		buf_addf(&text, "%s\"%s\":%s", i ? "," : "{", body->field[i].key,
		    body->field[i].value);
	buf_addf(&text, "}");
	taken = buf_take(&text);
	if (!taken)
		return err_set(err, ERR_NOMEM, "no memory for a submit");
	*ret_text = taken;
	return ERR_OK;
}

static const char *const ratios[] = { "21:9", "16:9", "3:2", "4:3", "1:1", "3:4", "2:3",
	"9:16", NULL };

static enum err_kind check_ratio(const char *ratio, struct err *err)
{
	for (size_t i = 0; ratios[i]; i++)
		if (!strcmp(ratios[i], ratio))
			return ERR_OK;
	return err_set(err, ERR_USAGE,
	    "the ratio must be one of 21:9 16:9 3:2 4:3 1:1 3:4 2:3 9:16, not '%.40s'",
	    ratio);
}

enum err_kind body_check_request(const struct service_request *request, struct err *err)
{
	const char *prompt = request->prompt;

	if (!request->submit_id || !taskid_is_valid(request->submit_id))
		return err_set(err, ERR_USAGE,
		    "a submit id is 1 to %d of letters, digits, '-' and '_'", TASKID_MAX);
	if (request->kind != MEDIA_IMAGE && request->kind != MEDIA_VIDEO)
		return err_set(err, ERR_USAGE, "only images and videos can be submitted");
	if (!prompt || text_is_blank(prompt))
		return err_set(err, ERR_USAGE, "the prompt is empty");
	if (strnlen(prompt, PROMPT_MAX + 1) > PROMPT_MAX)
		return err_set(
		    err, ERR_USAGE, "the prompt is longer than %d bytes", PROMPT_MAX);
	if (!text_is_utf8(prompt, strlen(prompt)))
		return err_set(err, ERR_USAGE, "the prompt is not UTF-8");
	if (request->model && !text_is_utf8(request->model, strlen(request->model)))
		return err_set(err, ERR_USAGE, "the model is not UTF-8");
	if (request->duration_s && request->kind != MEDIA_VIDEO)
		return err_set(err, ERR_USAGE, "only a video has a duration");
	if (request->duration_s < 0 || request->duration_s > DURATION_MAX_S)
		return err_set(err, ERR_USAGE, "the duration must be 1 to %d s, not %d",
		    DURATION_MAX_S, request->duration_s);
	return check_ratio(request->ratio ? request->ratio : "1:1", err);
}
