/*
 * redact.h - secrets out of text. A signed link shows its host and the last
 * part of its object's name, never query, signature or expiry segment. A
 * cookie shows nothing at all.
 */
#pragma once

#include <stddef.h>

#include "base/buf.h"

/*
 * "https://p9-….byteimg.com/…/1100e464 (signed)" into `into`: scheme, host and
 * the last 8 characters of the object's name. What is no link is "(link)".
 * Never fails; NUL-terminated unless room is 0; returns `into`.
 */
const char *redact_url(const char *url, char *into, size_t room);

/*
 * Append free text (a server's message, a header line) with every URL
 * redacted, every value of cookie-like names (sessionid, sid_guard, sid_tt,
 * uid_tt, msToken, x-signature, x-expires ...) blanked, and control characters
 * replaced. Escaped links (JSON, percent) are seen, too. When unsure where a secret
 * ends, more is hidden rather than less.
 */
void redact_text(struct buf *into, const char *text);

/* Overwrite in a way the compiler keeps. */
void redact_wipe(void *bytes, size_t len);
