/*
 * keyring.h - the desktop's keyring (the Secret Service, through libsecret): one entry
 * a profile, schema org.dreamq.Cookie, attributes "application" (dreamq) and "profile".
 *
 * libsecret is no dependency: it is opened when a function here is called, and where it
 * is missing they say so. Each one gives up after some seconds, whatever the other side
 * does (a bus that is silent, a question to nobody on a screen), and at once when *stops
 * becomes true (ERR_CANCELLED). Every other failure is ERR_AUTH, in one sentence with
 * what to do: no libsecret, no D-Bus session, no keyring service, locked.
 */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>

#include "base/err.h"
#include "base/secret.h"

/* Was this built with it? The other functions refuse, if not. */
bool keyring_is_built(void);
/*
 * Put a cookie there, in the place of an older one. The desktop may ask for a password.
 */
enum err_kind keyring_store(
    const char *profile, const char *cookie, const atomic_bool *stops, struct err *err);
/* Never asks anybody: locked is ERR_AUTH. Text may be NULL: there is no entry. */
enum err_kind keyring_load(const char *profile, const atomic_bool *stops,
    struct secret *ret_cookie, struct err *err);
/*
 * The password under which a browser of the Chromium family encrypts its cookies, by the
 * name that its entry has as "application". As keyring_load().
 */
enum err_kind keyring_load_of_browser(const char *application, const atomic_bool *stops,
    struct secret *ret_password, struct err *err);
/* None there is fine. */
enum err_kind keyring_remove(
    const char *profile, const atomic_bool *stops, struct err *err);
