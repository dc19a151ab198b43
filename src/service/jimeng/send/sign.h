/*
 * sign.h - the `sign` header that some endpoints want (PROTOCOL B1.2). It depends on
 * path, version and time only: a checksum, no secret.
 */
#pragma once

#include <stdint.h>

#include "base/hash.h"

/* The value of `pf` that the signature is made for, and that goes with it. */
#define SIGN_PF "7"

enum err_kind sign_make(const char *path, const char *appvr, int64_t device_time,
    char ret_sign[HASH_HEX_MAX], struct err *err);
