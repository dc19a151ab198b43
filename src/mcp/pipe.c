#include "mcp/pipe.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

/* A pipe that is ready takes so many bytes without waiting for its reader. */
enum { PIECE = 4096 };

/* False: it shall end, or nobody will ever read it. */
static bool wait_for_reader(const struct pipe *pipe)
{
	struct pollfd polled[] = { { .fd = pipe->fd, .events = POLLOUT },
		{ .fd = pipe->stop_fd, .events = POLLIN } };

	while (poll(polled, 2, -1) < 0)
		if (errno != EINTR)
			return false;
	return (polled[0].revents & POLLOUT) && !(polled[0].revents & POLLERR);
}

static bool write_all(struct pipe *pipe, const char *bytes, size_t len)
{
	while (len > 0) {
		ssize_t n = -1;

		if (wait_for_reader(pipe))
			n = write(pipe->fd, bytes, len < PIECE ? len : PIECE);
		else
			return false;
		if (n < 0 && errno != EINTR && errno != EAGAIN) {
			if (errno != EPIPE && errno != ECONNRESET)
				atomic_store(&pipe->trouble, errno);
			return false;
		}
		if (n > 0) {
			bytes += n;
			len -= (size_t)n;
		}
	}
	return true;
}

static void write_line(struct wire *wire, const struct wire_frame *frame)
{
	struct pipe *pipe = (struct pipe *)wire; /* its first member */

	(void)pthread_mutex_lock(&pipe->lock);
	if (!atomic_load(&pipe->is_closed) && !write_all(pipe, frame->line, frame->len))
		atomic_store(&pipe->is_closed, true);
	(void)pthread_mutex_unlock(&pipe->lock);
}

static bool takes(struct wire *wire)
{
	struct pollfd polled = { .fd = ((struct pipe *)wire)->fd, .events = POLLOUT };

	return poll(&polled, 1, 0) == 1 && (polled.revents & POLLOUT);
}

static const struct wire_kind kind = { .write = write_line, .takes = takes };

enum err_kind pipe_open(struct pipe *pipe, int stop_fd, struct err *err)
{
	*pipe = (struct pipe){ .wire = { &kind }, .fd = -1, .stop_fd = stop_fd };
	(void)pthread_mutex_init(&pipe->lock, NULL);
	pipe->fd = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	if (pipe->fd < 0 || dup2(STDERR_FILENO, STDOUT_FILENO) < 0)
		return err_errno(err, ERR_IO, "can't use standard output");
	return ERR_OK;
}

void pipe_close(struct pipe *pipe)
{
	if (pipe->fd >= 0)
		(void)close(pipe->fd);
	pipe->fd = -1;
	(void)pthread_mutex_destroy(&pipe->lock);
}
