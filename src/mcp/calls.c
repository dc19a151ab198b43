#include "mcp/calls.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "mcp/reply.h"
#include "mcp/tool.h"

enum { PROGRESS_MS = 2000, END_MS = 2000 };

struct running {
	struct call call; /* what the tool sees */
	struct calls *calls;
	struct peer *peer;
	struct wire *wire; /* held */
	struct message message;
	char *key; /* of its id */
	pthread_t thread;
	int64_t told_ms; /* its last notice of progress */
	struct running *next;
	/* Under the lock. */
	struct dq *dq; /* to be interrupted; NULL: none is open */
	bool is_cancelled, is_late, has_ended;
};

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
	const int64_t left_ms = call->began_ms + limit_ms - clock_mono_ms();

	return left_ms > 1 ? left_ms : 1;
}

/* --- on the thread of a call ------------------------------------------------------- */

static bool is_wanted(struct running *running)
{
	bool is;

	(void)pthread_mutex_lock(&running->calls->lock);
	is = !running->is_cancelled;
	(void)pthread_mutex_unlock(&running->calls->lock);
	return is;
}

static void tell_progress(struct running *running, const struct dq_totals *totals)
{
	const int64_t now_ms = clock_mono_ms();
	const int64_t since_ms = now_ms - running->call.began_ms;
	const int64_t wait_ms =
	    running->call.wait_ms > 0 ? running->call.wait_ms : CALL_LIMIT_MS;
	char message[120];

	if (!running->message.progress_token || !totals ||
	    now_ms - running->told_ms < PROGRESS_MS || !is_wanted(running))
		return;
	running->told_ms = now_ms;
	(void)snprintf(message, sizeof(message),
	    "%zu of %zu tasks ended, %zu of %zu files stored", totals->tasks_ended,
	    totals->tasks, totals->files_stored, totals->files);
	reply_progress(running->wire, running->message.progress_token,
	    (double)since_ms / 1000,
	    (double)(wait_ms > since_ms ? wait_ms : since_ms) / 1000, message);
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
		tell_progress(running, event->totals);
		break;
	case DQ_EVENT_TASK:
	case DQ_EVENT_STATE:
	case DQ_EVENT_STORED:
		if (call->hear)
			call->hear(call->payload, event);
		break;
	}
}

/* From now on, or no longer, it can be interrupted. */
static void set_session(struct running *running, struct dq *dq)
{
	(void)pthread_mutex_lock(&running->calls->lock);
	running->dq = dq;
	if (dq && (running->is_cancelled || running->is_late))
		dq_interrupt(dq);
	(void)pthread_mutex_unlock(&running->calls->lock);
}

static void run_tool(struct running *running, struct answer *answer)
{
	struct dq_options options = *running->call.options->session;
	struct call *call = &running->call;
	struct dq_error error;

	options.on_event = hear;
	options.payload = running;
	if (dq_open(&options, &call->dq, &error)) {
		answer_fail(answer, error.status, error.message);
		return;
	}
	set_session(running, call->dq);
	call->tool->run(call, answer);
	set_session(running, NULL);
	dq_close(call->dq);
}

static void reply(struct wire *wire, const struct reply_to *to, struct answer *answer)
{
	if (answer->code)
		reply_error(wire, to, answer->code, answer->why, TAKE_PTR(answer->data));
	else
		reply_result(wire, to, answer_take(answer));
}

static void *run(void *payload)
{
	struct running *running = payload;
	struct calls *calls = running->calls;
	const struct call *call = &running->call;
	const struct reply_to to = { running->message.id, running->call.is_modern };
	struct answer answer = answer_make();
	const uint64_t one = 1;
	char why[200];

	answer.has_structure = call->tool->output != NULL;
	if (!call->tool->params || params_check(call->tool->params, call->arguments, why))
		run_tool(running, &answer);
	else
		answer_fail(&answer, DQ_USAGE, why);
	if (is_wanted(running))
		reply(running->wire, &to, &answer);
	answer_release(&answer);
	(void)pthread_mutex_lock(&calls->lock);
	running->has_ended = true;
	(void)pthread_mutex_unlock(&calls->lock);
	(void)!write(calls->woken_fd, &one, sizeof(one));
	return NULL;
}

/* --- on the thread of the server --------------------------------------------------- */

enum err_kind calls_open(
    struct calls *calls, const struct mcp_options *options, struct err *err)
{
	*calls = (struct calls){ .options = options };
	(void)pthread_mutex_init(&calls->lock, NULL);
	(void)pthread_mutex_init(&calls->talk, NULL);
	calls->woken_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (calls->woken_fd < 0)
		return err_errno(err, ERR_IO, "can't wait for calls");
	return ERR_OK;
}

void calls_close(struct calls *calls)
{
	if (calls->woken_fd >= 0)
		(void)close(calls->woken_fd);
	(void)pthread_mutex_destroy(&calls->talk);
	(void)pthread_mutex_destroy(&calls->lock);
}

static struct running *find(struct calls *calls, const struct peer *peer, const char *id)
{
	char *key = id ? message_id_key(id) : NULL;
	struct running *at = calls->first;

	while (key && at && (at->peer != peer || strcmp(at->key, key) != 0))
		at = at->next;
	at = key ? at : NULL;
	free(key);
	return at;
}

bool calls_has(struct calls *calls, const struct peer *peer, const char *id)
{
	return find(calls, peer, id) != NULL;
}

bool calls_has_any(struct calls *calls, const struct peer *peer)
{
	const struct running *at = calls->first;

	while (at && at->peer != peer)
		at = at->next;
	return at != NULL;
}

static void release(struct running *running)
{
	message_release(&running->message);
	free(running->key);
	free(running);
}

static void refuse(struct wire *wire, const struct reply_to *to, const char *why)
{
	struct answer answer = answer_make();

	answer_fail(&answer, DQ_RUNNING, why);
	reply_result(wire, to, answer_take(&answer));
}

static struct running *make(struct calls *calls, const struct call_request *request)
{
	struct running *running = calloc(1, sizeof(*running));

	if (!running)
		return NULL;
	*running = (struct running){ .calls = calls,
		.peer = request->peer,
		.wire = request->wire,
		.key = message_id_key(request->message->id),
		.call = { .tool = request->tool,
		    .options = calls->options,
		    .arguments = request->arguments,
		    .is_modern = request->is_modern,
		    .began_ms = clock_mono_ms() } };
	running->told_ms = running->call.began_ms;
	if (!running->key) {
		free(running);
		return NULL;
	}
	running->message = *request->message;
	*request->message = (struct message){ .json = NULL };
	return running;
}

void calls_begin(struct calls *calls, const struct call_request *request)
{
	const struct reply_to to = { request->message->id, request->is_modern };
	struct running *running;

	if (calls->n >= CALLS_MAX) {
		refuse(request->wire, &to, "too many calls run at once");
		return;
	}
	running = make(calls, request);
	if (!running) {
		reply_error(request->wire, &to, RPC_INTERNAL, "out of memory", NULL);
		return;
	}
	wire_hold(running->wire);
	if (pthread_create(&running->thread, NULL, run, running)) {
		const struct reply_to its = { running->message.id, request->is_modern };

		refuse(running->wire, &its, "the system has no thread left");
		wire_drop(running->wire);
		release(running);
		return;
	}
	running->next = calls->first;
	calls->first = running;
	calls->n++;
}

static void interrupt(struct calls *calls, struct running *running, bool *flag)
{
	(void)pthread_mutex_lock(&calls->lock);
	if (!*flag && running->dq)
		dq_interrupt(running->dq);
	*flag = true;
	(void)pthread_mutex_unlock(&calls->lock);
}

void calls_cancel(struct calls *calls, const struct peer *peer, const char *id)
{
	struct running *running = find(calls, peer, id);

	if (running)
		interrupt(calls, running, &running->is_cancelled);
}

void calls_cancel_all(struct calls *calls, const struct peer *peer)
{
	for (struct running *at = calls->first; at; at = at->next)
		if (at->peer == peer)
			interrupt(calls, at, &at->is_cancelled);
}

int64_t calls_next_ms(struct calls *calls)
{
	int64_t next_ms = -1;

	for (struct running *at = calls->first; at; at = at->next) {
		const int64_t due_ms = at->call.began_ms + CALL_LIMIT_MS;

		if (!at->is_late && (next_ms < 0 || due_ms < next_ms))
			next_ms = due_ms;
	}
	return next_ms;
}

static bool has_ended(struct calls *calls, struct running *running)
{
	bool has;

	(void)pthread_mutex_lock(&calls->lock);
	has = running->has_ended;
	(void)pthread_mutex_unlock(&calls->lock);
	return has;
}

void calls_step(struct calls *calls)
{
	const int64_t now_ms = clock_mono_ms();
	struct running **link = &calls->first;
	uint64_t ignored;

	(void)!read(calls->woken_fd, &ignored, sizeof(ignored));
	while (*link) {
		struct running *running = *link;

		if (has_ended(calls, running)) {
			*link = running->next;
			calls->n--;
			(void)pthread_join(running->thread, NULL);
			wire_drop(running->wire);
			release(running);
			continue;
		}
		if (now_ms >= running->call.began_ms + CALL_LIMIT_MS)
			interrupt(calls, running, &running->is_late);
		link = &running->next;
	}
}

/* False: they still run. */
static bool wait_for_all(struct calls *calls, int64_t wait_ms)
{
	const int64_t until_ms = clock_mono_ms() + wait_ms;
	struct pollfd polled = { .fd = calls->woken_fd, .events = POLLIN };

	for (calls_step(calls); calls->first; calls_step(calls)) {
		const int64_t left_ms = until_ms - clock_mono_ms();

		if (left_ms <= 0)
			return false;
		(void)poll(&polled, 1, (int)left_ms);
	}
	return true;
}

bool calls_end(struct calls *calls, int64_t grace_ms)
{
	if (wait_for_all(calls, grace_ms))
		return true;
	for (struct running *at = calls->first; at; at = at->next)
		interrupt(calls, at, &at->is_late);
	return wait_for_all(calls, END_MS);
}
