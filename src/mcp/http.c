#include "mcp/http.h"

#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/clock.h"

static void close_fd(int fd)
{
	if (fd >= 0)
		(void)close(fd);
}

static enum err_kind http_close(void *state, struct err *err)
{
	struct http *http = state;

	(void)err;
	http_stop(http);
	sessions_sweep(&http->route.sessions, true);
	close_fd(http->at.fd);
	close_fd(http->changed_fd);
	close_fd(http->gone_fd);
	free(http);
	return ERR_OK;
}

static enum err_kind start(struct http *http, struct err *err)
{
	const struct mcp_options *options = http->server->options;

	http->changed_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	http->gone_fd = epoll_create1(EPOLL_CLOEXEC);
	if (http->changed_fd < 0 || http->gone_fd < 0)
		return err_errno(err, ERR_IO, "can't wait for HTTP requests");
	if (mhd_open(&http->lib, err) || listen_open(options->http.where, &http->at, err))
		return err->kind;
	http->route.methods = &http->server->methods;
	http->route.sessions.methods = &http->server->methods;
	http->route.guard = (struct guard){ .address = http->at.address,
		.port = http->at.port,
		.token = options->http.token };
	if (http_start(http, err))
		return err->kind;
	if (options->http.on_ready)
		options->http.on_ready(options->payload, http->at.address, http->at.port);
	return ERR_OK;
}

static enum err_kind http_open(struct server *server, void **ret_state, struct err *err)
{
	struct http *http = calloc(1, sizeof(*http));
	struct err ignored;

	if (!http)
		return err_set(err, ERR_NOMEM, "out of memory");
	*http = (struct http){ .server = server,
		.at = { .fd = -1 },
		.daemon_fd = -1,
		.changed_fd = -1,
		.gone_fd = -1,
		.beat_ms = clock_mono_ms() + HTTP_BEAT_MS };
	if (start(http, err)) {
		(void)http_close(http, &ignored);
		return err->kind;
	}
	*ret_state = http;
	return ERR_OK;
}

static size_t http_watch(void *state, struct pollfd polled[TRANSPORT_FDS_MAX])
{
	const struct http *http = state;

	polled[0] = (struct pollfd){ .fd = http->daemon_fd, .events = POLLIN };
	polled[1] = (struct pollfd){ .fd = http->changed_fd, .events = POLLIN };
	polled[2] = (struct pollfd){ .fd = http->gone_fd, .events = POLLIN };
	return 3;
}

static int64_t http_next_ms(void *state)
{
	const struct http *http = state;
	const int64_t late_ms = visits_next_ms(http);
	int64_t next_ms = http->beat_ms;
	MHD_UNSIGNED_LONG_LONG its_ms;

	if (late_ms >= 0 && late_ms < next_ms)
		next_ms = late_ms;
	if (http->lib.get_timeout(http->daemon, &its_ms) == MHD_YES &&
	    clock_mono_ms() + (int64_t)its_ms < next_ms)
		next_ms = clock_mono_ms() + (int64_t)its_ms;
	return next_ms;
}

/* Those who wait for an answer, and have left. */
static void look_who_left(struct http *http)
{
	struct epoll_event events[HTTP_CONNECTIONS_MAX];
	const int n = epoll_wait(http->gone_fd, events, HTTP_CONNECTIONS_MAX, 0);

	for (int i = 0; i < n; i++)
		http_leave(http, events[i].data.ptr);
}

static void beat(struct http *http)
{
	const int64_t now_ms = clock_mono_ms();

	if (now_ms < http->beat_ms)
		return;
	http->beat_ms = now_ms + HTTP_BEAT_MS;
	for (struct http_exchange *at = http->first; at; at = at->next)
		http_exchange_beat(at);
}

static enum ending http_step(void *state, const struct pollfd *polled)
{
	struct http *http = state;
	uint64_t ignored;

	if (polled[1].revents)
		(void)!read(http->changed_fd, &ignored, sizeof(ignored));
	if (polled[2].revents)
		look_who_left(http);
	beat(http);
	visits_step(http);
	for (struct http_exchange *at = http->first; at; at = at->next)
		if (at->is_suspended && http_exchange_take_change(at))
			http_resume(http, at);
	if (http->lib.run(http->daemon) != MHD_YES)
		return STOPPED;
	sessions_sweep(&http->route.sessions, false);
	return GOES_ON;
}

const struct transport transport_http = {
	.open = http_open,
	.watch = http_watch,
	.next_ms = http_next_ms,
	.step = http_step,
	.close = http_close,
};
