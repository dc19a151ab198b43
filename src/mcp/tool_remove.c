/*
 * tool_remove.c - dreamq_forget, dreamq_cancel: what takes something away. What is not
 * there, or can't be taken back, is told without a question.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/shell_word.h"
#include "dreamq/cancel.h"
#include "mcp/consent.h"
#include "mcp/tool.h"

enum { NAMED_MAX = 10, MESSAGE_CHARS = 200, TEXT_BYTES = 8000 };

struct removing {
	struct call *call;
	struct answer *answer;
	const char *verb; /* of the command line */
	const char *ids[PARAM_IDS_MAX];
	size_t n;
	cJSON *rows; /* borrowed: what became of each */
	size_t n_doable; /* what there is to be asked for */
	bool is_done;
};

static struct removing removing_make(
    struct call *call, struct answer *answer, const char *verb)
{
	struct removing removing = { .call = call,
		.answer = answer,
		.verb = verb,
		.rows = put_array(&answer->structured, "tasks") };

	removing.n = params_ids(call->arguments, removing.ids);
	return removing;
}

static void add_row(struct removing *removing, const struct dq_cancelled *what)
{
	struct put row = put_make();
	cJSON *json;

	put_strange(&row, "submit_id", what->submit_id, DQ_ID_MAX);
	put_text(&row, "outcome", what->outcome);
	put_text(&row, "state", what->state);
	put_strange(&row, "message", what->text, MESSAGE_CHARS);
	json = put_take(&row);
	answer_say(removing->answer, "%s %s%s%s", what->submit_id, what->outcome,
	    what->text ? ": " : "", what->text ? what->text : "");
	if (!removing->rows || !answer_fits(removing->answer, json) ||
	    !cJSON_AddItemToArray(removing->rows, json))
		cJSON_Delete(json);
}

static void tell(struct removing *removing, const char *outcome, const char *next)
{
	put_text(&removing->answer->structured, "outcome", outcome);
	put_text(&removing->answer->structured, "next", next);
	answer_say(removing->answer, "%s", next);
}

/* --- the question ----------------------------------------------------------- */

static char *command(const struct removing *removing)
{
	const char *place = removing->call->options->place;
	struct buf text = buf_make(TEXT_BYTES);
	bool has_dash = false;

	for (size_t i = 0; i < removing->n; i++)
		has_dash |= *shell_dashes(removing->ids[i]) != '\0';
	buf_addf(&text, "dreamq %s%s%s", removing->verb, place ? place : "",
	    has_dash ? " --" : "");
	for (size_t i = 0; i < removing->n; i++)
		buf_addf(&text, " %s", removing->ids[i]);
	return buf_take(&text);
}

static char *message(const struct removing *removing, const char *what)
{
	const char *profile = removing->call->options->session->profile;
	struct buf text = buf_make(TEXT_BYTES);

	buf_addf(&text, "An agent asks to %s, in profile '%s':", what,
	    profile ? profile : "default");
	for (size_t i = 0; i < removing->n && i < NAMED_MAX; i++)
		buf_addf(&text, "\n%s", removing->ids[i]);
	if (removing->n > NAMED_MAX)
		buf_addf(&text, "\nand %zu more", removing->n - NAMED_MAX);
	return buf_take(&text);
}

static void need_person(struct removing *removing)
{
	_cleanup_free_ char *line = command(removing);

	answer_need_person(removing->answer,
	    "this takes something away, and this client has no way to ask the person",
	    line ? line : "dreamq help");
}

/* False: it may not be done, and the answer says so, or asks. */
static bool ask(struct removing *removing, const char *what, const char *box)
{
	_cleanup_free_ char *text = message(removing, what);
	const struct question question = { text, box };
	char word[DQ_CONSENT_MAX];

	if (!text) {
		answer_fail(removing->answer, DQ_STORAGE, "out of memory");
		return false;
	}
	switch (consent_get(removing->call, removing->answer, &question, word)) {
	case CONSENT_GIVEN:
		return true;
	case CONSENT_DECLINED:
		tell(removing, "declined",
		    "The person said no, and nothing was changed. Do not ask again "
		    "unless they want it.");
		break;
	case CONSENT_UNANSWERED:
		tell(removing, "unanswered",
		    "The person has not answered in time, and nothing was changed. Call "
		    "again with the same arguments to ask once more.");
		break;
	case CONSENT_CANT_ASK:
		need_person(removing);
		break;
	case CONSENT_ANSWERED:
		break;
	}
	return false;
}

/* --- dreamq_forget ------------------------------------------------------------ */

/* Tells those that are not there; the others are what is asked for. */
static bool look_for(struct removing *removing)
{
	size_t known = 0;

	for (size_t i = 0; i < removing->n; i++) {
		struct dq_error error = { .status = DQ_OK };
		const enum dq_status status =
		    dq_show(removing->call->dq, removing->ids[i], &error);

		if (status == DQ_OK)
			removing->ids[known++] = removing->ids[i];
		else if (status == DQ_FAILED)
			add_row(removing,
			    &(struct dq_cancelled){ .submit_id = removing->ids[i],
				.outcome = "unknown",
				.text = "the ledger has no such task" });
		else {
			answer_fail(removing->answer, status, error.message);
			return false;
		}
	}
	removing->n = known;
	return true;
}

static void forget_one(struct removing *removing, const char *id)
{
	struct dq_error error = { .status = DQ_OK };
	struct dq_cancelled row = { .submit_id = id, .outcome = "forgotten" };

	if (dq_forget(removing->call->dq, id, &error)) {
		row.outcome = error.status == DQ_FAILED ? "unknown" : "failed";
		row.text = error.message;
	}
	add_row(removing, &row);
}

static void run_forget(struct call *call, struct answer *answer)
{
	struct removing removing = removing_make(call, answer, "forget");

	if (!look_for(&removing))
		return;
	if (removing.n > 0 &&
	    !ask(&removing,
		"remove tasks from the ledger. Their files stay, and what they were "
		"submitted for is not known any more, so that the same request would be "
		"paid again",
		"Yes, forget them"))
		return;
	for (size_t i = 0; i < removing.n; i++)
		forget_one(&removing, removing.ids[i]);
	tell(&removing, "done",
	    "Nothing more is to be done. dreamq_get takes a task in again.");
}

/* --- dreamq_cancel ------------------------------------------------------------ */

static void hear_plan(void *payload, const struct dq_cancelled *cancelled)
{
	struct removing *removing = payload;

	removing->n_doable += !strcmp(cancelled->outcome, "queued");
}

static void hear_cancelled(void *payload, const struct dq_cancelled *cancelled)
{
	struct removing *removing = payload;

	add_row(removing, cancelled);
	removing->is_done = true;
}

static void run_cancel(struct call *call, struct answer *answer)
{
	struct removing removing = removing_make(call, answer, "cancel");
	struct dq_error error = { .status = DQ_OK };
	enum dq_status status = dq_cancel_plan(
	    call->dq, removing.ids, removing.n, hear_plan, &removing, &error);

	if (status) {
		answer_fail(answer, status, error.message);
		return;
	}
	if (removing.n_doable > 0 &&
	    !ask(&removing, "take back tasks that are still in the service's queue",
		"Yes, cancel them"))
		return;
	if (removing.n_doable > 0)
		status = dq_cancel(call->dq, removing.ids, removing.n, hear_cancelled,
		    &removing, &error);
	else
		status = dq_cancel_plan(call->dq, removing.ids, removing.n,
		    hear_cancelled, &removing, &error);
	if (!removing.is_done)
		answer_fail(answer, status, error.message);
	else
		tell(&removing, "done",
		    "What became of each task stands with it; dreamq_query looks "
		    "again.");
}

/* --- the tools ------------------------------------------------------------------ */

static const struct param ids_params[] = {
	{ "ids", PARAM_IDS, .is_required = true, .description = "submit ids" },
	{ .name = NULL },
};

static const struct shape row_shape[] = {
	{ "submit_id", SHAPE_TEXT, ALWAYS, NULL },
	{ "outcome", SHAPE_TEXT, ALWAYS, NULL },
	{ "state", SHAPE_TEXT, MAY_LACK, NULL },
	{ "message", SHAPE_STRANGE, MAY_LACK, NULL },
	SHAPE_END,
};

static const struct shape removed[] = {
	{ "outcome", SHAPE_TEXT, ALWAYS, NULL },
	{ "tasks", SHAPE_LIST, ALWAYS, row_shape },
	{ "next", SHAPE_TEXT, ALWAYS, NULL },
	SHAPE_END,
};

const struct tool tool_forget = {
	.name = "dreamq_forget",
	.title = "Forget tasks",
	.description = "Remove tasks from the local ledger (忘掉任务、删除记录); files "
		       "stay, and the service is not asked. The person is asked. The "
		       "same request would then be submitted, and paid, again.",
	.params = ids_params,
	.output = removed,
	.needs = NEEDS_DELETE,
	.run = run_forget,
};

const struct tool tool_cancel = {
	.name = "dreamq_cancel",
	.title = "Cancel queued tasks",
	.description =
	    "Cancel tasks that are still in the service's queue (取消排队的任务、撤回): "
	    "they are taken back. One that runs can't be. The person is asked.",
	.params = ids_params,
	.output = removed,
	.needs = NEEDS_DELETE,
	.asks_service = true,
	.run = run_cancel,
};
