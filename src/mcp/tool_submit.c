/*
 * tool_submit.c - dreamq_submit, dreamq_run, dreamq_reroll: what costs credits.
 *
 *   plan (nothing is sent) ──► known: no question ─────────────► submit, once ──► outcome
 *                          └─► new: a person's yes, or a limit ──┘
 *
 * The key (wish.h) makes a call that comes again the same task, whatever became of its
 * answer; the library sends each task once, and never again because an answer is lost.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "mcp/consent.h"
#include "mcp/fetch.h"
#include "mcp/tool.h"
#include "mcp/view.h"
#include "mcp/wish.h"

enum {
	SUBMIT_LEAST_MS = 1000, /* what has left has so long to be answered */
	MESSAGE_CHARS = 300,
};

struct submitting {
	struct call *call;
	struct answer *answer;
	struct wish wish;
	char word[DQ_CONSENT_MAX]; /* the person's; "": nobody was asked */
	char id[DQ_ID_MAX + 1]; /* once it is on disk */
	bool is_known;
	int64_t credits; /* expected; -1: nobody knows */
	enum dq_status status;
	struct dq_error error;
	cJSON *task; /* as it was heard of last; NULL: never */
};

static void submitting_release(struct submitting *submitting)
{
	wish_release(&submitting->wish);
	cJSON_Delete(submitting->task);
}

static const struct mcp_may *may(const struct submitting *submitting)
{
	return &submitting->call->options->may;
}

/* --- what it would be --------------------------------------------------- */

static void hear_planned(void *payload, const struct dq_planned *planned)
{
	struct submitting *submitting = payload;

	submitting->is_known = planned->is_known;
	submitting->credits = planned->credits;
}

static struct dq_batch batch_of(struct submitting *submitting)
{
	return (struct dq_batch){ .size_bytes = sizeof(struct dq_batch),
		.submits = &submitting->wish.submit,
		.n = 1,
		.payload = submitting,
		.max_credits = may(submitting)->max_credits };
}

/* Judged as it will be, and nothing is recorded or sent. False: it can't be. */
static bool plan(struct submitting *submitting)
{
	struct dq_batch batch = batch_of(submitting);
	struct dq_error error = { .status = DQ_OK };
	enum dq_status status;

	batch.dry_run = true;
	batch.on_planned = hear_planned;
	status = dq_submit_all(submitting->call->dq, &batch, &error);
	if (status)
		answer_fail(submitting->answer, status, error.message);
	return status == DQ_OK;
}

/* --- whether it may ------------------------------------------------------ */

static void tell_undone(
    struct submitting *submitting, const char *outcome, const char *next)
{
	struct put *into = &submitting->answer->structured;

	put_text(into, "outcome", outcome);
	put_text(into, "next", next);
	answer_say(submitting->answer, "%s: nothing was submitted. %s", outcome, next);
}

static void tell_command(struct submitting *submitting, const char *why)
{
	_cleanup_free_ char *command = wish_command(&submitting->wish, submitting->call);

	answer_need_person(
	    submitting->answer, why, command ? command : "dreamq submit --prompt=@FILE");
}

/* False: it may not, and the answer says so, or asks. */
static bool ask(struct submitting *submitting)
{
	_cleanup_free_ char *message =
	    wish_question(&submitting->wish, submitting->call, submitting->credits);
	const struct question question = { message,
		"Yes, submit it once and spend the "
		"credits" };
	enum consent consent;

	if (!message) {
		answer_fail(submitting->answer, DQ_STORAGE, "out of memory");
		return false;
	}
	consent = consent_get(
	    submitting->call, submitting->answer, &question, submitting->word);
	switch (consent) {
	case CONSENT_GIVEN:
		submitting->wish.submit.consent = submitting->word;
		return true;
	case CONSENT_DECLINED:
		tell_undone(submitting, "declined",
		    "The person said no. Do not ask again unless they want it.");
		break;
	case CONSENT_UNANSWERED:
		tell_undone(submitting, "unanswered",
		    "The person has not answered in time. Call again with the same "
		    "arguments to ask once more.");
		break;
	case CONSENT_CANT_ASK:
		tell_command(submitting,
		    "this costs credits, and this client has no way to ask the person");
		break;
	case CONSENT_ANSWERED:
		break;
	}
	return false;
}

/* --- sending it ------------------------------------------------------------ */

static void hear_id(void *payload, size_t i, const char *submit_id, bool is_known)
{
	struct submitting *submitting = payload;

	(void)i;
	(void)snprintf(submitting->id, sizeof(submitting->id), "%s", submit_id);
	submitting->is_known = is_known;
}

static void hear_task(void *payload, const struct dq_event *event)
{
	struct submitting *submitting = payload;

	if (!event->task || strcmp(event->task->submit_id, submitting->id) != 0)
		return;
	cJSON_Delete(submitting->task);
	submitting->task = view_task(event->task);
	if (event->task->credits >= 0)
		submitting->credits = event->task->credits;
}

/* The plan has judged the arguments: what is refused now, unasked, is one too many. */
static void fail_unsent(struct submitting *submitting)
{
	const char *message = submitting->error.message;

	if (submitting->status == DQ_USAGE && may(submitting)->without_asking)
		tell_command(submitting, message);
	else
		answer_fail(submitting->answer, submitting->status, message);
}

static bool submit(struct submitting *submitting)
{
	struct call *call = submitting->call;
	struct dq_batch batch = batch_of(submitting);
	struct dq_error ignored;

	batch.on_id = hear_id;
	batch.max_wait_ms = call_left_ms(call, call->options->call_limit_ms);
	if (batch.max_wait_ms < SUBMIT_LEAST_MS)
		batch.max_wait_ms = SUBMIT_LEAST_MS;
	submitting->status = dq_submit_all(call->dq, &batch, &submitting->error);
	if (!submitting->id[0]) {
		fail_unsent(submitting);
		return false;
	}
	call_listen(call, hear_task, submitting);
	(void)dq_show(call->dq, submitting->id, &ignored);
	call_listen(call, NULL, NULL);
	return true;
}

/* False: no task came of it, and the answer is made. */
static bool bring_about(struct submitting *submitting)
{
	char why[200];

	if (!wish_make(submitting->call, &submitting->wish, why)) {
		answer_fail(submitting->answer, DQ_USAGE, why);
		return false;
	}
	submitting->wish.submit.idempotency_key = submitting->wish.key;
	if (!plan(submitting))
		return false;
	if (may(submitting)->without_asking)
		submitting->wish.submit.max_unasked_a_day =
		    may(submitting)->unasked_a_day;
	if (!submitting->is_known && !may(submitting)->without_asking && !ask(submitting))
		return false;
	return submit(submitting);
}

/* --- what came of it -------------------------------------------------------- */

static const struct outcome {
	const char *state; /* of the task; NULL: any other */
	const char *name, *next;
} outcomes[] = {
	{ "submitting", "waiting",
	    "It is recorded, and was not accepted yet. dreamq_get with its id sends it, "
	    "once, when that is possible. Do not submit again." },
	{ "unknown", "unclear",
	    "Nobody knows yet whether it has arrived; it is never sent twice. Call "
	    "dreamq_get with its id, which finds out. Do not submit again." },
	{ "failed", "failed",
	    "It has failed. Tell the person why; only dreamq_reroll, or another 'copy', "
	    "pays for a new one." },
	{ "cancelled", "failed",
	    "It was cancelled. Only dreamq_reroll, or another 'copy', pays for a new "
	    "one." },
	{ "not_found", "failed",
	    "The service does not know it: it has not arrived. Only dreamq_reroll, or "
	    "another 'copy', submits a new one." },
	{ NULL, "submitted",
	    "Call dreamq_get with its id to wait and fetch the files. Do not submit "
	    "again because it is slow." },
};

static const struct outcome *outcome_of(const struct submitting *submitting)
{
	const cJSON *item = cJSON_GetObjectItemCaseSensitive(submitting->task, "state");
	const char *state = cJSON_IsString(item) ? item->valuestring : "unknown";
	const struct outcome *outcome = outcomes;

	while (outcome->state && strcmp(outcome->state, state) != 0)
		outcome++;
	return outcome;
}

/* All but `next`. Returns the outcome. */
static const struct outcome *tell(struct submitting *submitting)
{
	struct answer *answer = submitting->answer;
	struct put *into = &answer->structured;
	const struct outcome *outcome = outcome_of(submitting);
	const bool was_before = submitting->is_known && !outcome->state;

	put_text(into, "outcome", was_before ? "known" : outcome->name);
	put_text(into, "submit_id", submitting->id);
	put_bool(into, "known", submitting->is_known);
	put_strange(into, "idempotency_key", submitting->wish.key, WISH_KEY_BYTES);
	put_number(into, "credits", submitting->credits);
	answer_say(answer, "%s: %s%s", was_before ? "known" : outcome->name,
	    submitting->id,
	    submitting->is_known
		? " (the same request as before: nothing was sent or paid again; "
		  "another 'copy' makes another one)"
		: "");
	if (submitting->credits >= 0)
		answer_say(answer, "cost: %lld credits", (long long)submitting->credits);
	return outcome;
}

static void put_problem(struct submitting *submitting)
{
	struct answer *answer = submitting->answer;
	const bool is_of_task =
	    submitting->status == DQ_FAILED || submitting->status == DQ_RUNNING;
	const char *class = is_of_task ? "task" : answer_error_class(submitting->status);

	put_text(&answer->structured, "problem", class);
	put_strange(
	    &answer->structured, "message", submitting->error.message, MESSAGE_CHARS);
	answer_say(answer, "%s: %s", class, submitting->error.message);
}

static void put_next(struct submitting *submitting, const struct outcome *outcome)
{
	struct answer *answer = submitting->answer;
	const bool is_login = submitting->status == DQ_AUTH;
	const char *next = is_login
	    ? "It is recorded and waits, unsent and unpaid: ask the person to run "
	      "'dreamq auth import' in a terminal, then call dreamq_get with its id. Do "
	      "not submit again."
	    : outcome->next;

	if (submitting->status)
		put_problem(submitting);
	if (submitting->task) {
		view_say(answer, submitting->task);
		put_item(&answer->structured, "task", TAKE_PTR(submitting->task));
	}
	put_text(&answer->structured, "next", next);
	answer_say(answer, "%s", next);
}

static struct submitting submitting_make(struct call *call, struct answer *answer)
{
	return (struct submitting){ .call = call, .answer = answer, .credits = -1 };
}

static void run_submit(struct call *call, struct answer *answer)
{
	_cleanup_(submitting_release) struct submitting submitting =
	    submitting_make(call, answer);

	if (bring_about(&submitting))
		put_next(&submitting, tell(&submitting));
}

/* What can't be fetched is told as a submit is. */
static void run_run(struct call *call, struct answer *answer)
{
	_cleanup_(submitting_release) struct submitting submitting =
	    submitting_make(call, answer);
	const struct outcome *outcome;

	if (!bring_about(&submitting))
		return;
	outcome = tell(&submitting);
	if (submitting.status == DQ_OK) {
		submitting.status = fetch(call, answer, submitting.id, &submitting.error);
		if (submitting.status == DQ_OK)
			return;
	}
	put_next(&submitting, outcome);
}

/* --- the tools ---------------------------------------------------------------- */

#define SUBMITTED                                              \
	{ "outcome", SHAPE_TEXT, ALWAYS, NULL },               \
	    { "submit_id", SHAPE_TEXT, MAY_LACK, NULL },       \
	    { "known", SHAPE_BOOL, MAY_LACK, NULL },           \
	    { "idempotency_key", SHAPE_TEXT, MAY_LACK, NULL }, \
	    { "credits", SHAPE_INTEGER, MAY_LACK, NULL },      \
	    { "problem", SHAPE_TEXT, MAY_LACK, NULL },         \
	    { "message", SHAPE_STRANGE, MAY_LACK, NULL },      \
	    { "task", SHAPE_OBJECT, MAY_LACK, shape_task },    \
	{                                                      \
		"next", SHAPE_TEXT, ALWAYS, NULL               \
	}

static const struct shape submitted[] = { SUBMITTED, SHAPE_END };

static const struct shape run_shape[] = { SUBMITTED, FETCHED, SHAPE_END };

const struct tool tool_submit = {
	.name = "dreamq_submit",
	.title = "Start a generation (costs credits)",
	.description =
	    "Start one generation and tell its id (提交任务、开始生成). COSTS CREDITS; "
	    "the person is asked. The same arguments are the same task, paid once, "
	    "however often the call is repeated. Then use dreamq_get.",
	.params = wish_params,
	.output = submitted,
	.needs = NEEDS_SUBMIT,
	.asks_service = true,
	.run = run_submit,
};

const struct tool tool_run = {
	.name = "dreamq_run",
	.title = "Make it and bring it home (costs credits)",
	.description =
	    "Make something new and fetch it (生成并下载), in the same call as far as "
	    "its time goes. COSTS CREDITS; the person is asked. Repeat the call, or "
	    "dreamq_get, until complete is true: it is paid once.",
	.params = wish_params,
	.output = run_shape,
	.needs = NEEDS_SUBMIT,
	.asks_service = true,
	.run = run_run,
};

const struct tool tool_reroll = {
	.name = "dreamq_reroll",
	.title = "Once more (costs credits)",
	.description = "Repeat a task once more (再来一张、重新生成): what was submitted "
		       "for it, as a new task. COSTS CREDITS AGAIN; the person is asked. "
		       "The same call again gives that new task.",
	.params = repeat_params,
	.output = submitted,
	.needs = NEEDS_SUBMIT,
	.asks_service = true,
	.run = run_submit,
};
