#include "core/account/session.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/say.h"
#include "base/text.h"
#include "core/account/network.h"
#include "core/account/notices.h"
#include "core/account/settings.h"
#include "core/account/target.h"
#include "core/account/totals.h"
#include "core/common/given.h"
#include "dreamq/notify.h"
#include "ledger/deliveries.h"
#include "model/taskid.h"

/*
 * What is over still has to be written down, and a neighbour's lock is a matter of
 * milliseconds: so long is waited for it, also when all shall end.
 */
enum { LEDGER_LAST_WAIT_MS = 1500 };

int64_t session_server_unix_ms(const struct dq *dq)
{
	return dq->now.unix_ms + dq->skew_ms;
}

int64_t session_plan_ms(const struct dq *dq)
{
	return dq->now.mono_ms * dq->traits.time_scale;
}

int64_t session_span_ms(const struct dq *dq, int64_t span_ms)
{
	return (span_ms + dq->traits.time_scale - 1) / dq->traits.time_scale;
}

void session_verb_ends(struct dq **dq)
{
	atomic_store(&(*dq)->is_interrupted, false);
	atomic_store(&(*dq)->drain_grace_ms, -1);
	(*dq)->deadline_ms = 0;
}

void session_verb_begins(struct dq *dq, size_t tasks)
{
	session_read_clocks(dq);
	dq->spoke_ms = dq->moved_ms = dq->now.mono_ms;
	totals_begin(dq, tasks);
}

void session_set_server_clock(struct dq *dq, int64_t server_unix_ms)
{
	dq->skew_ms = server_unix_ms - dq->now.unix_ms;
}

void session_set_max_wait(struct dq *dq, int64_t max_wait_ms)
{
	/* A longer wait ("never") is taken as this: no sum of it runs over. */
	const int64_t longest_ms = INT64_MAX / 4;

	session_read_clocks(dq);
	if (max_wait_ms <= 0)
		dq->deadline_ms = 0;
	else
		dq->deadline_ms = dq->now.mono_ms +
		    (max_wait_ms < longest_ms ? max_wait_ms : longest_ms);
}

void session_read_clocks(struct dq *dq)
{
	dq->now = moment_read(dq->clocks);
}

enum err_kind session_wait(
    struct dq *dq, int64_t until_ms, bool has_jobs, struct err *err)
{
	const struct clocks *clocks = dq->clocks;
	const enum err_kind kind =
	    clocks->wait(clocks->payload, dq->net, until_ms, has_jobs, err);

	session_read_clocks(dq);
	return kind;
}

bool session_is_late(const struct dq *dq)
{
	return dq->deadline_ms > 0 && moment_read(dq->clocks).mono_ms >= dq->deadline_ms;
}

enum dq_status session_fail(const struct err *err, struct dq_error *ret_error)
{
	if (!ret_error)
		return (enum dq_status)err_exit_status(err->kind);
	ret_error->status = (enum dq_status)err_exit_status(err->kind);
	(void)snprintf(ret_error->message, sizeof(ret_error->message), "%s", err->msg);
	text_make_printable(ret_error->message);
	(void)snprintf(ret_error->shown, sizeof(ret_error->shown), "%s", err_shown(err));
	text_make_printable(ret_error->shown);
	return ret_error->status;
}

bool session_is_draining(const struct dq *dq)
{
	return atomic_load(&dq->drain_grace_ms) >= 0 && !atomic_load(&dq->is_interrupted);
}

bool session_is_to_end(const struct dq *dq)
{
	return atomic_load(&dq->is_interrupted) || atomic_load(&dq->drain_grace_ms) >= 0;
}

enum err_kind session_gives_up(const struct dq *dq, int64_t waited_ms)
{
	if (waited_ms < dq->last_wait_ms)
		return ERR_OK;
	if (session_is_to_end(dq))
		return ERR_CANCELLED;
	return session_is_late(dq) ? ERR_LOCKED : ERR_OK;
}

static enum err_kind gives_up(void *payload, int64_t waited_ms)
{
	return session_gives_up(payload, waited_ms);
}

static void tell_waiting(void *payload, const char *sentence)
{
	session_tell(payload, DQ_NOTE_WAIT, "%s", sentence);
}

static bool log_is_full(void *payload)
{
	struct dq *dq = payload;

	dq->has_full_log = dq->is_tidied;
	return dq->is_tidied;
}

void session_set_tidied(struct dq *dq, bool is_tidied)
{
	dq->is_tidied = is_tidied;
	dq->has_full_log = false;
}

bool session_wants_tidy(struct dq *dq)
{
	const bool wants = dq->has_full_log;

	dq->has_full_log = false;
	return wants;
}

static enum err_kind open_ledger(struct dq *dq, bool must_exist, struct err *err)
{
	const struct ledger_options options = { .must_exist = must_exist,
		.gives_up = gives_up,
		.on_wait = tell_waiting,
		.on_full_log = log_is_full,
		.payload = dq };

	return ledger_open_with(dq->ledger_url, &options, &dq->ledger, err);
}

enum err_kind session_ledger(struct dq *dq, struct err *err)
{
	size_t n_dead;

	session_read_clocks(dq);
	if (dq->ledger && !dq->is_only_read)
		return ERR_OK;
	/* Whoever writes is about to ask the service. */
	if (!dq->net)
		net_ahead_begin(&dq->ahead);
	if (!dq->ledger && open_ledger(dq, false, err))
		return err->kind;
	dq->is_only_read = false;
	/* Who only reads ends with it. */
	if (ledger_doubt(dq->ledger))
		session_note(dq, "%s (see 'dreamq ledger check')",
		    err_shown(ledger_doubt(dq->ledger)));
	/* Whoever was killed while he sent: from here on his tasks are asked for. */
	if (!ledger_settle_dead(dq->ledger, &n_dead, err)) {
		session_warn_cookie(dq);
		return ERR_OK;
	}
	session_close_ledger(dq);
	return err->kind;
}

void session_deliver_to(struct dq *dq, const struct ledger_hook *hook)
{
	dq->hook = hook;
	ledger_deliver_to(dq->ledger, hook);
}

void session_close_ledger(struct dq *dq)
{
	ledger_close(dq->ledger);
	dq->ledger = NULL;
}

enum err_kind session_ledger_if_there(struct dq *dq, struct err *err)
{
	struct err unsettled;
	size_t n_dead;

	session_read_clocks(dq);
	if (dq->ledger)
		return ERR_OK;
	if (!open_ledger(dq, true, err)) {
		dq->is_only_read = true;
		(void)ledger_settle_dead(dq->ledger, &n_dead, &unsettled);
	} else if (err->kind != ERR_NOT_FOUND) {
		return err->kind;
	}
	session_warn_cookie(dq); /* a new user's, too */
	return ERR_OK;
}

enum err_kind session_ledger_to_read(struct dq *dq, struct err *err)
{
	if (session_ledger_if_there(dq, err))
		return err->kind;
	/* *err still says that there is none. */
	return !dq->ledger && dq->has_ledger_url ? (err->kind = ERR_LEDGER) : ERR_OK;
}

enum err_kind session_ledger_trouble(const struct dq *dq, struct err *err)
{
	const struct err *doubt = dq->ledger ? ledger_doubt(dq->ledger) : NULL;

	if (!doubt)
		return ERR_OK;
	*err = *doubt;
	return err->kind;
}

static int64_t plan_ms(const void *dq)
{
	return session_plan_ms(dq);
}

enum err_kind session_service(struct dq *dq, struct err *err)
{
	struct service_setup setup;

	if (dq->service)
		return ERR_OK;
	if (session_cookie(dq, err))
		return err->kind;
	session_warn_cookie(dq);
	if (session_net(dq, err))
		return err->kind;
	setup =
	    (struct service_setup){ dq->net, dq->settings, dq->cookie.text, plan_ms, dq };
	if (service_open(dq->ops, &setup, &dq->service, err))
		return err->kind;
	secret_release(&dq->cookie); /* the service has its own */
	return ERR_OK;
}

void session_close_service(struct dq *dq)
{
	service_free(dq->service);
	dq->service = NULL;
}

static enum err_kind copy_text(const char *text, char **ret_copy, struct err *err)
{
	if (!text)
		return err_set(err, ERR_USAGE,
		    "neither HOME nor an XDG folder is set: name the ledger and the "
		    "cookie file");
	*ret_copy = strdup(text);
	return *ret_copy ? ERR_OK : err_set(err, ERR_NOMEM, "out of memory");
}

/* One that begins with a dash is an option whose value is missing. */
enum err_kind session_check_profile(const char *profile, struct err *err)
{
	if (taskid_is_valid(profile) && profile[0] != '-')
		return ERR_OK;
	return err_set(err, ERR_USAGE,
	    "profile '%s' is not 1 to 64 of letters, digits, '_' and '-', the first no "
	    "'-'",
	    profile);
}

static enum err_kind apply_paths(
    struct dq *dq, const struct dq_options *options, struct err *err)
{
	const char *profile = options->profile ? options->profile : "default";
	_cleanup_free_ char *cookie = NULL, *ledger = NULL;

	if (session_check_profile(profile, err))
		return err->kind;
	cookie = dq_default_path(DQ_PATH_COOKIE, profile);
	ledger = dq_default_path(DQ_PATH_LEDGER, profile);
	if (copy_text(profile, &dq->profile, err))
		return err->kind;
	dq->has_cookie_path = options->cookie_file != NULL;
	dq->has_ledger_url = options->ledger != NULL;
	if (copy_text(options->cookie_file ? options->cookie_file : cookie,
		&dq->cookie_path, err))
		return err->kind;
	return copy_text(
	    options->ledger ? options->ledger : ledger, &dq->ledger_url, err);
}

static enum err_kind apply_budget(
    struct dq *dq, const struct dq_options *options, struct err *err)
{
	const int64_t wanted = options->requests_per_minute;

	if (wanted > BUDGET_PER_MINUTE_MAX)
		return err_set(err, ERR_USAGE,
		    "'%lld' requests a minute are too many; give at most %d, or a "
		    "negative "
		    "number for no limit",
		    (long long)wanted, BUDGET_PER_MINUTE_MAX);
	dq->budget = (struct budget){ .per_minute = wanted, .burst = BUDGET_BURST };
	if (wanted == 0)
		dq->budget.per_minute = BUDGET_PER_MINUTE;
	else if (wanted < 0)
		dq->budget.per_minute = 0;
	return ERR_OK;
}

static enum err_kind apply_quality(
    struct dq *dq, const struct dq_options *options, struct err *err)
{
	dq->quality = QUALITY_ORIGINAL;
	dq->outdoes = options->quality != NULL;
	if (!options->quality || quality_parse(options->quality, &dq->quality))
		return ERR_OK;
	return err_set(err, ERR_USAGE,
	    "there is no quality '%.40s'; give 'original', 'best-listed' or 'smallest'",
	    options->quality);
}

static enum err_kind apply_webhook(
    struct dq *dq, const struct dq_options *options, struct err *err)
{
	struct dq_notify notify;

	given_take(&notify, sizeof(notify), options->notify);
	return target_make(notify.webhook, &dq->target, err);
}

enum dq_status session_open(const struct service_ops *ops,
    const struct dq_options *options, struct dq **ret_dq, struct dq_error *ret_error)
{
	struct dq *dq = calloc(1, sizeof(*dq));
	struct dq_options taken;
	struct err err;

	given_take(&taken, sizeof(taken), options);
	if (!dq) {
		err_set(&err, ERR_NOMEM, "out of memory");
		return session_fail(&err, ret_error);
	}
	say_start();
	dq->clocks = &clocks_system;
	dq->last_wait_ms = LEDGER_LAST_WAIT_MS;
	session_read_clocks(dq);
	atomic_store(&dq->drain_grace_ms, -1);
	dq->ops = ops;
	dq->is_verbose = taken.verbose;
	dq->explains = taken.explain;
	dq->on_event = taken.on_event;
	dq->payload = taken.payload;
	if (settings_make(dq->ops, &taken, &dq->settings, &dq->traits, &err) ||
	    apply_paths(dq, &taken, &err) || apply_budget(dq, &taken, &err) ||
	    apply_quality(dq, &taken, &err) ||
	    network_make(taken.network, &dq->network, &err) ||
	    notice_rules_make(taken.notify, &dq->notices, &err) ||
	    apply_webhook(dq, &taken, &err)) {
		dq_close(dq);
		return session_fail(&err, ret_error);
	}
	*ret_dq = dq;
	return DQ_OK;
}

enum dq_status dq_open(
    const struct dq_options *given, struct dq **ret_dq, struct dq_error *ret_error)
{
	struct dq_options options;

	given_take(&options, sizeof(options), given);
	return session_open(
	    service_find(settings_region(&options)), given, ret_dq, ret_error);
}

void dq_close(struct dq *dq)
{
	if (!dq)
		return;
	atomic_store(&dq->wakes, NULL);
	session_drop_cookie(dq);
	net_free(dq->net);
	net_ahead_end(&dq->ahead);
	ledger_close(dq->ledger);
	service_settings_free(dq->ops, dq->settings);
	network_free(dq->network);
	notice_rules_release(&dq->notices);
	target_free(dq->target);
	free(dq->profile);
	free(dq->cookie_path);
	free(dq->ledger_url);
	free(dq);
}

int64_t dq_service_unix_ms(const struct dq *dq)
{
	return moment_read(dq->clocks).unix_ms + dq->skew_ms;
}

void dq_interrupt(struct dq *dq)
{
	struct net *net = atomic_load(&dq->wakes);

	atomic_store(&dq->is_interrupted, true);
	if (net)
		net_wake(net);
}

const char *dq_version(void)
{
	return DREAMQ_VERSION;
}
