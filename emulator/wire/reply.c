#include "wire/reply.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

struct delivery delivery_make(void)
{
	return (struct delivery){ .cut_at = -1, .stall_at = -1, .chunk_extension = -1 };
}

void reply_header(struct reply *reply, const char *name, const char *fmt, ...)
{
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

void reply_text(struct reply *reply, int status, const char *type, struct text *body)
{
	reply_clear(reply);
	reply->status = status;
	if (body->data)
		source_own(&reply->body, body->data, body->len);
	reply->size = body->len;
	*body = (struct text){ 0 };
	if (type)
		reply_header(reply, "Content-Type", "%s", type);
}

void reply_string(struct reply *reply, int status, const char *type, const char *body)
{
	struct text text = { 0 };

	text_puts(&text, body);
	reply_text(reply, status, type, &text);
}

void reply_clear(struct reply *reply)
{
	for (unsigned i = 0; i < reply->headers_count; i++)
		free(reply->headers[i].value);
	source_release(&reply->body);
	*reply = (struct reply){ 0 };
}
