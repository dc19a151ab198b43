/*
 * host.h - what the two ports need of the program that they serve, and what they tell it.
 *
 * The program makes one before it listens and keeps it until both ports are closed. The
 * functions are called by the thread of the connection, so several may run at once.
 */
#pragma once

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include "common/clock.h"
#include "common/reqlog.h"

struct request;

struct http_host {
	int stop_fd; /* readable when the program ends: whoever sleeps wakes */
	uint64_t seed; /* of the log ids */
	const struct clock *clock;
	struct reqlog *log;
	atomic_ullong requests; /* so far; only the ports write it */

	void *owner; /* is given to the functions */

	/* Fill in r->reply, and how it travels in r->delivery. */
	void (*answer)(void *owner, struct request *r);

	/* So many bytes of the body leave now. */
	void (*sent)(void *owner, const struct request *r, size_t bytes);

	/* The body ends early, as r->delivery wanted it. */
	void (*cut)(void *owner, const struct request *r);
};
