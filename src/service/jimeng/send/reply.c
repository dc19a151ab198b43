#include "service/jimeng/send/reply.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/say.h"
#include "base/text.h"
#include "service/jimeng/read/fields.h"

enum { HOST_MAX = 100, LOG_ID_MAX = 64 };

/* What a status means when the body tells no more. */
static const struct status {
	long status;
	enum err_kind kind;
	bool could_be_size;
	bool is_certain; /* also when the body is a web page or empty */
	const char *text;
} statuses[] = {
	{ 401, ERR_AUTH, false, false,
	    N_("the login is not accepted; run 'dreamq auth import'") },
	{ 403, ERR_ACCOUNT, false, false, N_("the service refuses this account") },
	{ 408, ERR_NET, true, true, N_("the service gave up waiting") },
	{ 413, ERR_CONTRACT, true, true, N_("the request is too large") },
	{ 414, ERR_CONTRACT, true, true, N_("the request is too long") },
	{ 425, ERR_NET, false, true, N_("too early") },
	{ 429, ERR_BUSY, false, true, N_("too many requests") },
};

static const struct status server_error = { 500, ERR_NET, true, true,
	N_("the service has trouble") };
static const struct status other_error = { 400, ERR_CONTRACT, false, false,
	N_("the service did not understand the request") };

static const struct status *meaning_of(long status)
{
	for (size_t i = 0; i < sizeof(statuses) / sizeof(*statuses); i++)
		if (statuses[i].status == status)
			return &statuses[i];
	return status >= 500 ? &server_error : &other_error;
}

static const char *skip_space(const char *at, const char *end)
{
	while (at < end && isspace((unsigned char)*at))
		at++;
	return at;
}

static void keep_retry_after(struct err *err, const struct reply *reply)
{
	if (reply->retry_after_ms <= 0 || (err->kind != ERR_NET && err->kind != ERR_BUSY))
		return;
	err->retry_after_ms = reply->retry_after_ms < UINT32_MAX
	    ? (uint32_t)reply->retry_after_ms
	    : UINT32_MAX;
}

/* Adds "; log id '...'" of the header. */
static void add_log_id(const struct reply *reply, struct err *err)
{
	char id[LOG_ID_MAX + 1];
	size_t len;

	if (!reply->log_id || !reply->log_id[0])
		return;
	len = fields_cut(reply->log_id, LOG_ID_MAX);
	memcpy(id, reply->log_id, len);
	id[len] = '\0';
	text_make_printable(id);
	err_more(err, "; log id '%s'", id);
}

static enum err_kind transfer_failed(const struct reply *reply, struct reading *reading)
{
	reading->err = reply->err;
	reading->could_be_size = (reply->err.kind == ERR_NET && reply->sent) ||
	    (reply->err.kind == ERR_CONTRACT && reply->status != 0);
	keep_retry_after(&reading->err, reply);
	return reading->err.kind;
}

/*
 * Finds the host (and port) of a Location: "https://user@host:1/path" or "//host/path".
 */
static const char *host_of(const char *target, size_t *ret_len)
{
	const size_t scheme = strcspn(target, ":/?#");
	const char *host = NULL, *at;

	if (!strncmp(target + scheme, "://", 3))
		host = target + scheme + 3;
	else if (!strncmp(target, "//", 2))
		host = target + 2;
	if (!host)
		return NULL;
	*ret_len = strcspn(host, "/?#");
	at = memrchr(host, '@', *ret_len);
	if (!at)
		return host;
	*ret_len -= (size_t)(at + 1 - host);
	return at + 1;
}

/* Only the host of the target is shown: the rest may hold secrets. */
static void redirected(const struct reply *reply, struct reading *reading)
{
	size_t len = 0;
	const char *host = host_of(reply->location ? reply->location : "", &len);
	char shown[HOST_MAX + 1] = "another path";

	if (host) {
		len = len < HOST_MAX ? len : HOST_MAX;
		memcpy(shown, host, len);
		shown[len] = '\0';
		text_make_printable(shown);
	}
	err_set(&reading->err, ERR_CONTRACT,
	    "the service redirects (HTTP %ld) to '%s', which is never followed; check "
	    "--api-base and --submit-base",
	    reply->status, shown);
}

static void refused_by_status(
    const struct reply *reply, bool is_page, struct reading *reading)
{
	const struct status *meaning = meaning_of(reply->status);
	const bool is_vague = is_page || reading->is_empty_body;
	const enum err_kind kind =
	    is_vague && !meaning->is_certain ? ERR_NET : meaning->kind;
	const char *body = "";

	if (reading->is_empty_body)
		body = N_(" with an empty body");
	else if (is_page)
		body = N_(" with a web page");
	reading->could_be_size = meaning->could_be_size;
	err_set(&reading->err, kind, "the service answered HTTP %ld%s: %s", reply->status,
	    body,
	    kind == meaning->kind ? meaning->text
				  : N_("it tells nothing about the task"));
	add_log_id(reply, &reading->err);
}

/* A batch may be more than the service takes at once: nobody knows its limit. */
static bool is_parameter_trouble(const struct answer *answer)
{
	return !strcmp(answer_ret(answer), "1000") || !strcmp(answer_ret(answer), "1001");
}

static void read_body(const struct reply *reply, struct reading *reading)
{
	const bool is_good = reply->status >= 200 && reply->status < 300;
	struct err err = { .kind = ERR_OK };
	bool is_page;

	if (answer_decode(reply->body, reply->len, reply->date_unix_ms, &reading->answer,
		&err) == ERR_OK) {
		(void)answer_error(reading->answer, &err);
		if (is_good || (err.kind && retcode_text(answer_ret(reading->answer)))) {
			reading->err = err;
			reading->could_be_size = is_parameter_trouble(reading->answer);
			return;
		}
	}
	is_page = err.kind == ERR_NET && !reading->answer && !reading->is_empty_body;
	if (!is_good && err.kind != ERR_NOMEM) {
		refused_by_status(reply, is_page, reading);
		return;
	}
	reading->err = err;
	reading->could_be_size = err.kind == ERR_CONTRACT;
}

struct reading reply_read(const struct reply *reply)
{
	struct reading reading = { 0 };
	const char *end = reply->body + reply->len;

	if (reply->err.kind) {
		transfer_failed(reply, &reading);
		return reading;
	}
	if (reply->status >= 300 && reply->status < 400) {
		redirected(reply, &reading);
		return reading;
	}
	reading.is_empty_body = skip_space(reply->body, end) == end;
	read_body(reply, &reading);
	keep_retry_after(&reading.err, reply);
	/* Under another status the emptiness of the body is nothing special. */
	if (reply->status >= 400 && reply->status != 401 && reply->status != 403)
		reading.is_empty_body = false;
	return reading;
}

void reading_release(struct reading *reading)
{
	answer_free(reading->answer);
	reading->answer = NULL;
}

struct reading reply_take(struct exchange *exchange, const struct reply *reply)
{
	const struct reading reading = reply_read(reply);

	buf_release(&exchange->body);
	return reading;
}

cJSON *reading_data(const struct reading *reading)
{
	struct json_slice data = { 0 };
	struct err ignored;
	cJSON *json = NULL;

	if (reading->answer)
		data = answer_data(reading->answer);
	if (data.len == 0 || data.bytes[0] != '{' ||
	    json_parse_within(data.bytes, data.len, ANSWER_VALUES_MAX, &json, &ignored))
		return NULL;
	return json;
}
