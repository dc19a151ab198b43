#include "mcp/consent.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "mcp/params.h"
#include "mcp/put.h"
#include "mcp/tool.h"

enum { ABOUT_BYTES = 1 << 20 };

#define KEY "consent"
#define BOX "confirm"

static const cJSON *member(const cJSON *object, const char *name)
{
	return cJSON_GetObjectItemCaseSensitive(object, name);
}

/* --- the question ------------------------------------------------------------------ */

static cJSON *form_schema(const struct question *question)
{
	struct put_schema schema = put_schema_make();
	struct put box = put_make();

	put_text(&box, "type", "boolean");
	put_text(&box, "title", question->box);
	put_bool(&box, "default", false);
	put_schema_member(&schema, BOX, true, put_take(&box));
	return put_schema_take(&schema);
}

/* The first of the older revisions knows no modes: a form is what there is. */
static cJSON *form(const struct question *question, bool has_mode)
{
	struct put params = put_make();

	if (has_mode)
		put_text(&params, "mode", "form");
	put_text(&params, "message", question->message);
	put_item(&params, "requestedSchema", form_schema(question));
	return put_take(&params);
}

/* --- the answer -------------------------------------------------------------------- */

/* What the person has done. What says neither yes nor no is no answer. */
static enum consent judge(const cJSON *result)
{
	const cJSON *action = member(result, "action");
	const cJSON *box = member(member(result, "content"), BOX);

	if (!cJSON_IsString(action))
		return CONSENT_UNANSWERED;
	if (!strcmp(action->valuestring, "accept") && cJSON_IsBool(box))
		return cJSON_IsTrue(box) ? CONSENT_GIVEN : CONSENT_DECLINED;
	if (!strcmp(action->valuestring, "decline") ||
	    !strcmp(action->valuestring, "cancel"))
		return CONSENT_DECLINED;
	return CONSENT_UNANSWERED;
}

/* The tool and its arguments, in one order whoever wrote them. */
static char *about(const struct call *call)
{
	struct buf text = buf_make(ABOUT_BYTES);

	buf_addf(&text, "%s", call->tool->name);
	for (const struct param *param = call->tool->params; param->name; param++) {
		const cJSON *item = member(call->arguments, param->name);
		_cleanup_free_ char *value = item ? cJSON_PrintUnformatted(item) : NULL;

		if (value)
			buf_addf(&text, "\n%s=", param->name);
		if (value)
			buf_add(&text, value, strlen(value));
		if (item && !value)
			text.failed = true;
	}
	return buf_take(&text);
}

/* --- 2026-07-28: our result asks ---------------------------------------------------- */

static enum consent ask_by_result(struct call *call, struct answer *answer,
    const struct question *question, const char *what)
{
	struct put request = put_make(), requests = put_make(), result = put_make();
	struct dq_error error = { .status = DQ_OK };
	char paper[DQ_CONSENT_MAX];

	if (dq_consent_make(call->dq, what, paper, &error)) {
		answer_fail(answer, error.status, error.message);
		cJSON_Delete(put_take(&request));
		cJSON_Delete(put_take(&requests));
		cJSON_Delete(put_take(&result));
		return CONSENT_ANSWERED;
	}
	put_text(&request, "method", "elicitation/create");
	put_item(&request, "params", form(question, true));
	put_item(&requests, KEY, put_take(&request));
	put_text(&result, "resultType", "input_required");
	put_item(&result, "inputRequests", put_take(&requests));
	put_text(&result, "requestState", paper);
	answer_replace(answer, put_take(&result));
	return CONSENT_ANSWERED;
}

/* The paper that came back. CONSENT_UNANSWERED: there is none, or it is too old. */
static enum consent check_paper(
    struct call *call, struct answer *answer, const char *what, const char **ret_paper)
{
	const cJSON *state = member(call->params, "requestState");
	struct dq_error error = { .status = DQ_OK };
	enum dq_status status;

	*ret_paper = NULL;
	if (!state)
		return CONSENT_UNANSWERED;
	status = cJSON_IsString(state)
	    ? dq_consent_check(call->dq, what, state->valuestring, &error)
	    : DQ_USAGE;
	if (status == DQ_FAILED)
		return CONSENT_UNANSWERED;
	if (status == DQ_USAGE)
		answer_refuse(answer, RPC_PARAMS,
		    "\"requestState\" was altered, or belongs to another call", NULL);
	else if (status)
		answer_fail(answer, status, error.message);
	*ret_paper = status == DQ_OK ? state->valuestring : NULL;
	return status == DQ_OK ? CONSENT_GIVEN : CONSENT_ANSWERED;
}

static enum consent get_by_result(struct call *call, struct answer *answer,
    const struct question *question, const char *what, char ret_word[DQ_CONSENT_MAX])
{
	const char *paper;
	enum consent consent = check_paper(call, answer, what, &paper);

	if (consent == CONSENT_ANSWERED)
		return consent;
	if (paper)
		consent = judge(member(member(call->params, "inputResponses"), KEY));
	if (paper && consent == CONSENT_GIVEN)
		(void)snprintf(ret_word, DQ_CONSENT_MAX, "%s", paper);
	if (consent != CONSENT_UNANSWERED)
		return consent;
	if (!call->can_ask)
		return CONSENT_CANT_ASK;
	return ask_by_result(call, answer, question, what);
}

/* --- before: a request of ours ------------------------------------------------------ */

static enum consent get_by_request(struct call *call, struct answer *answer,
    const struct question *question, const char *what, char ret_word[DQ_CONSENT_MAX])
{
	struct dq_error error = { .status = DQ_OK };
	cJSON *result;
	enum consent consent;

	if (!call->can_ask)
		return CONSENT_CANT_ASK;
	/* The rest of the call's time is for what follows. */
	result = call_ask(call, "elicitation/create", form(question, false),
	    call->options->call_limit_ms / 4 * 3);
	consent = judge(result);
	cJSON_Delete(result);
	if (consent == CONSENT_GIVEN &&
	    dq_consent_make(call->dq, what, ret_word, &error)) {
		answer_fail(answer, error.status, error.message);
		return CONSENT_ANSWERED;
	}
	return consent;
}

enum consent consent_get(struct call *call, struct answer *answer,
    const struct question *question, char ret_word[DQ_CONSENT_MAX])
{
	_cleanup_free_ char *what = about(call);

	ret_word[0] = '\0';
	if (!what) {
		answer_fail(answer, DQ_STORAGE, "out of memory");
		return CONSENT_ANSWERED;
	}
	return (call->is_modern ? get_by_result : get_by_request)(
	    call, answer, question, what, ret_word);
}
