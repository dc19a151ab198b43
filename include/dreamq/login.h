/*
 * login.h - the cookies that the profiles log in with: kept in a file or in the desktop's
 * keyring, asked for, listed, removed. Errors and strings are those of dreamq.h.
 */
#pragma once

#include "dreamq/dreamq.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What is known of a profile's cookie, never the cookie itself. */
struct dq_login {
	const char *profile; /* borrowed: of the session, or until on_login returns */
	char path[4096]; /* of the cookie file */
	bool exists; /* there is a usable cookie */
	bool was_asked, is_valid; /* the service's word, when it could be asked */
	int64_t expires_unix; /* by the cookie's sid_guard; 0 unknown */
	int64_t credit; /* of the account; -1 unknown */
	int64_t expires_in_s; /* negative: it is over; 0 while expires_unix is 0 */
	bool is_in_keyring; /* not in the file */
};
/* Tell the state of the account's cookie; with `ask`, the service is asked, too. DQ_AUTH:
 * it is missing or refused (ret_login is filled all the same). */
DQ_API enum dq_status dq_auth_status(
    struct dq *dq, bool ask, struct dq_login *ret_login, struct dq_error *err);
/*
 * Check a cookie, as any form of cookie file has it, and keep it in the profile's file
 * (mode 0600) in the place of an old one. The text is the caller's, to be wiped. DQ_AUTH:
 * there is no login in it.
 */
DQ_API enum dq_status dq_auth_import(
    struct dq *dq, const char *text, size_t len, struct dq_error *err);
/*
 * Keep it in the desktop's keyring (libsecret) instead, and remove the profile's file.
 * DQ_AUTH: there is no keyring, it is locked, or does not answer within seconds.
 * DQ_USAGE: options.cookie_file was set.
 */
DQ_API enum dq_status dq_auth_import_to_keyring(
    struct dq *dq, const char *text, size_t len, struct dq_error *err);
/*
 * The same with what a browser of this user has: "firefox", "chromium", "chrome", "edge"
 * or "brave", and behind ':' one of its profiles. Its database is only read. The cookie
 * goes into the keyring or the file. DQ_USAGE: no such browser or profile; DQ_AUTH: it is
 * not logged in at the service, or its cookies can't be decrypted.
 */
DQ_API enum dq_status dq_auth_import_from_browser(
    struct dq *dq, const char *browser, bool to_keyring, struct dq_error *err);
/* Tell the name of each browser whose cookies are there. */
DQ_API void dq_auth_browsers(
    void (*on_browser)(void *payload, const char *browser), void *payload);
/* Tell every profile that has a cookie in its default place, by name. Neither the service
 * nor the keyring is asked. */
DQ_API enum dq_status dq_auth_list(struct dq *dq,
    void (*on_login)(void *payload, const struct dq_login *login), void *payload,
    struct dq_error *err);
/* Remove the profile's cookie file (overwritten first), and its entry in the keyring.
 * DQ_AUTH: there is neither. */
DQ_API enum dq_status dq_auth_remove(struct dq *dq, struct dq_error *err);

#ifdef __cplusplus
}
#endif
