/*
 * browser.h - the login that a browser of this user already has: its cookies of one
 * domain, as the text of a cookies.txt.
 *
 * A browser is named "firefox", "chromium", "chrome", "edge" or "brave", and behind ':'
 * one of its profiles, by its folder or by the name that the browser shows. Nothing is
 * written to it; what is copied lies for a moment in a folder that only we can read, in
 * memory where the system has such a place. Values are in no message.
 */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

struct browser_wish {
	const char *name; /* "firefox:work" */
	const char *domain;
	int64_t now_unix;
	const atomic_bool *stops;
	int container; /* of Firefox: its number; 0: cookies of none */
};
enum { BROWSER_CONTAINERS_MAX = 16 };
struct browser_told {
	const char *title; /* "Firefox"; NULL: no such browser */
	size_t n, n_sealed; /* cookies that are told; and that can't be decrypted */
	struct err why; /* of the first of these */
	int containers[BROWSER_CONTAINERS_MAX]; /* others that have cookies of the domain
						 */
	size_t n_containers;
};
/*
 * Add the lines of the domain's cookies that have not ended at `now_unix`. *stops (may be
 * NULL) ends the waiting for a keyring. ERR_USAGE: no such browser, or no such profile,
 * with those that there are; ERR_AUTH: it has no such cookie, or none can be decrypted;
 * ERR_LOCKED, ERR_IO, ERR_CONTRACT. *ret_told is filled in any case.
 */
enum err_kind browser_read(const struct browser_wish *wish, struct buf *into,
    struct browser_told *ret_told, struct err *err);

/* Tell each browser whose cookies are there: its name. */
void browser_each(void (*on_browser)(void *payload, const char *name), void *payload);
