/*
 * submit.c - one task, sent at most once (DESIGN, laws 1 and 2).
 *
 *   intent (durable) ──► sent ──┬─ accepted ─────────► queued
 *                               ├─ refused, readable ─► failed
 *                               ├─ never left ────────► failed
 *                               └─ nobody knows ──────► unknown ──► ask for our own id
 *
 * There is no way from here to a second request with the same intent.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "api/retcode.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/hash.h"
#include "core/engine.h"
#include "core/session.h"
#include "model/taskid.h"

enum {
	SUBMIT_STEP_MS = 1000,
	SETTLE_INTERVAL_MS = 2000, /* looks at our own id after an unclear end ... */
	SETTLE_WAIT_MS = 15000, /* ... for so long */
};

/* RFC 9562, version 4. */
static enum err_kind make_uuid(char ret_id[DQ_ID_MAX + 1], struct err *err)
{
	unsigned char b[16];

	if (getrandom(b, sizeof(b), 0) != sizeof(b))
		return err_errno(err, ERR_IO, "no random bytes for a submit id");
	b[6] = (unsigned char)((b[6] & 0x0f) | 0x40);
	b[8] = (unsigned char)((b[8] & 0x3f) | 0x80);
	(void)snprintf(ret_id, DQ_ID_MAX + 1,
	    "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x", b[0],
	    b[1], b[2], b[3], b[4], b[5], b[6], b[7], b[8], b[9], b[10], b[11], b[12],
	    b[13], b[14], b[15]);
	return ERR_OK;
}

static enum err_kind choose_id(
    const struct dq_submit *submit, char ret_id[DQ_ID_MAX + 1], struct err *err)
{
	if (!submit->submit_id)
		return make_uuid(ret_id, err);
	if (!taskid_is_valid(submit->submit_id))
		return err_set(err, ERR_USAGE,
		    "submit id '%.80s' is not 1 to 64 of letters, digits, '_' and '-'",
		    submit->submit_id);
	(void)snprintf(ret_id, DQ_ID_MAX + 1, "%s", submit->submit_id);
	return ERR_OK;
}

static enum err_kind read_request(const struct dq_submit *submit, const char *id,
    struct submit_request *ret_request, struct err *err)
{
	const char *kind = submit->kind ? submit->kind : "image";

	*ret_request = (struct submit_request){
		.submit_id = id,
		.kind = media_kind_parse(kind),
		.prompt = submit->prompt,
		.ratio = submit->ratio,
		.model = submit->model,
		.duration_s = submit->duration_s,
		.extra_json = submit->extra_json,
		.sets = submit->sets,
	};
	if (ret_request->kind != MEDIA_IMAGE && ret_request->kind != MEDIA_VIDEO)
		return err_set(
		    err, ERR_USAGE, "kind '%s' is neither 'image' nor 'video'", kind);
	if (!submit->prompt && !submit->extra_json)
		return err_set(err, ERR_USAGE, "there is no prompt");
	return ERR_OK;
}

static enum err_kind record(struct dq *dq, const struct submit_request *request,
    const char *body, struct err *err)
{
	char hash[HASH_HEX_MAX];
	const struct intent intent = {
		.account = dq->profile,
		.submit_id = request->submit_id,
		.kind = request->kind,
		.prompt = request->prompt,
		.model = request->model,
		.ratio = request->ratio,
		.body = body,
		.request_hash = hash,
		.now_unix_ms = clock_unix_ms(),
	};

	if (hash_text(HASH_SHA256, body, strlen(body), hash, err))
		return err->kind;
	return ledger_intend(dq->ledger, &intent, err);
}

/* --- sending ------------------------------------------------------------------- */

struct sending {
	struct err err;
	bool sent, has_ended;
	char ret[16], history_id[32], echo[DQ_ID_MAX + 1];
};

static void keep(char *into, size_t room, const char *text)
{
	(void)snprintf(into, room, "%s", text && strlen(text) < room ? text : "");
}

static void on_submit(void *payload, const struct submit_outcome *outcome)
{
	struct sending *sending = payload;

	sending->err = outcome->err;
	sending->sent = outcome->sent;
	sending->has_ended = true;
	keep(sending->ret, sizeof(sending->ret), outcome->ret);
	keep(sending->history_id, sizeof(sending->history_id), outcome->history_id);
	keep(sending->echo, sizeof(sending->echo), outcome->submit_id);
}

/* An interrupt does not cut a submit short: its answer is what the user paid for. */
static void send(
    struct dq *dq, enum media_kind kind, const char *body, struct sending *ret_sending)
{
	struct err err;

	*ret_sending = (struct sending){ 0 };
	if (api_submit(dq->api, kind, body, on_submit, ret_sending, &err)) {
		ret_sending->err = err;
		return;
	}
	while (!ret_sending->has_ended) {
		if (!net_step(dq->net, SUBMIT_STEP_MS, &err))
			continue;
		api_free(dq->api); /* ret_sending is about to go */
		dq->api = NULL;
		ret_sending->err = err;
		ret_sending->sent = true;
		return;
	}
}

/* --- what it means --------------------------------------------------------------- */

/*
 * Errors that come from a readable answer: nothing was started, nothing will
 * come. ERR_BUSY is one when it had a code; a bare 429 may come from anything on the way.
 */
static const enum fail_class refusals[] = {
	[ERR_AUTH] = FAIL_LOGIN,
	[ERR_ACCOUNT] = FAIL_RISK,
	[ERR_USAGE] = FAIL_CALLER,
	[ERR_FAILED] = FAIL_CONTENT,
	[ERR_BUSY] = FAIL_SERVICE,
	[ERR_CANCELLED] = FAIL_NONE,
};

static bool is_refusal(const struct sending *sending)
{
	if (!sending->sent)
		return true;
	if (sending->err.kind == ERR_BUSY && !sending->ret[0])
		return false;
	return refusals[sending->err.kind] != FAIL_NONE;
}

static enum fail_class class_of(const struct sending *sending)
{
	const enum fail_class class = refusals[sending->err.kind];

	if (class == FAIL_RISK && retcode_class(sending->ret) == RET_QUOTA)
		return FAIL_QUOTA;
	return class == FAIL_NONE ? FAIL_SERVICE : class;
}

static enum err_kind settle(
    struct dq *dq, const char *id, const struct sending *sending, struct err *err)
{
	const struct dq_get get = { .size_bytes = sizeof(get),
		.wait = { .size_bytes = sizeof(get.wait),
		    .interval_ms = SETTLE_INTERVAL_MS,
		    .max_wait_ms = SETTLE_WAIT_MS } };
	_cleanup_(task_freep) struct task *task = NULL;
	struct err ignored;

	session_note(
	    dq, "%s; asking whether task '%s' has arrived", sending->err.msg, id);
	if (session_api(dq, err))
		return err->kind;
	(void)engine_run(dq, GOAL_SETTLE, &id, 1, &get, &ignored);
	if (ledger_find(dq->ledger, dq->profile, id, &task, err))
		return err->kind;
	if (task && task->state != TASK_UNKNOWN && task->state != TASK_NOT_FOUND)
		return ERR_OK;
	return err_set(err, ERR_RUNNING,
	    "nobody knows whether the service has task '%s'; it is not sent again: "
	    "ask for it with 'dreamq get %s'",
	    id, id);
}

static enum err_kind conclude(
    struct dq *dq, const char *id, const struct sending *sending, struct err *err)
{
	const struct task_fail fail = {
		.class = class_of(sending),
		.code = sending->ret[0] ? sending->ret : NULL,
		.message = sending->err.msg,
		.is_retryable =
		    sending->err.kind == ERR_BUSY || sending->err.kind == ERR_NET,
	};
	const char *history_id = sending->history_id[0] ? sending->history_id : NULL;
	enum task_state state = TASK_UNKNOWN;

	if (sending->err.kind == ERR_OK)
		state = TASK_QUEUED;
	else if (is_refusal(sending))
		state = TASK_FAILED;
	if (ledger_submitted(dq->ledger, dq->profile, id, state,
		state == TASK_FAILED ? &fail : NULL, history_id, err))
		return err->kind;
	if (state == TASK_UNKNOWN)
		return settle(dq, id, sending, err);
	if (sending->echo[0] && strcmp(sending->echo, id) != 0)
		session_note(dq, "the service calls task '%s' by another id, '%s'", id,
		    sending->echo);
	if (state == TASK_FAILED)
		*err = sending->err;
	return state == TASK_FAILED ? err->kind : ERR_OK;
}

static void tell_state(struct dq *dq, const char *id)
{
	_cleanup_(task_freep) struct task *task = NULL;
	struct err err;

	if (!ledger_find(dq->ledger, dq->profile, id, &task, &err) && task)
		session_emit_task(dq, DQ_EVENT_STATE, task);
}

static enum err_kind submit(struct dq *dq, const struct dq_submit *wish,
    char ret_id[DQ_ID_MAX + 1], struct err *err)
{
	_cleanup_free_ char *body = NULL;
	struct submit_request request;
	struct sending sending;
	char id[DQ_ID_MAX + 1];
	size_t n_dead;

	if (choose_id(wish, id, err) || read_request(wish, id, &request, err) ||
	    api_submit_body(dq->wire, &request, &body, err) || session_ledger(dq, err) ||
	    session_api(dq, err) || ledger_settle_dead(dq->ledger, &n_dead, err) ||
	    record(dq, &request, body, err))
		return err->kind;
	(void)snprintf(ret_id, DQ_ID_MAX + 1, "%s", id);
	tell_state(dq, id);
	send(dq, request.kind, body, &sending);
	if (conclude(dq, id, &sending, err))
		return err->kind;
	tell_state(dq, id);
	return ERR_OK;
}

enum dq_status dq_submit(struct dq *dq, const struct dq_submit *wish,
    char ret_submit_id[DQ_ID_MAX + 1], struct dq_error *ret_error)
{
	struct err err;

	ret_submit_id[0] = '\0';
	dq->totals = (struct dq_totals){ .tasks = 1 };
	atomic_store(&dq->is_interrupted, false);
	if (submit(dq, wish, ret_submit_id, &err))
		return session_fail(&err, ret_error);
	if (!atomic_load(&dq->is_interrupted))
		return DQ_OK;
	err_set(&err, ERR_CANCELLED, "interrupted after task '%s' was accepted",
	    ret_submit_id);
	return session_fail(&err, ret_error);
}
