/*
 * request.h - one started transfer: its curl handle, what was promised about it, and
 * the callbacks through which curl asks us. Only the files of net/ look inside.
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

#include "net/head.h"
#include "net/link.h"
#include "net/proxy.h"

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
	bool is_post, wants_gzip, once;
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
	bool is_flooded; /* bytes for ever that belong to no body */
	bool is_refused; /* an address was turned down, none was tried since */
	unsigned hops;
	uint64_t body_bytes; /* of this hop, decoded */
	int64_t begun_ms; /* steady time, all of these */
	int64_t head_ms; /* first line of this hop's head; 0 none yet */
	uint64_t quiet_bytes; /* came since the last byte of a body */
	int port; /* ours, of the connection that it went over; 0 none */
	int64_t heard_ms; /* last byte either way; 0 while connecting */
	curl_off_t uploaded_bytes; /* when heard_ms was last looked at */
	struct err why;
};

TAILQ_HEAD(request_list, net_request);

/* Check the spec and build everything but the place in a loop. */
enum err_kind request_new(struct net *net, const struct net_spec *spec,
    struct net_request **ret_request, struct err *err);
/* Take the redirect that the head tells of. */
enum err_kind request_follow(struct net_request *request, struct err *err);
/* Once: over a connection of its own. False: that was one already. */
bool request_take_fresh(struct net_request *request);
void request_free(struct net_request *request);

/* early.c: sockets, and what they bring before anything was asked. */
int early_open(struct net *net, int family, int type, int protocol);
int early_close(struct net *net, int fd);
/* This connection, known by our port, has begun an answer of HTTP/1. */
void early_answered(struct net *net, int port);
/* Do bytes wait on it that nobody has asked for? */
bool early_has_bytes(const struct net *net, int port, bool is_tls);

/* headers.c */
enum err_kind request_add_headers(
    struct net_request *request, const struct net_spec *spec, struct err *err);
void request_wipe_headers(struct net_request *request);

/* traffic.c: put our callbacks into the curl handle; false: no memory. */
bool request_listen(struct net_request *request);
/* When is the next moment to look at its timers (steady ms), and what is overdue then? */
int64_t request_deadline(const struct net_request *request);
bool request_is_overdue(struct net_request *request, int64_t now_ms);

/* failure.c: fill request->why from what curl says. */
void request_judge(struct net_request *request, CURLcode code);
