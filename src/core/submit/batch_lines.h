/*
 * batch_lines.h - the lines of a batch: which of them ask for the same, and what is
 * said when one of them is refused.
 */
#pragma once

#include "core/submit/submission.h"

/* Which submission of its kind is each: `nth`, from 1, in the order of the batch. */
enum err_kind submissions_number(
    struct submission *submissions, size_t n, struct err *err);

/* Put in front of *err which submit of the batch it is about. Returns its kind. */
enum err_kind batch_blame(const struct dq_batch *batch, size_t i, struct err *err);
/*
 * The intents of a whole batch were refused for number `refused`: *err says so, and which
 * of them have tasks already, so that nobody pays for these again. Returns its kind.
 */
enum err_kind batch_refuse(struct dq *dq, const struct dq_batch *batch,
    const struct intent *intents, size_t refused, struct err *err);
