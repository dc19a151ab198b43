/*
 * run.c - a call on its own thread: a session, the tool, and its answer.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "mcp/errand.h"
#include "mcp/reply.h"
#include "mcp/running.h"
#include "mcp/tool.h"

enum { ANSWER_MS = 5000 }; /* at most, of the limit of a call, for its answer */

/* --- for tools --------------------------------------------------------------------- */

const char *call_text(const struct call *call, const char *name)
{
	return params_text(call->arguments, name);
}

int64_t call_integer(const struct call *call, const char *name)
{
	return params_integer(call->tool->params, call->arguments, name);
}

void call_listen(struct call *call, call_hear *hear, void *payload)
{
	call->hear = hear;
	call->payload = payload;
}

int64_t call_left_ms(const struct call *call, int64_t limit_ms)
{
	const int64_t all_ms = call->options->call_limit_ms;
	const int64_t most_ms =
	    all_ms - (all_ms / 4 < ANSWER_MS ? all_ms / 4 : ANSWER_MS);
	const int64_t left_ms =
	    call->began_ms + (limit_ms < most_ms ? limit_ms : most_ms) - clock_mono_ms();

	return left_ms > 1 ? left_ms : 1;
}

cJSON *call_ask(struct call *call, const char *method, cJSON *params, int64_t limit_ms)
{
	struct running *running = (struct running *)call; /* it is the first member */
	struct ask ask = { .peer = running->peer,
		.wire = running->wire,
		.method = method,
		.params = params,
		.until_ms = call->began_ms + limit_ms,
		.is_over = { &running->is_cancelled, &running->is_late } };
	cJSON *result =
	    params && running->wire ? asks_ask(&running->calls->asks, &ask) : NULL;

	cJSON_Delete(params);
	return result;
}

int64_t call_wait_ms(struct call *call, int64_t asked_ms)
{
	call->wait_ms = asked_ms;
	if (call->how == CALL_ERRAND)
		return 0;
	if (call->how == CALL_AT_ONCE && asked_ms > CALL_AT_ONCE_MS)
		asked_ms = CALL_AT_ONCE_MS;
	return call_left_ms(call, asked_ms);
}

void call_errand(const struct call *call, const char *id, bool is_wanted)
{
	/* It is the first member. */
	const struct running *running = (const struct running *)call;
	struct calls *calls = running->calls;
	struct handed *handed = NULL;

	(void)pthread_mutex_lock(&calls->lock);
	if (calls->n_handed < HANDED_MAX)
		handed = &calls->handed[calls->n_handed++];
	if (handed) {
		handed->is_wanted = is_wanted;
		(void)snprintf(handed->id, sizeof(handed->id), "%s", id);
	}
	(void)pthread_mutex_unlock(&calls->lock);
}

/* --- what it hears ----------------------------------------------------------------- */

/* How far it is, for whoever wants to be told (calls_step()). */
static void note_news(struct running *running, const struct dq_totals *totals)
{
	char iso[CLOCK_ISO_MAX], news[NEWS_BYTES];
	const bool is_expected = totals->eta_unix_ms > clock_unix_ms();

	(void)snprintf(news, sizeof(news),
	    "%zu of %zu tasks ended, %zu of %zu files stored%s%s", totals->tasks_ended,
	    totals->tasks, totals->files_stored, totals->files,
	    is_expected ? ", the last is expected at " : "",
	    is_expected ? clock_iso(totals->eta_unix_ms, iso) : "");
	(void)pthread_mutex_lock(&running->calls->lock);
	memcpy(running->news, news, sizeof(running->news));
	(void)pthread_mutex_unlock(&running->calls->lock);
}

static void hear(void *payload, const struct dq_event *event)
{
	struct running *running = payload;
	const struct call *call = &running->call;

	switch (event->type) {
	case DQ_EVENT_NOTE:
	case DQ_EVENT_LOG:
		(void)pthread_mutex_lock(&running->calls->talk);
		call->options->on_note(call->options->payload, event);
		(void)pthread_mutex_unlock(&running->calls->talk);
		break;
	case DQ_EVENT_TICK:
	case DQ_EVENT_PROGRESS:
		if (running->message.progress_token && event->totals)
			note_news(running, event->totals);
		break;
	case DQ_EVENT_TASK:
	case DQ_EVENT_STATE:
	case DQ_EVENT_STORED:
		if (call->hear)
			call->hear(call->payload, event);
		break;
	}
}

/* --- the tool ---------------------------------------------------------------------- */

/* From now on, or no longer, it can be interrupted. */
static void set_session(struct running *running, struct dq *dq)
{
	(void)pthread_mutex_lock(&running->calls->lock);
	running->dq = dq;
	if (dq && (running->is_cancelled || running->is_late))
		dq_interrupt(dq);
	(void)pthread_mutex_unlock(&running->calls->lock);
}

static bool is_stopped(struct running *running)
{
	bool is;

	(void)pthread_mutex_lock(&running->calls->lock);
	is = running->is_cancelled || running->is_late;
	(void)pthread_mutex_unlock(&running->calls->lock);
	return is;
}

static void run_tool(struct running *running, struct answer *answer)
{
	struct call *call = &running->call;
	char why[200];

	answer->has_structure = call->tool->output != NULL;
	if (call->tool->params &&
	    !params_check(call->tool->params, call->arguments, why)) {
		answer_fail(answer, DQ_USAGE, why);
		return;
	}
	set_session(running, call->dq);
	call->tool->run(call, answer);
	set_session(running, NULL);
}

static enum dq_status open_session(struct running *running, struct dq_error *err)
{
	struct dq_options options = *running->call.options->session;

	options.on_event = hear;
	options.payload = running;
	return dq_open(&options, &running->call.dq, err);
}

static void reply(struct wire *wire, const struct reply_to *to, struct answer *answer)
{
	if (answer->code)
		reply_error(wire, to, answer->code, answer->why, TAKE_PTR(answer->data));
	else
		reply_result(wire, to, answer_take(answer));
}

/* Is it still wanted? Then no notice comes behind the answer. */
static bool may_answer(struct running *running)
{
	bool may;

	(void)pthread_mutex_lock(&running->calls->lock);
	may = !running->is_cancelled;
	running->has_answered = true;
	(void)pthread_mutex_unlock(&running->calls->lock);
	return may;
}

static void run_call(struct running *running)
{
	const struct reply_to to = { running->message.id, running->call.is_modern };
	struct call *call = &running->call;
	struct answer answer = answer_make();
	struct dq_error error;

	if (open_session(running, &error)) {
		answer_fail(&answer, error.status, error.message);
	} else {
		run_tool(running, &answer);
		if (call->how == CALL_AT_ONCE && answer.goes_on)
			errand_make(call, &answer);
		dq_close(call->dq);
	}
	if (may_answer(running))
		reply(running->wire, &to, &answer);
	answer_release(&answer);
}

/* --- an errand --------------------------------------------------------------------- */

/* False: it does not want to be worked on. */
static bool take_errand(struct running *running)
{
	running->arguments =
	    errand_take(running->call.dq, running->errand, &running->call.tool);
	running->call.arguments = running->arguments;
	return running->arguments != NULL;
}

/* What was stopped goes on when somebody asks for it again. */
static void run_errand(struct running *running)
{
	struct answer answer = answer_make();
	struct dq_error ignored;

	if (!open_session(running, &ignored)) {
		if (take_errand(running)) {
			run_tool(running, &answer);
			if (!is_stopped(running))
				errand_end(running->call.dq, running->errand, &answer);
		}
		dq_close(running->call.dq);
	}
	answer_release(&answer);
}

void *running_run(void *payload)
{
	struct running *running = payload;
	struct calls *calls = running->calls;
	const uint64_t one = 1;

	if (running->errand[0])
		run_errand(running);
	else
		run_call(running);
	(void)pthread_mutex_lock(&calls->lock);
	running->has_ended = true;
	(void)pthread_mutex_unlock(&calls->lock);
	(void)!write(calls->woken_fd, &one, sizeof(one));
	return NULL;
}
