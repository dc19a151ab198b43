/*
 * offers.h - in which variant is each file of a task fetched? The record lists some; of a
 * film whose record may show a sample only, the service is asked for the original, many
 * in a request.
 *
 *   if (offers_take(offers, key, id, task))     a poll brought it, and it has ended
 *           its files can be fetched             nothing was to be asked
 *   offers_step(offers, may_send);
 *   while (offers_told(offers, &told))           told.task: now they can
 *           ...
 *
 *                 ┌──── nothing to ask ──────────────────────────┐
 *   taken ──► waiting ──request──► answered: the best of all ──► picked ──► told
 *                ▲   │                                             ▲
 *                │   └── refused, or nothing came of it ───────────┤
 *                └── trouble that passes, OFFERS_TRIES_MAX times ──┘ the best listed
 *
 * What is asked of a film is a favour: trouble with it never ends a task, changes no
 * state and loses no file. It is told once a task, with what is taken instead. A file
 * whose record is gone may be asked for by its own name, too; there is nothing instead
 * then.
 *
 * A part: it knows tasks by the key of their id, and calls nobody back. Requests come out
 * of the account's budget. Nothing of it is kept: who is killed asks again. Loop's thread
 * only.
 */
#pragma once

#include "core/account/session.h"

struct offers;

enum {
	OFFERS_TRIES_MAX = 3, /* requests in a row that failed and may pass */
	OFFERS_PATIENCE_MS = 60 * 1000, /* a longer Retry-After is not waited for */
	OFFERS_AHEAD_MAX = 1000, /* tasks that may wait before polls wait for them */
};

/* `dq` is borrowed until offers_free(). */
enum err_kind offers_new(
    struct dq *dq, uint64_t seed, struct offers **ret_offers, struct err *err);
/* The request under way is abandoned, and with it the service. NULL is fine. */
void offers_free(struct offers *offers);

/* Would the service be asked for this file's original, were it to be fetched? */
bool offers_has_original(const struct offers *offers, const struct asset *asset);
/*
 * Picks a variant for each file: `url` and the claims of an asset are its own from then
 * on, and `picked` is what is to be remembered. Those that `ask` are asked for first:
 * true, and `task` is taken over, until it is told or dropped. `id` is what the user
 * calls it; borrowed as long. An earlier one with this key is dropped.
 */
bool offers_take(struct offers *offers, size_t key, const char *id, struct task *task);
/* Can the service be asked for a file of this kind by its name? */
bool offers_knows_names(const struct offers *offers, enum media_kind kind);
bool offers_holds(const struct offers *offers, size_t key);
/* Do so many wait that what another poll brings could only join them? */
bool offers_have_enough(const struct offers *offers);
/* Nothing of it is told any more. */
void offers_drop(struct offers *offers, size_t key);
/* No request will be made any more: what is waited for is told as it is, because of *why.
 */
void offers_give_up(struct offers *offers, const struct err *why);

void offers_step(struct offers *offers, bool may_send);
/* When has offers_step() something to do, on the steady clock? INT64_MAX: never. */
int64_t offers_next_ms(const struct offers *offers);
/* Since when is an answer waited for? Steady clock; INT64_MAX: none is. */
int64_t offers_wait_since_ms(const struct offers *offers);

struct offers_told {
	size_t key;
	struct task *task; /* the caller's from now on */
	struct err why; /* something that was asked for did not come; ERR_OK: all did */
};
/* Tells what has happened since it was asked last; false: nothing more. */
bool offers_told(struct offers *offers, struct offers_told *ret_told);
