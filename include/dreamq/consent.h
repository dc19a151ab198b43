/*
 * consent.h - a person's yes, for front ends through which somebody else asks. Errors and
 * strings are those of dreamq.h.
 *
 * Whoever asks a person hands out a paper that names what was asked, and gets it back
 * with the answer. It is signed with a secret of the ledger: it can't be made up, nor
 * taken for another question or another profile, and every process on that ledger knows
 * it, also a later one. dq_submit.consent lets it count once (submit.h).
 */
#pragma once

#include "dreamq/dreamq.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { DQ_CONSENT_MAX = 160, DQ_CONSENT_LIFE_S = 600 };

/* Write a paper, printable, about `what`. The network is not used. */
DQ_API enum dq_status dq_consent_make(struct dq *dq, const char *what,
    char ret_paper[DQ_CONSENT_MAX], struct dq_error *err);
/*
 * Is it one, about that? DQ_USAGE: it is none of ours, was altered, or is about something
 * else. DQ_FAILED: it was good, and is older than DQ_CONSENT_LIFE_S: ask again.
 */
DQ_API enum dq_status dq_consent_check(
    struct dq *dq, const char *what, const char *paper, struct dq_error *err);

#ifdef __cplusplus
}
#endif
