/*
 * api_submit.h - what all ways to submit share.
 */
#pragma once

#include "jimeng/jimeng.h"
#include "wire/request.h"

/* Is it an id that a client may choose? */
bool submit_id_is_one(const char *id);

/* Accept the task, or refuse it for its account's sake: false, and answered. */
bool submit_accept(const struct jimeng *jimeng, struct request *r,
    const struct new_task *want, const struct task **ret_task);
