/*
 * cookie.h - the account's cookie file, in any of the forms people have.
 */
#pragma once

#include <stdint.h>

#include "base/err.h"

/* Where a cookie goes. */
struct cookie_home {
	const char *api_host; /* a host or a base URL; NULL: only ... */
	const char *domain; /* ... what is below it */
};

/*
 * "name=value; name=value", a bare sessionid, Netscape cookies.txt lines (#HttpOnly_
 * too), cookies as JSON (extensions, a browser's state, HAR), and a request as browsers
 * copy it (curl for bash and cmd, PowerShell, fetch, header lines). Only what goes to
 * `home` counts. *ret_cookie is the value of a Cookie header; malloc'ed, to be wiped.
 * *ret_expires_unix is when it dies: its sid_guard tells, or else its row of the jar;
 * unix s, 0 unknown. Control characters, no sessionid (or sessionid_ss), nothing at all:
 * ERR_AUTH with what to do. The text never appears in an error.
 */
enum err_kind cookie_parse(const char *text, const struct cookie_home *home,
    char **ret_cookie, int64_t *ret_expires_unix, struct err *err);
/*
 * A text of which cookie_parse() gives both again: cookies.txt lines
 * when the date isn't in the cookie. Malloc'ed, to be wiped; NULL: no memory.
 */
char *cookie_as_file(
    const char *cookie, int64_t expires_unix, const struct cookie_home *home);
/*
 * Reads sid_guard = "sessionid|issued|ttl|text": when the cookie dies, unix s; 0 unknown
 * (PROTOCOL B1.3).
 */
int64_t cookie_expires_unix(const char *cookie);
