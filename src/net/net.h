/*
 * net.h - HTTP transfers on one loop (libcurl multi, curl_multi_poll).
 *
 * Calling sequence: net_new, then net_start any number of times, then
 * net_wait and net_perform in a loop (net_step does both): the latter moves bytes, and
 * calls the handlers from inside. Handlers run there and nowhere else; they may start and
 * cancel transfers, but neither wait, perform, step nor free. on_done comes exactly once
 * per started transfer, also for a cancelled one, unless net_free comes first (then
 * never). What net_start refuses (a bad URL or header, a link whose private address can
 * be read) gets no handler call. Everything belongs to one thread, except net_wake().
 *
 * Promises: only https, or http to loopback. A NET_CDN transfer never carries
 * a cookie, refuses addresses that are loopback, private, link-local,
 * multicast or otherwise not public (checked on the address that is really
 * connected to, so DNS and redirects can't cheat) unless
 * `allow_private_cdn`; it follows at most 3 redirects. NET_API follows none.
 * Only the headers given are sent, and Host, Accept-Encoding, Content-Length.
 * TLS verifies; DREAMQ_CA_FILE / CURL_CA_BUNDLE / SSL_CERT_FILE add a CA file to the
 * system's (where the system has no folder of certificates: replace it). Proxies come
 * from struct net_way or the environment (https_proxy, all_proxy, no_proxy; never for
 * loopback); behind one, only addresses and "localhost" in the link itself can be
 * refused, names are its affair. Ceilings: headers 64 KiB, body `max_body_bytes`. Limits:
 * a transfer beyond max_connections waits its turn, whatever its role; the stall timer
 * runs only while it has a connection, the total timer always. A body without any length
 * that is cut short can't be told from a whole one.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct net;
struct net_request;

enum net_role { NET_API, NET_CDN };

enum { NET_WATCHED_MAX = 8 }; /* descriptors of others that a step waits for, too */

enum net_ip { NET_ANY_IP, NET_IPV4, NET_IPV6 };

/* How to get there, as the user wants it; all 0: as usual. Copied. */
struct net_way {
	enum net_ip ip;
	/* http, https, socks4, socks4a, socks5 or socks5h; "": none; NULL: the
	 * environment's. */
	const char *proxy;
	const char *no_proxy; /* who is asked without it, by commas; NULL: the same */
	const char *interface; /* its name, or an address of ours */
	const char *ca_file; /* NULL: the environment's, or the system's alone */
	const char *doh_url; /* who is asked for addresses; NULL: the system */
	const char *limit_rate; /* of all NET_CDN together (rate.h); NULL: none */
	uint32_t connect_timeout_ms, stall_timeout_ms; /* instead of those of each spec */
};

struct net_config {
	bool allow_private_cdn; /* the API itself is on loopback */
	unsigned max_connections; /* in all; 0: 64 */
	unsigned max_per_host; /* 0: 16 */
	struct net_way way;
	/*
	 * Lines for people who asked for -v; may be NULL. "#7 > GET https://…", "#7 <
	 * 200, 1834 bytes, 12 ms": no query of any URL, no header that could be a secret.
	 */
	void (*log)(void *payload, const char *line);
	void *log_payload;
};

struct net_spec {
	enum net_role role;
	const char *method; /* "GET" or "POST" */
	const char *url;
	const char *const *headers; /* "Name: value", NULL-terminated; may be NULL */
	const char *cookie; /* NET_API only: value of the Cookie header, not logged */
	const char *cookie_header; /* its spelling: "Cookie" or "cookie" */
	const void *body; /* POST; copied */
	size_t body_len;
	uint64_t max_body_bytes; /* decoded; more is ERR_CONTRACT, also when only told */
	int64_t range_from; /* > 0: "Range: bytes=N-" */
	const char *if_range; /* ETag to go with range_from; NULL none */
	uint32_t connect_timeout_ms; /* 0: 15 s */
	uint32_t stall_timeout_ms; /* no byte for so long is ERR_NET; 0: 30 s */
	uint32_t total_timeout_ms; /* 0: none */
	bool wants_gzip; /* ask for gzip and undo it; not with range_from */
	/*
	 * The request may leave at most once: a connection of its own, HTTP/1.1, and no
	 * second try when an idle connection turns out to be dead. For what costs money.
	 */
	bool once;
	bool tells_certificate; /* the head says until when the peer's holds */
	bool hides_path; /* it may be a secret: the log has the host only */
};

/*
 * Strings belong to the request. In on_done it is never NULL; status 0: no answer came.
 */
struct net_head {
	long status;
	int64_t content_length; /* -1 not told, or of gzip that is undone */
	int64_t range_first, range_last, range_total; /* of Content-Range; -1 not told */
	int64_t retry_after_ms; /* -1 not told; both forms of the header */
	int64_t date_unix_ms; /* -1 not told */
	/* Of the peer's certificate; -1 not asked for, or there is none. */
	int64_t certificate_end_unix_ms;
	const char *etag, *content_type, *last_modified, *location; /* NULL not told */
	const char *tt_logid; /* X-Tt-Logid */
	const char *deny_reason; /* byte-error-code / x-exception-info, for people */
	const char *peer; /* "host:port", for messages */
};

struct net_handler {
	/* Once, before the first byte of a final (not redirected) answer. False: stop
	 * here. */
	bool (*on_head)(void *payload, const struct net_head *head);
	/* False: stop here (on_done follows with ERR_CANCELLED). */
	bool (*on_bytes)(void *payload, const void *bytes, size_t len);
	/*
	 * *err is ERR_OK when the whole body came (whatever the status), ERR_NET for
	 * trouble on the way (truncation too), ERR_CONTRACT for a broken ceiling or a
	 * refused address, ERR_CANCELLED when we stopped it. `sent` tells whether the
	 * request may have reached the peer: false only when that is impossible
	 * (resolve, connect or TLS failed before a byte of HTTP left).
	 */
	void (*on_done)(
	    void *payload, const struct err *err, const struct net_head *head, bool sent);
};

enum err_kind net_new(
    const struct net_config *config, struct net **ret_net, struct err *err);
void net_free(struct net *net);

/* *ret_request is valid until on_done; NULL allowed when nobody will cancel. */
enum err_kind net_start(struct net *net, const struct net_spec *spec,
    const struct net_handler *handler, void *payload, struct net_request **ret_request,
    struct err *err);
void net_cancel(struct net_request *request);
/*
 * No more bytes, until net_resume(): the peer has to wait, and its silence is not
 * counted. From handlers, too.
 */
void net_pause(struct net_request *request);
void net_resume(struct net_request *request);
/* Has it waited since it was last asked, because the rate is limited? */
bool net_was_throttled(struct net_request *request);

/*
 * Until something can be moved, net_wake(), or `until_ms` on the steady clock, whichever
 * is first. No handler runs.
 */
enum err_kind net_wait(struct net *net, int64_t until_ms, struct err *err);
/* Move what can be moved, without waiting: the handlers run. */
enum err_kind net_perform(struct net *net, struct err *err);
/* Does both, and waits for at most `timeout_ms`. */
enum err_kind net_step(struct net *net, int timeout_ms, struct err *err);
/*
 * While `fd` is watched, a net_wait also ends when it can be read; what is to be read is
 * the caller's. At most NET_WATCHED_MAX: ERR_USAGE. Not to be closed before
 * net_unwatch().
 */
enum err_kind net_watch(struct net *net, int fd, struct err *err);
void net_unwatch(struct net *net, int fd); /* one that is not watched is fine */
/* End a net_wait; from any thread, and from a signal handler. */
void net_wake(struct net *net);
/*
 * Requests that have not ended yet. Only tests ask: nothing else shows that none is left.
 */
size_t net_active(const struct net *net);

/* Is the host of this URL loopback (a literal address, or "localhost")? */
bool net_url_is_loopback(const char *url);
/*
 * Accepts https anywhere, http on loopback only, no user:password@; ERR_USAGE says what
 * is wrong.
 */
enum err_kind net_check_base_url(const char *what, const char *url, struct err *err);
