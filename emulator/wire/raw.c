#include "wire/raw.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "wire/http.h"

static const char nothing_known[] = "{\"ret\":\"0\",\"errmsg\":\"success\",\"data\":{}}";
static const double silence_s = 3600;

/* False: the peer has gone, or the program ends. */
static bool send_all(const struct request *r, int fd, const char *bytes, size_t len)
{
	struct pollfd fds[2] = {
		{ .fd = r->emu->stop_fd, .events = POLLIN },
		{ .fd = fd, .events = POLLOUT },
	};

	while (len > 0) {
		const ssize_t n = send(fd, bytes, len, MSG_NOSIGNAL | MSG_DONTWAIT);

		if (n > 0) {
			bytes += n;
			len -= (size_t)n;
			continue;
		}
		if (n == 0 || (errno != EAGAIN && errno != EINTR) ||
		    (poll(fds, 2, -1) > 0 && fds[0].revents))
			return false;
	}
	return true;
}

static bool send_text(const struct request *r, int fd, const char *text)
{
	return send_all(r, fd, text, strlen(text));
}

static bool send_headers(const struct request *r, int fd)
{
	struct text text = { 0 };
	bool ok;

	for (unsigned i = 0; i < r->reply.headers_count; i++)
		text_printf(&text, "%s: %s\r\n", r->reply.headers[i].name,
		    r->reply.headers[i].value);
	text_puts(&text, "\r\n");
	ok = send_all(r, fd, text_str(&text), text.len);
	text_release(&text);
	return ok;
}

/* Another protocol from here on, which nobody asked for; and then silence. */
static void send_switching(const struct request *r, int fd)
{
	if (send_text(r, fd,
		"HTTP/1.1 101 Switching Protocols\r\nUpgrade: other/1\r\n"
		"Connection: Upgrade\r\n\r\n"))
		(void)http_sleep(r, silence_s);
}

/* The body in one chunk, behind an extension of that many bytes. */
static void send_chunk(const struct request *r, int fd, uint64_t extension)
{
	char piece[4096], head[64];
	uint64_t sent = 0;

	(void)snprintf(head, sizeof(head), "%llx;", (unsigned long long)r->reply.size);
	if (!send_text(r, fd, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n") ||
	    !send_headers(r, fd) || !send_text(r, fd, head))
		return;
	memset(piece, 'x', sizeof(piece));
	while (sent < extension) {
		const uint64_t left = extension - sent;
		const size_t n = left < sizeof(piece) ? (size_t)left : sizeof(piece);

		if (!send_all(r, fd, piece, n))
			return;
		sent += n;
	}
	if (!send_text(r, fd, "\r\n"))
		return;
	for (uint64_t at = 0; at < r->reply.size;) {
		const size_t n = source_read(
		    &r->reply.body, r->reply.first + at, piece, sizeof(piece));

		if (n == 0 || !send_all(r, fd, piece, n))
			return;
		at += n;
	}
	(void)send_text(r, fd, "\r\n0\r\n\r\n");
}

bool raw_replace(struct request *r, int fd)
{
	const struct fault *extension = request_fault(r, FAULT_CHUNK_EXTENSION);

	if (r->emu->options.tls)
		return false;
	if (request_fault(r, FAULT_SWITCHING)) {
		request_log(r);
		send_switching(r, fd);
		return true;
	}
	if (extension) {
		request_log(r);
		send_chunk(r, fd, (uint64_t)extension->number);
	}
	return extension != NULL;
}

void raw_send_ahead(const struct request *r, int fd)
{
	const struct fault *ahead = request_fault(r, FAULT_AHEAD);
	const char *body;
	char head[128];

	if (!ahead || r->emu->options.tls)
		return;
	body = ahead->text ? ahead->text : nothing_known;
	(void)snprintf(head, sizeof(head),
	    "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
	    "Content-Length: %zu\r\n\r\n",
	    strlen(body));
	if (send_text(r, fd, head))
		(void)send_text(r, fd, body);
}
