/*
 * cookie_jar.h - the parts of which each form of a cookie is read: stretches of text,
 * which domains count, and the jar that fills. Of cookie*.c alone.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "service/jimeng/send/cookie.h"

enum {
	COOKIE_FILE_MAX = 256 << 10, /* a whole browser's cookies.txt */
	COOKIE_MAX = 15 << 10, /* of the header; servers refuse more */
};

/* Borrowed, not NUL-terminated. */
struct span {
	const char *bytes;
	size_t len;
};

struct span span_of(const char *text);
struct span span_trim(struct span s);
bool span_equals(struct span s, const char *text);
/* Compares the same without regard to the case of ASCII letters. */
bool span_begins(struct span s, const char *text);
/* Finds where `text` is in `s`, and all behind it; no bytes: nowhere. */
struct span span_behind(struct span s, const char *text);
/* Cut the part in front of the first `stop` (or all) off *rest; false at the end. */
bool span_next(struct span *rest, char stop, struct span *ret_part);

struct cookie_jar {
	struct buf header; /* the value of a Cookie header; a secret */
	int64_t expires_unix; /* of the session, as its jar told; 0 unknown */
	const struct cookie_home *home;
	bool has_foreign; /* there were some for other hosts, which are left out */
};

void cookie_buf_release(struct buf *b); /* wipes it; for _cleanup_ */

/* The host of a base URL, or of "host:port". */
struct span cookie_host(const char *url);
/* Do cookies of this domain go there? */
bool cookie_domain_counts(struct span domain, const struct cookie_home *home);
/* Find a cookie by name in "a=b; c=d". */
bool cookie_find(struct span cookie, const char *name, struct span *ret_value);
/* Has it one by which a login is known? */
bool cookie_has_session(struct span cookie);
/* Is it "a=b; c=d", and no prose and no command? */
bool cookie_is_header(struct span cookie);

/* Adds one of the jar's rows; the first of a name stays. expires_unix 0: unknown. */
void cookie_jar_add(
    struct cookie_jar *jar, struct span name, struct span value, int64_t expires_unix);
/* Adds the value of a Cookie header. */
void cookie_jar_add_header(struct cookie_jar *jar, struct span value);

/*
 * Requests as browsers copy them: curl (bash, cmd), PowerShell, fetch, and header lines.
 * True when the text is one of them; what goes to other hosts is left out.
 */
bool cookie_read_request(struct span text, struct cookie_jar *jar);
/*
 * Reads extensions' exports, a browser's state, HAR and parts of it. True when it is
 * JSON.
 */
bool cookie_read_json(struct span text, struct cookie_jar *jar);
