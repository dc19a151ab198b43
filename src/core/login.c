/*
 * login.c - the cookie of a session: where it comes from, when another one is there, and
 * when to tell that it is about to die.
 *
 * Between its reading and the first request it lies in dq->cookie, whose pages are in no
 * core dump; then the API client has the only copy. A verb that asks nobody (`list`)
 * reads it for its date alone.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/redact.h"
#include "core/session.h"

static void wipe_free(char **secret)
{
	if (*secret)
		redact_wipe(*secret, strlen(*secret));
	free(*secret);
}

/* Another date is another cookie: it is warned about anew. */
static void note_date(struct dq *dq, int64_t expires_unix)
{
	if (expires_unix != dq->cookie_expires_unix)
		dq->cookie_told = COOKIE_FINE;
	dq->cookie_expires_unix = expires_unix;
}

static enum err_kind load(struct dq *dq, struct secret *ret_cookie, struct err *err)
{
	_cleanup_(wipe_free) char *cookie = NULL;

	if (cookie_load(dq->cookie_path, dq->wire->api_base, &cookie, err) ||
	    secret_make(cookie, ret_cookie, err))
		return err->kind;
	note_date(dq, cookie_expires_unix(cookie));
	return ERR_OK;
}

enum err_kind session_cookie(struct dq *dq, struct err *err)
{
	return dq->api || dq->cookie.text ? ERR_OK : load(dq, &dq->cookie, err);
}

void session_drop_cookie(struct dq *dq)
{
	api_free(dq->api);
	dq->api = NULL;
	secret_release(&dq->cookie);
	note_date(dq, 0);
}

enum err_kind session_reload_cookie(struct dq *dq, struct err *err)
{
	_cleanup_(secret_release) struct secret fresh = { 0 };

	if (load(dq, &fresh, err))
		return err->kind;
	if (dq->api)
		return api_set_cookie(dq->api, fresh.text, err);
	secret_release(&dq->cookie);
	dq->cookie = fresh;
	fresh = (struct secret){ 0 };
	return ERR_OK;
}

/* FNV-1a over numbers: no secret, only "has it changed?". */
static uint64_t fold(uint64_t mark, uint64_t value)
{
	for (int shift = 0; shift < 64; shift += 8)
		mark = (mark ^ ((value >> shift) & 0xff)) * 0x100000001b3;
	return mark;
}

uint64_t session_cookie_mark(const struct dq *dq)
{
	uint64_t mark = 0xcbf29ce484222325;
	struct stat st;

	if (stat(dq->cookie_path, &st))
		return 0;
	mark = fold(mark, (uint64_t)st.st_ino);
	mark = fold(mark, (uint64_t)st.st_size);
	mark = fold(mark, (uint64_t)st.st_mtim.tv_sec);
	mark = fold(mark, (uint64_t)st.st_mtim.tv_nsec);
	return mark ? mark : 1;
}

void session_warn_cookie(struct dq *dq)
{
	const int64_t now_unix = session_server_unix_ms(dq) / 1000;
	char words[COOKIE_AGE_WORDS_MAX];
	enum cookie_age age;
	struct err ignored;

	if (session_cookie(dq, &ignored))
		return;
	age = cookie_age_at(dq->cookie_expires_unix, now_unix);
	if (age <= dq->cookie_told)
		return;
	dq->cookie_told = age;
	session_note(dq, "%s",
	    cookie_age_words(dq->profile, dq->cookie_expires_unix, now_unix, words));
}
