#include "wire/connection.h"

#include <errno.h>
#include <linux/sockios.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>

#include "wire/request.h"

static int socket_of(const struct request *r)
{
	const union MHD_ConnectionInfo *info =
	    MHD_get_connection_info(r->conn, MHD_CONNECTION_INFO_CONNECTION_FD);

	return info ? info->connect_fd : -1;
}

bool connection_sleep(const struct request *r, double seconds)
{
	int64_t until = clock_mono_ns() + (int64_t)(seconds * 1e9);
	struct pollfd fds[2] = {
		{ .fd = r->host->stop_fd, .events = POLLIN },
		{ .fd = socket_of(r), .events = POLLRDHUP },
	};

	for (;;) {
		int64_t left = until - clock_mono_ns();
		int64_t ms = left / 1000000 > 60000 ? 60000 : (left + 999999) / 1000000;
		int n;

		if (left <= 0)
			return true;
		n = poll(fds, 2, (int)ms);
		if (n > 0 || (n < 0 && errno != EINTR))
			return false;
	}
}

bool connection_send(const struct request *r, const char *bytes, size_t len)
{
	const int fd = socket_of(r);
	struct pollfd fds[2] = {
		{ .fd = r->host->stop_fd, .events = POLLIN },
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

/* A reset throws away what the kernel still holds, so this waits until it holds nothing.
 */
static void drain(int fd)
{
	struct timespec pause = { .tv_nsec = 1000000 };
	int unsent = 0;

	for (int i = 0; i < 1000; i++) {
		if (ioctl(fd, SIOCOUTQ, &unsent) < 0 || unsent == 0)
			return;
		(void)nanosleep(&pause, NULL);
	}
}

/* Linux sends a reset at once when a connected socket is connected to nowhere. */
void connection_reset(const struct request *r)
{
	struct sockaddr nowhere = { .sa_family = AF_UNSPEC };
	int fd = socket_of(r);

	drain(fd);
	(void)connect(fd, &nowhere, sizeof(nowhere));
}
