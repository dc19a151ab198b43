/*
 * login.h - the cookies that the profiles log in with: kept in a file or in the desktop's
 * keyring, asked for, listed, removed. Errors and strings are those of dreamq.h.
 */
#pragma once

#include "dreamq/dreamq.h"

#ifdef __cplusplus
extern "C" {
#endif

struct dq_login {
	const char *profile;
	char path[4096]; /* of the cookie file */
	bool exists; /* there is a usable cookie */
	bool was_asked, is_valid; /* the service's word, when it could be asked */
	int64_t expires_unix; /* by sid_guard; 0 unknown */
	int64_t credit; /* -1 unknown */
	int64_t expires_in_s; /* negative: it is over; 0 with expires_unix 0 */
	bool is_in_keyring; /* not in the file */
};
/* State of the account's cookie; `ask` the service too. DQ_AUTH when missing or refused
 * (ret_login is filled). */
DQ_API enum dq_status dq_auth_status(
    struct dq *dq, bool ask, struct dq_login *ret_login, struct dq_error *err);
/* Check and keep a cookie (any form of cookie file) in the profile's file, mode 0600,
 * replacing an old one. */
DQ_API enum dq_status dq_auth_import(
    struct dq *dq, const char *text, size_t len, struct dq_error *err);
/* The same, in the desktop's keyring (libsecret), and the profile's file is removed.
 * DQ_AUTH when there is no keyring, or it is locked; never waits for long. DQ_USAGE with
 * options.cookie_file. */
DQ_API enum dq_status dq_auth_import_to_keyring(
    struct dq *dq, const char *text, size_t len, struct dq_error *err);
/* Every profile that has a cookie in its default place, by name. Asks neither service nor
 * keyring. */
DQ_API enum dq_status dq_auth_list(struct dq *dq,
    void (*on_login)(void *payload, const struct dq_login *login), void *payload,
    struct dq_error *err);
/* Remove the profile's cookie file (overwritten first), and its entry in the keyring.
 * DQ_AUTH when there is neither. */
DQ_API enum dq_status dq_auth_remove(struct dq *dq, struct dq_error *err);

#ifdef __cplusplus
}
#endif
