/*
 * err.h - what went wrong, for the machine (kind) and for the user (msg).
 *
 * A function that can fail returns an enum err_kind (0 is success) and takes
 * `struct err *err` as its last parameter. On success *err is untouched; on
 * failure it holds the kind and one sentence without a final full stop, always
 * printable UTF-8: control characters and invalid bytes of a value become "?".
 * Callers that add nothing return the kind unchanged; callers that know
 * more prefix it with err_note(). Secrets never enter a message: a URL or a
 * cookie goes through base/redact.h first.
 *
 * The sentence is made twice: in English (msg), which JSON, the ledger and comparisons
 * keep, and in the language of the program (err_shown()), which people read. A format is
 * a literal, which xgettext finds, or a row's text marked N_(). An error
 * inside another one's sentence goes there with err_note() or err_more(), never as the
 * argument of a %s: that would leave one half in English.
 *
 * Each kind has the exit status of the command line in its row, so that a
 * failure means the same number wherever it was noticed.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/say.h" /* N_() */

/* kind, exit status */
#define ERR_KINDS(X)    \
	X(OK, 0)        \
	X(USAGE, 2)     \
	X(NOMEM, 6)     \
	X(IO, 6)        \
	X(NOSPACE, 6)   \
	X(LEDGER, 6)    \
	X(LOCKED, 6)    \
	X(NET, 5)       \
	X(TRUST, 5)     \
	X(BUSY, 8)      \
	X(AUTH, 3)      \
	X(ACCOUNT, 8)   \
	X(CONTRACT, 7)  \
	X(GONE, 5)      \
	X(FAILED, 1)    \
	X(NOT_FOUND, 1) \
	X(RUNNING, 4)   \
	X(CANCELLED, 130)

enum err_kind {
#define X(name, status) ERR_##name,
	ERR_KINDS(X)
#undef X
};

struct err {
	enum err_kind kind;
	uint32_t retry_after_ms; /* what the peer asked for; 0 when not told */
	char msg[400]; /* in English */
	char shown[400]; /* as people read it; "": it is `msg` */
};

/* Fill *err and return kind, so that `return err_set(...)` reads well. */
enum err_kind err_set(struct err *err, enum err_kind kind, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/*
 * As err_set(), with ": <strerror(errno)>" behind; ENOSPC and EDQUOT become ERR_NOSPACE.
 */
enum err_kind err_errno(struct err *err, enum err_kind kind, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* Put "context: " in front of the message of an error on its way up. */
enum err_kind err_note(struct err *err, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* Put more behind the message, "; log id '...'", as far as there is room. */
enum err_kind err_more(struct err *err, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/*
 * Returns the sentence in the language of the program (base/say.h); borrowed from *err.
 */
const char *err_shown(const struct err *err);

const char *err_kind_name(enum err_kind kind); /* "NET", "AUTH", ... */
int err_exit_status(enum err_kind kind);
/*
 * Is `a` more serious to act on than `b`? By exit status: 130, 3, 8, 6, 7, 5, 1, 4, 2, 0
 * (DESIGN 1).
 */
bool err_is_worse(const struct err *a, const struct err *b);
