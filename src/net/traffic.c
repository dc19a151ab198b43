/*
 * What curl calls while bytes move, and the timers over them. Curl must not be called
 * back from here, nor the list of the loop be walked: a callback judges, and says stop.
 */
#include "net/traffic.h"

#include <string.h>
#include <sys/socket.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/duration.h"
#include "base/gunzip.h"
#include "base/text.h"
#include "net/addr.h"
#include "net/certificate.h"
#include "net/early.h"
#include "net/throttle.h"

enum {
	REDIRECT_BODY_MAX = 16 * 1024, /* more isn't worth waiting for */
	QUIET_MAX = 1024 * 1024, /* bytes between two bytes of a body: chunk extensions */
	UPLOAD_SMALL = 64 * 1024, /* leaves at once, into the system's buffers */
};

static void note_activity(struct net_request *request)
{
	request->heard_ms = clock_mono_ms();
}

/* The way to a proxy is the user's own business; the proxy finds the host itself. */
static bool may_talk_to(const struct net_request *request, enum addr_kind kind)
{
	if (request->is_proxied)
		return true;
	if (!request->link.is_tls && kind != ADDR_LOOPBACK)
		return false;
	return request->may_be_private || kind == ADDR_PUBLIC;
}

/*
 * A socket is about to be opened for an address. A link of the service must not make us
 * talk to the user's own network, so this looks at the address itself, whatever DNS says.
 */
static curl_socket_t on_socket(
    void *payload, curlsocktype purpose, struct curl_sockaddr *address)
{
	struct net_request *request = payload;
	struct addr addr;
	const bool is_known = addr_of_socket(&address->addr, &addr);

	(void)purpose;
	request->is_refused =
	    !may_talk_to(request, is_known ? addr_kind(&addr) : ADDR_PRIVATE);
	if (request->is_refused)
		return CURL_SOCKET_BAD;
	return early_open(
	    request->net, address->family, address->socktype, address->protocol);
}

static int on_socket_end(void *payload, curl_socket_t fd)
{
	return early_close(payload, fd);
}

/* The connection stands, maybe an older one; after this call the request leaves. */
// NOLINTNEXTLINE(readability-non-const-parameter): curl decides the types
static int on_connected(void *payload, char *peer, char *own, int peer_port, int own_port)
{
	struct net_request *request = payload;
	struct addr addr;
	const bool is_known = addr_parse(peer, &addr);

	(void)own, (void)peer_port;
	if (request->state != REQUEST_RUNNING)
		return CURL_PREREQFUNC_ABORT;
	request->is_early = !request->is_proxied &&
	    early_has_bytes(request->net, own_port, request->link.is_tls);
	if (request->is_early)
		return CURL_PREREQFUNC_ABORT;
	request->port = own_port;
	if (request->once && request->sent) {
		(void)err_set(&request->why, ERR_NET,
		    "'%s' hung up without an answer, not sent again", request->link.peer);
		return CURL_PREREQFUNC_ABORT;
	}
	/*
	 * An older connection was opened for a request that might have been allowed more.
	 */
	request->is_refused =
	    !may_talk_to(request, is_known ? addr_kind(&addr) : ADDR_PRIVATE);
	if (request->is_refused)
		return CURL_PREREQFUNC_ABORT;
	request->sent = true;
	note_activity(request);
	if (request_deadline(request) < request->net->next_deadline_ms)
		request->net->next_deadline_ms = request_deadline(request);
	return CURL_PREREQFUNC_OK;
}

static bool is_redirect(const struct net_request *request)
{
	const struct net_head *head = &request->head.view;

	if (request->role != NET_CDN || !head->location)
		return false;
	return head->status == 301 || head->status == 302 || head->status == 303 ||
	    head->status == 307 || head->status == 308;
}

static bool refuse_size(struct net_request *request)
{
	char room[24];

	(void)err_set(&request->why, ERR_CONTRACT, "the answer of '%s' is over %s",
	    request->link.peer, text_bytes(request->max_body_bytes, room));
	return false;
}

static bool stop_here(struct net_request *request)
{
	if (request->why.kind == ERR_OK)
		(void)err_set(&request->why, ERR_CANCELLED, "cancelled");
	return false;
}

/* The head is there. False: this transfer ends now. */
static bool take_head(struct net_request *request)
{
	struct head *head = &request->head;

	if (head->is_chunked)
		(void)curl_easy_setopt(request->easy, CURLOPT_VERBOSE, 1L);
	request->is_packed = request->wants_gzip && head->is_encoded;
	if (request->is_packed)
		head->view.content_length = -1; /* tells of bytes nobody will see */
	if (is_redirect(request)) {
		request->is_redirecting = true;
		return true;
	}
	if (head->view.content_length > 0 &&
	    (uint64_t)head->view.content_length > request->max_body_bytes)
		return refuse_size(request);
	head->view.certificate_end_unix_ms = certificate_end_unix_ms(request->easy);
	if (!request->handler.on_head(request->payload, &head->view))
		return stop_here(request);
	return request->state == REQUEST_RUNNING;
}

static size_t on_header(char *line, size_t one, size_t len, void *payload)
{
	struct net_request *request = payload;
	const bool was_complete = request->head.is_complete;

	(void)one;
	if (request->state != REQUEST_RUNNING)
		return 0;
	note_activity(request);
	if (!request->head_ms)
		request->head_ms = request->heard_ms;
	if (!was_complete && len > 7 && memcmp(line, "HTTP/1.", 7) == 0)
		early_answered(request->net, request->port);
	if (head_line(&request->head, line, len, clock_unix_ms(), &request->why) !=
	    ERR_OK)
		return 0;
	if (was_complete || !request->head.is_complete)
		return len;
	return take_head(request) ? len : 0;
}

static bool no_memory(struct net_request *request)
{
	(void)err_set(&request->why, ERR_NOMEM, "out of memory while talking to '%s'",
	    request->link.peer);
	return false;
}

/* Packed ones wait for the last of them. False: this transfer ends now. */
static bool hand_over(struct net_request *request, const char *bytes, size_t len)
{
	if (request->is_packed) {
		buf_add(&request->packed, bytes, len);
		return !buf_failed(&request->packed) || no_memory(request);
	}
	if (!request->handler.on_bytes(request->payload, bytes, len))
		return stop_here(request);
	return request->state == REQUEST_RUNNING;
}

/* Returning less than `len` ends the transfer. */
static size_t on_body(char *bytes, size_t one, size_t len, void *payload)
{
	struct net_request *request = payload;

	(void)one;
	if (request->state != REQUEST_RUNNING)
		return 0;
	note_activity(request);
	request->is_held = request->is_paused || !throttle_lets(request, len);
	if (request->is_held)
		return CURL_WRITEFUNC_PAUSE; /* the same bytes come again */
	request->body_bytes += len;
	request->quiet_bytes = 0;
	if (request->is_redirecting)
		return request->body_bytes <= REDIRECT_BODY_MAX ? len : 0;
	if (request->body_bytes > request->max_body_bytes) {
		(void)refuse_size(request);
		return 0;
	}
	return hand_over(request, bytes, len) ? len : 0;
}

static void refuse_gzip(struct net_request *request)
{
	(void)err_set(&request->why, ERR_NET, "the answer of '%s' is damaged gzip",
	    request->link.peer);
}

void request_unpack(struct net_request *request)
{
	const struct buf *packed = &request->packed;
	_cleanup_free_ char *bytes = NULL;
	size_t len = 0;

	if (request->why.kind != ERR_OK || packed->len == 0)
		return;
	switch (request->head.is_gzip
		? gunzip(packed->data, packed->len, request->max_body_bytes, &bytes, &len)
		: GUNZIP_DAMAGED) {
	case GUNZIP_OK:
		request->body_bytes = len;
		request->is_packed = false;
		(void)hand_over(request, bytes, len);
		break;
	case GUNZIP_DAMAGED:
		refuse_gzip(request);
		break;
	case GUNZIP_TOO_LARGE:
		(void)refuse_size(request);
		break;
	case GUNZIP_NO_MEMORY:
		(void)no_memory(request);
		break;
	}
}

/*
 * What comes over the wire, framing and all: a chunk's extension never reaches on_body.
 * The transfer can't be ended from here; the loop does so at once. Nothing of the bytes
 * is looked at, since a cookie may be among them. Curl words its every step for whoever
 * hears this, so only they do whose bodies may bring more than they show: in chunks.
 */
// NOLINTNEXTLINE(readability-non-const-parameter): curl decides the types
static int on_wire(CURL *easy, curl_infotype type, char *bytes, size_t len, void *payload)
{
	struct net_request *request = payload;

	(void)easy, (void)bytes;
	if (type != CURLINFO_DATA_IN || request->state != REQUEST_RUNNING)
		return 0;
	request->quiet_bytes += len;
	if (request->quiet_bytes > QUIET_MAX && !request->is_flooded) {
		request->is_flooded = true;
		request->net->next_deadline_ms = 0;
	}
	return 0;
}

static int64_t earlier(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* Once it has begun, a head may not take longer than a silence. */
static bool is_in_head(const struct net_request *request)
{
	return request->head_ms && !request->head.is_complete;
}

int64_t request_deadline(const struct net_request *request)
{
	int64_t deadline = INT64_MAX;

	if (request->total_timeout_ms)
		deadline = request->begun_ms + request->total_timeout_ms;
	if (request->heard_ms && !request->is_paused && !request->is_throttled)
		deadline =
		    earlier(deadline, request->heard_ms + request->stall_timeout_ms);
	if (is_in_head(request))
		deadline =
		    earlier(deadline, request->head_ms + request->stall_timeout_ms);
	return deadline;
}

/* A long request body on its way up is life, too. */
static bool has_uploaded(struct net_request *request)
{
	const curl_off_t before = request->uploaded_bytes;

	if (request->body_len <= UPLOAD_SMALL)
		return false;
	(void)curl_easy_getinfo(
	    request->easy, CURLINFO_SIZE_UPLOAD_T, &request->uploaded_bytes);
	return request->uploaded_bytes > before;
}

bool request_is_overdue(struct net_request *request, int64_t now_ms)
{
	const uint32_t total_ms = request->total_timeout_ms;
	char wait[24];

	if (request->is_flooded) {
		(void)err_set(&request->why, ERR_CONTRACT,
		    "the answer of '%s' brings bytes for ever, and none of a body",
		    request->link.peer);
		return true;
	}
	if (total_ms && now_ms >= request->begun_ms + total_ms) {
		(void)err_set(&request->why, ERR_NET, "'%s' wasn't done within %s",
		    request->link.peer, duration_text(total_ms, wait));
		return true;
	}
	if (is_in_head(request) && request->heard_ms > request->head_ms &&
	    now_ms >= request->head_ms + request->stall_timeout_ms) {
		(void)err_set(&request->why, ERR_NET,
		    "the head of the answer of '%s' wasn't whole within %s",
		    request->link.peer, duration_text(request->stall_timeout_ms, wait));
		return true;
	}
	if (!request->heard_ms || request->is_paused || request->is_throttled ||
	    now_ms < request->heard_ms + request->stall_timeout_ms)
		return false;
	if (has_uploaded(request)) {
		request->heard_ms = now_ms;
		return false;
	}
	(void)err_set(&request->why, ERR_NET, "not a byte from '%s' for %s",
	    request->link.peer, duration_text(request->stall_timeout_ms, wait));
	return true;
}

bool request_listen(struct net_request *request)
{
	CURL *easy = request->easy;
	bool ok = true;

	ok = ok && !curl_easy_setopt(easy, CURLOPT_PRIVATE, request);
	ok = ok && !curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, on_socket);
	ok = ok && !curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, request);
	ok = ok && !curl_easy_setopt(easy, CURLOPT_CLOSESOCKETFUNCTION, on_socket_end);
	ok = ok && !curl_easy_setopt(easy, CURLOPT_CLOSESOCKETDATA, request->net);
	ok = ok && !curl_easy_setopt(easy, CURLOPT_DEBUGFUNCTION, on_wire);
	ok = ok && !curl_easy_setopt(easy, CURLOPT_DEBUGDATA, request);
	ok = ok && !curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, on_connected);
	ok = ok && !curl_easy_setopt(easy, CURLOPT_PREREQDATA, request);
	ok = ok && !curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
	ok = ok && !curl_easy_setopt(easy, CURLOPT_HEADERDATA, request);
	ok = ok && !curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
	ok = ok && !curl_easy_setopt(easy, CURLOPT_WRITEDATA, request);
	return ok;
}
