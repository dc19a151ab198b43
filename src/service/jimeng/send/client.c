#include "service/jimeng/send/client.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/json.h"
#include "model/taskid.h"
#include "service/jimeng/read/started.h"
#include "service/jimeng/send/call.h"
#include "service/jimeng/send/sign.h"

enum {
	SMALL_BODY_MAX = 1 << 20, /* of an answer to a submit or about credit */
	QUERY_TIMEOUT_MS = 120 * 1000,
	SUBMIT_TIMEOUT_MS = 180 * 1000,
	CREDIT_TIMEOUT_MS = 30 * 1000,
};

/* The headers of a query behind Content-Type, in the order of PROTOCOL A1. */
static const struct header {
	const char *name;
	size_t offset; /* of the value in struct wire */
} query_headers[] = {
	{ "accept", offsetof(struct wire, accept) },
	{ "appid", offsetof(struct wire, appid) },
	{ "appvr", offsetof(struct wire, appvr) },
	{ "pf", offsetof(struct wire, pf) },
	{ "lan", offsetof(struct wire, lan) },
	{ "loc", offsetof(struct wire, loc) },
	{ "origin", offsetof(struct wire, origin) },
	{ "referer", offsetof(struct wire, referer) },
};

static void add_query_headers(
    struct draft *draft, const struct wire *wire, const char *pf)
{
	draft_add_header(draft, "Content-Type", "application/json");
	for (size_t i = 0; i < sizeof(query_headers) / sizeof(*query_headers); i++) {
		const struct header *header = &query_headers[i];
		const char *value =
		    *(char *const *)(const void *)((const char *)wire + header->offset);

		draft_add_header(
		    draft, header->name, pf && !strcmp(header->name, "pf") ? pf : value);
	}
}

static void add_api_url(struct draft *draft, const struct wire *wire, const char *path)
{
	buf_addf(&draft->url, "%s%s?aid=%s&device_platform=%s&region=%s", wire->api_base,
	    path, wire->aid, wire->device_platform, wire->region);
}

enum err_kind api_new(struct net *net, const struct wire *wire, const char *cookie,
    struct api **ret_api, struct err *err)
{
	_cleanup_free_ struct api *api = calloc(1, sizeof(*api));

	if (!api)
		return err_set(err, ERR_NOMEM, "no memory for the API client");
	LIST_INIT(&api->calls);
	api->net = net;
	api->wire = wire;
	if (secret_make(cookie, &api->cookie, err))
		return err->kind;
	*ret_api = TAKE_PTR(api);
	return ERR_OK;
}

void api_free(struct api *api)
{
	const bool has_calls = api && !LIST_EMPTY(&api->calls);
	struct call *call;
	struct err ignored;

	if (!api)
		return;
	while ((call = LIST_FIRST(&api->calls)))
		call_abandon(call);
	if (has_calls)
		(void)net_step(api->net, 0, &ignored);
	secret_release(&api->cookie);
	free(api);
}

enum err_kind api_set_cookie(struct api *api, const char *cookie, struct err *err)
{
	struct secret fresh;

	if (secret_make(cookie, &fresh, err))
		return err->kind;
	secret_release(&api->cookie);
	api->cookie = fresh;
	return ERR_OK;
}

/* --- query ----------------------------------------------------------------------- */

/* It comes for seconds to minutes after a submit, and passes: slow down, in our words. */
static bool is_lag(const struct reading *reading, struct err *err)
{
	const char *ret = reading->answer ? answer_ret(reading->answer) : NULL;
	const char *ours = reading->err.kind ? retcode_read_lag(ret) : NULL;

	*err = reading->err;
	if (ours)
		err_set(err, ERR_BUSY, "%s (ret '%s'); it is asked again, more slowly",
		    ours, ret);
	return ours != NULL;
}

static void finish_query(
    const struct call *call, const struct reading *reading, bool sent)
{
	struct err err;
	const bool lags = is_lag(reading, &err);
	const struct api_outcome outcome = {
		.err = err,
		.is_lag = lags,
		.answer = reading->err.kind ? NULL : reading->answer,
		.is_empty_body = reading->is_empty_body,
		.could_be_size = reading->could_be_size && call->n_ids > 1,
		.sent = sent,
	};

	call->on.query(call->payload, &outcome);
}

/* Adds `"submit_ids":["a","b"]` of the ids of this kind, nothing when there are none. */
static void add_ids(struct buf *body, const char *name, const char *const *ids,
    const bool *as_history, size_t n, bool wanted)
{
	size_t count = 0;

	for (size_t i = 0; i < n; i++) {
		if (as_history[i] != wanted)
			continue;
		if (count++ == 0)
			buf_addf(body, "%s\"%s\":[", body->len > 1 ? "," : "", name);
		else
			buf_addf(body, ",");
		buf_addf(body, "\"%s\"", ids[i]);
	}
	if (count)
		buf_addf(body, "]");
}

static enum err_kind query_body(const char *const *ids, const bool *as_history, size_t n,
    struct buf *body, struct err *err)
{
	for (size_t i = 0; i < n; i++)
		if (!taskid_is_valid(ids[i]))
			return err_set(err, ERR_USAGE, "'%.80s' can't be a task's id",
			    ids[i] ? ids[i] : "");
	buf_addf(body, "{");
	add_ids(body, "submit_ids", ids, as_history, n, false);
	add_ids(body, "history_ids", ids, as_history, n, true);
	buf_addf(body, "}");
	if (buf_failed(body))
		return err_set(err, ERR_NOMEM, "no memory for a query");
	return ERR_OK;
}

// NOLINTNEXTLINE(readability-function-size): two arrays, a length and a callback
enum err_kind api_query(struct api *api, const char *const *ids, const bool *as_history,
    size_t n, api_on_query *on_query, void *payload, struct err *err)
{
	_cleanup_(buf_release) struct buf body =
	    buf_make((n + 1) * (TASKID_MAX + 3) + 64);
	_cleanup_(draft_release) struct draft draft = draft_make();
	const struct call call = {
		.finish = finish_query,
		.on.query = on_query,
		.payload = payload,
		.n_ids = n,
	};

	if (n == 0 || n > api->wire->batch_max)
		return err_set(err, ERR_USAGE, "a query asks for 1 to %u ids, not %zu",
		    api->wire->batch_max, n);
	if (query_body(ids, as_history, n, &body, err))
		return err->kind;
	add_api_url(&draft, api->wire, api->wire->query_path);
	add_query_headers(&draft, api->wire, NULL);
	draft.cookie_header = "Cookie";
	draft.body = body.data;
	draft.body_len = body.len;
	draft.max_body_bytes = ANSWER_BODY_MAX;
	draft.timeout_ms = QUERY_TIMEOUT_MS;
	draft.wants_gzip = true;
	return call_start(api, &draft, &call, err);
}

/* --- submit ------------------------------------------------------------------------ */

/* The tree of `data`; NULL when there is none that can be read. */
static cJSON *data_of(const struct reading *reading)
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

static const char *first_id(const cJSON *data, const char *const *paths)
{
	for (size_t i = 0; data && paths[i]; i++) {
		const char *id = json_get_string(data, paths[i], NULL);

		if (taskid_is_valid(id))
			return id;
	}
	return NULL;
}

/* A "yes" that names no task is no yes that one could rely on. */
static void finish_submit(
    const struct call *call, const struct reading *reading, bool sent)
{
	static const char *const submit_paths[] = { "submit_id", "aigc_data.submit_id",
		"task.submit_id", "aigc_data.task.submit_id", NULL };
	static const char *const history_paths[] = { "history_id", "history_record_id",
		"aigc_data.history_record_id", "aigc_data.history_id", "task.history_id",
		"aigc_data.task.history_id", NULL };
	_cleanup_(json_deletep) cJSON *data = data_of(reading);
	struct submit_outcome outcome = {
		.err = reading->err,
		.sent = sent,
		.status = call->status,
		.submit_id = first_id(data, submit_paths),
		.history_id = first_id(data, history_paths),
		.ret = reading->answer ? answer_ret(reading->answer) : NULL,
		.may_have_started = reading->answer &&
		    (answer_mended(reading->answer) > 0 ||
			started_is_hinted(answer_text(reading->answer), call->submit_id)),
	};

	if (outcome.err.kind == ERR_OK && !outcome.submit_id && !outcome.history_id)
		err_set(&outcome.err, ERR_CONTRACT,
		    "the service accepted the submit without naming a task");
	call->on.submit(call->payload, &outcome);
}

/* Remember under which id a body submits. */
static void keep_submit_id(const char *body, char ret_id[TASKID_MAX + 1])
{
	_cleanup_(json_deletep) cJSON *json = NULL;
	struct err ignored;
	const char *id;

	if (json_parse(body, strlen(body), &json, &ignored))
		return;
	id = json_get_string(json, "submit_id", NULL);
	if (id && taskid_is_valid(id))
		(void)snprintf(ret_id, TASKID_MAX + 1, "%s", id);
}

enum err_kind api_submit(struct api *api, enum media_kind kind, const char *body,
    api_on_submit *on_submit, void *payload, struct err *err)
{
	_cleanup_(draft_release) struct draft draft = draft_make();
	const struct wire *wire = api->wire;
	struct call call = {
		.finish = finish_submit,
		.on.submit = on_submit,
		.payload = payload,
	};

	if (kind != MEDIA_IMAGE && kind != MEDIA_VIDEO)
		return err_set(err, ERR_USAGE, "only images and videos can be submitted");
	buf_addf(&draft.url, "%s%s", wire->submit_base,
	    kind == MEDIA_VIDEO ? wire->video_path : wire->image_path);
	draft_add_header(&draft, "Content-Type", "application/json");
	keep_submit_id(body, call.submit_id);
	draft.cookie_header = "cookie";
	draft.body = body;
	draft.body_len = strlen(body);
	draft.max_body_bytes = SMALL_BODY_MAX;
	draft.timeout_ms = SUBMIT_TIMEOUT_MS;
	draft.once = true;
	return call_start(api, &draft, &call, err);
}

/* --- credit ------------------------------------------------------------------------ */

static const int64_t CREDIT_MAX = INT64_C(1000000000000); /* of one sort */

/* The sum of what is told; -1 when nothing is. */
static int64_t total_credit(const cJSON *data)
{
	static const char *const paths[] = { "credit.vip_credit", "credit.gift_credit",
		"credit.purchase_credit", NULL };
	int64_t total = -1;

	for (size_t i = 0; data && paths[i]; i++) {
		const int64_t part = json_get_int_in(
		    data, paths[i], (struct json_range){ -1, CREDIT_MAX }, -1, NULL);

		if (part >= 0)
			total = part + (total < 0 ? 0 : total);
	}
	return total;
}

static void finish_credit(
    const struct call *call, const struct reading *reading, bool sent)
{
	_cleanup_(json_deletep) cJSON *data = data_of(reading);
	const struct service_credit outcome = {
		.err = reading->err,
		.total_credit = total_credit(data),
		.server_unix_ms =
		    reading->answer ? answer_server_unix_ms(reading->answer) : -1,
	};

	(void)sent;
	call->on.credit(call->payload, &outcome);
}

enum err_kind api_credit(
    struct api *api, service_on_credit *on_credit, void *payload, struct err *err)
{
	_cleanup_(draft_release) struct draft draft = draft_make();
	const struct wire *wire = api->wire;
	const int64_t now = clock_unix_ms() / 1000;
	const struct call call = {
		.finish = finish_credit,
		.on.credit = on_credit,
		.payload = payload,
	};
	char sign[HASH_HEX_MAX], moment[24];

	if (sign_make(wire->credit_path, wire->appvr, now, sign, err))
		return err->kind;
	(void)snprintf(moment, sizeof(moment), "%lld", (long long)now);
	add_api_url(&draft, wire, wire->credit_path);
	add_query_headers(&draft, wire, SIGN_PF);
	draft_add_header(&draft, "device-time", moment);
	draft_add_header(&draft, "sign", sign);
	draft_add_header(&draft, "sign-ver", "1");
	draft.cookie_header = "Cookie";
	draft.body = "{}";
	draft.body_len = 2;
	draft.max_body_bytes = SMALL_BODY_MAX;
	draft.timeout_ms = CREDIT_TIMEOUT_MS;
	return call_start(api, &draft, &call, err);
}
