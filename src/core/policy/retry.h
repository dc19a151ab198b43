/*
 * retry.h - the one place where it is decided what to do after a failure.
 * The API client and the downloader classify, this decides, the engine acts.
 * Pure: counters in, decision out.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

/* What a download does after a failure. */
enum retry_move {
	RETRY_LATER, /* the same link again, after *ret_delay_ms */
	/* Ask for a new link, after *ret_delay_ms on the service's clock; then go on
	 * where the partial stopped. */
	RETRY_RENEW,
	RETRY_RESTART, /* drop the partial, ask for a new link */
	RETRY_GIVE_UP,
	RETRY_ROOM, /* the disk is full, the ledger locked: later, when it is not */
	RETRY_STOP_ALL, /* the disk: no download can go on */
};

enum {
	/* In a row without a byte of progress, whatever each brought. */
	RETRY_TRIES_MAX = 8,
	/* Wrong certificates: one bad machine of many, hardly more. */
	RETRY_TRUST_MAX = 2,
	/* Dead links in a row without a byte of progress: 44 s at least. */
	RETRY_RENEW_MAX = 6,
	RETRY_RESTART_MAX = 3, /* files that were no media or not as promised */
	RETRY_BUSY_MAX = 20, /* "slow down" in a row */
	/* Who says "later than that" is believed, not waited for. */
	RETRY_AFTER_MAX_MS = 60 * 60 * 1000,
};

/*
 * Returns for how long a Retry-After is obeyed: one that is a mistake must not last for
 * weeks.
 */
int64_t retry_obeyed_ms(uint32_t retry_after_ms);

struct retry_counts {
	unsigned tries; /* in a row without progress; "slow down" is none */
	unsigned trust, renewals, busy; /* the same, of one kind */
	unsigned restarts; /* in all: a bad file's bytes are no progress */
};

/* Counts the failure. `random` is a random word for full jitter. */
enum retry_move retry_download(struct retry_counts *counts, const struct err *why,
    uint64_t random, int64_t *ret_delay_ms);

/*
 * Does everything wait until this is over, instead of ending with it: a full disk, and in
 * a run that perseveres a locked ledger, or one that a drain has broken off?
 */
bool retry_waits_for(const struct err *why, bool perseveres, bool is_draining);

/* What a verb knows when a request to the API has failed. */
struct retry_request {
	unsigned failures; /* requests in a row */
	int64_t trouble_ms; /* since nothing went well */
	bool is_single_poll; /* query */
	bool ever_went_well; /* in this run */
	bool is_lag; /* it is known to pass: waited for as long as the verb waits */
	bool gets_smaller; /* too large for the service, and the next will not be so */
};

enum {
	RETRY_POLL_MAX = 3, /* a single poll: requests in a row */
	/* Nothing has ever answered: likely a wrong address. */
	RETRY_FIRST_CONTACT_MAX = 5,
	/* Later: an outage is survived for so long. */
	RETRY_OUTAGE_MAX_MS = 15 * 60 * 1000,
	RETRY_CONTRACT_MAX = 3, /* unreadable answers in a row */
	RETRY_SLOW_DOWN_MAX = 8, /* "slow down" in a row */
	RETRY_PATIENCE_MS = 60 * 1000, /* a single poll obeys a Retry-After up to this */
};

/*
 * A login that a read refused. Once is no proof: it has happened to logins that live. The
 * credit probe's refusal confirms it, or so many reads over so long a time.
 */
struct retry_login {
	unsigned refusals; /* of reads, in a row */
	int64_t first_ms; /* on the service's clock */
};

enum {
	RETRY_LOGIN_POLLS = 3,
	RETRY_LOGIN_MS = 45 * 1000,
	RETRY_LOGIN_GAP_MS = 15 * 1000, /* between two of these reads */
};

/* Counts this refusal. Is the login refused for good? */
bool retry_login_is_dead(
    struct retry_login *login, bool is_refused_by_probe, int64_t now_ms);

/* Is it worth another request? What may not be repeated (login, account) never is. */
bool retry_api(const struct retry_request *request, const struct err *why);
