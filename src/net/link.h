/*
 * link.h - the URL of one request, taken apart and judged. It is curl's own parser that
 * takes it apart, and `parts` is what curl is given, so what is judged is what curl
 * connects to. `url` says the same, for a request that curl makes once more.
 *
 * Accepted are https, and http to loopback; nothing with user:password@, no host that
 * isn't plain ASCII. Loopback is a literal address or the name "localhost".
 */
#pragma once

#include <curl/curl.h>
#include <stdbool.h>

#include "base/err.h"

struct link {
	CURLU *parts; /* owned */
	char *url; /* owned; a secret when it is signed */
	char *host; /* owned; IPv6 with its brackets */
	bool is_tls;
	bool is_loopback;
	bool is_private; /* the host is a literal that isn't public, or localhost */
	unsigned port;
	char peer[280]; /* "host:port", for messages */
	char shown[512]; /* for the log: no query, no user, no fragment */
};

/* `kind` is that of the error when the URL is refused. */
enum err_kind link_make(
    const char *url, enum err_kind kind, struct link *ret_link, struct err *err);
/*
 * Takes apart where a Location header of `from` points to, by the same rules;
 * ERR_CONTRACT.
 */
enum err_kind link_follow(const struct link *from, const char *location,
    struct link *ret_link, struct err *err);
void link_release(struct link *link);
