#include "wire/request.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "common/hash.h"

/* Log ids look like 20260111101830464CF95B781327987DD6: a moment and 20 hex digits. */
static void make_logid(struct request *r)
{
	uint64_t serial = atomic_fetch_add(&r->host->requests, 1);
	uint64_t noise = hash_mix(r->host->seed, serial + 1);
	time_t seconds = (time_t)(r->now_ms / 1000);
	struct tm tm;
	char day[16];

	(void)gmtime_r(&seconds, &tm);
	(void)strftime(day, sizeof(day), "%Y%m%d%H%M%S", &tm);
	(void)snprintf(r->logid, sizeof(r->logid), "%s%016llX%04X", day,
	    (unsigned long long)noise, (unsigned)(serial & 0xffff));
}

struct request *request_new(
    struct http_host *host, bool is_cdn, bool is_tls, const char *uri)
{
	struct request *r = mem_new(1, sizeof(*r));

	r->host = host;
	r->is_cdn = is_cdn;
	r->is_tls = is_tls;
	r->uri = mem_dup(uri);
	r->now_ms = clock_now_ms(host->clock);
	r->delivery = delivery_make();
	make_logid(r);
	return r;
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
	reply_clear(&r->reply);
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
}

void request_add_id(struct request *r, const char *id)
{
	add_to_list(&r->ids, &r->ids_count, mem_dup(id));
}

bool request_repeats_id(const struct request *r, size_t index)
{
	for (size_t i = 0; i < index; i++)
		if (strcmp(r->ids[i], r->ids[index]) == 0)
			return true;
	return false;
}
