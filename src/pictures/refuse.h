/*
 * refuse.h - an error as the doors of this room tell it.
 */
#pragma once

#include "base/err.h"
#include "dreamq/dreamq.h"

/* Fill *to, which may be NULL, and return `status`. */
enum dq_status refuse_with(
    const struct err *err, enum dq_status status, struct dq_error *to);
