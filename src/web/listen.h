/*
 * listen.h - where a server on loopback listens: "127.0.0.1:8080", "[::1]:0",
 * "localhost:0". Nothing but loopback: whatever else is an error, since what is served
 * is one person's.
 */
#pragma once

#include <stdint.h>

#include "base/err.h"

struct listen_at {
	int fd; /* listens; whoever asked closes it */
	uint16_t port; /* which was taken, where 0 was asked for */
	char address[16]; /* as it stands in a URL */
};

enum err_kind listen_open(const char *where, struct listen_at *ret_at, struct err *err);
