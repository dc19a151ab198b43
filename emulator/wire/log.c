#include "wire/log.h"

#include <netinet/in.h>
#include <string.h>

#include "wire/request.h"

enum { LOGGED_BODY_MAX = 64 << 10 };

static json_t *string_or_null(const char *s)
{
	/* json_stringn_nocheck() takes bytes that are not UTF-8, but nobody dumps them.
	 */
	json_t *value = s ? json_string(s) : NULL;

	return value ? value : json_null();
}

static json_t *string_list(char **list, size_t count)
{
	json_t *array = json_array();

	for (size_t i = 0; i < count; i++)
		(void)json_array_append_new(array, string_or_null(list[i]));
	return array;
}

static enum MHD_Result collect_header(
    void *cls, enum MHD_ValueKind kind, const char *name, const char *value)
{
	json_t *pair = json_array();

	(void)kind;
	(void)json_array_append_new(pair, string_or_null(name));
	(void)json_array_append_new(pair, string_or_null(value ? value : ""));
	(void)json_array_append_new(cls, pair);
	return MHD_YES;
}

static json_t *fault_names(const struct request *r)
{
	json_t *array = json_array();

	for (unsigned i = 0; i < FAULT_KINDS; i++)
		if (r->plan.faults[i])
			(void)json_array_append_new(
			    array, json_string(script_fault_name(i)));
	return array;
}

static json_t *log_body(const struct request *r)
{
	json_t *value = NULL;

	if (r->body.len && r->body.len <= LOGGED_BODY_MAX)
		value = json_stringn(r->body.data, r->body.len);
	return value ? value : json_null();
}

/* The client's port: requests that share it came over one connection. */
static int peer_port(const struct request *r)
{
	const union MHD_ConnectionInfo *info =
	    MHD_get_connection_info(r->conn, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
	struct sockaddr_in from = { 0 };

	if (!info || !info->client_addr)
		return 0;
	memcpy(&from, info->client_addr, sizeof(from));
	return ntohs(from.sin_port);
}

/* What the request says of the cluster that it is meant for. */
static json_t *log_cluster(const struct request *r)
{
	static const char *const headers[] = { "Host", "appid", "loc", "lan", "origin",
		"referer" };
	static const char *const arguments[] = { "aid", "region" };
	json_t *cluster = json_object();

	for (size_t i = 0; i < sizeof(headers) / sizeof(headers[0]); i++)
		(void)json_object_set_new(
		    cluster, headers[i], string_or_null(request_header(r, headers[i])));
	for (size_t i = 0; i < sizeof(arguments) / sizeof(arguments[0]); i++)
		(void)json_object_set_new(cluster, arguments[i],
		    string_or_null(request_argument(r, arguments[i])));
	(void)json_object_set_new(cluster, "sign", string_or_null(r->sign));
	return cluster;
}

static json_t *log_record(const struct request *r)
{
	const char *query = strchr(r->uri, '?');
	json_t *headers = json_array();
	json_t *line = json_object();

	(void)MHD_get_connection_values(
	    r->conn, MHD_HEADER_KIND, collect_header, headers);
	(void)json_object_set_new(line, "time", json_real((double)r->now_ms / 1000.0));
	(void)json_object_set_new(line, "port", json_string(r->is_cdn ? "cdn" : "api"));
	(void)json_object_set_new(line, "peer", json_integer(peer_port(r)));
	(void)json_object_set_new(line, "on", string_or_null(r->on));
	(void)json_object_set_new(line, "method", string_or_null(r->method));
	(void)json_object_set_new(line, "path", string_or_null(r->path));
	(void)json_object_set_new(line, "query", string_or_null(query ? query + 1 : ""));
	(void)json_object_set_new(line, "headers", headers);
	if (!r->is_cdn)
		(void)json_object_set_new(line, "cluster", log_cluster(r));
	(void)json_object_set_new(
	    line, "body_bytes", json_integer((json_int_t)r->body.len));
	(void)json_object_set_new(line, "body", log_body(r));
	(void)json_object_set_new(line, "account", string_or_null(r->session));
	(void)json_object_set_new(line, "ids", string_list(r->ids, r->ids_count));
	(void)json_object_set_new(line, "status", json_integer(r->reply.status));
	(void)json_object_set_new(line, "bytes_sent", json_integer((json_int_t)r->sent));
	(void)json_object_set_new(line, "faults", fault_names(r));
	(void)json_object_set_new(
	    line, "violations", string_list(r->violations, r->violations_count));
	if (r->ret)
		(void)json_object_set_new(line, "ret", json_integer(r->ret));
	if (r->is_accepted)
		(void)json_object_set_new(line, "accepted", json_true());
	return line;
}

void request_log(struct request *r)
{
	json_t *line;
	char *text;

	if (r->is_logged || !r->host->log->file)
		return;
	r->is_logged = true;
	line = log_record(r);
	text = json_dumps(line, JSON_COMPACT | JSON_REAL_PRECISION(14));
	if (text)
		reqlog_write(r->host->log, text);
	free(text);
	json_decref(line);
}
