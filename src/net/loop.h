/*
 * loop.h - what the parts of net/ know of the loop that runs them.
 */
#pragma once

#include "net/request.h"

struct net {
	CURLM *multi;
	int wake_fd;
	bool is_stepping;
	bool allow_private_cdn;
	char *ca_file; /* NULL: the system's alone */
	struct proxies proxies;
	void (*log)(void *payload, const char *line);
	void *log_payload;

	struct request_list queued, running, ending;
	size_t active;
	unsigned long last_number;
	int64_t next_deadline_ms; /* nothing is overdue before that */
};
