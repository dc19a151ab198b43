#include "wire/http.h"

#include <arpa/inet.h>
#include <errno.h>
#include <microhttpd.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "wire/connection.h"
#include "wire/log.h"
#include "wire/raw.h"
#include "wire/request.h"

enum {
	BLOCK = 64 << 10,
	CONNECTIONS_MAX = 16384,
	STACK_SIZE = 512 << 10,
	HEADERS_MAX = 32 << 10,
	BACKLOG = 1024
};

struct http_port {
	struct MHD_Daemon *daemon;
	struct http_host *host;
	bool is_cdn, is_tls;
};

/* The body ends here on purpose: it is logged before the peer can see that. */
static ssize_t cut(struct request *r)
{
	r->host->cut(r->host->owner, r);
	request_log(r);
	if (r->delivery.is_reset)
		connection_reset(r);
	return MHD_CONTENT_READER_END_WITH_ERROR;
}

/* Bytes that may be given from `pos` on before the next thing happens. */
static size_t allowance(const struct request *r, uint64_t pos, size_t max)
{
	const struct delivery *way = &r->delivery;
	uint64_t n = r->reply.size - pos;

	if (way->cut_at >= 0 && (uint64_t)way->cut_at - pos < n)
		n = (uint64_t)way->cut_at - pos;
	if (way->stall_at >= 0 && !r->is_stalled && (uint64_t)way->stall_at > pos &&
	    (uint64_t)way->stall_at - pos < n)
		n = (uint64_t)way->stall_at - pos;
	if (way->rate && n > way->rate / 20 + 1)
		n = way->rate / 20 + 1;
	return n < max ? (size_t)n : max;
}

static ssize_t read_body(void *cls, uint64_t pos, char *buf, size_t max)
{
	struct request *r = cls;
	const struct delivery *way = &r->delivery;
	size_t n;

	if (way->stall_at >= 0 && !r->is_stalled && pos >= (uint64_t)way->stall_at) {
		r->is_stalled = true;
		if (!connection_sleep(r, way->stall_s))
			return MHD_CONTENT_READER_END_WITH_ERROR;
	}
	if (way->cut_at >= 0 && pos >= (uint64_t)way->cut_at)
		return cut(r);
	if (pos >= r->reply.size)
		return way->length_delta < 0 ? MHD_CONTENT_READER_END_OF_STREAM : cut(r);
	n = allowance(r, pos, max);
	if (way->rate && !connection_sleep(r, (double)n / (double)way->rate))
		return MHD_CONTENT_READER_END_WITH_ERROR;
	n = source_read(&r->reply.body, r->reply.first + pos, buf, n);
	r->sent += n;
	r->host->sent(r->host->owner, r, n);
	if (pos + n >= r->reply.size)
		request_log(r);
	return (ssize_t)n;
}

static void add_headers(const struct request *r, struct MHD_Response *response)
{
	for (unsigned i = 0; i < r->reply.headers_count; i++)
		(void)MHD_add_response_header(
		    response, r->reply.headers[i].name, r->reply.headers[i].value);
}

/*
 * A body longer than it claims ends with the connection. The library is told no
 * length, and speaks as an HTTP/1.0 server so that it does not chunk instead.
 */
static struct MHD_Response *short_claim(struct request *r)
{
	struct MHD_Response *response = MHD_create_response_from_callback(
	    MHD_SIZE_UNKNOWN, BLOCK, read_body, r, NULL);
	int64_t claim = (int64_t)r->reply.size + r->delivery.length_delta;
	char number[24];

	if (!response)
		return NULL;
	(void)snprintf(number, sizeof(number), "%lld", claim > 0 ? (long long)claim : 0);
	(void)MHD_set_response_options(response,
	    MHD_RF_INSANITY_HEADER_CONTENT_LENGTH | MHD_RF_HTTP_1_0_SERVER, MHD_RO_END);
	(void)MHD_add_response_header(response, "Content-Length", number);
	(void)MHD_add_response_header(response, "Connection", "close");
	return response;
}

static struct MHD_Response *make_response(struct request *r)
{
	uint64_t size = r->reply.size;

	if (r->delivery.length_delta < 0)
		return short_claim(r);
	size += (uint64_t)r->delivery.length_delta;
	return MHD_create_response_from_callback(size, BLOCK, read_body, r, NULL);
}

static enum MHD_Result send_reply(struct request *r)
{
	bool has_body = r->reply.size > 0 || r->delivery.length_delta > 0;
	bool is_head = strcmp(r->method, "HEAD") == 0;
	enum MHD_Result result = MHD_NO;
	struct MHD_Response *response;

	if (r->reply.status && r->delivery.stall_at == 0 && !r->is_stalled) {
		r->is_stalled = true;
		if (!connection_sleep(r, r->delivery.stall_s))
			return MHD_NO;
	}
	if (!r->reply.status || (r->delivery.is_reset && r->delivery.cut_at <= 0)) {
		request_log(r);
		connection_reset(r);
		return MHD_NO;
	}
	if (raw_replace(r))
		return MHD_NO;
	response = make_response(r);
	if (!response)
		return MHD_NO;
	add_headers(r, response);
	if (is_head || !has_body)
		request_log(r);
	result = MHD_queue_response(r->conn, (unsigned)r->reply.status, response);
	MHD_destroy_response(response);
	return result;
}

/* NOLINTNEXTLINE(readability-function-size): the library says how it calls us */
static enum MHD_Result on_request(void *cls, struct MHD_Connection *conn, const char *url,
    const char *method, const char *version, const char *upload, size_t *upload_size,
    void **con_cls)
{
	struct request *r = *con_cls;

	(void)cls;
	(void)version;
	if (!r->is_begun) {
		r->is_begun = true;
		r->conn = conn;
		r->path = url;
		r->method = method;
		return MHD_YES;
	}
	if (*upload_size) {
		if (r->body.len + *upload_size > REQUEST_BODY_MAX)
			r->is_too_big = true;
		else
			text_add(&r->body, upload, *upload_size);
		*upload_size = 0;
		return MHD_YES;
	}
	r->host->answer(r->host->owner, r);
	return send_reply(r);
}

static void on_completed(void *cls, struct MHD_Connection *conn, void **con_cls,
    enum MHD_RequestTerminationCode code)
{
	struct request *r = *con_cls;

	(void)cls;
	(void)conn;
	if (r && r->is_begun) {
		request_log(r);
		if (code == MHD_REQUEST_TERMINATED_COMPLETED_OK)
			raw_send_ahead(r);
	}
	request_free(r);
	*con_cls = NULL;
}

static void *on_uri(void *cls, const char *uri, struct MHD_Connection *conn)
{
	const struct http_port *http = cls;

	(void)conn;
	return request_new(http->host, http->is_cdn, http->is_tls, uri);
}

static enum err_kind open_socket(int port, int *ret_fd, int *ret_port, struct err *err)
{
	struct sockaddr_in at = {
		.sin_family = AF_INET,
		.sin_port = htons((uint16_t)port),
		.sin_addr = { .s_addr = htonl(INADDR_LOOPBACK) },
	};
	socklen_t len = sizeof(at);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int on = 1;

	if (fd < 0)
		return err_set(err, ERR_LISTEN, "no socket: %s", strerror(errno));
	(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(fd, (struct sockaddr *)&at, len) < 0 || listen(fd, BACKLOG) < 0 ||
	    getsockname(fd, (struct sockaddr *)&at, &len) < 0) {
		(void)err_set(err, ERR_LISTEN, "cannot listen on 127.0.0.1 port %d: %s",
		    port, strerror(errno));
		(void)close(fd);
		return err->kind;
	}
	*ret_fd = fd;
	*ret_port = ntohs(at.sin_port);
	return ERR_OK;
}

static struct MHD_Daemon *start(
    struct http_port *http, int fd, const struct http_tls *tls)
{
	unsigned flags = MHD_USE_THREAD_PER_CONNECTION | MHD_USE_INTERNAL_POLLING_THREAD |
	    MHD_USE_POLL | MHD_USE_SUPPRESS_DATE_NO_CLOCK | MHD_USE_ITC;
	struct MHD_OptionItem with_tls[] = {
		{ MHD_OPTION_HTTPS_MEM_KEY, 0, NULL },
		{ MHD_OPTION_HTTPS_MEM_CERT, 0, NULL },
		{ MHD_OPTION_END, 0, NULL },
	};

	if (tls) {
		flags |= MHD_USE_TLS;
		with_tls[0].ptr_value = (void *)(uintptr_t)tls->key;
		with_tls[1].ptr_value = (void *)(uintptr_t)tls->cert;
	} else {
		with_tls[0].option = MHD_OPTION_END;
	}
	return MHD_start_daemon(flags, 0, NULL, NULL, on_request, http,
	    MHD_OPTION_LISTEN_SOCKET, fd, MHD_OPTION_URI_LOG_CALLBACK, on_uri, http,
	    MHD_OPTION_NOTIFY_COMPLETED, on_completed, http, MHD_OPTION_CONNECTION_LIMIT,
	    (unsigned)CONNECTIONS_MAX, MHD_OPTION_THREAD_STACK_SIZE, (size_t)STACK_SIZE,
	    MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)BLOCK + HEADERS_MAX,
	    MHD_OPTION_ARRAY, with_tls, MHD_OPTION_END);
}

enum err_kind http_listen(struct http_host *host, const struct http_listen *want,
    struct http_port **ret, int *ret_port, struct err *err)
{
	struct http_port *http;
	int fd = -1;

	if (open_socket(want->port, &fd, ret_port, err))
		return err->kind;
	http = mem_new(1, sizeof(*http));
	http->host = host;
	http->is_cdn = want->is_cdn;
	http->is_tls = want->tls != NULL;
	http->daemon = start(http, fd, want->tls);
	if (!http->daemon) {
		(void)close(fd);
		free(http);
		return err_set(err, ERR_LISTEN, "cannot serve on port %d", *ret_port);
	}
	*ret = http;
	return ERR_OK;
}

void http_close(struct http_port *http)
{
	if (!http)
		return;
	MHD_stop_daemon(http->daemon);
	free(http);
}
