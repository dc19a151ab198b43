#include "mcp/wire.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

/* A pipe that is ready takes so many bytes without waiting for its reader. */
enum { PIECE = 4096 };

enum err_kind wire_open(struct wire *wire, int stop_fd, struct err *err)
{
	*wire = (struct wire){ .stop_fd = stop_fd };
	(void)pthread_mutex_init(&wire->lock, NULL);
	wire->fd = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	if (wire->fd < 0 || dup2(STDERR_FILENO, STDOUT_FILENO) < 0)
		return err_errno(err, ERR_IO, "can't use standard output");
	return ERR_OK;
}

void wire_close(struct wire *wire)
{
	if (wire->fd >= 0)
		(void)close(wire->fd);
	wire->fd = -1;
	(void)pthread_mutex_destroy(&wire->lock);
}

/* False: it shall end, or nobody will ever read it. */
static bool wait_for_reader(const struct wire *wire)
{
	struct pollfd polled[] = { { .fd = wire->fd, .events = POLLOUT },
		{ .fd = wire->stop_fd, .events = POLLIN } };

	while (poll(polled, 2, -1) < 0)
		if (errno != EINTR)
			return false;
	return (polled[0].revents & POLLOUT) && !(polled[0].revents & POLLERR);
}

static bool write_all(struct wire *wire, const char *bytes, size_t len)
{
	while (len > 0) {
		ssize_t n = -1;

		if (wait_for_reader(wire))
			n = write(wire->fd, bytes, len < PIECE ? len : PIECE);
		else
			return false;
		if (n < 0 && errno != EINTR && errno != EAGAIN) {
			if (errno != EPIPE && errno != ECONNRESET)
				atomic_store(&wire->trouble, errno);
			return false;
		}
		if (n > 0) {
			bytes += n;
			len -= (size_t)n;
		}
	}
	return true;
}

void wire_write(struct wire *wire, const char *line, size_t len)
{
	(void)pthread_mutex_lock(&wire->lock);
	if (!atomic_load(&wire->is_closed) && !write_all(wire, line, len))
		atomic_store(&wire->is_closed, true);
	(void)pthread_mutex_unlock(&wire->lock);
}
