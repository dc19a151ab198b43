/*
 * ahead.h - the libraries of the network start on a thread, while others do what takes as
 * long: TLS needs most of a millisecond, and so does opening a ledger.
 *
 * Calling sequence: net_ahead_begin, anything, net_new (which waits for what is not ready
 * yet), net_ahead_end, from one thread. Each may be left out. Nothing fails here: what
 * could not start ahead is started by net_new, which says what is wrong.
 */
#pragma once

#include <pthread.h>
#include <stdbool.h>

struct net_ahead {
	pthread_t thread;
	bool is_begun;
};

/* `ahead` is all 0, or has ended; begun a second time it stays as it is. */
void net_ahead_begin(struct net_ahead *ahead);
/* Waits for the thread. */
void net_ahead_end(struct net_ahead *ahead);
