#include "rawserver.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "rawserver_tls.h"

enum { PEERS_MAX = 512, REQUESTS_MAX = 2048, REQUEST_MAX = 1 << 20 };

struct raw_peer {
	struct raw_server *server;
	pthread_t thread;
	size_t number;
	int fd;
	SSL *ssl;
	char *text;
	size_t len, room;
};

struct raw_server {
	raw_script *script;
	void *payload;
	int fd;
	unsigned port;
	pthread_t thread;
	SSL_CTX *tls;
	char ca_file[64];
	char url[256];

	pthread_mutex_t lock; /* over all below */
	struct raw_peer *peers[PEERS_MAX];
	size_t n_peers;
	char *requests[REQUESTS_MAX];
	size_t n_requests;
};

/* ---- what scripts use ---- */

static ssize_t take_some(struct raw_peer *peer, char *into, size_t room)
{
	if (peer->ssl)
		return SSL_read(peer->ssl, into, (int)room);
	return recv(peer->fd, into, room, 0);
}

void raw_say_bytes(struct raw_peer *peer, const void *bytes, size_t len)
{
	const char *at = bytes;

	while (len > 0) {
		const ssize_t n = peer->ssl ? SSL_write(peer->ssl, at, (int)len)
					    : send(peer->fd, at, len, MSG_NOSIGNAL);

		if (n <= 0)
			return;
		at += n;
		len -= (size_t)n;
	}
}

void raw_say(struct raw_peer *peer, const char *fmt, ...)
{
	char *text;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vasprintf(&text, fmt, ap);
	va_end(ap);
	raw_must(n >= 0, "vasprintf");
	raw_say_bytes(peer, text, (size_t)n);
	free(text);
}

void raw_answer(struct raw_peer *peer, int status, const char *head, const char *body)
{
	raw_say(peer, "HTTP/1.1 %d Test\r\n%sContent-Length: %zu\r\n\r\n%s", status, head,
	    strlen(body), body);
}

static bool read_more(struct raw_peer *peer)
{
	ssize_t n;

	if (peer->len + 4096 > peer->room) {
		peer->room = peer->room ? peer->room * 2 : 8192;
		raw_must(peer->room <= REQUEST_MAX, "a request too big");
		peer->text = realloc(peer->text, peer->room);
		raw_must(peer->text != NULL, "realloc");
	}
	n = take_some(peer, peer->text + peer->len, peer->room - peer->len - 1);
	if (n <= 0)
		return false;
	peer->len += (size_t)n;
	peer->text[peer->len] = '\0';
	return true;
}

static size_t body_length(const char *head)
{
	const char *field = strcasestr(head, "\r\nContent-Length:");

	return field ? strtoul(field + strlen("\r\nContent-Length:"), NULL, 10) : 0;
}

/* Bytes of the request at the start of what has come; 0 when more are needed. */
static size_t request_length(const struct raw_peer *peer)
{
	const char *end = peer->len > 0 ? strstr(peer->text, "\r\n\r\n") : NULL;
	size_t whole;

	if (!end)
		return 0;
	whole = (size_t)(end + 4 - peer->text) + body_length(peer->text);
	return whole <= peer->len ? whole : 0;
}

const char *raw_read(struct raw_peer *peer)
{
	struct raw_server *server = peer->server;
	char *request;
	size_t len;

	while ((len = request_length(peer)) == 0) {
		if (!read_more(peer))
			return NULL;
	}
	request = strndup(peer->text, len);
	raw_must(request != NULL, "strndup");
	memmove(peer->text, peer->text + len, peer->len - len + 1);
	peer->len -= len;
	pthread_mutex_lock(&server->lock);
	raw_must(server->n_requests < REQUESTS_MAX, "too many requests");
	server->requests[server->n_requests++] = request;
	pthread_mutex_unlock(&server->lock);
	return request;
}

void raw_reset(struct raw_peer *peer)
{
	const struct linger now = { .l_onoff = 1, .l_linger = 0 };

	(void)setsockopt(peer->fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
	raw_hang_up(peer);
}

void raw_hang_up(struct raw_peer *peer)
{
	pthread_mutex_lock(&peer->server->lock);
	(void)close(peer->fd);
	peer->fd = -1;
	pthread_mutex_unlock(&peer->server->lock);
}

void raw_stall(struct raw_peer *peer)
{
	while (read_more(peer))
		;
}

static bool pump(int from, int into)
{
	char bytes[16384];
	const ssize_t n = recv(from, bytes, sizeof(bytes), 0);

	return n > 0 && send(into, bytes, (size_t)n, MSG_NOSIGNAL) == n;
}

static int dial(unsigned port)
{
	const struct sockaddr_in at = { .sin_family = AF_INET,
		.sin_port = htons((uint16_t)port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	raw_must(fd >= 0, "socket");
	raw_must(connect(fd, (const struct sockaddr *)&at, sizeof(at)) == 0, "connect");
	return fd;
}

void raw_tunnel(struct raw_peer *peer, unsigned port)
{
	const int fd = dial(port);
	struct pollfd fds[2] = { { peer->fd, POLLIN, 0 }, { fd, POLLIN, 0 } };
	bool goes_on = true;

	while (goes_on && poll(fds, 2, -1) > 0) {
		if (fds[0].revents)
			goes_on = pump(peer->fd, fd);
		if (goes_on && fds[1].revents)
			goes_on = pump(fd, peer->fd);
	}
	(void)close(fd);
}

size_t raw_number(const struct raw_peer *peer)
{
	return peer->number;
}

/* ---- life of the server ---- */

static bool greet(struct raw_peer *peer)
{
	if (!peer->server->tls)
		return true;
	peer->ssl = SSL_new(peer->server->tls);
	raw_must(peer->ssl && SSL_set_fd(peer->ssl, peer->fd) == 1, "SSL_new");
	return SSL_accept(peer->ssl) == 1;
}

static void *run_peer(void *payload)
{
	struct raw_peer *peer = payload;
	struct raw_server *server = peer->server;

	if (greet(peer))
		server->script(peer, server->payload);
	pthread_mutex_lock(&server->lock);
	if (peer->ssl && peer->fd >= 0)
		(void)SSL_shutdown(peer->ssl);
	SSL_free(peer->ssl);
	if (peer->fd >= 0)
		(void)close(peer->fd);
	peer->fd = -1;
	pthread_mutex_unlock(&server->lock);
	ERR_clear_error();
	return NULL;
}

static void welcome(struct raw_server *server, int fd)
{
	struct raw_peer *peer = calloc(1, sizeof(*peer));

	raw_must(peer != NULL, "calloc");
	peer->server = server;
	peer->fd = fd;
	pthread_mutex_lock(&server->lock);
	raw_must(server->n_peers < PEERS_MAX, "too many connections");
	peer->number = server->n_peers;
	server->peers[server->n_peers++] = peer;
	raw_must(
	    pthread_create(&peer->thread, NULL, run_peer, peer) == 0, "pthread_create");
	pthread_mutex_unlock(&server->lock);
}

/* What is said goes out at once, not when what went before has arrived. */
static int accept_one(int listener)
{
	const int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC), on = 1;

	if (fd >= 0)
		(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	return fd;
}

static void *accept_all(void *payload)
{
	struct raw_server *server = payload;
	int fd;

	while ((fd = accept_one(server->fd)) >= 0)
		welcome(server, fd);
	return NULL;
}

static void listen_somewhere(struct raw_server *server)
{
	struct sockaddr_in at = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(at);

	server->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	raw_must(server->fd >= 0, "socket");
	raw_must(bind(server->fd, (struct sockaddr *)&at, sizeof(at)) == 0, "bind");
	raw_must(listen(server->fd, 512) == 0, "listen");
	raw_must(
	    getsockname(server->fd, (struct sockaddr *)&at, &len) == 0, "getsockname");
	server->port = ntohs(at.sin_port);
}

struct raw_server *raw_start_tls(raw_script *script, void *payload, const char *name)
{
	struct raw_server *server = calloc(1, sizeof(*server));

	raw_must(server != NULL, "calloc");
	server->script = script;
	server->payload = payload;
	(void)pthread_mutex_init(&server->lock, NULL);
	if (name) {
		(void)snprintf(server->ca_file, sizeof(server->ca_file),
		    "/tmp/rawca.%d.%p", (int)getpid(), (void *)server);
		server->tls = raw_tls_new(name, server->ca_file);
	}
	listen_somewhere(server);
	raw_must(
	    pthread_create(&server->thread, NULL, accept_all, server) == 0, "thread");
	return server;
}

struct raw_server *raw_start(raw_script *script, void *payload)
{
	return raw_start_tls(script, payload, NULL);
}

static void hang_up_all(struct raw_server *server)
{
	pthread_mutex_lock(&server->lock);
	for (size_t i = 0; i < server->n_peers; i++) {
		if (server->peers[i]->fd >= 0)
			(void)shutdown(server->peers[i]->fd, SHUT_RDWR);
	}
	pthread_mutex_unlock(&server->lock);
}

void raw_stop(struct raw_server *server)
{
	if (!server)
		return;
	(void)shutdown(server->fd, SHUT_RDWR);
	(void)pthread_join(server->thread, NULL);
	(void)close(server->fd);
	hang_up_all(server);
	for (size_t i = 0; i < server->n_peers; i++) {
		(void)pthread_join(server->peers[i]->thread, NULL);
		free(server->peers[i]->text);
		free(server->peers[i]);
	}
	for (size_t i = 0; i < server->n_requests; i++)
		free(server->requests[i]);
	if (server->tls)
		(void)unlink(server->ca_file);
	SSL_CTX_free(server->tls);
	(void)pthread_mutex_destroy(&server->lock);
	free(server);
}

void raw_stopp(struct raw_server **server)
{
	raw_stop(*server);
}

/* ---- what tests ask ---- */

unsigned raw_port(const struct raw_server *server)
{
	return server->port;
}

const char *raw_url(struct raw_server *server, const char *path)
{
	(void)snprintf(server->url, sizeof(server->url), "%s://127.0.0.1:%u%s",
	    server->tls ? "https" : "http", server->port, path);
	return server->url;
}

const char *raw_ca_file(const struct raw_server *server)
{
	return server->ca_file;
}

size_t raw_connections(struct raw_server *server)
{
	size_t n;

	pthread_mutex_lock(&server->lock);
	n = server->n_peers;
	pthread_mutex_unlock(&server->lock);
	return n;
}

size_t raw_requests(struct raw_server *server)
{
	size_t n;

	pthread_mutex_lock(&server->lock);
	n = server->n_requests;
	pthread_mutex_unlock(&server->lock);
	return n;
}

const char *raw_request(struct raw_server *server, size_t i)
{
	const char *text = "";

	pthread_mutex_lock(&server->lock);
	if (i < server->n_requests)
		text = server->requests[i];
	pthread_mutex_unlock(&server->lock);
	return text;
}
