#include "web/listen.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/text.h"

enum { BACKLOG = 64 };

union address {
	struct sockaddr any;
	struct sockaddr_in in;
	struct sockaddr_in6 in6;
};

/* 127.0.0.1 is the one that others mean by loopback; 127.0.0.2 would do as well. */
static bool read_host(const char *host, union address *address, socklen_t *ret_len)
{
	if (!strcmp(host, "[::1]")) {
		address->in6 = (struct sockaddr_in6){ .sin6_family = AF_INET6,
			.sin6_addr = IN6ADDR_LOOPBACK_INIT };
		*ret_len = sizeof(address->in6);
		return true;
	}
	if (!strcmp(host, "localhost"))
		host = "127.0.0.1";
	address->in = (struct sockaddr_in){ .sin_family = AF_INET };
	*ret_len = sizeof(address->in);
	return inet_pton(AF_INET, host, &address->in.sin_addr) == 1 &&
	    ntohl(address->in.sin_addr.s_addr) >> 24 == IN_LOOPBACKNET;
}

static enum err_kind read_where(const char *where, struct listen_at *at,
    union address *address, socklen_t *ret_len, struct err *err)
{
	const char *colon = strrchr(where, ':');
	char host[sizeof(at->address)];
	uint64_t port = 0;

	if (!colon || (size_t)(colon - where) >= sizeof(host) ||
	    !text_uint(colon + 1, 0, UINT16_MAX, &port))
		return err_set(err, ERR_USAGE,
		    "'%s' is no address with a port, as '127.0.0.1:8080'", where);
	(void)snprintf(host, sizeof(host), "%.*s", (int)(colon - where), where);
	if (!read_host(host, address, ret_len))
		return err_set(err, ERR_USAGE,
		    "'%s' is no address of this machine alone: 127.0.0.1, [::1] or "
		    "localhost",
		    host);
	(void)snprintf(at->address, sizeof(at->address), "%s",
	    strcmp(host, "localhost") != 0 ? host : "127.0.0.1");
	if (address->any.sa_family == AF_INET6)
		address->in6.sin6_port = htons((uint16_t)port);
	else
		address->in.sin_port = htons((uint16_t)port);
	return ERR_OK;
}

static enum err_kind open_socket(struct listen_at *at, union address *address,
    socklen_t len, const char *where, struct err *err)
{
	const int one = 1;

	at->fd =
	    socket(address->any.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (at->fd < 0 ||
	    setsockopt(at->fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) ||
	    bind(at->fd, &address->any, len) || listen(at->fd, BACKLOG) ||
	    getsockname(at->fd, &address->any, &len))
		return err_errno(err, ERR_IO, "can't listen at '%s'", where);
	at->port = ntohs(address->any.sa_family == AF_INET6 ? address->in6.sin6_port
							    : address->in.sin_port);
	return ERR_OK;
}

enum err_kind listen_open(const char *where, struct listen_at *ret_at, struct err *err)
{
	struct listen_at at = { .fd = -1 };
	union address address = { .in6 = { .sin6_family = AF_UNSPEC } };
	socklen_t len = 0;

	if (read_where(where, &at, &address, &len, err))
		return err->kind;
	if (open_socket(&at, &address, len, where, err)) {
		if (at.fd >= 0)
			(void)close(at.fd);
		return err->kind;
	}
	*ret_at = at;
	return ERR_OK;
}
