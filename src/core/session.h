/*
 * session.h - struct dq: one account on one ledger, its parts opened when
 * first needed. Also the way of events out of the library.
 */
#pragma once

#include <stdatomic.h>

#include "api/client.h"
#include "base/err.h"
#include "dreamq/dreamq.h"
#include "ledger/ledger.h"
#include "net/net.h"

struct dq {
	struct wire *wire;
	char *profile, *cookie_path, *ledger_url;
	bool is_verbose;
	void (*on_event)(void *payload, const struct dq_event *event);
	void *payload;

	struct ledger *ledger; /* NULL until session_ledger() */
	struct net *net; /* NULL until session_net() */
	struct api *api; /* NULL until session_api() */
	_Atomic(struct net *) wakes; /* what dq_interrupt() may wake */
	atomic_bool is_interrupted;
	_Atomic int64_t drain_grace_ms; /* -1: nobody asked for it */
	struct dq_totals totals; /* of the running verb */
	int64_t skew_ms; /* the service's clock minus ours */
};

/* Open a part, or say why not. Afterwards the pointer in *dq is valid until dq_close().
 */
enum err_kind session_ledger(struct dq *dq, struct err *err);
enum err_kind session_net(struct dq *dq, struct err *err);
enum err_kind session_api(struct dq *dq, struct err *err); /* the cookie, too: ERR_AUTH */

/* *err into *ret_error as the public form, printable; returns its status. */
enum dq_status session_fail(const struct err *err, struct dq_error *ret_error);

int64_t session_server_unix_ms(const struct dq *dq);

/* Events. `event` needs its type only; time and totals are filled in. */
void session_emit(struct dq *dq, struct dq_event event);
void session_note(struct dq *dq, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
void session_emit_task(struct dq *dq, enum dq_event_type type, const struct task *task);
