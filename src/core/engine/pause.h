/*
 * pause.h - what stops everything for a while: a full disk, and trouble with
 * the account. Nothing is lost meanwhile; said once when it begins, once when it ends.
 *
 * Disk: no poll, no submit, no download is begun. Partial files stay. Goes on when there
 * is room for the file that found none; and tries anyway now and then, because not every
 * limit (a quota) can be asked for.
 *
 * A locked ledger (a watch only; any other run ends with it): the same, and tried again
 * each second; the ledger itself has waited LEDGER_WAIT_MS by then.
 *
 * Account (a watch only; any other run ends with it): a refused login waits for another
 * cookie, and is tried again itself after BACKOFF_LOGIN and longer each time; what the
 * service calls a risk or a lack of credit waits BACKOFF_ACCOUNT and longer each time
 * (PROTOCOL B6: circuit breaker), also across restarts. Credit only holds back what is
 * sent; the balance is asked for at once and then after BACKOFF_LOGIN and longer each
 * time, and when it has grown, that pause is over. Downloads go on: their links need no
 * login.
 */
#pragma once

#include "core/engine/run.h"

enum {
	PAUSE_DISK_MS = 1000, /* between two checks of the room */
	PAUSE_DISK_TRY_MS = 60000, /* try anyway */
	PAUSE_LOCK_AGAIN_MS = 60000, /* a lock so long after the last is told again */
	PAUSE_DISK_MARGIN = 64 << 10, /* bytes beyond what is missing */
	PAUSE_DISK_GUESS = 1 << 20, /* missing, when nobody knows */
	PAUSE_COOKIE_MS = 1000, /* between two checks of the cookie file */
	PAUSE_WARN_MS = 60 * 1000, /* between two checks of the cookie's age */
};

enum err_kind pause_new(struct engine *engine, struct err *err);
void pause_free(struct engine *engine);

/*
 * Is it trouble that everything waits for: a full disk, or, in a watch, a ledger that
 * another program keeps locked? pause_for_disk() takes either.
 */
bool pause_waits_for(const struct engine *engine, const struct err *why);
/* There was ERR_NOSPACE somewhere; `missing_bytes` -1: nobody knows. */
void pause_for_disk(struct engine *engine, const struct err *why, int64_t missing_bytes);
enum pause_reach { PAUSE_SENDING, PAUSE_ALL };
void pause_for_account(
    struct engine *engine, const struct err *why, enum pause_reach reach);
/*
 * polls_probe_login() has an answer: *why, ERR_OK when the login is accepted, and what
 * credits the account has; -1 not told.
 */
void pause_was_probed(struct engine *engine, const struct err *why, int64_t credits);
/* A request went well: the account is sound. */
void pause_account_is_well(struct engine *engine);

bool pause_holds_polls(const struct engine *engine);
bool pause_holds_sends(const struct engine *engine);
bool pause_holds_downloads(const struct engine *engine);
/* Why, when something holds; NULL: nothing does. */
const struct err *pause_reason(const struct engine *engine);

void pause_step(struct engine *engine);
/* Since it was asked last: others may have what is not under way. */
bool pause_lets_go(struct engine *engine);
int64_t pause_next_ms(const struct engine *engine);
