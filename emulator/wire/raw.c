#include "wire/raw.h"

#include <stdio.h>
#include <string.h>

#include "wire/connection.h"
#include "wire/log.h"
#include "wire/request.h"

static const double silence_s = 3600;

static bool send_text(const struct request *r, const char *text)
{
	return connection_send(r, text, strlen(text));
}

static bool send_headers(const struct request *r)
{
	struct text text = { 0 };
	bool ok;

	for (unsigned i = 0; i < r->reply.headers_count; i++)
		text_printf(&text, "%s: %s\r\n", r->reply.headers[i].name,
		    r->reply.headers[i].value);
	text_puts(&text, "\r\n");
	ok = connection_send(r, text_str(&text), text.len);
	text_release(&text);
	return ok;
}

/* The connection changes to a protocol that nobody has asked for, and falls silent. */
static void send_switching(const struct request *r)
{
	if (send_text(r,
		"HTTP/1.1 101 Switching Protocols\r\nUpgrade: other/1\r\n"
		"Connection: Upgrade\r\n\r\n"))
		(void)connection_sleep(r, silence_s);
}

static bool send_extension(const struct request *r, uint64_t size)
{
	char piece[4096];
	uint64_t sent = 0;

	memset(piece, 'x', sizeof(piece));
	while (sent < size) {
		const uint64_t left = size - sent;
		const size_t n = left < sizeof(piece) ? (size_t)left : sizeof(piece);

		if (!connection_send(r, piece, n))
			return false;
		sent += n;
	}
	return true;
}

/* The body leaves in one chunk, behind an extension of that many bytes. */
static void send_chunk(const struct request *r, uint64_t extension)
{
	char piece[4096], head[64];

	(void)snprintf(head, sizeof(head), "%llx;", (unsigned long long)r->reply.size);
	if (!send_text(r, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n") ||
	    !send_headers(r) || !send_text(r, head) || !send_extension(r, extension) ||
	    !send_text(r, "\r\n"))
		return;
	for (uint64_t at = 0; at < r->reply.size;) {
		const size_t n = source_read(
		    &r->reply.body, r->reply.first + at, piece, sizeof(piece));

		if (n == 0 || !connection_send(r, piece, n))
			return;
		at += n;
	}
	(void)send_text(r, "\r\n0\r\n\r\n");
}

bool raw_replace(struct request *r)
{
	const struct delivery *delivery = &r->delivery;

	if (r->is_tls || (!delivery->is_switching && delivery->chunk_extension < 0))
		return false;
	request_log(r);
	if (delivery->is_switching)
		send_switching(r);
	else
		send_chunk(r, (uint64_t)delivery->chunk_extension);
	return true;
}

void raw_send_ahead(const struct request *r)
{
	const char *body = r->delivery.ahead;
	char head[128];

	if (!body || r->is_tls)
		return;
	(void)snprintf(head, sizeof(head),
	    "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
	    "Content-Length: %zu\r\n\r\n",
	    strlen(body));
	if (send_text(r, head))
		(void)send_text(r, body);
}
