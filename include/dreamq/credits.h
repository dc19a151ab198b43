/*
 * credits.h - what an account has, and what came and went. Errors and strings are those
 * of dreamq.h; amounts are in the service's credits, -1 where nobody told.
 */
#pragma once

#include "dreamq/dreamq.h"

#ifdef __cplusplus
extern "C" {
#endif

/* One line of the account's history. */
struct dq_credit_entry {
	int64_t at_unix_ms; /* 0 unknown */
	int64_t amount; /* negative: it was taken */
	const char *title; /* the service's words; NULL: none */
	const char *submit_id, *history_id; /* of the task that it is about; NULL: none */
	bool is_known; /* the ledger has that task */
};

struct dq_credits_wanted {
	size_t size_bytes;
	/* Entries of the history, the newest, at most DQ_CREDIT_HISTORY_MAX; 0: it is not
	 * asked for. */
	size_t history;
	/* Told of each, the newest first; its strings live until it returns. May be NULL.
	 */
	void (*on_entry)(void *payload, const struct dq_credit_entry *entry);
	void *payload;
};

enum { DQ_CREDIT_ENDS_MAX = 16, DQ_CREDIT_HISTORY_MAX = 2000 };

struct dq_credits {
	const char *profile;
	int64_t asked_unix_ms; /* when that was so, on the service's clock */
	int64_t total, subscription, gift, purchase;
	/* So many are gone at that time, unless spent before: the soonest first. */
	struct dq_credit_end {
		int64_t amount, at_unix;
	} ends[DQ_CREDIT_ENDS_MAX];
	size_t n_ends;
	size_t entries, left_out; /* of the history: told; not readable */
	bool has_more; /* the history has older ones */
	size_t priced; /* tasks of the ledger whose cost these entries told */
};
/*
 * Ask for the balance, and for the history. What an entry says of a task that the ledger
 * knows is written down there, as measured: what was taken, less what was given back.
 * A ledger is not made for it. DQ_USAGE: more entries than
 * that. *ret_credits is filled as far as it was told, also when
 * the status is not DQ_OK.
 */
DQ_API enum dq_status dq_credits(struct dq *dq, const struct dq_credits_wanted *wanted,
    struct dq_credits *ret_credits, struct dq_error *err);

#ifdef __cplusplus
}
#endif
