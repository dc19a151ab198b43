#include "core/browse/parts.h"

#include "core/account/totals.h"
#include "core/common/random.h"
#include "core/policy/backoff.h"

/* --- how it went ------------------------------------------------------------------- */

static void went_well(struct browse *browse)
{
	const struct browse_told told = { .what = BROWSE_WELL,
		.why = browse->last_trouble };

	browse->ever_went_well = true;
	browse->failures = 0;
	browse->next_ms = 0;
	browse->login = (struct retry_login){ 0 };
	browse->last_trouble = (struct err){ .kind = ERR_OK };
	browse_tell(browse, &told);
}

/* So long nothing is asked; what the service orders is obeyed, on our clock. */
static void rest(struct browse *browse, const struct err *why)
{
	const int64_t now_ms = session_plan_ms(browse->dq);
	int64_t for_ms =
	    retry_obeyed_ms(why->retry_after_ms) * browse->dq->traits.time_scale;

	if (browse->failures++ == 0)
		browse->trouble_since_ms = now_ms;
	if (for_ms == 0)
		for_ms = backoff_ms(
		    BACKOFF_POLL, browse->failures, random_next(&browse->random));
	browse->next_ms = now_ms + for_ms;
	browse->last_trouble = *why;
}

static void failed(struct browse *browse, const struct service_browsed *outcome)
{
	const bool gets_smaller = outcome->could_be_size && browse->count > 1;
	struct browse_told told = { .what = BROWSE_FAILED, .why = outcome->err };

	rest(browse, &outcome->err);
	if (gets_smaller)
		browse->count /= 2;
	told.tried = (struct retry_request){
		.failures = browse->failures,
		.trouble_ms = session_span_ms(
		    browse->dq, session_plan_ms(browse->dq) - browse->trouble_since_ms),
		.ever_went_well = browse->ever_went_well,
		.is_lag = outcome->is_lag,
		.gets_smaller = gets_smaller,
	};
	browse_tell(browse, &told);
}

/* --- is the login dead? ------------------------------------------------------------ */

/* The page says that the login is refused; the probe, what it says. */
static void login_was_refused(struct browse *browse, const struct service_credit *credit)
{
	const bool is_refused = credit->err.kind == ERR_AUTH;
	struct service_browsed outcome = { .err = browse->refusal };
	struct err wait = browse->refusal;

	session_name_login_causes(browse->dq, &outcome.err);
	if (retry_login_is_dead(
		&browse->login, is_refused, session_plan_ms(browse->dq))) {
		browse->login = (struct retry_login){ 0 };
		failed(browse, &outcome);
		return;
	}
	wait.retry_after_ms = (uint32_t)session_span_ms(browse->dq, RETRY_LOGIN_GAP_MS);
	if (browse->login.refusals == 1)
		session_tell(browse->dq, DQ_NOTE_RETRY,
		    "%.250s; that may pass: trying again for %d seconds",
		    err_shown(&browse->refusal), RETRY_LOGIN_MS / 1000);
	rest(browse, &wait);
}

static void probed(void *payload, const struct service_credit *credit)
{
	struct browse *browse = payload;
	struct service_browsed outcome = { .err = browse->refusal };

	browse->is_asking = false;
	if (browse->refusal.kind == ERR_AUTH) {
		login_was_refused(browse, credit);
		return;
	}
	if (credit->err.kind == ERR_AUTH || credit->err.kind == ERR_ACCOUNT)
		outcome.err = credit->err;
	failed(browse, &outcome);
}

/* A dead login gets an empty body, too (B6.2), and one that lives a refusal: ask. */
static bool probe_login(struct browse *browse, const struct err *why)
{
	struct err err;

	browse->refusal = *why;
	if (service_credit(browse->dq->service, probed, browse, &err))
		return false;
	totals_request(browse->dq);
	return true;
}

/* --- asking ---------------------------------------------------------------------- */

static void on_browsed(void *payload, const struct service_browsed *answer)
{
	struct browse *browse = payload;

	if (answer->asks_login && probe_login(browse, &answer->err))
		return;
	browse->is_asking = false;
	if (answer->server_unix_ms > 0)
		session_set_server_clock(browse->dq, answer->server_unix_ms);
	if (answer->err.kind) {
		failed(browse, answer);
		return;
	}
	went_well(browse);
	browse_take_in(browse, answer);
	browse_go_on(browse);
}

/* False: later. */
static bool may_leave(struct browse *browse)
{
	struct err why;

	if (allow_request(browse->dq, &browse->allow, &browse->next_ms, &why))
		return true;
	if (why.kind)
		browse_tell(
		    browse, &(struct browse_told){ .what = BROWSE_NO_ROOM, .why = why });
	return false;
}

void browse_ask(struct browse *browse)
{
	struct dq *dq = browse->dq;
	const struct service_place place = {
		.listing = service_listing_at(dq->ops, browse->now),
		.cursor = walk_place(browse_walk(browse)),
		.count = browse->count,
	};
	struct err err;

	if (!may_leave(browse))
		return;
	browse->asked_ms = dq->now.mono_ms;
	browse->page_unix_ms = session_server_unix_ms(dq);
	totals_request(dq);
	if (service_browse(dq->service, &place, on_browsed, browse, &err))
		browse_abort(browse, &err);
	else
		browse->is_asking = true;
}
