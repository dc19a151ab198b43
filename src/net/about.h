/*
 * about.h - what the requests go through, for people: the libraries, the proxy of a link,
 * and whose certificates are believed.
 */
#pragma once

#include <stddef.h>

#include "base/err.h"
#include "net/net.h"

/* Writes "libcurl/8.7.1 OpenSSL/3.0.11 zlib/1.2.13"; returns `into`. */
const char *net_versions(char *into, size_t room);
/*
 * The proxy that a request for this URL takes on this way, without its password; "":
 * none. ERR_USAGE when the URL is none.
 */
enum err_kind net_proxy_of(
    const char *url, const struct net_way *way, char *into, size_t room, struct err *err);
/* The extra CA file: the caller's, else the environment's; NULL: none. */
const char *net_ca_file(const char *given);
/*
 * The file of certificates that counts: the one that was named (beside the system's),
 * else the system's; "" when nobody knows. Returns `into`.
 */
const char *net_trust(const struct net_way *way, char *into, size_t room);
/* Cuts the host out of a URL (without brackets) and its port; ERR_USAGE. */
enum err_kind net_host_of(
    const char *url, char *into, size_t room, unsigned *ret_port, struct err *err);
