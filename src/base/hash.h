/*
 * hash.h - sha256 and md5 while bytes pass by (OpenSSL EVP).
 */
#pragma once

#include <stddef.h>

#include "base/err.h"

enum hash_kind { HASH_SHA256, HASH_MD5 };
enum { HASH_HEX_MAX = 65 };

struct hash;

enum err_kind hash_new(enum hash_kind kind, struct hash **ret_hash, struct err *err);
void hash_add(struct hash *hash, const void *bytes, size_t len);
/* The sum of what has been added so far; more can be added. "": no memory. */
void hash_peek(const struct hash *hash, char ret_hex[HASH_HEX_MAX]);
/* Writes lower-case hex, NUL-terminated. The object can only be freed afterwards. */
void hash_finish(struct hash *hash, char ret_hex[HASH_HEX_MAX]);
void hash_free(struct hash *hash);
void hash_freep(struct hash **hash);

enum err_kind hash_text(enum hash_kind kind, const void *bytes, size_t len,
    char ret_hex[HASH_HEX_MAX], struct err *err);
