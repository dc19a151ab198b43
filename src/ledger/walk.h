/*
 * walk.h - how far a walk through what the service lists is.
 *
 * A service lists the tasks of an account in pages, the newest first; who reads them all
 * walks. Which tasks are known to be here is said by places in the list:
 *
 *    newest -- a walk from the top --> `top` ... `mark` -- the first walk --> `deep` ...
 *
 * Everything between the newest of the moment `began_unix_ms` and `top` has a row, and
 * everything between what was there at `mark_unix_ms` and `deep`. Each of these stays
 * true whoever says it, so two that walk at once harm nothing.
 */
#pragma once

#include "ledger/ledger.h"

enum { LEDGER_CURSOR_MAX = 128, LEDGER_LISTING_MAX = 64 /* bytes of a name */ };

struct ledger_walk {
	int64_t mark_unix_ms; /* the service's clock; 0: nobody has walked yet */
	int64_t began_unix_ms; /* of the walk from the top; 0: none is under way */
	char top[LEDGER_CURSOR_MAX + 1]; /* where that goes on */
	char deep[LEDGER_CURSOR_MAX + 1]; /* where the first one goes on; "": its begin */
	bool is_complete; /* the first one has come to the oldest */
};
/* Reads how far it is; zeroed, when nobody has walked through this listing. */
enum err_kind ledger_walk(struct ledger *ledger, const char *account, const char *listing,
    struct ledger_walk *ret_walk, struct err *err);

/* One page: its tasks, and how far the walk is behind it. */
struct ledger_page {
	const char *listing; /* 1 to LEDGER_LISTING_MAX bytes */
	const struct ledger_walk *walk;
	struct task *const *seen; /* as for ledger_observe(), which this does with them */
	size_t n;
};
/* Both in one transaction: a walk never is further than the rows. */
enum err_kind ledger_turn_page(struct ledger *ledger, const char *account,
    const struct ledger_page *page, int64_t now_unix_ms, struct err *err);
