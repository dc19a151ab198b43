/*
 * browse.h - walking through what the service lists of an account: one page after the
 * other is asked for, written down in the ledger together with how far the walk is, and
 * told.
 *
 *   browse_step(browse, may_send);                the next page, when it is time
 *   while (browse_told(browse, &told))            what came of it
 *           ...
 *
 * A part: it owns nobody's task and fetches nothing; what follows is the engine's. Each
 * listing of the service has its walk (walk.h), one after the other. Requests come out of
 * the account's budget, and failures are classified and paced as those of polls.
 *
 * A task is one, whatever lists it and by whichever of its names: one that the ledger
 * knows keeps the name that it has there.
 *
 * Loop's thread only.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/account/session.h"
#include "core/policy/retry.h"
#include "model/task.h"

struct browse;

/* Which tasks are wanted. */
struct browse_wanted {
	enum media_kind kind; /* MEDIA_UNKNOWN: all */
	int64_t since_unix_ms; /* made then or later; 0: all */
	size_t limit; /* at most so many that are new; 0: all */
	bool anew; /* as if nobody had walked before */
	bool only_tells; /* nothing is written: neither tasks nor how far it is */
};

/*
 * `dq` is borrowed until browse_free(). Reads in the ledger how far the walks are.
 * ERR_USAGE: the service lists nothing.
 */
enum err_kind browse_new(struct dq *dq, const struct browse_wanted *wanted, uint64_t seed,
    struct browse **ret_browse, struct err *err);
/* The request under way is abandoned, and with it the service. NULL is fine. */
void browse_free(struct browse *browse);

/* Is it of the kind and the age that are wanted? */
bool browse_wants(const struct browse *browse, const struct task *task);

void browse_step(struct browse *browse, bool may_send);
/* When has browse_step() something to do, on the steady clock? INT64_MAX: never. */
int64_t browse_next_ms(const struct browse *browse);
/* Since when is an answer waited for? Steady clock; INT64_MAX: none is. */
int64_t browse_wait_since_ms(const struct browse *browse);
/* Of the last request; kind ERR_OK: it went well, or there was none. */
const struct err *browse_trouble(const struct browse *browse);
/* Has it come to the end of every listing, or been ended? */
bool browse_is_over(const struct browse *browse);
/* Leave the listing of the last BROWSE_FAILED; the others go on. */
void browse_skip(struct browse *browse);

enum browse_what {
	/*
	 * Tasks of one page that are new, or have not come to their end here; judged and
	 * as the ledger has them now. The caller's from now on: each, and the arrays.
	 */
	BROWSE_PAGE,
	BROWSE_BROKEN, /* the rest of a listing can't be walked through: why */
	BROWSE_WELL, /* a request was answered; `why`: what the one before had met */
	BROWSE_FAILED, /* a request: why, as `tried` describes it */
	BROWSE_NO_ROOM, /* in the ledger; the same is asked again when there is: why */
	BROWSE_CANT_GO_ON, /* why */
};
struct browse_told {
	enum browse_what what;
	struct task **tasks;
	bool *is_new; /* for each: the ledger had not heard of it */
	size_t n;
	struct retry_request tried;
	struct err why;
};
/* Tells what has happened since it was asked last; false: nothing more. */
bool browse_told(struct browse *browse, struct browse_told *ret_told);
void browse_told_release(struct browse_told *told); /* what nobody took */
