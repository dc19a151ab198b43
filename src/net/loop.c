/*
 * The loop. Handlers run either inside curl_multi_perform (on_head, on_bytes) or from
 * settle() (on_done), so they may start and cancel freely: both only move a request
 * between our own lists, and curl hears of it when it isn't in the middle of something.
 */
#include "net/net.h"

#include <errno.h>
#include <limits.h>
#include <unistd.h>

#include "base/clock.h"
#include "net/failure.h"
#include "net/log.h"
#include "net/request.h"
#include "net/throttle.h"
#include "net/traffic.h"

static struct request_list *list_of(struct net *net, enum request_state state)
{
	switch (state) {
	case REQUEST_QUEUED:
		return &net->queued;
	case REQUEST_RUNNING:
		return &net->running;
	case REQUEST_ENDING:
		break;
	}
	return &net->ending;
}

static void move_to(struct net_request *request, enum request_state state)
{
	struct net *net = request->net;
	struct request_list *from = list_of(net, request->state);
	struct request_list *to = list_of(net, state);

	TAILQ_REMOVE(from, request, others);
	TAILQ_INSERT_TAIL(to, request, others);
	request->state = state;
}

static void watch_deadline(struct net *net, const struct net_request *request)
{
	const int64_t deadline = request_deadline(request);

	if (deadline < net->next_deadline_ms)
		net->next_deadline_ms = deadline;
}

static void admit_one(struct net_request *request)
{
	struct net *net = request->net;

	if (curl_multi_add_handle(net->multi, request->easy) != CURLM_OK) {
		(void)err_set(&request->why, ERR_NOMEM, "out of memory");
		move_to(request, REQUEST_ENDING);
		return;
	}
	request->in_multi = true;
	move_to(request, REQUEST_RUNNING);
	watch_deadline(net, request);
	if (net->log)
		log_start(request);
}

static void admit(struct net *net)
{
	while (!TAILQ_EMPTY(&net->queued))
		admit_one(TAILQ_FIRST(&net->queued));
}

/* Curl has finished with a transfer: ended, or on to where it was redirected. */
static void take_result(struct net_request *request, CURLcode code)
{
	request_leave_curl(request);
	if (request->state != REQUEST_RUNNING)
		return;
	if (request->is_redirecting && (code == CURLE_OK || code == CURLE_WRITE_ERROR)) {
		if (request_follow(request, &request->why) == ERR_OK) {
			move_to(request, REQUEST_QUEUED);
			return;
		}
	} else if (request->is_early && request_take_fresh(request)) {
		move_to(request, REQUEST_QUEUED);
		return;
	} else {
		request_judge(request, code);
		request_unpack(request);
	}
	move_to(request, REQUEST_ENDING);
}

static void collect(struct net *net)
{
	struct net_request *request;
	CURLMsg *message;
	int left;

	while ((message = curl_multi_info_read(net->multi, &left))) {
		const CURLcode code = message->data.result;

		request = NULL;
		(void)curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &request);
		take_result(request, code);
	}
}

static struct net_request *first_resumed(const struct net *net)
{
	struct net_request *request;

	TAILQ_FOREACH(request, &net->running, others)
		if (request->is_held && !request->is_paused && !request->is_throttled)
			break;
	return request;
}

/* What curl has held back comes from inside here. */
static void resume(struct net *net)
{
	struct net_request *request;
	CURLcode code;

	if (!net->has_resumed)
		return;
	net->has_resumed = false;
	while ((request = first_resumed(net))) {
		request->is_held = false;
		code = curl_easy_pause(request->easy, CURLPAUSE_CONT);
		if (code != CURLE_OK)
			take_result(request, code);
	}
}

static void expire(struct net *net, int64_t now_ms)
{
	struct net_request *request, *next;

	if (now_ms < net->next_deadline_ms)
		return;
	net->next_deadline_ms = INT64_MAX;
	for (request = TAILQ_FIRST(&net->running); request; request = next) {
		next = TAILQ_NEXT(request, others);
		if (request_is_overdue(request, now_ms))
			move_to(request, REQUEST_ENDING);
		else
			watch_deadline(net, request);
	}
}

static void settle(struct net *net)
{
	struct net_request *request;

	while ((request = TAILQ_FIRST(&net->ending))) {
		TAILQ_REMOVE(&net->ending, request, others);
		request_leave_curl(request);
		net->active--;
		if (net->log)
			log_end(request);
		request->handler.on_done(
		    request->payload, &request->why, &request->head.view, request->sent);
		request_free(request);
	}
}

static void drain_wake(const struct net *net)
{
	uint64_t count;
	ssize_t n;

	do
		n = read(net->wake_fd, &count, sizeof(count));
	while (n < 0 && errno == EINTR);
}

static int patience(const struct net *net, int64_t until_ms)
{
	const int64_t turn_ms = throttle_next_ms(net);
	int64_t left;

	if (until_ms > net->next_deadline_ms)
		until_ms = net->next_deadline_ms;
	if (until_ms > turn_ms)
		until_ms = turn_ms;
	left = until_ms - clock_mono_ms();
	if (left <= 0 || !TAILQ_EMPTY(&net->ending) || net->has_resumed)
		return 0;
	/* One more, so that a rounded-down clock doesn't make us look too early. */
	return left < INT_MAX ? (int)left + 1 : INT_MAX;
}

static enum err_kind check(CURLMcode code, struct err *err)
{
	if (code == CURLM_OK)
		return ERR_OK;
	if (code == CURLM_OUT_OF_MEMORY)
		return err_set(err, ERR_NOMEM, "out of memory");
	return err_set(
	    err, ERR_NET, "the transfers can't go on (%s)", curl_multi_strerror(code));
}

static enum err_kind refuse(struct err *err)
{
	return err_set(err, ERR_USAGE, "the network is stepped from one of its handlers");
}

enum err_kind net_wait(struct net *net, int64_t until_ms, struct err *err)
{
	struct curl_waitfd extra[1 + NET_WATCHED_MAX] = { { .fd = net->wake_fd,
	    .events = CURL_WAIT_POLLIN } };

	if (net->is_performing)
		return refuse(err);
	admit(net);
	for (unsigned i = 0; i < net->n_watched; i++)
		extra[1 + i] = (struct curl_waitfd){ .fd = net->watched[i],
			.events = CURL_WAIT_POLLIN };
	return check(curl_multi_poll(net->multi, extra, 1 + net->n_watched,
			 patience(net, until_ms), NULL),
	    err);
}

enum err_kind net_perform(struct net *net, struct err *err)
{
	enum err_kind kind;
	int n;

	if (net->is_performing)
		return refuse(err);
	net->is_performing = true;
	drain_wake(net);
	throttle_step(net, clock_mono_ms());
	resume(net);
	kind = check(curl_multi_perform(net->multi, &n), err);
	collect(net);
	expire(net, clock_mono_ms());
	settle(net);
	net->is_performing = false;
	return kind;
}

enum err_kind net_step(struct net *net, int timeout_ms, struct err *err)
{
	if (net_wait(net, clock_mono_ms() + timeout_ms, err))
		return err->kind;
	return net_perform(net, err);
}

enum err_kind net_start(struct net *net, const struct net_spec *spec,
    const struct net_handler *handler, void *payload, struct net_request **ret_request,
    struct err *err)
{
	struct net_request *request = NULL;
	const enum err_kind kind = request_new(net, spec, &request, err);

	if (kind != ERR_OK)
		return kind;
	request->handler = *handler;
	request->payload = payload;
	request->number = ++net->last_number;
	request->begun_ms = clock_mono_ms();
	TAILQ_INSERT_TAIL(&net->queued, request, others);
	net->active++;
	if (ret_request)
		*ret_request = request;
	return ERR_OK;
}

void net_cancel(struct net_request *request)
{
	if (request->state == REQUEST_ENDING)
		return;
	(void)err_set(&request->why, ERR_CANCELLED, "cancelled");
	move_to(request, REQUEST_ENDING);
}

void net_pause(struct net_request *request)
{
	request->is_paused = true;
}

bool net_was_throttled(struct net_request *request)
{
	const bool was = request->was_throttled;

	request->was_throttled = request->is_throttled;
	return was;
}

void net_resume(struct net_request *request)
{
	struct net *net = request->net;

	if (!request->is_paused)
		return;
	request->is_paused = false;
	request->heard_ms = clock_mono_ms();
	net->has_resumed |= request->is_held;
	watch_deadline(net, request);
}

enum err_kind net_watch(struct net *net, int fd, struct err *err)
{
	if (net->n_watched == NET_WATCHED_MAX)
		return err_set(err, ERR_USAGE, "too many descriptors to be watched");
	net->watched[net->n_watched++] = fd;
	return ERR_OK;
}

void net_unwatch(struct net *net, int fd)
{
	for (unsigned i = 0; i < net->n_watched; i++)
		if (net->watched[i] == fd) {
			net->watched[i] = net->watched[--net->n_watched];
			return;
		}
}

void net_wake(struct net *net)
{
	const uint64_t one = 1;
	const int saved = errno;
	ssize_t n;

	do
		n = write(net->wake_fd, &one, sizeof(one));
	while (n < 0 && errno == EINTR); /* EAGAIN: it is awake more than enough */
	errno = saved;
}

size_t net_active(const struct net *net)
{
	return net->active;
}
