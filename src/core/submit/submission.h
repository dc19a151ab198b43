/*
 * submission.h - what somebody wants submitted, made into what the ledger records: an id,
 * a body, and what tells two submissions apart. Nothing is written or sent here.
 */
#pragma once

#include "base/hash.h"
#include "core/account/session.h"
#include "dreamq/submit.h"

struct submission {
	char submit_id[TASKID_MAX + 1]; /* of the task, once it is recorded */
	bool is_recorded; /* in the ledger */
	bool is_known; /* the task was there before; nothing is sent for it */
	const char *key, *key_scope; /* the caller's; NULL none */
	char *line_key; /* in the scope; NULL none */
	size_t nth; /* of the same submission in its batch, from 1 */
	char rerolls[TASKID_MAX + 1]; /* "" none */
	bool rerolls_once; /* under its key */
	struct permit permit; /* all 0: none is needed */
	enum media_kind kind;
	enum task_mode mode;
	int64_t expected_credits; /* -1: nobody knows */
	char *body;
	char *prompt, *model, *ratio; /* model and ratio: NULL when not named */
	char request_hash[HASH_HEX_MAX], content_hash[HASH_HEX_MAX];
};

/*
 * A new task for this submit, with a new id unless it names one. A reroll takes its
 * body from the ledger, which must be open. ERR_USAGE for what can't be submitted.
 */
enum err_kind submission_make(struct dq *dq, const struct dq_submit *submit,
    struct submission *ret_submission, struct err *err);
/*
 * What was sent for task `id`, with a new id `submit_id` (NULL: a random one), once more.
 * ERR_USAGE when it was not submitted from here, or still waits to be sent.
 */
enum err_kind submission_repeat(struct dq *dq, const char *id, const char *submit_id,
    struct submission *ret_submission, struct err *err);
void submission_release(struct submission *submission);

/* As ledger_intend() takes it; borrows from the submission. */
struct intent submission_intent(
    const struct submission *submission, const char *account, int64_t now_unix_ms);
