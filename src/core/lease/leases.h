/*
 * leases.h - the leases of one run: when they are renewed, when the ledger is checked for
 * what others did, and what is given back. ledger.h has what a lease is; whose task it is
 * then, and what follows, is the engine's (follow.h).
 *
 * Loop's thread only. Times are of the steady clock.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

enum {
	/* Between two checks for what others did; longer when they take long. */
	LEASES_CHECK_MS = 1000,
	/* A dead owner changes nothing in the ledger: look anyway. */
	LEASES_DEAD_MS = 5000,
	/*
	 * What is given back waits so long for company: each transaction of the loop may
	 * have to wait for one of the thread that commits (group_commit.h).
	 */
	LEASES_FLUSH_MS = 250,
};

struct dq;
struct leases;

/* `dq` is borrowed. The first check is due after LEASES_CHECK_MS. ERR_NOMEM. */
enum err_kind leases_new(struct dq *dq, struct leases **ret_leases, struct err *err);
/* Gives back all that the run has. */
void leases_free(struct leases *leases);

/*
 * This one is to be given back: with the next flush, which is due LEASES_FLUSH_MS later.
 * Until then the ledger calls it ours, so before any leases are taken comes a flush.
 */
void leases_release(struct leases *leases, const char *id);
bool leases_flush_is_due(const struct leases *leases);
void leases_flush(struct leases *leases);
/* The end is near: what is to be given back may wait for it, where all go at once. */
void leases_end(struct leases *leases);

/* So long that others may take us for stopped? Also when the clock has jumped. */
bool leases_were_away(const struct leases *leases);
bool leases_renew_is_due(const struct leases *leases);
/* It is tried: the next time is planned, whatever comes of it. */
void leases_plan_renew(struct leases *leases);
enum err_kind leases_renew(struct leases *leases, struct err *err);

bool leases_check_is_due(const struct leases *leases);
/* A check begins: is there anything to see? Plans the next. */
bool leases_check(struct leases *leases);
/*
 * It has ended, and took so long: who follows many must not spend all his time, and the
 * ledger's, on following.
 */
void leases_checked(struct leases *leases, int64_t took_ms);
/* Check with the next step, whatever the clock says. */
void leases_hurry(struct leases *leases);
int64_t leases_next_ms(const struct leases *leases);
