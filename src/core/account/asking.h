/*
 * asking.h - questions about the account itself, each asked and waited for: what credits
 * it has, what came and went. For verbs in which nothing else is under way.
 *
 * A request is taken out of the account's budget when the ledger is open, and waits for
 * it. ERR_CANCELLED: the verb shall end. Whatever goes wrong, nothing is left under way.
 */
#pragma once

#include "base/arena.h"
#include "core/account/session.h"
#include "model/balance.h"

enum err_kind asking_credit(
    struct dq *dq, struct service_credit *ret_credit, struct err *err);

/* The newest entries of the account's statement, at most `limit`. A zeroed one owns
 * nothing. */
struct entries {
	struct arena arena; /* of the texts */
	struct credit_entry *of;
	size_t n, room, left_out;
	bool has_more;
};
enum err_kind asking_statement(
    struct dq *dq, size_t limit, struct entries *ret_entries, struct err *err);
void entries_release(struct entries *entries);
