/*
 * sign.h - the `sign` header: how the site makes it, in two forms.
 *
 *   11ac   md5 of 9e2c|last 7 bytes of the path|7|appvr|device-time||11ac
 *   1e67   md5 of 9e2c|path|web|appvr|device-time||1e67
 */
#pragma once

#include "wire/request.h"

enum sign {
	SIGN_NONE,
	SIGN_WRONG,
	SIGN_11AC,
	SIGN_1E67,
};

/* How the request is signed. */
enum sign sign_of(const struct request *r);

/* Its name in the log and in tables; NULL for none. */
const char *sign_name(enum sign sign);
