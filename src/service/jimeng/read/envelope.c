#include "service/jimeng/read/envelope.h"

#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/json_tape.h"
#include "base/redact.h"
#include "base/text.h"
#include "service/jimeng/read/fields.h"
#include "service/jimeng/read/limits.h"
#include "service/jimeng/read/retcode.h"

static const char *const text_names[] = { "errmsg", "msg", "message", "msgDetail", NULL };
static const char *const log_names[] = { "logid", "log_id", "logId", NULL };
static const char *const time_names[] = { "systime", "svr_time", "sysTime", NULL };

static const int64_t earliest_ms = INT64_C(1420070400000); /* 2015 */

/* The members of the whole answer. */
struct members {
	struct json_member *at;
	size_t n;
	bool no_memory; /* sticky */
};

static void members_release(struct members *members)
{
	free(members->at);
}

static struct json_slice trim(const char *bytes, size_t len)
{
	if (len >= 3 && !memcmp(bytes, "\xef\xbb\xbf", 3)) {
		bytes += 3;
		len -= 3;
	}
	while (len && strchr(" \t\r\n", *bytes) && *bytes) {
		bytes++;
		len--;
	}
	while (len && bytes[len - 1] && strchr(" \t\r\n", bytes[len - 1]))
		len--;
	return (struct json_slice){ bytes, len };
}

static bool slice_is(struct json_slice slice, const char *text)
{
	return slice.len == strlen(text) && !memcmp(slice.bytes, text, slice.len);
}

static const struct json_member *find_member(
    const struct members *members, const char *name)
{
	for (size_t i = 0; i < members->n; i++)
		if (slice_is(members->at[i].key, name))
			return &members->at[i];
	return NULL;
}

static const struct json_slice *find(const struct members *members, const char *name)
{
	const struct json_member *member = find_member(members, name);

	return member ? &member->value : NULL;
}

/* Reads a string or number as a tree of one node; NULL for anything else (counted). */
static cJSON *scalar(struct members *members, const char *name, unsigned *mistyped)
{
	const struct json_slice *value = find(members, name);
	struct err why;
	cJSON *json = NULL;

	if (!value || slice_is(*value, "null"))
		return NULL;
	if (value->bytes[0] != '"' && value->bytes[0] != '-' &&
	    (value->bytes[0] < '0' || value->bytes[0] > '9')) {
		(*mistyped)++;
		return NULL;
	}
	if (json_parse(value->bytes, value->len, &json, &why)) {
		members->no_memory |= why.kind == ERR_NOMEM;
		(*mistyped)++;
	}
	return json;
}

static void copy_text(char *into, size_t room, const char *text)
{
	const size_t len = fields_cut(text, room - 1);

	memcpy(into, text, len);
	into[len] = '\0';
	text_make_printable(into);
}

static bool read_ret(struct envelope *envelope, struct members *members)
{
	_cleanup_(json_deletep) cJSON *json = scalar(members, "ret", &envelope->mistyped);

	if (!json)
		return false;
	if (cJSON_IsString(json) && json->valuestring[0])
		copy_text(envelope->ret, sizeof(envelope->ret), json->valuestring);
	else if (cJSON_IsNumber(json) && fabs(json->valuedouble) < 1e15)
		(void)snprintf(envelope->ret, sizeof(envelope->ret), "%" PRId64,
		    (int64_t)json->valuedouble);
	return envelope->ret[0] != '\0';
}

static void read_text(struct envelope *envelope, struct members *members)
{
	for (size_t i = 0; text_names[i] && !envelope->text[0]; i++) {
		_cleanup_(json_deletep) cJSON *json =
		    scalar(members, text_names[i], &envelope->mistyped);
		_cleanup_(buf_release) struct buf clean = buf_make(64 << 10);

		if (!json || !cJSON_IsString(json))
			continue;
		json->valuestring[strnlen(json->valuestring, 4096)] = '\0';
		redact_text(&clean, json->valuestring);
		if (!buf_failed(&clean))
			copy_text(envelope->text, sizeof(envelope->text), clean.data);
	}
}

static void read_log_id(struct envelope *envelope, struct members *members)
{
	for (size_t i = 0; log_names[i] && !envelope->log_id[0]; i++) {
		_cleanup_(json_deletep) cJSON *json =
		    scalar(members, log_names[i], &envelope->mistyped);

		if (json && cJSON_IsString(json))
			copy_text(envelope->log_id, sizeof(envelope->log_id),
			    json->valuestring);
	}
}

static int64_t read_time(struct envelope *envelope, struct members *members)
{
	for (size_t i = 0; time_names[i]; i++) {
		_cleanup_(json_deletep) cJSON *json =
		    scalar(members, time_names[i], &envelope->mistyped);
		const int64_t ms = fields_unix_ms(json);

		if (ms >= earliest_ms)
			return ms;
	}
	return -1;
}

static enum err_kind check_shape(struct json_slice text, struct err *err)
{
	if (text.len == 0)
		return err_set(err, ERR_NET, "the service sent an empty answer");
	if (text.bytes[0] == '<')
		return err_set(
		    err, ERR_NET, "the service sent a web page instead of an answer");
	if (text.len > ANSWER_BODY_MAX)
		return err_set(err, ERR_CONTRACT, "the answer is longer than %d bytes",
		    ANSWER_BODY_MAX);
	if (text.bytes[0] != '{' && json_scan(text.bytes, text.len, err))
		return err_note(err, "the answer");
	if (text.bytes[0] != '{')
		return err_set(err, ERR_CONTRACT, "the answer is not a JSON object");
	return ERR_OK;
}

static enum err_kind read_tape(struct envelope *envelope, struct err *err)
{
	return json_scan_tape(
	    envelope->bytes, envelope->len, ANSWER_TOKENS_MAX, &envelope->tape, err);
}

/* The error is that of the answer as it came. */
static enum err_kind check_json(struct envelope *envelope, struct err *err)
{
	struct err ignored;

	if (!read_tape(envelope, err))
		return ERR_OK;
	envelope->mended = json_mend(envelope->bytes, envelope->len);
	if (read_tape(envelope, &ignored))
		return err_note(err, "the answer");
	*err = (struct err){ .kind = ERR_OK };
	return ERR_OK;
}

static void envelope_fill(
    struct envelope *envelope, struct members *members, int64_t date_unix_ms)
{
	const struct json_member *data = find_member(members, "data");

	if (data && !slice_is(data->value, "null")) {
		envelope->data = data->value;
		envelope->data_token = data->token;
	}
	read_text(envelope, members);
	read_log_id(envelope, members);
	envelope->server_unix_ms = read_time(envelope, members);
	if (envelope->server_unix_ms < 0 && date_unix_ms >= earliest_ms)
		envelope->server_unix_ms = date_unix_ms;
}

static enum err_kind cut(
    const struct envelope *envelope, struct members *members, struct err *err)
{
	if (envelope->tape.n)
		return json_tape_members(&envelope->tape, 0, ENVELOPE_MEMBERS_MAX,
		    &members->at, &members->n, err);
	return json_members((struct json_slice){ envelope->bytes, envelope->len },
	    ENVELOPE_MEMBERS_MAX, &members->at, &members->n, err);
}

enum err_kind envelope_read(const char *bytes, size_t len, int64_t date_unix_ms,
    struct envelope *ret_envelope, struct err *err)
{
	_cleanup_(envelope_release) struct envelope envelope = { .server_unix_ms = -1 };
	_cleanup_(members_release) struct members members = { 0 };
	const struct json_slice text = trim(bytes, len);
	bool has_ret;

	if (check_shape(text, err))
		return err->kind;
	envelope.bytes = malloc(text.len + 1);
	if (!envelope.bytes)
		return err_set(err, ERR_NOMEM, "no memory for an answer");
	memcpy(envelope.bytes, text.bytes, text.len);
	envelope.bytes[text.len] = '\0';
	envelope.len = text.len;
	if (check_json(&envelope, err))
		return err->kind;
	if (cut(&envelope, &members, err))
		return err_note(err, "the answer");
	has_ret = read_ret(&envelope, &members);
	envelope_fill(&envelope, &members, date_unix_ms);
	if (members.no_memory)
		return err_set(err, ERR_NOMEM, "no memory for an answer");
	if (!has_ret)
		return err_set(err, ERR_CONTRACT, "the answer has no 'ret'");
	*ret_envelope = envelope;
	envelope = (struct envelope){ .server_unix_ms = -1 };
	return ERR_OK;
}

void envelope_release(struct envelope *envelope)
{
	free(envelope->bytes);
	json_tape_release(&envelope->tape);
	*envelope = (struct envelope){ .server_unix_ms = -1 };
}

enum err_kind envelope_error(const struct envelope *envelope, struct err *err)
{
	const enum ret_class class = retcode_class(envelope->ret);
	const char *ours = retcode_text(envelope->ret);

	if (class == RET_OK)
		return ERR_OK;
	err_set(err, ret_class_err(class), "the service answered ret '%s' ('%s')",
	    envelope->ret, envelope->text);
	if (ours)
		err_more(err, ": %s", ours);
	if (envelope->log_id[0])
		err_more(err, "; log id '%s'", envelope->log_id);
	return err->kind;
}
