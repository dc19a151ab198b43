#include "net/request.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/crypto.h"
#include "net/headers.h"
#include "net/throttle.h"
#include "net/traffic.h"

enum {
	CONNECT_TIMEOUT_MS = 15 * 1000,
	STALL_TIMEOUT_MS = 30 * 1000,
	HOPS_MAX = 3,
	CDN_BUFFER = 128 * 1024,
};

static const struct {
	CURLoption option;
	long value;
} always[] = {
	{ CURLOPT_NOSIGNAL, 1 },
	{ CURLOPT_FOLLOWLOCATION, 0 }, /* redirects are ours to judge */
	{ CURLOPT_SSL_VERIFYPEER, 1 }, { CURLOPT_SSL_VERIFYHOST, 2 },
	{ CURLOPT_TCP_KEEPALIVE, 1 }, { CURLOPT_NETRC, CURL_NETRC_IGNORED },
	{ CURLOPT_HTTP09_ALLOWED, 0 }, { CURLOPT_PATH_AS_IS, 1 },
	{ CURLOPT_SUPPRESS_CONNECT_HEADERS, 1 },
	{ CURLOPT_QUICK_EXIT, 1 }, /* net_free doesn't wait for a name server */
};

static enum err_kind no_memory(struct err *err)
{
	return err_set(err, ERR_NOMEM, "out of memory");
}

static enum err_kind take_method(
    struct net_request *request, const struct net_spec *spec, struct err *err)
{
	request->is_post = strcmp(spec->method, "POST") == 0;
	if (!request->is_post && strcmp(spec->method, "GET") != 0)
		return err_set(err, ERR_USAGE, "unknown method '%.20s'", spec->method);
	if (request->is_post && request->role == NET_CDN)
		return err_set(err, ERR_USAGE, "a CDN is only asked with GET");
	return ERR_OK;
}

static bool set_body(struct net_request *request, const struct net_spec *spec)
{
	CURL *easy = request->easy;
	bool ok = true;

	request->body_len = spec->body_len;
	ok = ok && !curl_easy_setopt(easy, CURLOPT_POST, 1L);
	ok = ok &&
	    !curl_easy_setopt(
		easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)spec->body_len);
	ok = ok &&
	    !curl_easy_setopt(easy, CURLOPT_COPYPOSTFIELDS, spec->body ? spec->body : "");
	return ok;
}

/*
 * The bundle of the system is parsed once for all connections, as long as no folder of
 * certificates is given beside it; an extra file comes with the folder.
 */
static bool set_trust(struct net_request *request)
{
	const char *extra = request->net->way.ca_file;

	if (extra)
		return !curl_easy_setopt(request->easy, CURLOPT_CAINFO, extra) &&
		    !curl_easy_setopt(request->easy, CURLOPT_PROXY_CAINFO, extra);
	return !curl_easy_setopt(request->easy, CURLOPT_CAPATH, NULL);
}

/* Which way the user wants it to go. */
static bool set_way(struct net_request *request)
{
	static const long families[] = { [NET_ANY_IP] = CURL_IPRESOLVE_WHATEVER,
		[NET_IPV4] = CURL_IPRESOLVE_V4,
		[NET_IPV6] = CURL_IPRESOLVE_V6 };
	const struct net_way *way = &request->net->way;
	CURL *easy = request->easy;
	bool ok = true;

	if (way->ip != NET_ANY_IP)
		ok = ok && !curl_easy_setopt(easy, CURLOPT_IPRESOLVE, families[way->ip]);
	if (way->interface)
		ok = ok && !curl_easy_setopt(easy, CURLOPT_INTERFACE, way->interface);
	if (way->doh_url)
		ok = ok && !curl_easy_setopt(easy, CURLOPT_DOH_URL, way->doh_url);
	return ok;
}

static bool set_once(struct net_request *request)
{
	CURL *easy = request->easy;

	return !curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, 1L) &&
	    !curl_easy_setopt(easy, CURLOPT_FORBID_REUSE, 1L);
}

static bool set_options(struct net_request *request, const struct net_spec *spec)
{
	const long version = spec->once ? CURL_HTTP_VERSION_1_1 : CURL_HTTP_VERSION_2TLS;
	CURL *easy = request->easy;
	bool ok = true;

	for (size_t i = 0; i < sizeof(always) / sizeof(always[0]); i++)
		ok = ok && !curl_easy_setopt(easy, always[i].option, always[i].value);
	ok = ok && request_listen(request) && set_trust(request) && set_way(request);
	ok = ok && !curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, request->reason);
	ok = ok && !curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, version);
	ok = ok &&
	    !curl_easy_setopt(
		easy, CURLOPT_CONNECTTIMEOUT_MS, (long)request->connect_timeout_ms);
	if (request->role == NET_CDN)
		ok = ok &&
		    !curl_easy_setopt(easy, CURLOPT_BUFFERSIZE,
			throttle_buffer(request->net, CDN_BUFFER));
	if (spec->tells_certificate)
		ok = ok && !curl_easy_setopt(easy, CURLOPT_CERTINFO, 1L);
	if (request->is_post)
		ok = ok && set_body(request, spec);
	if (request->once)
		ok = ok && set_once(request);
	return ok;
}

/* The user's own patience, else that of the spec, else the usual. */
static uint32_t first_of(uint32_t ours, uint32_t theirs, uint32_t usual)
{
	if (ours)
		return ours;
	return theirs ? theirs : usual;
}

static void take_spec(struct net_request *request, const struct net_spec *spec)
{
	const struct net_way *way = &request->net->way;

	request->role = spec->role;
	request->once = spec->once;
	request->hides_path = spec->hides_path;
	/* Half of a compressed answer can't be gone on with. */
	request->wants_gzip = spec->wants_gzip && spec->range_from <= 0;
	request->max_body_bytes = spec->max_body_bytes;
	request->packed = buf_make(spec->max_body_bytes);
	request->may_be_private =
	    spec->role == NET_API || request->net->allow_private_cdn;
	request->connect_timeout_ms = first_of(
	    way->connect_timeout_ms, spec->connect_timeout_ms, CONNECT_TIMEOUT_MS);
	request->stall_timeout_ms =
	    first_of(way->stall_timeout_ms, spec->stall_timeout_ms, STALL_TIMEOUT_MS);
	request->total_timeout_ms = spec->total_timeout_ms;
}

/* Sets everything that depends on where the request goes. */
static enum err_kind aim(struct net_request *request, struct err *err)
{
	const struct link *link = &request->link;
	const char *proxy = proxies_for(&request->net->proxies, link);
	CURL *easy = request->easy;
	bool ok = true;

	request->head = head_make(link->peer);
	if ((link->is_tls || proxy) && crypto_start_random(err))
		return err->kind;
	/* What can be seen in the link is refused at once; names, when they connect. */
	if (link->is_private && !request->may_be_private)
		return err_set(err, ERR_CONTRACT,
		    "the link to '%s' points to a private address, refused", link->peer);
	request->is_proxied = proxy != NULL;
	if (proxy)
		(void)proxy_peer(proxy, request->proxy, sizeof(request->proxy));
	request->reason[0] = '\0';
	request->is_refused = false;
	request->is_redirecting = false;
	request->is_held = false;
	throttle_leave(request);
	request->body_bytes = request->quiet_bytes = 0;
	request->heard_ms = request->head_ms = 0;
	ok = ok &&
	    !curl_easy_setopt(
		easy, CURLOPT_PROTOCOLS_STR, link->is_tls ? "https" : "http");
	/* The parts win. Without a URL curl would put one together from them. */
	ok = ok && !curl_easy_setopt(easy, CURLOPT_URL, link->url);
	ok = ok && !curl_easy_setopt(easy, CURLOPT_CURLU, link->parts);
	ok = ok && !curl_easy_setopt(easy, CURLOPT_PROXY, proxy ? proxy : "");
	ok = ok && !curl_easy_setopt(easy, CURLOPT_NOPROXY, "");
	return ok ? ERR_OK : no_memory(err);
}

/*
 * Making one costs as much as all that is set in it. One that carried a cookie is not
 * used again: what libcurl keeps of a head that it has sent is its own affair.
 */
static CURL *take_easy(struct net *net)
{
	return net->n_idle ? net->idle[--net->n_idle] : curl_easy_init();
}

static void give_easy(struct net_request *request)
{
	struct net *net = request->net;

	if (!request->easy || request->role != NET_CDN || net->n_idle == IDLE_MAX) {
		curl_easy_cleanup(request->easy);
		return;
	}
	curl_easy_reset(request->easy);
	net->idle[net->n_idle++] = request->easy;
}

static void request_freep(struct net_request **request)
{
	request_free(*request);
}

enum err_kind request_new(struct net *net, const struct net_spec *spec,
    struct net_request **ret_request, struct err *err)
{
	const enum err_kind fault = spec->role == NET_CDN ? ERR_CONTRACT : ERR_USAGE;
	_cleanup_(request_freep) struct net_request *request =
	    calloc(1, sizeof(*request));

	if (!request)
		return no_memory(err);
	request->net = net;
	take_spec(request, spec);
	if (take_method(request, spec, err) != ERR_OK ||
	    link_make(spec->url, fault, &request->link, err) != ERR_OK ||
	    request_add_headers(request, spec, err) != ERR_OK)
		return err->kind;
	request->easy = take_easy(net);
	if (!request->easy || !set_options(request, spec) ||
	    curl_easy_setopt(request->easy, CURLOPT_HTTPHEADER, request->headers))
		return no_memory(err);
	if (aim(request, err) != ERR_OK)
		return err->kind;
	*ret_request = TAKE_PTR(request);
	return ERR_OK;
}

enum err_kind request_follow(struct net_request *request, struct err *err)
{
	struct link next = { 0 };

	if (++request->hops > HOPS_MAX)
		return err_set(err, ERR_CONTRACT, "'%s' redirects more than %d times",
		    request->link.peer, HOPS_MAX);
	if (link_follow(&request->link, request->head.view.location, &next, err) !=
	    ERR_OK)
		return err->kind;
	head_release(&request->head);
	link_release(&request->link);
	request->link = next;
	return aim(request, err);
}

bool request_take_fresh(struct net_request *request)
{
	if (request->is_fresh)
		return false;
	request->is_fresh = true;
	request->is_early = false;
	request->reason[0] = '\0';
	return !curl_easy_setopt(request->easy, CURLOPT_FRESH_CONNECT, 1L);
}

void request_leave_curl(struct net_request *request)
{
	if (request->in_multi)
		(void)curl_multi_remove_handle(request->net->multi, request->easy);
	request->in_multi = false;
	throttle_leave(request);
}

void request_free(struct net_request *request)
{
	if (!request)
		return;
	give_easy(request);
	request_wipe_headers(request);
	head_release(&request->head);
	link_release(&request->link);
	buf_release(&request->packed);
	free(request);
}
