/*
 * proxy.h - which proxy, if any, does the environment ask for? The caller passes the
 * values in, so this part is pure.
 *
 * https_proxy (or HTTPS_PROXY), else all_proxy (or ALL_PROXY); an empty value means none.
 * http_proxy has no say: plain http goes to loopback only, and loopback never through a
 * proxy. no_proxy is a list of names, addresses and address blocks, split by commas or
 * blanks; a name covers its subdomains; "*" covers all.
 */
#pragma once

#include "base/err.h"
#include "net/link.h"

struct proxies {
	char *url; /* NULL: none */
	char *except; /* NULL: nobody */
};

/* `lookup` is getenv outside of tests. */
enum err_kind proxies_make(
    char *(*lookup)(const char *name), struct proxies *ret_proxies, struct err *err);
void proxies_release(struct proxies *proxies);

/* Its host and port, without the name and password that may stand before them. */
const char *proxy_peer(const char *proxy, char *into, size_t room);

/* Returns the proxy for this link; NULL: connect directly. */
const char *proxies_for(const struct proxies *proxies, const struct link *link);
