/*
 * server.c - the loop: messages in, answers out, until one side is gone.
 */
#include <errno.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "mcp/transport.h"

/* After the end of the input: what is quick is still answered. */
enum { GRACE_MS = 1000, OWN_FDS = 2 };

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

static int wait_ms(struct server *server, const struct transport *by, void *state)
{
	const int64_t own_ms = calls_earlier(
	    calls_next_ms(&server->calls), listen_next_ms(&server->listeners));
	const int64_t next_ms =
	    calls_earlier(own_ms, by->next_ms ? by->next_ms(state) : -1);
	const int64_t left_ms = next_ms - clock_mono_ms();

	if (next_ms < 0)
		return -1;
	return left_ms > 0 ? (int)left_ms : 0;
}

static enum ending step(struct server *server, const struct transport *by, void *state)
{
	struct pollfd polled[OWN_FDS + TRANSPORT_FDS_MAX] = {
		{ .fd = server->signal_fd, .events = POLLIN },
		{ .fd = server->calls.woken_fd, .events = POLLIN },
	};
	const size_t n = OWN_FDS + by->watch(state, polled + OWN_FDS);
	enum ending ending;

	if (poll(polled, n, wait_ms(server, by, state)) < 0)
		return errno == EINTR ? GOES_ON : STOPPED;
	calls_step(&server->calls);
	if (polled[0].revents)
		return STOPPED;
	ending = by->step(state, polled + OWN_FDS);
	listen_step(&server->listeners);
	return ending;
}

static enum err_kind serve(
    struct server *server, const struct transport *by, void *state, struct err *err)
{
	enum ending ending = GOES_ON;

	while (ending == GOES_ON)
		ending = step(server, by, state);
	/* A verb that hangs in the system can't be waited for: whoever started us counts
	 * seconds. Being killed loses nothing. */
	if (!calls_end(&server->calls, ending == INPUT_ENDED ? GRACE_MS : 0))
		_exit(DQ_OK);
	listen_end(&server->listeners);
	if (!watch_close(&server->watch))
		_exit(DQ_OK);
	return by->close(state, err);
}

enum err_kind mcp_serve(const struct mcp_options *options, struct err *err)
{
	const struct transport *by =
	    options->http.where ? &transport_http : &transport_stdio;
	struct server server = { .options = options, .signal_fd = -1 };
	void *state = NULL;
	enum err_kind kind;

	if (catch_signals(&server.signal_fd, err) ||
	    calls_open(&server.calls, options, &server.watch, err))
		return err->kind;
	watch_open(&server.watch, options, server.calls.woken_fd);
	server.listeners =
	    (struct listeners){ .watch = &server.watch, .calls = &server.calls };
	server.methods =
	    (struct methods){ &server.calls, &server.listeners, options->more };
	kind = by->open(&server, &state, err);
	if (!kind)
		kind = serve(&server, by, state, err);
	calls_close(&server.calls);
	(void)close(server.signal_fd);
	return kind;
}
