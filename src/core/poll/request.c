#include "core/poll/parts.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "core/account/totals.h"
#include "core/policy/retry.h"

static void unlink_request(struct polls_request *request)
{
	struct polls *polls = request->polls;

	for (size_t i = 0; i < request->n; i++)
		if (request->is_sent)
			polls->all[request->keys[i]].polled->requests--;
	if (request->prev)
		request->prev->next = request->next;
	else
		polls->first_request = request->next;
	if (request->next)
		request->next->prev = request->prev;
	polls->n_requests--;
}

static struct polls_request *request_new(struct polls *polls, size_t room)
{
	struct polls_request *request =
	    calloc(1, sizeof(*request) + room * sizeof(size_t));

	if (!request)
		return NULL;
	request->polls = polls;
	request->begun_ms = polls->dq->now.mono_ms;
	request->next = polls->first_request;
	if (request->next)
		request->next->prev = request;
	polls->first_request = request;
	polls->n_requests++;
	return request;
}

int64_t polls_wait_since_ms(const struct polls *polls)
{
	int64_t since_ms = INT64_MAX;

	for (const struct polls_request *r = polls->first_request; r; r = r->next)
		if (r->begun_ms < since_ms)
			since_ms = r->begun_ms;
	return since_ms;
}

void polls_drop_requests(struct polls *polls)
{
	if (polls->n_requests) {
		session_close_service(polls->dq);
	}
	while (polls->first_request) {
		struct polls_request *request = polls->first_request;

		unlink_request(request);
		free(request);
	}
}

static struct service_question question_of(const struct polled *polled)
{
	return (struct service_question){ polled->id, polled->other_id, &polled->memory,
		polled->was_shown };
}

static unsigned way_of(const struct polls *polls, const struct polled *polled)
{
	const struct service_question question = question_of(polled);

	return service_way(polls->dq->ops, &question);
}

static void put_back(struct polls *polls, const struct polls_request *request)
{
	for (size_t i = 0; i < request->n; i++)
		if (polls->all[request->keys[i]].is_heard)
			sched_again(polls->sched, &request->keys[i], 1,
			    session_plan_ms(polls->dq));
}

static void went_well(struct polls *polls)
{
	const struct polls_told told = { .what = POLLS_WELL, .why = polls->last_trouble };

	polls->ever_went_well = true;
	polls->login = (struct retry_login){ 0 };
	polls->last_trouble = (struct err){ .kind = ERR_OK };
	sched_request_ok(polls->sched, session_plan_ms(polls->dq));
	polls_tell_end(polls, &told);
}

static void failed(struct polls *polls, const struct polls_request *request,
    const struct service_polled *outcome)
{
	const int64_t now_ms = session_plan_ms(polls->dq);
	const unsigned failures = schedule_failed(
	    polls, &outcome->err, outcome->could_be_size ? request->n : 0);
	const struct polls_told told = {
		.what = POLLS_FAILED,
		.why = outcome->err,
		.tried = {
			.failures = failures,
			.trouble_ms = session_span_ms(polls->dq,
			    now_ms - sched_trouble_since_ms(polls->sched)),
			.is_single_poll = polls->is_single,
			.ever_went_well = polls->ever_went_well,
			.is_lag = outcome->is_lag,
			.gets_smaller = outcome->could_be_size && request->n > 1,
		},
	};

	polls->last_trouble = outcome->err;
	put_back(polls, request);
	polls_tell_end(polls, &told);
}

/* The read says that the login is refused; the probe, what it says. */
static void login_was_refused(struct polls *polls, const struct polls_request *request,
    const struct service_credit *credit)
{
	const bool is_refused = credit->err.kind == ERR_AUTH;
	struct service_polled outcome = { .err = request->why };
	struct err wait = { .kind = ERR_NET };

	session_name_login_causes(polls->dq, &outcome.err);
	if (retry_login_is_dead(&polls->login, is_refused, session_plan_ms(polls->dq))) {
		polls->login = (struct retry_login){ 0 };
		failed(polls, request, &outcome);
		return;
	}
	wait.retry_after_ms = (uint32_t)session_span_ms(polls->dq, RETRY_LOGIN_GAP_MS);
	if (schedule_failed(polls, &wait, 0) == 1 || polls->login.refusals == 1)
		session_tell(polls->dq, DQ_NOTE_RETRY,
		    "%.250s; that may pass: trying again for %d seconds",
		    err_shown(&request->why), RETRY_LOGIN_MS / 1000);
	polls->last_trouble = outcome.err;
	put_back(polls, request);
}

static void body_was_empty(struct polls *polls, const struct polls_request *request,
    const struct service_credit *credit)
{
	struct service_polled outcome = { .asks_login = true };

	err_set(&outcome.err, ERR_NET, "the service sent an empty answer");
	if (credit->err.kind == ERR_AUTH || credit->err.kind == ERR_ACCOUNT)
		outcome.err = credit->err;
	failed(polls, request, &outcome);
}

static void tell_probed(struct polls *polls, const struct err *why, int64_t credits)
{
	const struct polls_told told = {
		.what = POLLS_PROBED, .why = *why, .credits = credits
	};

	polls_tell_end(polls, &told);
}

static void probed(void *payload, const struct service_credit *credit)
{
	struct polls_request *request = payload;
	struct polls *polls = request->polls;

	unlink_request(request);
	if (request->n == 0)
		tell_probed(polls, &credit->err, credit->balance.total);
	else if (request->why.kind)
		login_was_refused(polls, request, credit);
	else
		body_was_empty(polls, request, credit);
	free(request);
}

/* A dead login gets an empty body, too (B6.2), and one that lives a refusal: ask. */
static bool probe_login(struct polls_request *request)
{
	struct polls *polls = request->polls;
	struct err err;

	if (service_credit(polls->dq->service, probed, request, &err))
		return false;
	totals_request(polls->dq);
	return true;
}

void polls_probe_login(struct polls *polls)
{
	struct polls_request *request = request_new(polls, 0);
	struct err err;

	if (request && probe_login(request))
		return;
	if (request)
		unlink_request(request);
	free(request);
	err_set(&err, ERR_NET, "the login can't be tried");
	tell_probed(polls, &err, -1);
}

static void count(struct polls *polls, const struct polls_request *request)
{
	for (size_t i = 0; i < request->n; i++)
		counters_asked(polls->all[request->keys[i]].polled, request->n);
}

static void on_polled(void *payload, const struct service_polled *answer)
{
	struct polls_request *request = payload;
	struct polls *polls = request->polls;

	if (answer->err.kind == ERR_AUTH)
		request->why = answer->err;
	if (answer->asks_login && probe_login(request))
		return;
	unlink_request(request);
	if (answer->err.kind) {
		failed(polls, request, answer);
	} else {
		if (!answer->was_refused) {
			went_well(polls);
			count(polls, request);
		}
		if (!judge_answer(polls, request->keys, answer))
			put_back(polls, request);
	}
	free(request);
}

static void send(struct polls *polls, struct polls_request *request)
{
	_cleanup_free_ struct service_question *questions =
	    calloc(request->n, sizeof(*questions));
	struct service *service = polls->dq->service;
	struct err err;

	for (size_t i = 0; questions && i < request->n; i++) {
		struct polled *polled = polls->all[request->keys[i]].polled;

		questions[i] = question_of(polled);
		polled->requests++;
	}
	request->is_sent = questions != NULL;
	totals_request(polls->dq);
	if (!questions)
		err_set(&err, ERR_NOMEM, "out of memory for a request");
	else if (!service_poll(service, questions, request->n, on_polled, request, &err))
		return;
	unlink_request(request);
	free(request);
	polls_abort(polls, &err);
}

/* Takes it out of the account's budget; when that is used up, they stay due. */
static void send_or_put_back(struct polls *polls, struct polls_request *request)
{
	if (request->n > 0 && schedule_may_send(polls)) {
		send(polls, request);
		return;
	}
	put_back(polls, request);
	unlink_request(request);
	free(request);
}

static struct polls_request *request_for(struct polls *polls, size_t room)
{
	struct polls_request *request = request_new(polls, room);
	struct err err;

	if (!request) {
		err_set(&err, ERR_NOMEM, "out of memory for a request");
		polls_abort(polls, &err);
	}
	return request;
}

/* Sends the ids of one way of asking, in a request of their own. */
static void send_part(struct polls *polls, const size_t *keys, size_t n, unsigned way)
{
	struct polls_request *request = request_for(polls, n);

	if (!request)
		return;
	for (size_t i = 0; i < n; i++) {
		const struct polled *polled = polls->all[keys[i]].polled;

		if (!polled->doubt && way_of(polls, polled) == way)
			request->keys[request->n++] = keys[i];
	}
	send_or_put_back(polls, request);
}

/* Sends each of those that were in doubt, alone; what is too many stays due. */
static void send_alone(struct polls *polls, const size_t *keys, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct polls_request *request;

		if (!polls->all[keys[i]].polled->doubt)
			continue;
		if (polls->n_requests >= POLLS_REQUESTS_MAX) {
			sched_again(
			    polls->sched, &keys[i], 1, session_plan_ms(polls->dq));
			continue;
		}
		request = request_for(polls, 1);
		if (!request)
			return;
		request->keys[request->n++] = keys[i];
		send_or_put_back(polls, request);
	}
}

/* Those that nobody has asked for before are remembered from now on. */
static bool remember(struct polls *polls, const size_t *keys, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!polled_of(polls, keys[i]))
			return false;
	return true;
}

void polls_step(struct polls *polls, bool may_send)
{
	_cleanup_free_ size_t *keys = NULL;
	struct err err;
	size_t n;

	if (!may_send || sched_next_ms(polls->sched) > session_plan_ms(polls->dq))
		return;
	keys = calloc(sched_batch(polls->sched), sizeof(*keys));
	if (!keys) {
		err_set(&err, ERR_NOMEM, "out of memory for a request");
		polls_abort(polls, &err);
		return;
	}
	while (!polls->cant_go_on.kind && polls->n_requests < POLLS_REQUESTS_MAX &&
	    (n = sched_take(polls->sched, session_plan_ms(polls->dq), keys)) > 0 &&
	    remember(polls, keys, n)) {
		for (unsigned way = 0; way < service_n_ways(polls->dq->ops); way++)
			send_part(polls, keys, n, way);
		send_alone(polls, keys, n);
	}
}
