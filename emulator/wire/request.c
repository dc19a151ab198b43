#include "wire/request.h"

#include <netinet/in.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "common/hash.h"

enum { LOGGED_BODY_MAX = 64 << 10 };

/* Log ids look like 20260111101830464CF95B781327987DD6: a moment and 20 hex digits. */
static void make_logid(struct request *r)
{
	uint64_t serial = atomic_fetch_add(&r->emu->serial, 1);
	uint64_t noise = hash_mix(r->emu->store.seed, serial + 1);
	time_t seconds = (time_t)(r->now_ms / 1000);
	struct tm tm;
	char day[16];

	(void)gmtime_r(&seconds, &tm);
	(void)strftime(day, sizeof(day), "%Y%m%d%H%M%S", &tm);
	(void)snprintf(r->logid, sizeof(r->logid), "%s%016llX%04X", day,
	    (unsigned long long)noise, (unsigned)(serial & 0xffff));
}

struct request *request_new(struct emulator *emu, bool is_cdn, const char *uri)
{
	struct request *r = mem_new(1, sizeof(*r));

	r->emu = emu;
	r->is_cdn = is_cdn;
	r->uri = mem_dup(uri);
	r->now_ms = clock_now_ms(&emu->clock);
	r->wire = (struct wire){ .cut_at = -1, .stall_at = -1 };
	make_logid(r);
	return r;
}

void reply_clear(struct request *r)
{
	for (unsigned i = 0; i < r->reply.headers_count; i++)
		free(r->reply.headers[i].value);
	source_release(&r->reply.body);
	r->reply = (struct reply){ 0 };
}

static void free_list(char **list, size_t count)
{
	for (size_t i = 0; i < count; i++)
		free(list[i]);
	free(list);
}

void request_free(struct request *r)
{
	if (!r)
		return;
	reply_clear(r);
	free_list(r->ids, r->ids_count);
	free_list(r->violations, r->violations_count);
	text_release(&r->body);
	json_decref(r->json);
	free(r->session);
	free(r->uri);
	free(r);
}

const char *request_header(const struct request *r, const char *name)
{
	return MHD_lookup_connection_value(r->conn, MHD_HEADER_KIND, name);
}

const char *request_argument(const struct request *r, const char *name)
{
	const char *value =
	    MHD_lookup_connection_value(r->conn, MHD_GET_ARGUMENT_KIND, name);

	return value ? value : "";
}

static void add_to_list(char ***list, size_t *count, char *s)
{
	*list = mem_grow(*list, (*count + 1) * sizeof(**list));
	(*list)[(*count)++] = s;
}

void request_violation(struct request *r, const char *fmt, ...)
{
	char message[240] = "";
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(message, sizeof(message), fmt, ap);
	va_end(ap);
	add_to_list(&r->violations, &r->violations_count, mem_dup(message));
	atomic_fetch_add(&r->emu->counters.violations, 1);
}

void request_add_id(struct request *r, const char *id)
{
	add_to_list(&r->ids, &r->ids_count, mem_dup(id));
}

void reply_header(struct request *r, const char *name, const char *fmt, ...)
{
	struct reply *reply = &r->reply;
	char value[1024] = "";
	unsigned i = 0;
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(value, sizeof(value), fmt, ap);
	va_end(ap);
	while (i < reply->headers_count && strcasecmp(reply->headers[i].name, name) != 0)
		i++;
	if (i == REPLY_HEADERS_MAX)
		return;
	if (i == reply->headers_count)
		reply->headers[reply->headers_count++] =
		    (struct reply_header){ name, NULL };
	free(reply->headers[i].value);
	reply->headers[i].value = mem_dup(value);
}

void reply_text(struct request *r, int status, const char *type, struct text *body)
{
	reply_clear(r);
	r->reply.status = status;
	if (body->data)
		source_own(&r->reply.body, body->data, body->len);
	r->reply.size = body->len;
	*body = (struct text){ 0 };
	if (type)
		reply_header(r, "Content-Type", "%s", type);
}

void reply_string(struct request *r, int status, const char *type, const char *body)
{
	struct text text = { 0 };

	text_puts(&text, body);
	reply_text(r, status, type, &text);
}

static json_t *string_or_null(const char *s)
{
	/* stringn_nocheck takes bytes that are no UTF-8, but then they cannot be dumped
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

	if (r->is_logged || !r->emu->log.file)
		return;
	r->is_logged = true;
	line = log_record(r);
	text = json_dumps(line, JSON_COMPACT | JSON_REAL_PRECISION(14));
	if (text)
		reqlog_write(&r->emu->log, text);
	free(text);
	json_decref(line);
}
