#include "core/submit/submission.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/cleanup.h"
#include "base/shell_word.h"
#include "model/taskid.h"

/* Stands for the id where two submissions are compared. */
static const char any_id[] = "any";

void submission_release(struct submission *submission)
{
	free(submission->body);
	free(submission->prompt);
	free(submission->model);
	free(submission->ratio);
	free(submission->line_key);
	*submission = (struct submission){ 0 };
}

/* RFC 9562, version 4. */
static enum err_kind make_uuid(char ret_id[TASKID_MAX + 1], struct err *err)
{
	unsigned char b[16];

	if (getrandom(b, sizeof(b), 0) != sizeof(b))
		return err_errno(err, ERR_IO, "no random bytes for a submit id");
	b[6] = (unsigned char)((b[6] & 0x0f) | 0x40);
	b[8] = (unsigned char)((b[8] & 0x3f) | 0x80);
	(void)snprintf(ret_id, TASKID_MAX + 1,
	    "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x", b[0],
	    b[1], b[2], b[3], b[4], b[5], b[6], b[7], b[8], b[9], b[10], b[11], b[12],
	    b[13], b[14], b[15]);
	return ERR_OK;
}

static enum err_kind choose_id(
    const char *wanted, char ret_id[TASKID_MAX + 1], struct err *err)
{
	if (!wanted)
		return make_uuid(ret_id, err);
	if (!taskid_is_valid(wanted))
		return err_set(err, ERR_USAGE,
		    "submit id '%.80s' is not 1 to 64 of letters, digits, '_' and '-'",
		    wanted);
	(void)snprintf(ret_id, TASKID_MAX + 1, "%s", wanted);
	return ERR_OK;
}

static enum err_kind copy_text(const char *text, char **ret_copy, struct err *err)
{
	*ret_copy = text ? strdup(text) : NULL;
	if (text && !*ret_copy)
		return err_set(err, ERR_NOMEM, "no memory for a submit");
	return ERR_OK;
}

/* A service that can't tell leaves it to the task's record. */
static void read_mode(const struct dq *dq, struct submission *submission)
{
	_cleanup_(service_asked_release) struct service_asked asked = { 0 };
	struct err ignored;

	(void)service_asked(dq->ops, submission->body, &asked, &ignored);
	submission->mode = asked.mode;
}

static enum err_kind hash_content(
    const struct dq *dq, struct submission *submission, struct err *err)
{
	_cleanup_free_ char *nameless = NULL;

	if (service_rename(dq->ops, submission->body, any_id, 0, &nameless, err) ||
	    !nameless ||
	    hash_text(
		HASH_SHA256, nameless, strlen(nameless), submission->content_hash, err))
		return err->kind;
	return hash_text(HASH_SHA256, submission->body, strlen(submission->body),
	    submission->request_hash, err);
}

/* --- a new one -------------------------------------------------------------------- */

static enum err_kind check_key(const char *key, struct err *err)
{
	const size_t len = key ? strnlen(key, LEDGER_KEY_MAX + 1) : 1;

	if (len == 0 || len > LEDGER_KEY_MAX)
		return err_set(err, ERR_USAGE, "an idempotency key has 1 to %d bytes",
		    LEDGER_KEY_MAX);
	for (size_t i = 0; key && i < len; i++)
		if ((unsigned char)key[i] < ' ' || key[i] == 0x7f)
			return err_set(err, ERR_USAGE,
			    "the idempotency key '%s' has control characters", key);
	return ERR_OK;
}

static enum err_kind read_request(const struct dq *dq, const struct dq_submit *submit,
    const char *id, struct service_request *ret_request, struct err *err)
{
	const char *kind = submit->kind ? submit->kind : "image";

	*ret_request = (struct service_request){
		.submit_id = id,
		.made_unix_ms = dq->now.unix_ms,
		.kind = media_kind_parse(kind),
		.prompt = submit->prompt,
		.ratio = submit->ratio,
		.model = submit->model,
		.duration_s = submit->duration_s,
		.extra_json = submit->extra_json,
		.sets = submit->sets,
	};
	if (ret_request->kind != MEDIA_IMAGE && ret_request->kind != MEDIA_VIDEO)
		return err_set(
		    err, ERR_USAGE, "kind '%s' is neither 'image' nor 'video'", kind);
	if (!submit->prompt && !submit->extra_json)
		return err_set(err, ERR_USAGE, "there is no prompt");
	return ERR_OK;
}

static enum err_kind make_new(struct dq *dq, const struct dq_submit *submit,
    struct submission *submission, struct err *err)
{
	struct service_request request;

	if (choose_id(submit->submit_id, submission->submit_id, err) ||
	    read_request(dq, submit, submission->submit_id, &request, err) ||
	    service_body(dq->ops, dq->settings, &request, &submission->body, err) ||
	    copy_text(submit->prompt, &submission->prompt, err) ||
	    copy_text(submit->model, &submission->model, err) ||
	    copy_text(submit->ratio, &submission->ratio, err))
		return err->kind;
	submission->kind = request.kind;
	read_mode(dq, submission);
	return hash_content(dq, submission, err);
}

/* --- a repeat --------------------------------------------------------------------- */

/* What is repeated, and why it can't be. */
static enum err_kind name_old(
    struct dq *dq, const char *id, struct submission *submission, struct err *err)
{
	_cleanup_(task_freep) struct task *old = NULL;

	if (!taskid_is_valid(id))
		return err_set(err, ERR_USAGE, "'%.80s' can't be the id of a task", id);
	/* A dry run makes no ledger. */
	if (dq->ledger && ledger_find(dq->ledger, dq->profile, id, &old, err))
		return err->kind;
	if (!old)
		return err_set(err, ERR_USAGE,
		    "the ledger of profile '%s' has no task '%s'", dq->profile, id);
	if (old->is_waiting)
		return err_set(err, ERR_USAGE,
		    "task '%s' still waits to be sent: 'dreamq get %s%s' sends it, once",
		    id, shell_dashes(id), id);
	(void)snprintf(
	    submission->rerolls, sizeof(submission->rerolls), "%s", old->submit_id);
	if (copy_text(old->prompt, &submission->prompt, err) ||
	    copy_text(old->model, &submission->model, err))
		return err->kind;
	return copy_text(old->ratio, &submission->ratio, err);
}

/* Its body, for the new id. */
static enum err_kind copy_old(
    struct dq *dq, struct submission *submission, struct err *err)
{
	_cleanup_free_ char *body = NULL;

	if (ledger_body(dq->ledger, dq->profile, submission->rerolls, &submission->kind,
		&body, err))
		return err->kind;
	if (!body)
		return err_set(err, ERR_USAGE,
		    "task '%s' was not submitted from here; what was sent for it is not "
		    "known",
		    submission->rerolls);
	return service_rename(dq->ops, body, submission->submit_id, dq->now.unix_ms,
	    &submission->body, err);
}

enum err_kind submission_repeat(struct dq *dq, const char *id, const char *submit_id,
    struct submission *ret_submission, struct err *err)
{
	_cleanup_(
	    submission_release) struct submission submission = { .expected_credits = -1 };

	if (service_check_send(dq->ops, err) || name_old(dq, id, &submission, err) ||
	    choose_id(submit_id, submission.submit_id, err) ||
	    copy_old(dq, &submission, err) || !submission.body ||
	    hash_content(dq, &submission, err))
		return err->kind;
	read_mode(dq, &submission);
	*ret_submission = submission;
	submission = (struct submission){ 0 };
	return ERR_OK;
}

static bool is_bare_reroll(const struct dq_submit *submit)
{
	return !submit->kind && !submit->prompt && !submit->ratio && !submit->model &&
	    !submit->duration_s && !(submit->sets && submit->sets[0]) &&
	    !submit->extra_json && !submit->rerolls_key;
}

/* The key that the place in the file alone would give. */
static enum err_kind name_line(
    const struct dq_submit *submit, struct submission *submission, struct err *err)
{
	if (!submit->key_scope || !submit->line)
		return ERR_OK;
	if (asprintf(&submission->line_key, "%s%zu", submit->key_scope, submit->line) <
	    0) {
		submission->line_key = NULL;
		return err_set(err, ERR_NOMEM, "no memory for a submit");
	}
	return ERR_OK;
}

static struct permit permit_of(const struct dq_submit *submit)
{
	return (struct permit){ .word = submit->consent,
		.max_a_day = submit->max_unasked_a_day > 0
		    ? (size_t)submit->max_unasked_a_day
		    : 0 };
}

/* A key that it has is its own: under it the same task is repeated once. */
static enum err_kind make_repeat(struct dq *dq, const struct dq_submit *submit,
    struct submission *ret_submission, struct err *err)
{
	if (!is_bare_reroll(submit))
		return err_set(err, ERR_USAGE,
		    "a repeat of task '%s' takes everything from it but the id",
		    submit->reroll);
	if (check_key(submit->idempotency_key, err) ||
	    submission_repeat(dq, submit->reroll, submit->submit_id, ret_submission, err))
		return err->kind;
	ret_submission->key = submit->idempotency_key;
	ret_submission->rerolls_once = true;
	ret_submission->permit = permit_of(submit);
	return ERR_OK;
}

enum err_kind submission_make(struct dq *dq, const struct dq_submit *submit,
    struct submission *ret_submission, struct err *err)
{
	_cleanup_(submission_release) struct submission submission = {
		.key = submit->idempotency_key,
		.key_scope = submit->key_scope,
		.nth = 1,
		.permit = permit_of(submit),
		.expected_credits = -1,
	};

	if (submit->reroll)
		return make_repeat(dq, submit, ret_submission, err);
	if (submit->rerolls_key && !submit->idempotency_key)
		return err_set(err, ERR_USAGE,
		    "a repeat needs the id or the idempotency key of what it repeats");
	if (check_key(submit->idempotency_key, err) ||
	    name_line(submit, &submission, err) || make_new(dq, submit, &submission, err))
		return err->kind;
	*ret_submission = submission;
	submission = (struct submission){ 0 };
	return ERR_OK;
}

struct intent submission_intent(
    const struct submission *submission, const char *account, int64_t now_unix_ms)
{
	return (struct intent){
		.account = account,
		.submit_id = submission->submit_id,
		.kind = submission->kind,
		.mode = submission->mode,
		.prompt = submission->prompt,
		.model = submission->model,
		.ratio = submission->ratio,
		.body = submission->body,
		.request_hash = submission->request_hash,
		.content_hash = submission->content_hash,
		.idempotency_key = submission->key,
		.key_scope = submission->key_scope,
		.line_key = submission->line_key,
		.nth = submission->nth,
		.rerolls = submission->rerolls[0] ? submission->rerolls : NULL,
		.rerolls_once = submission->rerolls_once,
		.permit = submission->permit.word || submission->permit.max_a_day
		    ? &submission->permit
		    : NULL,
		.now_unix_ms = now_unix_ms,
	};
}
