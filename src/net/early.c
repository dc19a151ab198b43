/*
 * early.c - bytes that arrive before anything was asked are no answer. They lie on an
 * idle connection, behind the answer before, and would be read as the answer of the next
 * request; so a connection is looked at before it is used again.
 *
 * Only HTTP/1 takes whatever comes next for an answer: HTTP/2 numbers its streams, and a
 * TLS connection that has not answered yet may hold the peer's tickets.
 */
#include "net/early.h"

#include <errno.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

int early_open(struct net *net, int family, int type, int protocol)
{
	const int fd = socket(family, type | SOCK_CLOEXEC, protocol);

	if (fd >= 0 && net->n_sockets < SOCKETS_MAX)
		net->sockets[net->n_sockets++] = (struct net_socket){ .fd = fd };
	return fd;
}

int early_close(struct net *net, int fd)
{
	for (size_t i = 0; i < net->n_sockets; i++)
		if (net->sockets[i].fd == fd) {
			net->sockets[i] = net->sockets[--net->n_sockets];
			break;
		}
	return close(fd);
}

static int port_of(int fd)
{
	struct sockaddr_storage own = { 0 };
	socklen_t len = sizeof(own);

	if (getsockname(fd, (struct sockaddr *)&own, &len))
		return -1;
	if (own.ss_family == AF_INET)
		return ntohs(((struct sockaddr_in *)(void *)&own)->sin_port);
	if (own.ss_family == AF_INET6)
		return ntohs(((struct sockaddr_in6 *)(void *)&own)->sin6_port);
	return -1;
}

/* Once it has a port, it keeps that. */
static bool has_port(struct net_socket *socket, int port)
{
	if (socket->port <= 0)
		socket->port = port_of(socket->fd);
	return socket->port == port;
}

static size_t find(struct net *net, int port)
{
	size_t i = 0;

	while (i < net->n_sockets && !has_port(&net->sockets[i], port))
		i++;
	return i;
}

void early_answered(struct net *net, int port)
{
	const size_t i = find(net, port);

	if (i < net->n_sockets)
		net->sockets[i].has_answered = true;
}

bool early_has_bytes(struct net *net, int port, bool is_tls)
{
	const size_t i = find(net, port);
	ssize_t n;
	char byte;

	if (i == net->n_sockets || (is_tls && !net->sockets[i].has_answered))
		return false;
	do
		n = recv(net->sockets[i].fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
	while (n < 0 && errno == EINTR);
	return n > 0;
}
