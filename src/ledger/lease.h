/*
 * lease.h - one owner per task: the part of a ledger that lets many processes share it.
 *
 * Who keeps polling a task, and fetches its files, owns it. An owner is alive as
 * long as the lock of its process holds and it has renewed within LEDGER_LEASE_MS: a
 * killed one is found out at once, a stopped or suspended one when its time is over. Each
 * taking of a lease draws a larger token (a fencing token: Kleppmann 2016), so that a
 * stopped owner that wakes up can't write over its successor. All else holds as ledger.h
 * says.
 */
#pragma once

#include "ledger/ledger.h"

enum { LEDGER_LEASE_MS = 40000, LEDGER_RENEW_MS = 10000 };

struct lease {
	const char *id; /* in */
	int64_t token; /* out: 0 when another lives that owns it; it also is 0 without a
			  row */
	int64_t version; /* out: grows whenever the task's row changes; 0 without a row */
};
/*
 * Take every lease that is ours already or has no living owner. Durable only against the
 * end of the process: after that of the power nobody lives. Nothing is written when
 * nothing changes hands. Also renews, when LEDGER_RENEW_MS have passed.
 */
enum err_kind ledger_lease(struct ledger *ledger, const char *account,
    struct lease *leases, size_t n, int64_t now_unix_ms, struct err *err);
/* We are still here: all leases of this handle. ERR_OK without any, too. */
enum err_kind ledger_lease_renew(
    struct ledger *ledger, int64_t now_unix_ms, struct err *err);
/* Give back those that are still ours. */
enum err_kind ledger_lease_release(struct ledger *ledger, const char *account,
    const char *const *ids, size_t n, struct err *err);
/* Give back all of this handle, as ledger_close() does, however many; what can't be given
 * back now is free when the handle is closed. No submit may be under way. */
void ledger_lease_release_all(struct ledger *ledger);
