#include "mcp/http_route.h"

#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "mcp/era.h"
#include "mcp/frame.h"
#include "mcp/http_mirror.h"
#include "mcp/reply.h"

#define SESSION_FIELD "Mcp-Session-Id"
#define VERSION_FIELD "MCP-Protocol-Version"

/* A request that is being looked at. */
struct asked {
	struct route *route;
	struct http_exchange *exchange;
	const struct web_request *request;
	struct message message;
};

/* --- refusing ---------------------------------------------------------------------- */

static void refuse(
    struct http_exchange *exchange, unsigned status, enum rpc_code code, const char *why)
{
	const struct reply_to to = { NULL, false };

	exchange->status = status;
	reply_error(&exchange->wire, &to, code, why, NULL);
}

/* The same, of a message whose id is known. */
static void refuse_message(
    struct asked *asked, unsigned status, enum rpc_code code, const char *why)
{
	const struct reply_to to = { asked->message.id, false };

	asked->exchange->status = status;
	reply_error(&asked->exchange->wire, &to, code, why, NULL);
}

/* --- POST -------------------------------------------------------------------------- */

static const char *version_in(const struct message *message)
{
	const cJSON *meta = cJSON_GetObjectItemCaseSensitive(message->params, "_meta");
	const cJSON *version = cJSON_GetObjectItemCaseSensitive(
	    meta, "io.modelcontextprotocol/protocolVersion");

	return cJSON_IsString(version) ? version->valuestring : NULL;
}

/* Does it stand for itself? The body says so, or its header, without a session. */
static bool is_modern(const struct asked *asked)
{
	const char *version = web_field(asked->request, VERSION_FIELD, NULL);

	if (asked->message.params && version_in(&asked->message))
		return true;
	return version && !strcmp(version, ERA_MODERN_REVISION) &&
	    !web_field(asked->request, SESSION_FIELD, NULL);
}

/* Once only a session's name or a handshake tells who asks. False: it was refused. */
static bool find_session(struct asked *asked, struct session **ret_session)
{
	const char *id = web_field(asked->request, SESSION_FIELD, NULL);
	const char *version = web_field(asked->request, VERSION_FIELD, NULL);
	const bool begins =
	    asked->message.method && !strcmp(asked->message.method, "initialize");
	struct err err;

	*ret_session = NULL;
	if (version && !begins && !era_is_legacy(version)) {
		refuse_message(asked, 400, RPC_REQUEST, "unsupported " VERSION_FIELD);
		return false;
	}
	if (begins && sessions_begin(&asked->route->sessions, ret_session, &err)) {
		refuse_message(asked, 503, RPC_INTERNAL, err.msg);
		return false;
	}
	if (begins || !id)
		return true;
	*ret_session = sessions_find(&asked->route->sessions, id);
	if (!*ret_session)
		refuse_message(
		    asked, 404, RPC_REQUEST, "there is no such session: initialize");
	return *ret_session != NULL;
}

/* A peer without a name is there for this request alone. */
static void hand_over(struct asked *asked, struct session *session)
{
	struct http_exchange *exchange = asked->exchange;
	const bool waits_for_answer = asked->message.kind == MESSAGE_REQUEST;
	const bool began = session && !session->peer.is_initialized;

	exchange->asks = session ? &session->peer : &exchange->peer;
	exchange->is_dispatched = true;
	methods_answer(
	    asked->route->methods, exchange->asks, &exchange->wire, &asked->message);
	/* Whoever answers later holds the wire; a notification has no answer. */
	if (!waits_for_answer || !exchange->holds)
		http_exchange_end(exchange, 202);
	if (!began)
		return;
	if (session->peer.is_initialized)
		(void)snprintf(
		    exchange->session, sizeof(exchange->session), "%s", session->id);
	else /* a handshake that was refused */
		sessions_end(&asked->route->sessions, session);
}

static void take_message(struct asked *asked)
{
	struct session *session = NULL;
	const char *fault = NULL;

	asked->exchange->is_modern = is_modern(asked);
	if (asked->exchange->is_modern && asked->message.kind == MESSAGE_REQUEST)
		fault = mirror_fault(asked->request, &asked->message);
	if (fault)
		refuse_message(asked, 400, RPC_HEADER, fault);
	else if (asked->exchange->is_modern || find_session(asked, &session))
		hand_over(asked, session);
}

static void post(struct asked *asked)
{
	struct http_exchange *exchange = asked->exchange;
	enum rpc_code code;
	const char *why;

	exchange->takes_events = web_accepts(asked->request, "text/event-stream");
	if (exchange->body.len > FRAME_MAX || buf_failed(&exchange->body)) {
		refuse(exchange, 413, RPC_REQUEST, "a message of more than 1 MiB");
		return;
	}
	code =
	    message_read(exchange->body.data, exchange->body.len, &asked->message, &why);
	if (code)
		refuse_message(asked, 400, code, why);
	else
		take_message(asked);
	message_release(&asked->message);
}

/* --- GET and DELETE ---------------------------------------------------------------- */

static struct session *named_session(struct asked *asked)
{
	const char *id = web_field(asked->request, SESSION_FIELD, NULL);
	struct session *session = id ? sessions_find(&asked->route->sessions, id) : NULL;

	if (!id)
		refuse(asked->exchange, 400, RPC_REQUEST, SESSION_FIELD " is missing");
	else if (!session)
		refuse(asked->exchange, 404, RPC_REQUEST, "there is no such session");
	return session;
}

static void get(struct asked *asked)
{
	struct session *session = named_session(asked);

	if (!session)
		return;
	if (session->stream) {
		refuse(asked->exchange, 409, RPC_REQUEST,
		    "this session has a stream already");
		return;
	}
	asked->exchange->takes_events = true;
	session->stream = asked->exchange;
	session->peer.notices = &asked->exchange->wire;
	http_exchange_stream(asked->exchange);
}

static void delete (struct asked *asked)
{
	struct session *session = named_session(asked);

	if (!session)
		return;
	sessions_end(&asked->route->sessions, session);
	http_exchange_end(asked->exchange, 204);
}

/* --- the table --------------------------------------------------------------------- */

static const struct row {
	const char *method;
	unsigned wants; /* of the guard */
	const char *answers; /* what the client has to accept, or... */
	const char *or_answers; /* ...that */
	void (*take)(struct asked *asked);
} rows[] = {
	{ "DELETE", GUARD_WANTS_DATA, NULL, NULL, delete },
	{ "GET", GUARD_WANTS_DATA, "text/event-stream", NULL, get },
	{ "POST", GUARD_WANTS_DATA | GUARD_WANTS_BODY, "application/json",
	    "text/event-stream", post },
};

static const struct row *find_row(const char *method)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		if (!strcmp(rows[i].method, method))
			return &rows[i];
	return NULL;
}

static bool is_accepted(const struct web_request *request, const struct row *row)
{
	return !row->answers || web_accepts(request, row->answers) ||
	    (row->or_answers && web_accepts(request, row->or_answers));
}

bool route_admits(const struct route *route, struct http_exchange *exchange,
    const struct web_request *request)
{
	const struct row *row = find_row(request->method);
	const enum guard_verdict verdict =
	    guard_judge(&route->guard, request, row ? row->wants : GUARD_WANTS_DATA);

	if (verdict)
		refuse(exchange, guard_answer(verdict)->status, RPC_REQUEST,
		    guard_answer(verdict)->sentence);
	else if (strcmp(request->target, "/mcp") != 0)
		refuse(exchange, 404, RPC_REQUEST, "the endpoint is /mcp");
	else if (!row)
		refuse(exchange, 405, RPC_REQUEST, "POST, GET and DELETE are known");
	else if (!is_accepted(request, row))
		refuse(exchange, 406, RPC_REQUEST,
		    "Accept must have application/json and text/event-stream");
	else
		return true;
	return false;
}

void route_take(struct route *route, struct http_exchange *exchange,
    const struct web_request *request)
{
	struct asked asked = { route, exchange, request, { .json = NULL } };
	const struct row *row = find_row(request->method);

	if (row) /* route_admits() has found it */
		row->take(&asked);
}
