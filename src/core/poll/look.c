#include "core/poll/look.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "core/engine/pause.h"
#include "core/policy/retry.h"
#include "core/poll/news.h"
#include "core/poll/waiting.h"
#include "model/taskid.h"

struct look_request {
	struct engine *engine;
	struct look_request *prev, *next;
	int64_t begun_ms; /* steady clock */
	bool is_sent; /* its items count it */
	struct err why; /* a login was refused: what the service said */
	bool is_exotic; /* asks for ids in a way the service may refuse as a whole */
	size_t n;
	size_t keys[];
};

static void unlink_request(struct look_request *request)
{
	struct engine *engine = request->engine;

	for (size_t i = 0; i < request->n; i++)
		if (request->is_sent)
			engine->items[request->keys[i]]->requests--;
	if (request->prev)
		request->prev->next = request->next;
	else
		engine->first_request = request->next;
	if (request->next)
		request->next->prev = request->prev;
	engine->requests--;
}

static struct look_request *request_new(struct engine *engine, size_t room)
{
	struct look_request *request =
	    calloc(1, sizeof(*request) + room * sizeof(size_t));

	if (!request)
		return NULL;
	request->engine = engine;
	request->begun_ms = clock_mono_ms();
	request->next = engine->first_request;
	if (request->next)
		request->next->prev = request;
	engine->first_request = request;
	engine->requests++;
	return request;
}

int64_t look_waits_since_ms(const struct engine *engine)
{
	int64_t since_ms = INT64_MAX;

	for (const struct look_request *r = engine->first_request; r; r = r->next)
		if (r->begun_ms < since_ms)
			since_ms = r->begun_ms;
	return since_ms;
}

void look_drop_requests(struct engine *engine)
{
	if (engine->requests) {
		api_free(engine->dq->api);
		engine->dq->api = NULL;
	}
	while (engine->first_request) {
		struct look_request *request = engine->first_request;

		unlink_request(request);
		free(request);
	}
}

/*
 * Does this look break what is certain, namely that history ids are digits?
 * The service may refuse such a request as a whole, so these ids travel apart.
 */
static bool is_exotic(const struct item *item)
{
	return news_asks_as_history(item) && !taskid_is_history(news_asked_id(item));
}

static void put_back(struct engine *engine, const struct look_request *request)
{
	for (size_t i = 0; i < request->n; i++)
		if (!engine->items[request->keys[i]]->has_ended)
			sched_again(
			    engine->sched, &request->keys[i], 1, waiting_now_ms(engine));
}

/* A watch never gives up: it says so once, and once more when all is well again. */
static void persevere(struct engine *engine, const struct err *why, unsigned failures)
{
	if (why->kind == ERR_AUTH || why->kind == ERR_ACCOUNT)
		pause_for_account(engine, why, PAUSE_ALL);
	else if (failures == 1)
		session_note(engine->dq, "%s; trying on", why->msg);
}

static void went_well(struct engine *engine)
{
	if (engine->goal == GOAL_WATCH) {
		pause_account_is_well(engine);
		if (engine->last_trouble.kind == ERR_NET ||
		    engine->last_trouble.kind == ERR_TRUST ||
		    engine->last_trouble.kind == ERR_CONTRACT)
			session_note(engine->dq, "the service answers again");
	}
	engine->ever_went_well = true;
	engine->login = (struct retry_login){ 0 };
	engine->last_trouble = (struct err){ .kind = ERR_OK };
	sched_request_ok(engine->sched, waiting_now_ms(engine));
}

static void failed(struct engine *engine, const struct look_request *request,
    const struct api_outcome *outcome)
{
	const int64_t now_ms = waiting_now_ms(engine);
	const unsigned failures = waiting_failed(
	    engine, &outcome->err, outcome->could_be_size ? request->n : 0);
	const struct retry_request tried = {
		.failures = failures,
		.trouble_ms = waiting_span_ms(
		    engine, now_ms - sched_trouble_since_ms(engine->sched)),
		.is_single_look = engine->goal == GOAL_QUERY,
		.ever_went_well = engine->ever_went_well,
		.is_lag = outcome->is_lag,
		.gets_smaller = outcome->could_be_size && request->n > 1,
	};

	engine->last_trouble = outcome->err;
	put_back(engine, request);
	if (engine->goal == GOAL_WATCH)
		persevere(engine, &outcome->err, failures);
	else if (!retry_api(&tried, &outcome->err))
		engine_end_looks(engine, &outcome->err);
	else if (failures == 1 || failures % 5 == 0)
		session_note(engine->dq, "%s; trying again", outcome->err.msg);
}

/* An exotic request that the service calls wrong says nothing but "unknown". */
static bool is_refused_kind(
    const struct look_request *request, const struct api_outcome *outcome)
{
	return request->is_exotic && outcome->err.kind == ERR_USAGE;
}

static void count_as_absent(struct engine *engine, const struct look_request *request)
{
	static const char nothing[] = "{\"ret\":\"0\",\"data\":{}}";
	_cleanup_(answer_freep) struct answer *answer = NULL;
	struct err err;

	if (answer_decode(nothing, sizeof(nothing) - 1, -1, &answer, &err))
		engine_abort(engine, &err);
	else if (!news_arrived(engine, request->keys, request->n, answer))
		put_back(engine, request);
}

/*
 * A service that calls a plain question wrong has changed: that is the wire
 * contract's trouble, not the user's.
 */
static struct api_outcome as_ours(const struct api_outcome *outcome)
{
	struct api_outcome ours = *outcome;

	if (ours.err.kind == ERR_USAGE)
		ours.err.kind = ERR_CONTRACT;
	return ours;
}

/* Nothing tells a dead login from one that belongs elsewhere: both are named. */
static void name_causes(const struct engine *engine, struct err *why)
{
	const struct wire *wire = engine->dq->wire;
	const struct err said = *why;

	err_set(why, ERR_AUTH,
	    "%.250s. Either the login is dead, or it is of another region than '%s' "
	    "(--api-base; now '%.60s')",
	    said.msg, wire->region, wire->api_base);
}

/* The read says that the login is refused; the probe, what it says. */
static void login_was_refused(struct engine *engine, const struct look_request *request,
    const struct credit_outcome *credit)
{
	const bool is_refused = credit->err.kind == ERR_AUTH;
	struct api_outcome outcome = { .err = request->why, .sent = true };
	struct err wait = { .kind = ERR_NET };

	name_causes(engine, &outcome.err);
	if (retry_login_is_dead(&engine->login, is_refused, waiting_now_ms(engine))) {
		engine->login = (struct retry_login){ 0 };
		failed(engine, request, &outcome);
		return;
	}
	wait.retry_after_ms = (uint32_t)waiting_span_ms(engine, RETRY_LOGIN_GAP_MS);
	if (waiting_failed(engine, &wait, 0) == 1 || engine->login.refusals == 1)
		session_note(engine->dq,
		    "%.250s; that may pass: trying again for %d seconds",
		    request->why.msg, RETRY_LOGIN_MS / 1000);
	engine->last_trouble = outcome.err;
	put_back(engine, request);
}

static void body_was_empty(struct engine *engine, const struct look_request *request,
    const struct credit_outcome *credit)
{
	struct api_outcome outcome = { .is_empty_body = true, .sent = true };

	err_set(&outcome.err, ERR_NET, "the service sent an empty answer");
	if (credit->err.kind == ERR_AUTH || credit->err.kind == ERR_ACCOUNT)
		outcome.err = credit->err;
	failed(engine, request, &outcome);
}

static void probed(void *payload, const struct credit_outcome *credit)
{
	struct look_request *request = payload;
	struct engine *engine = request->engine;

	unlink_request(request);
	if (request->n == 0)
		pause_was_probed(engine, &credit->err);
	else if (request->why.kind)
		login_was_refused(engine, request, credit);
	else
		body_was_empty(engine, request, credit);
	free(request);
}

/* A dead login gets an empty body, too (B6.2), and one that lives a refusal: ask. */
static bool probe_login(struct look_request *request)
{
	struct engine *engine = request->engine;
	struct err err;

	engine->dq->totals.requests++;
	return api_credit(engine->dq->api, probed, request, &err) == ERR_OK;
}

void look_probe_login(struct engine *engine)
{
	struct look_request *request = request_new(engine, 0);
	struct err err;

	if (request && probe_login(request))
		return;
	if (request)
		unlink_request(request);
	free(request);
	err_set(&err, ERR_NET, "the login can't be tried");
	pause_was_probed(engine, &err);
}

static void count(struct engine *engine, const struct look_request *request)
{
	for (size_t i = 0; i < request->n; i++)
		tally_asked(engine->items[request->keys[i]], request->n);
}

static void on_query(void *payload, const struct api_outcome *outcome)
{
	struct look_request *request = payload;
	struct engine *engine = request->engine;
	const struct api_outcome ours = as_ours(outcome);

	if (outcome->err.kind == ERR_AUTH)
		request->why = outcome->err;
	if ((outcome->is_empty_body || request->why.kind) && probe_login(request))
		return;
	unlink_request(request);
	if (is_refused_kind(request, outcome)) {
		count_as_absent(engine, request);
	} else if (outcome->err.kind) {
		failed(engine, request, &ours);
	} else {
		went_well(engine);
		count(engine, request);
		if (!news_arrived(engine, request->keys, request->n, outcome->answer))
			put_back(engine, request);
	}
	free(request);
}

static void send(struct engine *engine, struct look_request *request)
{
	_cleanup_free_ const char **ids = calloc(request->n, sizeof(*ids));
	_cleanup_free_ bool *as_history = calloc(request->n, sizeof(*as_history));
	struct err err;

	for (size_t i = 0; ids && as_history && i < request->n; i++) {
		struct item *item = engine->items[request->keys[i]];

		ids[i] = news_asked_id(item);
		as_history[i] = news_asks_as_history(item);
		item->requests++;
	}
	request->is_sent = ids && as_history;
	engine->dq->totals.requests++;
	if (!ids || !as_history)
		err_set(&err, ERR_NOMEM, "out of memory for a request");
	else if (!api_query(engine->dq->api, ids, as_history, request->n, on_query,
		     request, &err))
		return;
	unlink_request(request);
	free(request);
	engine_abort(engine, &err);
}

/* Out of the account's budget; when that is used up, they stay due. */
static void send_or_put_back(struct engine *engine, struct look_request *request)
{
	if (request->n > 0 && waiting_may_send(engine)) {
		send(engine, request);
		return;
	}
	put_back(engine, request);
	unlink_request(request);
	free(request);
}

static struct look_request *request_for(struct engine *engine, size_t room)
{
	struct look_request *request = request_new(engine, room);
	struct err err;

	if (!request) {
		err_set(&err, ERR_NOMEM, "out of memory for a request");
		engine_abort(engine, &err);
	}
	return request;
}

/* The ids of one way of asking, in a request of their own. */
static void send_part(struct engine *engine, const size_t *keys, size_t n, bool exotic)
{
	struct look_request *request = request_for(engine, n);

	if (!request)
		return;
	request->is_exotic = exotic;
	for (size_t i = 0; i < n; i++) {
		const struct item *item = engine->items[keys[i]];

		if (!item->doubt && is_exotic(item) == exotic)
			request->keys[request->n++] = keys[i];
	}
	send_or_put_back(engine, request);
}

/* Each of those that were in doubt, alone; what is too many stays due. */
static void send_alone(struct engine *engine, const size_t *keys, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct look_request *request;

		if (!engine->items[keys[i]]->doubt)
			continue;
		if (engine->requests >= ENGINE_REQUESTS_MAX) {
			sched_again(engine->sched, &keys[i], 1, waiting_now_ms(engine));
			continue;
		}
		request = request_for(engine, 1);
		if (!request)
			return;
		request->is_exotic = is_exotic(engine->items[keys[i]]);
		request->keys[request->n++] = keys[i];
		send_or_put_back(engine, request);
	}
}

void look_send_due(struct engine *engine)
{
	_cleanup_free_ size_t *keys = NULL;
	struct err err;
	size_t n;

	if (engine->looks_over.kind ||
	    sched_next_ms(engine->sched) > waiting_now_ms(engine))
		return;
	keys = calloc(sched_batch(engine->sched), sizeof(*keys));
	if (!keys) {
		err_set(&err, ERR_NOMEM, "out of memory for a request");
		engine_abort(engine, &err);
		return;
	}
	while (engine->requests < ENGINE_REQUESTS_MAX &&
	    (n = sched_take(engine->sched, waiting_now_ms(engine), keys)) > 0) {
		send_part(engine, keys, n, false);
		send_part(engine, keys, n, true);
		send_alone(engine, keys, n);
	}
}
