/*
 * auth.c - the account's cookie: keep it, look at it, ask whether it holds.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fs.h"
#include "base/redact.h"
#include "core/account/asking.h"
#include "core/account/keyring.h"
#include "core/account/session.h"
#include "core/browser/browser.h"
#include "dreamq/login.h"
#include "model/taskid.h"

enum { COOKIE_TEXT_MAX = 256 << 10 };

static void wipe_free(char **secret)
{
	if (*secret)
		redact_wipe(*secret, strlen(*secret));
	free(*secret);
}

/* --- how it is ------------------------------------------------------------------- */

/* The date, as far as the cookie tells it. */
static void fill_date(const struct dq *dq, struct dq_login *login)
{
	login->expires_unix = dq->cookie_expires_unix;
	if (login->expires_unix > 0)
		login->expires_in_s = login->expires_unix - dq_service_unix_ms(dq) / 1000;
}

static void fill_place(const struct dq *dq, struct dq_login *login)
{
	int64_t ignored;

	*login = (struct dq_login){ .profile = dq->profile, .credit = -1 };
	(void)snprintf(login->path, sizeof(login->path), "%s", dq->cookie_path);
	login->is_in_keyring =
	    !fs_exists(dq->cookie_path) && session_uses_keyring(dq, &ignored);
}

enum dq_status dq_auth_status(
    struct dq *dq, bool asks, struct dq_login *ret_login, struct dq_error *ret_error)
{
	_cleanup_(session_verb_ends) struct dq *running = dq;
	struct service_credit outcome = { .balance = balance_make() };
	enum err_kind kind;
	struct err err;

	session_drop_cookie(dq); /* not what an earlier verb read */
	fill_place(dq, ret_login);
	if (session_cookie(dq, &err))
		return session_fail(&err, ret_error);
	ret_login->exists = true;
	fill_date(dq, ret_login);
	if (!asks)
		return DQ_OK;
	kind = asking_credit(dq, &outcome, &err);
	ret_login->was_asked = kind == ERR_OK || kind == ERR_AUTH || kind == ERR_ACCOUNT;
	ret_login->is_valid = kind == ERR_OK || kind == ERR_ACCOUNT;
	ret_login->credit = outcome.balance.total;
	return kind ? session_fail(&err, ret_error) : DQ_OK;
}

/* --- all profiles ------------------------------------------------------------------ */

static const char file_suffix[] = ".cookie", note_suffix[] = ".cookie.keyring";

/* The profile whose cookie, or whose note about the keyring, has this name. */
static bool cut_profile(const char *file, char profile[DQ_ID_MAX + 1])
{
	const size_t len = strcspn(file, ".");

	if (strcmp(file + len, file_suffix) != 0 && strcmp(file + len, note_suffix) != 0)
		return false;
	(void)snprintf(profile, DQ_ID_MAX + 1, "%.*s", (int)len, file);
	return len <= DQ_ID_MAX && taskid_is_valid(profile);
}

static int is_login(const struct dirent *entry)
{
	char profile[DQ_ID_MAX + 1];

	return cut_profile(entry->d_name, profile);
}

/* Without the keyring and the service: a look at many must not ask many times. */
static enum err_kind tell_profile(const struct dq *dq, char *profile,
    void (*on_login)(void *payload, const struct dq_login *login), void *payload,
    struct err *err)
{
	_cleanup_free_ char *path = dq_default_path(DQ_PATH_COOKIE, profile);
	struct dq other = { .ops = dq->ops,
		.clocks = dq->clocks,
		.settings = dq->settings,
		.traits = dq->traits,
		.profile = profile,
		.cookie_path = path };
	struct dq_login login;
	struct err ignored;

	if (!path)
		return err_set(err, ERR_NOMEM, "out of memory");
	fill_place(&other, &login);
	login.exists = login.is_in_keyring
	    ? session_uses_keyring(&other, &other.cookie_expires_unix)
	    : session_cookie(&other, &ignored) == ERR_OK;
	fill_date(&other, &login);
	on_login(payload, &login);
	session_drop_cookie(&other);
	return ERR_OK;
}

/* Sorted by name, so that a profile's two files follow each other. */
static enum err_kind tell_profiles(const struct dq *dq, const char *folder,
    void (*on_login)(void *payload, const struct dq_login *login), void *payload,
    struct err *err)
{
	struct dirent **entries = NULL;
	const int n = scandir(folder, &entries, is_login, alphasort);
	char last[DQ_ID_MAX + 1] = "", profile[DQ_ID_MAX + 1] = "";
	enum err_kind kind = ERR_OK;

	if (n < 0 && errno != ENOENT)
		return err_errno(err, ERR_IO, "can't list '%s'", folder);
	for (int i = 0; i < n; i++) {
		if (!kind && cut_profile(entries[i]->d_name, profile) &&
		    strcmp(profile, last) != 0)
			kind = tell_profile(dq, profile, on_login, payload, err);
		memcpy(last, profile, sizeof(last));
		free(entries[i]);
	}
	free(entries);
	return kind;
}

enum dq_status dq_auth_list(struct dq *dq,
    void (*on_login)(void *payload, const struct dq_login *login), void *payload,
    struct dq_error *ret_error)
{
	_cleanup_free_ char *folder = dq_default_path(DQ_PATH_COOKIE, "x");
	struct err err = { 0 };

	if (folder) {
		*strrchr(folder, '/') = '\0';
		(void)tell_profiles(dq, folder, on_login, payload, &err);
	} else {
		err_set(&err, ERR_USAGE, "neither HOME nor XDG_CONFIG_HOME is set");
	}
	return err.kind ? session_fail(&err, ret_error) : DQ_OK;
}

/* --- keeping it ------------------------------------------------------------------ */

/* What it says as the value of a Cookie header, and when that dies; NULL: *err. */
static char *read_cookie(const struct dq *dq, const char *text, size_t len,
    int64_t *ret_expires_unix, struct err *err)
{
	_cleanup_(wipe_free) char *copy = NULL;
	char *cookie = NULL;

	if (len > COOKIE_TEXT_MAX)
		err_set(err, ERR_AUTH, "a cookie of %zu bytes is too large", len);
	else if (memchr(text, '\0', len))
		err_set(err, ERR_AUTH, "the cookie has a NUL byte in it");
	else if (!(copy = strndup(text, len)))
		err_set(err, ERR_NOMEM, "out of memory");
	else if (service_read_credential(
		     dq->ops, dq->settings, copy, &cookie, ret_expires_unix, err))
		return NULL;
	return cookie;
}

/* The note goes last: as long as it is there, `remove` tries again. */
static enum err_kind leave_keyring(struct dq *dq, struct err *err)
{
	int64_t ignored;

	if (!session_uses_keyring(dq, &ignored))
		return ERR_OK;
	if (keyring_remove(dq->profile, &dq->is_interrupted, err))
		return err->kind;
	return session_forget_keyring(dq, err);
}

static enum err_kind keep_in_file(
    struct dq *dq, const char *cookie, int64_t expires_unix, struct err *err)
{
	_cleanup_(wipe_free) char *text =
	    service_credential_as_file(dq->ops, dq->settings, cookie, expires_unix);

	if (!text)
		return err_set(err, ERR_NOMEM, "out of memory");
	if (fs_make_parent(dq->cookie_path, 0700, err))
		return err->kind;
	return fs_write_atomic(dq->cookie_path, text, strlen(text), 0600, err);
}

enum dq_status dq_auth_import(
    struct dq *dq, const char *text, size_t len, struct dq_error *ret_error)
{
	struct err err;
	int64_t expires_unix = 0;
	_cleanup_(wipe_free) char *cookie =
	    read_cookie(dq, text, len, &expires_unix, &err);

	if (!cookie || keep_in_file(dq, cookie, expires_unix, &err))
		return session_fail(&err, ret_error);
	if (leave_keyring(dq, &err))
		session_note(dq,
		    "the file counts from now on, but an older cookie is still in the "
		    "keyring: %s",
		    err_shown(&err));
	session_drop_cookie(dq); /* the next verb reads the new one */
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

static enum err_kind remove_file(const char *path, struct err *err)
{
	_cleanup_(closep) int fd =
	    open(path, O_WRONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
	struct stat st;

	if (fd < 0 && errno == ENOENT)
		return ERR_OK;
	if (fd < 0 && errno != ENXIO)
		return err_errno(err, ERR_IO, "can't open '%s'", path);
	if (fd < 0 || fstat(fd, &st) || !S_ISREG(st.st_mode))
		return err_set(err, ERR_IO,
		    "'%s' is a pipe or a device, not a file: it stays", path);
	if (overwrite(fd, path, err))
		return err->kind;
	if (unlink(path))
		return err_errno(err, ERR_IO, "can't remove '%s'", path);
	return fs_sync_folder_of(path, err);
}

/* The old file goes last: until the keyring has the new one, there is a login. */
static enum err_kind move_to_keyring(
    struct dq *dq, const char *cookie, int64_t expires_unix, struct err *err)
{
	_cleanup_(session_verb_ends) struct dq *running = dq;

	if (dq->has_cookie_path)
		return err_set(err, ERR_USAGE,
		    "the cookie file '%s' is named, so the keyring would never be asked; "
		    "leave out --cookie-file and its setting",
		    dq->cookie_path);
	if (keyring_store(dq->profile, cookie, &dq->is_interrupted, err) ||
	    session_keep_in_keyring(dq, expires_unix, err))
		return err->kind;
	return remove_file(dq->cookie_path, err);
}

enum dq_status dq_auth_import_to_keyring(
    struct dq *dq, const char *text, size_t len, struct dq_error *ret_error)
{
	struct err err;
	int64_t expires_unix = 0;
	_cleanup_(wipe_free) char *cookie =
	    read_cookie(dq, text, len, &expires_unix, &err);

	if (!cookie || move_to_keyring(dq, cookie, expires_unix, &err))
		return session_fail(&err, ret_error);
	session_drop_cookie(dq);
	return DQ_OK;
}

/* --- from a browser --------------------------------------------------------------- */

static void wipe_buf(struct buf *text)
{
	redact_wipe(text->data, text->len);
	buf_release(text);
}

/* What it has of the service: is there a login in it? */
static enum err_kind check_login(const struct dq *dq, const struct buf *text,
    const struct browser_told *told, struct err *err)
{
	int64_t ignored;
	_cleanup_(wipe_free) char *cookie =
	    read_cookie(dq, text->data, text->len, &ignored, err);

	if (cookie || err->kind != ERR_AUTH)
		return cookie ? ERR_OK : err->kind;
	if (told->n_sealed > 0) {
		*err = told->why;
		return err->kind;
	}
	return err_set(err, ERR_AUTH,
	    "%s is not logged in at %s: log in there with it first, then run this again",
	    told->title, dq->traits.cookie_domain);
}

/* A login outside of all containers, or in this one. */
static enum err_kind read_container(struct dq *dq, const char *browser, int container,
    struct buf *into, struct browser_told *ret_told, struct err *err)
{
	const struct browser_wish wish = { browser, dq->traits.cookie_domain,
		dq_service_unix_ms(dq) / 1000, &dq->is_interrupted, container };

	if (!wish.domain)
		return err_set(err, ERR_USAGE, "this service has no cookies in browsers");
	if (browser_read(&wish, into, ret_told, err))
		return err->kind;
	return check_login(dq, into, ret_told, err);
}

/* In which of the containers is a login? 0: in none, or *ret_n of them. */
static int find_container(
    struct dq *dq, const char *browser, const struct browser_told *told, size_t *ret_n)
{
	int found = 0;

	*ret_n = 0;
	for (size_t i = 0; i < told->n_containers; i++) {
		_cleanup_(wipe_buf) struct buf text = buf_make(COOKIE_TEXT_MAX);
		struct browser_told ignored;
		struct err err;

		if (read_container(
			dq, browser, told->containers[i], &text, &ignored, &err))
			continue;
		found = told->containers[i];
		(*ret_n)++;
	}
	return *ret_n == 1 ? found : 0;
}

/* Which of several containers is meant nobody knows; one alone is, and is named. */
static enum err_kind read_browser(
    struct dq *dq, const char *browser, struct buf *into, struct err *err)
{
	struct browser_told told = { .n = 0 }, ignored;
	size_t n;
	int container;

	if (!read_container(dq, browser, 0, into, &told, err))
		return ERR_OK;
	if (err->kind != ERR_AUTH || told.n_containers == 0)
		return err->kind;
	container = find_container(dq, browser, &told, &n);
	if (n > 1)
		return err_set(err, ERR_AUTH,
		    "%s is logged in at %s in %zu containers, and not outside of them: "
		    "log in outside, or save the cookies of one as a cookies.txt and run "
		    "'dreamq auth import FILE'",
		    told.title, dq->traits.cookie_domain, n);
	if (n == 0)
		return err->kind;
	redact_wipe(into->data, into->len);
	into->len = 0;
	if (read_container(dq, browser, container, into, &ignored, err))
		return err->kind;
	session_note(dq,
	    "%s is logged in at %s in a container only (number %d): that login is taken",
	    told.title, dq->traits.cookie_domain, container);
	return ERR_OK;
}

enum dq_status dq_auth_import_from_browser(
    struct dq *dq, const char *browser, bool to_keyring, struct dq_error *ret_error)
{
	_cleanup_(wipe_buf) struct buf text = buf_make(COOKIE_TEXT_MAX);
	struct err err;

	session_read_clocks(dq);
	if (read_browser(dq, browser, &text, &err))
		return session_fail(&err, ret_error);
	return to_keyring ? dq_auth_import_to_keyring(dq, text.data, text.len, ret_error)
			  : dq_auth_import(dq, text.data, text.len, ret_error);
}

void dq_auth_browsers(
    void (*on_browser)(void *payload, const char *browser), void *payload)
{
	browser_each(on_browser, payload);
}

static enum err_kind remove_cookie(struct dq *dq, struct err *err)
{
	_cleanup_(session_verb_ends) struct dq *running = dq;
	int64_t ignored;

	if (!fs_exists(dq->cookie_path) && !session_uses_keyring(dq, &ignored))
		return err_set(err, ERR_AUTH, "profile '%s' has no cookie file '%s'",
		    dq->profile, dq->cookie_path);
	if (remove_file(dq->cookie_path, err))
		return err->kind;
	return leave_keyring(dq, err);
}

enum dq_status dq_auth_remove(struct dq *dq, struct dq_error *ret_error)
{
	struct err err;

	session_drop_cookie(dq);
	return remove_cookie(dq, &err) ? session_fail(&err, ret_error) : DQ_OK;
}
