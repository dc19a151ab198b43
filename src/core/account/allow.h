/*
 * allow.h - may a request leave now? One is taken out of the account's budget, which all
 * processes share. When there is none left it has to wait, and the user is told, once.
 */
#pragma once

#include "core/account/session.h"

/* Zeroed for a part that has not asked yet. */
struct allow {
	bool was_told;
};

/*
 * True: one was taken, or with a full disk nobody could count. False: *ret_at_ms is when
 * to try again, on the plan's clock, and *ret_why is ERR_OK, or why the budget can't be
 * read.
 */
bool allow_request(
    struct dq *dq, struct allow *allow, int64_t *ret_at_ms, struct err *ret_why);
