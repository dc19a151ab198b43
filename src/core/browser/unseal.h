/*
 * unseal.h - values as Chromium and its kin keep them on Linux: AES-128-CBC under a key
 * made of a password, "v10" of a fixed one, "v11" of the one in the desktop's keyring.
 * Pure but for the crypto library.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

enum {
	UNSEAL_KEY_BYTES = 16,
	UNSEAL_HASHED_VERSION = 24, /* of the database, from which on the host's sum
				       stands before the value */
};

/* NULL is the fixed password. ERR_NOMEM. */
enum err_kind unseal_make_key(
    const char *password, uint8_t ret_key[UNSEAL_KEY_BYTES], struct err *err);
/*
 * Write the value, NUL-terminated, into `room` bytes. `sealed` begins behind its "v10" or
 * "v11". ERR_AUTH: the key is another one, or it is damaged. Wipe it afterwards.
 */
struct sealed {
	const uint8_t *bytes;
	size_t len;
	const char *host;
	int64_t version;
};
enum err_kind unseal(const struct sealed *sealed, const uint8_t key[UNSEAL_KEY_BYTES],
    char *into, size_t room, struct err *err);
