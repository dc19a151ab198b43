#include "core/engine/pause.h"
#include "core/account/notices.h"

#include <stdlib.h>

#include "base/text.h"
#include "core/download/downloads.h"
#include "core/lease/leases.h"
#include "core/policy/backoff.h"
#include "core/policy/retry.h"
#include "core/poll/poll.h"

struct pausing {
	struct err disk; /* kind ERR_OK: none */
	bool has_hidden_limit; /* there is room, and all the same there is none for us */
	int64_t missing_bytes, disk_check_ms, disk_try_ms;
	int64_t lock_ended_ms; /* the last pause that may have been for a lock; 0: none */
	struct err account; /* kind ERR_OK: none */
	enum pause_reach reach;
	int64_t account_until_ms; /* INT64_MAX: until there is another cookie */
	/* Of a refused login, or of the balance; INT64_MAX: none, or it is under way. */
	int64_t probe_ms;
	int64_t credits; /* when submitting was stopped; -1: not told */
	unsigned probes; /* of the balance in this pause */
	unsigned strikes; /* pauses of the account since it was well */
	bool is_in_ledger, lets_go;
	uint64_t cookie_mark;
	int64_t cookie_check_ms, warn_ms;
};

/* A pause from before, or no cookie to begin with. */
static enum err_kind recall(struct engine *engine, struct err *err)
{
	struct pausing *p = engine->pausing;
	struct dq *dq = engine->dq;
	const int64_t now_unix_ms = engine->dq->now.unix_ms;
	struct account_pause pause;
	struct err why;
	int64_t for_ms;

	if (session_service(dq, &why)) {
		pause_for_account(engine, &why, PAUSE_ALL);
		return ERR_OK;
	}
	if (ledger_pause_of(dq->ledger, dq->profile, now_unix_ms, &pause, err))
		return err->kind;
	if (pause.kind == ERR_OK)
		return ERR_OK;
	err_set(&p->account, pause.kind, "%s", pause.text);
	p->reach = PAUSE_ALL;
	p->is_in_ledger = true;
	for_ms = pause.until_unix_ms - now_unix_ms;
	/* Written by a clock that was wrong, it might never be over. */
	if (for_ms > backoff_cap_ms(BACKOFF_ACCOUNT))
		for_ms = backoff_cap_ms(BACKOFF_ACCOUNT);
	p->account_until_ms = engine->dq->now.mono_ms + for_ms;
	session_tell(dq, DQ_NOTE_PAUSE, "%s; profile '%s' pauses on since an earlier run",
	    pause.text, dq->profile);
	return ERR_OK;
}

enum err_kind pause_new(struct engine *engine, struct err *err)
{
	struct pausing *p = calloc(1, sizeof(*p));

	if (!p)
		return err_set(err, ERR_NOMEM, "out of memory");
	engine->pausing = p;
	p->cookie_mark = session_cookie_mark(engine->dq);
	return engine->goal->perseveres ? recall(engine, err) : ERR_OK;
}

void pause_free(struct engine *engine)
{
	free(engine->pausing);
	engine->pausing = NULL;
}

/* --- the disk -------------------------------------------------------------------- */

bool pause_waits_for(const struct engine *engine, const struct err *why)
{
	return retry_waits_for(
	    why, engine->goal->perseveres, session_is_draining(engine->dq));
}

/* Nothing tells when the lock is gone, so it is tried again soon, and nothing is said. */
static void pause_for_lock(struct engine *engine, const struct err *why)
{
	struct pausing *p = engine->pausing;

	if (p->disk.kind)
		return;
	p->disk = *why;
	p->disk_check_ms = p->disk_try_ms = engine->dq->now.mono_ms + PAUSE_DISK_MS;
	if (why->kind != ERR_LOCKED)
		return;
	/* Tried again and still locked is no news; another lock, later, is. */
	if (p->lock_ended_ms == 0 ||
	    engine->dq->now.mono_ms - p->lock_ended_ms > PAUSE_LOCK_AGAIN_MS)
		session_tell(engine->dq, DQ_NOTE_PAUSE,
		    "%s; everything pauses until then, and nothing is lost",
		    err_shown(why));
}

/* Free bytes say nothing about a quota, or a limit on the size of files. */
static bool has_room(int64_t free_bytes, int64_t bytes)
{
	return free_bytes < 0 || free_bytes >= bytes + PAUSE_DISK_MARGIN;
}

static bool has_room_for_files(const struct engine *engine)
{
	return !engine->downloads ||
	    has_room(
		downloads_free_bytes(engine->downloads), engine->pausing->missing_bytes);
}

/* For the files, and for the ledger: either may be what is full. */
static bool has_room_for_all(const struct engine *engine)
{
	return has_room_for_files(engine) &&
	    ledger_has_room(engine->dq->ledger, PAUSE_DISK_MARGIN);
}

void pause_for_disk(struct engine *engine, const struct err *why, int64_t missing_bytes)
{
	struct pausing *p = engine->pausing;
	const int64_t now_ms = engine->dq->now.mono_ms;

	if (why->kind != ERR_NOSPACE) {
		pause_for_lock(engine, why);
		return;
	}
	p->missing_bytes = missing_bytes > 0 ? missing_bytes : PAUSE_DISK_GUESS;
	if (p->disk.kind)
		return;
	p->disk = *why;
	p->disk_check_ms = now_ms + PAUSE_DISK_MS;
	p->disk_try_ms = now_ms + PAUSE_DISK_TRY_MS;
	p->has_hidden_limit = has_room_for_all(engine);
	session_tell(engine->dq, DQ_NOTE_PAUSE,
	    "%s; everything pauses until there is room, and nothing is lost",
	    err_shown(why));
	session_notice(engine->dq, NOTICE_DISK, why->msg);
}

static void check_disk(struct engine *engine)
{
	const int64_t now_ms = engine->dq->now.mono_ms;
	struct pausing *p = engine->pausing;

	if (!p->disk.kind || now_ms < p->disk_check_ms)
		return;
	p->disk_check_ms = now_ms + PAUSE_DISK_MS;
	if (now_ms < p->disk_try_ms && (p->has_hidden_limit || !has_room_for_all(engine)))
		return;
	if (now_ms < p->disk_try_ms)
		session_tell(engine->dq, DQ_NOTE_RESUME,
		    "there is room on the disk again; going on");
	if (p->disk.kind == ERR_LOCKED)
		p->lock_ended_ms = now_ms;
	p->disk = (struct err){ .kind = ERR_OK };
}

/* --- the account ------------------------------------------------------------------- */

static bool waits_for_cookie(const struct pausing *p)
{
	return p->account.kind == ERR_AUTH;
}

/* Nothing is submitted, and more credits may be all that it takes. */
static bool waits_for_credit(const struct pausing *p)
{
	return p->account.kind == ERR_ACCOUNT && p->reach == PAUSE_SENDING;
}

/* Others need not repeat what we have just been told, nor shall we after a restart. */
static void write_down(struct engine *engine, enum err_kind kind, int64_t for_ms)
{
	struct dq *dq = engine->dq;
	struct account_pause pause = { .kind = kind };
	struct err err;

	if (kind)
		pause.until_unix_ms = engine->dq->now.unix_ms + for_ms;
	if (kind)
		(void)text_copy(
		    engine->pausing->account.msg, pause.text, sizeof(pause.text));
	if (ledger_pause(dq->ledger, dq->profile, &pause, &err))
		session_note(dq, "%s", err_shown(&err));
	else
		engine->pausing->is_in_ledger = kind != ERR_OK;
}

static int64_t account_pause_ms(struct pausing *p, const struct err *why)
{
	const int64_t for_ms = backoff_ms(BACKOFF_ACCOUNT, ++p->strikes, 0);

	return why->retry_after_ms > for_ms ? why->retry_after_ms : for_ms;
}

/* When is the refused login tried again? Without a cookie there is nothing to try. */
static void plan_probe(struct engine *engine)
{
	struct pausing *p = engine->pausing;
	const int64_t for_ms = backoff_ms(BACKOFF_LOGIN, ++p->strikes, 0);

	p->probe_ms = engine->dq->service
	    ? engine->dq->now.mono_ms + session_span_ms(engine->dq, for_ms)
	    : INT64_MAX;
}

void pause_for_account(
    struct engine *engine, const struct err *why, enum pause_reach reach)
{
	struct pausing *p = engine->pausing;
	int64_t for_ms;

	p->lets_go = p->lets_go || reach == PAUSE_ALL;
	if (p->account.kind && p->reach >= reach)
		return;
	p->account = *why;
	p->reach = reach;
	if (waits_for_cookie(p)) {
		p->account_until_ms = INT64_MAX;
		plan_probe(engine);
		session_tell(engine->dq, DQ_NOTE_PAUSE,
		    engine->dq->service
			? N_("%s; profile '%s' pauses until its cookie changes "
			     "('dreamq auth import') or is accepted again, and "
			     "nothing is lost")
			: N_("%s; profile '%s' pauses until its cookie changes "
			     "('dreamq auth import'), and nothing is lost"),
		    err_shown(why), engine->dq->profile);
		session_notice(engine->dq, NOTICE_LOGIN, why->msg);
		return;
	}
	for_ms = account_pause_ms(p, why);
	p->account_until_ms = engine->dq->now.mono_ms + for_ms;
	p->credits = -1;
	p->probes = 0;
	p->probe_ms = waits_for_credit(p) ? engine->dq->now.mono_ms : INT64_MAX;
	session_tell(engine->dq, DQ_NOTE_PAUSE,
	    reach == PAUSE_ALL
		? N_("%s; everything pauses for profile '%s' for %lld minutes")
		: N_("%s; nothing is submitted for profile '%s' for %lld minutes"),
	    err_shown(why), engine->dq->profile, (long long)(for_ms / 60000));
	if (reach == PAUSE_ALL)
		write_down(engine, why->kind, for_ms);
}

void pause_account_is_well(struct engine *engine)
{
	struct pausing *p = engine->pausing;

	if (p->reach == PAUSE_ALL || !p->account.kind)
		p->strikes = 0;
	if (p->is_in_ledger)
		write_down(engine, ERR_OK, 0);
}

static void end_account_pause(struct pausing *p)
{
	p->account = (struct err){ .kind = ERR_OK };
	p->account_until_ms = 0;
}

/* The first answer is what there was when submitting was stopped. */
static void take_balance(struct engine *engine, int64_t credits)
{
	struct pausing *p = engine->pausing;
	const int64_t for_ms = backoff_ms(BACKOFF_LOGIN, ++p->probes, 0);

	if (p->credits >= 0 && credits > p->credits) {
		session_tell(engine->dq, DQ_NOTE_RESUME,
		    "profile '%s' has more credits, %lld; going on submitting",
		    engine->dq->profile, (long long)credits);
		end_account_pause(p);
		p->strikes = 0;
		leases_hurry(engine->leases);
		return;
	}
	p->credits = p->credits < 0 ? credits : p->credits;
	p->probe_ms = engine->dq->now.mono_ms + session_span_ms(engine->dq, for_ms);
}

void pause_was_probed(struct engine *engine, const struct err *why, int64_t credits)
{
	struct pausing *p = engine->pausing;

	if (waits_for_credit(p))
		take_balance(engine, why->kind ? -1 : credits);
	if (!waits_for_cookie(p))
		return;
	if (why->kind) {
		plan_probe(engine);
		return;
	}
	session_tell(engine->dq, DQ_NOTE_RESUME,
	    "the login of profile '%s' is accepted again; going on", engine->dq->profile);
	end_account_pause(p);
	leases_hurry(engine->leases);
}

static void check_probe(struct engine *engine)
{
	struct pausing *p = engine->pausing;

	if ((!waits_for_cookie(p) && !waits_for_credit(p)) ||
	    engine->dq->now.mono_ms < p->probe_ms || !engine->dq->service)
		return;
	p->probe_ms = INT64_MAX;
	polls_probe_login(engine->polls);
}

static void check_cookie(struct engine *engine)
{
	const int64_t now_ms = engine->dq->now.mono_ms;
	struct pausing *p = engine->pausing;
	uint64_t mark;
	struct err err;

	if (now_ms < p->cookie_check_ms)
		return;
	p->cookie_check_ms = now_ms + PAUSE_COOKIE_MS;
	mark = session_cookie_mark(engine->dq);
	if (mark == p->cookie_mark)
		return;
	p->cookie_mark = mark;
	if (engine->dq->service ? session_reload_cookie(engine->dq, &err)
				: session_service(engine->dq, &err)) {
		if (mark)
			session_note(engine->dq, "%s", err_shown(&err));
		return;
	}
	session_tell(engine->dq, DQ_NOTE_RENEWAL,
	    "profile '%s' has a new cookie; going on with it", engine->dq->profile);
	end_account_pause(p);
	p->strikes = 0;
	leases_hurry(engine->leases);
}

/* --- both ------------------------------------------------------------------------ */

bool pause_holds_polls(const struct engine *engine)
{
	const struct pausing *p = engine->pausing;

	return p->disk.kind || (p->account.kind && p->reach == PAUSE_ALL);
}

bool pause_holds_sends(const struct engine *engine)
{
	return engine->pausing->disk.kind || engine->pausing->account.kind;
}

bool pause_holds_downloads(const struct engine *engine)
{
	return engine->pausing->disk.kind;
}

const struct err *pause_reason(const struct engine *engine)
{
	const struct pausing *p = engine->pausing;

	if (p->disk.kind)
		return &p->disk;
	return p->account.kind ? &p->account : NULL;
}

void pause_step(struct engine *engine)
{
	const int64_t now_ms = engine->dq->now.mono_ms;
	struct pausing *p = engine->pausing;

	check_disk(engine);
	if (!engine->goal->perseveres)
		return;
	check_cookie(engine);
	check_probe(engine);
	if (p->account.kind && now_ms >= p->account_until_ms) {
		end_account_pause(p);
		leases_hurry(engine->leases);
	}
	if (now_ms >= p->warn_ms) {
		p->warn_ms = now_ms + PAUSE_WARN_MS;
		session_warn_cookie(engine->dq);
	}
}

bool pause_lets_go(struct engine *engine)
{
	const bool lets_go = engine->pausing->lets_go;

	engine->pausing->lets_go = false;
	return lets_go;
}

int64_t pause_next_ms(const struct engine *engine)
{
	const struct pausing *p = engine->pausing;
	int64_t next_ms = p->disk.kind ? p->disk_check_ms : INT64_MAX;

	if (engine->goal->perseveres && p->cookie_check_ms < next_ms)
		next_ms = p->cookie_check_ms;
	return next_ms;
}
