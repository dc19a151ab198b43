/*
 * stdio.c - one client: a message a line, on standard input and output.
 */
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "mcp/frame.h"
#include "mcp/pipe.h"
#include "mcp/transport.h"

enum { READ_BYTES = 64 << 10 };

struct stdio {
	struct server *server;
	struct pipe pipe;
	struct peer peer;
	struct frames frames;
};

static enum err_kind stdio_open(struct server *server, void **ret_state, struct err *err)
{
	struct stdio *stdio = calloc(1, sizeof(*stdio));

	if (!stdio)
		return err_set(err, ERR_NOMEM, "out of memory");
	if (pipe_open(&stdio->pipe, server->signal_fd, err)) {
		pipe_close(&stdio->pipe);
		free(stdio);
		return err->kind;
	}
	stdio->server = server;
	stdio->peer.notices = &stdio->pipe.wire;
	stdio->frames = frames_make();
	*ret_state = stdio;
	return ERR_OK;
}

static enum err_kind stdio_close(void *state, struct err *err)
{
	struct stdio *stdio = state;

	errno = atomic_load(&stdio->pipe.trouble);
	frames_release(&stdio->frames);
	pipe_close(&stdio->pipe);
	free(stdio);
	return errno ? err_errno(err, ERR_IO, "cannot write to standard output") : ERR_OK;
}

static size_t stdio_watch(void *state, struct pollfd polled[TRANSPORT_FDS_MAX])
{
	const struct stdio *stdio = state;

	/* Of its output the errors only: the reader is gone. */
	polled[0] = (struct pollfd){ .fd = stdio->pipe.fd };
	polled[1] = (struct pollfd){ .fd = STDIN_FILENO, .events = POLLIN };
	return 2;
}

static void take(struct stdio *stdio, const char *bytes, size_t len)
{
	for (;;) {
		switch (frames_next(&stdio->frames, &bytes, &len)) {
		case FRAME_NONE:
			return;
		case FRAME_LINE:
			methods_take(&stdio->server->methods, &stdio->peer,
			    &stdio->pipe.wire, stdio->frames.line.data,
			    stdio->frames.line.len);
			break;
		case FRAME_TOO_LONG:
			methods_refuse_long(&stdio->pipe.wire);
			break;
		}
	}
}

static enum ending read_some(struct stdio *stdio)
{
	char bytes[READ_BYTES];
	const ssize_t n = read(STDIN_FILENO, bytes, sizeof(bytes));

	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return GOES_ON;
	if (n <= 0)
		return INPUT_ENDED;
	take(stdio, bytes, (size_t)n);
	return GOES_ON;
}

static enum ending stdio_step(void *state, const struct pollfd *polled)
{
	struct stdio *stdio = state;

	if (polled[0].revents || atomic_load(&stdio->pipe.is_closed))
		return STOPPED;
	return polled[1].revents ? read_some(stdio) : GOES_ON;
}

const struct transport transport_stdio = {
	.open = stdio_open,
	.watch = stdio_watch,
	.step = stdio_step,
	.close = stdio_close,
};
