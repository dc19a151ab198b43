#include "service/jimeng/send/call.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

static void call_free(struct call *call)
{
	buf_release(&call->body);
	free(call);
}

static void copy(char *into, size_t room, const char *text)
{
	(void)snprintf(into, room, "%s", text ? text : "");
}

static bool on_head(void *payload, const struct net_head *head)
{
	struct call *call = payload;

	call->status = head->status;
	call->retry_after_ms = head->retry_after_ms;
	call->date_unix_ms = head->date_unix_ms;
	copy(call->location, sizeof(call->location), head->location);
	copy(call->log_id, sizeof(call->log_id), head->tt_logid);
	return true;
}

static bool on_bytes(void *payload, const void *bytes, size_t len)
{
	struct call *call = payload;

	if (len > call->body.max - call->body.len) {
		err_set(&call->body_err, ERR_CONTRACT,
		    "the answer is longer than %zu bytes", call->body.max);
		return false;
	}
	buf_add(&call->body, bytes, len);
	if (buf_failed(&call->body))
		err_set(&call->body_err, ERR_NOMEM, "no memory for an answer");
	return !buf_failed(&call->body);
}

static void on_done(
    void *payload, const struct err *err, const struct net_head *head, bool sent)
{
	struct call *call = payload;
	struct reply reply = {
		.err = call->body_err.kind ? call->body_err : *err,
		.sent = sent,
		.status = call->status,
		.retry_after_ms = call->retry_after_ms,
		.date_unix_ms = call->date_unix_ms,
		.location = call->location[0] ? call->location : NULL,
		.log_id = call->log_id,
		.body = call->body.data,
		.len = call->body.len,
	};

	(void)head;
	if (call->api) {
		_cleanup_(reading_release) struct reading reading = reply_read(&reply);

		LIST_REMOVE(call, others);
		buf_release(&call->body);
		call->finish(call, &reading, sent);
	}
	call_free(call);
}

void draft_release(struct draft *draft)
{
	buf_release(&draft->url);
}

void draft_add_header(struct draft *draft, const char *name, const char *value)
{
	int n;

	if (draft->n == CALL_HEADERS_MAX) {
		draft->is_cut = true;
		return;
	}
	n = snprintf(draft->line[draft->n], CALL_HEADER_MAX, "%s: %s", name, value);
	draft->is_cut = draft->is_cut || n < 0 || n >= CALL_HEADER_MAX;
	draft->headers[draft->n] = draft->line[draft->n];
	draft->n++;
}

enum err_kind call_start(
    struct api *api, const struct draft *draft, const struct call *call, struct err *err)
{
	static const struct net_handler handler = { on_head, on_bytes, on_done };
	const struct net_spec spec = {
		.role = NET_API,
		.method = "POST",
		.url = draft->url.data,
		.headers = draft->headers,
		.cookie = api->cookie.text,
		.cookie_header = draft->cookie_header,
		.body = draft->body,
		.body_len = draft->body_len,
		.max_body_bytes = draft->max_body_bytes,
		.total_timeout_ms = draft->timeout_ms,
		.stall_timeout_ms = api->wire->stall_seconds * 1000,
		.wants_gzip = draft->wants_gzip,
		.once = draft->once,
	};
	struct call *ours;

	if (buf_failed(&draft->url) || draft->is_cut)
		return err_set(err, ERR_USAGE,
		    "an address or header is too long; check the [wire] settings");
	ours = malloc(sizeof(*ours));
	if (!ours)
		return err_set(err, ERR_NOMEM, "no memory for a request");
	*ours = *call;
	ours->api = api;
	ours->body = buf_make(draft->max_body_bytes);
	ours->retry_after_ms = -1;
	ours->date_unix_ms = -1;
	if (net_start(api->net, &spec, &handler, ours, &ours->request, err)) {
		call_free(ours);
		return err->kind;
	}
	LIST_INSERT_HEAD(&api->calls, ours, others);
	return ERR_OK;
}

void call_abandon(struct call *call)
{
	LIST_REMOVE(call, others);
	call->api = NULL;
	net_cancel(call->request);
}
