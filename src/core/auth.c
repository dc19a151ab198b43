/*
 * auth.c - the account's cookie: keep it, look at it, ask whether it holds.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "api/cookie.h"
#include "base/cleanup.h"
#include "base/fs.h"
#include "base/redact.h"
#include "core/session.h"

enum { ASK_STEP_MS = 200, COOKIE_MAX = 64 << 10 };

static void wipe_free(char **secret)
{
	if (*secret)
		redact_wipe(*secret, strlen(*secret));
	free(*secret);
}

/* --- asking the service ------------------------------------------------------- */

struct question {
	struct credit_outcome outcome;
	bool is_answered;
};

static void on_credit(void *payload, const struct credit_outcome *outcome)
{
	struct question *question = payload;

	question->outcome = *outcome;
	question->is_answered = true;
}

static enum err_kind ask(
    struct dq *dq, struct credit_outcome *ret_outcome, struct err *err)
{
	struct question question = { 0 };

	atomic_store(&dq->is_interrupted, false);
	if (session_api(dq, err) || api_credit(dq->api, on_credit, &question, err))
		return err->kind;
	while (!question.is_answered) {
		if (atomic_load(&dq->is_interrupted))
			err_set(err, ERR_CANCELLED, "interrupted");
		else if (!net_step(dq->net, ASK_STEP_MS, err))
			continue;
		api_free(dq->api); /* `question` is about to go */
		dq->api = NULL;
		return err->kind;
	}
	*ret_outcome = question.outcome;
	if (question.outcome.err.kind)
		*err = question.outcome.err;
	return question.outcome.err.kind;
}

enum dq_status dq_auth_status(
    struct dq *dq, bool asks, struct dq_login *ret_login, struct dq_error *ret_error)
{
	_cleanup_(wipe_free) char *cookie = NULL;
	struct credit_outcome outcome = { .total_credit = -1 };
	enum err_kind kind;
	struct err err;

	*ret_login = (struct dq_login){ .profile = dq->profile, .credit = -1 };
	(void)snprintf(ret_login->path, sizeof(ret_login->path), "%s", dq->cookie_path);
	if (cookie_load(dq->cookie_path, dq->wire->api_base, &cookie, &err))
		return session_fail(&err, ret_error);
	ret_login->exists = true;
	ret_login->expires_unix = cookie_expires_unix(cookie);
	if (!asks)
		return DQ_OK;
	kind = ask(dq, &outcome, &err);
	ret_login->was_asked = kind == ERR_OK || kind == ERR_AUTH || kind == ERR_ACCOUNT;
	ret_login->is_valid = kind == ERR_OK || kind == ERR_ACCOUNT;
	ret_login->credit = outcome.total_credit;
	return kind ? session_fail(&err, ret_error) : DQ_OK;
}

/* --- keeping it ------------------------------------------------------------------ */

static enum err_kind import(struct dq *dq, const char *text, size_t len, struct err *err)
{
	_cleanup_(wipe_free) char *copy = NULL, *cookie = NULL;

	if (len > COOKIE_MAX)
		return err_set(err, ERR_AUTH, "a cookie of %zu bytes is too large", len);
	if (memchr(text, '\0', len))
		return err_set(err, ERR_AUTH, "the cookie has a NUL byte in it");
	copy = strndup(text, len);
	if (!copy)
		return err_set(err, ERR_NOMEM, "out of memory");
	if (cookie_parse(copy, dq->wire->api_base, &cookie, err) ||
	    fs_make_parent(dq->cookie_path, 0700, err))
		return err->kind;
	return fs_write_atomic(dq->cookie_path, cookie, strlen(cookie), 0600, err);
}

enum dq_status dq_auth_import(
    struct dq *dq, const char *text, size_t len, struct dq_error *ret_error)
{
	struct err err;

	if (import(dq, text, len, &err))
		return session_fail(&err, ret_error);
	api_free(dq->api); /* the next verb reads the new one */
	dq->api = NULL;
	return DQ_OK;
}

static enum err_kind overwrite(int fd, const char *path, struct err *err)
{
	static const char zeros[4096];
	off_t left = lseek(fd, 0, SEEK_END);

	if (left < 0 || lseek(fd, 0, SEEK_SET) < 0)
		return err_errno(err, ERR_IO, "can't overwrite '%s'", path);
	while (left > 0) {
		const size_t chunk =
		    left < (off_t)sizeof(zeros) ? (size_t)left : sizeof(zeros);
		const ssize_t n = write(fd, zeros, chunk);

		if (n < 0 && errno != EINTR)
			return err_errno(err, ERR_IO, "can't overwrite '%s'", path);
		left -= n > 0 ? n : 0;
	}
	if (fsync(fd))
		return err_errno(err, ERR_IO, "can't overwrite '%s'", path);
	return ERR_OK;
}

static enum err_kind remove_cookie(struct dq *dq, struct err *err)
{
	const char *path = dq->cookie_path;
	_cleanup_(closep) int fd = open(path, O_WRONLY | O_CLOEXEC | O_NOFOLLOW);

	if (fd < 0 && errno == ENOENT)
		return err_set(err, ERR_AUTH, "profile '%s' has no cookie file '%s'",
		    dq->profile, path);
	if (fd < 0)
		return err_errno(err, ERR_IO, "can't open '%s'", path);
	if (overwrite(fd, path, err))
		return err->kind;
	if (unlink(path))
		return err_errno(err, ERR_IO, "can't remove '%s'", path);
	return fs_sync_folder_of(path, err);
}

enum dq_status dq_auth_remove(struct dq *dq, struct dq_error *ret_error)
{
	struct err err;

	api_free(dq->api);
	dq->api = NULL;
	return remove_cookie(dq, &err) ? session_fail(&err, ret_error) : DQ_OK;
}
