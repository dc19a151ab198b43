/*
 * login.c - the cookie of a session: where it comes from, when another one is there, and
 * when to tell that it is about to die.
 *
 * Between its reading and the first request it lies in dq->cookie, whose pages are in no
 * core dump; then the API client has the only copy. A verb that asks nobody (`list`)
 * reads it for its date alone.
 *
 * A cookie in the keyring has a small file where its own file would be: the keyring is
 * asked only when it says so, and whoever watches for another cookie watches this file.
 */
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fs.h"
#include "base/redact.h"
#include "core/account/keyring.h"
#include "core/account/session.h"

enum { NOTE_BYTES_MAX = 64 };

static const char note_key[] = "expires_unix=";

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

/* --- the note that it is in the keyring ------------------------------------------- */

static bool note_path(const struct dq *dq, char path[PATH_MAX])
{
	return !dq->has_cookie_path &&
	    snprintf(path, PATH_MAX, "%s.keyring", dq->cookie_path) < PATH_MAX;
}

bool session_uses_keyring(const struct dq *dq, int64_t *ret_expires_unix)
{
	_cleanup_(buf_release) struct buf text = buf_make(NOTE_BYTES_MAX);
	char path[PATH_MAX];
	struct err ignored;

	if (!note_path(dq, path) || !fs_exists(path))
		return false;
	*ret_expires_unix = 0; /* of a note that can't be read */
	if (!fs_read_all(path, &text, &ignored) &&
	    !strncmp(text.data, note_key, sizeof(note_key) - 1))
		*ret_expires_unix = strtoll(text.data + sizeof(note_key) - 1, NULL, 10);
	return true;
}

enum err_kind session_keep_in_keyring(
    const struct dq *dq, int64_t expires_unix, struct err *err)
{
	char path[PATH_MAX], text[NOTE_BYTES_MAX];
	const int len =
	    snprintf(text, sizeof(text), "%s%" PRId64 "\n", note_key, expires_unix);

	if (!note_path(dq, path))
		return err_set(
		    err, ERR_USAGE, "no place for a note beside '%s'", dq->cookie_path);
	if (fs_make_parent(path, 0700, err))
		return err->kind;
	return fs_write_atomic(path, text, (size_t)len, 0600, err);
}

enum err_kind session_forget_keyring(const struct dq *dq, struct err *err)
{
	char path[PATH_MAX];

	if (!note_path(dq, path) || !unlink(path) || errno == ENOENT)
		return ERR_OK;
	return err_errno(err, ERR_IO, "can't remove '%s'", path);
}

/* --- the cookie ------------------------------------------------------------------ */

static enum err_kind load_from_keyring(
    struct dq *dq, struct secret *ret_cookie, int64_t *ret_expires_unix, struct err *err)
{
	(void)session_uses_keyring(dq, ret_expires_unix);
	if (keyring_load(dq->profile, &dq->is_interrupted, ret_cookie, err))
		return err->kind;
	if (ret_cookie->text)
		return ERR_OK;
	return err_set(err, ERR_AUTH,
	    "the keyring has no cookie of profile '%s' any more; run 'dreamq auth import "
	    "--keyring'",
	    dq->profile);
}

static enum err_kind load_from_file(
    struct dq *dq, struct secret *ret_cookie, int64_t *ret_expires_unix, struct err *err)
{
	_cleanup_(wipe_free) char *cookie = NULL;

	if (service_load_credential(
		dq->ops, dq->settings, dq->cookie_path, &cookie, ret_expires_unix, err))
		return err->kind;
	return secret_make(cookie, ret_cookie, err);
}

static enum err_kind load(struct dq *dq, struct secret *ret_cookie, struct err *err)
{
	int64_t expires_unix = 0;
	const bool is_in_keyring =
	    !fs_exists(dq->cookie_path) && session_uses_keyring(dq, &expires_unix);

	if (is_in_keyring ? load_from_keyring(dq, ret_cookie, &expires_unix, err)
			  : load_from_file(dq, ret_cookie, &expires_unix, err))
		return err->kind;
	note_date(dq, expires_unix);
	return ERR_OK;
}

enum err_kind session_cookie(struct dq *dq, struct err *err)
{
	return dq->service || dq->cookie.text ? ERR_OK : load(dq, &dq->cookie, err);
}

void session_drop_cookie(struct dq *dq)
{
	session_close_service(dq);
	secret_release(&dq->cookie);
	note_date(dq, 0);
}

enum err_kind session_reload_cookie(struct dq *dq, struct err *err)
{
	_cleanup_(secret_release) struct secret fresh = { 0 };

	if (load(dq, &fresh, err))
		return err->kind;
	if (dq->service)
		return service_set_credential(dq->service, fresh.text, err);
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
	char path[PATH_MAX];
	struct stat st;

	if (stat(dq->cookie_path, &st) && (!note_path(dq, path) || stat(path, &st)))
		return 0;
	mark = fold(mark, (uint64_t)st.st_ino);
	mark = fold(mark, (uint64_t)st.st_size);
	mark = fold(mark, (uint64_t)st.st_mtim.tv_sec);
	mark = fold(mark, (uint64_t)st.st_mtim.tv_nsec);
	return mark ? mark : 1;
}

/* Is there a cookie, as far as that can be known without waking the keyring? */
static bool knows_date(struct dq *dq)
{
	int64_t expires_unix;
	struct err ignored;

	if (dq->service || dq->cookie.text)
		return true;
	if (fs_exists(dq->cookie_path) || !session_uses_keyring(dq, &expires_unix))
		return !session_cookie(dq, &ignored);
	note_date(dq, expires_unix);
	return true;
}

void session_warn_cookie(struct dq *dq)
{
	const int64_t now_unix = session_server_unix_ms(dq) / 1000;
	char words[COOKIE_AGE_WORDS_MAX];
	enum cookie_age age;

	if (!knows_date(dq))
		return;
	age = cookie_age_at(dq->cookie_expires_unix, now_unix);
	if (age <= dq->cookie_told)
		return;
	dq->cookie_told = age;
	session_tell(dq, DQ_NOTE_LOGIN, "%s",
	    cookie_age_words(dq->profile, dq->cookie_expires_unix, now_unix, words));
}

void session_name_login_causes(const struct dq *dq, struct err *why)
{
	why->kind = ERR_AUTH;
	err_more(why,
	    ". Either the login is dead, or it is of another region than '%s' "
	    "(--region; '%.60s' was asked)",
	    dq->traits.region, dq->traits.address);
}
