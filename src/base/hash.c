#include "base/hash.h"

#include <stdbool.h>
#include <stdlib.h>

#include <openssl/evp.h>

#include "base/cleanup.h"
#include "base/crypto.h"

struct hash {
	EVP_MD_CTX *ctx;
	bool has_failed;
};

static const EVP_MD *kind_md(enum hash_kind kind)
{
	return kind == HASH_MD5 ? EVP_md5() : EVP_sha256();
}

/* NULL: *err says why. */
static struct hash *make(enum hash_kind kind, struct err *err)
{
	_cleanup_(hash_freep) struct hash *hash = NULL;

	if (crypto_start(err))
		return NULL;
	hash = calloc(1, sizeof(*hash));
	if (hash)
		hash->ctx = EVP_MD_CTX_new();
	if (!hash || !hash->ctx) {
		err_set(err, ERR_NOMEM, "out of memory for a checksum");
		return NULL;
	}
	if (EVP_DigestInit_ex(hash->ctx, kind_md(kind), NULL) != 1) {
		err_set(err, ERR_IO,
		    "this system's OpenSSL does not offer %s; check its configuration",
		    kind == HASH_MD5 ? "md5" : "sha256");
		return NULL;
	}
	return TAKE_PTR(hash);
}

enum err_kind hash_new(enum hash_kind kind, struct hash **ret_hash, struct err *err)
{
	struct hash *hash = make(kind, err);

	if (!hash)
		return err->kind;
	*ret_hash = hash;
	return ERR_OK;
}

void hash_add(struct hash *hash, const void *bytes, size_t len)
{
	if (len && EVP_DigestUpdate(hash->ctx, bytes, len) != 1)
		hash->has_failed = true;
}

void hash_finish(struct hash *hash, char ret_hex[HASH_HEX_MAX])
{
	static const char digits[] = "0123456789abcdef";
	unsigned char raw[EVP_MAX_MD_SIZE];
	unsigned len = 0;

	ret_hex[0] = '\0';
	if (EVP_DigestFinal_ex(hash->ctx, raw, &len) != 1 || hash->has_failed)
		return;
	for (size_t i = 0; i < len && 2 * i + 2 < HASH_HEX_MAX; i++) {
		ret_hex[2 * i] = digits[raw[i] >> 4];
		ret_hex[2 * i + 1] = digits[raw[i] & 15];
		ret_hex[2 * i + 2] = '\0';
	}
}

void hash_peek(const struct hash *hash, char ret_hex[HASH_HEX_MAX])
{
	struct hash copy = { .ctx = EVP_MD_CTX_new(), .has_failed = hash->has_failed };

	ret_hex[0] = '\0';
	if (copy.ctx && EVP_MD_CTX_copy_ex(copy.ctx, hash->ctx) == 1)
		hash_finish(&copy, ret_hex);
	EVP_MD_CTX_free(copy.ctx);
}

void hash_free(struct hash *hash)
{
	if (!hash)
		return;
	EVP_MD_CTX_free(hash->ctx);
	free(hash);
}

void hash_freep(struct hash **hash)
{
	hash_free(*hash);
}

enum err_kind hash_text(enum hash_kind kind, const void *bytes, size_t len,
    char ret_hex[HASH_HEX_MAX], struct err *err)
{
	_cleanup_(hash_freep) struct hash *hash = make(kind, err);

	if (!hash)
		return err->kind;
	hash_add(hash, bytes, len);
	hash_finish(hash, ret_hex);
	return ERR_OK;
}
