/*
 * A submit leaves by its way (route.h), and what its answer says of what became of it,
 * which is the same for all.
 */
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "model/taskid.h"
#include "service/jimeng/read/retcode.h"
#include "service/jimeng/read/sent.h"
#include "service/jimeng/read/started.h"
#include "service/jimeng/send/client.h"
#include "service/jimeng/send/reply.h"
#include "service/jimeng/send/route.h"

enum { ANSWER_MAX = 1 << 20, TIMEOUT_MS = 180 * 1000 };

static const char *first_id(const cJSON *data, const char *const *paths)
{
	for (size_t i = 0; data && paths[i]; i++) {
		const char *id = json_get_string(data, paths[i], NULL);

		if (taskid_is_valid(id))
			return id;
	}
	return NULL;
}

/* What it costs, where the answer tells; a forecast is no price. */
static int64_t credits_of(const cJSON *data)
{
	static const char *const paths[] = { "commerce_info.credit_count",
		"aigc_data.commerce_info.credit_count", NULL };
	static const struct json_range range = { -1, TASK_NUMBER_MAX };
	int64_t credits = -1;

	for (size_t i = 0; data && paths[i] && credits < 0; i++)
		credits = json_get_int_in(data, paths[i], range, -1, NULL);
	return credits;
}

static void tell_sent(
    struct exchange *exchange, const struct submit_outcome *outcome, const cJSON *data)
{
	const struct service_sent sent = {
		.outcome = sent_outcome_of(outcome),
		.err = outcome->err,
		.fail_class = sent_fail_class(outcome->ret),
		.fail_code = outcome->ret && outcome->ret[0] ? outcome->ret : NULL,
		.reason = retcode_text(outcome->ret),
		.submit_id = outcome->submit_id,
		.history_id = outcome->history_id,
		.credits = credits_of(data),
	};

	exchange_sent(exchange, &sent);
}

/* A "yes" that names no task is no yes that one could rely on. */
static void finish_submit(struct exchange *exchange, const struct reply *reply)
{
	static const char *const submit_paths[] = { "submit_id", "aigc_data.submit_id",
		"task.submit_id", "aigc_data.task.submit_id", NULL };
	static const char *const history_paths[] = { "history_id", "history_record_id",
		"aigc_data.history_record_id", "aigc_data.history_id", "task.history_id",
		"aigc_data.task.history_id", NULL };
	_cleanup_(reading_release) struct reading reading = reply_take(exchange, reply);
	_cleanup_(json_deletep) cJSON *data = reading_data(&reading);
	struct submit_outcome outcome = {
		.err = reading.err,
		.sent = reply->sent,
		.status = reply->status,
		.submit_id = first_id(data, submit_paths),
		.history_id = first_id(data, history_paths),
		.ret = reading.answer ? answer_ret(reading.answer) : NULL,
		.may_have_started = reading.answer &&
		    (answer_mended(reading.answer) > 0 ||
			started_is_hinted(answer_text(reading.answer), exchange->notes)),
	};

	if (outcome.err.kind == ERR_OK && !outcome.submit_id && !outcome.history_id)
		err_set(&outcome.err, ERR_CONTRACT,
		    "the service accepted the submit without naming a task");
	tell_sent(exchange, &outcome, data);
}

/* Remembers under which id a body submits, as far as it tells. */
static enum err_kind keep_submit_id(
    struct exchange *exchange, const cJSON *body, struct err *err)
{
	const char *id = json_get_string(body, "submit_id", NULL);

	if (!id || !taskid_is_valid(id))
		return ERR_OK;
	exchange->notes = strdup(id);
	return exchange->notes ? ERR_OK
			       : err_set(err, ERR_NOMEM, "no memory for a submit");
}

static enum err_kind read_body(const char *body, cJSON **ret_json, struct err *err)
{
	struct err why = { .kind = ERR_OK };

	if (json_parse(body, strlen(body), ret_json, &why) && why.kind == ERR_NOMEM)
		return err_set(err, ERR_NOMEM, "no memory for a submit");
	return ERR_OK;
}

enum err_kind api_submit(
    struct exchange *exchange, enum media_kind kind, const char *body, struct err *err)
{
	const struct wire *wire = wire_of(exchange->service->settings);
	_cleanup_(draft_release) struct draft draft = draft_make();
	_cleanup_(json_deletep) cJSON *json = NULL;

	if (kind != MEDIA_IMAGE && kind != MEDIA_VIDEO)
		return err_set(err, ERR_USAGE, "only images and videos can be submitted");
	if (read_body(body, &json, err) || keep_submit_id(exchange, json, err) ||
	    route_of(json)->begin(&draft, wire, kind, err))
		return err->kind;
	draft.body = body;
	draft.body_len = strlen(body);
	draft.max_body_bytes = ANSWER_MAX;
	draft.timeout_ms = TIMEOUT_MS;
	draft.once = true;
	return draft_send(&draft, exchange, finish_submit, err);
}

const char *api_submit_address(const struct wire *wire)
{
	return route_find(wire->submit_via)->address(wire);
}

enum err_kind api_submit_body(const struct wire *wire,
    const struct service_request *request, char **ret_body, struct err *err)
{
	return route_find(wire->submit_via)->body(wire, request, ret_body, err);
}

enum err_kind api_submit_rename(const char *body, const char *submit_id,
    int64_t made_unix_ms, char **ret_body, struct err *err)
{
	_cleanup_(json_deletep) cJSON *json = NULL;

	if (read_body(body, &json, err))
		return err->kind;
	return route_of(json)->rename(body, submit_id, made_unix_ms, ret_body, err);
}
