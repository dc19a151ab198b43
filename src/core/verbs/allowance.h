/*
 * allowance.h - may these be submitted: would they cost more than the user allows? For
 * submit.c.
 *
 * What they will cost is told by what tasks like them did cost (core/stats/cost.h). All
 * or none: a batch of which the first half is paid is nobody's wish.
 */
#pragma once

#include "core/account/session.h"
#include "core/submit/submission.h"

/*
 * None of the n submissions of the batch is recorded yet. To be paid are those that are
 * new or repeated, and those whose task waits from before to be sent.
 *
 * ERR_USAGE, and nothing is written or sent: they would cost more than
 * batch->max_credits, or nobody knows what one of them costs. Else a note says what is
 * expected, and on what that rests; in a dry run each submission has it, too, and there
 * may be no limit. The ledger must be open; without one, in a dry run, nobody knows.
 */
enum err_kind allowance_check(struct dq *dq, const struct dq_batch *batch,
    struct submission *all, size_t n, struct err *err);
