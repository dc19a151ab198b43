/*
 * What went wrong, said for a person. Hosts are named, links and secrets never.
 */
#include "net/failure.h"

#include <string.h>

#include "base/duration.h"
#include "base/redact.h"
#include "base/say.h"

enum { DETAIL_MAX = 300 };

struct failure {
	CURLcode code;
	enum err_kind kind;
	const char *text; /* '%s' is the peer */
	bool has_detail; /* curl's own words help */
};

static const struct failure failures[] = {
	{ CURLE_COULDNT_RESOLVE_HOST, ERR_NET,
	    N_("can't find '%s', check the name and the network"), false },
	{ CURLE_COULDNT_RESOLVE_PROXY, ERR_NET,
	    N_("can't find the proxy on the way to '%s', check --proxy or https_proxy"),
	    false },
	{ CURLE_COULDNT_CONNECT, ERR_NET, N_("can't connect to '%s'"), true },
	{ CURLE_INTERFACE_FAILED, ERR_NET,
	    N_("the way to '%s' can't begin at that interface, check --interface"),
	    true },
	{ CURLE_PROXY, ERR_NET, N_("the proxy on the way to '%s' refuses"), true },
	{ CURLE_SSL_CONNECT_ERROR, ERR_NET, N_("no secure connection to '%s'"), true },
	{ CURLE_PEER_FAILED_VERIFICATION, ERR_TRUST,
	    N_("the certificate of '%s' can't be trusted, check the clock, or name the "
	       "CA "
	       "of your network in DREAMQ_CA_FILE"),
	    true },
	{ CURLE_SSL_CACERT_BADFILE, ERR_TRUST,
	    N_("no secure connection to '%s', the CA file can't be read; install "
	       "ca-certificates, or name a file in SSL_CERT_FILE"),
	    true },
	{ CURLE_SEND_ERROR, ERR_NET, N_("'%s' hung up while we were asking"), false },
	{ CURLE_RECV_ERROR, ERR_NET, N_("'%s' hung up while it was answering"), false },
	{ CURLE_GOT_NOTHING, ERR_NET, N_("'%s' hung up without an answer"), false },
	{ CURLE_PARTIAL_FILE, ERR_NET, N_("the answer of '%s' ended too early"), false },
	{ CURLE_HTTP2, ERR_NET, N_("'%s' broke off the connection"), true },
	{ CURLE_HTTP2_STREAM, ERR_NET, N_("'%s' broke off its answer"), true },
	{ CURLE_BAD_CONTENT_ENCODING, ERR_NET, N_("the answer of '%s' is damaged gzip"),
	    false },
	/* What our own reader refuses has its own words: this is curl's unpacking. */
	{ CURLE_WRITE_ERROR, ERR_NET, N_("the answer of '%s' is damaged gzip"), false },
	{ CURLE_UNSUPPORTED_PROTOCOL, ERR_NET, N_("'%s' doesn't answer in HTTP"), false },
	{ CURLE_WEIRD_SERVER_REPLY, ERR_NET, N_("'%s' doesn't answer in HTTP"), false },
	{ CURLE_OUT_OF_MEMORY, ERR_NOMEM, N_("out of memory while talking to '%s'"),
	    false },
};
static const struct failure otherwise = { CURLE_OK, ERR_NET, N_("trouble with '%s'"),
	true };

static const struct failure *failure_find(CURLcode code)
{
	for (size_t i = 0; i < sizeof(failures) / sizeof(failures[0]); i++) {
		if (failures[i].code == code)
			return &failures[i];
	}
	return &otherwise;
}

static void add_detail(struct net_request *request, CURLcode code)
{
	const char *reason =
	    request->reason[0] ? request->reason : curl_easy_strerror(code);
	struct buf text = buf_make(DETAIL_MAX);

	redact_text(&text, reason);
	(void)err_more(
	    &request->why, " (%s)", buf_failed(&text) ? "no details" : text.data);
	buf_release(&text);
}

static void judge_timeout(struct net_request *request)
{
	char wait[24];

	(void)duration_text(request->connect_timeout_ms, wait);
	(void)err_set(&request->why, ERR_NET, "no connection to '%s' within %s",
	    request->link.peer, wait);
}

/* The format comes from the table above and from nowhere else. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
static void say(struct net_request *request, const struct failure *failure)
{
	(void)err_set(&request->why, failure->kind, failure->text, request->link.peer);
}
#pragma GCC diagnostic pop

/* Curl is content with a head that breaks off; we are not. */
static void judge_success(struct net_request *request)
{
	if (!request->head.is_complete)
		(void)err_set(&request->why, ERR_NET,
		    "'%s' hung up within its answer's head", request->link.peer);
}

/* A way that the user has chosen may be what is wrong. */
static void name_proxy(struct net_request *request)
{
	if (request->is_proxied && request->why.kind != ERR_OK)
		(void)err_more(&request->why, ", through the proxy '%s'", request->proxy);
}

/* What it answered to our CONNECT; curl tells no more than that it broke off. */
static bool judge_proxy(struct net_request *request)
{
	long status = 0;

	(void)curl_easy_getinfo(request->easy, CURLINFO_HTTP_CONNECTCODE, &status);
	if (!request->is_proxied || status < 300)
		return false;
	(void)err_set(&request->why, ERR_NET,
	    status == 407 || status == 401 /* tinyproxy */
		? N_("the proxy on the way to '%s' wants another name and password "
		     "(status %ld)")
		: N_("the proxy on the way to '%s' refuses (status %ld)"),
	    request->link.peer, status);
	return true;
}

static void judge(struct net_request *request, CURLcode code)
{
	const struct failure *failure = failure_find(code);

	if (code == CURLE_OK) {
		judge_success(request);
		return;
	}
	if (code == CURLE_OPERATION_TIMEDOUT) {
		judge_timeout(request);
		return;
	}
	if (request->is_early) {
		(void)err_set(&request->why, ERR_CONTRACT,
		    "'%s' answers before it is asked", request->link.peer);
		return;
	}
	if (request->is_refused) {
		(void)err_set(&request->why, ERR_CONTRACT,
		    "the link to '%s' points to a private address, refused",
		    request->link.peer);
		return;
	}
	/* How curl calls a header line of more than 100 KiB. */
	if (code == CURLE_OUT_OF_MEMORY && request->sent && !request->head.is_complete) {
		(void)err_set(&request->why, ERR_CONTRACT,
		    "the answer of '%s' has an endless line in its head",
		    request->link.peer);
		return;
	}
	if (judge_proxy(request))
		return;
	say(request, failure);
	if (failure->has_detail)
		add_detail(request, code);
}

void request_judge(struct net_request *request, CURLcode code)
{
	if (request->why.kind != ERR_OK) /* a callback has said it better */
		return;
	judge(request, code);
	name_proxy(request);
}
