/*
 * hmac.h - who has the key has made this (HMAC, RFC 2104, with sha256), and base64 for
 * keys and sums (RFC 4648, with its padding).
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

enum { HMAC_BASE64_MAX = 45 };

/* Writes the sum as base64, NUL-terminated. */
enum err_kind hmac_sha256(const void *key, size_t key_len, const void *bytes, size_t len,
    char ret_base64[HMAC_BASE64_MAX], struct err *err);

/* Reads the whole text into at most `room` bytes. False: it is none, or too long. */
bool base64_read(
    const char *text, size_t text_len, unsigned char *into, size_t room, size_t *ret_len);
