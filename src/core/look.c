#include "core/look.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "core/download.h"
#include "core/own.h"
#include "core/pause.h"
#include "core/retry.h"
#include "model/taskid.h"

enum { UNREADABLE_MAX = 3 /* looks in a row before a broken record is final */ };

struct look_request {
	struct engine *engine;
	struct look_request *prev, *next;
	bool is_sent; /* its items count it */
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
	request->next = engine->first_request;
	if (request->next)
		request->next->prev = request;
	engine->first_request = request;
	engine->requests++;
	return request;
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

/* The service's own id stands in for a submit id that it does not know. */
static const char *asked_id(const struct item *item)
{
	return item->as_history && item->other_id[0] ? item->other_id : item->id;
}

/* Its own id is a history id, or (an alias) another submit id. */
static bool asks_as_history(const struct item *item)
{
	return item->as_history &&
	    (!item->other_id[0] || taskid_is_history(item->other_id));
}

/*
 * Does this look break what is certain, namely that history ids are digits?
 * The service may refuse such a request as a whole, so these ids travel apart.
 */
static bool is_exotic(const struct item *item)
{
	return asks_as_history(item) && !taskid_is_history(asked_id(item));
}

static void look_later(struct engine *engine, const struct item *item,
    const struct task *task, int64_t now_ms)
{
	const struct sched_view view = {
		.state = task->state,
		.kind = item->kind,
		.advice_ms = task->poll_interval_ms,
		.absences = item->memory.absences,
	};

	sched_looked(engine->sched, item->key, &view, now_ms);
}

static bool has_news(struct item *item, const struct task *task)
{
	const struct glimpse now = {
		.state = task->state,
		.status = task->status,
		.finished = task->finished,
		.total = task->total,
		.queue_position = task->has_queue ? task->queue.position : -1,
		.has_any = true,
	};
	const struct glimpse *before = &item->glimpse;
	const bool is_news = !before->has_any || before->state != now.state ||
	    before->status != now.status || before->finished != now.finished ||
	    before->total != now.total || before->queue_position != now.queue_position;

	item->glimpse = now;
	return is_news;
}

static void warn_once(struct engine *engine, struct item *item, const struct task *task)
{
	if (!task->warning || item->was_warned)
		return;
	item->was_warned = true;
	session_note(engine->dq, "task '%s': %s", item->id, task->warning);
}

/* What an observed task means for its id; `task` is ours to keep or free. */
static void take_in(
    struct engine *engine, struct item *item, struct task *task, int64_t now_ms)
{
	const bool is_news = has_news(item, task);

	item->is_final = task_state_is_final(task->state);
	if (task->kind != MEDIA_UNKNOWN)
		item->kind = task->kind;
	warn_once(engine, item, task);
	task_free(item->task);
	item->task = task;
	if (is_news && engine->goal != GOAL_QUERY)
		session_emit_task(engine->dq, DQ_EVENT_STATE, task);
	/* Before its files are looked at: one without a link hurries the next look. */
	if (item->is_final)
		sched_drop(engine->sched, item->key);
	else
		look_later(engine, item, task, now_ms);
	if (engine_downloads(engine))
		downloads_sync(engine, item);
	engine_conclude_if_done(engine, item);
	if (item->has_ended)
		return;
	if (!engine_downloads(engine) || item->files_open == 0) {
		task_free(item->task);
		item->task = NULL;
	}
}

/* An accepted submit may have named the task: the ledger kept what it is called. */
static void recall_other_id(struct engine *engine, struct item *item)
{
	_cleanup_(task_freep) struct task *known = NULL;
	const char *other;
	struct err err;

	if (item->other_id[0] || taskid_is_history(item->id))
		return;
	if (ledger_find(
		engine->dq->ledger, engine->dq->profile, item->id, &known, &err)) {
		engine_abort(engine, &err);
		return;
	}
	other = known ? known->history_id : NULL;
	if (known && !(other && taskid_is_history(other)))
		other = known->alias_id;
	if (other && taskid_is_valid(other))
		(void)stpcpy(item->other_id, other);
}

/*
 * An id that is not known is tried as the other kind of id next (PROTOCOL A1),
 * at once when this is a single look.
 */
static bool turn_around(struct engine *engine, struct item *item, const struct task *task)
{
	const struct look_memory *memory = &item->memory;
	const size_t key = item->key;

	if (memory->absences == 0)
		return false;
	item->as_history = !item->as_history;
	if (item->as_history)
		recall_other_id(engine, item);
	if (engine->goal != GOAL_QUERY || task_state_is_final(task->state))
		return false;
	sched_again(engine->sched, &key, 1, clock_mono_ms());
	return true;
}

/* For a single look, absence is concluded when both kinds of id were tried. */
static bool concludes_absence(const struct engine *engine, const struct item *item)
{
	return engine->goal == GOAL_QUERY && item->memory.asked_as_submit &&
	    item->memory.asked_as_history;
}

static void unreadable(struct engine *engine, struct item *item, const struct err *why)
{
	const size_t key = item->key;
	const struct sched_view view = { .state = TASK_UNKNOWN, .kind = item->kind };
	struct err outcome = *why;

	err_note(&outcome, "task '%s'", item->id);
	if (engine->goal == GOAL_QUERY || ++item->unreadable >= UNREADABLE_MAX)
		engine_end_looks_at(engine, item, &outcome);
	else
		sched_looked(engine->sched, key, &view, clock_mono_ms());
}

static struct task *judge(
    struct engine *engine, struct answer *answer, struct item *item, int64_t now_ms)
{
	struct task *task = NULL;
	struct err err;

	if (item->as_history)
		item->memory.asked_as_history = true;
	else
		item->memory.asked_as_submit = true;
	if (answer_judge(answer, asked_id(item), concludes_absence(engine, item), now_ms,
		&item->memory, &task, &err)) {
		if (err.kind == ERR_NOMEM)
			engine_abort(engine, &err);
		else
			unreadable(engine, item, &err);
		return NULL;
	}
	task->submit_id = arena_strdup(&task->arena, item->id);
	if (!task->submit_id) {
		task_free(task);
		err_set(&err, ERR_NOMEM, "out of memory for task '%s'", item->id);
		engine_abort(engine, &err);
		return NULL;
	}
	item->unreadable = 0;
	if (item->memory.absences == 0)
		item->memory.asked_as_history = item->memory.asked_as_submit = false;
	return task;
}

static void take_in_all(struct engine *engine, const struct look_request *request,
    struct task **tasks, int64_t now_ms)
{
	for (size_t i = 0; i < request->n; i++) {
		struct item *item = engine->items[request->keys[i]];

		if (!tasks[i])
			continue;
		if (item->has_ended || turn_around(engine, item, tasks[i]))
			task_free(tasks[i]);
		else
			take_in(engine, item, tasks[i], now_ms);
	}
}

/* Close the gaps of records that could not be read, for the ledger's array. */
static size_t gather(struct task **tasks, size_t n, struct task **ret_seen)
{
	size_t n_seen = 0;

	for (size_t i = 0; i < n; i++)
		if (tasks[i])
			ret_seen[n_seen++] = tasks[i];
	return n_seen;
}

static void put_back(struct engine *engine, const struct look_request *request)
{
	for (size_t i = 0; i < request->n; i++)
		if (!engine->items[request->keys[i]]->has_ended)
			sched_again(engine->sched, &request->keys[i], 1, clock_mono_ms());
}

/* What the lease of each look was, for the ledger to check. */
static void gather_tokens(
    const struct look_request *request, struct task *const *tasks, int64_t *ret_tokens)
{
	size_t n = 0;

	for (size_t i = 0; i < request->n; i++)
		if (tasks[i])
			ret_tokens[n++] =
			    request->engine->items[request->keys[i]]->lease_token;
}

static void not_written(struct engine *engine, const struct look_request *request,
    struct task **tasks, const struct err *why)
{
	if (why->kind == ERR_NOSPACE && engine->goal != GOAL_QUERY) {
		pause_for_disk(engine, why, -1);
		put_back(engine, request);
	} else {
		engine_abort(engine, why);
	}
	for (size_t i = 0; i < request->n; i++)
		task_free(tasks[i]);
}

static void arrived(
    struct engine *engine, const struct look_request *request, struct answer *answer)
{
	const int64_t now_ms = clock_mono_ms();
	const int64_t server_ms = answer_server_unix_ms(answer);
	_cleanup_free_ struct task **tasks =
	    calloc(2 * request->n, sizeof(struct task *));
	_cleanup_free_ int64_t *tokens = calloc(request->n, sizeof(*tokens));
	struct dq *dq = engine->dq;
	struct err err;
	size_t n_seen;

	if (!tasks || !tokens) {
		err_set(&err, ERR_NOMEM, "out of memory for an answer");
		engine_abort(engine, &err);
		return;
	}
	if (server_ms > 0)
		dq->skew_ms = server_ms - clock_unix_ms();
	for (size_t i = 0; i < request->n; i++) {
		struct item *item = engine->items[request->keys[i]];

		if (!item->has_ended)
			tasks[i] = judge(engine, answer, item, now_ms);
	}
	n_seen = gather(tasks, request->n, tasks + request->n);
	gather_tokens(request, tasks, tokens);
	if (ledger_observe(dq->ledger, dq->profile, tasks + request->n, tokens, n_seen,
		clock_unix_ms(), &err)) {
		not_written(engine, request, tasks, &err);
		return;
	}
	take_in_all(engine, request, tasks, now_ms);
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
		    engine->last_trouble.kind == ERR_CONTRACT)
			session_note(engine->dq, "the service answers again");
	}
	engine->ever_went_well = true;
	engine->last_trouble = (struct err){ .kind = ERR_OK };
	sched_request_ok(engine->sched, clock_mono_ms());
}

static void failed(struct engine *engine, const struct look_request *request,
    const struct api_outcome *outcome)
{
	const int64_t now_ms = clock_mono_ms();
	const unsigned failures = sched_request_failed(engine->sched, &outcome->err,
	    outcome->could_be_size ? request->n : 0, now_ms);
	const struct retry_request tried = {
		.failures = failures,
		.trouble_ms = now_ms - sched_trouble_since_ms(engine->sched),
		.is_single_look = engine->goal == GOAL_QUERY,
		.ever_went_well = engine->ever_went_well,
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
	else
		arrived(engine, request, answer);
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

static void probed(void *payload, const struct credit_outcome *credit)
{
	struct look_request *request = payload;
	struct engine *engine = request->engine;
	struct api_outcome outcome = { .is_empty_body = true, .sent = true };

	err_set(&outcome.err, ERR_NET, "the service sent an empty answer");
	if (credit->err.kind == ERR_AUTH || credit->err.kind == ERR_ACCOUNT)
		outcome.err = credit->err;
	unlink_request(request);
	failed(engine, request, &outcome);
	free(request);
}

/* An empty body is what a dead login gets, too (PROTOCOL B6.2): ask which it is. */
static bool probe_login(struct look_request *request)
{
	struct engine *engine = request->engine;
	struct err err;

	engine->dq->totals.requests++;
	return api_credit(engine->dq->api, probed, request, &err) == ERR_OK;
}

static void on_query(void *payload, const struct api_outcome *outcome)
{
	struct look_request *request = payload;
	struct engine *engine = request->engine;
	const struct api_outcome ours = as_ours(outcome);

	if (outcome->is_empty_body && probe_login(request))
		return;
	unlink_request(request);
	if (is_refused_kind(request, outcome)) {
		count_as_absent(engine, request);
	} else if (outcome->err.kind) {
		failed(engine, request, &ours);
	} else {
		went_well(engine);
		arrived(engine, request, outcome->answer);
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

		ids[i] = asked_id(item);
		as_history[i] = asks_as_history(item);
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

/* Split what is due into the plain and the exotic; each part that is not empty is a
 * request. */
static void send_parts(struct engine *engine, const size_t *keys, size_t n)
{
	for (int exotic = 0; exotic <= 1; exotic++) {
		struct look_request *request = request_new(engine, n);
		struct err err;

		if (!request) {
			err_set(&err, ERR_NOMEM, "out of memory for a request");
			engine_abort(engine, &err);
			return;
		}
		request->is_exotic = exotic;
		for (size_t i = 0; i < n; i++)
			if (is_exotic(engine->items[keys[i]]) == request->is_exotic)
				request->keys[request->n++] = keys[i];
		if (request->n > 0) {
			send(engine, request);
		} else {
			unlink_request(request);
			free(request);
		}
	}
}

void look_send_due(struct engine *engine, int64_t now_ms)
{
	_cleanup_free_ size_t *keys = NULL;
	struct err err;
	size_t n;

	if (engine->looks_over.kind || sched_next_ms(engine->sched) > now_ms)
		return;
	keys = calloc(sched_batch(engine->sched), sizeof(*keys));
	if (!keys) {
		err_set(&err, ERR_NOMEM, "out of memory for a request");
		engine_abort(engine, &err);
		return;
	}
	while (engine->requests < ENGINE_REQUESTS_MAX &&
	    (n = sched_take(engine->sched, now_ms, keys)) > 0)
		send_parts(engine, keys, n);
}

void look_take_news(
    struct engine *engine, struct item *item, struct task *task, bool is_all_done)
{
	const bool is_news = has_news(item, task);

	item->is_final = is_all_done && task_state_is_final(task->state);
	if (is_news)
		session_emit_task(engine->dq, DQ_EVENT_STATE, task);
	task_free(task);
	if (is_all_done)
		engine_conclude_if_done(engine, item);
}
