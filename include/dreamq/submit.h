/*
 * submit.h - new tasks: each is recorded before it is sent, sent once, and paid at most
 * once. Errors, strings and sizes are those of dreamq.h.
 */
#pragma once

#include "dreamq/dreamq.h"

#ifdef __cplusplus
extern "C" {
#endif

struct dq_submit {
	size_t size_bytes;
	const char *kind; /* "image" (NULL too) or "video" */
	const char *prompt;
	const char *ratio; /* 21:9 16:9 3:2 4:3 1:1 3:4 2:3 9:16; NULL: 1:1 */
	const char *model; /* NULL: the wire table's */
	int duration_s; /* of a video; 0: the service's choice */
	/*
	 * "key=value" extra fields, NULL-terminated, and an object of more of them; or
	 * NULL. They are merged into the body; by way of the web page (the wire row
	 * submit_via) they have a place in its draft or beside it, or are DQ_USAGE.
	 */
	const char *const *sets;
	const char *extra_json;
	const char *submit_id; /* NULL: a new random UUID; a known one is DQ_USAGE */
	/*
	 * The same key again with the same request gives the same task and sends nothing;
	 * with another request it is DQ_USAGE. A key has 1-200 printable bytes and is the
	 * profile's; NULL: none.
	 */
	const char *idempotency_key;
	/*
	 * Send again what was sent for this task, as a new task: paid once more. The
	 * other fields but submit_id must be empty then, and idempotency_key: with that
	 * the same repeat is made once. With `rerolls_key` instead, the
	 * task of idempotency_key is repeated, if there is one, and the key names the new
	 * task.
	 */
	const char *reroll;
	bool rerolls_key;
	/*
	 * Of a batch: what its keys begin with, before a number or 16 hex digits with or
	 * without ".N" (NULL: none), and which line this is, from 1. A new key for a
	 * request that has a task in that scope gives that task.
	 */
	const char *key_scope;
	size_t line;
	/*
	 * For who submits in another's name. A new task needs one of these, if it is set:
	 * a word of consent (consent.h; any text of 1-200 printable bytes) that no other
	 * task of the profile had in the last 24 hours, or, without a word, that there
	 * were fewer such tasks than this in that time. Else DQ_USAGE. What the key knows
	 * already needs none.
	 */
	const char *consent;
	int64_t max_unasked_a_day;
};
/*
 * Record the intent, send it once, and tell its id: ret_submit_id is written as soon as
 * the intent is on disk, also when the status is not DQ_OK ("" before).
 *
 * DQ_OK: it was accepted (or, with an idempotency key, had been). An unclear end is
 * settled by asking for our own id, for two minutes, never by sending again. DQ_RUNNING:
 * still nobody knows. DQ_FAILED: it was refused, or has not arrived. DQ_USAGE: the
 * service calls the request wrong.
 *
 * What is refused because too many tasks run waits in the local queue of the account and
 * is sent when there is room; so does, unsent, what meets trouble with the account itself
 * (DQ_AUTH, DQ_ACCOUNT), the service's absence (DQ_NETWORK), or an interrupt: dq_get,
 * dq_wait and dq_watch send it, and dq_forget takes it out. DQ_INTERRUPTED: no submit
 * that has left is cut short.
 */
DQ_API enum dq_status dq_submit(struct dq *dq, const struct dq_submit *submit,
    char ret_submit_id[DQ_ID_MAX + 1], struct dq_error *err);

/* What would be submitted; borrowed until on_planned returns. */
struct dq_planned {
	/* Of the task: one that nobody chose is a new one each time. */
	const char *submit_id;
	bool is_known; /* the key's task is there already: nothing would be sent for it */
	const char *kind; /* "image" or "video" */
	const char *body; /* JSON, as it would be sent, without cookie; NULL: is_known */
	const char *idempotency_key, *reroll_of; /* NULL: none */
	int64_t credits; /* what it is expected to cost; -1: nobody knows */
};
struct dq_batch {
	size_t size_bytes;
	const struct dq_submit *submits;
	size_t n;
	/* 0: until each is accepted, refused or settled; else then DQ_RUNNING. A request
	 * without an answer is given up then: the task is `unknown`, which the next
	 * dq_get, dq_wait or dq_query settles; it is never sent again. */
	int64_t max_wait_ms;
	/* Told when submit i (from 0) has its id on disk; is_known: its key's task from
	 * before. May be NULL. */
	void (*on_id)(void *payload, size_t i, const char *submit_id, bool is_known);
	void *payload;
	const char *name; /* of the file, for messages; NULL: none */
	/*
	 * What is new in the batch may cost so much in all; 0: anything. It is told by
	 * what tasks like them did cost, as the ledger knows it. All or none: DQ_USAGE,
	 * and nothing is recorded or sent, when that is too much, and when nobody knows.
	 */
	int64_t max_credits;
	/*
	 * Of a single submit: ask for the balance before and after, and take the
	 * difference for its cost, unless anything else may have changed it; a NOTE
	 * tells. Two more requests. DQ_USAGE with several.
	 */
	bool measure;
	/*
	 * Only tell what would be submitted: it is judged as ever, nothing is recorded or
	 * sent, and no cookie is needed. on_planned() hears of each instead of on_id().
	 */
	bool dry_run;
	void (*on_planned)(void *payload, const struct dq_planned *planned);
};
/*
 * Submit many: all intents are on disk, or none, before the first is sent. A TASK event
 * tells how each ended. What can't be read as a submit is DQ_USAGE, naming its number
 * (from 1) or line; for a key of another request also which were submitted before.
 */
DQ_API enum dq_status dq_submit_all(
    struct dq *dq, const struct dq_batch *batch, struct dq_error *err);

#ifdef __cplusplus
}
#endif
