/*
 * net.c - is the service within reach: proxy, name, connection with its certificate,
 * clock.
 */
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/duration.h"
#include "base/say.h"
#include "core/account/network.h"
#include "core/account/session.h"
#include "core/doctor/check.h"
#include "net/about.h"
#include "net/net.h"

enum {
	HOST_MAX = 256,
	PATH_BYTES = 4096,
	STEP_MS = 100,
	ANSWER_MAX = 1 << 20,
	CERTIFICATE_DAYS = 14 /* fewer are worth a warning */
};

static const int64_t DAY_MS = INT64_C(24) * 60 * 60 * 1000;

static void dq_closep(struct dq **dq)
{
	dq_close(*dq);
}

static void explain(struct finding *finding, enum verdict verdict, const struct err *err)
{
	finding->verdict = verdict;
	finding->said = *err;
}

static const struct net_way *way_of(const struct dq *dq)
{
	static const struct net_way usual = { 0 };

	return dq->network ? &dq->network->way : &usual;
}

/* --- the proxy --------------------------------------------------------------- */

static void check_proxy(
    const struct scene *scene, struct facts *facts, struct finding *finding)
{
	_cleanup_(dq_closep) struct dq *dq =
	    check_open(scene, NEEDS_NETWORK_ONLY, finding);
	char proxy[HOST_MAX];
	struct err err;

	(void)facts;
	if (!dq)
		return;
	if (net_proxy_of(dq->traits.address, way_of(dq), proxy, sizeof(proxy), &err))
		explain(finding, VERDICT_BAD, &err);
	else if (proxy[0])
		err_set(
		    &finding->said, ERR_OK, "'%s' is on the way to the service", proxy);
	else
		err_set(&finding->said, ERR_OK, "none is on the way to the service");
}

/* --- its name ---------------------------------------------------------------- */

/* Behind a proxy it is the proxy who looks for the service. */
static enum err_kind name_to_find(
    const struct dq *dq, char host[HOST_MAX], unsigned *ret_port, struct err *err)
{
	char proxy[HOST_MAX], *colon;

	if (net_host_of(dq->traits.address, host, HOST_MAX, ret_port, err) ||
	    net_proxy_of(dq->traits.address, way_of(dq), proxy, sizeof(proxy), err))
		return err->kind;
	if (!proxy[0])
		return ERR_OK;
	colon = strrchr(proxy, ':');
	if (colon && !strchr(colon, ']'))
		*colon = '\0';
	(void)snprintf(host, HOST_MAX, "%.*s",
	    (int)strcspn(proxy + (proxy[0] == '['), "]"), proxy + (proxy[0] == '['));
	return ERR_OK;
}

static void tell_addresses(const struct addrinfo *found, const char *host,
    int64_t took_ms, struct finding *finding)
{
	char first[HOST_MAX] = "?", took[24];
	unsigned n = 0;

	(void)getnameinfo(found->ai_addr, found->ai_addrlen, first, sizeof(first), NULL,
	    0, NI_NUMERICHOST);
	for (; found; found = found->ai_next)
		n++;
	(void)duration_text(took_ms, took);
	if (n == 1)
		err_set(&finding->said, ERR_OK, "'%s' has the address %s (%s)", host,
		    first, took);
	else
		err_set(&finding->said, ERR_OK,
		    "'%s' has %u addresses, the first is %s (%s)", host, n, first, took);
	if (took_ms < 1000)
		return;
	finding->verdict = VERDICT_WARN;
	err_set(&finding->todo, ERR_OK, "names are slow: try another name server");
}

/* The C library's words would be in the language of the program, in JSON, too. */
static const char *why_no_name(int code)
{
	static const struct {
		int code;
		const char *text;
	} rows[] = {
		{ EAI_NONAME, N_("nobody knows this name") },
#ifdef EAI_NODATA
		{ EAI_NODATA, N_("it has no address") },
#endif
		{ EAI_AGAIN, N_("no name server answers") },
		{ EAI_SYSTEM, N_("the system refuses") },
		{ EAI_MEMORY, N_("out of memory") },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		if (rows[i].code == code)
			return rows[i].text;
	return N_("the name server fails");
}

static void check_dns(
    const struct scene *scene, struct facts *facts, struct finding *finding)
{
	_cleanup_(dq_closep) struct dq *dq =
	    check_open(scene, NEEDS_NETWORK_ONLY, finding);
	const struct addrinfo hints = { .ai_socktype = SOCK_STREAM };
	struct addrinfo *found = NULL;
	const int64_t begun_ms = clock_mono_ms();
	char host[HOST_MAX];
	unsigned port;
	struct err err;
	int rc;

	(void)facts;
	if (!dq)
		return;
	if (name_to_find(dq, host, &port, &err)) {
		explain(finding, VERDICT_BAD, &err);
		return;
	}
	rc = getaddrinfo(host, NULL, &hints, &found);
	if (rc == 0 && found) {
		tell_addresses(found, host, clock_mono_ms() - begun_ms, finding);
		freeaddrinfo(found);
		return;
	}
	finding->verdict = VERDICT_BAD;
	err_set(&finding->said, ERR_NET, "can't find '%s': %s", host, why_no_name(rc));
	err_set(&finding->todo, ERR_NET,
	    "check the network and /etc/resolv.conf; behind a proxy set HTTPS_PROXY");
}

/* --- a connection ------------------------------------------------------------ */

struct question {
	struct facts *facts;
	struct err err;
	char peer[HOST_MAX];
	int64_t certificate_end_unix_ms;
	bool has_ended;
};

/* The head says all: whatever the status is, somebody has answered. */
static bool on_head(void *payload, const struct net_head *head)
{
	struct question *question = payload;
	struct facts *facts = question->facts;

	facts->was_reached = true;
	facts->date_unix_ms = head->date_unix_ms;
	facts->our_unix_ms = clock_unix_ms();
	question->certificate_end_unix_ms = head->certificate_end_unix_ms;
	(void)snprintf(
	    question->peer, sizeof(question->peer), "%s", head->peer ? head->peer : "?");
	return false;
}

static bool on_bytes(void *payload, const void *bytes, size_t len)
{
	(void)payload;
	(void)bytes;
	(void)len;
	return false;
}

static void on_done(
    void *payload, const struct err *err, const struct net_head *head, bool sent)
{
	struct question *question = payload;

	(void)head;
	(void)sent;
	question->err = *err;
	question->has_ended = true;
}

/* Without a cookie, and of no use but that it is answered. */
static enum err_kind ask(
    struct dq *dq, const struct scene *scene, struct question *question, struct err *err)
{
	static const struct net_handler handler = { on_head, on_bytes, on_done };
	const struct net_spec spec = {
		.role = NET_API,
		.method = "GET",
		.url = dq->traits.address,
		.max_body_bytes = ANSWER_MAX,
		.tells_certificate = true,
		.total_timeout_ms =
		    (uint32_t)(scene->max_wait_ms < 600000 ? scene->max_wait_ms : 600000),
	};

	if (session_net(dq, err) ||
	    net_start(dq->net, &spec, &handler, question, NULL, err))
		return err->kind;
	while (!question->has_ended)
		if (net_step(dq->net, STEP_MS, err))
			return err->kind;
	if (question->facts->was_reached)
		return ERR_OK;
	*err = question->err;
	return err->kind;
}

void check_certificate(
    const struct facts *facts, int64_t end_unix_ms, struct finding *finding)
{
	const int64_t now_ms =
	    facts->date_unix_ms >= 0 ? facts->date_unix_ms : clock_unix_ms();
	const int64_t days = (end_unix_ms - now_ms) / DAY_MS;

	if (end_unix_ms < 0)
		return;
	err_more(&finding->said,
	    days == 1 ? N_("; its certificate ends in %lld day")
		      : N_("; its certificate ends in %lld days"),
	    (long long)days);
	if (days >= CERTIFICATE_DAYS)
		return;
	finding->verdict = VERDICT_WARN;
	err_set(&finding->todo, ERR_OK,
	    "who runs the server, or a proxy before it, has to renew the certificate: "
	    "tell them if it is not done in a week");
}

/* Of the two that a wrong clock looks like, one says what it is. */
static bool is_of_the_clock(const struct err *err)
{
	return strstr(err->msg, "not yet valid") || strstr(err->msg, "has expired") ||
	    strstr(err->msg, "not activated");
}

static void advise(const struct err *err, struct finding *finding)
{
	if (err->kind == ERR_TRUST && is_of_the_clock(err))
		err_set(&finding->todo, ERR_OK,
		    "look whether the clock of this machine is right, with 'date -u'; "
		    "'timedatectl set-ntp true' lets the system keep it. If it is right, "
		    "who runs the server has to renew its certificate");
	else if (err->kind == ERR_TRUST)
		err_set(&finding->todo, ERR_OK,
		    "if your network has an authority of its own, name its certificate "
		    "in "
		    "DREAMQ_CA_FILE; else check the clock, and update ca-certificates");
	else if (err->kind == ERR_USAGE)
		err_set(&finding->todo, ERR_OK,
		    "name a readable file in DREAMQ_CA_FILE, or unset it");
	else
		err_set(&finding->todo, ERR_OK,
		    "check cable, Wi-Fi, firewall and HTTPS_PROXY");
}

static void check_tls(
    const struct scene *scene, struct facts *facts, struct finding *finding)
{
	_cleanup_(dq_closep) struct dq *dq =
	    check_open(scene, NEEDS_NETWORK_ONLY, finding);
	struct question question = { .facts = facts, .certificate_end_unix_ms = -1 };
	char trust[PATH_BYTES];
	struct err err;

	if (!dq)
		return;
	if (ask(dq, scene, &question, &err)) {
		explain(finding, VERDICT_BAD, &err);
		advise(&err, finding);
		return;
	}
	if (net_url_is_loopback(dq->traits.address) &&
	    question.certificate_end_unix_ms < 0)
		err_set(&finding->said, ERR_OK,
		    "'%s' is this machine, and answers without a certificate",
		    question.peer);
	else
		err_set(&finding->said, ERR_OK,
		    "the certificate of '%s' is good, by '%.200s'", question.peer,
		    net_trust(way_of(dq), trust, sizeof(trust)));
	check_certificate(facts, question.certificate_end_unix_ms, finding);
}

/* --- the clock --------------------------------------------------------------- */

enum { WARN_MS = 30 * 1000, BAD_MS = 5 * 60 * 1000 };

static void check_clock(
    const struct scene *scene, struct facts *facts, struct finding *finding)
{
	const int64_t ahead_ms = facts->our_unix_ms - facts->date_unix_ms;
	const int64_t off_ms = ahead_ms < 0 ? -ahead_ms : ahead_ms;
	char off[24];

	(void)scene;
	if (!facts->was_reached || facts->date_unix_ms < 0) {
		finding->verdict = VERDICT_SKIPPED;
		err_set(
		    &finding->said, ERR_OK, "the service has not told what time it is");
		return;
	}
	(void)duration_text(off_ms, off);
	if (off_ms <= WARN_MS) {
		err_set(&finding->said, ERR_OK, "it is right, to within %s", off);
		return;
	}
	finding->verdict = off_ms > BAD_MS ? VERDICT_BAD : VERDICT_WARN;
	if (ahead_ms > 0)
		err_set(&finding->said, ERR_OK, "it is %s ahead of the service's", off);
	else
		err_set(&finding->said, ERR_OK, "it is %s behind the service's", off);
	err_set(
	    &finding->todo, ERR_OK, "let the system keep it: timedatectl set-ntp true");
}

const struct check checks_net[] = {
	{ "proxy", check_proxy },
	{ "dns", check_dns },
	{ "tls", check_tls },
	{ "clock", check_clock },
	{ NULL, NULL },
};
