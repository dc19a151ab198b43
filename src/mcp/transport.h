/*
 * transport.h - how messages come and go. What they mean is the same whatever the
 * transport: it reads messages, gives them to methods.h together with the peer that has
 * sent them and the wire that takes the answer, and is asked by the server's loop what it
 * waits for. A new one is a row of these functions, and a choice in mcp_serve().
 *
 * All of it runs on the server's thread; wires alone are written to by others.
 */
#pragma once

#include <poll.h>
#include <stdint.h>

#include "mcp/calls.h"
#include "mcp/mcp.h"
#include "mcp/methods.h"

struct server {
	const struct mcp_options *options;
	struct calls calls;
	struct watch watch;
	struct listeners listeners;
	struct methods methods;
	int signal_fd; /* readable: it shall end */
};

enum ending { GOES_ON, INPUT_ENDED, STOPPED };

enum { TRANSPORT_FDS_MAX = 4 };

struct transport {
	/* *ret_state is given to all the others. */
	enum err_kind (*open)(struct server *server, void **ret_state, struct err *err);
	/* Writes what it waits for, and returns how many. */
	size_t (*watch)(void *state, struct pollfd polled[TRANSPORT_FDS_MAX]);
	/* Returns when it is to be asked at the latest, on the steady clock; -1: never.
	 * NULL: the same. */
	int64_t (*next_ms)(void *state);
	/* Does what can be done without waiting; `polled` is what watch() wrote. */
	enum ending (*step)(void *state, const struct pollfd *polled);
	/* No call runs any more. The error is what nobody could be told in time. */
	enum err_kind (*close)(void *state, struct err *err);
};

extern const struct transport transport_stdio, transport_http;
