#include "mcp/calls.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "mcp/reply.h"
#include "mcp/running.h"
#include "mcp/tool.h"

enum { PROGRESS_MS = 2000, END_MS = 2000 };

enum err_kind calls_open(struct calls *calls, const struct mcp_options *options,
    struct watch *watch, struct err *err)
{
	*calls = (struct calls){ .options = options, .watch = watch };
	(void)pthread_mutex_init(&calls->lock, NULL);
	asks_open(&calls->asks, &calls->lock);
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
	asks_close(&calls->asks);
	(void)pthread_mutex_destroy(&calls->talk);
	(void)pthread_mutex_destroy(&calls->lock);
}

static struct running *find(struct calls *calls, const struct peer *peer, const char *id)
{
	char *key = id ? message_id_key(id) : NULL;
	struct running *at = calls->first;

	while (key && at && (at->peer != peer || !at->key || strcmp(at->key, key) != 0))
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
	cJSON_Delete(running->arguments);
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
		    .params = request->message->params,
		    .is_modern = request->is_modern,
		    .how = request->takes_errands && request->tool->may_last
			? CALL_AT_ONCE
			: CALL_PLAIN,
		    .can_ask = request->can_ask,
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
	if (pthread_create(&running->thread, NULL, running_run, running)) {
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

/* As watch.h has it. */
static const char *errand_name(const char *id, char into[URI_BYTES])
{
	(void)snprintf(into, URI_BYTES, WATCH_ERRAND "%s", id);
	return into;
}

/* Without a thread for it nobody works on it, until it is asked for again. */
static void begin_errand(struct calls *calls, const char *id)
{
	struct running *running = calloc(1, sizeof(*running));
	char name[URI_BYTES];

	if (!running)
		return;
	*running = (struct running){ .calls = calls,
		.call = { .options = calls->options,
		    .is_modern = true,
		    .how = CALL_ERRAND,
		    .began_ms = clock_mono_ms() } };
	(void)snprintf(
	    running->errand, sizeof(running->errand), "%.*s", DQ_ERRAND_ID_LEN, id);
	if (pthread_create(&running->thread, NULL, running_run, running)) {
		release(running);
		return;
	}
	running->next = calls->first;
	calls->first = running;
	calls->n_errands++;
	running->is_watched = watch_add(calls->watch, errand_name(id, name));
}

static void interrupt(struct calls *calls, struct running *running, bool *flag)
{
	(void)pthread_mutex_lock(&calls->lock);
	if (!*flag && running->dq)
		dq_interrupt(running->dq);
	*flag = true;
	asks_wake(&calls->asks);
	(void)pthread_mutex_unlock(&calls->lock);
}

void calls_take_answer(
    struct calls *calls, const struct peer *peer, struct message *message)
{
	asks_answer(&calls->asks, peer, message);
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

/* When its verb is to be interrupted; -1: never. */
static int64_t limit_of(const struct running *running)
{
	switch (running->call.how) {
	case CALL_PLAIN:
		return running->call.began_ms + running->call.options->call_limit_ms;
	case CALL_AT_ONCE:
		/* What waits ends by itself; the rest is given time to do so. */
		return running->call.began_ms + CALL_AT_ONCE_LIMIT_MS;
	case CALL_ERRAND:
		break;
	}
	return -1;
}

static int64_t next_notice_of(const struct running *running)
{
	return running->message.progress_token && !running->is_cancelled
	    ? running->told_ms + PROGRESS_MS
	    : -1;
}

int64_t calls_next_ms(struct calls *calls)
{
	int64_t next_ms = -1;

	for (struct running *at = calls->first; at; at = at->next) {
		const int64_t limit_ms = at->is_late ? -1 : limit_of(at);

		next_ms =
		    calls_earlier(next_ms, calls_earlier(limit_ms, next_notice_of(at)));
	}
	return next_ms;
}

/* Under the lock, so that it is not behind the answer. */
static void tell_progress(struct running *running, int64_t now_ms)
{
	const struct call *call = &running->call;
	const int64_t since_ms = now_ms - call->began_ms;
	const int64_t wait_ms =
	    call->wait_ms > 0 ? call->wait_ms : call->options->call_limit_ms;
	const int64_t due_ms = next_notice_of(running);

	if (due_ms < 0 || now_ms < due_ms)
		return;
	running->told_ms = now_ms;
	if (!running->has_answered)
		reply_progress(running->wire, running->message.progress_token,
		    (double)since_ms / 1000,
		    (double)(wait_ms > since_ms ? wait_ms : since_ms) / 1000,
		    *running->news ? running->news : "at work");
}

static struct running *find_errand(struct calls *calls, const char *id)
{
	struct running *at = calls->first;

	while (at && strcmp(at->errand, id) != 0)
		at = at->next;
	return at;
}

void calls_want_errand(struct calls *calls, const char *id)
{
	if (!find_errand(calls, id) && calls->n_errands < ERRANDS_MAX &&
	    !calls->is_ending)
		begin_errand(calls, id);
}

void calls_errand_is(struct calls *calls, const char *id, const char *view)
{
	struct running *running = find_errand(calls, id);

	if (running && (!view || !strstr(view, "\"status\":\"working\"")))
		interrupt(calls, running, &running->is_cancelled);
}

/* What calls have handed over. */
static void take_errands(struct calls *calls)
{
	struct handed handed[HANDED_MAX];
	size_t n;

	(void)pthread_mutex_lock(&calls->lock);
	n = calls->n_handed;
	memcpy(handed, calls->handed, n * sizeof(*handed));
	calls->n_handed = 0;
	(void)pthread_mutex_unlock(&calls->lock);
	for (size_t i = 0; i < n; i++) {
		if (handed[i].is_wanted)
			calls_want_errand(calls, handed[i].id);
		else
			calls_errand_is(calls, handed[i].id, NULL);
	}
}

/* Looks after one that runs. False: it has ended. */
static bool step(struct calls *calls, struct running *running, int64_t now_ms)
{
	const int64_t limit_ms = limit_of(running);
	bool runs;

	(void)pthread_mutex_lock(&calls->lock);
	runs = !running->has_ended;
	if (runs)
		tell_progress(running, now_ms);
	(void)pthread_mutex_unlock(&calls->lock);
	if (runs && limit_ms >= 0 && now_ms >= limit_ms)
		interrupt(calls, running, &running->is_late);
	return runs;
}

static void let_go(struct calls *calls, struct running *running)
{
	char name[URI_BYTES];

	if (running->errand[0])
		calls->n_errands--;
	else
		calls->n--;
	if (running->is_watched)
		watch_remove(calls->watch, errand_name(running->errand, name));
	(void)pthread_join(running->thread, NULL);
	if (running->wire)
		wire_drop(running->wire);
	release(running);
}

void calls_step(struct calls *calls)
{
	const int64_t now_ms = clock_mono_ms();
	struct running **link = &calls->first;
	uint64_t ignored;

	(void)!read(calls->woken_fd, &ignored, sizeof(ignored));
	while (*link) {
		struct running *running = *link;

		if (step(calls, running, now_ms)) {
			link = &running->next;
			continue;
		}
		*link = running->next;
		let_go(calls, running);
	}
	take_errands(calls);
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
	calls->is_ending = true;
	for (struct running *at = calls->first; at; at = at->next)
		if (at->errand[0])
			interrupt(calls, at, &at->is_late);
	if (wait_for_all(calls, grace_ms))
		return true;
	for (struct running *at = calls->first; at; at = at->next)
		interrupt(calls, at, &at->is_late);
	return wait_for_all(calls, END_MS);
}
