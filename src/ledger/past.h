/*
 * past.h - what polls cost, and what old tasks teach: the part of a ledger that
 * statistics and learning live on.
 *
 * Counters are kept apart from what the service said: they change no state and no
 * version, and are not durable against the end of the power. All else holds as ledger.h
 * says.
 */
#pragma once

#include "ledger/ledger.h"

struct poll_counters {
	const char *submit_id;
	int64_t polls; /* to be added: requests in which it was asked for */
	int64_t
	    requests_micro; /* to be added: its share of them, millionths of a request */
	/* Times on the service's clock; 0: nothing new. */
	int64_t queued_until_unix_ms; /* the last poll that saw it in the queue */
	int64_t
	    generating_by_unix_ms; /* the first that saw it past it; the oldest stays */
	int64_t detected_unix_ms; /* the first that saw its end, when an earlier one had
				     seen it unfinished; the oldest stays */
};
/* Rows that do not exist are passed over. One transaction. */
enum err_kind ledger_count_polls(struct ledger *ledger, const char *account,
    const struct poll_counters *all, size_t n, struct err *err);

/* One task as far as statistics and learning need it. */
struct past_task {
	const char *submit_id, *model; /* for the call only; model may be NULL */
	enum media_kind kind;
	enum task_state state;
	enum fail_class fail_class;
	const char *fail_code; /* may be NULL */
	int64_t first_seen_unix_ms; /* ours */
	int64_t created_unix_ms, finished_unix_ms; /* the service's; 0 unknown */
	int64_t queued_until_unix_ms, generating_by_unix_ms,
	    detected_unix_ms; /* 0 none */
	int64_t polls, requests_micro;
	int64_t files_stored, bytes_stored;
	bool has_credits, credits_are_measured; /* as of a struct task */
	int64_t credits;
};
/* Return false to stop. */
typedef bool ledger_on_past(void *payload, const struct past_task *task);
/*
 * Tells of the tasks of an account (NULL: all) that we first heard of since
 * `since_unix_ms`, the newest first, at most `limit` (0: all).
 */
enum err_kind ledger_past(struct ledger *ledger, const char *account,
    int64_t since_unix_ms, size_t limit, ledger_on_past *on_past, void *payload,
    struct err *err);
