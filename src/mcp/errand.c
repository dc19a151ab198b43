#include "mcp/errand.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "dreamq/changes.h"

/* --- what is known of one ---------------------------------------------------------- */

/* The library's word, the extension's, and where the outcome stands. */
static const struct status {
	const char *state, *status, *outcome;
} statuses[] = {
	{ "working", "working", NULL },
	{ "done", "completed", "result" },
	{ "failed", "failed", "error" },
	{ "cancelled", "cancelled", NULL },
};

static const struct status *status_of(const char *state)
{
	for (size_t i = 0; i < sizeof(statuses) / sizeof(*statuses); i++)
		if (!strcmp(statuses[i].state, state))
			return &statuses[i];
	return &statuses[0];
}

/* Of what we have written ourselves. */
static cJSON *parse(const char *text)
{
	cJSON *json = NULL;
	struct err ignored;

	return json_parse(text, strlen(text), &json, &ignored) ? NULL : json;
}

static void hear_view(void *payload, const struct dq_errand *errand)
{
	const struct status *is = status_of(errand->state);
	struct put *view = payload;

	put_text(view, "taskId", errand->id);
	put_text(view, "status", is->status);
	put_time(view, "createdAt", errand->made_unix_ms);
	put_time(view, "lastUpdatedAt", errand->changed_unix_ms);
	put_number(view, "ttlMs", errand->expires_unix_ms - errand->made_unix_ms);
	put_number(view, "pollIntervalMs", ERRAND_POLL_MS);
	if (is->outcome && errand->outcome)
		put_item(view, is->outcome, parse(errand->outcome));
}

cJSON *errand_view(struct dq *dq, const char *id, struct dq_error *err)
{
	struct put view = put_make();
	const enum dq_status status = dq_errand_show(dq, id, hear_view, &view, err);
	cJSON *json = put_take(&view);

	if (!status && json)
		return json;
	cJSON_Delete(json);
	return NULL;
}

/* --- making and ending it ---------------------------------------------------------- */

void errand_make(const struct call *call, struct answer *answer)
{
	_cleanup_free_ char *arguments =
	    call->arguments ? cJSON_PrintUnformatted(call->arguments) : strdup("{}");
	char id[DQ_ERRAND_ID_LEN + 1];
	struct dq_error ignored;
	struct put handle;

	if (!arguments ||
	    dq_errand_begin(
		call->dq, call->tool->name, arguments, ERRAND_TTL_MS, id, &ignored))
		return;
	handle = put_into(errand_view(call->dq, id, &ignored));
	put_text(&handle, "resultType", "task");
	if (handle.failed) {
		cJSON_Delete(handle.object);
		return;
	}
	answer_replace(answer, put_take(&handle));
	call_errand(call, id, true);
}

struct taking {
	const struct tool *tool; /* NULL: there is nothing to do */
	cJSON *arguments;
};

/* Nothing that has to be allowed lasts: whatever stands there, it is not done. */
static const struct mcp_may nothing_more = { .submit = false };

static void hear_taken(void *payload, const struct dq_errand *errand)
{
	struct taking *taking = payload;

	if (strcmp(errand->state, "working") != 0)
		return;
	taking->tool = tool_find(&nothing_more, errand->what);
	if (taking->tool)
		taking->arguments = parse(errand->arguments);
}

cJSON *errand_take(struct dq *dq, const char *id, const struct tool **ret_tool)
{
	struct taking taking = { NULL, NULL };
	struct dq_error ignored;

	if (dq_errand_show(dq, id, hear_taken, &taking, &ignored))
		return NULL;
	*ret_tool = taking.tool;
	return taking.arguments;
}

static cJSON *error_of(struct answer *answer)
{
	struct put error = put_make();

	put_item(&error, "code", cJSON_CreateNumber(answer->code));
	put_text(&error, "message", answer->why);
	if (answer->data)
		put_item(&error, "data", TAKE_PTR(answer->data));
	return put_take(&error);
}

static cJSON *result_of(struct answer *answer)
{
	struct put result = put_into(answer_take(answer));

	put_text(&result, "resultType", "complete");
	if (!result.failed)
		return put_take(&result);
	cJSON_Delete(result.object);
	return NULL;
}

void errand_end(struct dq *dq, const char *id, struct answer *answer)
{
	const bool has_failed = answer->code != RPC_OK;
	cJSON *json = has_failed ? error_of(answer) : result_of(answer);
	_cleanup_free_ char *text = json ? cJSON_PrintUnformatted(json) : NULL;
	struct dq_error ignored;

	cJSON_Delete(json);
	/* What can't be written is found out once more by whoever asks. */
	if (text)
		(void)dq_errand_end(
		    dq, id, has_failed ? "failed" : "done", text, &ignored);
}

/* --- the methods ------------------------------------------------------------------- */

static const char *id_of(const struct call *call)
{
	const cJSON *id = cJSON_GetObjectItemCaseSensitive(call->arguments, "taskId");

	return cJSON_IsString(id) ? id->valuestring : NULL;
}

/* NULL: the answer says why. */
static cJSON *look(const struct call *call, struct answer *answer)
{
	struct dq_error error = { .status = DQ_FAILED };
	const char *id = id_of(call);
	cJSON *view = id ? errand_view(call->dq, id, &error) : NULL;

	if (view)
		return view;
	if (error.status == DQ_FAILED)
		answer_refuse(answer, RPC_PARAMS, "there is no such task", NULL);
	else
		answer_refuse(answer, RPC_INTERNAL, error.message, NULL);
	return NULL;
}

static bool is_working(const cJSON *view)
{
	const cJSON *status = cJSON_GetObjectItemCaseSensitive(view, "status");

	return cJSON_IsString(status) && !strcmp(status->valuestring, "working");
}

static void run_get(struct call *call, struct answer *answer)
{
	cJSON *view = look(call, answer);

	if (view && is_working(view))
		call_errand(call, id_of(call), true);
	if (view)
		answer_replace(answer, view);
}

static void run_cancel(struct call *call, struct answer *answer)
{
	cJSON *view = look(call, answer);
	struct dq_error error;

	if (!view)
		return;
	cJSON_Delete(view);
	if (dq_errand_end(call->dq, id_of(call), "cancelled", NULL, &error)) {
		answer_refuse(answer, RPC_INTERNAL, error.message, NULL);
		return;
	}
	call_errand(call, id_of(call), false);
	answer_replace(answer, cJSON_CreateObject());
}

/* No errand asks anything while it runs, so nothing is outstanding, and every answer is
 * one to be passed over. */
static void run_update(struct call *call, struct answer *answer)
{
	const cJSON *responses =
	    cJSON_GetObjectItemCaseSensitive(call->arguments, "inputResponses");
	cJSON *view;

	if (!cJSON_IsObject(responses)) {
		answer_refuse(
		    answer, RPC_PARAMS, "\"inputResponses\" must be an object", NULL);
		return;
	}
	view = look(call, answer);
	if (!view)
		return;
	cJSON_Delete(view);
	answer_replace(answer, cJSON_CreateObject());
}

const struct tool errand_get = { .name = "tasks/get", .run = run_get };
const struct tool errand_cancel = { .name = "tasks/cancel", .run = run_cancel };
const struct tool errand_update = { .name = "tasks/update", .run = run_update };
