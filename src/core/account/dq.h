/*
 * dq.h - struct dq: one account on one ledger. Everybody in core/ may read it; only the
 * files of account/ write it.
 */
#pragma once

#include <stdatomic.h>

#include "base/secret.h"
#include "core/account/cookie_age.h"
#include "core/account/notices.h"
#include "core/common/moment.h"
#include "dreamq/dreamq.h"
#include "ledger/ledger.h"
#include "model/budget.h"
#include "model/variant.h"
#include "net/ahead.h"
#include "net/net.h"
#include "service/service.h"

struct network;
struct ledger_hook;
struct target;

struct dq {
	const struct service_ops *ops; /* of the account's service */
	struct service_settings *settings;
	struct service_traits traits; /* of these settings */
	char *profile, *cookie_path, *ledger_url;
	bool has_ledger_url; /* somebody named it: it must be there to be read */
	bool has_cookie_path; /* somebody named it: no other place is looked at */
	bool is_verbose;
	bool explains; /* a NOTE after each poll */
	enum quality quality; /* which variant of a file is fetched */
	bool outdoes; /* also of files that are stored, when that is better */
	struct network *network; /* how to talk to it; NULL: as usual */
	struct notice_rules notices; /* who else is told of events */
	struct notice_listener listener; /* core/notify/, while a run has one */
	struct target *target; /* the webhook; NULL: none */
	const struct ledger_hook *hook; /* who is told of what the ledger takes */
	struct budget budget; /* of the account's requests */
	void (*on_event)(void *payload, const struct dq_event *event);
	void *payload;

	struct ledger *ledger; /* NULL until session_ledger() */
	bool is_tidied; /* a thread (group_commit.h) empties its log */
	bool has_full_log; /* now */
	bool is_only_read; /* the ledger was opened by one of those that make nothing */
	struct net_ahead ahead; /* while the ledger is opened for what needs a network */
	struct net *net; /* NULL until session_net() */
	struct service *service; /* NULL until session_service() */
	struct secret cookie; /* read, and not with `service` yet (login.c) */
	int64_t cookie_expires_unix; /* of the one read last; 0 unknown */
	enum cookie_age cookie_told; /* the worst that was noted about it */
	_Atomic(struct net *) wakes; /* what dq_interrupt() may wake */
	atomic_bool is_interrupted;
	_Atomic int64_t drain_grace_ms; /* -1: nobody asked for it */
	int64_t last_wait_ms; /* for a locked ledger, also when all shall end */
	int64_t deadline_ms; /* steady clock: --max-wait of the running verb; 0: none */
	const struct clocks *clocks; /* the system's; a test has its own */
	struct moment now; /* of the running verb: the last reading of its clocks */
	struct dq_totals totals; /* of the running verb (totals.h) */
	int64_t spoke_ms; /* steady clock: the last word, of any kind (silence.h) */
	int64_t moved_ms; /* the same: the last that was no mere talk */
	int64_t silence_told_ms; /* since when that lasts which was told last */
	int64_t skew_ms; /* the service's clock minus ours */
};
