/*
 * http_serve.c - the callbacks of libmicrohttpd: connections and requests, as they come
 * and go.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "mcp/http.h"

enum { BODY_READ_MAX = 8 << 20, READ_BLOCK = 4096 };

/* A connection, whether it asks something or not. */
struct visit {
	int fd;
	int64_t since_ms; /* when it began to be asked; -1: it is being answered */
	struct visit *next;
};

/* --- waiting ----------------------------------------------------------------------- */

static int socket_of(struct http *http, struct MHD_Connection *connection)
{
	const union MHD_ConnectionInfo *info =
	    http->lib.get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);

	return info ? info->connect_fd : -1;
}

static void suspend(struct http *http, struct http_exchange *exchange)
{
	struct epoll_event left = { .events = EPOLLRDHUP, .data.ptr = exchange };

	exchange->is_suspended = true;
	http->lib.suspend_connection(exchange->connection);
	(void)epoll_ctl(
	    http->gone_fd, EPOLL_CTL_ADD, socket_of(http, exchange->connection), &left);
}

void http_resume(struct http *http, struct http_exchange *exchange)
{
	if (!exchange->is_suspended)
		return;
	(void)epoll_ctl(
	    http->gone_fd, EPOLL_CTL_DEL, socket_of(http, exchange->connection), NULL);
	exchange->is_suspended = false;
	http->lib.resume_connection(exchange->connection);
}

void http_leave(struct http *http, struct http_exchange *exchange)
{
	exchange->is_gone = true;
	if (exchange->asks == &exchange->peer)
		methods_forget(http->route.methods, &exchange->peer);
	http_resume(http, exchange);
}

/* --- answering --------------------------------------------------------------------- */

static ssize_t read_more(void *payload, uint64_t at, char *into, size_t room)
{
	struct http_exchange *exchange = payload;
	ssize_t n;

	(void)at;
	if (exchange->is_gone)
		return MHD_CONTENT_READER_END_WITH_ERROR;
	n = http_exchange_read(exchange, into, room);
	if (n == 0)
		suspend(exchange->http, exchange);
	return n < 0 ? MHD_CONTENT_READER_END_OF_STREAM : n;
}

static struct MHD_Response *make_response(
    struct http *http, struct http_exchange *exchange, bool is_stream)
{
	if (is_stream)
		return http->lib.create_response_from_callback(
		    MHD_SIZE_UNKNOWN, READ_BLOCK, read_more, exchange, NULL);
	return http->lib.create_response_from_buffer(
	    exchange->out.len, exchange->out.data, MHD_RESPMEM_MUST_COPY);
}

static bool add_fields(struct http *http, const struct http_exchange *exchange,
    struct MHD_Response *response, bool is_stream)
{
	const struct {
		const char *name, *value;
		bool is_wanted;
	} fields[] = {
		{ "Allow", "POST, GET, DELETE", exchange->status == 405 },
		{ "Cache-Control", "no-store", true },
		{ "Content-Type", is_stream ? "text/event-stream" : "application/json",
		    is_stream || exchange->out.len > 0 },
		{ "Mcp-Session-Id", exchange->session, exchange->session[0] != '\0' },
		{ "WWW-Authenticate", "Bearer", exchange->status == 401 },
		{ "X-Accel-Buffering", "no", is_stream },
		{ "X-Content-Type-Options", "nosniff", true },
	};
	bool added = true;

	for (size_t i = 0; i < sizeof(fields) / sizeof(*fields); i++)
		if (fields[i].is_wanted)
			added &= http->lib.add_response_header(response, fields[i].name,
				     fields[i].value) == MHD_YES;
	return added;
}

/* Begins the answer, or waits until it can begin. */
static enum MHD_Result answer(struct http *http, struct http_exchange *exchange)
{
	enum MHD_Result result = MHD_NO;
	struct MHD_Response *response;
	unsigned status;
	bool is_stream;

	if (!http_exchange_starts(exchange, &status, &is_stream)) {
		suspend(http, exchange);
		return MHD_YES;
	}
	response = make_response(http, exchange, is_stream);
	if (response && add_fields(http, exchange, response, is_stream))
		result = http->lib.queue_response(exchange->connection, status, response);
	if (response)
		http->lib.destroy_response(response);
	return result;
}

/* --- asking ------------------------------------------------------------------------ */

static enum MHD_Result add_field(
    void *payload, enum MHD_ValueKind kind, const char *name, const char *value)
{
	struct web_request *request = payload;

	(void)kind;
	if (request->n_fields < WEB_FIELDS_MAX)
		request->fields[request->n_fields] =
		    (struct web_field){ name, value ? value : "" };
	request->n_fields++;
	return MHD_YES;
}

static void read_head(struct http *http, const struct http_exchange *exchange,
    const char *method, struct web_request *ret_request)
{
	*ret_request =
	    (struct web_request){ .method = method, .target = exchange->target };
	(void)http->lib.get_connection_values(
	    exchange->connection, MHD_HEADER_KIND, add_field, ret_request);
}

/* What is too long is read on for a while, so that its client hears of it. */
static enum MHD_Result take_body(
    struct http_exchange *exchange, const char *bytes, size_t *ret_left)
{
	const size_t n = *ret_left;

	exchange->body_bytes += n;
	if (exchange->body_bytes > BODY_READ_MAX)
		return MHD_NO;
	buf_add(&exchange->body, bytes, n);
	*ret_left = 0;
	return MHD_YES;
}

static struct visit *visit_of(struct http *http, struct MHD_Connection *connection)
{
	const union MHD_ConnectionInfo *info =
	    http->lib.get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);

	return info ? info->socket_context : NULL;
}

static void set_since(struct http *http, struct MHD_Connection *connection, int64_t ms)
{
	struct visit *visit = visit_of(http, connection);

	if (visit)
		visit->since_ms = ms;
}

/* Is called when the head has come, for each piece of the body, when all has come, and
 * when what was suspended goes on. */
/* NOLINTNEXTLINE(readability-function-size): the library says what it is called with */
static enum MHD_Result on_request(void *payload, struct MHD_Connection *connection,
    const char *url, const char *method, const char *version, const char *bytes,
    size_t *n, void **of_request)
{
	struct http *http = payload;
	struct http_exchange *exchange = *of_request;
	struct web_request request;

	(void)url;
	(void)version;
	if (!exchange || exchange->is_gone)
		return MHD_NO;
	exchange->connection = connection;
	if (*n > 0)
		return take_body(exchange, bytes, n);
	if (exchange->is_dispatched)
		return answer(http, exchange);
	read_head(http, exchange, method, &request);
	if (!exchange->is_admitted) {
		exchange->is_admitted = route_admits(&http->route, exchange, &request);
		if (exchange->is_admitted)
			return MHD_YES;
	} else {
		set_since(http, connection, -1);
		route_take(&http->route, exchange, &request);
	}
	exchange->is_dispatched = true;
	return answer(http, exchange);
}

/* --- coming and going -------------------------------------------------------------- */

static void *on_target(
    void *payload, const char *target, struct MHD_Connection *connection)
{
	struct http *http = payload;
	struct http_exchange *exchange = http_exchange_new(target, http->changed_fd);

	if (!exchange)
		return NULL;
	exchange->http = http;
	exchange->connection = connection;
	exchange->next = http->first;
	http->first = exchange;
	return exchange;
}

static void on_completed(void *payload, struct MHD_Connection *connection,
    void **of_request, enum MHD_RequestTerminationCode how)
{
	struct http *http = payload;
	struct http_exchange *exchange = *of_request, **link = &http->first;

	set_since(http, connection, clock_mono_ms());
	if (!exchange)
		return;
	while (*link != exchange)
		link = &(*link)->next;
	*link = exchange->next;
	if (how != MHD_REQUEST_TERMINATED_COMPLETED_OK)
		http_leave(http, exchange);
	sessions_lose(&http->route.sessions, exchange);
	http_exchange_end(exchange, 0);
	exchange->has_connection = false;
	(void)http_exchange_free(exchange);
	*of_request = NULL;
}

static void on_connection(void *payload, struct MHD_Connection *connection,
    void **of_connection, enum MHD_ConnectionNotificationCode what)
{
	struct http *http = payload;
	struct visit **link = &http->visits, *visit = *of_connection;

	if (what == MHD_CONNECTION_NOTIFY_STARTED) {
		visit = calloc(1, sizeof(*visit));
		if (!visit)
			return;
		*visit = (struct visit){ socket_of(http, connection), clock_mono_ms(),
			http->visits };
		http->visits = visit;
		*of_connection = visit;
		return;
	}
	while (*link && *link != visit)
		link = &(*link)->next;
	if (*link)
		*link = visit->next;
	free(visit);
	*of_connection = NULL;
}

int64_t visits_next_ms(const struct http *http)
{
	int64_t next_ms = -1;

	for (const struct visit *at = http->visits; at; at = at->next)
		if (at->since_ms >= 0 &&
		    (next_ms < 0 || at->since_ms + HTTP_HEAD_MS < next_ms))
			next_ms = at->since_ms + HTTP_HEAD_MS;
	return next_ms;
}

/* The library sees that it is at its end, and closes it. */
void visits_step(struct http *http)
{
	const int64_t now_ms = clock_mono_ms();

	for (struct visit *at = http->visits; at; at = at->next)
		if (at->since_ms >= 0 && now_ms >= at->since_ms + HTTP_HEAD_MS) {
			(void)shutdown(at->fd, SHUT_RDWR);
			at->since_ms = -1;
		}
}

/* --- as a whole -------------------------------------------------------------------- */

enum err_kind http_start(struct http *http, struct err *err)
{
	const union MHD_DaemonInfo *info = NULL;

	http->daemon = http->lib.start_daemon(MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME, 0,
	    NULL, NULL, on_request, http, MHD_OPTION_LISTEN_SOCKET, http->at.fd,
	    MHD_OPTION_URI_LOG_CALLBACK, on_target, http, MHD_OPTION_NOTIFY_COMPLETED,
	    on_completed, http, MHD_OPTION_NOTIFY_CONNECTION, on_connection, http,
	    MHD_OPTION_CONNECTION_LIMIT, (unsigned)HTTP_CONNECTIONS_MAX,
	    MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)HTTP_MEMORY_BYTES,
	    MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)HTTP_IDLE_S,
	    MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_END);
	if (!http->daemon)
		return err_set(err, ERR_IO, "can't serve HTTP");
	http->at.fd = -1; /* the daemon's now */
	info = http->lib.get_daemon_info(http->daemon, MHD_DAEMON_INFO_EPOLL_FD);
	if (!info)
		return err_set(err, ERR_IO, "can't wait for HTTP requests");
	http->daemon_fd = info->epoll_fd;
	return ERR_OK;
}

/* Streams get their end; what is suspended must go on before the daemon stops. */
void http_stop(struct http *http)
{
	for (struct http_exchange *at = http->first; at; at = at->next) {
		http_exchange_end(at, 503);
		http_resume(http, at);
	}
	if (http->daemon) {
		(void)http->lib.run(http->daemon);
		http->lib.stop_daemon(http->daemon);
	}
	http->daemon = NULL;
}
