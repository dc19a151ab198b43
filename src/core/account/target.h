/*
 * target.h - the webhook of a session, as it was given (dreamq/webhook.h): checked, its
 * secrets read, and which events it wants.
 */
#pragma once

#include "base/secret.h"
#include "core/account/notices.h"
#include "dreamq/webhook.h"

enum {
	TARGET_KEYS_MAX = 4,
	TARGET_KEY_MIN = 24, /* bytes; what the convention wants */
	TARGET_KEY_MAX = 64,
	TARGET_NAME_MAX = 16,
};

/* Bytes of one secret; to be wiped. */
struct target_key {
	unsigned char bytes[TARGET_KEY_MAX];
	size_t len;
};

struct target {
	char *url; /* a secret, maybe */
	char name[TARGET_NAME_MAX + 1]; /* what the ledger calls it: a hash of the URL */
	char shown[300]; /* its host, for people */
	bool wants[NOTICES];
	struct secret secrets; /* one a line */
};

/* `given` may be NULL: *ret_target NULL then. ERR_USAGE, ERR_AUTH (its file). */
enum err_kind target_make(
    const struct dq_webhook *given, struct target **ret_target, struct err *err);
/* "failed,done": which are named? ERR_USAGE: none, or what is no event. */
enum err_kind target_read_events(
    const char *words, bool ret_wants[NOTICES], struct err *err);
void target_free(struct target *target);
/*
 * Reads the secret at the front of *text, and puts *text behind its line, over empty
 * ones, too. False: it is none, or too short or long; with *text at the end: there is no
 * more.
 */
bool target_next_key(const char **text, struct target_key *ret_key);
