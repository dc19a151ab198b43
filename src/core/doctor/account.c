/*
 * account.c - cookie, API and CDN: what is asked of the service with the account's login.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/duration.h"
#include "core/account/session.h"
#include "core/doctor/check.h"
#include "dreamq/login.h"
#include "net/net.h"

enum { DAY_S = 24 * 60 * 60, WARN_DAYS = 3, STEP_MS = 100, FIRST_BYTES = 1 << 30 };

static const char never_there[] = "/nonexistent/dreamq";

struct dq *check_open(
    const struct scene *scene, enum check_needs needs, struct finding *finding)
{
	struct dq_options options = scene->options;
	struct dq_error error;
	struct dq *dq;

	if (needs == NEEDS_NETWORK_ONLY && !scene->ledger)
		options.ledger = options.cookie_file = never_there;
	if (!dq_open(&options, &dq, &error))
		return dq;
	finding->verdict = VERDICT_BAD;
	(void)snprintf(
	    finding->said.msg, sizeof(finding->said.msg), "%.399s", error.message);
	(void)snprintf(
	    finding->said.shown, sizeof(finding->said.shown), "%.399s", error.shown);
	err_set(&finding->todo, ERR_OK,
	    "put right what is said; 'dreamq config list' tells where it comes from");
	return NULL;
}

static void dq_closep(struct dq **dq)
{
	dq_close(*dq);
}

static void take_error(
    struct finding *finding, enum verdict verdict, const struct dq_error *error)
{
	finding->verdict = verdict;
	(void)snprintf(
	    finding->said.msg, sizeof(finding->said.msg), "%.399s", error->message);
	(void)snprintf(
	    finding->said.shown, sizeof(finding->said.shown), "%.399s", error->shown);
}

static void advise_login(struct finding *finding)
{
	err_set(&finding->todo, ERR_OK,
	    "log in with the browser and run 'dreamq auth import'");
}

/* --- the cookie -------------------------------------------------------------- */

/* Days since its file was written; -1: it is in no file. */
static int64_t age_days(const struct dq_login *login)
{
	struct stat st;

	if (login->is_in_keyring || stat(login->path, &st))
		return -1;
	return (clock_unix_ms() / 1000 - st.st_mtime) / DAY_S;
}

static void tell_cookie(const struct dq_login *login, struct finding *finding)
{
	const int64_t age = age_days(login), left = login->expires_in_s / DAY_S;

	if (age < 0)
		err_set(&finding->said, ERR_OK, "it is in the keyring");
	else
		err_set(&finding->said, ERR_OK,
		    age == 1 ? N_("it is in '%.200s', for you alone, %lld day old")
			     : N_("it is in '%.200s', for you alone, %lld days old"),
		    login->path, (long long)age);
	if (login->expires_unix <= 0)
		return;
	if (login->expires_in_s <= 0) {
		finding->verdict = VERDICT_BAD;
		err_more(&finding->said, "; it is over");
		advise_login(finding);
	} else {
		err_more(&finding->said,
		    left == 1 ? N_("; it ends in %lld day")
			      : N_("; it ends in %lld days"),
		    (long long)left);
		if (left >= WARN_DAYS)
			return;
		finding->verdict = VERDICT_WARN;
		advise_login(finding);
	}
}

static void check_cookie(
    const struct scene *scene, struct facts *facts, struct finding *finding)
{
	_cleanup_(dq_closep) struct dq *dq = check_open(scene, NEEDS_PLACES, finding);
	struct dq_login login;
	struct dq_error error;

	if (!dq)
		return;
	if (dq_auth_status(dq, false, &login, &error)) {
		take_error(finding, VERDICT_BAD, &error);
		advise_login(finding);
		return;
	}
	facts->has_cookie = true;
	tell_cookie(&login, finding);
}

/* --- the API ----------------------------------------------------------------- */

static void tell_api(
    const struct dq_login *login, int64_t took_ms, struct finding *finding)
{
	char took[24];

	(void)duration_text(took_ms, took);
	if (login->credit >= 0)
		err_set(&finding->said, ERR_OK,
		    login->credit == 1
			? N_("the login is accepted, the account has %lld credit (%s)")
			: N_("the login is accepted, the account has %lld credits (%s)"),
		    (long long)login->credit, took);
	else
		err_set(&finding->said, ERR_OK, "the login is accepted (%s)", took);
}

static void check_api(
    const struct scene *scene, struct facts *facts, struct finding *finding)
{
	_cleanup_(dq_closep) struct dq *dq = NULL;
	const int64_t begun_ms = clock_mono_ms();
	struct dq_login login;
	struct dq_error error;

	if (!facts->has_cookie) {
		finding->verdict = VERDICT_SKIPPED;
		err_set(&finding->said, ERR_OK, "there is no cookie to ask with");
		return;
	}
	dq = check_open(scene, NEEDS_PLACES, finding);
	if (!dq)
		return;
	if (!dq_auth_status(dq, true, &login, &error)) {
		tell_api(&login, clock_mono_ms() - begun_ms, finding);
		return;
	}
	take_error(finding, VERDICT_BAD, &error);
	if (error.status == DQ_AUTH)
		advise_login(finding);
	else if (error.status == DQ_ACCOUNT)
		err_set(&finding->todo, ERR_OK,
		    "look at the account in the browser, and wait before asking again");
	else if (error.status == DQ_CONTRACT)
		err_set(&finding->todo, ERR_OK,
		    "the service may have changed: look for a newer dreamq");
	else
		err_set(&finding->todo, ERR_OK, "see what dns and tls say above");
}

/* --- the CDN ----------------------------------------------------------------- */

/* Hears of the newest task with files, and of its link. */
struct seen {
	char id[DQ_ID_MAX + 1];
	char *url;
};

static void keep_link(void *payload, const struct dq_event *event)
{
	struct seen *seen = payload;
	const struct dq_task *task = event->task;

	if (event->type != DQ_EVENT_TASK || !task)
		return;
	(void)snprintf(seen->id, sizeof(seen->id), "%s", task->submit_id);
	for (size_t i = 0; i < task->n_assets && !seen->url; i++)
		if (task->assets[i].url)
			seen->url = strdup(task->assets[i].url);
}

static void seen_release(struct seen *seen)
{
	free(seen->url);
}

/* One poll of the newest task that has succeeded: the ledger itself keeps no links. */
static bool find_link(struct dq *dq, struct seen *seen)
{
	static const struct dq_filter filter = {
		.size_bytes = sizeof(filter), .state = "succeeded", .limit = 1
	};
	const char *ids[] = { seen->id };
	struct dq_error ignored;

	if (dq_list(dq, &filter, &ignored) || !seen->id[0])
		return false;
	(void)dq_query(dq, ids, 1, &ignored);
	return seen->url != NULL;
}

struct fetch {
	struct err err;
	long status;
	int64_t certificate_end_unix_ms;
	size_t bytes;
	bool has_ended;
};

static bool on_head(void *payload, const struct net_head *head)
{
	struct fetch *fetch = payload;

	fetch->status = head->status;
	fetch->certificate_end_unix_ms = head->certificate_end_unix_ms;
	return head->status == 200 || head->status == 206;
}

static bool on_bytes(void *payload, const void *bytes, size_t len)
{
	(void)bytes;
	((struct fetch *)payload)->bytes += len;
	return false; /* the first ones are enough */
}

static void on_done(
    void *payload, const struct err *err, const struct net_head *head, bool sent)
{
	struct fetch *fetch = payload;

	(void)head;
	(void)sent;
	fetch->err = *err;
	fetch->has_ended = true;
}

static void fetch_first(
    struct dq *dq, const char *url, const struct facts *facts, struct finding *finding)
{
	static const struct net_handler handler = { on_head, on_bytes, on_done };
	const struct net_spec spec = { .role = NET_CDN,
		.method = "GET",
		.url = url,
		.max_body_bytes = FIRST_BYTES,
		.tells_certificate = true };
	const int64_t begun_ms = clock_mono_ms();
	struct fetch fetch = { 0 };
	char took[24];
	struct err err = { 0 };

	if (session_net(dq, &err) ||
	    net_start(dq->net, &spec, &handler, &fetch, NULL, &err)) {
		finding->verdict = VERDICT_BAD;
		finding->said = err;
		return;
	}
	while (!fetch.has_ended && !net_step(dq->net, STEP_MS, &err))
		continue;
	(void)duration_text(clock_mono_ms() - begun_ms, took);
	if (fetch.bytes > 0) {
		err_set(&finding->said, ERR_OK,
		    "the first bytes of a file have come (%s)", took);
		check_certificate(facts, fetch.certificate_end_unix_ms, finding);
		return;
	}
	finding->verdict = VERDICT_BAD;
	if (fetch.status)
		err_set(&finding->said, ERR_OK, "a link is answered with status %ld",
		    fetch.status);
	else
		finding->said = fetch.err.kind ? fetch.err : err;
	err_set(&finding->todo, ERR_OK,
	    "files come from other hosts than the API: let firewall and proxy pass them");
}

static void check_cdn(
    const struct scene *scene, struct facts *facts, struct finding *finding)
{
	_cleanup_(seen_release) struct seen seen = { 0 };
	_cleanup_(dq_closep) struct dq *dq = NULL;
	struct scene listening = *scene;

	if (!facts->has_cookie || !facts->was_reached) {
		finding->verdict = VERDICT_SKIPPED;
		err_set(
		    &finding->said, ERR_OK, "it needs a cookie and an API that answers");
		return;
	}
	listening.options.on_event = keep_link;
	listening.options.payload = &seen;
	dq = check_open(&listening, NEEDS_PLACES, finding);
	if (!dq)
		return;
	if (find_link(dq, &seen)) {
		fetch_first(dq, seen.url, facts, finding);
		return;
	}
	finding->verdict = VERDICT_SKIPPED;
	err_set(&finding->said, ERR_OK,
	    "the ledger has no task whose file could be asked for");
}

const struct check checks_account[] = {
	{ "cookie", check_cookie },
	{ "api", check_api },
	{ "cdn", check_cdn },
	{ NULL, NULL },
};
