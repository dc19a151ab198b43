/*
 * cookies.h - the database (SQLite) in which a browser keeps its cookies: those of
 * Firefox (moz_cookies) and of Chromium and its kin (cookies), of one domain and below
 * it.
 *
 * The file is the caller's copy: a browser that runs holds its own locked. What it left
 * beside it (-wal, -journal) counts. Only rows of that domain are looked at; nothing else
 * of the database leaves SQLite.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/* One row; lives until the callback returns. */
struct foreign_cookie {
	const char *host, *name, *path; /* as they are kept: ".example.com" */
	const char *value; /* in the clear; "" when it is sealed */
	const void *sealed; /* Chromium's encrypted_value; NULL: none */
	size_t sealed_len;
	int64_t expires_unix; /* 0: with the browser's session */
	int container; /* of Firefox, by its number; 0: none */
	int64_t version; /* of the database, as its browser counts */
};

struct foreign_cookie_reader {
	const char *domain;
	const char *shown; /* what messages call the file: the one that was copied */
	/* Other than ERR_OK ends it. */
	enum err_kind (*on_cookie)(
	    void *payload, const struct foreign_cookie *cookie, struct err *err);
	void *payload;
};

/*
 * Tell every row of the domain; of Firefox those that are of no site's partition, with
 * their container, since a login of one is another's. ERR_USAGE: it is no database of
 * cookies; ERR_CONTRACT: it is damaged, or made by a browser that keeps them otherwise;
 * ERR_IO.
 */
enum err_kind foreign_cookies_read(
    const char *path, const struct foreign_cookie_reader *reader, struct err *err);
