/*
 * loop.h - what the parts of net/ know of the loop that runs them.
 */
#pragma once

#include "net/net.h"
#include "net/request.h"

enum { SOCKETS_MAX = 1024 }; /* looked after; more than there may be connections */

/* One that we have opened for curl and curl has not closed. */
struct net_socket {
	int fd;
	bool has_answered; /* in HTTP/1: the next bytes are the next answer */
};

struct net {
	CURLM *multi;
	int wake_fd;
	int watched[NET_WATCHED_MAX]; /* of net_watch() */
	unsigned n_watched;
	bool is_performing;
	bool allow_private_cdn;
	char *ca_file; /* NULL: the system's alone */
	struct proxies proxies;
	void (*log)(void *payload, const char *line);
	void *log_payload;

	struct net_socket sockets[SOCKETS_MAX];
	size_t n_sockets;

	struct request_list queued, running, ending;
	size_t active;
	unsigned long last_number;
	int64_t next_deadline_ms; /* nothing is overdue before that */
};
