/*
 * state.h - what the files of net/ share: one started transfer, and the loop that runs
 * them all. Only they look inside.
 *
 *   QUEUED ---admit---> RUNNING ---ended, timed out, cancelled---> ENDING ---> on_done
 *      ^                   |
 *      +-----redirect------+
 *
 * QUEUED   not in the multi handle; curl forbids adding from inside its callbacks.
 * RUNNING  in the multi handle; the only state in which handlers are called.
 * ENDING   `why` tells how it ended; the loop takes it out of curl and calls on_done.
 */
#pragma once

#include <curl/curl.h>
#include <sys/queue.h>

#include "base/buf.h"
#include "net/head.h"
#include "net/link.h"
#include "net/net.h"
#include "net/proxy.h"
#include "net/rate.h"

enum request_state { REQUEST_QUEUED, REQUEST_RUNNING, REQUEST_ENDING };

struct net_request {
	TAILQ_ENTRY(net_request) others;
	struct net *net;
	unsigned long number; /* in the log */
	enum request_state state;
	bool in_multi;

	struct net_handler handler;
	void *payload;
	enum net_role role;
	bool is_post, wants_gzip, once, hides_path;
	bool may_be_private; /* any address will do */
	uint64_t max_body_bytes;
	size_t body_len;
	uint32_t connect_timeout_ms, stall_timeout_ms, total_timeout_ms;

	CURL *easy;
	struct curl_slist *headers; /* may hold the cookie: wiped */
	struct link link;
	struct head head;
	char reason[CURL_ERROR_SIZE]; /* curl's own words */

	bool sent; /* a byte of HTTP may have left, in any attempt */
	bool is_proxied;
	char proxy[128]; /* its host and port, for messages */
	bool is_redirecting;
	bool is_early; /* the peer had spoken before this request was sent */
	bool is_fresh; /* so it is sent over a connection of its own */
	bool is_paused; /* net_pause() */
	bool is_packed; /* the body */
	bool is_held; /* curl holds back what comes, because of that, or of the rate */
	TAILQ_ENTRY(net_request) line; /* throttle.h: while it waits there */
	bool is_throttled, has_turn, was_throttled;
	size_t wants; /* bytes, for which it waits */
	bool is_flooded; /* bytes for ever that belong to no body */
	bool is_refused; /* an address was turned down, none was tried since */
	unsigned hops;
	struct buf packed; /* the body, if it is, until it is whole */
	uint64_t body_bytes; /* of this hop; unpacked at its end */
	int64_t begun_ms; /* steady time, all of these */
	int64_t head_ms; /* first line of this hop's head; 0 none yet */
	uint64_t quiet_bytes; /* came since the last byte of a body */
	int port; /* ours, of the connection that it went over; 0 none */
	int64_t heard_ms; /* last byte either way; 0 while connecting */
	curl_off_t uploaded_bytes; /* when heard_ms was last looked at */
	struct err why;
};

TAILQ_HEAD(request_list, net_request);

enum { IDLE_MAX = 64 };

enum { SOCKETS_MAX = 1024 }; /* looked after; more than there may be connections */

/* One that we have opened for curl and curl has not closed. */
struct net_socket {
	int fd;
	int port; /* our own; 0: not known yet */
	bool has_answered; /* in HTTP/1: the next bytes are the next answer */
};

struct net {
	CURLM *multi;
	CURL *idle[IDLE_MAX]; /* handles of requests that ended: none had a secret */
	size_t n_idle;
	int wake_fd;
	int watched[NET_WATCHED_MAX]; /* of net_watch() */
	unsigned n_watched;
	bool is_performing;
	bool allow_private_cdn;
	struct net_way way;
	char *texts[3]; /* of `way`; what is parsed is not kept */
	struct proxies proxies;
	struct rate_plan rates;
	struct rate_bucket bucket; /* its rate 0: none just now */
	int64_t rate_check_ms; /* by the hour there may be another */
	struct request_list throttled;
	void (*log)(void *payload, const char *line);
	void *log_payload;

	struct net_socket sockets[SOCKETS_MAX];
	size_t n_sockets;

	struct request_list queued, running, ending;
	size_t active;
	bool has_resumed; /* one of them is held, and paused no more */
	unsigned long last_number;
	int64_t next_deadline_ms; /* nothing is overdue before that */
};
