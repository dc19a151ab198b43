/*
 * proxy.h - which proxy, if any, does the user ask for, or the environment? The caller
 * passes the values in, so this part is pure.
 *
 * What is given counts, else https_proxy (or HTTPS_PROXY), else all_proxy (or ALL_PROXY);
 * an empty value means none. http_proxy has no say: plain http goes to loopback only, and
 * loopback never through a proxy. no_proxy is a list of names, addresses and address
 * blocks, split by commas or blanks; a name covers its subdomains; "*" covers all.
 */
#pragma once

#include "base/err.h"
#include "net/link.h"

struct proxies {
	char *url; /* NULL: none */
	char *except; /* NULL: nobody */
};

/*
 * `lookup` is getenv outside of tests; `url` and `except` win over it, "" being none.
 * ERR_USAGE: what is given is no proxy; its name and password are not in the sentence.
 * One of the environment may be of others, and is curl's to judge.
 */
enum err_kind proxies_make(char *(*lookup)(const char *name), const char *url,
    const char *except, struct proxies *ret_proxies, struct err *err);
void proxies_release(struct proxies *proxies);

/* Its host and port, without the name and password that may stand before them. */
const char *proxy_peer(const char *proxy, char *into, size_t room);

/* Returns the proxy for this link; NULL: connect directly. */
const char *proxies_for(const struct proxies *proxies, const struct link *link);
