/*
 * sign.h - the signature of a webhook's message, as Standard Webhooks has it.
 */
#pragma once

#include "base/buf.h"
#include "base/err.h"

struct message {
	const char *id; /* without '.' */
	int64_t at_unix; /* of this try, seconds */
	const char *body;
};
/*
 * Adds "v1,BASE64" for each of the secrets (target.h: one a line), with blanks between.
 */
enum err_kind sign_message(const char *secrets, const struct message *message,
    struct buf *into, struct err *err);
