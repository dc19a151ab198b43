/*
 * server.c - the loop: lines in, answers out, until one side is gone.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "mcp/calls.h"
#include "mcp/frame.h"
#include "mcp/mcp.h"
#include "mcp/methods.h"
#include "mcp/pipe.h"

enum {
	READ_BYTES = 64 << 10,
	/* After the end of the input: what is quick is still answered. */
	GRACE_MS = 1000,
};

enum ending { GOES_ON, INPUT_ENDED, STOPPED };

struct server {
	struct pipe pipe;
	struct peer peer;
	struct calls calls;
	struct methods methods;
	struct frames frames;
	int signal_fd;
};

/* Each of them ends us, also where a shell had them ignored: clients end us by them. */
static enum err_kind catch_signals(int *ret_fd, struct err *err)
{
	sigset_t ours;

	(void)sigemptyset(&ours);
	(void)sigaddset(&ours, SIGINT);
	(void)sigaddset(&ours, SIGTERM);
	(void)sigaddset(&ours, SIGHUP);
	(void)pthread_sigmask(SIG_BLOCK, &ours, NULL);
	*ret_fd = signalfd(-1, &ours, SFD_CLOEXEC);
	if (*ret_fd < 0)
		return err_errno(err, ERR_IO, "can't wait for signals");
	return ERR_OK;
}

static void take(struct server *server, const char *bytes, size_t len)
{
	for (;;) {
		switch (frames_next(&server->frames, &bytes, &len)) {
		case FRAME_NONE:
			return;
		case FRAME_LINE:
			methods_take(&server->methods, &server->peer, &server->pipe.wire,
			    server->frames.line.data, server->frames.line.len);
			break;
		case FRAME_TOO_LONG:
			methods_refuse_long(&server->pipe.wire);
			break;
		}
	}
}

static enum ending read_some(struct server *server)
{
	char bytes[READ_BYTES];
	const ssize_t n = read(STDIN_FILENO, bytes, sizeof(bytes));

	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return GOES_ON;
	if (n <= 0)
		return INPUT_ENDED;
	take(server, bytes, (size_t)n);
	return GOES_ON;
}

static int wait_ms(struct server *server)
{
	const int64_t next_ms = calls_next_ms(&server->calls);
	const int64_t left_ms = next_ms - clock_mono_ms();

	if (next_ms < 0)
		return -1;
	return left_ms > 0 ? (int)left_ms : 0;
}

static enum ending step(struct server *server)
{
	struct pollfd polled[] = { { .fd = server->signal_fd, .events = POLLIN },
		{ .fd = server->pipe.fd }, /* its errors only: the reader is gone */
		{ .fd = server->calls.woken_fd, .events = POLLIN },
		{ .fd = STDIN_FILENO, .events = POLLIN } };

	if (poll(polled, sizeof(polled) / sizeof(*polled), wait_ms(server)) < 0)
		return errno == EINTR ? GOES_ON : STOPPED;
	calls_step(&server->calls);
	if (polled[0].revents || polled[1].revents ||
	    atomic_load(&server->pipe.is_closed))
		return STOPPED;
	return polled[3].revents ? read_some(server) : GOES_ON;
}

static enum err_kind start(
    struct server *server, const struct mcp_options *options, struct err *err)
{
	if (catch_signals(&server->signal_fd, err) ||
	    pipe_open(&server->pipe, server->signal_fd, err) ||
	    calls_open(&server->calls, options, err))
		return err->kind;
	server->peer.notices = &server->pipe.wire;
	server->methods = (struct methods){ .calls = &server->calls };
	server->frames = frames_make();
	return ERR_OK;
}

enum err_kind mcp_serve(const struct mcp_options *options, struct err *err)
{
	struct server server = { .signal_fd = -1 };
	enum ending ending = GOES_ON;

	if (start(&server, options, err))
		return err->kind;
	while (ending == GOES_ON)
		ending = step(&server);
	/* A verb that hangs in the system can't be waited for: whoever started us counts
	 * seconds. Being killed loses nothing. */
	if (!calls_end(&server.calls, ending == INPUT_ENDED ? GRACE_MS : 0))
		_exit(DQ_OK);
	frames_release(&server.frames);
	calls_close(&server.calls);
	pipe_close(&server.pipe);
	(void)close(server.signal_fd);
	errno = atomic_load(&server.pipe.trouble);
	if (errno)
		return err_errno(err, ERR_IO, "cannot write to standard output");
	return ERR_OK;
}
